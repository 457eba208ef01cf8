"""Read the parts back and compare them with what was read from the source."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from ketter_gui.disk.folder import identity_of
from ketter_gui.disk.metadata import carry_mode
from ketter_gui.domain import limits
from ketter_gui.domain.errors import CopyFailedError, Mismatch, ReadBackFailed
from ketter_gui.domain.items import Identity, ItemKind, Loss, ReadBack
from ketter_gui.engine import named
from ketter_gui.engine.counters import AtWork
from ketter_gui.engine.hands import Hands
from ketter_gui.engine.journal import Checksums
from ketter_gui.engine.losses import tell
from ketter_gui.engine.plan import Attempt, Bench, Job
from ketter_gui.engine.pump import Ring
from ketter_gui.engine.read_back import KeptFile
from ketter_gui.engine.side_by_side import side_by_side

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _OpenPart:
    job: Job
    attempt: Attempt
    kept: KeptFile


_Parts = Sequence[tuple[Job, Attempt]]


def verify_parts(bench: Bench, jobs: Sequence[Job], hands: Hands, *, is_big: bool) -> None:
    """Read every living part of these files back. `proven_s`, the checksums and how they
    were read are set on those that are equal, an error on the others.

    Small parts are opened, dropped from the cache and seen gone, and asked for from the
    drive some at a time, and those of the next time before the first of them is read. A big
    one is read back from all its destinations at once, hashing beside reading: drives do
    not wait for each other.
    """
    parts = [
        (job, attempt) for job in jobs if job.item.kind is ItemKind.FILE for attempt in job.living
    ]
    if is_big:
        _verify_big(bench, parts, hands)
    else:
        _verify_small(bench, parts, hands)


def _verify_small(bench: Bench, parts: _Parts, hands: Hands) -> None:
    asked: list[_OpenPart] = []
    try:
        for window in (*_handfuls(bench, parts), ()):
            bench.control.checkpoint()
            bench.paces.wait_to_read_back()
            with bench.control.in_slot(bench.slots):
                opened, asked = asked, _open_all(bench, window, is_big=False)
                _one_by_one(bench, opened, hands.buffer)
    finally:
        _close_all(asked)


def _verify_big(bench: Bench, parts: _Parts, hands: Hands) -> None:
    for window in _cut(parts, limits.READ_BACK_AT_ONCE):
        bench.control.checkpoint()
        opened = _open_all(bench, window, is_big=True)
        try:
            _all_at_once(bench, opened, hands.rings(len(opened)))
        finally:
            _close_all(opened)


def _handfuls(bench: Bench, parts: _Parts) -> Iterator[_Parts]:
    first = size_bytes = 0
    for end, (job, _) in enumerate(parts, 1):
        size_bytes += job.item.state.size_bytes
        if bench.paces.is_handful(end - first, size_bytes):
            yield parts[first:end]
            first, size_bytes = end, 0
    if first < len(parts):
        yield parts[first:]


def _cut(parts: _Parts, step: int) -> Iterator[_Parts]:
    for first in range(0, len(parts), step):
        yield parts[first : first + step]


def _open_all(bench: Bench, window: _Parts, *, is_big: bool) -> list[_OpenPart]:
    """Those that can be opened; the others have failed."""
    opened: list[_OpenPart] = []
    try:
        for job, attempt in window:
            part = _open(bench, job, attempt, is_big=is_big)
            if part is not None:
                opened.append(part)
    except BaseException:
        _close_all(opened)
        raise
    return opened


def _close_all(opened: Sequence[_OpenPart]) -> None:
    for part in opened:
        part.kept.close()


def _one_by_one(bench: Bench, parts: Sequence[_OpenPart], buffer: memoryview) -> None:
    try:
        for part in parts:
            work = _begun(bench, part.job)
            compare = partial(_compare, bench, part, work, buffer, None)
            try:
                _failing_alone(bench, part.job, part.attempt, compare)
            finally:
                bench.counters.at_work.pop(part.job.item.id, None)
    finally:
        _close_all(parts)


def _all_at_once(bench: Bench, parts: Sequence[_OpenPart], rings: Sequence[Ring]) -> None:
    """The parts of one file, each by a thread of its own. Raises what the first of them
    raised that is more than a failure of its copy."""
    if not parts:
        return
    job = parts[0].job
    work = _begun(bench, job)

    def read_back(part: _OpenPart, ring: Ring) -> None:
        compare = partial(_compare, bench, part, work, memoryview(b""), ring)
        _failing_alone(bench, job, part.attempt, compare)

    acts = [partial(read_back, *one) for one in zip(parts, rings, strict=False)]
    try:
        side_by_side(acts, "ketter-read-back")
    finally:
        bench.counters.at_work.pop(job.item.id, None)


def _begun(bench: Bench, job: Job) -> AtWork:
    """Show it as being read back: all its copies are written, some are proven already."""
    work = bench.counters.begin(job.item.id, job.item.path, job.state.size_bytes)
    work.is_verifying = True
    for attempt in job.attempts:
        work.copied_bytes[attempt.destination] = job.state.size_bytes
        if attempt.checksums:
            work.verified_bytes[attempt.destination] = job.state.size_bytes
    return work


def _failing_alone(bench: Bench, job: Job, attempt: Attempt, act: Callable[[], _T]) -> _T | None:
    """A copy that cannot be read back, or is not equal, fails; the others go on."""
    try:
        return act()
    except OSError as error:
        words = bench.words_for(attempt.destination, job.item.path)
        failure = named.writing(error, words, ReadBackFailed)
        if not isinstance(failure, CopyFailedError):
            raise failure from error
        attempt.error = failure
    except CopyFailedError as error:
        attempt.error = error
    return None


def _open(bench: Bench, job: Job, attempt: Attempt, *, is_big: bool) -> _OpenPart | None:
    kept = _failing_alone(bench, job, attempt, lambda: _kept(bench, job, attempt, is_big=is_big))
    return None if kept is None else _OpenPart(job, attempt, kept)


def _kept(bench: Bench, job: Job, attempt: Attempt, *, is_big: bool) -> KeptFile:
    folder = bench.destinations[attempt.destination].folder(job.item.parent)
    medium = bench.plan.destinations[attempt.destination].place.medium
    root = bench.file_system(attempt.destination)
    kept = KeptFile(folder, attempt.part, medium, is_big=is_big, root=root)
    try:
        if identity_of(kept.state) != attempt.identity:
            raise Mismatch(bench.words_for(attempt.destination, job.item.path))
        kept.ask_for()
    except BaseException:
        kept.close()
        raise
    return kept


def _compare(
    bench: Bench, part: _OpenPart, work: AtWork, buffer: memoryview, ring: Ring | None
) -> None:
    job, attempt, kept = part.job, part.attempt, part.kept
    number = attempt.destination
    count = bench.counters.destinations[number]
    started = time.monotonic()

    def counted(piece: memoryview, _offset: int) -> None:
        count.add(verified_bytes=len(piece))
        work.verified_bytes[number] += len(piece)
        bench.paces.read_back(number, len(piece))
        if ring is not None:
            bench.paces.wait_to_read_back(number)

    checksums: Checksums = ()
    try:
        checksums = kept.read(bench.plan.options.checksums, buffer, ring, bench.control, counted)
    finally:
        if checksums != job.checksums:  # green is proven bytes, only
            count.add(verified_bytes=-work.verified_bytes[number])
            work.verified_bytes[number] = 0
    if checksums != job.checksums:
        raise Mismatch(bench.words_for(number, job.item.path))
    if not carry_mode(kept.fd, job.state, kept.state, bench.control.gate):
        tell(bench, job.item.id, number, Loss.MODE)
    bench.counters.copies_from_cache += kept.how is ReadBack.CACHE
    attempt.read_back = kept.how
    attempt.checksums = checksums
    attempt.proven_s = time.monotonic()
    attempt.read_back_s = attempt.proven_s - started


def is_still(state_identity: Identity | None, proven: Identity | None) -> bool:
    """Whether a file now is, by its identity, the one that was proven."""
    return proven is not None and state_identity == proven


def is_fresh(proven_s: float) -> bool:
    """Whether a proof of this monotonic time is young enough to be confirmed by identity."""
    return proven_s > 0 and time.monotonic() - proven_s < limits.PROOF_FRESH_S
