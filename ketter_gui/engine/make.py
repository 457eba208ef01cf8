"""Folders and symlinks: made, looked at again, named. They have no bytes to hash."""

from __future__ import annotations

import errno
from typing import Final

from ketter_gui.disk.abilities import probing
from ketter_gui.disk.folder import identity_of, lend_write, look
from ketter_gui.disk.metadata import carry_link, link_owner_lost
from ketter_gui.disk.reading import link_target
from ketter_gui.disk.removing import remove_file
from ketter_gui.disk.writing import make_link
from ketter_gui.domain.errors import CopyFailedError, LinkNotHeld, Mismatch
from ketter_gui.domain.items import Identity, Loss, Medium, ReadBack
from ketter_gui.domain.status import CopyStatus
from ketter_gui.engine import named
from ketter_gui.engine.commit import removed_part
from ketter_gui.engine.journal import CopyLeftOut, LinkRead
from ketter_gui.engine.losses import tell
from ketter_gui.engine.plan import Attempt, Bench, Job

_CANNOT_LINK: Final = frozenset({errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EILSEQ})
"""symlink(2) where there are none (through FUSE; FAT itself says EPERM), or where the target
cannot be written down (NTFS: EILSEQ)."""

_AS_KEPT = {
    Medium.STORAGE: ReadBack.STORAGE,
    Medium.SERVER: ReadBack.SERVER,
    Medium.MEMORY: ReadBack.MEMORY,
}


def make_folder(bench: Bench, job: Job) -> None:
    """Make a folder on every destination, or merge into the one that is there."""
    for attempt in job.living:
        try:
            bench.destinations[attempt.destination].make(job.item.path)
        except OSError as error:
            _fail(bench, job, attempt, error)
        except CopyFailedError as error:
            attempt.error = error
        else:
            attempt.identity = Identity(0, 0, 0)
            attempt.read_back = _as_kept(bench, attempt)


def make_symlink(bench: Bench, job: Job) -> None:
    """Make the same link, target for target, as a part that is then named."""
    tree, inside = bench.source_split(job.item)
    words = bench.source_words(job.item)
    try:
        target = job.link or link_target(*tree.split(inside))
    except OSError as error:
        failure = named.reading(error, words)
        if not isinstance(failure, CopyFailedError):
            raise failure from error
        return job.fail(failure)
    except CopyFailedError as error:
        return job.fail(error)
    bench.journal.record(LinkRead(job.item.id, target))
    for attempt in job.living:
        try:
            _link(bench, job, attempt, target)
        except OSError as error:
            if _cannot_hold(bench, attempt, error):
                _leave_out(bench, job, attempt)
            else:
                _fail(bench, job, attempt, error)
        except CopyFailedError as error:
            attempt.error = error
    return None


def _cannot_hold(bench: Bench, attempt: Attempt, error: OSError) -> bool:
    """Whether the drive has no symlinks, or none such; where it has ordinary ones, EPERM is
    said of this folder alone."""
    if error.errno == errno.EPERM:
        return not _may_dress_links(bench, attempt.destination)
    return error.errno in _CANNOT_LINK


def _leave_out(bench: Bench, job: Job, attempt: Attempt) -> None:
    """Its destination has no symlinks, or none with such a target. Nothing was proven, so
    that in a move the original stays where it is."""
    removed_part(bench, job.item, attempt.destination, attempt.part)  # sshfs made it, unreadable
    attempt.status = CopyStatus.SKIPPED
    words = bench.words_for(attempt.destination, job.item.path)
    left_out = CopyLeftOut(job.item.id, attempt.destination, job.item.path, LinkNotHeld(words))
    bench.journal.record(left_out)
    tell(bench, job.item.id, attempt.destination, Loss.SYMLINK)


def _link(bench: Bench, job: Job, attempt: Attempt, target: bytes) -> None:
    folder, _ = bench.destinations[attempt.destination].make(job.item.parent)
    try:
        make_link(folder, attempt.part, target)
    except FileExistsError:
        remove_file(folder, attempt.part)
        make_link(folder, attempt.part, target)
    except PermissionError:
        if not lend_write(folder):
            raise
        make_link(folder, attempt.part, target)
    if _may_dress_links(bench, attempt.destination):
        lost = carry_link(folder, attempt.part, job.state)
    else:
        lost = Loss.TIMES | link_owner_lost(folder, attempt.part, job.state)
    tell(bench, job.item.id, attempt.destination, lost)
    there = look(folder, attempt.part)
    if there is None or link_target(folder, attempt.part) != target:
        raise Mismatch(bench.words_for(attempt.destination, job.item.path))
    attempt.identity = identity_of(there)
    attempt.read_back = _as_kept(bench, attempt)


def _may_dress_links(bench: Bench, destination: int) -> bool:
    """Whether links on a destination have times and an owner of their own: asked once, with
    the first link. Where that cannot be asked, nothing is set (P8)."""
    known = bench.dresses_links.get(destination)
    if known is None:
        try:
            with probing(bench.destinations[destination].root, bench.plan.token) as probe:
                known = probe.holds_link_times()
        except OSError:
            known = False
        bench.dresses_links[destination] = known
    return known


def _as_kept(bench: Bench, attempt: Attempt) -> ReadBack:
    return _AS_KEPT[bench.plan.destinations[attempt.destination].place.medium]


def _fail(bench: Bench, job: Job, attempt: Attempt, error: OSError) -> None:
    failure = named.writing(error, bench.words_for(attempt.destination, job.item.path))
    if not isinstance(failure, CopyFailedError):
        raise failure from error
    attempt.error = failure
