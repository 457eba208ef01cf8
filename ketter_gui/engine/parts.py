"""Part files on their way: made, guarded one by one, finished.

A part has one descriptor from its first byte to its flush: a write-back that fails is
reported to those that were open meanwhile.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from ketter_gui.disk.flushing import flush
from ketter_gui.disk.folder import Folder, identity_of, lend_write
from ketter_gui.disk.holes import hollow
from ketter_gui.disk.metadata import carry
from ketter_gui.disk.removing import remove_file
from ketter_gui.disk.writing import allocate, create_part, open_part
from ketter_gui.domain import limits
from ketter_gui.domain.errors import (
    CopyFailedError,
    FlushFailed,
    KetterError,
    WaitingError,
    WriteFailed,
)
from ketter_gui.domain.items import FileState, Loss
from ketter_gui.engine import named
from ketter_gui.engine.counters import AtWork
from ketter_gui.engine.losses import tell
from ketter_gui.engine.plan import Attempt, Bench, Job


@dataclass(slots=True)
class OpenPart:
    """A part that is being written. `is_continued`: it was there already, with the bytes
    of an earlier run at its beginning, perhaps. `is_hollow`: it has its size and no blocks,
    so that zeros need not be written."""

    attempt: Attempt
    folder: Folder
    fd: int
    path: bytes
    is_continued: bool = False
    is_hollow: bool = False


def create_parts(bench: Bench, job: Job, state: FileState) -> list[OpenPart]:
    """A part on every destination that is still alive, with room for what the source is;
    the failures are on the attempts.

    Raises WaitingError when a volume is full or gone; then nothing is left open.
    """
    parts: list[OpenPart] = []
    is_sparse = state.is_sparse
    needs_room = is_sparse or state.size_bytes >= limits.ALLOCATE_FROM_BYTES
    try:
        for attempt in job.living:
            if is_sparse:
                attempt.is_continued = False  # what is not written must be a hole there
            part = _opened(bench, job, attempt)
            if part is None:
                continue
            parts.append(part)
            if needs_room:
                give = partial(_give_room, bench, job, part, state)
                guarded(bench, part, WriteFailed, give)
    except BaseException:
        close_parts(parts)
        raise
    return parts


def _give_room(bench: Bench, job: Job, part: OpenPart, state: FileState) -> None:
    """Blocks for all of it before it is filled (P10); none where the source has holes, and
    the destination can have them too."""
    if state.is_sparse:
        part.is_hollow = hollow(part.fd, state.size_bytes)
        if part.is_hollow:
            return
        tell(bench, job.item.id, part.attempt.destination, Loss.HOLES)
    if state.size_bytes >= limits.ALLOCATE_FROM_BYTES:
        allocate(part.fd, state.size_bytes)


def _opened(bench: Bench, job: Job, attempt: Attempt) -> OpenPart | None:
    try:
        folder, _ = bench.destinations[attempt.destination].make(job.item.parent)
        if attempt.is_continued:
            attempt.is_continued = False
            fd = open_part(folder, attempt.part)
            if fd is not None:
                return OpenPart(attempt, folder, fd, job.item.path, is_continued=True)
        return OpenPart(attempt, folder, _fresh_part(folder, attempt.part), job.item.path)
    except OSError as error:
        words = bench.words_for(attempt.destination, job.item.path)
        give_up(attempt, named.writing(error, words))
    except CopyFailedError as error:
        attempt.error = error
    return None


def _fresh_part(folder: Folder, name: bytes) -> int:
    """A new part. One of that name is a leftover of this very transfer: the name holds
    its token, and one process at a time carries a transfer out."""
    try:
        return create_part(folder, name)
    except FileExistsError:
        remove_file(folder, name)
    except PermissionError:
        if not lend_write(folder):
            raise
    return create_part(folder, name)


def give_up(attempt: Attempt, error: KetterError) -> None:
    """End this copy alone, unless the whole transfer has to wait."""
    if isinstance(error, WaitingError):
        raise error
    attempt.error = error


def guarded(
    bench: Bench,
    part: OpenPart,
    kind: type[WriteFailed | FlushFailed],
    act: Callable[[], object],
) -> None:
    """Run one system call on a part; a failure ends this copy alone."""
    bench.control.gate.check()
    try:
        act()
    except OSError as error:
        words = bench.words_for(part.attempt.destination, part.path)
        give_up(part.attempt, named.writing(error, words, kind))


def count_written(bench: Bench, part: OpenPart, length: int, work: AtWork) -> None:
    """Show it."""
    number = part.attempt.destination
    work.copied_bytes[number] += length
    part.attempt.copied_bytes += length
    bench.counters.destinations[number].add(copied_bytes=length)


def finish_part(
    bench: Bench,
    item: int,
    part: OpenPart,
    source_fd: int,
    state: FileState,
    accessed_ns: int,
    *,
    flush_it: bool,
) -> None:
    """Times, owner and attributes; then the flush, unless the batch has one for all."""
    bench.control.gate.check()
    try:
        lost, now = carry(source_fd, part.fd, state, accessed_ns, bench.control.gate)
    except OSError as error:
        words = bench.words_for(part.attempt.destination, part.path)
        return give_up(part.attempt, named.writing(error, words))
    tell(bench, item, part.attempt.destination, lost)
    if flush_it:
        with bench.control.slow_call():
            guarded(bench, part, FlushFailed, partial(flush, part.fd))
    part.attempt.identity = identity_of(now)
    return None


def discard_parts(bench: Bench, parts: list[OpenPart], work: AtWork) -> None:
    """What was written is of no use, and counts for nothing: it is written once more."""
    for part in parts:
        number = part.attempt.destination
        bench.counters.destinations[number].add(copied_bytes=-work.copied_bytes[number])
        part.attempt.copied_bytes = 0
        remove_file(part.folder, part.attempt.part)


def close_parts(parts: list[OpenPart]) -> None:
    """Close what was opened."""
    for part in parts:
        os.close(part.fd)
