"""Several things at once: all come to their end, and the first failure is told."""

from __future__ import annotations

import threading
import weakref

import pytest

from ketter_gui.engine.side_by_side import side_by_side


class _Held:
    pass


def test_they_run_at_the_same_time() -> None:
    together = threading.Barrier(3, timeout=20)
    side_by_side([together.wait] * 3, "test")


def test_a_failure_is_raised_when_all_have_ended() -> None:
    ended = threading.Event()
    failing = threading.Event()

    def fail() -> None:
        failing.set()
        raise ValueError("first")

    def slow() -> None:
        assert failing.wait(20)
        ended.set()

    with pytest.raises(ValueError, match="first"):
        side_by_side([fail, slow], "test")
    assert ended.is_set()


def test_a_thread_that_is_refused_leaves_none_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()
    start = threading.Thread.start
    asked: list[threading.Thread] = []

    def refuse_the_second(thread: threading.Thread) -> None:
        asked.append(thread)
        if len(asked) == 2:
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse_the_second)
    with pytest.raises(RuntimeError, match="new thread"):
        side_by_side([int, ended.set, int], "test")
    assert ended.is_set()
    assert not asked[0].is_alive()


def test_what_a_failed_one_held_goes_with_its_error() -> None:
    """Without waiting for the collector of circles: what it held may be an open folder."""
    held: list[weakref.ref[_Held]] = []

    def fail() -> None:
        mine = _Held()
        held.append(weakref.ref(mine))
        raise ValueError(str(len(held)))

    with pytest.raises(ValueError, match="1"):
        side_by_side([int, fail], "test")
    assert held[0]() is None
