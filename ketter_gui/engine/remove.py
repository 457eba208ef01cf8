"""The second half of a move: no source file goes before all its copies are proven (P4).

names for setting aside durable in the ledger → set aside → copies confirmed again →
removed, or given its name back
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from ketter_gui.disk.flushing import flush_folder
from ketter_gui.disk.folder import Folder, Tree, identity_of, look
from ketter_gui.disk.reading import link_target
from ketter_gui.disk.removing import give_back, remove_file, set_aside
from ketter_gui.domain.errors import (
    Cancelled,
    ConfirmationFailed,
    CopyFailedError,
    CouldNotRemove,
    KetterError,
    NameNotRestored,
    ProofTooWeak,
    SourceChanged,
    SourceIsNewer,
)
from ketter_gui.domain.items import FileState, Identity, ItemKind
from ketter_gui.domain.names import aside_name
from ketter_gui.domain.proof import may_delete_source, proves
from ketter_gui.domain.status import PROOF, CopyStatus
from ketter_gui.engine.control import Stopped
from ketter_gui.engine.journal import (
    Checksums,
    Noted,
    SourceDeleted,
    SourceKept,
    SourceSetAside,
)
from ketter_gui.engine.plan import Bench, Job
from ketter_gui.engine.read_back import KeptFile
from ketter_gui.engine.verify import is_fresh, is_still

_MODE_AND_OWNER = slice(FileState._fields.index("mode"), FileState._fields.index("gid") + 1)


@dataclass(frozen=True, slots=True)
class _ProvenCopy:
    """A copy to be confirmed. `proven_s` 0: the proof is from an earlier run."""

    destination: int
    final: bytes
    identity: Identity | None
    proven_s: float


def remove_sources(bench: Bench, jobs: Sequence[Job], buffer: memoryview) -> None:
    """Remove the source files of those jobs whose every copy is proven."""
    ready = [job for job in jobs if _may_go(bench, job)]
    if not ready:
        return
    for job in ready:
        aside = aside_name(job.item.name, bench.plan.token)
        bench.journal.record(SourceSetAside(job.item.id, job.item.path, aside))
    bench.journal.commit()
    touched: dict[tuple[int, bytes], None] = {}
    bench.forget_folders()
    for tree in bench.sources:  # what was moved out of its source meanwhile stays (P8)
        tree.forget()
    while ready:
        job = ready[0]
        try:
            _remove_one(bench, job, buffer)
        except (Cancelled, Stopped):
            for kept in ready[1:]:
                bench.journal.record(SourceKept(kept.item.id, kept.item.path, None))
            bench.journal.commit()
            raise
        del ready[0]
        _, inside = bench.source_split(job.item)
        touched[job.item.source, inside.rpartition(b"/")[0]] = None
    for source, parent in touched:
        _flush(bench.sources[source], parent)
    bench.journal.commit()


def _may_go(bench: Bench, job: Job) -> bool:
    if job.item.kind is ItemKind.FOLDER or _is_left_out(job):
        return False
    if may_delete_source(job.proofs(), len(bench.plan.destinations)):
        if _same_checksums(job):
            return True
        _keep(bench, job, SourceIsNewer(bench.source_words(job.item)))
        return False
    weak = [
        proof for proof in job.proofs() if proof.status in PROOF and not proves(proof.read_back)
    ]
    if weak:
        words = bench.source_words(job.item)
        copy = bench.words_for(0, job.item.path)
        _keep(bench, job, ProofTooWeak(words, copy=os.fsdecode(copy)))
    return False


def _is_left_out(job: Job) -> bool:
    """Whether a destination cannot hold it: a symlink then stays, and is no failure."""
    copies = [(one.status, one.read_back) for one in job.proofs()]
    return job.item.kind is ItemKind.SYMLINK and (CopyStatus.SKIPPED, None) in copies


def _same_checksums(job: Job) -> bool:
    """All proofs are of the same bytes: a source that changed between two of them keeps
    its place."""
    return all(one.checksums == job.checksums for one in job.attempts) and all(
        one.checksums == job.checksums for one in job.finished
    )


def _remove_one(bench: Bench, job: Job, buffer: memoryview) -> None:
    tree, inside = bench.source_split(job.item)
    words = bench.source_words(job.item)
    aside = aside_name(job.item.name, bench.plan.token)
    try:
        folder, name = tree.split(inside)
        _set_aside(bench, job, folder, name, buffer)
    except OSError as error:
        return _keep(bench, job, CouldNotRemove(words, errno=error.errno))
    except CopyFailedError as error:
        return _keep(bench, job, error)
    failure: KetterError | None
    try:
        failure = _confirm(bench, job, folder, aside, buffer)
    except OSError as error:
        failure = CouldNotRemove(words, errno=error.errno)
    except CopyFailedError as error:
        failure = error
    except (Cancelled, Stopped):
        if _restored(bench, job, folder, aside, name):
            _kept(bench, job, folder, name, None)
        raise
    if failure is None:
        try:
            remove_file(folder, aside)
        except OSError as error:
            failure = CouldNotRemove(words, errno=error.errno)
    if failure is not None:
        if _restored(bench, job, folder, aside, name):
            bench.counters.originals_kept += 1
            _kept(bench, job, folder, name, failure)
        return None
    bench.counters.originals_removed += 1
    bench.journal.record(SourceDeleted(job.item.id, job.item.path, job.state.size_bytes))
    return None


def _set_aside(bench: Bench, job: Job, folder: Folder, name: bytes, buffer: memoryview) -> None:
    try:
        there = look(folder, name)
        if there is None or not _is_as_read(bench, job, folder, name, there, buffer):
            raise SourceChanged(bench.source_words(job.item))
    except (Cancelled, Stopped):
        bench.journal.record(SourceKept(job.item.id, job.item.path, None))
        raise
    set_aside(folder, name, aside_name(job.item.name, bench.plan.token))


def _is_as_read(
    bench: Bench, job: Job, folder: Folder, name: bytes, there: FileState, buffer: memoryview
) -> bool:
    """Whether the source is what was read. Removing one name of a file changes the ctime of
    all its others: where nothing else differs, the file is read once more, and its bytes
    decide; `job.state` is then what it is now."""
    state = job.state
    if there.is_unchanged_from(state):
        return True
    has_names = job.item.kind is ItemKind.FILE and state.links > 1
    is_same = there.is_renamed_from(state) and there[_MODE_AND_OWNER] == state[_MODE_AND_OWNER]
    if not has_names or not is_same:
        return False
    medium = bench.plan.sources[job.item.source].place.medium
    with KeptFile(folder, name, medium, is_big=False) as kept:
        if not kept.state.is_unchanged_from(there):
            return False
        algorithms = bench.plan.options.checksums
        paced = partial(_paced, bench, None)
        found = kept.read(algorithms, buffer, None, bench.control, paced)
        if found != job.checksums or not kept.is_unchanged():
            return False
    job.state = there
    return True


def _kept(bench: Bench, job: Job, folder: Folder, name: bytes, error: KetterError | None) -> None:
    """It has its name again: what it is now is what a later try has to compare with."""
    there = look(folder, name)
    is_same = there is not None and there.is_renamed_from(job.state)
    bench.journal.record(SourceKept(job.item.id, job.item.path, error, there if is_same else None))


def _restored(bench: Bench, job: Job, folder: Folder, aside: bytes, name: bytes) -> bool:
    """Give the name back. Where that fails the ledger keeps the other one, and the next
    start tries again."""
    try:
        give_back(folder, aside, name)
    except OSError as error:
        bench.counters.originals_kept += 1
        words = bench.source_words(job.item)
        failure = NameNotRestored(words, errno=error.errno, aside=os.fsdecode(aside))
        bench.journal.record(Noted(failure.kind, str(failure), 1))
        return False
    return True


def _keep(bench: Bench, job: Job, error: KetterError) -> None:
    bench.counters.originals_kept += 1
    bench.journal.record(SourceKept(job.item.id, job.item.path, error))


def _confirm(
    bench: Bench, job: Job, folder: Folder, aside: bytes, buffer: memoryview
) -> KetterError | None:
    """Between the two steps: the source is what was read, and every copy what was proven."""
    words = bench.source_words(job.item)
    there = look(folder, aside)
    if there is None or not there.is_renamed_from(job.state):
        return SourceChanged(words)
    link = link_target(folder, aside) if job.item.kind is ItemKind.SYMLINK else b""
    for copy in _proven_copies(job):
        if not _copy_holds(bench, job, copy, link, buffer):
            where = bench.words_for(copy.destination, job.item.path)
            return ConfirmationFailed(words, copy=os.fsdecode(where))
    # Confirming may have taken hours, and somebody may hold the file open.
    now = look(folder, aside)
    return None if now is not None and now.is_unchanged_from(there) else SourceChanged(words)


def _proven_copies(job: Job) -> list[_ProvenCopy]:
    return [
        _ProvenCopy(one.destination, one.final, one.identity, one.proven_s) for one in job.attempts
    ] + [
        _ProvenCopy(one.destination, one.final_path.rpartition(b"/")[2], one.identity, 0.0)
        for one in job.finished
    ]


def _copy_holds(
    bench: Bench,
    job: Job,
    copy: _ProvenCopy,
    link: bytes,
    buffer: memoryview,
) -> bool:
    try:
        folder = bench.destinations[copy.destination].folder(job.item.parent)
        there = look(folder, copy.final)
        if there is None:
            return False
        if job.item.kind is ItemKind.SYMLINK:
            return link_target(folder, copy.final) == link
        if is_fresh(copy.proven_s):
            return is_still(identity_of(there), copy.identity)
        return _read_again(bench, copy.destination, folder, copy.final, buffer) == job.checksums
    except (OSError, CopyFailedError):
        return False


def _read_again(
    bench: Bench, destination: int, folder: Folder, final: bytes, buffer: memoryview
) -> Checksums:
    medium = bench.plan.destinations[destination].place.medium
    with KeptFile(folder, final, medium, is_big=False) as kept:
        algorithms = bench.plan.options.checksums
        paced = partial(_paced, bench, destination)
        checksums = kept.read(algorithms, buffer, None, bench.control, paced)
        return checksums if proves(kept.how) else ()


def _paced(bench: Bench, destination: int | None, piece: memoryview, _offset: int) -> None:
    """None: of the source."""
    if destination is None:
        bench.paces.read(len(piece))
        bench.paces.wait_to_read()
    else:
        bench.paces.read_back(destination, len(piece))
        bench.paces.wait_to_read_back(destination)


def _flush(tree: Tree, parent: bytes) -> None:
    """So that a power loss does not bring the removed names back. If it fails, it might:
    an original too many, which costs nothing."""
    try:
        flush_folder(tree.folder(parent))
    except (OSError, CopyFailedError):
        return
