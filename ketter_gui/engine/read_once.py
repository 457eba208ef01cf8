"""Read files that are to be renamed: once, from their drive, for their checksums (SOURCE)."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from ketter_gui.disk.folder import Folder, look
from ketter_gui.disk.reading import link_target
from ketter_gui.domain import limits
from ketter_gui.domain.errors import CopyFailedError, KetterError, SourceVanished, WaitingError
from ketter_gui.domain.items import ItemKind
from ketter_gui.engine import named
from ketter_gui.engine.expectation import also_wanted, compare
from ketter_gui.engine.hands import Hands
from ketter_gui.engine.journal import LinkRead, SourceRead
from ketter_gui.engine.moving import DESTINATION, Moving
from ketter_gui.engine.plan import Bench, Job
from ketter_gui.engine.read_back import KeptFile


def is_big(job: Job) -> bool:
    """Whether reading and hashing run side by side for it."""
    return job.item.state.size_bytes > limits.SMALL_FILE_BYTES


def read_once(moving: Moving, jobs: Sequence[Job], hands: Hands) -> None:
    """Read these files once, from the drive; `is_read` is set on those that kept still."""
    bench = moving.bench
    files = [job for job in jobs if not job.is_read]
    for window in _handfuls(bench, files):
        bench.control.checkpoint()
        bench.paces.wait_to_read()
        has_big = any(map(is_big, window))
        with ExitStack() as stack:
            if not has_big:  # the pump lets go of the interpreter, the loop does not
                stack.enter_context(bench.control.in_slot(bench.slots))
            for job, kept in list(_opened(bench, window, stack)):
                if has_big:
                    bench.control.checkpoint()
                try:
                    _read_one(moving, job, kept, hands)
                except OSError as error:
                    _unreadable(bench, job, error)


def _handfuls(bench: Bench, files: Sequence[Job]) -> Iterator[list[Job]]:
    window: list[Job] = []
    size_bytes = 0
    for job in files:
        window.append(job)
        size_bytes += job.item.state.size_bytes
        if bench.paces.is_handful(len(window), size_bytes):
            yield window
            window, size_bytes = [], 0
    if window:
        yield window


def _opened(bench: Bench, jobs: Sequence[Job], stack: ExitStack) -> Iterator[tuple[Job, KeptFile]]:
    for job in jobs:
        medium = bench.plan.sources[job.item.source].place.medium
        tree, inside = bench.source_split(job.item)
        try:
            folder, name = tree.split(inside)
            if job.item.kind is ItemKind.SYMLINK:
                _look_at_link(bench, job, folder, name)
                continue
            kept = KeptFile(folder, name, medium, is_big=is_big(job))
        except OSError as error:
            _unreadable(bench, job, error)
        except CopyFailedError as error:
            job.fail(error)
        else:
            stack.callback(kept.close)
            kept.ask_for()
            yield job, kept


def _look_at_link(bench: Bench, job: Job, folder: Folder, name: bytes) -> None:
    """A link has no bytes to read; what it is now is what must be renamed."""
    here = look(folder, name)
    if here is None or here.kind is not ItemKind.SYMLINK:
        job.fail(SourceVanished(bench.source_words(job.item)))
        return
    bench.journal.record(LinkRead(job.item.id, link_target(folder, name)))
    job.state, job.is_read = here, True


def _read_one(moving: Moving, job: Job, kept: KeptFile, hands: Hands) -> None:
    bench = moving.bench
    started = time.monotonic()
    work = bench.counters.begin(job.item.id, job.item.path, kept.state.size_bytes)
    ring = hands.ring if kept.state.size_bytes > limits.SMALL_FILE_BYTES else None

    def counted(piece: memoryview, _offset: int) -> None:
        work.copied_bytes[DESTINATION] += len(piece)
        moving.show(job, len(piece))
        bench.paces.read(len(piece))
        if ring is not None:  # small files wait between windows, when they hold no slot
            bench.paces.wait_to_read()

    try:
        own = bench.plan.options.checksums
        algorithms = (*own, *also_wanted(bench, job))
        found = kept.read(algorithms, hands.buffer, ring, bench.control, counted)
        if not kept.is_unchanged():
            return
        compared = compare(bench, job, found)
        is_known = kept.state.is_known_as(job.state)
        job.state, job.checksums, job.is_read = kept.state, found[: len(own)], True
        job.read_s = time.monotonic() - started
    finally:
        bench.counters.at_work.pop(job.item.id, None)
        if not job.is_read:
            moving.take_back(job)
    bench.journal.record(
        SourceRead(
            job.item.id,
            job.item.path,
            job.state,
            job.checksums,
            job.read_s,
            is_known,
            compared,
        )
    )


def _unreadable(bench: Bench, job: Job, error: OSError) -> None:
    failure: KetterError = named.reading(error, bench.source_words(job.item))
    if isinstance(failure, WaitingError):
        raise failure from error
    job.fail(failure)
