"""Items become entries: each source file is read once, hashed, and stored in the stream.

A small file is read whole before its header is written, so that one which changes while it
is read is simply read again. Of a big one the header is on the drive before its checksum
is known: the checksum is put there in the end, and if the file changed, the stream goes
back to where the entry began. An item that fails is left out, and the archive lacks it.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import islice

from ketter_gui.disk.attributes import has_attributes
from ketter_gui.disk.folder import Folder, state_of
from ketter_gui.disk.readback import open_direct
from ketter_gui.disk.reading import ask_for, link_target, open_file, read_into
from ketter_gui.domain import limits
from ketter_gui.domain.archive_errors import NotForArchive
from ketter_gui.domain.errors import (
    CopyFailedError,
    KetterError,
    SourceChanged,
    SourceIsNewer,
    WaitingError,
)
from ketter_gui.domain.items import FileState, Item, ItemKind, Source
from ketter_gui.domain.status import PROOF, UNFINISHED, CopyStatus
from ketter_gui.engine import named, zip_format
from ketter_gui.engine.expectation import also_wanted, compare
from ketter_gui.engine.hashing import Hashing
from ketter_gui.engine.journal import Checksums, CopyEnded, LinkRead, SourceRead
from ketter_gui.engine.pack_archive import AT_ONCE
from ketter_gui.engine.pack_book import ALIGNED_FROM_BYTES, Book, entry_name, is_big
from ketter_gui.engine.plan import Bench, Job, Work
from ketter_gui.engine.zip_format import Entry
from ketter_gui.engine.zip_names import folded, name_problem
from ketter_gui.engine.zip_stream import ArchivePart, Crc, Stream
from ketter_gui.system.descriptors import at_once

READS_AT_MOST = 3
"""How often a source that changes while it is read is read before its item fails."""


@dataclass(slots=True)
class _Ahead:
    """An item that is next; a small file is open already."""

    work: Work
    fd: int = -1
    folder: Folder | None = None
    is_big: bool = False
    error: KetterError | None = None

    def close(self) -> None:
        fd, self.fd = self.fd, -1
        if fd >= 0:
            os.close(fd)


class Packer:
    """Packs the items of one source; belongs to the transfer's thread. Close it.

    `without_attributes` counts files whose extended attributes or access lists an archive
    has no place for.
    """

    def __init__(
        self,
        bench: Bench,
        source: Source,
        works: Iterable[Work],
        parts: list[ArchivePart],
        stream: Stream,
    ) -> None:
        self.book = Book()
        self.without_attributes = 0
        self._bench = bench
        self._source = source
        self._works: Iterator[Work] = iter(works)
        self._parts = parts
        self._stream = stream
        self._ahead: deque[_Ahead] = deque()
        self._directory = bytearray()
        self._names: set[int] = set()
        self._since_commit = 0

    def pack(self) -> None:
        """Write every entry, and what ends the archive.

        Raises WaitingError when a volume is full or gone, Cancelled, Stopped, and
        `NobodyLeft` when no destination takes any more.
        """
        while (ahead := self._peek()) is not None:
            if ahead.is_big:
                self._ahead.popleft()
                self._wait()
                self._pack_big(ahead.work)
            else:
                self._stream.run(self._append, self._wait)
        start = self._stream.position
        count = len(self.book.items)
        tail = self._directory
        tail += zip_format.end_records(count, start, len(tail))
        self.book.tail = hashlib.sha256(tail).digest()
        self.book.tail_bytes = len(tail)
        self._stream.bytes_of(tail)
        tail.clear()
        self._stream.end()
        self._put_checksums()

    def _put_checksums(self) -> None:
        """Into the headers of big entries, which were written before they were known. Last
        of all: FAT behind fusefat loses a file's middle when it grows again after a write
        near its beginning (measured)."""
        book = self.book
        for offset, crc, padding in zip(book.offsets, book.crcs, book.paddings, strict=True):
            if padding:
                self._stream.patch(offset + zip_format.CRC_AT, zip_format.crc_bytes(crc))

    def close(self) -> None:
        """Close what was opened ahead."""
        for ahead in self._ahead:
            ahead.close()
        self._ahead.clear()

    # --- what is next ----------------------------------------------------------------------

    def _peek(self) -> _Ahead | None:
        while not self._ahead:
            window = list(islice(self._works, at_once(limits.READ_AHEAD_FILES)))
            if not window:
                return None
            for work in window:
                if self._is_wanted(work):
                    ahead = _Ahead(work)
                    self._ahead.append(ahead)
                    self._open(ahead)
        return self._ahead[0]

    def _is_wanted(self, work: Work) -> bool:
        """Not the source's own folder, which is the archive; not what the scan could not
        read, which has failed already; not what an archive cannot hold."""
        if work.item.path == self._source.name:
            return False
        if any(copy.status is CopyStatus.FAILED for copy in work.copies):
            return False
        name = entry_name(self._source, work.item)
        problem = name_problem(name)
        if not problem:
            same = folded(name.rstrip(b"/"))
            if same in self._names:
                problem = "another name in it is the same but for case or the way of its accents"
            self._names.add(same)
        if problem:
            path = self._bench.source_words(work.item)
            self._miss(work, NotForArchive(path, problem=problem))
        return not problem

    def _open(self, ahead: _Ahead) -> None:
        item = ahead.work.item
        if item.kind is not ItemKind.FILE:
            return
        if is_big(item):
            ahead.is_big = True
            return
        tree, inside = self._bench.source_split(item)
        try:
            ahead.folder, name = tree.split(inside)
            ahead.fd = open_file(ahead.folder, name)
            ask_for(ahead.fd)
        except OSError as error:
            ahead.error = self._named(item, error)
        except CopyFailedError as error:
            ahead.error = error

    def _named(self, item: Item, error: OSError) -> KetterError:
        """Raises it when the whole transfer has to wait."""
        failure = named.reading(error, self._bench.source_words(item))
        if isinstance(failure, WaitingError):
            raise failure from error
        return failure

    # --- small entries ---------------------------------------------------------------------

    def _wait(self) -> None:
        """For the pace, and for the ledger to have written what it was told."""
        self._bench.paces.wait_to_read()
        if self._since_commit >= AT_ONCE:
            self._bench.journal.commit()
            self._since_commit = 0

    def _append(self, view: memoryview, offset: int) -> int:
        if self._since_commit >= AT_ONCE:
            return 0
        while (ahead := self._peek()) is not None and not ahead.is_big:
            length = self._put(ahead, view, offset)
            if length is None:
                return 0
            self._ahead.popleft().close()
            if length:
                return length
        return 0

    def _put(self, ahead: _Ahead, view: memoryview, offset: int) -> int | None:
        """Put one small entry into the buffer; None when it does not fit, 0 if it failed."""
        work = ahead.work
        if ahead.error is not None:
            self._miss(work, ahead.error)
            return 0
        if work.item.kind is ItemKind.FILE:
            return self._put_file(ahead, view, offset)
        target = b""
        if work.item.kind is ItemKind.SYMLINK:
            tree, inside = self._bench.source_split(work.item)
            try:
                target = link_target(*tree.split(inside))
            except OSError as error:
                self._miss(work, self._named(work.item, error))
                return 0
            except CopyFailedError as error:
                self._miss(work, error)
                return 0
        entry = self._entry(work, work.item.state, offset, len(target), zip_format.crc_of(target))
        whole = zip_format.local_header(entry) + target
        if len(whole) > len(view):
            return None
        view[: len(whole)] = whole
        if work.item.kind is ItemKind.SYMLINK:
            self.book.links[len(self.book.items)] = target
            self._bench.journal.record(LinkRead(work.item.id, target))
        self._note(work, entry)
        return len(whole)

    def _put_file(self, ahead: _Ahead, view: memoryview, offset: int) -> int | None:
        work, fd = ahead.work, ahead.fd
        started = time.monotonic()
        shown = self._bench.counters.begin(work.item.id, work.item.path, work.item.state.size_bytes)
        try:
            for _ in range(READS_AT_MOST):
                before = state_of(fd)
                name = entry_name(self._source, work.item)
                head = zip_format.header_bytes(name, before.size_bytes, before.mtime_ns)
                if head + before.size_bytes > len(view):
                    ahead.is_big = before.size_bytes > ALIGNED_FROM_BYTES
                    return None
                data = view[head : head + before.size_bytes]
                length = read_into(fd, data, 0) if before.size_bytes else 0
                self._bench.paces.read(length)
                after = state_of(fd)
                if length != after.size_bytes or not after.is_unchanged_from(before):
                    continue
                hashing = Hashing(self._algorithms(work))
                hashing.update(data)
                entry = self._entry(work, after, offset, length, zip_format.crc_of(data))
                view[:head] = zip_format.local_header(entry)
                checksums = hashing.checksums()
                self._read(work, after, checksums, started, fd)
                self._note(work, entry)
                self._count(work, length, shown.copied_bytes)
                return head + length
            self._miss(work, SourceChanged(self._bench.source_words(work.item)))
        except OSError as error:
            self._miss(work, self._named(work.item, error))
        except CopyFailedError as error:
            self._miss(work, error)
        finally:
            self._bench.counters.at_work.pop(work.item.id, None)
        return 0

    # --- big entries -----------------------------------------------------------------------

    def _pack_big(self, work: Work) -> None:
        tree, inside = self._bench.source_split(work.item)
        mark = self._stream.mark()
        try:
            folder, name = tree.split(inside)
            with ExitStack() as stack:
                fd = open_file(folder, name)
                stack.callback(os.close, fd)
                direct = _past_the_cache(folder, name, fd, stack)
                for _ in range(READS_AT_MOST):
                    if self._big_once(work, fd, direct):
                        return
                    self._stream.rewind(mark)
            self._miss(work, SourceChanged(self._bench.source_words(work.item)))
        except OSError as error:
            self._stream.rewind(mark)
            self._miss(work, self._named(work.item, error))
        except CopyFailedError as error:
            self._stream.rewind(mark)
            self._miss(work, error)
        finally:
            self._bench.counters.at_work.pop(work.item.id, None)

    def _big_once(self, work: Work, fd: int, direct: int) -> bool:
        """One reading. False: it changed meanwhile. Raises SourceIsNewer."""
        started = time.monotonic()
        before = state_of(fd)
        shown = self._bench.counters.begin(work.item.id, work.item.path, before.size_bytes)
        entry = self._entry(work, before, self._stream.position, before.size_bytes, 0, True)
        hashing = Hashing(self._algorithms(work))
        crc = Crc()
        counted = 0
        is_kept = False

        def read(view: memoryview, at: int) -> int:
            nonlocal counted
            if at > before.size_bytes:
                return 0  # it grows, and has changed, however long one went on
            self._bench.paces.wait_to_read()
            length = read_into(direct, view, at)
            self._bench.paces.read(length)
            self._count(work, length, shown.copied_bytes)
            counted += length
            return length

        try:
            head = zip_format.local_header(entry)
            length = self._stream.data(head, read, [*hashing.eaters(), crc.eat])
            after = state_of(fd)
            if length != after.size_bytes or not after.is_unchanged_from(before):
                return False
            self._read(work, after, hashing.checksums(), started, fd)
            is_kept = True
        finally:
            if not is_kept:
                self._count(work, -counted, shown.copied_bytes)
        self._note(work, replace(entry, crc=crc.value))
        return True

    # --- what became of it -----------------------------------------------------------------

    def _entry(
        self,
        work: Work,
        state: FileState,
        offset: int,
        size_bytes: int,
        crc: int,
        is_padded: bool = False,
    ) -> Entry:
        name = entry_name(self._source, work.item)
        padding = 0
        if is_padded:
            head = zip_format.header_bytes(name, size_bytes, state.mtime_ns)
            padding = zip_format.padding_for(offset + head) or zip_format.BLOCK_BYTES
        return Entry(name, size_bytes, state.mode, state.mtime_ns, offset, crc, padding)

    def _note(self, work: Work, entry: Entry) -> None:
        book = self.book
        book.items.append(work.item.id)
        book.offsets.append(entry.offset)
        book.crcs.append(entry.crc)
        book.paddings.append(entry.padding)
        book.holds_files |= work.item.kind is not ItemKind.FOLDER
        self._directory += zip_format.central_record(entry)
        self._since_commit += 1

    def _algorithms(self, work: Work) -> tuple[str, ...]:
        """The transfer's own checksums, and those that its manifests are compared with."""
        own = self._bench.plan.options.checksums
        return (*own, *also_wanted(self._bench, _job(work))) if work.expected else own

    def _read(
        self, work: Work, state: FileState, found: Checksums, started: float, fd: int
    ) -> None:
        """Tell that a source was read. Raises SourceDiffersFromManifest, and SourceIsNewer
        when a copy of it from before is of other bytes: two copies of one item are equal,
        or one of them has failed."""
        item, bench = work.item, self._bench
        checksums = found[: len(bench.plan.options.checksums)]
        if any(copy.checksums != checksums for copy in work.copies if copy.status in PROOF):
            raise SourceIsNewer(bench.source_words(item))
        job = _job(work)
        outcome = compare(bench, job, found)
        took_s = time.monotonic() - started
        is_known = state.is_known_as(item.state)
        bench.journal.record(
            SourceRead(item.id, item.path, state, checksums, took_s, is_known, outcome)
        )
        if job.differs is not None:
            raise job.differs
        self.without_attributes += has_attributes(fd)

    def _count(self, work: Work, length: int, shown: list[int]) -> None:
        unfinished = {copy.destination for copy in work.copies if copy.status in UNFINISHED}
        for part in self._parts:
            if part.error is None and part.destination in unfinished:
                self._bench.counters.destinations[part.destination].add(copied_bytes=length)
                shown[part.destination] += length

    def _miss(self, work: Work, error: KetterError) -> None:
        """An item that the archive will lack. If an earlier archive has it, a new one that
        has not is no gain, and is not kept."""
        statuses = {copy.destination: copy.status for copy in work.copies}
        for part in self._parts:
            if part.error is not None:
                continue
            if statuses[part.destination] in PROOF:
                part.error = error
                continue
            self._bench.counters.destinations[part.destination].files_failed += 1
            self._bench.journal.record(
                CopyEnded(work.item.id, part.destination, work.item.path, CopyStatus.FAILED, error)
            )


def _job(work: Work) -> Job:
    return Job(work.item, work.item.state, [], expected=work.expected)


def _past_the_cache(folder: Folder, name: bytes, fd: int, stack: ExitStack) -> int:
    """The same file for direct reading where that works; it must be the same file still."""
    try:
        direct = open_direct(folder, name)
    except OSError:
        return fd
    if direct is None:
        return fd
    stack.callback(os.close, direct)
    return direct if os.path.sameopenfile(direct, fd) else fd
