"""The one thread of this process that writes to the ledger.

Who owns what: `Writer` is called from any thread; its connection, `_waiting` and
everything below `_run` belong to the thread `ketter-ledger`. Jobs cross by a queue, and
are applied in the order in which they were submitted.

    submit    joins a batch, which is written after LEDGER_BATCH_S, or when it holds
              LEDGER_BATCH_ROWS, or when somebody waits at a barrier
    barrier   the batch is written now; returns when it is durable, or (`barrier_later`) at
              once, with a way to wait for that
    transact  what waits is written first, then the work in a transaction of its own

In a batch, rows of the same writing function that follow each other become one
`executemany`, and all audit entries are chained at its end: the batch is one
transaction, so their order among the other rows cannot be seen.

A batch that a full disk or a lock keeps out is kept and tried again, at each barrier and
every RETRY_S; nothing is dropped. A batch with a write that the ledger *refuses* (an
illegal change: a bug) is taken apart, so that only that one is refused, and the thread
that submitted it is told at its next barrier.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from peewee import SqliteDatabase

from ketter_gui.domain import limits
from ketter_gui.domain.errors import KetterError, LedgerError, LedgerUnusable, WaitingError
from ketter_gui.store.audit import record_audit
from ketter_gui.store.connection import naming
from ketter_gui.store.transaction import Transaction, begun

log = logging.getLogger(__name__)

R = TypeVar("R")
T = TypeVar("T")

RETRY_S: Final = 1.0
"""How often a batch that could not be written is tried again when nobody asks."""


@dataclass(frozen=True, slots=True)
class Write(Generic[R]):
    """Rows for a writing function: `Write(record_proven, [ProvenRow(…)])`.

    The function must not mind whether rows come in one call or in several.
    """

    apply: Callable[[Transaction, Sequence[R]], None]
    rows: Sequence[R]

    def in_transaction(self, tx: Transaction) -> None:
        """Write the rows."""
        self.apply(tx, self.rows)


Step = Write[Any] | Callable[[Transaction], object]
"""What can be submitted: rows for a writing function, or anything to do in a transaction."""


@dataclass(slots=True)
class _Submitted:
    """Steps that are durable together or not at all; `refusals` is the submitter's."""

    steps: tuple[Step, ...]
    refusals: list[Exception]

    @property
    def rows(self) -> int:
        return sum(len(one.rows) if isinstance(one, Write) else 1 for one in self.steps)


@dataclass(slots=True)
class _Barrier:
    done: Future[None] = field(default_factory=Future)


@dataclass(slots=True)
class _Work:
    work: Callable[[Transaction], Any]
    done: Future[Any] = field(default_factory=Future)


class _Stop:
    pass


_Job = _Submitted | _Barrier | _Work | _Stop


