"""An archive read again, long after it was packed: are its entries what they were (P1)?

It is read once, from its beginning to its end, from where it is kept; its directory says
which bytes are whose. The directory itself is needed before that, through the system's
cache: its bytes are counted again in the one reading, so that a cache that hides a failing
drive is found out.

Entries lie in the order of their directory, as all programs write them. One whose place
cannot be right is told as changed, and the rest goes on; a directory that cannot be read
ends it: then nobody can tell what is in the archive.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final, NamedTuple

from ketter_gui.disk.folder import Tree, look
from ketter_gui.disk.reading import read_into
from ketter_gui.domain.checking import Verdict
from ketter_gui.domain.errors import CopyFailedError
from ketter_gui.domain.items import ItemKind, Medium
from ketter_gui.domain.sizes import size_text
from ketter_gui.engine import zip_format as form
from ketter_gui.engine.checking import UNKNOWN, Checked, Proven, failed
from ketter_gui.engine.control import Control
from ketter_gui.engine.hands import Hands
from ketter_gui.engine.journal import Checksums
from ketter_gui.engine.packed_entry import EntryBytes, header_rest, said_otherwise
from ketter_gui.engine.pump import Eat
from ketter_gui.engine.read_back import KeptFile
from ketter_gui.engine.segments import Segment, Segments
from ketter_gui.engine.zip_read import BadArchive, Directory, Packed, entries_of, find_directory

_TOGETHER: Final = 500
"""So many entries are asked for at once."""

_NOT_BROUGHT: Final = "this transfer did not pack it"
_NOT_THERE: Final = "it is not where the archive’s directory says"
_HEADER: Final = "its header and the archive’s directory say different things"

Find = Callable[[Sequence[bytes]], Mapping[bytes, Proven | None]]
"""Those of these names that the transfer knows, as they were proven in this archive; None
for one that never was."""

Tell = Callable[[bytes, Checked], None]
"""Told once of each entry: its name in the archive, a folder's with a slash if it is EXTRA."""


class Archived(NamedTuple):
    """An archive as it was proven: its name in the destination, its size (UNKNOWN is possible),
    and its own checksums, if it has any."""

    name: bytes
    size_bytes: int
    checksums: Checksums = ()


class ArchiveChecked(NamedTuple):
    """What it is as a file. `is_whole`: it was read to its end, and every entry told; else
    nothing is known of those that were not."""

    checked: Checked
    is_whole: bool = False


def check_archive_again(
    tree: Tree,
    medium: Medium,
    archived: Archived,
    find: Find,
    tell: Tell,
    hands: Hands,
    control: Control,
    counted: Eat,
) -> ArchiveChecked:
    """Read an archive of the destination's own folder, and tell of each entry. `find` and
    `tell` are called in a thread of the pump. Raises VolumeGone, Stopped and LetGo."""
    try:
        state = look(tree.root, archived.name)
        if state is None:
            return ArchiveChecked(Checked(Verdict.MISSING, "it is not there"))
        if state.kind is not ItemKind.FILE:
            return ArchiveChecked(Checked(Verdict.CHANGED, f"it is a {state.kind.value} now"))
        with KeptFile(tree.root, archived.name, medium, is_big=True) as kept:
            return _read(kept, archived, _Teller(find, tell), hands, control, counted)
    except (OSError, CopyFailedError) as error:
        return ArchiveChecked(failed(tree, archived.name, error))


_Steps = Generator[Segment, None, Checked]


class _Teller(NamedTuple):
    find: Find
    tell: Tell


def _read(
    kept: KeptFile,
    archived: Archived,
    teller: _Teller,
    hands: Hands,
    control: Control,
    counted: Eat,
) -> ArchiveChecked:
    names = tuple(name for name, _ in archived.checksums)
    try:
        walk = _Walk(kept, teller)
        segments = Segments(walk.segments())

        def eat(piece: memoryview, offset: int) -> None:
            counted(piece, offset)
            segments.eat(piece)

        found = kept.read(names, memoryview(b""), hands.ring, control, eat)
        segments.finish()
        if not walk.is_whole:
            raise BadArchive("it ended while it was read")
    except BadArchive as error:
        if not kept.is_unchanged():
            return ArchiveChecked(Checked(Verdict.CHANGED, "it is being written to"))
        return ArchiveChecked(Checked(Verdict.CHANGED, _with_sizes(str(error), kept, archived)))
    if not kept.is_unchanged():
        return ArchiveChecked(Checked(Verdict.CHANGED, "it is being written to"), is_whole=True)
    if found != archived.checksums:
        why = "all that is in it is equal, but as a file it is not what it was"
        return ArchiveChecked(Checked(Verdict.CHANGED, why), is_whole=True)
    return ArchiveChecked(Checked(Verdict.EQUAL, how=kept.how), is_whole=True)


