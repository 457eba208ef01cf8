"""An archive read back from its drive, entry by entry, and compared with what was read.

Every byte of it is accounted for: each header is made again and compared, with the CRC-32
in it; each file's bytes give the checksums that its source gave (DESTINATION); and what
follows the last entry has the checksum that it had when it was written. That bytes which
are equal have the CRC-32 that was computed of them needs no second computing.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator

from ketter_gui.disk.folder import Folder, identity_of
from ketter_gui.domain.errors import Mismatch
from ketter_gui.domain.items import Identity, ItemKind, ReadBack, Source
from ketter_gui.domain.status import UNFINISHED
from ketter_gui.engine import zip_format
from ketter_gui.engine.counters import AtWork
from ketter_gui.engine.hashing import Hashing
from ketter_gui.engine.journal import Checksums, CopyProven
from ketter_gui.engine.pack_archive import AT_ONCE
from ketter_gui.engine.pack_book import Book
from ketter_gui.engine.plan import Bench, Work
from ketter_gui.engine.pump import Ring
from ketter_gui.engine.read_back import KeptFile
from ketter_gui.engine.segments import Segment, Segments


def check_archive(
    bench: Bench,
    source: Source,
    works: Iterable[Work],
    book: Book,
    destination: int,
    part: bytes,
    identity: Identity,
    ring: Ring,
) -> tuple[ReadBack, float, Checksums]:
    """Read a part back and compare it; records `proven` for each of its entries.

    Returns how it was read back, how many seconds that took, and the checksums of the whole.
    Raises Mismatch, which names the entry, and OSError; Cancelled and Stopped.
    """
    words = bench.words_for(destination, source.name + b".zip")
    folder: Folder = bench.destinations[destination].root
    medium = bench.plan.destinations[destination].place.medium
    started = time.monotonic()
    with KeptFile(folder, part, medium, is_big=True) as kept:
        if identity_of(kept.state) != identity:
            raise Mismatch(words)
        checker = _Checker(bench, source, works, book, destination, identity, kept.how)
        try:
            names = bench.plan.options.archive_checksums()
            whole = kept.read(names, memoryview(b""), ring, bench.control, checker.eat)
            checker.finish(words)
        except BaseException:
            checker.take_back()
            raise
    return kept.how, time.monotonic() - started, whole


class _Checker:
    """Takes the archive's bytes in order, in one thread of the pump."""

    def __init__(
        self,
        bench: Bench,
        source: Source,
        works: Iterable[Work],
        book: Book,
        destination: int,
        identity: Identity,
        how: ReadBack,
    ) -> None:
        self._bench = bench
        self._source = source
        self._book = book
        self._destination = destination
        self._identity = identity
        self._how = how
        self._hashing = Hashing(())
        self._shown = AtWork(0, b"", 0, [], [])
        self._is_counted = False
        self._counted = 0
        self._since_commit = 0
        self._is_whole = False
        self._segments = Segments(self._walk(iter(works)))

    def eat(self, piece: memoryview, _offset: int) -> None:
        """Take the next bytes. Raises Mismatch."""
        self._bench.paces.read_back(self._destination, len(piece))
        self._bench.paces.wait_to_read_back(self._destination)
        with self._bench.control.in_slot(self._bench.slots):
            self._segments.eat(piece)
        if self._since_commit >= AT_ONCE:
            self._bench.journal.commit()
            self._since_commit = 0

    def finish(self, words: bytes) -> None:
        """After the last byte. Raises Mismatch when the archive was not whole."""
        self._segments.finish()
        if not self._is_whole:
            raise Mismatch(words)

    def take_back(self) -> None:
        """It was not proven: what was counted for it does not count (green is proof)."""
        self._bench.counters.destinations[self._destination].add(verified_bytes=-self._counted)
        self._counted = 0

    def _walk(self, works: Iterator[Work]) -> Iterator[Segment]:
        """The archive's segments, one after the other; each is checked when it was taken."""
        for number, item in enumerate(self._book.items):
            work = next(one for one in works if one.item.id == item)
            entry = self._book.entry(number, self._source, work.item)
            header = zip_format.local_header(entry)
            found = bytearray()
            yield len(header), found.__iadd__
            if found != header:
                raise self._mismatch(work)
            if work.item.kind is ItemKind.SYMLINK:
                target = bytearray()
                yield entry.size_bytes, target.__iadd__
                is_equal = target == self._book.links[number]
            else:
                yield from self._data(work, entry.size_bytes)
                is_folder = work.item.kind is ItemKind.FOLDER
                is_equal = is_folder or self._hashing.checksums() == work.checksums
            if not is_equal:
                raise self._mismatch(work)
            if self._is_unfinished(work):
                self._prove(work)
        tail = hashlib.sha256()
        yield self._book.tail_bytes, tail.update
        if tail.digest() != self._book.tail:
            raise Mismatch(self._bench.words_for(self._destination, self._source.name + b".zip"))
        self._is_whole = True
        yield 1, self._too_long

    def _data(self, work: Work, size_bytes: int) -> Iterator[Segment]:
        counters = self._bench.counters
        self._hashing = Hashing(self._bench.plan.options.checksums)
        self._shown = counters.begin(work.item.id, work.item.path, size_bytes)
        self._shown.is_verifying = True
        self._is_counted = self._is_unfinished(work)
        try:
            yield size_bytes, self._take_data
        finally:
            counters.at_work.pop(work.item.id, None)

    def _take_data(self, piece: memoryview) -> None:
        self._hashing.update(piece)
        if self._is_counted:
            length = len(piece)
            self._bench.counters.destinations[self._destination].add(verified_bytes=length)
            self._shown.verified_bytes[self._destination] += length
            self._counted += length

    def _too_long(self, _piece: memoryview) -> None:
        raise Mismatch(self._bench.words_for(self._destination, self._source.name + b".zip"))

    def _mismatch(self, work: Work) -> Mismatch:
        inside = self._source.inside(work.item.path)
        path = b"%s.zip/%s" % (self._source.name, inside)
        return Mismatch(self._bench.words_for(self._destination, path))

    def _is_unfinished(self, work: Work) -> bool:
        return any(
            copy.destination == self._destination and copy.status in UNFINISHED
            for copy in work.copies
        )

    def _prove(self, work: Work) -> None:
        self._since_commit += 1
        self._bench.journal.record(
            CopyProven(work.item.id, self._destination, self._identity, work.checksums, self._how)
        )
