"""Speed and time left, from counters that someone else increments.

Bytes copied and bytes verified are both work: a transfer of N bytes is 2 N bytes of it
on each destination, so that the time left counts the reading back as well.
"""

from __future__ import annotations

import math

_SMOOTHING_S = 4.0
"""Time constant of the smoothed speed: calm to look at, and seconds late at most."""

_KNOWN_AFTER_S = 3.0
"""Before this much work, nobody can know how long the rest takes."""


class SpeedMeter:
    """Feed it with the work done so far, about once a second or faster."""

    def __init__(self, at_s: float, work_bytes: int = 0) -> None:
        self._started_s = at_s
        self._at_s = at_s
        self._work_bytes = work_bytes
        self._smoothed = 0.0

    def update(self, at_s: float, work_bytes: int) -> None:
        """`at_s` is a monotonic time."""
        elapsed = at_s - self._at_s
        if elapsed <= 0.05:
            return
        momentary = max(work_bytes - self._work_bytes, 0) / elapsed
        share = 1 - math.exp(-elapsed / _SMOOTHING_S)
        first = self._smoothed == 0.0
        self._smoothed = (
            momentary if first else self._smoothed + share * (momentary - self._smoothed)
        )
        self._at_s = at_s
        self._work_bytes = work_bytes

    def restart(self, at_s: float, work_bytes: int) -> None:
        """After a pause: the time that passed was no work."""
        self._started_s += at_s - self._at_s
        self._at_s = at_s
        self._work_bytes = work_bytes

    @property
    def bytes_per_second(self) -> int:
        """Smoothed bytes of work a second."""
        return int(self._smoothed)

    def seconds_left(self, work_left_bytes: int) -> int | None:
        """None while it cannot be known."""
        if self._smoothed < 1 or self._at_s - self._started_s < _KNOWN_AFTER_S:
            return None
        return math.ceil(work_left_bytes / self._smoothed)
