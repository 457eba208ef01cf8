"""Read what a ZIP archive says it holds: its central directory, one entry at a time.

Nothing here believes an archive. What is damaged, or says two different things of one
entry, raises `BadArchive` with the reason; `unpack_check` decides what else is refused.

Why not the standard library's `zipfile`: it reads the whole directory into objects of 600
bytes an entry, and looks neither for entries that overlap nor at what a local header says
until an entry is opened.
"""

from __future__ import annotations

import stat
import struct
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from ketter_gui.disk.reading import read_into
from ketter_gui.engine import zip_format as form

_COMMENT_AT_MOST: Final = 0xFFFF
_READ_BYTES: Final = 1 << 20
_PACKED_BYTES: Final = 1 << 18
_DOS_FOLDER: Final = 0x10
_OFFSET_AT_MOST: Final = (1 << 63) - 1
"""More the system cannot be asked for; a ZIP64 record may say so all the same."""
_TYPES: Final = frozenset({0, stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK})


class BadArchive(Exception):
    """What is wrong with an archive, as the rest of a sentence."""


@dataclass(frozen=True, slots=True)
class Directory:
    """Where the central directory lies, and how many entries it has."""

    offset: int
    size_bytes: int
    entries: int


class Packed(NamedTuple):
    """One entry as the central directory has it. `name` is UTF-8, a folder's without its
    `/`; `mode` is st_mode, 0 where the archive has none; `mtime_ns` since 1970."""

    name: bytes
    raw_name: bytes
    is_folder: bool
    is_unix: bool
    flags: int
    method: int
    crc: int
    packed_bytes: int
    size_bytes: int
    mode: int
    mtime_ns: int
    offset: int

    @property
    def is_link(self) -> bool:
        """Whether it is a symbolic link."""
        return stat.S_ISLNK(self.mode)

    @property
    def is_special(self) -> bool:
        """Whether it is a device, a FIFO or a socket."""
        return stat.S_IFMT(self.mode) not in _TYPES


def read_at(fd: int, offset: int, length: int) -> bytes:
    """So many bytes. Raises BadArchive when the file ends before, and OSError."""
    buffer = bytearray(length)
    is_possible = 0 <= offset <= _OFFSET_AT_MOST
    if length and (not is_possible or read_into(fd, memoryview(buffer), offset) < length):
        raise BadArchive("it ends where there should be more")
    return bytes(buffer)


def find_directory(fd: int, size_bytes: int) -> Directory:
    """The central directory, by the records at the archive's end. Raises BadArchive."""
    length = min(size_bytes, form.END.size + _COMMENT_AT_MOST)
    tail = read_at(fd, size_bytes - length, length)
    at = tail.rfind(form.END_MAGIC)
    while at >= 0:
        if len(tail) - at >= form.END.size:
            end = form.END.unpack_from(tail, at)
            if at + form.END.size + end[7] == len(tail):
                return _directory(fd, size_bytes - length + at, end)
        at = tail.rfind(form.END_MAGIC, 0, at)
    raise BadArchive("it is no ZIP archive, or was cut off")


def _directory(fd: int, end_at: int, end: tuple[int, ...]) -> Directory:
    _, disk, first_disk, here, entries, size_bytes, offset, _ = end
    locator_at = end_at - form.LOCATOR_64.size
    if locator_at >= 0:
        found = form.LOCATOR_64.unpack(read_at(fd, locator_at, form.LOCATOR_64.size))
        magic, disk_64, offset_64, _ = found
        if magic == form.LOCATOR_64_MAGIC:
            record = form.END_64.unpack(read_at(fd, offset_64, form.END_64.size))
            if record[0] != form.END_64_MAGIC or disk_64:
                raise BadArchive("its ZIP64 record is damaged")
            disk, first_disk, here, entries, size_bytes, offset = record[4:]
            end_at = offset_64
    if disk or first_disk or here != entries:
        raise BadArchive("it is one of several volumes")
    if offset + size_bytes != end_at:
        raise BadArchive("its central directory is not where it says")
    return Directory(offset, size_bytes, entries)


def entries_of(fd: int, directory: Directory) -> Iterator[Packed]:
    """All entries, in the directory's order. Raises BadArchive and OSError."""
    buffer, at = b"", 0
    offset, left = directory.offset, directory.size_bytes
    for _ in range(directory.entries):
        if len(buffer) - at < form.CENTRAL.size + 3 * _COMMENT_AT_MOST and left:
            length = min(left, _READ_BYTES)
            buffer, at = buffer[at:] + read_at(fd, offset, length), 0
            offset, left = offset + length, left - length
        entry, at = _entry(buffer, at)
        yield entry
    if left or at != len(buffer):
        raise BadArchive("its central directory holds more than it says")


def _entry(buffer: bytes, at: int) -> tuple[Packed, int]:
    if len(buffer) - at < form.CENTRAL.size:
        raise BadArchive("its central directory is cut off")
    fixed = form.CENTRAL.unpack_from(buffer, at)
    magic, made_by, _, flags, method, clock, date, crc, packed, size = fixed[:10]
    name_bytes, extra_bytes, comment_bytes, disk, _, attributes, offset = fixed[10:]
    if magic != form.CENTRAL_MAGIC:
        raise BadArchive("its central directory is damaged")
    name_at = at + form.CENTRAL.size
    extra_at = name_at + name_bytes
    end = extra_at + extra_bytes + comment_bytes
    if end > len(buffer) or disk not in (0, form.FULL_16):
        raise BadArchive("its central directory is damaged")
    raw = buffer[name_at:extra_at]
    extra = _extra(buffer[extra_at : extra_at + extra_bytes])
    size, packed, offset = _large(extra, size, packed, offset)
    is_unix = made_by >> 8 == form.UNIX
    mode = attributes >> 16 if is_unix else 0
    name = _utf8(raw, flags)
    is_folder = name.endswith(b"/") or stat.S_ISDIR(mode)
    is_folder |= not is_unix and bool(attributes & _DOS_FOLDER)
    entry = Packed(
        name.removesuffix(b"/") if is_folder else name,
        raw,
        is_folder,
        is_unix,
        flags,
        method,
        crc,
        packed,
        size,
        mode,
        _mtime_ns(extra, date, clock),
        offset,
    )
    return entry, end


