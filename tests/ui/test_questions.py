"""Questions in the page: what they say, and when they go by themselves."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QLocale, QSettings
from pytestqt.qtbot import QtBot

from ketter_gui.domain.options import Mode
from ketter_gui.domain.status import TransferStatus
from ketter_gui.domain.views import Snapshot, TransferView
from ketter_gui.ui.actions import Verb
from ketter_gui.ui.look import Look
from ketter_gui.ui.main_window import MainWindow
from ketter_gui.ui.questions import interrupted_question
from ketter_gui.ui.words import Words
from tests.gui import sample_values as sample
from tests.gui.sample_service import SampleService
from tests.gui.screens import settle


@pytest.fixture
def service() -> SampleService:
    left = (sample.interrupted(),)
    return SampleService(transfers=(sample.running(), *left), left_over=left)


@pytest.fixture
def window(qtbot: QtBot, look: Look, settings: QSettings, service: SampleService) -> MainWindow:
    window = MainWindow(look, service, settings)
    qtbot.addWidget(window)
    window.resize(1280, 800)
    window.show()
    window.begin()
    settle(window)
    return window


def test_the_question_to_cancel_goes_when_the_transfer_is_over(
    window: MainWindow, service: SampleService
) -> None:
    window.actions_of_transfers.ask(Verb.CANCEL, sample.running())
    window.polling.poll()
    assert window.banner.says("cancel")
    service.transfers = (replace(sample.running(), status=TransferStatus.COMPLETED, at_work=()),)
    window.polling.poll()
    assert not window.banner.says("cancel")
    assert window.queue.view.hasFocus()


def test_the_question_before_leaving_goes_when_nothing_is_at_work(
    window: MainWindow, service: SampleService
) -> None:
    window.close()
    assert window.leaving.sheet is not None
    service.transfers = (replace(sample.running(), status=TransferStatus.COMPLETED, at_work=()),)
    window.polling.poll()
    assert window.leaving.sheet is None
    assert window.isVisible()


def test_the_offer_to_resume_goes_once_that_has_happened(
    window: MainWindow, service: SampleService
) -> None:
    assert window.banner.says("interrupted")
    service.transfers = (replace(sample.interrupted(), status=TransferStatus.RUNNING),)
    window.polling.poll()
    assert not window.banner.says("interrupted")


def said(*transfers: TransferView) -> tuple[str, str]:
    notice = interrupted_question(transfers, Words(QLocale("en_GB")), lambda: None)
    return notice.title, notice.text


def test_an_interrupted_copy_has_lost_nothing(qtbot: QtBot) -> None:
    title, text = said(replace(sample.interrupted(), files_verified=0))
    assert title == "The copy of A003_0324 was interrupted."
    assert text == "Nothing was lost."


def test_an_interrupted_move_tells_where_originals_are(qtbot: QtBot) -> None:
    title, text = said(replace(sample.interrupted(), mode=Mode.MOVE, files_verified=1))
    assert title == "The move of A003_0324 was interrupted."
    assert text == (
        "Originals that were not proven yet are still in their place. "
        "1 file is verified and will not be copied again."
    )


def test_a_process_that_is_gone_is_not_told_twice(
    window: MainWindow, service: SampleService
) -> None:
    row = replace(sample.interrupted(), message="Its process is gone.")
    window.details.show_transfer(row, None)
    assert not window.details._message.isVisibleTo(window.details)
    window._show(Snapshot((row,), 0, None, 0, 2))
