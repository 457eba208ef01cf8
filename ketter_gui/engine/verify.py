"""Read a copy back, past the cache, and compare it with what was read from the source."""

from __future__ import annotations

import os
import time

from ketter_gui.disk.folder import Folder, identity_of, state_of
from ketter_gui.disk.metadata import carry_mode
from ketter_gui.disk.readback import let_go, open_direct
from ketter_gui.disk.reading import open_file, read_into
from ketter_gui.domain import limits
from ketter_gui.domain.errors import CopyFailedError, Mismatch, ReadBackFailed
from ketter_gui.domain.items import Identity, Medium, ReadBack
from ketter_gui.engine import named
from ketter_gui.engine.control import Control
from ketter_gui.engine.hashing import Hashing
from ketter_gui.engine.journal import Checksums
from ketter_gui.engine.plan import Attempt, Bench, Job
from ketter_gui.engine.pump import Eat, Ring, pump


def verify_parts(bench: Bench, job: Job, buffer: memoryview, ring: Ring | None) -> None:
    """Read every living part of a job back; `proven_s` and the checksums are set on
    those that are equal, an error on the others.

    With a ring, the parts are big: hashing runs beside reading.
    """
    work = bench.counters.begin(job.item.id, job.item.path, job.state.size_bytes)
    work.is_verifying = True
    try:
        for attempt in job.living:
            work.copied_bytes[attempt.destination] = job.state.size_bytes
            _verify_part(bench, job, attempt, buffer, ring)
            work.verified_bytes[attempt.destination] = job.state.size_bytes
    finally:
        bench.counters.at_work.pop(job.item.id, None)


def _verify_part(
    bench: Bench, job: Job, attempt: Attempt, buffer: memoryview, ring: Ring | None
) -> None:
    words = bench.words_for(attempt.destination, job.item.path)
    medium = bench.plan.destinations[attempt.destination].place.medium
    count = bench.counters.destinations[attempt.destination]
    work = bench.counters.at_work.get(job.item.id)

    def counted(piece: memoryview, _offset: int) -> None:
        count.verified_bytes += len(piece)
        if work is not None:
            work.verified_bytes[attempt.destination] += len(piece)

    try:
        folder = bench.destinations[attempt.destination].folder(job.item.parent)
        fd = open_file(folder, attempt.part)
        try:
            if identity_of(state_of(fd)) != attempt.identity:
                attempt.error = Mismatch(words)
                return
            checksums, attempt.read_back = read_back(
                folder, attempt.part, fd, medium, bench, buffer, ring, counted
            )
            if checksums != job.checksums:
                count.verified_bytes -= job.state.size_bytes  # green is proven bytes, only
                attempt.error = Mismatch(words)
                return
            if not carry_mode(fd, job.state):
                bench.lost["mode"] = bench.lost.get("mode", 0) + 1
        finally:
            os.close(fd)
    except OSError as error:
        attempt.error = _named(error, words)
        return
    except CopyFailedError as error:
        attempt.error = error
        return
    attempt.checksums = checksums
    attempt.proven_s = time.monotonic()


def _named(error: OSError, words: bytes) -> CopyFailedError:
    result = named.writing(error, words, ReadBackFailed)
    result.__cause__ = error
    if not isinstance(result, CopyFailedError):
        raise result
    return result


def read_back(
    folder: Folder,
    name: bytes,
    fd: int,
    medium: Medium,
    bench: Bench,
    buffer: memoryview,
    ring: Ring | None,
    counted: Eat,
) -> tuple[Checksums, ReadBack]:
    """The checksums of a copy as it comes from where it is kept, and how it came.

    Direct I/O for big files where it is proven to bypass the cache; otherwise the pages
    are dropped and seen gone first. Small files do not profit from direct reads
    (measured: three times slower). Raises OSError.
    """
    size_bytes = os.fstat(fd).st_size
    direct = open_direct(folder, name) if ring is not None else None
    try:
        how = _bypassed(medium) if direct is not None else let_go(fd, size_bytes, medium)
        hashing = Hashing(bench.plan.options.checksums)
        source = fd if direct is None else direct
        if ring is None:
            _loop(source, hashing, buffer, bench.control, counted)
        else:
            eaters: list[Eat] = [
                lambda piece, _offset, update=hasher.update: update(piece)  # type: ignore[misc]
                for hasher in hashing.eaters()
            ]
            pump(
                ring,
                lambda view, offset: read_into(source, view, offset),
                [*eaters, counted],
                bench.control,
            )
        return hashing.checksums(), how
    finally:
        if direct is not None:
            os.close(direct)


def _bypassed(medium: Medium) -> ReadBack:
    return ReadBack.SERVER if medium is Medium.SERVER else ReadBack.STORAGE


def _loop(fd: int, hashing: Hashing, buffer: memoryview, control: Control, counted: Eat) -> None:
    offset = 0
    while True:
        control.checkpoint()
        length = read_into(fd, buffer, offset)
        if length:
            hashing.update(buffer[:length])
            counted(buffer[:length], offset)
        offset += length
        if length < len(buffer):
            return


def is_still(state_identity: Identity | None, proven: Identity | None) -> bool:
    """Whether a file now is, by its identity, the one that was proven."""
    return proven is not None and state_identity == proven


def is_fresh(proven_s: float) -> bool:
    """Whether a proof of this monotonic time is young enough to be confirmed by identity."""
    return proven_s > 0 and time.monotonic() - proven_s < limits.PROOF_FRESH_S
