"""`--unzip`: each source `NAME.zip` arrives as the folder `NAME`, an entry a file.

The source of a file is an entry of the archive instead of a file on a card: its bytes,
unpacked, are hashed (SOURCE) on their way into the parts, and the archive's own CRC-32 of
them is checked in the same pass. Everything after that is a copy like any other: flushed,
read back, proven, named, verified (P1, P2).

Entries are taken in the order of the central directory, which is that of the items; so one
walk through it serves them all, and a resumed transfer just walks past what is done. Each
walk looks at the archive anew: nothing is believed because it was looked at yesterday.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, closing
from functools import partial
from itertools import groupby

from ketter_gui.disk.direct import PartWriter
from ketter_gui.disk.flushing import flush
from ketter_gui.disk.folder import identity_of, look
from ketter_gui.disk.metadata import carry
from ketter_gui.disk.writing import write_all
from ketter_gui.domain.archive_errors import EntryDamaged
from ketter_gui.domain.errors import (
    Cancelled,
    CopyFailedError,
    FlushFailed,
    KetterError,
    SourceChanged,
    WaitingError,
    WriteFailed,
)
from ketter_gui.domain.items import ItemKind
from ketter_gui.domain.status import CopyStatus
from ketter_gui.engine import named
from ketter_gui.engine.batches import Batch, batches
from ketter_gui.engine.commit import end_failed, flush_parts, name_proven, prove, removed_part
from ketter_gui.engine.counters import AtWork
from ketter_gui.engine.existing import settle_existing
from ketter_gui.engine.hands import Hands
from ketter_gui.engine.hashing import Hashing
from ketter_gui.engine.journal import Checksums, CopiesStarted, CopyReset, SourceRead
from ketter_gui.engine.losses import tell
from ketter_gui.engine.make import make_folder, make_symlink
from ketter_gui.engine.parts import (
    OpenPart,
    close_parts,
    count_written,
    create_parts,
    discard_parts,
    give_up,
    guarded,
)
from ketter_gui.engine.plan import Bench, Job, Work
from ketter_gui.engine.pump import Eat, pump
from ketter_gui.engine.recover import pick_up
from ketter_gui.engine.unpack_archive import Archives
from ketter_gui.engine.unpack_check import link_of
from ketter_gui.engine.verify import verify_parts
from ketter_gui.engine.zip_read import BadArchive, EntryReader, Packed, data_offset
from ketter_gui.engine.zip_stream import Crc


def carry_out_unpacked(bench: Bench, works: Iterable[Work], *, is_resumed: bool) -> None:
    """Bring every unfinished copy to an end.

    Failures of an entry or a copy are recorded and the others go on. Raises WaitingError
    when a volume is full or gone, Cancelled, Stopped, ArchiveRefused and LedgerError.
    """
    with Hands() as hands, closing(Archives(bench)) as archives:
        for source, its_works in groupby(works, key=lambda work: work.item.source):
            for batch in batches(bench, its_works):  # none is of two archives: one is open
                bench.check_destinations()
                bench.check_sources([source])
                try:
                    _one_batch(bench, batch, hands, archives, is_resumed=is_resumed)
                except WaitingError as error:
                    _go_back(bench, batch.jobs, error)
                    raise


def _one_batch(
    bench: Bench, batch: Batch, hands: Hands, archives: Archives, *, is_resumed: bool
) -> None:
    jobs = batch.jobs
    bench.forget_folders()
    bench.flushed.clear()
    for job, work in zip(jobs, batch.works, strict=True):
        earlier = {copy.destination: copy for copy in work.copies}
        for attempt in job.attempts:
            attempt.is_continued = False
            if is_resumed:
                pick_up(bench, job, attempt, earlier[attempt.destination])
    unpack = _Unpack(bench, hands, archives, is_big=batch.is_big, flush_each=batch.flush_each)
    for job in jobs:
        bench.control.checkpoint()
        unpack.settle(job)
    _start(bench, jobs)
    batch.flushes_before = Counter(bench.failed_flushes)
    for job in jobs:
        if job.living:
            bench.control.checkpoint()
            bench.paces.wait_to_read()
            unpack.make(job)
    if not archives.is_unchanged():
        for job in jobs:
            job.fail(SourceChanged(bench.source_words(job.item)))
    if not batch.flush_each:
        flush_parts(bench, jobs, batch.flushes_before)
    verify_parts(bench, jobs, hands, is_big=batch.is_big)
    prove(bench, jobs)
    bench.forget_folders()
    name_proven(bench, jobs)
    end_failed(bench, jobs)


class _Unpack:
    """One batch of entries on its way into parts."""

    def __init__(
        self, bench: Bench, hands: Hands, archives: Archives, *, is_big: bool, flush_each: bool
    ) -> None:
        self._bench = bench
        self._hands = hands
        self._archives = archives
        self._is_big = is_big
        self._flush_each = flush_each
        self._entries: dict[int, Packed] = {}

    def settle(self, job: Job) -> None:
        """Find the entry, and look at what its destinations have under its name. Whether
        that is the same is known only when the entry was read."""
        if job.item.kind is ItemKind.FOLDER or not job.living:
            return
        try:
            self._entries[job.item.id] = self._archives.entry(job.item)
            if job.item.kind is ItemKind.SYMLINK:
                job.link = self._target(job)
            elif _may_be_there(self._bench, job):
                self._read(job, [], self._bench.counters.begin(job.item.id, job.item.path, 0))
        except (BadArchive, OSError, CopyFailedError) as error:
            self._fail(job, error)
            return
        finally:
            self._bench.counters.at_work.pop(job.item.id, None)
        ring = self._hands.ring if self._is_big else None
        settle_existing(self._bench, job, self._hands.buffer, ring)

    def make(self, job: Job) -> None:
        """Make the parts of one item."""
        if job.item.kind is ItemKind.FOLDER:
            make_folder(self._bench, job)
            return
        if job.item.kind is ItemKind.SYMLINK:
            make_symlink(self._bench, job)
            return
        try:
            self._make_file(job)
        except (BadArchive, OSError, CopyFailedError) as error:
            self._fail(job, error)
        finally:
            self._bench.counters.at_work.pop(job.item.id, None)

    def _target(self, job: Job) -> bytes:
        entry = self._entries[job.item.id]
        return link_of(self._archives.fd, entry, data_offset(self._archives.fd, entry))

    def _make_file(self, job: Job) -> None:
        bench = self._bench
        shown = bench.counters.begin(job.item.id, job.item.path, job.state.size_bytes)
        parts = create_parts(bench, job, job.state)
        is_whole = False
        try:
            self._read(job, parts, shown)
            is_whole = True
            for part in parts:
                if part.attempt.is_alive:
                    _finish(bench, job, part, flush_it=self._flush_each)
        finally:
            close_parts(parts)
            if not is_whole:
                discard_parts(bench, parts, shown)

    def _read(self, job: Job, parts: list[OpenPart], shown: AtWork) -> None:
        """Unpack an entry into these parts, and hash it. Raises BadArchive, OSError of the
        archive, SourceChanged when it gives other bytes than a moment ago."""
        started = time.monotonic()
        entry = self._entries[job.item.id]
        fd = self._archives.fd
        reader = EntryReader(fd, entry, data_offset(fd, entry))
        hashing = Hashing(self._bench.plan.options.checksums)
        crc = Crc()
        if self._is_big:
            size_bytes = self._pumped(reader, [*hashing.eaters(), crc.eat], parts, shown)
        else:
            size_bytes = self._looped(reader, [_updating(hashing), crc.eat], parts, shown)
        if size_bytes != entry.size_bytes:
            raise BadArchive("it holds less than it says")
        if crc.value != entry.crc:
            raise BadArchive("its bytes do not have the checksum (CRC-32) that they should have")
        self._tell_read(job, hashing.checksums(), time.monotonic() - started)

    def _tell_read(self, job: Job, checksums: Checksums, took_s: float) -> None:
        if job.is_read and checksums != job.checksums:
            raise SourceChanged(self._bench.source_words(job.item))
        if not job.is_read:
            item = job.item
            self._bench.journal.record(
                SourceRead(item.id, item.path, job.state, checksums, took_s, is_known=True)
            )
        job.checksums = checksums
        job.read_s = took_s
        job.is_read = True

    def _looped(
        self, reader: EntryReader, eaters: Sequence[Eat], parts: list[OpenPart], shown: AtWork
    ) -> int:
        buffer, offset = self._hands.buffer, 0
        writers = [self._writer(part, partial(write_all, part.fd), shown) for part in parts]
        with self._bench.control.in_slot(self._bench.slots):
            while length := reader.fill(buffer, offset):
                self._bench.paces.read(length)
                for eat in (*eaters, *writers):
                    eat(buffer[:length], offset)
                offset += length
        return offset

    def _pumped(
        self, reader: EntryReader, eaters: Sequence[Eat], parts: list[OpenPart], shown: AtWork
    ) -> int:
        def paced(view: memoryview, offset: int) -> int:
            self._bench.paces.wait_to_read()
            length = reader.fill(view, offset)
            self._bench.paces.read(length)
            return length

        with ExitStack() as stack:
            writers = []
            for part in parts:
                writer = PartWriter(part.folder, part.attempt.part, part.fd)
                stack.callback(writer.close)
                writers.append(self._writer(part, writer.write, shown))
            every = [*eaters, *writers]
            return pump(self._hands.ring, paced, every, self._bench.control)

    def _writer(
        self, part: OpenPart, write: Callable[[memoryview, int], object], shown: AtWork
    ) -> Eat:
        def eat(piece: memoryview, offset: int) -> None:
            if part.attempt.is_alive:
                guarded(self._bench, part, WriteFailed, lambda: write(piece, offset))
                count_written(self._bench, part, len(piece), shown)

        return eat

    def _fail(self, job: Job, error: Exception) -> None:
        """Raises it when the whole transfer has to wait."""
        words = b"%s/%s" % (self._bench.source_words(job.item), _inside(self._bench, job))
        failure: KetterError
        if isinstance(error, BadArchive):
            failure = EntryDamaged(words, problem=str(error))
        elif isinstance(error, OSError):
            failure = named.reading(error, words)
        else:
            assert isinstance(error, KetterError)
            failure = error
        if isinstance(failure, WaitingError):
            raise failure from error
        job.fail(failure)


def _updating(hashing: Hashing) -> Eat:
    return lambda piece, _offset: hashing.update(piece)


def _inside(bench: Bench, job: Job) -> bytes:
    """An entry's path in its archive."""
    return job.item.path[len(bench.plan.sources[job.item.source].name) + 1 :]


