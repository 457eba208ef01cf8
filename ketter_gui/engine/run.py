"""A transfer's work, batch by batch: the order of P2 and P4 is the order of this file."""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from types import TracebackType

from ketter_gui.disk.readback import aligned_buffer
from ketter_gui.disk.reading import ask_for_name
from ketter_gui.domain import limits
from ketter_gui.domain.errors import Cancelled, CopyFailedError, WaitingError
from ketter_gui.domain.items import ItemKind
from ketter_gui.domain.names import part_name
from ketter_gui.domain.options import Mode
from ketter_gui.domain.status import PROOF, UNFINISHED, CopyStatus
from ketter_gui.engine.commit import (
    end_failed,
    flush_parts,
    name_proven,
    prove,
    removed_part,
)
from ketter_gui.engine.copy import copy_big_file, copy_file
from ketter_gui.engine.existing import settle_existing
from ketter_gui.engine.journal import CopiesStarted, CopyReset
from ketter_gui.engine.make import make_folder, make_symlink
from ketter_gui.engine.plan import Attempt, Bench, Job, Work
from ketter_gui.engine.pump import Ring
from ketter_gui.engine.recover import pick_up
from ketter_gui.engine.remove import remove_sources
from ketter_gui.engine.verify import verify_parts


class Hands:
    """The buffers of one running transfer: one for small files, a ring for big ones."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._map: mmap.mmap = aligned_buffer(limits.SMALL_FILE_BYTES)
        self.buffer = memoryview(self._map)
        self._ring: Ring | None = None

    @property
    def ring(self) -> Ring:
        """The ring; made when it is first needed."""
        if self._ring is None:
            self._ring = self._stack.enter_context(Ring())
        return self._ring

    def __enter__(self) -> Hands:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()
        # An error that is on its way still holds pieces of the buffer in its frames; then
        # the memory goes when the error does.
        with suppress(BufferError):
            self.buffer.release()
            self._map.close()


def carry_out(bench: Bench, works: Iterable[Work], *, is_resumed: bool) -> None:
    """Bring every unfinished copy to an end, and in a move remove what is proven.

    Failures of an item or a copy are recorded and the others go on. Raises WaitingError
    when a volume is full or gone, Cancelled, Stopped, and LedgerError.
    """
    with Hands() as hands:
        for batch in _batches(works):
            bench.check_destinations()
            bench.check_sources({work.item.source for work in batch})
            jobs = [_job(bench, work) for work in batch]
            try:
                _one_batch(bench, jobs, batch, hands, is_resumed=is_resumed)
            except WaitingError as error:
                _go_back(bench, jobs, error)
                raise


def finish_proven(bench: Bench, works: Iterable[Work]) -> None:
    """Give what was proven its name, and begin nothing: the last thing that is done for a
    transfer that was cancelled. Proven copies stay (P5)."""
    for batch in _batches(works):
        jobs = [_job(bench, work) for work in batch]
        _pick_up(bench, jobs, batch)
        name_proven(bench, jobs)
        end_failed(bench, jobs)
    bench.journal.commit()


def _batches(works: Iterable[Work]) -> Iterator[list[Work]]:
    """Small files together, up to a number and a size; a big file alone."""
    batch: list[Work] = []
    size_bytes = 0
    for work in works:
        if _is_big(work):
            if batch:
                yield batch
                batch, size_bytes = [], 0
            yield [work]
            continue
        batch.append(work)
        size_bytes += work.item.state.size_bytes
        if len(batch) >= limits.BATCH_FILES or size_bytes >= limits.BATCH_BYTES:
            yield batch
            batch, size_bytes = [], 0
    if batch:
        yield batch


def _is_big(work: Work) -> bool:
    return work.item.kind is ItemKind.FILE and work.item.state.size_bytes > limits.SMALL_FILE_BYTES


def _job(bench: Bench, work: Work) -> Job:
    finished = tuple(copy for copy in work.copies if copy.status in PROOF)
    attempts = [
        Attempt(
            copy.destination,
            work.item.name,
            part_name(work.item.name, bench.plan.token),
            is_started=copy.status is CopyStatus.COPYING,  # its part could not be removed
        )
        for copy in work.copies
        if copy.status in UNFINISHED
    ]
    return Job(work.item, work.item.state, attempts, finished, work.checksums)


def _one_batch(
    bench: Bench, jobs: Sequence[Job], works: Sequence[Work], hands: Hands, *, is_resumed: bool
) -> None:
    bench.forget_folders()
    bench.flushed.clear()
    if is_resumed:
        _pick_up(bench, jobs, works)
    big = len(jobs) == 1 and _is_big(works[0])
    ring = hands.ring if big else None
    for job in jobs:
        if job.item.kind is not ItemKind.FOLDER and job.living:
            bench.control.checkpoint()
            settle_existing(bench, job, hands.buffer, ring)
    _start(bench, jobs)
    flush_each = len(jobs) < limits.SYNCFS_FILES
    for number, job in enumerate(jobs):
        if number % limits.READ_AHEAD_FILES == 0 and ring is None:
            _ask_ahead(bench, jobs[number : number + limits.READ_AHEAD_FILES])
        _make(bench, job, hands, ring, flush_each=flush_each)
    if not (flush_each or big):
        flush_parts(bench, jobs)
    verify_parts(bench, jobs, hands.buffer, ring)
    prove(bench, jobs)
    bench.forget_folders()
    name_proven(bench, jobs)
    end_failed(bench, jobs)
    if bench.plan.mode is Mode.MOVE:
        remove_sources(bench, jobs, hands.buffer)


def _ask_ahead(bench: Bench, jobs: Sequence[Job]) -> None:
    """Have the source's drive start on the next files. Only a hint: what fails here will
    fail, and be named, when it is copied."""
    for job in jobs:
        if job.item.kind is not ItemKind.FILE or not job.living:
            continue
        tree, inside = bench.source_split(job.item)
        try:
            ask_for_name(*tree.split(inside))
        except (OSError, CopyFailedError):
            continue


def _pick_up(bench: Bench, jobs: Sequence[Job], works: Sequence[Work]) -> None:
    for job, work in zip(jobs, works, strict=True):
        earlier = {copy.destination: copy for copy in work.copies}
        for attempt in job.attempts:
            pick_up(bench, job, attempt, earlier[attempt.destination])


def _start(bench: Bench, jobs: Sequence[Job]) -> None:
    """The ledger knows of every part before it exists."""
    copies = []
    for job in jobs:
        for attempt in job.living:
            if not attempt.is_started:
                copies.append((job.item.id, attempt.destination))
            attempt.is_started = True
    if copies:
        bench.journal.record(CopiesStarted(tuple(copies)))
        bench.journal.commit()


def _make(bench: Bench, job: Job, hands: Hands, ring: Ring | None, *, flush_each: bool) -> None:
    if not job.living:
        return
    bench.control.checkpoint()
    if job.item.kind is ItemKind.FOLDER:
        make_folder(bench, job)
    elif job.item.kind is ItemKind.SYMLINK:
        make_symlink(bench, job)
    elif ring is not None:
        copy_big_file(bench, job, ring)
    else:
        copy_file(bench, job, hands.buffer, flush_each=flush_each)


def _go_back(bench: Bench, jobs: Sequence[Job], reason: WaitingError) -> None:
    """Back to the last proof: unproven parts go; their copies are cancelled, or pending
    again when the transfer only has to wait."""
    if isinstance(reason, Cancelled):
        for job in jobs:
            for attempt in job.living:
                attempt.error = reason
        end_failed(bench, jobs, CopyStatus.CANCELLED)
        bench.journal.commit()
        return
    for job in jobs:
        for attempt in job.living:
            is_gone = removed_part(bench, job.item, attempt.destination, attempt.part)
            if attempt.is_started and is_gone:
                bench.journal.record(CopyReset(job.item.id, attempt.destination))
    end_failed(bench, jobs)
    bench.journal.commit()
