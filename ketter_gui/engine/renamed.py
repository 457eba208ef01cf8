"""After a crash: what became of the files that were about to be renamed.

What may be found of a file that the ledger says is about to be renamed:

    its source name leads to it, the other does not   → it was not renamed: do it
    its new name leads to it, the old one is free      → it was renamed: `renamed`
    both lead to it (link and unlink, cut in two)      → the old one goes, `renamed`
    its new name leads to it, the old one to another   → renamed; what came since stays
    neither                                            → it fails, by name
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from ketter_gui.disk.flushing import flush_folder
from ketter_gui.disk.folder import Folder, identity_of, look
from ketter_gui.disk.removing import remove_file
from ketter_gui.domain.errors import CopyFailedError, MovedAway
from ketter_gui.domain.items import FileState
from ketter_gui.domain.names import part_name
from ketter_gui.domain.status import CopyStatus
from ketter_gui.engine.hands import Hands
from ketter_gui.engine.journal import RenamePlanned
from ketter_gui.engine.moving import (
    DESTINATION,
    Moving,
    end_failed_moves,
    final_path,
    folder_if_there,
    not_confirmed,
    record_renamed,
)
from ketter_gui.engine.plan import Attempt, Bench, Earlier, Job, Work
from ketter_gui.engine.read_back import KeptFile


def is_planned(copy: Earlier) -> bool:
    """Whether the ledger has it that this copy is about to be renamed, or was. It may be
    pending since a retry."""
    return (
        copy.status in (CopyStatus.PENDING, CopyStatus.COPYING)
        and copy.identity is not None
        and bool(copy.final_path)
    )


def find_planned(moving: Moving, works: Iterable[Work], buffer: memoryview) -> list[Job]:
    """All works as jobs. What was planned earlier is looked for in both places: where it was
    renamed, that is recorded; where it was not, it is to be done."""
    jobs = [_job(moving.bench, work) for work in works]
    found: list[Job] = []
    for job, work in zip(jobs, works, strict=True):
        (earlier,) = work.copies
        if not is_planned(earlier):
            continue
        if _was_renamed(moving.bench, job, earlier, buffer):
            found.append(job)
        elif job.attempts[0].error is None:
            moving.begin_again(job)
    for job in found:
        (attempt,) = job.attempts
        if not attempt.is_started and attempt.identity is not None:
            attempt.is_started = True
            final = final_path(job)
            moving.bench.journal.record(
                RenamePlanned(job.item.id, DESTINATION, final, attempt.identity)
            )
    record_renamed(moving, found)
    return jobs


def finish_renames(bench: Bench, works: Sequence[Work]) -> None:
    """Find out what became of planned renames, and begin none."""
    moving = Moving(bench)
    moving.walk_anew()
    with Hands() as hands:
        jobs = find_planned(moving, works, hands.buffer)
    end_failed_moves(moving, jobs)
    bench.journal.commit()


def _job(bench: Bench, work: Work) -> Job:
    (earlier,) = work.copies
    name = work.item.name
    attempt = Attempt(DESTINATION, name, part_name(name, bench.plan.token))
    if is_planned(earlier):
        attempt.final = earlier.final_path.rpartition(b"/")[2]
        attempt.identity = earlier.identity
        attempt.is_started = earlier.status is CopyStatus.COPYING
    return Job(
        work.item,
        work.item.state,
        [attempt],
        checksums=work.checksums,
        expected=work.expected,
        first=work.first,
    )


def _was_renamed(bench: Bench, job: Job, earlier: Earlier, buffer: memoryview) -> bool:
    """Where it is. `attempt.error` is set when it is in neither place."""
    (attempt,) = job.attempts
    tree, inside = bench.source_split(job.item)
    above, _, name = inside.rpartition(b"/")
    try:
        source = folder_if_there(tree, above)
        target = folder_if_there(bench.destinations[DESTINATION], job.item.parent)
        here = look(source, name) if source is not None else None
        there = look(target, attempt.final) if target is not None else None
        is_here = here is not None and identity_of(here) == earlier.identity
        is_linked = is_here and _is_one_file(here, there)
        if is_here and not is_linked:
            return False
        if target is not None and _is_there(bench, job, earlier, target, there, buffer):
            if source is not None and is_linked:
                flush_folder(target)
                remove_file(source, name)
            return True
    except OSError as error:
        attempt.error = not_confirmed(bench, job, error)
        return False
    except CopyFailedError as error:
        attempt.error = error
        return False
    if here is None:
        copy = bench.words_for(DESTINATION, earlier.final_path)
        attempt.error = MovedAway(bench.source_words(job.item), copy=os.fsdecode(copy))
    return False


def _is_one_file(one: FileState | None, other: FileState | None) -> bool:
    return (
        one is not None
        and other is not None
        and (one.device, one.inode) == (other.device, other.inode)
    )


def _is_there(
    bench: Bench,
    job: Job,
    earlier: Earlier,
    target: Folder,
    there: FileState | None,
    buffer: memoryview,
) -> bool:
    """Whether the new name leads to the file: by its identity, or, where a remount has given
    it another inode (FAT), by the checksums that were read before."""
    if there is None or there.kind is not job.item.kind or earlier.identity is None:
        return False
    if identity_of(there) != earlier.identity:
        if not job.checksums or there.size_bytes != earlier.identity.size_bytes:
            return False
        medium = bench.plan.destinations[DESTINATION].place.medium
        with KeptFile(target, job.attempts[0].final, medium, is_big=False) as kept:
            algorithms = tuple(name for name, _ in job.checksums)
            read = kept.read(algorithms, buffer, None, bench.control, lambda _piece, _offset: None)
        if read != job.checksums:
            return False
    job.state = there
    return True
