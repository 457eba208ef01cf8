"""What a manifest says of one file, and what of it can be believed to be a path or a value."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from ketter_gui.domain.names import is_safe_relative

HEX_DIGITS: Final = {
    "md5": 32,
    "sha1": 40,
    "sha224": 56,
    "sha256": 64,
    "sha384": 96,
    "sha512": 128,
    "xxh32": 8,
    "xxh64": 16,
    "xxh3": 16,
    "xxh128": 32,
    "blake3": 64,
}
"""How long a value is, by the names of our registry and of what it does not know."""

_HEX: Final = re.compile(r"[0-9a-f]+")
_C4: Final = re.compile(r"c4[1-9A-HJ-NP-Za-km-z]{88}")
"""SMPTE ST 2114: `c4` and 88 digits to the base of 58."""

_DRIVE: Final = re.compile(rb"[A-Za-z]:[\\/]")


class Value(NamedTuple):
    """One checksum of a file. `is_failed`: whoever wrote it found other bytes than an
    earlier manifest names, and says so (ASC MHL's action `failed`)."""

    algorithm: str
    value: str
    is_failed: bool = False


class Entry(NamedTuple):
    """One file. `path` is relative to the manifest's base (see `kinds`), safe by its words.

    `when_us` is when it was hashed, in microseconds since the epoch; `previous` the path
    that the file had in earlier manifests of the same history.
    """

    path: bytes
    values: tuple[Value, ...]
    size_bytes: int | None = None
    when_us: int | None = None
    previous: bytes = b""


class Dated(NamedTuple):
    """When the manifest as a whole was made, as it says itself."""

    when_us: int


class Refused(NamedTuple):
    """What stands there and cannot be used; `why` completes “it …”."""

    path: bytes
    why: str


Found = Entry | Dated | Refused
"""What reading a manifest yields."""


def safe_path(path: bytes) -> bytes | None:
    """The path without `.` and doubled slashes; None when it is absolute or leads up."""
    if path.startswith(b"/") or _DRIVE.match(path):
        return None
    if path.startswith(b".") or b"//" in path or b"/./" in path or path.endswith((b"/", b"/.")):
        path = b"/".join(piece for piece in path.split(b"/") if piece not in (b"", b"."))
    return path if is_safe_relative(path) else None


def sound_value(algorithm: str, text: str) -> str | None:
    """A value as our registry writes it; None when it cannot be one of this algorithm."""
    if algorithm == "c4":
        return text if _C4.fullmatch(text) else None
    value = text.lower()
    digits = HEX_DIGITS.get(algorithm, len(value))
    return value if len(value) == digits and _HEX.fullmatch(value) else None


def reversed_bytes(value: str) -> str:
    """Hex with its bytes in the other order: what little-endian tools write."""
    return "".join(value[at : at + 2] for at in range(len(value) - 2, -2, -2))


def checked(entry: Entry) -> Entry | Refused:
    """An entry whose path and values can be used, or what keeps it from that."""
    path = safe_path(entry.path)
    if path is None:
        return Refused(entry.path, "leads out of the manifest's folder")
    values = []
    for one in entry.values:
        value = sound_value(one.algorithm, one.value)
        if value is None:
            return Refused(entry.path, f"has a value that is no {one.algorithm}")
        values.append(Value(one.algorithm, value, one.is_failed))
    previous = (safe_path(entry.previous) or b"") if entry.previous else b""
    return Entry(path, tuple(values), entry.size_bytes, entry.when_us, previous)
