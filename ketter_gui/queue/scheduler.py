"""Start what can start, keep count, and pass on wishes.

Threads: `_lock` guards the table of runs and the lanes. The ticker wakes once a second:
it reads the wishes of other processes, writes progress rows, updates speeds, and lets
waiting transfers try again. Each run works in a thread of the pool, which has more of
them than there are lanes.

A call that hangs on a dead mount keeps its own lane and nothing else: the ticker tells
that it does not answer, and until it does the pool has a thread more. It can be let go of: the transfer is `interrupted` then, and its thread finds
every door shut. Lanes of drives that answer are given back; the one of a drive that does
not stays taken until the thread returns, since the next call there would hang as well.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Final

from PySide6.QtCore import QThreadPool

from ketter_gui.domain import limits
from ketter_gui.domain.errors import DriveSilent, KetterError, WaitingError
from ketter_gui.domain.status import TransferStatus
from ketter_gui.engine.slots import Slots
from ketter_gui.queue.books import Books
from ketter_gui.queue.lanes import Lanes
from ketter_gui.queue.runs import Run, drives_of
from ketter_gui.queue.waiting import is_held_up, who_has_what_they_want
from ketter_gui.queue.worker import Worker
from ketter_gui.system.volumes import space

_log = logging.getLogger(__name__)

_TICK_S = 1.0
_TRY_AGAIN_S = 15.0
"""How often a transfer that waits for a drive or for room looks again."""

_LOOK_FOR_DEAD_S = 10.0
"""How often processes that died are looked for: their transfers become `interrupted`."""

_THREADS = 64
"""More than any machine has lanes; an idle thread costs nothing."""

_LOOK_AGAIN_MS = 50
"""How often whoever closes looks whether the threads are done."""

LEFT_BEHIND: Final[list[QThreadPool]] = []
"""Pools with a thread that hangs: taking one apart would wait for it. Whoever ends the
process must not do so by the interpreter's own way if there is one, see `app`."""


