"""What a ZIP archive consists of, as bytes: the records of APPNOTE.TXT 6.3, made here.

    local header, data, local header, data, …, central directory, end records

Why not the standard library's `zipfile`: it keeps about 600 bytes for every entry
(measured; a million entries would take more than Ketter may have), hashes and writes in
one thread, and decides itself where an entry begins. Tests read what is made here with
`zipfile`, `unzip`, `zipinfo` and `7z`.

Entries are stored, not compressed: footage does not shrink, and a stored entry can be read
back and compared like a file. Names are UTF-8 and say so (flag bit 11). DOS times have no
zone: they are UTC here, on purpose, and an extended timestamp (UT) beside them says so;
the central directory has a finer one as well (NTFS's, in steps of 100 ns).
ZIP64 is used where a number needs it, and only there: old programs read everything else.
"""

from __future__ import annotations

import calendar
import stat
import struct
import time
import zlib
from dataclasses import dataclass
from typing import Final

BLOCK_BYTES: Final = 4096
"""Where the data of big entries begins is a multiple of this, see `padding_for`."""

LOCAL: Final = struct.Struct("<4s5H3I2H")
CENTRAL: Final = struct.Struct("<4s6H3I5H2I")
END: Final = struct.Struct("<4s4H2IH")
END_64: Final = struct.Struct("<4sQ2H2I4Q")
LOCATOR_64: Final = struct.Struct("<4sIQI")

LOCAL_MAGIC: Final = b"PK\x03\x04"
CENTRAL_MAGIC: Final = b"PK\x01\x02"
END_MAGIC: Final = b"PK\x05\x06"
END_64_MAGIC: Final = b"PK\x06\x06"
LOCATOR_64_MAGIC: Final = b"PK\x06\x07"

CRC_AT: Final = 14
"""Where the CRC-32 lies in a local header: it is put there when the data was read."""

UNIX: Final = 3
UTF8_NAME: Final = 0x800
STORED: Final = 0
DEFLATED: Final = 8

EXTRA_64: Final = 0x0001
EXTRA_TIME: Final = 0x5455
EXTRA_NTFS: Final = 0x000A
NTFS_EPOCH_S: Final = 11_644_473_600
"""From the first day of 1601 to that of 1970."""

TIME_STEP_NS: Final = 100
EXTRA_ALIGNMENT: Final = 0xD935
"""Apache Commons Compress, in APPNOTE's list; Android's `zipalign` uses it too."""

FULL_32: Final = 0xFFFF_FFFF
FULL_16: Final = 0xFFFF
NAME_BYTES_AT_MOST: Final = 0xFFFF

_VERSION: Final = 20
_VERSION_64: Final = 45
_DOS_FOLDER: Final = 0x10
_FIRST_YEAR, _LAST_YEAR = 1980, 2107
_INT32: Final = range(-(1 << 31), 1 << 31)
_SMALLEST_PADDING: Final = 6


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it is written. `name` is its path in the archive, a folder's with a `/`
    at its end; `mode` is st_mode; `offset` where its local header begins; `padding` how
    many bytes of alignment that header has."""

    name: bytes
    size_bytes: int
    mode: int
    mtime_ns: int
    offset: int
    crc: int = 0
    padding: int = 0


def local_header(entry: Entry) -> bytes:
    """What stands before an entry's data."""
    is_64 = entry.size_bytes >= FULL_32
    size = FULL_32 if is_64 else entry.size_bytes
    extra = struct.pack("<2H2Q", EXTRA_64, 16, *[entry.size_bytes] * 2) if is_64 else b""
    extra += _time_extra(entry.mtime_ns) + _alignment_extra(entry.padding)
    dos_date, dos_time = _dos_date_time(entry.mtime_ns)
    fixed = LOCAL.pack(
        LOCAL_MAGIC,
        _VERSION_64 if is_64 else _VERSION,
        UTF8_NAME,
        STORED,
        dos_time,
        dos_date,
        entry.crc,
        size,
        size,
        len(entry.name),
        len(extra),
    )
    return fixed + entry.name + extra


def header_bytes(name: bytes, size_bytes: int, mtime_ns: int) -> int:
    """How long a local header without padding is."""
    extra = 20 if size_bytes >= FULL_32 else 0
    return LOCAL.size + len(name) + extra + len(_time_extra(mtime_ns))


def padding_for(header_end: int) -> int:
    """How many bytes of alignment a header that would end here needs, so that its data
    begins at a whole block and can be written and read past the system's cache."""
    padding = -header_end % BLOCK_BYTES
    return padding + BLOCK_BYTES if 0 < padding < _SMALLEST_PADDING else padding