def _utf8(raw: bytes, flags: int) -> bytes:
    """A name in UTF-8. Without the flag it may be so all the same, as macOS writes it;
    else it is in the code page of the first IBM PC, which has a character for every byte."""
    if flags & form.UTF8_NAME:
        return raw
    try:
        raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp437").encode()
    return raw


def _extra(raw: bytes) -> dict[int, bytes]:
    fields: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(raw):
        kind, length = struct.unpack_from("<2H", raw, at)
        if at + 4 + length > len(raw):
            raise BadArchive("a field of its central directory is damaged")
        fields.setdefault(kind, raw[at + 4 : at + 4 + length])
        at += 4 + length
    return fields


def _large(extra: dict[int, bytes], size: int, packed: int, offset: int) -> tuple[int, int, int]:
    """Numbers that had no room in 32 bits; the field holds those only, in this order."""
    rest = extra.get(form.EXTRA_64, b"")
    numbers = []
    for number in (size, packed, offset):
        if number == form.FULL_32 and form.EXTRA_64 in extra:
            if len(rest) < 8:
                raise BadArchive("a ZIP64 field of its central directory is damaged")
            number, rest = int.from_bytes(rest[:8], "little"), rest[8:]
        numbers.append(number)
    return numbers[0], numbers[1], numbers[2]


def _mtime_ns(extra: dict[int, bytes], date: int, clock: int) -> int:
    """By a field that means UTC, the finer one first, else by the DOS time, which is the
    clock of whoever made the archive: ours is the best guess."""
    windows = extra.get(form.EXTRA_NTFS, b"")
    if len(windows) >= 16 and windows[4:8] == b"\x01\x00\x18\x00":
        ticks = int.from_bytes(windows[8:16], "little")
        return ticks * form.TIME_STEP_NS - form.NTFS_EPOCH_S * 1_000_000_000
    unix = extra.get(form.EXTRA_TIME, b"")
    if len(unix) >= 5 and unix[0] & 1:
        return int.from_bytes(unix[1:5], "little", signed=True) * 1_000_000_000
    try:
        return int(time.mktime((*form.dos_seconds(date, clock), 0, 0, -1))) * 1_000_000_000
    except (OverflowError, ValueError):
        return 0


def data_offset(fd: int, entry: Packed) -> int:
    """Where an entry's data begins, by its local header. Raises BadArchive when that does
    not say the same as the central directory."""
    raw = read_at(fd, entry.offset, form.LOCAL.size + len(entry.raw_name))
    fixed = form.LOCAL.unpack_from(raw)
    magic, _, flags, method, _, _, _, _, _, name_bytes, extra_bytes = fixed
    if magic != form.LOCAL_MAGIC:
        raise BadArchive("an entry is not where its central directory says")
    is_same = flags & 1 == entry.flags & 1 and method == entry.method
    if not is_same or name_bytes != len(entry.raw_name) or raw[form.LOCAL.size :] != entry.raw_name:
        raise BadArchive("an entry and its central directory say different things")
    return int(entry.offset + form.LOCAL.size + name_bytes + extra_bytes)


class EntryReader:
    """Gives an entry's bytes, unpacked, from its beginning to its end, once.

    Never more than the entry says it has: what goes on beyond that, ends before, or is no
    sound DEFLATE raises BadArchive.
    """

    def __init__(self, fd: int, entry: Packed, start: int) -> None:
        self._fd = fd
        self._entry = entry
        self._at = start
        self._end = start + entry.packed_bytes
        self._given = 0
        self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)

    def fill(self, view: memoryview, _offset: int) -> int:
        """Fill a buffer with what comes next; less only at the end. Raises BadArchive."""
        if self._entry.method == form.STORED:
            wanted = min(len(view), self._end - self._at)
            length = read_into(self._fd, view[:wanted], self._at) if wanted else 0
            if length < wanted:
                raise BadArchive("it ends before its data does")
            self._at += length
            return length
        return self._inflated(view)

    def _inflated(self, view: memoryview) -> int:
        used = 0
        while used < len(view) and not self._is_at_end():
            source = self._inflate.unconsumed_tail
            if not source:
                length = min(_PACKED_BYTES, self._end - self._at)
                source = read_at(self._fd, self._at, length)
                self._at += length
            room = min(len(view) - used, self._entry.size_bytes - self._given + 1)
            try:
                piece = self._inflate.decompress(source, room)
            except zlib.error as error:
                raise BadArchive("it cannot be unpacked") from error
            view[used : used + len(piece)] = piece
            used += len(piece)
            self._given += len(piece)
            if self._given > self._entry.size_bytes:
                raise BadArchive("it holds more than it says")
            if not (piece or self._is_at_end()) and self._at >= self._end:
                raise BadArchive("it ends before its data does")
        if self._is_at_end():
            if self._given != self._entry.size_bytes:
                raise BadArchive("it holds less than it says")
            if self._inflate.unused_data or self._at < self._end:
                raise BadArchive("its data goes on after its end")
        return used

    def _is_at_end(self) -> bool:
        return self._inflate.eof
