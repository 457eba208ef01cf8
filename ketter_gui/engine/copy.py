"""Read each source once; hash it and write it to every destination from one buffer.

Small files take a plain loop in one thread with one reused buffer; big ones the pump.
Both end with parts that are written, wear the source's times, and are not yet flushed
when a whole batch is to share one flush.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from ketter_gui.disk.direct import PartWriter
from ketter_gui.disk.flushing import flush
from ketter_gui.disk.folder import Folder, identity_of, lend_write, state_of
from ketter_gui.disk.metadata import Lost, carry
from ketter_gui.disk.readback import open_direct
from ketter_gui.disk.reading import open_file, read_into
from ketter_gui.disk.removing import remove_file
from ketter_gui.disk.writing import allocate, create_part, write_all
from ketter_gui.domain import limits
from ketter_gui.domain.errors import (
    CopyFailedError,
    FlushFailed,
    KetterError,
    SourceChanged,
    WaitingError,
    WriteFailed,
)
from ketter_gui.domain.items import FileState
from ketter_gui.engine import named
from ketter_gui.engine.counters import AtWork
from ketter_gui.engine.hashing import Hashing
from ketter_gui.engine.journal import SourceRead
from ketter_gui.engine.plan import Attempt, Bench, Job
from ketter_gui.engine.pump import Ring, pump

READS_AT_MOST = 3
"""How often a source that changes while it is read is read before its item fails."""


@dataclass(slots=True)
class _OpenPart:
    """A part that is being written: one descriptor from its first byte to its flush."""

    attempt: Attempt
    folder: Folder
    fd: int
    words: bytes


@dataclass(frozen=True, slots=True)
class Opened:
    """A source file that is open; the folder and name are for opening it once more."""

    folder: Folder
    name: bytes
    fd: int


def copy_file(bench: Bench, job: Job, buffer: memoryview, *, flush_each: bool) -> None:
    """Copy one small file to all its destinations; failures are left on the attempts.

    Raises WaitingError when a volume is full or gone, Cancelled and Stopped.
    """
    _copy(
        bench,
        job,
        lambda source, parts, work: _loop(bench, source, parts, buffer, work),
        flush_each,
    )


def copy_big_file(bench: Bench, job: Job, ring: Ring) -> None:
    """The same for a big file: reading, hashing and writing side by side, then flushed."""
    _copy(bench, job, lambda source, parts, work: _pumped(bench, source, parts, ring, work), True)


_Transport = Callable[[Opened, list[_OpenPart], AtWork], tuple[Hashing, int]]


def _copy(bench: Bench, job: Job, transport: _Transport, flush_each: bool) -> None:
    tree, inside = bench.source_split(job.item)
    words = bench.source_words(job.item)
    try:
        folder, name = tree.split(inside)
        fd = open_file(folder, name)
    except OSError as error:
        return _fail(job, named.reading(error, words), error)
    except CopyFailedError as error:
        return job.fail(error)
    try:
        for _ in range(READS_AT_MOST):
            if _copy_once(bench, job, Opened(folder, name, fd), transport, flush_each):
                return None
        job.fail(SourceChanged(words))
    except OSError as error:
        _fail(job, named.reading(error, words), error)
    finally:
        os.close(fd)
        bench.counters.at_work.pop(job.item.id, None)


def _fail(job: Job, error: KetterError, cause: OSError) -> None:
    error.__cause__ = cause
    if isinstance(error, WaitingError):
        raise error
    job.fail(error)


def _copy_once(
    bench: Bench, job: Job, source: Opened, transport: _Transport, flush_each: bool
) -> bool:
    """One reading of the source. False: it changed meanwhile, and the parts are gone."""
    before = state_of(source.fd)
    started = time.monotonic()
    work = bench.counters.begin(job.item.id, job.item.path, before.size_bytes)
    parts = _create_parts(bench, job, before.size_bytes)
    try:
        hashing, size_bytes = transport(source, parts, work)
        after = state_of(source.fd)
        if size_bytes != after.size_bytes or not after.is_unchanged_from(before):
            _discard(bench, parts, work)
            return False
        for part in parts:
            if part.attempt.is_alive:
                _finish(bench, part, source.fd, after, flush_each)
    finally:
        for part in parts:
            os.close(part.fd)
    job.state = after
    job.checksums = hashing.checksums()
    job.read_s = time.monotonic() - started
    job.is_read = True
    bench.journal.record(SourceRead(job.item.id, job.item.path, after, job.checksums, job.read_s))
    return True


def _create_parts(bench: Bench, job: Job, size_bytes: int) -> list[_OpenPart]:
    parts: list[_OpenPart] = []
    try:
        for attempt in job.living:
            words = bench.words_for(attempt.destination, job.item.path)
            tree = bench.destinations[attempt.destination]
            try:
                folder, _ = tree.make(job.item.parent)
                fd = _fresh_part(folder, attempt.part)
            except OSError as error:
                _give_up(attempt, named.writing(error, words))
                continue
            except CopyFailedError as error:
                attempt.error = error
                continue
            part = _OpenPart(attempt, folder, fd, words)
            parts.append(part)
            if size_bytes >= limits.ALLOCATE_FROM_BYTES:
                _guarded(part, WriteFailed, partial(allocate, fd, size_bytes))
    except BaseException:
        for part in parts:
            os.close(part.fd)
        raise
    return parts


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


def _give_up(attempt: Attempt, error: KetterError) -> None:
    if isinstance(error, WaitingError):
        raise error
    attempt.error = error


def _guarded(
    part: _OpenPart, kind: type[WriteFailed | FlushFailed], act: Callable[[], object]
) -> None:
    """Run one system call on a part; a failure ends this copy alone."""
    try:
        act()
    except OSError as error:
        _give_up(part.attempt, named.writing(error, part.words, kind))


def _counted(bench: Bench, part: _OpenPart, length: int, work: AtWork) -> None:
    number = part.attempt.destination
    work.copied_bytes[number] += length
    bench.counters.destinations[number].copied_bytes += length


def _loop(
    bench: Bench, source: Opened, parts: list[_OpenPart], buffer: memoryview, work: AtWork
) -> tuple[Hashing, int]:
    hashing = Hashing(bench.plan.options.checksums)
    offset = 0
    while True:
        bench.control.checkpoint()
        length = read_into(source.fd, buffer, offset)
        if length == 0:
            return hashing, offset
        piece = buffer[:length]
        hashing.update(piece)
        for part in parts:
            if part.attempt.is_alive:
                _guarded(part, WriteFailed, partial(write_all, part.fd, piece, offset))
                _counted(bench, part, length, work)
        offset += length
        if length < len(buffer):
            return hashing, offset


def _pumped(
    bench: Bench, source: Opened, parts: list[_OpenPart], ring: Ring, work: AtWork
) -> tuple[Hashing, int]:
    hashing = Hashing(bench.plan.options.checksums)
    with ExitStack() as stack:
        fd = _past_the_cache(source, stack)
        eaters = hashing.eaters()
        for part in parts:
            writer = PartWriter(part.folder, part.attempt.part, part.fd)
            stack.callback(writer.close)
            eaters.append(_write_eater(bench, part, writer, work))
        size_bytes = pump(
            ring, lambda view, offset: read_into(fd, view, offset), eaters, bench.control
        )
    return hashing, size_bytes


def _past_the_cache(source: Opened, stack: ExitStack) -> int:
    """The same file for direct reading where that works: it spares the system's cache,
    and a copy of every byte. It must be the same file still."""
    try:
        direct = open_direct(source.folder, source.name)
    except OSError:
        return source.fd
    if direct is None:
        return source.fd
    stack.callback(os.close, direct)
    return direct if os.path.sameopenfile(direct, source.fd) else source.fd


def _write_eater(
    bench: Bench, part: _OpenPart, writer: PartWriter, work: AtWork
) -> Callable[[memoryview, int], None]:
    def eat(piece: memoryview, offset: int) -> None:
        if part.attempt.is_alive:
            _guarded(part, WriteFailed, lambda: writer.write(piece, offset))
            _counted(bench, part, len(piece), work)

    return eat


def _finish(
    bench: Bench, part: _OpenPart, source_fd: int, state: FileState, flush_each: bool
) -> None:
    """Times, owner and attributes; then the flush, unless the batch has one for all."""
    try:
        tell_lost(bench, carry(source_fd, part.fd, state))
    except OSError as error:
        return _give_up(part.attempt, named.writing(error, part.words))
    if flush_each:
        _guarded(part, FlushFailed, lambda: flush(part.fd))
    part.attempt.identity = identity_of(state_of(part.fd))
    return None


def tell_lost(bench: Bench, lost: Lost) -> None:
    """Count what a destination could not hold; it is said once, at the end."""
    for what in ("times", "mode", "owner", "xattrs"):
        if getattr(lost, what):
            bench.lost[what] = bench.lost.get(what, 0) + 1


def _discard(bench: Bench, parts: list[_OpenPart], work: AtWork) -> None:
    """What was written is of no use, and counts for nothing: it is written once more."""
    for part in parts:
        number = part.attempt.destination
        bench.counters.destinations[number].copied_bytes -= work.copied_bytes[number]
        remove_file(part.folder, part.attempt.part)
