"""How a running transfer is paused, cancelled or stopped: at any chunk.

Any thread may ask; only the transfer's own threads wait in `checkpoint`.
"""

from __future__ import annotations

import threading

from ketter_gui.domain.errors import Cancelled


class Stopped(Exception):
    """The process is quitting: leave everything as it is, to be resumed."""


class Control:
    """The three wishes. A stop outranks a cancel, a cancel ends a pause."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._paused = False
        self._cancelled = False
        self._stopped = False

    def pause(self) -> None:
        """Hold at the next chunk."""
        with self._changed:
            self._paused = True

    def resume(self) -> None:
        """Go on after `pause`."""
        with self._changed:
            self._paused = False
            self._changed.notify_all()

    def cancel(self) -> None:
        """End at the next chunk, going back to the last proof."""
        with self._changed:
            self._cancelled = True
            self._paused = False
            self._changed.notify_all()

    def stop(self) -> None:
        """End at the next chunk, leaving parts where they are."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    @property
    def is_paused(self) -> bool:
        """Whether someone asked for a pause that still holds."""
        return self._paused

    def checkpoint(self) -> None:
        """Called at every chunk. Waits while paused; raises Stopped or Cancelled."""
        if not (self._paused or self._cancelled or self._stopped):
            return  # three plain reads: this runs for every chunk of every file
        with self._changed:
            self._changed.wait_for(lambda: not self._paused or self._cancelled or self._stopped)
            if self._stopped:
                raise Stopped
            if self._cancelled:
                raise Cancelled