def central_record(entry: Entry) -> bytes:
    """The same entry in the central directory."""
    large = [n for n in (entry.size_bytes, entry.size_bytes, entry.offset) if n >= FULL_32]
    extra = struct.pack(f"<2H{len(large)}Q", EXTRA_64, 8 * len(large), *large) if large else b""
    extra += _time_extra(entry.mtime_ns) + _ntfs_extra(entry.mtime_ns)
    dos_date, dos_time = _dos_date_time(entry.mtime_ns)
    size = min(entry.size_bytes, FULL_32)
    version = _VERSION_64 if large else _VERSION
    attributes = (entry.mode & FULL_16) << 16
    fixed = CENTRAL.pack(
        CENTRAL_MAGIC,
        UNIX << 8 | version,
        version,
        UTF8_NAME,
        STORED,
        dos_time,
        dos_date,
        entry.crc,
        size,
        size,
        len(entry.name),
        len(extra),
        0,
        0,
        0,
        attributes | (_DOS_FOLDER if stat.S_ISDIR(entry.mode) else 0),
        min(entry.offset, FULL_32),
    )
    return fixed + entry.name + extra


def end_records(entries: int, offset: int, size_bytes: int) -> bytes:
    """What ends an archive whose central directory begins at `offset`."""
    end_64 = b""
    if entries >= FULL_16 or offset >= FULL_32 or size_bytes >= FULL_32:
        end_64 = END_64.pack(
            END_64_MAGIC,
            END_64.size - 12,
            UNIX << 8 | _VERSION_64,
            _VERSION_64,
            0,
            0,
            entries,
            entries,
            size_bytes,
            offset,
        ) + LOCATOR_64.pack(LOCATOR_64_MAGIC, 0, offset + size_bytes, 1)
    count = min(entries, FULL_16)
    return end_64 + END.pack(
        END_MAGIC, 0, 0, count, count, min(size_bytes, FULL_32), min(offset, FULL_32), 0
    )


def crc_of(piece: bytes | memoryview, earlier: int = 0) -> int:
    """CRC-32 of a piece, after those before it."""
    return zlib.crc32(piece, earlier)


def crc_bytes(crc: int) -> bytes:
    """A CRC-32 as it stands in a header."""
    return struct.pack("<I", crc)


def bytes_at_most(name: bytes, size_bytes: int, *, is_aligned: bool) -> int:
    """How much room an entry needs in an archive at the most, with both its headers."""
    fixed = LOCAL.size + CENTRAL.size + 2 * len(name) + 2 * 9 + 36 + 20 + 28
    return fixed + size_bytes + (BLOCK_BYTES + _SMALLEST_PADDING if is_aligned else 0)


def _alignment_extra(padding: int) -> bytes:
    if padding == 0:
        return b""
    head = struct.pack("<3H", EXTRA_ALIGNMENT, padding - 4, BLOCK_BYTES)
    return head + bytes(padding - len(head))


def _time_extra(mtime_ns: int) -> bytes:
    """Seconds since 1970, UTC, as a signed 32-bit number: nothing for other times."""
    seconds = mtime_ns // 1_000_000_000
    return struct.pack("<2HBi", EXTRA_TIME, 5, 1, seconds) if seconds in _INT32 else b""


def _ntfs_extra(mtime_ns: int) -> bytes:
    """Steps of 100 ns since 1601, for the times of change, access and creation."""
    ticks = mtime_ns // TIME_STEP_NS + NTFS_EPOCH_S * (1_000_000_000 // TIME_STEP_NS)
    if not 0 < ticks < 1 << 63:
        return b""
    return struct.pack("<2HI2H3Q", EXTRA_NTFS, 32, 0, 1, 24, ticks, ticks, ticks)


def _dos_date_time(mtime_ns: int) -> tuple[int, int]:
    when = time.gmtime(max(mtime_ns // 1_000_000_000, 0))
    if when.tm_year < _FIRST_YEAR:
        return 1 << 5 | 1, 0
    if when.tm_year > _LAST_YEAR:
        return (_LAST_YEAR - _FIRST_YEAR) << 9 | 12 << 5 | 31, 23 << 11 | 59 << 5 | 29
    date = (when.tm_year - _FIRST_YEAR) << 9 | when.tm_mon << 5 | when.tm_mday
    return date, when.tm_hour << 11 | when.tm_min << 5 | when.tm_sec // 2


def dos_seconds(date: int, clock: int) -> tuple[int, int, int, int, int, int]:
    """A DOS date and time as the numbers of a calendar; what is none is moved into it."""
    month = min(max(date >> 5 & 15, 1), 12)
    year = _FIRST_YEAR + (date >> 9)
    day = min(max(date & 31, 1), calendar.monthrange(year, month)[1])
    hour, minute = min(clock >> 11, 23), min(clock >> 5 & 63, 59)
    return year, month, day, hour, minute, min((clock & 31) * 2, 59)
