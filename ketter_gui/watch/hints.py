"""Paths that the system says have changed, collected until somebody looks at them.

Owner: observer threads add, one watcher takes. Everything is under one lock, and an addition
never waits: the observer calls with a lock of its own in hand.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

MOST: Final = 5000
"""More different paths than that are not kept: everything is looked through then."""

_QUIET_S: Final = 0.3
_LONGEST_S: Final = 2.0


class Hints:
    """The hints of one watch folder. `wake` is called when the first one comes."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._lock = threading.Lock()
        self._paths: set[bytes] = set()
        self._is_lost = False
        self._first_s = 0.0
        self._last_s = 0.0

    def add(self, path: bytes, now_s: float) -> None:
        """Something happened to this path."""
        with self._lock:
            is_first = not self._paths
            if is_first:
                self._first_s = now_s
            self._last_s = now_s
            if len(self._paths) < MOST:
                self._paths.add(path)
            else:
                self._is_lost = True
        if is_first:
            self._wake()

    def lose(self) -> None:
        """Events were lost: nobody knows what happened."""
        with self._lock:
            self._is_lost = True
        self._wake()

    def due_s(self) -> float | None:
        """When they are to be looked at: after a moment of quiet, but not for ever later."""
        with self._lock:
            if not self._paths:
                return None
            return min(self._last_s + _QUIET_S, self._first_s + _LONGEST_S)

    def take(self) -> tuple[set[bytes], bool]:
        """All of them, and whether some were lost; they are gone from here."""
        with self._lock:
            paths, self._paths = self._paths, set()
            is_lost, self._is_lost = self._is_lost, False
        return paths, is_lost

    @property
    def is_lost(self) -> bool:
        """Whether something was lost that nobody has looked for yet."""
        with self._lock:
            return self._is_lost
