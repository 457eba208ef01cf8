"""The system's events, for real; and what watchdog keeps to itself."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ketter_gui.system.inotify import most_watches, watches_in_use
from ketter_gui.watch.events import Events
from ketter_gui.watch.hints import MOST, Hints

_WAIT_S = 5.0


@pytest.fixture
def events() -> Iterator[Events]:
    made = Events()
    yield made
    made.close()


class Heard:
    """Hints, and whether anybody was woken."""

    def __init__(self) -> None:
        self.woken = threading.Event()
        self.hints = Hints(self.woken.set)

    def until(self, path: Path) -> None:
        wanted, found = os.fsencode(path), set()
        until_s = time.monotonic() + _WAIT_S
        while wanted not in found and time.monotonic() < until_s:
            self.woken.wait(0.05)
            self.woken.clear()
            found |= self.hints.take()[0]
        assert wanted in found, f"{path} was never heard of: {found}"


def test_a_new_file_a_rename_and_a_new_folder_are_heard_of(events: Events, tmp_path: Path) -> None:
    heard = Heard()
    events.watch(os.fsencode(tmp_path), heard.hints)
    assert events.is_alive(heard.hints)
    (tmp_path / "a").write_text("a")
    heard.until(tmp_path / "a")
    (tmp_path / "a").rename(tmp_path / "b")
    heard.until(tmp_path / "b")
    (tmp_path / "sub").mkdir()
    heard.until(tmp_path / "sub")
    (tmp_path / "sub/c").write_text("c")
    heard.until(tmp_path / "sub/c")
    in_use = watches_in_use()
    assert in_use is not None and in_use >= 2
    assert (most_watches() or 0) > 0


def test_nothing_is_heard_after_the_folder_is_let_go(events: Events, tmp_path: Path) -> None:
    heard = Heard()
    events.watch(os.fsencode(tmp_path), heard.hints)
    events.unwatch(heard.hints)
    events.unwatch(heard.hints)
    assert not events.is_alive(heard.hints)
    events.watch(os.fsencode(tmp_path), heard.hints)
    (tmp_path / "a").write_text("a")
    heard.until(tmp_path / "a")


def test_a_watched_folder_that_goes_is_noticed(events: Events, tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    heard = Heard()
    events.watch(os.fsencode(root), heard.hints)
    root.rmdir()
    until_s = time.monotonic() + _WAIT_S
    while events.is_alive(heard.hints) and time.monotonic() < until_s:
        time.sleep(0.01)
    assert not events.is_alive(heard.hints)
    root.mkdir()
    events.watch(os.fsencode(root), heard.hints)
    (root / "a").write_text("a")
    heard.until(root / "a")


def test_an_overflow_that_is_only_logged_makes_everything_be_looked_at(
    events: Events, tmp_path: Path
) -> None:
    heard = Heard()
    events.watch(os.fsencode(tmp_path), heard.hints)
    logging.getLogger("watchdog.observers.inotify_c").warning(
        "Inotify queue overflowed; filesystem events were lost"
    )
    assert heard.hints.is_lost and heard.woken.is_set()
    assert heard.hints.take() == (set(), True)
    assert not heard.hints.is_lost


def test_a_folder_that_is_not_there_cannot_be_watched(events: Events, tmp_path: Path) -> None:
    with pytest.raises(OSError):
        events.watch(os.fsencode(tmp_path / "gone"), Heard().hints)


def test_hints_wait_for_a_moment_of_quiet_but_not_for_ever() -> None:
    heard = Heard()
    assert heard.hints.due_s() is None
    heard.hints.add(b"/a", 10.0)
    assert heard.hints.due_s() == pytest.approx(10.3)
    heard.hints.add(b"/b", 11.9)
    assert heard.hints.due_s() == pytest.approx(12.0)


def test_more_hints_than_are_kept_are_lost_and_told() -> None:
    heard = Heard()
    for number in range(MOST + 1):
        heard.hints.add(b"%d" % number, 0.0)
    paths, is_lost = heard.hints.take()
    assert len(paths) == MOST and is_lost
