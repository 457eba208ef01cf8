"""Read each source once; hash it and write it to every destination from one buffer.

Small files take a plain loop in one thread with one reused buffer, some of them opened
and asked for ahead; big ones the pump. Both end with parts that are written, wear the
source's times, and are not yet flushed when a whole batch is to share one flush.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial

from ketter_gui.disk.direct import PartWriter
from ketter_gui.disk.folder import Folder, state_and_access, state_of
from ketter_gui.disk.holes import data_runs
from ketter_gui.disk.readback import let_go, open_direct
from ketter_gui.disk.reading import ask_for, open_known, read_into
from ketter_gui.disk.writing import cut, write_all
from ketter_gui.domain.errors import (
    CopyFailedError,
    KetterError,
    SourceChanged,
    WaitingError,
    WriteFailed,
)
from ketter_gui.domain.items import FileState
from ketter_gui.engine import named
from ketter_gui.engine.counters import AtWork
from ketter_gui.engine.expectation import also_wanted, compare
from ketter_gui.engine.hashing import Hashing
from ketter_gui.engine.journal import SourceRead
from ketter_gui.engine.parts import (
    OpenPart,
    close_parts,
    count_written,
    create_parts,
    discard_parts,
    finish_part,
    guarded,
)
from ketter_gui.engine.plan import Bench, Job
from ketter_gui.engine.pump import Ring, pump

READS_AT_MOST = 3
"""How often a source that changes while it is read is read before its item fails."""


@dataclass(slots=True)
class OpenSource:
    """A source file that is open, and what it was then; the folder and name are for
    opening it once more. `also` are checksums to compute beside the transfer's own."""

    folder: Folder
    name: bytes
    fd: int
    state: FileState
    also: tuple[str, ...] = ()


def open_ahead(bench: Bench, jobs: Sequence[Job]) -> list[OpenSource | None]:
    """Open these files, and have the source's drive start on all of them at once: one at
    a time, it mostly waits. None for what could not be opened: its job has failed.

    Raises WaitingError when the volume is gone; then nothing is left open.
    """
    opened: list[OpenSource | None] = []
    try:
        for job in jobs:
            source = _open(bench, job)
            opened.append(source)
            if source is not None:
                ask_for(source.fd)
    except BaseException:
        close_all(opened)
        raise
    return opened


def close_all(sources: Sequence[OpenSource | None]) -> None:
    """Close what was opened ahead."""
    for source in sources:
        if source is not None:
            os.close(source.fd)


def _open(bench: Bench, job: Job) -> OpenSource | None:
    tree, inside = bench.source_split(job.item)
    try:
        folder, name = tree.split(inside)
        return OpenSource(folder, name, *open_known(folder, name), also_wanted(bench, job))
    except OSError as error:
        _fail(job, named.reading(error, bench.source_words(job.item)), error)
    except CopyFailedError as error:
        job.fail(error)
    return None


def copy_file(
    bench: Bench, job: Job, source: OpenSource, buffer: memoryview, *, flush_each: bool
) -> None:
    """Copy one small file to all its destinations; failures are left on the attempts.

    Raises WaitingError when a volume is full or gone, Cancelled and Stopped.
    """
    _copy(bench, job, source, partial(_loop, buffer=buffer), flush_each=flush_each)


def copy_big_file(bench: Bench, job: Job, ring: Ring) -> None:
    """The same for a big file: reading, hashing and writing side by side, then flushed."""
    source = _open(bench, job)
    if source is None:
        return
    try:
        _copy(bench, job, source, partial(_pumped, ring=ring), flush_each=True)
    finally:
        os.close(source.fd)


_Transport = Callable[[Bench, OpenSource, list[OpenPart], AtWork], tuple[Hashing, int]]


def _copy(
    bench: Bench, job: Job, source: OpenSource, transport: _Transport, *, flush_each: bool
) -> None:
    try:
        for _ in range(READS_AT_MOST):
            if _copy_once(bench, job, source, transport, flush_each=flush_each):
                return
            source.state = state_of(source.fd)
        job.fail(SourceChanged(bench.source_words(job.item)))
    except OSError as error:
        _fail(job, named.reading(error, bench.source_words(job.item)), error)
    finally:
        bench.counters.at_work.pop(job.item.id, None)


def _fail(job: Job, error: KetterError, cause: OSError) -> None:
    error.__cause__ = cause
    if isinstance(error, WaitingError):
        raise error
    job.fail(error)


