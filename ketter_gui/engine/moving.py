"""One batch of renames: what it has counted, and how it ends.

The names that files got are on the drive before the ledger says `renamed`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field

from ketter_gui.disk.flushing import flush_folder, flush_volume
from ketter_gui.disk.folder import Folder, Tree
from ketter_gui.domain import limits
from ketter_gui.domain.errors import CopyFailedError, KetterError, MoveNotFlushed, WaitingError
from ketter_gui.domain.items import FileState, ItemKind
from ketter_gui.domain.status import CopyStatus
from ketter_gui.engine import named
from ketter_gui.engine.journal import CopyEnded, CopyRenamed, CopyReset
from ketter_gui.engine.plan import Bench, Job

DESTINATION = 0
"""A move that renames has one destination."""


@dataclass(slots=True)
class Moving:
    """One batch on its way: what it has counted, and the files of it that got their names."""

    bench: Bench
    _shown: dict[int, int] = field(default_factory=dict)
    _renamed: dict[int, tuple[FileState, FileState]] = field(default_factory=dict)

    def walk_anew(self) -> None:
        """Find every folder anew from here on: one that was swapped or moved meanwhile is
        seen, and nothing is taken out of it or put into it (P8)."""
        for tree in (*self.bench.sources, *self.bench.destinations):
            tree.forget()

    def show(self, job: Job, length: int) -> None:
        """Count bytes of a file that were read."""
        self._shown[job.item.id] = self._shown.get(job.item.id, 0) + length
        self.bench.counters.destinations[DESTINATION].add(copied_bytes=length)

    def take_back(self, job: Job) -> None:
        """What was read of a file came to nothing: it does not count."""
        length = self._shown.pop(job.item.id, 0)
        self.bench.counters.destinations[DESTINATION].add(copied_bytes=-length)

    def begin_again(self, job: Job) -> None:
        """Forget that it was to be renamed."""
        self.take_back(job)
        (attempt,) = job.attempts
        if attempt.is_started:
            attempt.is_started = False
            self.bench.journal.record(CopyReset(job.item.id, DESTINATION))

    def arrived(self, job: Job) -> None:
        """Count a file as renamed; links have no bytes."""
        if job.item.kind is not ItemKind.FILE:
            return
        self.show(job, job.state.size_bytes - self._shown.get(job.item.id, 0))
        count = self.bench.counters.destinations[DESTINATION]
        count.renamed_bytes += job.state.size_bytes
        count.files_renamed += 1

    def remember(self, job: Job, there: FileState) -> None:
        """A rename changes the ctime of all names of a file: see `is_as_read`."""
        self._renamed[there.inode] = (job.state, there)

    def is_as_read(self, job: Job, here: FileState) -> bool:
        """Whether a file is what was read, but for renames of its other names by us."""
        if here.is_unchanged_from(job.state):
            return True
        if (earlier := self._renamed.get(here.inode)) is None:
            return False
        read, now = earlier
        return read.is_unchanged_from(job.state) and here.is_unchanged_from(now)


def final_path(job: Job) -> bytes:
    """Where a file will be, relative to the destination."""
    (attempt,) = job.attempts
    return b"%s/%s" % (job.item.parent, attempt.final) if job.item.parent else attempt.final


def record_renamed(moving: Moving, jobs: Sequence[Job]) -> None:
    """Flush the folders that lost and got names, then record `renamed` (FINAL)."""
    if not jobs:
        return
    bench = moving.bench
    with bench.control.slow_call():
        failed = _flush(bench, jobs)
    bench.check_destinations()
    for job in jobs:
        (attempt,) = job.attempts
        error = failed.get((None, job.item.parent)) or failed.get(_source_key(bench, job))
        if error is not None:
            attempt.error = not_confirmed(bench, job, error)
            continue
        attempt.status = CopyStatus.RENAMED
        moving.arrived(job)
        bench.journal.record(
            CopyRenamed(
                job.item.id,
                DESTINATION,
                job.item.path,
                final_path(job),
                job.state.size_bytes,
                job.checksums,
                job.item.kind,
            )
        )


def folder_if_there(tree: Tree, path: bytes) -> Folder | None:
    """A folder below a tree; None when it is not there."""
    try:
        return tree.folder(path)
    except FileNotFoundError:
        return None


_Key = tuple[int | None, bytes]
"""A folder that has to be flushed: of a source, or (None) of the destination."""


def _source_key(bench: Bench, job: Job) -> _Key:
    _, inside = bench.source_split(job.item)
    return job.item.source, inside.rpartition(b"/")[0]


def _flush(bench: Bench, jobs: Sequence[Job]) -> dict[_Key, OSError]:
    """The new names first: where the volume has no journal, a power loss between the two
    then leaves a name too many and not one too few."""
    new = dict.fromkeys((None, job.item.parent) for job in jobs)
    old = dict.fromkeys(_source_key(bench, job) for job in jobs)
    failed: dict[_Key, OSError] = {}
    if len(new) + len(old) >= limits.SYNCFS_FILES and _is_flushed_at_once(bench):
        return failed
    for key in (*new, *old):
        number, path = key
        tree = bench.destinations[DESTINATION] if number is None else bench.sources[number]
        try:
            if (folder := folder_if_there(tree, path)) is not None:
                flush_folder(folder)
        except OSError as error:
            failed[key] = error
        except CopyFailedError:
            continue  # it was swapped since: its names went with it
    return failed


def _is_flushed_at_once(bench: Bench) -> bool:
    try:
        return flush_volume(bench.destinations[DESTINATION].root)
    except OSError:
        return False  # the folders' own flushes will say which of them failed


def not_confirmed(bench: Bench, job: Job, error: OSError) -> KetterError:
    """A rename that nobody can be sure of: the plan stays in the ledger, and a retry looks
    in both places. Raises WaitingError when the volume is gone."""
    words = bench.words_for(DESTINATION, final_path(job))
    failure = named.writing(error, words)
    if isinstance(failure, WaitingError):
        raise failure from error
    source = bench.source_words(job.item)
    return MoveNotFlushed(source, errno=error.errno, copy=os.fsdecode(words))


def end_failed_moves(moving: Moving, jobs: Sequence[Job]) -> None:
    """Record what failed."""
    bench = moving.bench
    for job in jobs:
        (attempt,) = job.attempts
        if attempt.error is None or attempt.status is not CopyStatus.COPYING:
            continue
        if isinstance(attempt.error, MoveNotFlushed):
            moving.take_back(job)
        else:
            moving.begin_again(job)
        attempt.status = CopyStatus.FAILED
        bench.counters.destinations[DESTINATION].files_failed += 1
        bench.journal.record(
            CopyEnded(job.item.id, DESTINATION, job.item.path, CopyStatus.FAILED, attempt.error)
        )
