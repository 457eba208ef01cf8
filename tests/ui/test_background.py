"""The window never waits: what hangs holds up nothing but itself."""

from __future__ import annotations

import threading

import pytest
from pytestqt.qtbot import QtBot

from ketter_gui.domain.errors import DiskFull, KetterError
from ketter_gui.ui import background as module
from ketter_gui.ui.background import Background, Unexpected


def test_results_come_back_on_the_windows_thread(qtbot: QtBot) -> None:
    background = Background()
    threads: list[threading.Thread] = []

    def work() -> str:
        threads.append(threading.current_thread())
        return "done"

    came: list[str] = []

    def done(result: str) -> None:
        threads.append(threading.current_thread())
        came.append(result)

    background.run(work, done)
    qtbot.waitUntil(lambda: came == ["done"])
    assert threads[0] is not threading.main_thread()
    assert threads[1] is threading.main_thread()


def test_an_error_goes_to_whoever_asked_or_else_to_the_window(qtbot: QtBot) -> None:
    background = Background()
    told: list[KetterError] = []

    def fail() -> None:
        raise DiskFull(b"/media/A")

    background.run(fail, None, told.append)
    qtbot.waitUntil(lambda: len(told) == 1)
    with qtbot.waitSignal(background.went_wrong) as signal:
        background.run(fail)
    assert signal.args is not None
    assert isinstance(signal.args[0], DiskFull)


@pytest.mark.logs_errors
def test_a_fault_of_ours_is_told_in_words_and_logged(qtbot: QtBot) -> None:
    background = Background()
    with qtbot.waitSignal(background.went_wrong) as signal:
        background.run(lambda: 1 // 0)
    assert signal.args is not None
    assert isinstance(signal.args[0], Unexpected)


def test_jobs_that_hang_do_not_hold_up_the_others(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_HANGS_AFTER_S", 0.05)
    background = Background()
    go_on = threading.Event()
    for _ in range(8):
        background.run(lambda: go_on.wait(20))
    came: list[int] = []
    qtbot.wait(100)
    background.run(lambda: 1, came.append)
    qtbot.waitUntil(lambda: came == [1])
    go_on.set()
    qtbot.waitUntil(background.is_idle)


def test_what_was_forgotten_is_not_told(qtbot: QtBot) -> None:
    background = Background()
    came: list[int] = []
    background.run(lambda: 1, came.append).forget()
    background.run(lambda: 2, came.append)
    qtbot.waitUntil(background.is_idle)
    assert came == [2]
    background.run(lambda: 3, came.append)
    background.close()
    qtbot.waitUntil(background.is_idle)
    assert came == [2]