def _with_sizes(problem: str, kept: KeptFile, archived: Archived) -> str:
    if archived.size_bytes in (UNKNOWN, kept.state.size_bytes):
        return f"{problem}: is the drive failing?"
    now, then = size_text(kept.state.size_bytes), size_text(archived.size_bytes)
    return f"{problem}; it has {now} now, and had {then}"


class _Walk:
    """The way through an archive's bytes; belongs to the thread that eats them."""

    def __init__(self, kept: KeptFile, teller: _Teller) -> None:
        """Raises BadArchive and OSError."""
        self._kept, self._teller = kept, teller
        self._directory = find_directory(kept.fd, kept.state.size_bytes)
        self._tail = _tail(kept.fd, self._directory)
        self._at = 0
        self.is_whole = False

    def segments(self) -> Iterator[Segment]:
        """Every byte of it. Raises BadArchive and OSError."""
        end_of_entries = self._directory.offset
        for entry, proven, end in self._placed():
            head_bytes = form.LOCAL.size + len(entry.raw_name)
            if not self._at <= entry.offset <= end - head_bytes:
                self._teller.tell(entry.name, Checked(Verdict.CHANGED, _NOT_THERE))
                continue
            yield from self._pass_to(entry.offset)
            checked = yield from self._entry(entry, proven, end)
            self._teller.tell(entry.name, checked)
        yield from self._pass_to(end_of_entries)
        tail = hashlib.sha256()
        yield self._kept.state.size_bytes - end_of_entries, tail.update
        if tail.digest() != self._tail:
            raise BadArchive("its directory is another on the drive than in the system’s cache")
        self.is_whole = True
        yield 1, _too_long

    def _placed(self) -> Iterator[tuple[Packed, Proven, int]]:
        """The entries that are to be read, each with where the next one begins. Of the others
        it is told at once."""
        ahead: tuple[Packed, Proven] | None = None
        entries = entries_of(self._kept.fd, self._directory)
        while some := list(islice(entries, _TOGETHER)):
            known = self._teller.find([one.name for one in some])
            for entry in some:
                if ahead is not None:
                    yield *ahead, min(entry.offset, self._directory.offset)
                    ahead = None
                if entry.name not in known:
                    name = entry.name + b"/" * entry.is_folder
                    self._teller.tell(name, Checked(Verdict.EXTRA, _NOT_BROUGHT))
                elif (proven := known[entry.name]) is None:
                    continue
                elif why := said_otherwise(entry, proven):
                    self._teller.tell(entry.name, Checked(Verdict.CHANGED, why))
                else:
                    ahead = entry, proven
        if ahead is not None:
            yield *ahead, self._directory.offset

    def _entry(self, entry: Packed, proven: Proven, end: int) -> _Steps:
        head = bytearray()
        yield self._step(form.LOCAL.size + len(entry.raw_name)), head.__iadd__
        rest = header_rest(bytes(head), entry)
        if rest is None:
            return Checked(Verdict.CHANGED, _HEADER)
        if self._at + rest + entry.packed_bytes > end:
            return Checked(Verdict.CHANGED, _NOT_THERE)
        yield self._step(rest), _pass
        data = EntryBytes(entry, proven, self._kept.how)
        yield self._step(entry.packed_bytes), data.take
        return data.checked()

    def _pass_to(self, offset: int) -> Iterator[Segment]:
        """What lies between is nobody's: what was told already, and what entries of other
        programs have behind them."""
        yield self._step(offset - self._at), _pass

    def _step(self, length: int) -> int:
        self._at += length
        return length


def _tail(fd: int, directory: Directory) -> bytes:
    """The SHA-256 of everything behind the entries. Raises OSError."""
    own, offset = hashlib.sha256(), directory.offset
    buffer = memoryview(bytearray(1 << 18))
    while length := read_into(fd, buffer, offset):
        own.update(buffer[:length])
        offset += length
    return own.digest()


def _pass(_piece: memoryview) -> None:
    return None


def _too_long(_piece: memoryview) -> None:
    raise BadArchive("it goes on after its end")