def _may_be_there(bench: Bench, job: Job) -> bool:
    """Whether a destination has a file of its name and size: only then is it read before
    it is known whether it has to be written."""
    for attempt in job.living:
        try:
            folder = bench.destinations[attempt.destination].folder(job.item.parent)
            there = look(folder, attempt.final)
        except (OSError, CopyFailedError):
            continue  # `settle_existing` will say what it is
        if there is not None and there.size_bytes == job.state.size_bytes:
            return True
    return False


def _finish(bench: Bench, job: Job, part: OpenPart, *, flush_it: bool) -> None:
    """Times and owner; then the flush, unless the batch has one for all."""
    try:
        lost, now = carry(None, part.fd, job.state, None, bench.control.gate)
    except OSError as error:
        words = bench.words_for(part.attempt.destination, job.item.path)
        return give_up(part.attempt, named.writing(error, words))
    tell(bench, job.item.id, part.attempt.destination, lost)
    if flush_it:
        with bench.control.slow_call():
            guarded(bench, part, FlushFailed, partial(flush, part.fd))
    part.attempt.identity = identity_of(now)
    return None


def _start(bench: Bench, jobs: Sequence[Job]) -> None:
    """The ledger knows of every part before it exists."""
    copies = []
    for job in jobs:
        for attempt in job.living:
            if not attempt.is_started:
                copies.append((job.item.id, attempt.destination))
            attempt.is_started = True
    if copies:
        bench.journal.record(CopiesStarted(tuple(copies)))
        bench.journal.commit()


def _go_back(bench: Bench, jobs: Sequence[Job], reason: WaitingError) -> None:
    """Back to the last proof: unproven parts go; their copies are cancelled, or pending
    again when the transfer only has to wait."""
    is_cancelled = isinstance(reason, Cancelled)
    for job in jobs:
        for attempt in job.living:
            if is_cancelled:
                attempt.error = reason
                continue
            is_gone = removed_part(bench, job.item, attempt.destination, attempt.part)
            if attempt.is_started and is_gone:
                bench.journal.record(CopyReset(job.item.id, attempt.destination))
    end_failed(bench, jobs, CopyStatus.CANCELLED if is_cancelled else CopyStatus.FAILED)
    bench.journal.commit()
