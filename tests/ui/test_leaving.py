"""Closing the window, and quitting: with a tray and without one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from ketter_gui.domain.status import TransferStatus
from ketter_gui.ui.leaving import KEEPS_ON
from ketter_gui.ui.look import Look
from ketter_gui.ui.main_window import MainWindow
from tests.gui import sample_values as sample
from tests.gui.sample_service import SampleService
from tests.gui.screens import settle


@pytest.fixture
def service() -> SampleService:
    return SampleService(transfers=(sample.running(),))


@pytest.fixture
def window(qtbot: QtBot, look: Look, settings: QSettings, service: SampleService) -> MainWindow:
    return opened(qtbot, look, settings, service)


def opened(qtbot: QtBot, look: Look, settings: QSettings, service: SampleService) -> MainWindow:
    window = MainWindow(look, service, settings)
    qtbot.addWidget(window)
    window.show()
    window.begin()
    settle(window)
    return window


def ended(window: MainWindow) -> bool:
    return window._is_over


def test_closing_keeps_working_in_the_tray_and_says_so_once(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.leaving.has_tray = lambda: True
    with qtbot.waitSignal(window.leaving.went_to_tray):
        window.close()
    assert not window.isVisible()
    assert window.leaving.sheet is None
    assert not ended(window)
    window.leaving.told_of_tray()
    window.show_again()
    with qtbot.assertNotEmitted(window.leaving.went_to_tray):
        window.close()
    assert not window.isVisible()
    window.close_now()
    assert ended(window)


def test_closing_does_not_keep_working_in_the_tray_when_that_is_turned_off(
    window: MainWindow, settings: QSettings, service: SampleService
) -> None:
    window.leaving.has_tray = lambda: True
    settings.setValue(KEEPS_ON, False)
    window.close()
    assert window.leaving.sheet is not None
    service.transfers = ()
    window.polling.poll()
    window.close()
    assert ended(window)


def test_without_a_tray_it_asks_once_and_is_minimised_from_then_on(
    qtbot: QtBot, look: Look, settings: QSettings, service: SampleService, window: MainWindow
) -> None:
    window.close()
    sheet = window.leaving.sheet
    assert sheet is not None
    assert not window.isMinimized()
    sheet.stay_button.click()
    assert window.isMinimized()
    assert not ended(window)
    window.close_now()
    later = opened(qtbot, look, settings, service)
    later.close()
    assert later.leaving.sheet is None
    assert later.isMinimized()
    later.close_now()


def test_a_question_that_ends_by_itself_minimises_nothing(
    window: MainWindow, service: SampleService
) -> None:
    window.close()
    service.transfers = (replace(sample.running(), status=TransferStatus.COMPLETED, at_work=()),)
    window.polling.poll()
    assert window.leaving.sheet is None
    assert not window.isMinimized()
    window.close()
    assert ended(window)


def test_without_a_tray_watch_folders_are_work_too(
    window: MainWindow, service: SampleService
) -> None:
    service.transfers = ()
    window.polling.poll()
    window.leaving.watches = lambda: True
    window.close()
    assert window.leaving.sheet is not None
    assert not ended(window)


def test_quitting_out_of_the_tray_asks_in_the_window_while_something_works(
    window: MainWindow,
) -> None:
    window.leaving.has_tray = lambda: True
    window.close()
    window.leaving.quit()
    assert window.isVisible()
    sheet = window.leaving.sheet
    assert sheet is not None
    sheet.stay_button.click()
    assert not window.isMinimized()
    window.leaving.quit()
    sheet = window.leaving.sheet
    assert sheet is not None
    sheet.leave_button.click()
    assert ended(window)
