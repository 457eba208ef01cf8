"""Start at login, and keep on in the tray: two ticks, in the window's menu and in the tray's."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from ketter_gui.ui.desktop import Desktop
from ketter_gui.ui.look import Look
from ketter_gui.ui.main_window import MainWindow
from tests.gui.sample_service import SampleService
from tests.gui.screens import settle
from tests.ui.conftest import Desk


@pytest.fixture
def service_shown() -> SampleService:
    return SampleService()


@pytest.fixture
def window(
    qtbot: QtBot, look: Look, settings: QSettings, service_shown: SampleService
) -> MainWindow:
    window = MainWindow(look, service_shown, settings)
    qtbot.addWidget(window)
    window.show()
    settle(window)
    return window


@pytest.mark.qt_log_ignore("grabbing the keyboard", r"raise\(\)", "propagateSizeHints")
@pytest.mark.skipif(sys.platform != "linux", reason="XDG autostart is Linux's")
def test_start_at_login_is_switched_in_the_window_and_seen_in_the_tray(
    desk: Desk, look: Look, settings: QSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    entry = tmp_path / "autostart" / "ketter.desktop"
    desktop = Desktop(look, desk.service, desk.window, settings)
    desktop.start()
    desk.window.bar.more.click()
    desk.wait_calm()
    tick = next(one for one in desk.window.bar.menu.actions() if "login" in one.text())
    assert tick in desktop.tray.menu.actions()
    assert tick.isEnabled()
    assert not tick.isChecked()
    tick.trigger()
    desk.wait_calm()
    assert tick.isChecked()
    assert "--in-tray" in entry.read_text()
    tick.trigger()
    desk.wait_calm()
    assert not tick.isChecked()
    assert not entry.exists()
    desk.window.bar.menu.close()


def test_a_tick_that_could_not_be_set_goes_back_and_the_window_says_why(
    qtbot: QtBot, window: MainWindow, service_shown: SampleService
) -> None:
    window.habits.read()
    qtbot.waitUntil(window.habits.at_login.isEnabled)
    service_shown.is_broken = True
    window.hide()
    window.habits.at_login.trigger()
    qtbot.waitUntil(lambda: window.banner.says("error"))
    qtbot.waitUntil(window.habits.at_login.isEnabled)
    assert window.isVisible()
    assert not window.habits.at_login.isChecked()


def test_closing_into_the_tray_can_be_switched_off_where_there_is_a_tray(
    window: MainWindow,
) -> None:
    tick = window.habits.keeps_on
    window.habits.show_ticks()
    assert not tick.isEnabled()  # no tray here
    window.leaving.has_tray = lambda: True
    window.habits.show_ticks()
    assert tick.isChecked()
    tick.trigger()
    assert not window.leaving.keeps_on()
    window.close()
    assert window._is_over


def test_started_in_a_tray_that_never_comes_it_is_minimised_and_says_so_once(
    window: MainWindow, look: Look, settings: QSettings, service_shown: SampleService
) -> None:
    window.hide()
    desktop = Desktop(look, service_shown, window, settings)
    desktop._show_itself()
    assert window.isMinimized()
    assert window.banner.says("no-tray")
    window.banner.take_back("no-tray")
    window.hide()
    desktop._show_itself()
    assert window.isMinimized()
    assert not window.banner.says("no-tray")
