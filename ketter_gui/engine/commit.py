"""From `proven` to `verified`: P2's order, by batch.

ledger knows the parts' identities, durably → parts get their names, never
clobbering → their folders are flushed → `verified`
"""

from __future__ import annotations

import errno
import os
from collections import Counter
from collections.abc import Sequence

from ketter_gui.disk.flushing import flush_folder, flush_volume
from ketter_gui.disk.folder import Folder, identity_of, look
from ketter_gui.disk.metadata import set_time
from ketter_gui.disk.naming import Placed, name_it, replace
from ketter_gui.disk.removing import remove_file
from ketter_gui.domain import limits
from ketter_gui.domain.errors import (
    CopyFailedError,
    FlushFailed,
    KetterError,
    Mismatch,
    NameTaken,
    SourceChanged,
    SourceIsNewer,
)
from ketter_gui.domain.items import FileState, Item, ItemKind, Loss
from ketter_gui.domain.names import numbered_name
from ketter_gui.domain.options import OnConflict
from ketter_gui.domain.status import PROOF, CopyStatus
from ketter_gui.engine import named
from ketter_gui.engine.journal import CopyEnded, CopyProven, CopyVerified
from ketter_gui.engine.losses import tell
from ketter_gui.engine.plan import Attempt, Bench, Job


def flush_parts(bench: Bench, jobs: Sequence[Job], flushes_before: Counter[int]) -> None:
    """One flush for all parts of a batch on each destination.

    The destinations' own descriptors have been open since before the first write, so
    that a failed write-back is reported here (Linux 5.8 and later) – but once: another
    batch's flush may have got the word of what this one lost. So a flush that failed
    since `flushes_before`, when this batch was begun, has failed for this one too.
    """
    for number in range(len(bench.destinations)):
        attempts = [one for job in jobs for one in job.living if one.destination == number]
        if not attempts:
            continue
        try:
            failed_before = bench.failed_flushes[number] != flushes_before[number]
            with bench.control.slow_call():
                if not _flush_volume(bench, number):
                    raise OSError(errno.ENOTSUP, "syncfs")
            if failed_before:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
        except OSError as error:
            words = bench.plan.destinations[number].path
            failure = named.writing(error, words, FlushFailed)
            if not isinstance(failure, CopyFailedError):
                raise failure from error
            for attempt in attempts:
                attempt.error = failure


def _flush_volume(bench: Bench, number: int) -> bool:
    """Whoever hears that a flush failed keeps it: nobody is told a second time."""
    try:
        is_flushed = flush_volume(bench.destinations[number].root)
    except OSError:
        bench.failed_flushes[number] += 1
        raise
    return is_flushed


def prove(bench: Bench, jobs: Sequence[Job]) -> None:
    """Make what was read back and found equal durable in the ledger, before any name."""
    for job in jobs:
        _refuse_older_bytes(bench, job)
        for attempt in job.living:
            if attempt.identity is None:
                continue
            attempt.status = CopyStatus.PROVEN
            bench.journal.record(
                CopyProven(
                    job.item.id,
                    attempt.destination,
                    attempt.identity,
                    attempt.checksums,
                    attempt.read_back,
                )
            )
    bench.journal.commit()


def _refuse_older_bytes(bench: Bench, job: Job) -> None:
    """A copy from before may be of other bytes than the source has now. Beside one that is
    verified, no other is kept: two copies of one item are equal, or one of them has failed."""
    if job.item.kind is not ItemKind.FILE:
        return
    done = [one.checksums for one in job.finished]
    done += [one.checksums for one in job.attempts if one.status in PROOF]
    if any(checksums != job.checksums for checksums in done):
        job.fail(SourceIsNewer(bench.source_words(job.item)))


def _refuse_older_proofs(bench: Bench, job: Job) -> None:
    """One that was proven before, of other bytes, and has no name yet gets none: whoever
    gives names asks, so that no two checksums that differ are ever called equal."""
    if job.item.kind is not ItemKind.FILE:
        return
    for attempt in job.attempts:
        if attempt.status is CopyStatus.PROVEN and attempt.checksums != job.checksums:
            attempt.error = SourceChanged(bench.source_words(job.item))


def name_proven(bench: Bench, jobs: Sequence[Job]) -> None:
    """Give every proven part its name, flush the folders, and record `verified`."""
    for job in jobs:
        _refuse_older_proofs(bench, job)
    named_copies: list[tuple[Job, Attempt]] = []
    folders: dict[tuple[int, bytes], None] = {}
    for first in range(0, len(jobs), limits.READ_AHEAD_FILES):
        with bench.control.in_slot(bench.slots):
            some = _give_names(bench, jobs[first : first + limits.READ_AHEAD_FILES])
        for job, attempt in some:
            named_copies.append((job, attempt))
            folders[attempt.destination, job.item.parent] = None
    with bench.control.slow_call():
        failed = _flush_folders(bench, list(folders))
    bench.check_destinations()
    for job, attempt in named_copies:
        error = failed.get((attempt.destination, job.item.parent))
        if error is not None:
            attempt.error = error
            continue
        _verified(bench, job, attempt)


def _give_names(bench: Bench, jobs: Sequence[Job]) -> list[tuple[Job, Attempt]]:
    """Name a handful of files; returns the copies that got theirs."""
    return [
        (job, attempt)
        for job in jobs
        for attempt in job.attempts
        if attempt.status is CopyStatus.PROVEN
        and attempt.error is None
        and _name_one(bench, job, attempt)
    ]


