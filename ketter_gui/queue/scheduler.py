"""Start what can start, keep count, and pass on wishes.

Threads: `_lock` guards the table of runs and the lanes. The ticker wakes once a second:
it reads the wishes of other processes, writes progress rows, updates speeds, and lets
waiting transfers try again. Each run works in a thread of the pool; the pool has more
threads than there are lanes, so that a call that hangs on a dead mount keeps its own
lane and nothing else.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from PySide6.QtCore import QThreadPool

from ketter_gui.domain.errors import KetterError, WaitingError
from ketter_gui.domain.status import TransferStatus
from ketter_gui.queue.books import Books
from ketter_gui.queue.lanes import Lanes
from ketter_gui.queue.runs import Run
from ketter_gui.queue.worker import Worker

_log = logging.getLogger(__name__)

_TICK_S = 1.0
_TRY_AGAIN_S = 15.0
"""How often a transfer that waits for a drive or for room looks again."""

_LOOK_FOR_DEAD_S = 10.0
"""How often processes that died are looked for: their transfers become `interrupted`."""

_THREADS = 64
"""More than any machine has lanes; an idle thread costs nothing."""


class Scheduler:
    """The transfers of this process, oldest first. Close it before the ledger."""

    def __init__(self, books: Books, on_end: Callable[[Run], None]) -> None:
        self._books = books
        self._on_end = on_end
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._runs: dict[int, Run] = {}
        self._lanes = Lanes()
        self._stopping = threading.Event()
        self._look_for_dead_at_s = time.monotonic() + _LOOK_FOR_DEAD_S
        self._pool = QThreadPool()
        self._pool.setMaxThreadCount(_THREADS)
        self._ticker = threading.Thread(target=self._tick_on, name="ketter-ticker", daemon=True)
        self._ticker.start()

    # --- asking ----------------------------------------------------------------------------

    def submit(self, run: Run) -> None:
        """Queue a transfer that the ledger has as `pending` and ours."""
        with self._lock:
            self._runs[run.transfer] = run
        self._dispatch()

    def pause(self, transfer: int) -> bool:
        """Hold a transfer at its next chunk. False: it is not here, or over."""
        run = self.run_of(transfer)
        if run is None or run.is_over or run.control.is_paused:
            return False
        run.control.pause()
        self._books.paused(run)
        return True

    def resume(self, transfer: int) -> bool:
        """Go on after a pause, or try at once what waits for a volume or for room. False:
        it is not here, or there is nothing to go on with."""
        run = self.run_of(transfer)
        if run is None or run.is_over:
            return False
        if run.is_at_rest and not run.control.is_paused:
            run.retry_at_s = 0.0
            self._dispatch()
            return True
        if not run.control.is_paused:
            return False
        with self._lock:  # nobody starts what is paused: nobody else changes its stage now
            if run.is_at_rest:
                run.stage = TransferStatus.PENDING
                run.is_at_rest = False
            run.retry_at_s = 0.0
        run.control.resume()
        self._books.resumed(run)
        self._dispatch()
        return True

    def cancel(self, transfer: int) -> bool:
        """End a transfer at its next chunk, going back to the last proof."""
        run = self.run_of(transfer)
        if run is None or run.is_over:
            return False
        run.control.cancel()
        with self._lock:
            is_idle = not run.is_started
            if is_idle:
                run.is_started = True  # so that nobody else starts it
        if is_idle:
            self._pool.start(Worker(run, self._books, self._ended))
        return True

    def run_of(self, transfer: int) -> Run | None:
        """The run of a transfer, if it is in this process."""
        with self._lock:
            return self._runs.get(transfer)

    def runs(self) -> tuple[Run, ...]:
        """All runs of this process, oldest first."""
        with self._lock:
            return tuple(self._runs.values())

    def waits_for(self) -> dict[int, int]:
        """Which transfer waits for the lanes of which other one."""
        with self._lock:
            holders: dict[str, int] = {}
            for run in self._runs.values():
                if run.is_started and not run.is_over:
                    for device in run.wanted:
                        holders.setdefault(device, run.transfer)
            found: dict[int, int] = {}
            for run in self._runs.values():
                if run.is_started or run.is_over:
                    continue
                busy = [holders[one] for one in self._lanes.busy(run.wanted) if one in holders]
                if busy:
                    found[run.transfer] = min(busy)
            return found

    def wait(self, transfer: int, timeout_s: float) -> bool:
        """Return when a transfer is at rest: over, or waiting for something."""
        with self._changed:
            return self._changed.wait_for(lambda: self._is_at_rest(transfer), timeout_s)

    def _is_at_rest(self, transfer: int) -> bool:
        run = self._runs.get(transfer)
        return run is None or run.is_at_rest

    # --- the end ---------------------------------------------------------------------------

    def stop(self) -> None:
        """Ask everything to stop at its next chunk, resumable."""
        self._stopping.set()
        for run in self.runs():
            run.control.stop()

    def close(self, wait_s: float) -> bool:
        """Stop, and wait for the threads. False: one of them hangs, and is left behind."""
        self.stop()
        self._ticker.join(wait_s)
        for run in self.runs():
            if not run.is_over and not run.is_started:
                run.is_over = True
                self._interrupt(run)
        return self._pool.waitForDone(int(wait_s * 1000))

    def _interrupt(self, run: Run) -> None:
        """If it cannot be written down, the next start finds its process gone."""
        try:
            self._books.interrupted(run.transfer)
        except KetterError as error:
            _log.warning("transfer %d was not marked interrupted: %s", run.transfer, error)

    # --- inside ----------------------------------------------------------------------------

    def _dispatch(self) -> None:
        if self._stopping.is_set():
            return
        now_s = time.monotonic()
        with self._lock:
            for run in self._runs.values():
                if run.is_started or run.is_over or run.control.is_paused:
                    continue
                if run.retry_at_s > now_s or not self._lanes.take(run.wanted):
                    continue
                run.is_started = True
                run.holds_lanes = True
                run.is_at_rest = False
                run.retry_at_s = 0.0
                self._pool.start(Worker(run, self._books, self._ended))

    def _ended(self, run: Run) -> None:
        """Called in the worker's thread when it has put the outcome into the ledger."""
        waits = isinstance(run.failure, WaitingError) and not run.is_over
        with self._changed:
            if run.holds_lanes:
                self._lanes.give(run.wanted)
                run.holds_lanes = False
            run.is_started = False
            if waits:
                run.is_resumed = True
                run.retry_at_s = time.monotonic() + _TRY_AGAIN_S
        try:
            if run.is_over:
                self._on_end(run)
        finally:
            with self._changed:
                run.is_at_rest = True
                self._changed.notify_all()
            self._dispatch()

    def _tick_on(self) -> None:
        while not self._stopping.wait(_TICK_S):
            try:
                self._tick()
            except KetterError as error:
                _log.warning("the ticker could not reach the ledger: %s", error)
            except Exception:  # without it nothing would ever be tried again
                _log.exception("the ticker stumbled")

    def _tick(self) -> None:
        now_s = time.monotonic()
        for run in self.runs():
            if run.is_started and not run.is_over:
                run.tick(now_s)
                self._books.progress(run)
        if now_s >= self._look_for_dead_at_s:
            self._look_for_dead_at_s = now_s + _LOOK_FOR_DEAD_S
            self._books.ledger.bury_dead_owners()
        for transfer, wish in self._books.wishes():
            self._grant(transfer, wish)
        self._dispatch()

    def _grant(self, transfer: int, wish: str) -> None:
        granted = {"pause": self.pause, "resume": self.resume, "cancel": self.cancel}[wish]
        try:
            granted(transfer)
        except KetterError as error:  # the other wishes, and the lanes, must not wait for it
            _log.warning("a wish for transfer %d was not granted: %s", transfer, error)
        self._books.wish_granted(transfer, wish)
