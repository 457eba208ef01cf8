"""How often everything in a watch folder is looked through.

A scan is the truth and costs time; all watch folders of a process together spend no more than
a hundredth of it on scans. Only scans back off while nothing comes: what the system tells of
is looked at at once all the same.
"""

from __future__ import annotations

import threading
from typing import Final

from ketter_gui.domain.watching import Method

_SHARE: Final = 100
_SHORTEST_S: Final = {Method.EVENTS: 60.0, Method.SCANS: 5.0}
_LONGEST_S: Final = {Method.EVENTS: 3600.0, Method.SCANS: 60.0}


_LONGEST_TURN_S: Final = 10.0
"""A scan that hangs on a dead drive keeps the others waiting no longer than that."""


class ScanCosts:
    """What a scan of each watch folder last took, in seconds, by its number; and whose turn it
    is: fifty that scan side by side only keep each other, and all transfers, from working."""

    def __init__(self) -> None:
        self._costs: dict[int, float] = {}
        self._lock = threading.Lock()
        self._whose: int | None = None
        self._since_s = 0.0

    def take_turn(self, watch: int, now_s: float) -> bool:
        """Whether this one may scan now; then it gives the turn back at the end."""
        with self._lock:
            if self._whose is not None and now_s - self._since_s < _LONGEST_TURN_S:
                return False
            self._whose, self._since_s = watch, now_s
            return True

    def give_turn(self, watch: int) -> None:
        """It is done; if it took too long, somebody else has the turn by now."""
        with self._lock:
            if self._whose == watch:
                self._whose = None

    def note(self, watch: int, seconds: float) -> None:
        """A scan took this long."""
        self._costs[watch] = seconds

    def forget(self, watch: int) -> None:
        """It is scanned no more."""
        self._costs.pop(watch, None)

    def least_period_s(self) -> float:
        """The shortest period that keeps all scans together within their share."""
        return _SHARE * sum(list(self._costs.values()))


def next_period_s(last_s: float, method: Method, least_s: float, *, is_idle: bool) -> float:
    """The time to the next scan: twice the last one while nothing comes."""
    shortest, longest = _SHORTEST_S[method], _LONGEST_S[method]
    wanted = min(max(last_s * 2, shortest), longest) if is_idle and last_s else shortest
    return max(wanted, least_s)