class Writer:
    """Everything that this process writes to one ledger."""

    def __init__(self, database: SqliteDatabase, path: Path, chain_id: str, owner: int) -> None:
        self._database = database
        self._path = path
        self._chain = chain_id
        self._owner = owner
        self._jobs: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        self._waiting: list[_Submitted] = []
        self._rows = 0
        self._next_try_s = 0.0
        self._submitters = threading.local()
        self._door = threading.Lock()  # guards _is_closed: nothing is queued after the end
        self._is_closed = False
        self._is_kept_out = False
        self._thread = threading.Thread(target=self._run, name="ketter-ledger", daemon=True)
        self._thread.start()

    # --- called from any thread ---

    def submit(self, *steps: Step) -> None:
        """Queue steps that become durable together; returns at once."""
        self._put(_Submitted(steps, self._refusals()))

    def barrier(self) -> None:
        """Return when everything that this thread submitted is durable.

        Raises LedgerError or WaitingError when it is not (it is kept and tried again),
        and IllegalChange when a write of this thread was refused (it is gone).
        """
        self.barrier_later()()

    def barrier_later(self) -> Callable[[], None]:
        """Have everything that this thread submitted made durable, and return at once: what
        is returned waits for it, in this thread, and raises as `barrier`."""
        barrier = _Barrier()
        self._put(barrier)

        def wait() -> None:
            try:
                barrier.done.result()
            finally:
                refusals = self._refusals()
                refused, refusals[:] = list(refusals), []
            if refused:
                raise refused[0]

        return wait

    def transact(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` in a transaction of its own; its result, or what it raised.

        Raises LedgerError or WaitingError when what was submitted before could not be
        written, or this could not; it is not tried again.
        """
        if threading.current_thread() is self._thread:
            raise RuntimeError("a transaction inside a transaction")
        job = _Work(work)
        self._put(job)
        result: T = job.done.result()
        return result

    def close(self) -> None:
        """Write what waits, once more, and end the thread.

        Raises LedgerError or WaitingError when something could not be written: it is
        lost with this process, and the next start finds the transfers interrupted.
        """
        last = _Barrier()
        with self._door:
            if self._is_closed:
                return
            self._is_closed = True
            self._jobs.put(last)
            self._jobs.put(_Stop())
        self._thread.join()
        self._database.close()
        last.done.result()

    def _refusals(self) -> list[Exception]:
        """This thread's refused writes; a thread's own list dies with it."""
        mine: list[Exception] | None = getattr(self._submitters, "refusals", None)
        if mine is None:
            mine = self._submitters.refusals = []
        return mine

    def _put(self, job: _Job) -> None:
        with self._door:
            if self._is_closed:
                raise LedgerUnusable(os.fsencode(self._path), reason="it was closed")
            self._jobs.put(job)

    # --- on the writer's thread ---

    def _run(self) -> None:
        while True:
            job = self._next_job()
            if isinstance(job, _Stop):
                return
            barriers: list[_Barrier] = []
            while job is not None and not isinstance(job, _Work | _Stop):
                self._take(job, barriers)
                job = self._job_at_hand()
            is_asked = bool(barriers) or job is not None
            error = self._flush() if is_asked or self._is_due() else None
            for barrier in barriers:
                _settle(barrier.done, error)
            if isinstance(job, _Work):
                self._work(job, error)
            elif isinstance(job, _Stop):
                return

    def _next_job(self) -> _Job | None:
        """The next job; None when a batch is due before one comes."""
        if not self._waiting:
            return self._jobs.get()
        try:
            return self._jobs.get(timeout=max(0.0, self._next_try_s - time.monotonic()))
        except queue.Empty:
            return None

    def _job_at_hand(self) -> _Job | None:
        if self._is_full():
            return None
        try:
            return self._jobs.get_nowait()
        except queue.Empty:
            return None

    def _take(self, job: _Submitted | _Barrier, barriers: list[_Barrier]) -> None:
        if isinstance(job, _Barrier):
            barriers.append(job)
            return
        if not self._waiting:
            self._next_try_s = time.monotonic() + limits.LEDGER_BATCH_S
        self._waiting.append(job)
        self._rows += job.rows

    def _is_full(self) -> bool:
        """A batch that is kept out may grow past the limit: nothing is dropped."""
        return self._rows >= limits.LEDGER_BATCH_ROWS and not self._is_kept_out

    def _is_due(self) -> bool:
        return bool(self._waiting) and (self._is_full() or time.monotonic() >= self._next_try_s)

    def _flush(self) -> KetterError | None:
        """Write what waits. Returns what kept it out; then it still waits."""
        if not self._waiting:
            return None
        try:
            self._write(self._waiting)
        except (LedgerError, WaitingError) as error:
            return self._keep(error)
        except Exception:
            return self._take_apart()
        self._clear(len(self._waiting))
        return None

    def _take_apart(self) -> KetterError | None:
        """Write what waits one by one, so that only what is refused is refused."""
        for done, submitted in enumerate(list(self._waiting)):
            try:
                self._write([submitted])
            except (LedgerError, WaitingError) as error:
                self._clear(done)
                return self._keep(error)
            except Exception as error:
                log.exception("the ledger refused a write")
                submitted.refusals.append(error)
        self._clear(len(self._waiting))
        return None

    def _keep(self, error: KetterError) -> KetterError:
        log.warning("the ledger could not be written", extra={"error": error.kind})
        self._is_kept_out = True
        self._next_try_s = time.monotonic() + RETRY_S
        return error

    def _clear(self, count: int) -> None:
        self._is_kept_out = False
        del self._waiting[:count]
        self._rows = sum(one.rows for one in self._waiting)

    def _write(self, batch: Sequence[_Submitted]) -> None:
        with naming(self._path), begun(self._database, self._chain, self._owner) as tx:
            for step in _merged(batch):
                step(tx)

    def _work(self, job: _Work, error: KetterError | None) -> None:
        if error is not None:
            _settle(job.done, error)
            return
        try:
            with naming(self._path), begun(self._database, self._chain, self._owner) as tx:
                result = job.work(tx)
        except BaseException as failure:
            job.done.set_exception(failure)
        else:
            job.done.set_result(result)


def _settle(done: Future[Any], error: KetterError | None) -> None:
    if error is None:
        done.set_result(None)
    else:
        done.set_exception(error)


def _merged(batch: Sequence[_Submitted]) -> Iterator[Callable[[Transaction], object]]:
    """The batch's steps: neighbours of one function as one, audit entries last."""
    entries: list[Any] = []
    run: Write[Any] | None = None
    rows: list[Any] = []
    for step in (step for submitted in batch for step in submitted.steps):
        if not isinstance(step, Write):
            if run is not None:
                yield run.in_transaction
            run = None
            yield step
        elif step.apply is record_audit:
            entries.extend(step.rows)
        elif run is not None and run.apply is step.apply:
            rows.extend(step.rows)
        else:
            if run is not None:
                yield run.in_transaction
            rows = list(step.rows)
            run = Write(step.apply, rows)
    if run is not None:
        yield run.in_transaction
    if entries:
        yield Write(record_audit, entries).in_transaction