def _copy_once(
    bench: Bench, job: Job, source: OpenSource, transport: _Transport, *, flush_each: bool
) -> bool:
    """One reading of the source. False: it changed meanwhile, and the parts are gone."""
    before = source.state
    started = time.monotonic()
    work = bench.counters.begin(job.item.id, job.item.path, before.size_bytes)
    parts = create_parts(bench, job, before)
    try:
        hashing, size_bytes = transport(bench, source, parts, work)
        after, accessed_ns = state_and_access(source.fd)
        if size_bytes != after.size_bytes or not after.is_unchanged_from(before):
            discard_parts(bench, parts, work)
            return False
        found = hashing.everything()
        compared = compare(bench, job, found)
        if job.differs is not None:  # should it be read once more, then from its drive
            medium = bench.plan.sources[job.item.source].place.medium
            let_go(source.fd, after.size_bytes, medium)
        for part in parts:
            if part.is_continued and part.attempt.is_alive:
                guarded(bench, part, WriteFailed, partial(cut, part.fd, size_bytes))
            if part.attempt.is_alive:
                finish_part(
                    bench, job.item.id, part, source.fd, after, accessed_ns, flush_it=flush_each
                )
    finally:
        close_parts(parts)
    is_known = after.is_known_as(job.state)
    job.state = after
    job.checksums = found[: len(bench.plan.options.checksums)]
    job.read_s = time.monotonic() - started
    job.is_read = True
    bench.journal.record(
        SourceRead(job.item.id, job.item.path, after, job.checksums, job.read_s, is_known, compared)
    )
    return True


def _loop(
    bench: Bench, source: OpenSource, parts: list[OpenPart], work: AtWork, *, buffer: memoryview
) -> tuple[Hashing, int]:
    """As many bytes as the file had when it was opened: whether these are all of it, its
    size says afterwards, and a second read that finds the end is spared."""
    hashing = Hashing(bench.plan.options.checksums, source.also)
    size_bytes = source.state.size_bytes
    offset = 0
    while offset < size_bytes:
        bench.control.check()
        piece = buffer[: min(len(buffer), size_bytes - offset)]
        length = read_into(source.fd, piece, offset)
        if length == 0:
            break
        bench.paces.read(length)
        piece = piece[:length]
        hashing.update(piece)
        for part in parts:
            if part.attempt.is_alive:
                _write_small(bench, part, piece, offset)
                count_written(bench, part, length, work)
        offset += length
    return hashing, offset


def _write_small(bench: Bench, part: OpenPart, piece: memoryview, offset: int) -> None:
    if part.is_hollow:
        write = partial(write_all, part.fd)
        guarded(bench, part, WriteFailed, partial(_write, part, write, piece, offset))
        return
    guarded(bench, part, WriteFailed, partial(write_all, part.fd, piece, offset))


def _pumped(
    bench: Bench, source: OpenSource, parts: list[OpenPart], work: AtWork, *, ring: Ring
) -> tuple[Hashing, int]:
    hashing = Hashing(bench.plan.options.checksums, source.also)
    with ExitStack() as stack:
        fd = _past_the_cache(source, stack)
        eaters = hashing.eaters()
        for part in parts:
            writer = stack.enter_context(
                closing(
                    PartWriter(
                        part.folder, part.attempt.part, part.fd, is_continued=part.is_continued
                    )
                )
            )
            eaters.append(_write_eater(bench, part, writer, work))
        size_bytes = pump(ring, partial(_fill, bench, fd), eaters, bench.control)
    return hashing, size_bytes


def _fill(bench: Bench, fd: int, view: memoryview, offset: int) -> int:
    bench.paces.wait_to_read()
    length = read_into(fd, view, offset)
    bench.paces.read(length)
    return length


def _write(
    part: OpenPart, write: Callable[[memoryview, int], object], piece: memoryview, offset: int
) -> None:
    """A piece of a file, or of a file with holes what is not one."""
    if not part.is_hollow:
        write(piece, offset)
        return
    for start, end in data_runs(piece):
        write(piece[start:end], offset + start)


def _past_the_cache(source: OpenSource, stack: ExitStack) -> int:
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
    bench: Bench, part: OpenPart, writer: PartWriter, work: AtWork
) -> Callable[[memoryview, int], None]:
    def eat(piece: memoryview, offset: int) -> None:
        if part.attempt.is_alive:
            guarded(bench, part, WriteFailed, partial(_write, part, writer.write, piece, offset))
            count_written(bench, part, len(piece), work)

    return eat
