"""What is refused of an archive before a byte of it is written.

An archive is made by somebody else, perhaps to do harm: to write outside the folder (names,
links), over what it wrote itself (names that are one on some drive), or until the drive is
full (bombs). One such entry refuses all of it: who makes one, made the others too.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterator
from typing import Final

from ketter_gui.domain import limits
from ketter_gui.domain.names import to_text
from ketter_gui.engine import zip_format as form
from ketter_gui.engine.zip_names import folded, name_problem
from ketter_gui.engine.zip_read import (
    BadArchive,
    Directory,
    EntryReader,
    Packed,
    data_offset,
    entries_of,
)

_ENCRYPTED: Final = 0x2041
"""Flag bits 0 (encrypted), 6 (strong) and 13 (the directory is masked)."""

_PATCHED: Final = 0x20
_LINK_BYTES_AT_MOST: Final = 4095
_DEFLATE_RATIO: Final = 1040
"""DEFLATE turns a byte into 1 032 at the most; small entries have some bytes on top."""

RATIO_AT_MOST: Final = 200
RATIO_FROM_BYTES: Final = 256 * limits.MIB
"""Above that size, an archive may not unpack to more than that many times its own: camera
files shrink to a half at best, empty disk images to a thousandth, and bombs are those."""


def check_entries(fd: int, size_bytes: int, directory: Directory) -> None:
    """Look at every entry. Raises BadArchive with the reason, and OSError."""
    names = _Names()
    ranges = _Ranges()
    total_bytes = 0
    for entry in entries_of(fd, directory):
        _check_entry(entry)
        names.add(entry)
        start = data_offset(fd, entry)
        ranges.add(entry.offset, start + entry.packed_bytes)
        if entry.is_link:
            _check_link(entry, link_of(fd, entry, start))
        total_bytes += entry.size_bytes
    ranges.check(directory.offset)
    if total_bytes > RATIO_FROM_BYTES and total_bytes > RATIO_AT_MOST * size_bytes:
        raise BadArchive(
            f"it would unpack to {total_bytes // max(size_bytes, 1)} times its size, as bombs do"
        )


def link_of(fd: int, entry: Packed, start: int) -> bytes:
    """Where a symbolic link points. Raises BadArchive."""
    if entry.size_bytes > _LINK_BYTES_AT_MOST:
        raise BadArchive(f"{_words(entry)} is a link with a target that is too long")
    buffer = bytearray(_LINK_BYTES_AT_MOST + 1)
    length = EntryReader(fd, entry, start).fill(memoryview(buffer), 0)
    target = bytes(buffer[:length])
    if form.crc_of(target) != entry.crc:
        raise BadArchive(f"{_words(entry)} is damaged")
    return target


def above(name: bytes) -> Iterator[bytes]:
    """The folders that a path lies in, the nearest one first."""
    while b"/" in name:
        name = name.rpartition(b"/")[0]
        yield name


def _check_entry(entry: Packed) -> None:
    if problem := name_problem(entry.name, is_unix=entry.is_unix):
        raise BadArchive(f"of {_words(entry)}, {problem}")
    if entry.flags & _ENCRYPTED:
        raise BadArchive(f"{_words(entry)} is encrypted")
    if entry.flags & _PATCHED or entry.method not in (form.STORED, form.DEFLATED):
        raise BadArchive(f"{_words(entry)} is packed in a way that Ketter does not know")
    if entry.is_special:
        raise BadArchive(f"{_words(entry)} is neither a file, a folder nor a link")
    if entry.is_folder and entry.size_bytes:
        raise BadArchive(f"{_words(entry)} is a folder with bytes of its own")
    if entry.method == form.STORED and entry.size_bytes != entry.packed_bytes:
        raise BadArchive(f"{_words(entry)} has two different sizes")
    if entry.size_bytes > _DEFLATE_RATIO * (entry.packed_bytes + 1):
        raise BadArchive(f"{_words(entry)} claims to be larger than it can be")


def _check_link(entry: Packed, target: bytes) -> None:
    """Ways up may only stand at the beginning, and only as many as there are folders: then
    no chain of links leads out, since each of them stays inside."""
    words = f"{_words(entry)} is a link that leads out of its folder"
    if not target or target.startswith((b"/", b"\\")) or b"\0" in target:
        raise BadArchive(words)
    names = [name for name in target.replace(b"\\", b"/").split(b"/") if name not in (b"", b".")]
    ups = 0
    while ups < len(names) and names[ups] == b"..":
        ups += 1
    if b".." in names[ups:] or ups > entry.name.count(b"/"):
        raise BadArchive(words)


class _Names:
    """Every name once, whatever a file system takes for the same; and nothing below what
    is no folder. Numbers for names, as there may be a million."""

    def __init__(self) -> None:
        self._leaves: set[int] = set()
        self._folders: dict[int, int] = {}
        self._explicit: set[int] = set()
        self._last_parent = b""

    def add(self, entry: Packed) -> None:
        parent = entry.name.rpartition(b"/")[0]
        if parent and parent != self._last_parent:
            for name in above(entry.name):
                self._add_folder(entry, name)
            self._last_parent = parent
        same = folded(entry.name)
        if entry.is_folder:
            self._add_folder(entry, entry.name)
            if same in self._explicit:
                raise BadArchive(f"{_words(entry)} is in it twice")
            self._explicit.add(same)
            return
        if same in self._leaves or same in self._folders:
            raise BadArchive(f"{_words(entry)} is in it twice, or the same but for case")
        self._leaves.add(same)

    def _add_folder(self, entry: Packed, name: bytes) -> None:
        same = folded(name)
        exact = int.from_bytes(hashlib.blake2b(name, digest_size=7).digest())
        if same in self._leaves:
            raise BadArchive(f"{_words(entry)} would lie below something that is no folder")
        if self._folders.setdefault(same, exact) != exact:
            raise BadArchive(f"{_words(entry)} is in it twice, or the same but for case")


class _Ranges:
    """No two entries may share a byte: overlapping ones are how a bomb is small."""

    def __init__(self) -> None:
        self._starts: array[int] = array("Q")
        self._ends: array[int] = array("Q")
        self._is_sorted = True

    def add(self, start: int, end: int) -> None:
        self._is_sorted &= not self._ends or start >= self._ends[-1]
        self._starts.append(start)
        self._ends.append(end)

    def check(self, directory_at: int) -> None:
        order: Iterator[int] | range = range(len(self._starts))
        if not self._is_sorted:
            order = iter(sorted(order, key=self._starts.__getitem__))
        reached = 0
        for number in order:
            if self._starts[number] < reached:
                raise BadArchive("its entries overlap")
            reached = self._ends[number]
        if reached > directory_at:
            raise BadArchive("its entries overlap its central directory")


def _words(entry: Packed) -> str:
    return f"“{to_text(entry.name).text}”"
