"""What to do when the destination already has something of an item's name.

Identical means that both sides were read, from where they are kept, and are equal; a
name, a size and a date prove nothing. What an earlier transfer read and proved, and is
unchanged since, counts as read in a copy (see `recall`), never in a move.
"""

from __future__ import annotations

import errno
import os
import time
from functools import partial

from ketter_gui.disk.flushing import flush_volume
from ketter_gui.disk.folder import Folder, identity_of, look
from ketter_gui.disk.reading import link_target
from ketter_gui.domain.errors import (
    CopyFailedError,
    CopyIsOriginal,
    NameExists,
    NameTaken,
    SourceChanged,
    SourceIsNewer,
)
from ketter_gui.domain.items import FileState, ItemKind, ReadBack
from ketter_gui.domain.names import numbered_name
from ketter_gui.domain.options import OnConflict
from ketter_gui.domain.status import CopyStatus
from ketter_gui.engine import named
from ketter_gui.engine.expectation import also_wanted, compare
from ketter_gui.engine.journal import Checksums, CopySkipped, LinkRead, SourceRead
from ketter_gui.engine.known import KnownCopy
from ketter_gui.engine.plan import Attempt, Bench, Job
from ketter_gui.engine.pump import Ring
from ketter_gui.engine.read_back import KeptFile
from ketter_gui.engine.recall import recalled_copy, recalled_source

_NUMBERS_AT_MOST = 10_000


def settle_existing(bench: Bench, job: Job, buffer: memoryview, ring: Ring | None) -> None:
    """Look at every destination of a file or symlink before it is copied there.

    Afterwards each attempt is either free to go on (perhaps under another name, or with
    leave to replace), skipped as identical, or failed.
    """
    for attempt in job.living:
        try:
            _settle_one(bench, job, attempt, buffer, ring)
        except FileNotFoundError:
            continue  # its folder is not there yet, so neither is its name
        except OSError as error:
            failure = named.writing(error, bench.words_for(attempt.destination, job.item.path))
            if not isinstance(failure, CopyFailedError):
                raise failure from error
            attempt.error = failure
        except CopyFailedError as error:
            attempt.error = error


def _settle_one(
    bench: Bench, job: Job, attempt: Attempt, buffer: memoryview, ring: Ring | None
) -> None:
    folder = bench.destinations[attempt.destination].folder(job.item.parent)
    there = look(folder, attempt.final)
    if there is None:
        return
    words = bench.words_for(attempt.destination, job.item.path)
    policy = bench.plan.options.on_conflict
    if policy is OnConflict.FAIL:
        attempt.error = NameExists(words)
        return
    here = _source_now(bench, job)
    if here is None:
        return
    if (here.device, here.inode) == (there.device, there.inode):
        # By a hard link, or a folder that is mounted twice: equal, and yet no copy.
        attempt.error = CopyIsOriginal(words)
    elif _is_identical(bench, job, attempt, folder, here, there, buffer, ring):
        return
    elif policy is OnConflict.RENAME:
        attempt.final = _free_name(folder, job.item.name)
    elif policy is OnConflict.OVERWRITE and there.kind is not ItemKind.FOLDER:
        attempt.replaces = True
    else:
        attempt.error = NameTaken(words)


def _source_now(bench: Bench, job: Job) -> FileState | None:
    """What would be copied, as it is now; None when it vanished: the copy will say so."""
    tree, inside = bench.source_split(job.item)
    try:
        return look(*tree.split(inside))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise named.reading(error, bench.source_words(job.item)) from error


def _free_name(folder: Folder, name: bytes) -> bytes:
    for number in range(2, _NUMBERS_AT_MOST):
        candidate = numbered_name(name, number)
        if look(folder, candidate) is None:
            return candidate
    raise NameTaken(name)


def _is_identical(
    bench: Bench,
    job: Job,
    attempt: Attempt,
    folder: Folder,
    here: FileState,
    there: FileState,
    buffer: memoryview,
    ring: Ring | None,
) -> bool:
    if there.kind is not job.item.kind:
        return False
    if job.item.kind is ItemKind.SYMLINK:
        return _same_link(bench, job, attempt, folder)
    if there.size_bytes != (job.state if job.is_read else here).size_bytes:
        return False
    source = recalled_source(bench, job, here)
    if source is None:
        source = source_checksums(bench, job, buffer, ring)
    if any(copy.checksums != source for copy in job.finished):
        raise SourceIsNewer(bench.source_words(job.item))
    proof = recalled_copy(bench, attempt.destination, _final_path(job, attempt), there)
    if proof is not None and proof.checksums == source:
        _skip_proven(bench, job, attempt, there, proof)
        return True
    return _is_equal(bench, job, attempt, folder, buffer, ring)


