"""A limit that leaves the drive, or the network, to others.

It holds for what is read of the sources, and for what is read back of each destination,
apart: so no drive gives or takes more than that, whatever their number. (One limit for
all of it together would halve the speed that a person asked for, and again with each
further destination.)

What was read is charged, and whoever reads next waits until that is paid for. A loop over
small files holds a slot that others wait for, so it only charges; it waits between two
handfuls of files, which are no more than the limit lets through in a second. Big files
wait piece by piece.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from ketter_gui.domain import limits
from ketter_gui.engine.control import Control
from ketter_gui.system.descriptors import at_once

_SAVED_S: Final = 0.25
"""As much as would have been read meanwhile may be read at once after a wait for something
else: a limit that counted every flush as lost time would never be reached."""

_WORTH_S: Final = 0.005
"""A debt below this is left for the next piece: sleeping costs more."""

_SLICE_S: Final = 0.5


class Pace:
    """Bytes a second, of one drive. Any thread may charge it."""

    def __init__(self, bytes_per_s: int, now: Callable[[], float] = time.monotonic) -> None:
        self._bytes_per_s = bytes_per_s
        self._now = now
        self._lock = threading.Lock()  # guards _paid_at_s
        self._paid_at_s = now()

    def charge(self, size_bytes: int) -> None:
        """So much was read."""
        with self._lock:
            since_s = max(self._paid_at_s, self._now() - _SAVED_S)
            self._paid_at_s = since_s + size_bytes / self._bytes_per_s

    def debt_s(self) -> float:
        """How long to wait before more is read."""
        debt_s = self._paid_at_s - self._now()
        return debt_s if debt_s > _WORTH_S else 0.0


class Paces:
    """The pace of a transfer's sources and of each destination. 0 is no limit."""

    def __init__(
        self,
        bytes_per_s: int,
        destinations: int,
        control: Control,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._control = control
        self._bytes_per_s = bytes_per_s
        self._most_files = at_once(limits.READ_AHEAD_FILES)
        self._source = Pace(bytes_per_s, now) if bytes_per_s else None
        self._back = [Pace(bytes_per_s, now) for _ in range(destinations if bytes_per_s else 0)]

    def read(self, size_bytes: int) -> None:
        """So much of a source was read."""
        if self._source is not None:
            self._source.charge(size_bytes)

    def read_back(self, destination: int, size_bytes: int) -> None:
        """So much of a destination was read back."""
        if self._back:
            self._back[destination].charge(size_bytes)

    def is_handful(self, files: int, size_bytes: int) -> bool:
        """Whether so many small files are enough for one go: more of them would burst
        through the limit, and all of a small transfer would never meet it."""
        if self._bytes_per_s and size_bytes >= self._bytes_per_s:
            return True
        return files >= self._most_files

    def wait_to_read(self) -> None:
        """Until sources may be read again. Raises as `Control.checkpoint`."""
        if self._source is not None:
            self._wait(self._source)

    def wait_to_read_back(self, destination: int | None = None) -> None:
        """Until a destination may be read back again, or all of them. Raises the same."""
        for pace in self._back if destination is None else self._back[destination:][:1]:
            self._wait(pace)

    def _wait(self, pace: Pace) -> None:
        while debt_s := pace.debt_s():
            self._control.nap(min(debt_s, _SLICE_S))
