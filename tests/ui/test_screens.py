"""Every screen can be rendered, in both looks, without a word of complaint from Qt."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ketter_gui.domain.status import TransferStatus
from ketter_gui.ui.actions import Verb, possible
from ketter_gui.ui.look import Look
from ketter_gui.ui.main_window import MainWindow
from ketter_gui.ui.queue_page import transfer_menu
from tests.gui import sample_values as sample
from tests.gui.sample_service import SampleService
from tests.gui.screens import Screen, render, screens, settle


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("screen", screens(), ids=lambda screen: str(screen[0]))
def test_a_screen_is_rendered(
    qtbot: QtBot, settings: QSettings, screen: Screen, theme: str
) -> None:
    image = render(screen, theme, settings)
    assert image.size() == screen[3]
    colours = {
        image.pixel(x, y) for x in range(0, image.width(), 8) for y in range(0, image.height(), 8)
    }
    assert len(colours) > 4


@pytest.fixture
def window(qtbot: QtBot, look: Look, settings: QSettings) -> MainWindow:
    service = SampleService(
        transfers=(sample.running(), sample.failed()), left_over=(sample.interrupted(),)
    )
    window = MainWindow(look, service, settings)
    qtbot.addWidget(window)
    window.resize(1280, 800)
    window.show()
    window.begin()
    settle(window)
    return window


def test_what_was_interrupted_is_offered_at_start(window: MainWindow) -> None:
    assert window.banner.says("interrupted")


def test_a_click_on_the_card_retries_folds_and_opens(qtbot: QtBot, window: MainWindow) -> None:
    view, model = window.queue.view, window.queue.model
    port = view.viewport()
    failed = view.visualRect(model.index(model.row_of(3)))
    card_right = view.width() - 16 - 16
    with qtbot.waitSignal(window.queue.delegate.retry_asked) as retry:
        QTest.mouseClick(
            port, Qt.MouseButton.LeftButton, pos=QPoint(card_right - 10, failed.top() + 24)
        )
    assert retry.args == [3]
    rows = model.rowCount()
    with qtbot.waitSignal(window.queue.delegate.unfold_asked):
        QTest.mouseClick(port, Qt.MouseButton.LeftButton, pos=QPoint(24, failed.top() + 42))
    assert model.rowCount() < rows
    more = view.visualRect(model.index(4))
    with qtbot.waitSignal(window.queue.files_asked) as files:
        QTest.mouseClick(port, Qt.MouseButton.LeftButton, pos=QPoint(120, more.top() + 12))
    assert files.args == [1]
    settle(window)


def test_left_and_right_fold_and_unfold(window: MainWindow) -> None:
    view, model = window.queue.view, window.queue.model
    window.queue.select(1)
    rows = model.rowCount()
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert model.rowCount() < rows
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert model.rowCount() == rows


@pytest.mark.parametrize(
    ("status", "verbs"),
    [
        (TransferStatus.PENDING, {Verb.PAUSE, Verb.CANCEL}),
        (TransferStatus.RUNNING, {Verb.PAUSE, Verb.CANCEL}),
        (TransferStatus.WAITING, {Verb.PAUSE, Verb.CANCEL}),
        (TransferStatus.PAUSED, {Verb.RESUME, Verb.CANCEL}),
        (TransferStatus.INTERRUPTED, {Verb.RESUME, Verb.CANCEL}),
        (TransferStatus.FAILED, {Verb.RETRY}),
        (TransferStatus.COMPLETED, set()),
        (TransferStatus.CANCELLED, set()),
    ],
)
def test_the_menu_offers_what_is_possible(
    window: MainWindow, status: TransferStatus, verbs: set[Verb]
) -> None:
    transfer = replace(sample.running(), status=status)
    assert possible(transfer) == verbs
    menu = transfer_menu(window.queue, window._look, window.actions_of_transfers, transfer)
    assert len(menu.actions()) == len(verbs)


def test_what_is_held_over_the_window_lights_the_place_that_takes_it(window: MainWindow) -> None:
    window._light(QPoint(600, 400))
    assert window._target.isVisible()
    window._light(None)
    assert not window._target.isVisible()
