"""How a running transfer is paused, cancelled, stopped or let go of, and whether it answers.

Any thread may ask; only the transfer's own threads wait in `checkpoint`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ketter_gui.disk.gate import Gate, LetGo
from ketter_gui.domain import limits
from ketter_gui.domain.errors import Cancelled
from ketter_gui.engine.slots import Slots

__all__ = ["Control", "LetGo", "Stopped"]


class Stopped(Exception):
    """The process is quitting: leave everything as it is, to be resumed."""


class Control:
    """The wishes. A stop outranks a cancel, a cancel ends a pause; `let_go` outranks all.

    Every checkpoint is a sign of life. One that stays away for `limits.CALL_PATIENCE_S`
    means a call that hangs: nothing else takes that long between two of them.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._turn = threading.Lock()
        self._paused = False
        self._cancelled = False
        self._stopped = False
        self._beat_s = time.monotonic()
        self._in_slow_calls = 0
        self._slots_held = 0
        self._waits = 0
        self.gate = Gate()

    # --- wishes ----------------------------------------------------------------------------

    def pause(self) -> None:
        """Hold at the next chunk."""
        with self._changed:
            self._paused = True

    def resume(self) -> None:
        """Go on after `pause`."""
        with self._changed:
            self.beat()
            self._paused = False
            self._changed.notify_all()

    def cancel(self) -> None:
        """End at the next chunk, going back to the last proof."""
        with self._changed:
            if self._paused:
                self.beat()
            self._cancelled = True
            self._paused = False
            self._changed.notify_all()

    def stop(self) -> None:
        """End at the next chunk, leaving parts where they are."""
        with self._changed:
            self.beat()
            self._stopped = True
            self._changed.notify_all()

    def let_go(self) -> None:
        """Whatever thread comes back from a call that hung finds every door shut."""
        self.gate.shut()
        self.stop()

    @property
    def is_paused(self) -> bool:
        """Whether someone asked for a pause that still holds."""
        return self._paused

    @property
    def is_cancelled(self) -> bool:
        """Whether someone asked for the end."""
        return self._cancelled

    def checkpoint(self) -> None:
        """Called at every chunk. Waits while paused; raises LetGo, Stopped or Cancelled."""
        self._beat_s = time.monotonic()
        if not (self._paused or self._cancelled or self._stopped):
            return  # three plain reads: this runs for every chunk of every file
        with self._changed:
            self._changed.wait_for(lambda: not self._paused or self._cancelled or self._stopped)
            self.beat()
        self.check()

    def check(self) -> None:
        """Raises as `checkpoint`, but never waits: for loops that hold something that others
        wait for. A pause takes hold at the next `checkpoint`. No sign of life: a thread that
        waits for another one asks as well, and that one may hang."""
        if self._cancelled or self._stopped:
            self.gate.check()
            if self._stopped:
                raise Stopped
            raise Cancelled

    def nap(self, seconds: float) -> None:
        """Wait so long, unless somebody wishes the end meanwhile; then a checkpoint."""
        with self._changed:
            self._waits += 1
            self._changed.wait_for(lambda: self._cancelled or self._stopped, seconds)
            self._waits -= 1
        self.checkpoint()

    # --- signs of life ---------------------------------------------------------------------

    def beat(self) -> None:
        """Somebody is alive."""
        self._beat_s = time.monotonic()

    @contextmanager
    def slow_call(self) -> Iterator[None]:
        """Around a call that takes minutes on a slow card and is well: a flush."""
        self.beat()
        with self._changed:
            self._in_slow_calls += 1
        try:
            yield
        finally:
            with self._changed:
                self._in_slow_calls -= 1
            self.beat()
        self.gate.check()

    @contextmanager
    def in_slot(self, slots: Slots) -> Iterator[None]:
        """Around a loop over small files. Waiting for one's turn is no silence.

        The two threads of a transfer take turns: at once, they would mostly hand the
        interpreter's lock to and fro (measured: a third more processor time, nothing won).
        """
        with self._changed:
            self._waits += 1
        is_waiting = True
        try:
            with self._turn, slots.held():
                self._got_slot()
                is_waiting = False
                try:
                    yield
                finally:
                    with self._changed:
                        self._slots_held -= 1
        finally:
            if is_waiting:
                with self._changed:
                    self._waits -= 1

    def _got_slot(self) -> None:
        with self._changed:
            self._waits -= 1
            self._slots_held += 1
        self.beat()

    @property
    def is_in_slow_call(self) -> bool:
        """Whether it is in a call that may take minutes."""
        return self._in_slow_calls > 0

    def silent_s(self) -> float:
        """Seconds since the last sign of life."""
        return time.monotonic() - self._beat_s

    @property
    def is_silent(self) -> bool:
        """Whether a call hangs. Not while a person pauses it, or while it waits its turn."""
        if self._paused or (self._waits and not self._slots_held):
            return False
        return self.silent_s() > (
            limits.FLUSH_PATIENCE_S if self._in_slow_calls else limits.CALL_PATIENCE_S
        )
