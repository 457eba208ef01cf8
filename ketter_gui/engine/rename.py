"""A move within one volume: names change, bytes do not (design, §4 "Same volume").

By batch, each step before the next:

    read once (SOURCE) → the new names, and how each file is known under them, durable in
    the ledger → renamed, taking nobody's name → both folders flushed → `renamed`

There is no second copy and nothing is read back, so that nothing here is called verified.
What cannot be renamed – another mount of the same volume, another subvolume, a folder that
we may not change – stays pending: `run` copies it, proves it and removes its original.
`renamed` looks after what a crash left between two steps.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum, auto

from ketter_gui.disk.flushing import flush
from ketter_gui.disk.folder import Folder, identity_of, look
from ketter_gui.disk.naming import Placed, may_move, move_it, move_over
from ketter_gui.disk.reading import open_file
from ketter_gui.domain import limits
from ketter_gui.domain.errors import (
    CopyFailedError,
    SourceChanged,
    SourceVanished,
    WaitingError,
)
from ketter_gui.domain.items import FileState, ItemKind, Loss
from ketter_gui.domain.moves import renamed_sources
from ketter_gui.domain.status import CopyStatus
from ketter_gui.engine import named
from ketter_gui.engine.copy import READS_AT_MOST
from ketter_gui.engine.existing import settle_existing
from ketter_gui.engine.hands import Hands
from ketter_gui.engine.journal import RenamePlanned
from ketter_gui.engine.losses import tell
from ketter_gui.engine.moving import (
    DESTINATION,
    Moving,
    end_failed_moves,
    final_path,
    not_confirmed,
    record_renamed,
)
from ketter_gui.engine.plan import Bench, Job, Plan, Work
from ketter_gui.engine.read_once import is_big, read_once
from ketter_gui.engine.remove import remove_sources
from ketter_gui.engine.renamed import find_planned, is_planned


class _Outcome(Enum):
    RENAMED = auto()
    CHANGED = auto()
    NOT_POSSIBLE = auto()
    FAILED = auto()


def rename_within(bench: Bench, works: Iterable[Work]) -> bool:
    """Rename every file and symlink of these that can be; the others stay pending. False
    for a transfer that has nothing to rename at all.

    Raises WaitingError when the volume is gone, Cancelled, Stopped, and LedgerError.
    """
    sources = renamed_in(bench.plan)
    if not sources:
        return False
    with Hands() as hands:
        for batch in _batches(work for work in works if _is_wanted(work, sources)):
            bench.check_destinations()
            bench.check_sources({work.item.source for work in batch})
            _one_batch(bench, batch, hands)
    return True


def renamed_in(plan: Plan) -> frozenset[int]:
    """The sources of a plan, by index, whose files are to be renamed."""
    return renamed_sources(plan.mode, plan.sources, plan.destinations, plan.options.pack)


def _is_wanted(work: Work, sources: frozenset[int]) -> bool:
    if work.item.kind is ItemKind.FOLDER or work.item.source not in sources:
        return False
    return work.copies[0].status is CopyStatus.PENDING or is_planned(work.copies[0])


def _batches(works: Iterable[Work]) -> Iterator[list[Work]]:
    """As many files as are read in seconds: what was read before a crash is read again."""
    batch: list[Work] = []
    size_bytes = 0
    for work in works:
        batch.append(work)
        size_bytes += work.item.state.size_bytes
        if len(batch) >= limits.BATCH_FILES or size_bytes >= limits.BATCH_BYTES:
            yield batch
            batch, size_bytes = [], 0
    if batch:
        yield batch


def _one_batch(bench: Bench, works: Sequence[Work], hands: Hands) -> None:
    moving = Moving(bench)
    moving.walk_anew()
    bench.flushed.clear()
    jobs = find_planned(moving, works, hands.buffer)
    todo = [job for job in jobs if job.living and _is_possible(bench, job)]
    for job in todo:
        bench.control.checkpoint()
        settle_existing(bench, job, hands.buffer, hands.ring if is_big(job) else None)
    todo = [job for job in todo if job.living]
    for _ in range(READS_AT_MOST):
        read_once(moving, todo, hands)
        todo = _rename(moving, [job for job in todo if job.living])
    for job in todo:
        job.fail(SourceChanged(bench.source_words(job.item)))
    end_failed_moves(moving, jobs)
    was_there = [job for job in jobs if job.attempts[0].status is CopyStatus.SKIPPED]
    remove_sources(bench, was_there, hands.buffer)


def _is_possible(bench: Bench, job: Job) -> bool:
    """Found out before anything is read: else files would be read twice for nothing."""
    tree, inside = bench.source_split(job.item)
    try:
        source, _ = tree.split(inside)
        target, _ = bench.destinations[DESTINATION].make(job.item.parent)
        return may_move(source, target)
    except (OSError, CopyFailedError):
        return False  # copying finds the same, and names it


def _rename(moving: Moving, jobs: Sequence[Job]) -> list[Job]:
    """Rename these; returns those that changed since they were read, to be read again."""
    changed = [job for job in jobs if not job.is_read]
    ready = [job for job in jobs if job.is_read and job.living]
    if not ready:
        return changed
    _plan(moving.bench, ready)
    moving.walk_anew()
    arrived: list[Job] = []
    for job in ready:
        outcome = _move(moving, job)
        if outcome is _Outcome.RENAMED:
            arrived.append(job)
        elif outcome is not _Outcome.FAILED:
            job.is_read = False
            moving.begin_again(job)
            if outcome is _Outcome.CHANGED:
                changed.append(job)
    record_renamed(moving, arrived)
    return changed


def _plan(bench: Bench, jobs: Sequence[Job]) -> None:
    """The ledger knows every new name, and how to tell each file, before the first goes."""
    for job in jobs:
        (attempt,) = job.attempts
        attempt.identity = identity_of(job.state)
        attempt.is_started = True
        bench.journal.record(
            RenamePlanned(job.item.id, DESTINATION, final_path(job), attempt.identity)
        )
    bench.journal.commit()


def _move(moving: Moving, job: Job) -> _Outcome:
    bench = moving.bench
    tree, inside = bench.source_split(job.item)
    try:
        source, name = tree.split(inside)
        target = bench.destinations[DESTINATION].folder(job.item.parent)
        here = look(source, name)
        if here is None:
            raise SourceVanished(bench.source_words(job.item))
        if not moving.is_as_read(job, here):
            return _Outcome.CHANGED
        _place(bench, job, source, name, target)
    except OSError as error:
        failure = named.writing(error, bench.words_for(DESTINATION, job.item.path))
        if isinstance(failure, WaitingError):
            raise failure from error
        return _Outcome.NOT_POSSIBLE
    except CopyFailedError as error:
        job.fail(error)
        return _Outcome.FAILED
    return _arrived(moving, job, source, name, target)


def _place(bench: Bench, job: Job, source: Folder, name: bytes, target: Folder) -> None:
    (attempt,) = job.attempts
    if attempt.replaces:  # what is there goes: the bytes that come must be on the drive
        _flush_file(source, name)
        move_over(source, name, target, attempt.final)
    elif move_it(source, name, target, attempt.final) is Placed.CHECKED:
        tell(bench, job.item.id, DESTINATION, Loss.ATOMIC_NAME)


def _flush_file(folder: Folder, name: bytes) -> None:
    fd = open_file(folder, name)
    try:
        flush(fd)
    finally:
        os.close(fd)


def _arrived(moving: Moving, job: Job, source: Folder, name: bytes, target: Folder) -> _Outcome:
    """Look at what was renamed: the checksum must be of these bytes and no others. What was
    written in the blink between looking and renaming goes back, to be read again."""
    (attempt,) = job.attempts
    try:
        there: FileState | None = look(target, attempt.final)
        if there is not None and there.is_renamed_from(job.state):
            moving.remember(job, there)
            return _Outcome.RENAMED
        move_it(target, attempt.final, source, name)
    except OSError as error:
        job.fail(not_confirmed(moving.bench, job, error))
        return _Outcome.FAILED
    return _Outcome.CHANGED
