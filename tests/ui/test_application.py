"""From a service to a window and to an exit code, signals included."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ketter_gui.service.service import Service
from ketter_gui.ui import open_window
from ketter_gui.ui.main_window import MainWindow
from tests.builders import camera_card, drive
from tests.ui.conftest import request_for


def test_the_window_opens_and_closes_with_exit_code_0(
    qtbot: QtBot, service: Service, settings: QSettings, tmp_path: Path
) -> None:
    before = signal.getsignal(signal.SIGTERM)
    QTimer.singleShot(300, lambda: os.kill(os.getpid(), signal.SIGTERM))
    request = request_for([camera_card(tmp_path).path], [drive(tmp_path, "A")])
    assert open_window(service, request, settings=settings) == 0
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.qt_log_ignore("This plugin does not support raise", extend=True)
def test_a_click_on_a_notification_brings_a_minimised_window_back(
    qtbot: QtBot, service: Service, settings: QSettings
) -> None:
    seen: list[bool] = []

    def window() -> MainWindow:
        shown = QApplication.topLevelWidgets()
        return next(one for one in shown if isinstance(one, MainWindow) and one.isVisible())

    def look_again() -> None:
        if not window().isMinimized():
            seen.append(True)
            window().close_now()

    def told(click: Callable[[], None]) -> None:
        window().showMinimized()
        seen.append(window().isMinimized())
        threading.Thread(target=click).start()  # as the notifier does
        timer.start(20)

    timer = QTimer()
    timer.timeout.connect(look_again)
    assert open_window(service, settings=settings, tell_news=told) == 0
    timer.stop()
    assert seen == [True, True]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_an_idle_window_at_once(tmp_path: Path, number: signal.Signals) -> None:
    environment = dict(os.environ, QT_QPA_PLATFORM="offscreen", HOME=str(tmp_path))
    process = subprocess.Popen(
        [sys.executable, "-m", "ketter_gui", "--data-dir", str(tmp_path / "data")],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        deadline_s = time.monotonic() + 30
        while not catches(process.pid, signal.SIGTERM):
            assert process.poll() is None
            assert time.monotonic() < deadline_s
            time.sleep(0.02)
        process.send_signal(number)
        assert process.wait(10) == 0
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()
    finally:
        process.kill()
        process.wait()


def catches(pid: int, number: signal.Signals) -> bool:
    """Whether a process has a handler of its own for a signal."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("SigCgt:"):
            return bool(int(line.split()[1], 16) & (1 << (number - 1)))
    return False


SESSION = """
import sys
from PySide6.QtCore import QSettings, QTimer
from ketter_gui.ui import open_window
from ketter_gui.ui.application import make_application
from ketter_gui.ui.main_window import MainWindow
from tests.gui import sample_values as sample
from tests.gui.sample_service import SampleService

app = make_application(["ketter"])
timer = QTimer()

def end():
    for window in app.topLevelWidgets():
        if isinstance(window, MainWindow) and window.isVisible() and window.polling.works():
            timer.stop()
            window.close()
            print("refuses" if window.isVisible() else "closed", flush=True)
            app.quit()  # what a session manager's end comes to: the event Quit

timer.timeout.connect(end)
timer.start(10)
settings = QSettings(sys.argv[1], QSettings.Format.IniFormat)
sys.exit(open_window(SampleService(transfers=(sample.running(),)), settings=settings))
"""


def test_the_end_of_a_session_ends_even_a_window_that_will_not_be_closed(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SESSION, str(tmp_path / "window.ini")],
        env=dict(os.environ, QT_QPA_PLATFORM="offscreen", HOME=str(tmp_path)),
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (done.returncode, done.stdout) == (0, "refuses\n"), done.stderr
