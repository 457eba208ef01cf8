"""Whoever mostly holds the interpreter's lock takes turns, in the whole process.

Reading, writing and hashing large pieces let go of that lock; a loop over small files, and
the ledger's thread, mostly hold it. Measured beside a window that scrolls: frames of 15 ms
(the 99th of 100) with one such thread, 32 ms with two. And two at once win nothing: 4 700
files/s from two transfers in memory, 6 500 where they take turns.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_HELD_UP_S: Final = 0.05
"""Several times what a turn takes while nothing but the interpreter is waited for. Whoever
takes longer waits for a drive, a slow one or one that does not answer: nobody waits for
that with him."""


class Slots:
    """`count` turns at once, shared by all transfers of a process.

    A thread takes one only while it works, never while it waits for a person, a flush or
    the ledger.
    """

    def __init__(self, count: int = 1) -> None:
        self._count = count
        self._changed = threading.Condition()
        self._since_s: dict[object, float] = {}

    @contextmanager
    def held(self) -> Iterator[None]:
        """Wait for a turn, and have it."""
        mine = object()
        with self._changed:
            while (wait_s := self._wait_s()) > 0:
                self._changed.wait(wait_s)
            self._since_s[mine] = time.monotonic()
        try:
            yield
        finally:
            with self._changed:
                del self._since_s[mine]
                self._changed.notify()

    def _wait_s(self) -> float:
        """How long until one is free at the latest."""
        if len(self._since_s) < self._count:
            return 0.0
        youngest = sorted(self._since_s.values())[-self._count]
        return youngest + _HELD_UP_S - time.monotonic()