def _name_one(bench: Bench, job: Job, attempt: Attempt) -> bool:
    words = bench.words_for(attempt.destination, job.item.path)
    try:
        folder = bench.destinations[attempt.destination].folder(job.item.parent)
        if job.item.kind is ItemKind.FOLDER or attempt.part == attempt.final:
            pass  # a folder is made under its own name; a resumed copy may have got its own
        elif not _is_proven(folder, attempt):
            raise Mismatch(words)
        elif attempt.replaces:
            replace(folder, attempt.part, attempt.final)
        else:
            placed = _place(bench, folder, job, attempt)
            if placed is Placed.CHECKED:
                tell(bench, job.item.id, attempt.destination, Loss.ATOMIC_NAME)
        there = _named(folder, attempt)
    except FileExistsError:
        attempt.error = NameTaken(words)
        return False
    except OSError as error:
        failure = named.writing(error, words)
        if not isinstance(failure, CopyFailedError):
            raise failure from error
        attempt.error = failure
        return False
    except CopyFailedError as error:
        attempt.error = error
        return False
    if job.item.kind is ItemKind.FOLDER:
        if there is None or there.kind is not ItemKind.FOLDER:
            attempt.error = NameTaken(words)
        return attempt.error is None
    if there is None or identity_of(there) != attempt.identity:
        attempt.error = Mismatch(words)
        return False
    attempt.ctime_ns = there.ctime_ns
    return True


def _named(folder: Folder, attempt: Attempt) -> FileState | None:
    """What has the final name now. Some file systems give a file that is renamed the time of
    day (fusefat): it gets its own back, and is looked at again."""
    there, proven = look(folder, attempt.final), attempt.identity
    if there is None or proven is None or there.kind is not ItemKind.FILE:
        return there
    now = identity_of(there)
    if now == proven or now._replace(mtime_ns=proven.mtime_ns) != proven:
        return there
    set_time(folder, attempt.final, proven.mtime_ns)
    return look(folder, attempt.final)


def _is_proven(folder: Folder, attempt: Attempt) -> bool:
    """Whether the part is still the file that was read back: no other gets the name (P2)."""
    part = look(folder, attempt.part)
    return part is not None and identity_of(part) == attempt.identity


def _place(bench: Bench, folder: Folder, job: Job, attempt: Attempt) -> Placed:
    """Name it; under `rename` a name that was taken meanwhile makes way for the next."""
    number = 2
    while True:
        try:
            return name_it(folder, attempt.part, attempt.final)
        except FileExistsError:
            if bench.plan.options.on_conflict is not OnConflict.RENAME:
                raise
            attempt.final = numbered_name(job.item.name, number)
            number += 1


def _flush_folders(
    bench: Bench, folders: Sequence[tuple[int, bytes]]
) -> dict[tuple[int, bytes], KetterError]:
    """Flush the folders that got new names: one by one, or all with one syncfs."""
    failed: dict[tuple[int, bytes], KetterError] = {}
    for number, tree in enumerate(bench.destinations):
        mine = [key for key in folders if key[0] == number]
        if len(mine) >= limits.SYNCFS_FILES and _flushed_at_once(bench, number):
            continue
        for key in mine:
            try:
                flush_folder(tree.folder(key[1]))
            except OSError as error:
                failure = named.writing(error, bench.words_for(*key), FlushFailed)
                if not isinstance(failure, CopyFailedError):
                    raise failure from error
                failed[key] = failure
            except CopyFailedError as error:
                failed[key] = error
    return failed


def _flushed_at_once(bench: Bench, number: int) -> bool:
    try:
        return _flush_volume(bench, number)
    except OSError:
        return False  # the folders' own flushes will say which of them failed


def _verified(bench: Bench, job: Job, attempt: Attempt) -> None:
    attempt.status = CopyStatus.VERIFIED
    parent = job.item.parent
    final = b"%s/%s" % (parent, attempt.final) if parent else attempt.final
    bench.counters.destinations[attempt.destination].files_verified += (
        job.item.kind is ItemKind.FILE
    )
    bench.journal.record(
        CopyVerified(
            job.item.id,
            attempt.destination,
            job.item.path,
            final,
            job.state.size_bytes,
            job.checksums,
            attempt.checksums,
            attempt.read_back,
            attempt.read_back_s,
            job.item.kind,
            attempt.ctime_ns,
        )
    )


def end_failed(bench: Bench, jobs: Sequence[Job], status: CopyStatus = CopyStatus.FAILED) -> None:
    """Record what failed, and remove parts that were never proven."""
    for job in jobs:
        for attempt in job.attempts:
            if attempt.error is None:
                continue
            if attempt.part != attempt.final:
                removed_part(bench, job.item, attempt.destination, attempt.part)
            if attempt.status in (CopyStatus.COPYING, CopyStatus.PROVEN):
                attempt.status = status
                _count_failed(bench, attempt)
                bench.journal.record(
                    CopyEnded(
                        job.item.id, attempt.destination, job.item.path, status, attempt.error
                    )
                )


def _count_failed(bench: Bench, attempt: Attempt) -> None:
    if attempt.status is CopyStatus.FAILED:
        bench.counters.destinations[attempt.destination].files_failed += 1


def removed_part(bench: Bench, item: Item, destination: int, part: bytes) -> bool:
    """Remove a part that will not be needed. False when it could not be: it is left, and
    its name tells what it is."""
    if item.kind is ItemKind.FOLDER:
        return True
    try:
        folder = bench.destinations[destination].folder(item.parent)
        remove_file(folder, part)
    except FileNotFoundError:
        return True
    except (OSError, CopyFailedError):
        return False
    return True
