"""Further names of a file: linked to the copy of the first one, once that is proven.

They come after everything else of a transfer, so that the first names' copies are at
their end. The link is made under the part's name, and goes the way of every part from
there: known to the ledger, named without taking anybody's name, its folder flushed. It is
proven because it leads to the very file that was read back: the identity of the proof is
looked for before the link is made and after it. What cannot be linked is copied whole.
"""

from __future__ import annotations

import errno
from collections.abc import Sequence
from typing import Final

from ketter_gui.disk.folder import Folder, identity_of, lend_write, look
from ketter_gui.disk.removing import remove_file
from ketter_gui.disk.writing import make_hard_link
from ketter_gui.domain.errors import CopyFailedError, WaitingError
from ketter_gui.domain.items import Loss, ReadBack
from ketter_gui.domain.status import PROOF, CopyStatus
from ketter_gui.engine import named
from ketter_gui.engine.existing import source_checksums
from ketter_gui.engine.hands import Hands
from ketter_gui.engine.journal import Checksums, CopyProven, SourceRead
from ketter_gui.engine.losses import tell
from ketter_gui.engine.plan import Attempt, Bench, Earlier, Job, Work

_CANNOT: Final = frozenset(
    {
        errno.EPERM,
        errno.EACCES,
        errno.EMLINK,
        errno.EXDEV,
        errno.EINVAL,
        errno.ENOSYS,
        errno.EOPNOTSUPP,
        errno.ENOTSUP,
    }
)
"""link(2): no links here at all, too many of them, or another volume."""


def link_to_first(bench: Bench, jobs: Sequence[Job], hands: Hands) -> None:
    """Link what can be to the copies of its file's first name; the rest is as before.

    Raises WaitingError when a volume is gone, Cancelled and Stopped.
    """
    for job in jobs:
        if job.first is None:
            continue
        bench.control.checkpoint()
        checksums = _as_first_read(bench, job, job.first, hands) if job.living else ()
        copies = {one.destination: one for one in job.first.copies}
        for attempt in job.attempts:
            copy = copies.get(attempt.destination)
            if attempt.status is CopyStatus.SKIPPED:
                is_link = copy is not None and copy.identity == attempt.identity
            elif attempt.is_alive and checksums and copy is not None:
                is_link = _linked(bench, job, attempt, copy, checksums)
            else:
                is_link = not attempt.is_alive
            if not is_link:
                tell(bench, job.item.id, attempt.destination, Loss.HARD_LINK)


def _as_first_read(bench: Bench, job: Job, first: Work, hands: Hands) -> Checksums:
    """The first name's checksums, if this one still leads to the very file that was read;
    else none. Where its ctime alone has changed, as when another name is removed, its
    bytes are read and decide, and where a manifest speaks of it."""
    words = bench.source_words(job.item)
    tree, inside = bench.source_split(job.item)
    try:
        here = look(*tree.split(inside))
    except OSError as error:
        failure = named.reading(error, words)
        if isinstance(failure, WaitingError):
            raise failure from error
        return ()
    except CopyFailedError:
        return ()
    state = first.item.state
    if here is None or not here.is_renamed_from(state):
        return ()
    if job.is_read or job.expected or not here.is_unchanged_from(state):
        return _read(bench, job, first, hands)
    job.state = here
    job.checksums = first.checksums
    job.is_read = True
    bench.journal.record(SourceRead(job.item.id, job.item.path, here, first.checksums, 0.0))
    return first.checksums


def _read(bench: Bench, job: Job, first: Work, hands: Hands) -> Checksums:
    try:
        found = source_checksums(bench, job, hands.buffer, None)
    except CopyFailedError:
        return ()  # copying it will find the same, and say so
    return found if found == first.checksums else ()


def _linked(bench: Bench, job: Job, attempt: Attempt, copy: Earlier, checksums: Checksums) -> bool:
    if copy.status not in PROOF or copy.identity is None or copy.checksums != checksums:
        return False
    words = bench.words_for(attempt.destination, job.item.path)
    try:
        if not _make(bench, job, attempt, copy):
            return False
    except OSError as error:
        if error.errno in _CANNOT:
            return False
        failure = named.writing(error, words)
        if isinstance(failure, WaitingError):
            raise failure from error
        return False
    except CopyFailedError:
        return False
    _proven(bench, job, attempt, copy)
    return True


def _make(bench: Bench, job: Job, attempt: Attempt, copy: Earlier) -> bool:
    tree = bench.destinations[attempt.destination]
    above, name = tree.split(copy.final_path)
    there = look(above, name)
    if there is None or identity_of(there) != copy.identity:
        return False
    folder, _ = tree.make(job.item.parent)
    _link(above, name, folder, attempt.part)
    mine = look(folder, attempt.part)
    is_it = mine is not None and (mine.device, mine.inode) == (there.device, there.inode)
    if is_it and mine is not None and identity_of(mine) == copy.identity:
        return True
    remove_file(folder, attempt.part)
    return False


def _link(above: Folder, name: bytes, folder: Folder, part: bytes) -> None:
    """A part of that name is a leftover of this very transfer: the name holds its token."""
    try:
        make_hard_link(above, name, folder, part)
    except FileExistsError:
        remove_file(folder, part)
        make_hard_link(above, name, folder, part)
    except PermissionError:
        if not lend_write(folder):
            raise
        make_hard_link(above, name, folder, part)


def _proven(bench: Bench, job: Job, attempt: Attempt, copy: Earlier) -> None:
    """By the proof of the first name's copy: it is the same file."""
    assert copy.identity is not None
    attempt.status = CopyStatus.PROVEN
    attempt.identity = copy.identity
    attempt.checksums = copy.checksums
    attempt.read_back = copy.read_back
    count = bench.counters.destinations[attempt.destination]
    count.add(copied_bytes=job.state.size_bytes, verified_bytes=job.state.size_bytes)
    bench.counters.copies_from_cache += copy.read_back is ReadBack.CACHE
    bench.journal.record(
        CopyProven(job.item.id, attempt.destination, copy.identity, copy.checksums, copy.read_back)
    )