def _is_equal(
    bench: Bench,
    job: Job,
    attempt: Attempt,
    folder: Folder,
    buffer: memoryview,
    ring: Ring | None,
) -> bool:
    """Whether what is there has the source's checksums, read from its drive."""
    started = time.monotonic()
    source = job.checksums
    _flush_once(bench, attempt.destination)
    medium = bench.plan.destinations[attempt.destination].place.medium
    count = bench.counters.destinations[attempt.destination]
    counted_bytes = 0
    found: Checksums = ()

    def counted(piece: memoryview, _offset: int) -> None:
        nonlocal counted_bytes
        counted_bytes += len(piece)
        count.add(verified_bytes=len(piece))
        bench.paces.read_back(attempt.destination, len(piece))
        bench.paces.wait_to_read_back(attempt.destination)

    try:
        with KeptFile(folder, attempt.final, medium, is_big=ring is not None) as kept:
            algorithms = bench.plan.options.checksums
            read = kept.read(algorithms, buffer, ring, bench.control, counted)
            if not kept.is_unchanged():
                raise NameTaken(bench.words_for(attempt.destination, job.item.path))
            found = read
    finally:
        if found != source:  # what was read is no copy: it does not count
            count.add(verified_bytes=-counted_bytes)
    if found != source:
        return False
    count.add(copied_bytes=kept.state.size_bytes)
    _skip(bench, job, attempt, kept.state, found, kept.how, time.monotonic() - started)
    return True


def _flush_once(bench: Bench, destination: int) -> None:
    """Whoever wrote what is there may have left it in memory: only what is on the drive
    proves anything (P1). Once a batch: nobody else writes under our items' names."""
    if destination in bench.flushed:
        return
    with bench.control.slow_call():
        is_flushed = flush_volume(bench.destinations[destination].root)
    if not is_flushed:
        raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))
    bench.flushed.add(destination)


def source_checksums(bench: Bench, job: Job, buffer: memoryview, ring: Ring | None) -> Checksums:
    """The source's checksums, read from its drive by this run, once for all destinations.

    What an earlier run read proves nothing of the source as it is now. Raises
    SourceDiffersFromManifest: whether the copy is equal or not, neither is right.
    """
    if job.differs is not None:
        raise job.differs
    if job.is_read:
        return job.checksums
    words = bench.source_words(job.item)
    tree, inside = bench.source_split(job.item)
    medium = bench.plan.sources[job.item.source].place.medium
    started = time.monotonic()
    try:
        folder, name = tree.split(inside)
        with KeptFile(folder, name, medium, is_big=ring is not None) as kept:
            algorithms = (*bench.plan.options.checksums, *also_wanted(bench, job))
            paced = partial(_paced, bench)
            found = kept.read(algorithms, buffer, ring, bench.control, paced)
            if not kept.is_unchanged():
                raise SourceChanged(words)
    except OSError as error:
        raise named.reading(error, words) from error
    is_known = kept.state.is_known_as(job.state)
    checksums = found[: len(bench.plan.options.checksums)]
    compared = compare(bench, job, found)
    job.state = kept.state
    job.checksums = checksums
    job.read_s = time.monotonic() - started
    job.is_read = True
    bench.journal.record(
        SourceRead(
            job.item.id, job.item.path, kept.state, checksums, job.read_s, is_known, compared
        )
    )
    if job.differs is not None:
        raise job.differs
    return checksums


def _paced(bench: Bench, piece: memoryview, _offset: int) -> None:
    """The source's bytes count once, when they are copied or found to be there."""
    bench.paces.read(len(piece))
    bench.paces.wait_to_read()


def _same_link(bench: Bench, job: Job, attempt: Attempt, folder: Folder) -> bool:
    tree, inside = bench.source_split(job.item)
    target = job.link or link_target(*tree.split(inside))
    if target != link_target(folder, attempt.final):
        return False
    there = look(folder, attempt.final)
    if there is None:
        return False
    bench.journal.record(LinkRead(job.item.id, target))
    _flush_once(bench, attempt.destination)
    _skip(bench, job, attempt, there, (), ReadBack.STORAGE, 0.0)
    return True


def _skip_proven(
    bench: Bench, job: Job, attempt: Attempt, there: FileState, proof: KnownCopy
) -> None:
    """It is the copy that an earlier transfer read back, unchanged since. Nothing is read,
    and no flush is needed: it was on the drive then, with its name."""
    count = bench.counters.destinations[attempt.destination]
    count.add(copied_bytes=there.size_bytes, verified_bytes=there.size_bytes)
    _skip(bench, job, attempt, there, proof.checksums, proof.read_back, 0.0, proof)
    attempt.proven_s = 0.0  # long ago


def _skip(
    bench: Bench,
    job: Job,
    attempt: Attempt,
    there: FileState,
    found: Checksums,
    how: ReadBack,
    duration_s: float,
    proof: KnownCopy | None = None,
) -> None:
    attempt.status = CopyStatus.SKIPPED
    attempt.identity = identity_of(there)
    attempt.checksums = found
    attempt.read_back = how
    bench.counters.copies_from_cache += how is ReadBack.CACHE
    attempt.proven_s = time.monotonic()
    bench.counters.destinations[attempt.destination].files_skipped += job.item.kind is ItemKind.FILE
    final = _final_path(job, attempt)
    bench.journal.record(
        CopySkipped(
            job.item.id,
            attempt.destination,
            job.item.path,
            final,
            attempt.identity,
            there.size_bytes,
            job.checksums,
            found,
            how,
            duration_s,
            there.ctime_ns,
            None if proof is None else proof.transfer,
            0 if proof is None else proof.proven_us,
            None if job.is_read else job.read_in,
        )
    )


def _final_path(job: Job, attempt: Attempt) -> bytes:
    parent = job.item.parent
    return b"%s/%s" % (parent, attempt.final) if parent else attempt.final
