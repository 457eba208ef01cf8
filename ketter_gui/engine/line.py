"""Two batches at once: while the next one is made, the one before is proven.

The line's thread owns the bench and the buffers that it works with, and closes them
itself: should a call of it never return from a dead mount, nobody takes a descriptor
away that it may still use when it does.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Final

from ketter_gui.domain import limits
from ketter_gui.engine.batches import Batch
from ketter_gui.engine.control import Stopped
from ketter_gui.engine.hands import Hands
from ketter_gui.engine.plan import Bench, Job

_Prove = Callable[[Bench, Batch, Hands], None]

_LOOK_S: Final = 0.5
"""How often whoever waits for the other thread looks whether it still should."""

_NO_HEADS: Final = frozenset({"ssd", "raid", "network", "memory"})

_LEAVE_S: Final = 3.0
"""How long a stop waits for the other thread: one that hangs is left behind."""


def _may_overlap(bench: Bench) -> bool:
    """Whether a drive may write one big file while it reads the one before back: heads
    that fly between the two cost more than is won. Small files are written into memory
    first, so that they may always."""
    return all(one.place.kind in _NO_HEADS for one in bench.plan.destinations)


class Line:
    """The thread that proves; a context manager for the thread that makes."""

    def __init__(self, bench: Bench, prove: _Prove) -> None:
        self._bench = bench
        self._beside = bench.beside()
        self._prove = prove
        self._changed = threading.Condition()
        self._todo: deque[Batch] = deque()
        self._given_up: list[Batch] = []
        self._failure: BaseException | None = None
        self._is_proving = False
        self._no_more = False
        self._may_overlap = _may_overlap(bench)
        self._is_over = False
        self._thread = threading.Thread(target=self._work, name="ketter-prover", daemon=True)

    def take(self, batch: Batch) -> None:
        """Hand over a batch that is made; waits while enough are on their way. Raises what
        kept an earlier one from its end: then this one was not taken."""
        with self._changed:
            self._wait_while(lambda: len(self._todo) > limits.BATCHES_WAITING)
            self._todo.append(batch)
            self._changed.notify_all()

    def keep_apart(self, batch: Batch) -> None:
        """After a batch was taken: wait for its end, if its drives do one thing at a time.
        Raises what kept it from that."""
        if batch.is_big and not self._may_overlap:
            with self._changed:
                self._wait_while(lambda: bool(self._todo) or self._is_proving)

    def finish(self) -> None:
        """Return when everything is at its end. Raises what kept it from that."""
        with self._changed:
            self._no_more = True
            self._changed.notify_all()
            self._wait_while(lambda: not self._is_over)

    def given_up(self) -> list[Job]:
        """After a failure: wait until the other thread has come to an end, and tell what it
        has not brought to one."""
        self._end(None)
        return [job for batch in self._given_up for job in batch.jobs]

    def __enter__(self) -> Line:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end(_LEAVE_S if isinstance(error, Stopped) else None)
        failure = self._failure
        if failure is not None and failure is not error:
            # It goes no further; the frames that it came through lead back here, and hold
            # open folders, so that its drive could not be unmounted.
            failure.__traceback__ = failure.__cause__ = failure.__context__ = None

    def _end(self, timeout_s: float | None) -> None:
        with self._changed:
            self._no_more = True
            self._changed.notify_all()
        self._thread.join(timeout_s)

    def _wait_while(self, is_so: Callable[[], bool]) -> None:
        while is_so() and self._failure is None:
            self._changed.wait(_LOOK_S)
            self._bench.control.check()
        if self._failure is not None:
            raise self._failure

    # --- the thread itself ---

    def _work(self) -> None:
        try:
            with Hands() as hands:
                while (batch := self._next()) is not None:
                    self._one(batch, hands)
            if self._failure is None:
                self._beside.journal.commit()
            else:  # what it has told until then has happened
                self._beside.journal.pass_on()
        except BaseException as error:
            self._failure = self._failure or error
        finally:
            self._beside.close()
            with self._changed:
                self._is_over = True
                self._changed.notify_all()

    def _next(self) -> Batch | None:
        with self._changed:
            self._is_proving = False
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._todo or self._no_more)
            if not self._todo:
                return None
            self._is_proving = True
            return self._todo.popleft()

    def _one(self, batch: Batch, hands: Hands) -> None:
        """After a failure, what was handed over is given up."""
        if self._failure is None:
            try:
                return self._prove(self._beside, batch, hands)
            except BaseException as error:
                self._failure = error
        self._given_up.append(batch)
        return None
