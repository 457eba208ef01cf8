"""The pump ends, whatever ends it, and leaves no thread behind."""

from __future__ import annotations

import threading

import pytest

from ketter_gui.engine.control import Control
from ketter_gui.engine.pump import Ring, pump


def test_a_thread_that_the_system_refuses_leaves_no_other_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = threading.active_count()
    start, started = threading.Thread.start, list[int]()

    def refuse_the_second(thread: threading.Thread) -> None:
        if started:
            raise RuntimeError("can't start new thread")
        started.append(1)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse_the_second)
    with Ring() as ring, pytest.raises(RuntimeError):
        pump(ring, lambda *_: 0, [lambda *_: None, lambda *_: None], Control())
    assert threading.active_count() == before
