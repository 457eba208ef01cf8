"""One entry of an archive read again: what its directory says of it, its header, its bytes.

Nothing of it is believed: what the archive says decides only where to look. The bytes are
compared with the ledger's checksums; that they give the archive's own CRC-32 as well tells a
drive that fails from an archive that somebody has made anew.
"""

from __future__ import annotations

import zlib
from typing import Final

from ketter_gui.domain.checking import Verdict
from ketter_gui.domain.items import ItemKind, ReadBack
from ketter_gui.domain.names import to_text
from ketter_gui.domain.sizes import size_text
from ketter_gui.engine import zip_format as form
from ketter_gui.engine.checking import Checked, Proven
from ketter_gui.engine.hashing import Hashing
from ketter_gui.engine.zip_read import Packed

_ENCRYPTED: Final = 0x2041
"""Flag bits 0 (encrypted), 6 (strong) and 13 (the directory is masked)."""

_LATER: Final = 0x8
"""Flag bit 3: the checksum stands behind the data."""

_METHODS: Final = (form.STORED, form.DEFLATED)
_TARGET_BYTES: Final = 4095
_ROOM_BYTES: Final = 1 << 20
"""So much of a packed piece is unpacked at once."""


def said_otherwise(entry: Packed, proven: Proven) -> str:
    """Why an entry cannot be what was proven, by its directory alone; empty when it can."""
    kind = _kind(entry)
    if kind is not proven.kind:
        return f"it is a {kind.value if kind else 'device'} now"
    if entry.flags & _ENCRYPTED:
        return "it is encrypted now"
    if entry.method not in _METHODS:
        return "it is packed in a way that Ketter does not know"
    if entry.method == form.STORED and entry.packed_bytes != entry.size_bytes:
        return "the archive names two different sizes for it"
    if kind is ItemKind.FILE and entry.size_bytes != proven.size_bytes:
        now, then = size_text(entry.size_bytes), size_text(proven.size_bytes)
        return f"it has {now} now, and had {then}"
    if kind is ItemKind.SYMLINK and entry.size_bytes > _TARGET_BYTES:
        return "it leads to something else now"
    return ""


def _kind(entry: Packed) -> ItemKind | None:
    if entry.is_folder:
        return ItemKind.FOLDER
    if entry.is_special:
        return None
    return ItemKind.SYMLINK if entry.is_link else ItemKind.FILE


def header_rest(local: bytes, entry: Packed) -> int | None:
    """How many bytes of a header come after its name; None when it is not this entry's, or
    says something else than the directory. `local` is the header with the name."""
    fixed = form.LOCAL.unpack_from(local)
    magic, _, flags, method, _, _, crc, _, _, name_bytes, extra_bytes = fixed
    is_its = magic == form.LOCAL_MAGIC and local[form.LOCAL.size :] == entry.raw_name
    is_same = flags == entry.flags and method == entry.method and name_bytes == len(entry.raw_name)
    if not is_its or not is_same or not (crc == entry.crc or flags & _LATER):
        return None
    return int(extra_bytes)


class EntryBytes:
    """Takes an entry's bytes as they are packed, in order, in one thread.

    Never keeps more of them than a piece, and unpacks no more than it says that it has.
    """

    def __init__(self, entry: Packed, proven: Proven, how: ReadBack) -> None:
        self._entry, self._proven, self._how = entry, proven, how
        self._hashing = Hashing(tuple(name for name, _ in proven.checksums))
        self._target = bytearray()
        self._crc = self._length = 0
        self._is_sound = True
        is_packed = entry.method == form.DEFLATED
        self._inflate = zlib.decompressobj(-zlib.MAX_WBITS) if is_packed else None

    def take(self, piece: memoryview) -> None:
        """Take the next bytes."""
        if self._inflate is None:
            self._take(piece)
            return
        source: bytes | memoryview = piece
        while source and self._is_sound:
            source = self._unpacked(source)

    def checked(self) -> Checked:
        """After the last of them: is it what was proven?"""
        while self._inflate is not None and self._is_sound and not self._inflate.eof:
            before = self._length
            self._unpacked(b"")
            if self._length == before:
                self._is_sound = False
        if not self._is_sound or self._length != self._entry.size_bytes:
            return self._changed("it cannot be unpacked any more: is the drive failing?")
        if self._proven.kind is ItemKind.FOLDER:
            return Checked(Verdict.EQUAL)
        if self._proven.kind is ItemKind.SYMLINK:
            return self._link()
        if self._hashing.checksums() != self._proven.checksums:
            if self._crc == self._entry.crc:
                return self._changed("the archive was made anew, with other bytes for it")
            return self._changed("its bytes are not those that were packed: is the drive failing?")
        if self._crc != self._entry.crc:
            return self._changed("its bytes are right, but the archive’s own CRC-32 of them is not")
        return Checked(Verdict.EQUAL, how=self._how)

    def _link(self) -> Checked:
        if self._target == self._proven.target:
            return Checked(Verdict.EQUAL)
        return self._changed(f"it leads to “{to_text(bytes(self._target)).text}” now")

    def _changed(self, why: str) -> Checked:
        is_file = self._proven.kind is ItemKind.FILE
        return Checked(Verdict.CHANGED, why, self._how if is_file else None)

    def _take(self, piece: bytes | memoryview) -> None:
        self._length += len(piece)
        if self._length > self._entry.size_bytes:
            self._is_sound = False
            return
        view = memoryview(piece)
        self._crc = form.crc_of(view, self._crc)
        if self._proven.kind is ItemKind.SYMLINK:
            self._target += view
        else:
            self._hashing.update(view)

    def _unpacked(self, source: bytes | memoryview) -> bytes:
        """Unpack some of it; returns what is still packed."""
        assert self._inflate is not None
        try:
            self._take(self._inflate.decompress(source, _ROOM_BYTES))
        except zlib.error:
            self._is_sound = False
        self._is_sound &= not self._inflate.unused_data
        return self._inflate.unconsumed_tail