class Scheduler:
    """The transfers of this process, oldest first. Close it before the ledger."""

    def __init__(
        self,
        books: Books,
        on_end: Callable[[Run], None],
        on_wait: Callable[[Run], None] | None = None,
    ) -> None:
        """`on_end` hears of every run that is over, `on_wait` each time that one waits for a
        volume or for room; both in the worker's thread."""
        self._books = books
        self._on_end = on_end
        self._on_wait = on_wait
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._runs: dict[int, Run] = {}
        self._let_go: list[Run] = []
        self._lanes = Lanes()
        self.slots = Slots()
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
        if run.is_silent:
            self.let_go(run)
            return True
        with self._lock:
            is_idle = not run.is_started and not self._is_held_up(run)
            if is_idle:
                run.is_started = True  # so that nobody else starts it
        if is_idle:
            self._start(run)
        return True

    def let_go(self, run: Run) -> None:
        """Wait no longer for a run whose thread hangs: it is interrupted now, and whatever
        its thread still wants to do when it returns is refused."""
        with self._lock:
            if run.is_over or not run.is_started:
                return
            run.is_over = True
            self._let_go.append(run)
        run.control.let_go()
        error = DriveSilent()
        try:
            if run.journal is not None:
                run.journal.close()
            if self._books.let_go(run, error):
                run.failure = error
            self._on_end(run)
        except KetterError as failure:  # the next start finds it interrupted
            _log.warning("transfer %d was let go, unrecorded: %s", run.transfer, failure)
        with self._changed:
            run.is_at_rest = True
            self._changed.notify_all()
        for device, paths in drives_of(run).items():
            ask = partial(self._ask, run, device, paths)
            threading.Thread(target=ask, name="ketter-lane", daemon=True).start()

    def _ask(self, run: Run, device: str, paths: Sequence[bytes]) -> None:
        """Give the lane of a drive back that does answer: it is another one that hangs."""
        for path in paths:
            with suppress(OSError):
                space(path)
        with self._lock:
            if device not in run.held:
                return
            self._lanes.give({device: run.held.pop(device)})
        self._dispatch()

    def run_of(self, transfer: int) -> Run | None:
        """The run of a transfer, if it is in this process."""
        with self._lock:
            return self._runs.get(transfer)

    def runs(self) -> tuple[Run, ...]:
        """All runs of this process, oldest first."""
        with self._lock:
            return tuple(self._runs.values())

    def waits_for(self) -> dict[int, int]:
        """Which transfer waits for the lanes of which other one; of itself, when it was
        resumed while its earlier thread still hangs."""
        with self._lock:
            return {transfer: min(holders) for transfer, holders in self._holders().items()}

    def unanswered(self) -> frozenset[int]:
        """Transfers with a drive that does not answer: their own call hangs, or one of the
        transfer that has their lane."""
        with self._lock:
            hanging = {run.transfer for run in self._runs.values() if run.is_silent}
            hanging |= {run.transfer for run in self._let_go}
            waiting = self._holders()
            return frozenset(hanging | {one for one in waiting if waiting[one] & hanging})

    def _holders(self) -> dict[int, set[int]]:
        """With the lock in hand."""
        return who_has_what_they_want(self._runs.values(), self._let_go, self._lanes)

    def _is_held_up(self, run: Run) -> bool:
        return is_held_up(run, self._let_go)

    def hangs(self, transfer: int) -> bool:
        """Whether whoever quits should not wait for it any longer."""
        run = self.run_of(transfer)
        return run is not None and run.is_started and not run.is_over and _is_stuck(run)

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
        until_s = time.monotonic() + wait_s
        self.stop()
        self._ticker.join(wait_s)
        for run in self.runs():
            if not run.is_over and not run.is_started:
                run.is_over = True
                self._interrupt(run)
        while not self._pool.waitForDone(_LOOK_AGAIN_MS):
            left = [run for run in self.runs() if run.is_started and not run.is_over]
            if time.monotonic() < until_s and not all(_is_stuck(run) for run in left):
                continue
            for run in left:
                self.let_go(run)
            if not self._pool.waitForDone(_LOOK_AGAIN_MS):
                LEFT_BEHIND.append(self._pool)
                return False
        return True

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
                if self._is_held_up(run):
                    continue
                if run.retry_at_s > now_s or not self._lanes.take(run.wanted):
                    continue
                run.is_started = True
                run.held = dict(run.wanted)
                run.is_at_rest = False
                run.retry_at_s = 0.0
                self._start(run)

    def _start(self, run: Run) -> None:
        run.control.beat()
        run.slots = self.slots
        self._pool.start(Worker(run, self._books, self._ended))

    def _ended(self, run: Run) -> None:
        """Called in the worker's thread when it has put the outcome into the ledger."""
        if run.is_silent:
            self._answers(run)
        waits = isinstance(run.failure, WaitingError) and not run.is_over
        with self._changed:
            was_let_go = run in self._let_go
            if was_let_go:
                self._let_go.remove(run)
            self._lanes.give(run.held)
            run.held = {}
            run.is_started = False
            if waits:
                run.is_resumed = True
                run.retry_at_s = time.monotonic() + _TRY_AGAIN_S
        try:
            if run.is_over and not was_let_go:
                self._on_end(run)
            elif waits and not was_let_go and self._on_wait is not None:
                self._on_wait(run)
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
                self._listen(run)
        if now_s >= self._look_for_dead_at_s:
            self._look_for_dead_at_s = now_s + _LOOK_FOR_DEAD_S
            self._books.ledger.bury_dead_owners()
        for transfer, wish in self._books.wishes():
            self._grant(transfer, wish)
        self._dispatch()

    def _listen(self, run: Run) -> None:
        """Tell whether a run answers; what was cancelled and does not is let go of."""
        is_silent = run.is_gone_silent()
        if is_silent and not run.is_silent:
            _log.warning("transfer %d does not answer: a call of it hangs", run.transfer)
            with self._lock:
                run.is_silent = True
            self._pool.setMaxThreadCount(self._pool.maxThreadCount() + 1)
        elif run.is_silent and not is_silent:
            self._answers(run)
        if run.is_silent and run.control.is_cancelled:
            self.let_go(run)

    def _answers(self, run: Run) -> None:
        """The call has come back."""
        with self._lock:
            if not run.is_silent:
                return
            run.is_silent = False
        _log.info("transfer %d answers again", run.transfer)
        self._pool.setMaxThreadCount(self._pool.maxThreadCount() - 1)

    def _grant(self, transfer: int, wish: str) -> None:
        granted = {"pause": self.pause, "resume": self.resume, "cancel": self.cancel}[wish]
        try:
            granted(transfer)
        except KetterError as error:  # the other wishes, and the lanes, must not wait for it
            _log.warning("a wish for transfer %d was not granted: %s", transfer, error)
        self._books.wish_granted(transfer, wish)


def _is_stuck(run: Run) -> bool:
    """Whether a run that was asked to stop gives no sign of life."""
    patience_s = limits.QUIT_PATIENCE_S
    if run.control.is_in_slow_call:
        patience_s = limits.QUIT_FLUSH_PATIENCE_S
    return run.is_silent or run.control.silent_s() > patience_s
