"""Write past the cache, where the file system can.

Measured on one disk, 2 GiB: writing through the cache 6.3 s, past it 2.5 s – the system
slows whoever fills its cache, and copying into it costs as much as hashing. That bytes
are *read back* past the cache is a matter of proof, and of `readback`; here it is a
matter of speed only.

A part of an earlier run is gone on with piece by piece: as long as it has the same bytes
as the source, nothing is written. Nobody has to know how far it had got, or what a power
loss left of it.
"""

from __future__ import annotations

import errno
import mmap
import os
from contextlib import suppress
from typing import Final

from ketter_gui.disk import _linux
from ketter_gui.disk.folder import Folder
from ketter_gui.disk.reading import read_into
from ketter_gui.disk.state import bare
from ketter_gui.disk.writing import write_all

_FLAGS: Final = (
    os.O_RDWR
    | getattr(os, "O_DIRECT", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
)
BLOCK_BYTES: Final = mmap.PAGESIZE
"""Offsets, lengths and buffers are multiples of this: no file system asks for more."""


class PartWriter:
    """Writes to a part by its descriptor `fd`, in order, past the cache where that works.

    The last piece may be of any length; what does not fill a block goes through the
    cache. `fd` stays the one to flush: it has been open since before the first byte.
    """

    def __init__(self, folder: Folder, name: bytes, fd: int, *, is_continued: bool = False) -> None:
        self._fd = fd
        self._direct = _open(folder, name, fd)
        self._there: mmap.mmap | None = None
        self._is_continued = is_continued
        self.kept_bytes = 0
        """What was there already, and equal."""

    def write(self, piece: memoryview, offset: int) -> None:
        """Write all of a page-aligned piece, unless it is there. Raises OSError."""
        if self._is_continued:
            if self._holds(piece, offset):
                self.kept_bytes += len(piece)
                return
            self._is_continued = False
        if self._direct is None:
            write_all(self._fd, piece, offset)
            return
        whole = len(piece) - len(piece) % BLOCK_BYTES
        if whole and not self._written_past_the_cache(piece[:whole], offset):
            whole = 0
        if whole < len(piece):
            write_all(self._fd, piece[whole:], offset + whole)

    def close(self) -> None:
        """Close what was opened here; `fd` stays open."""
        direct, self._direct = self._direct, None
        if direct is not None:
            os.close(direct)

    def _holds(self, piece: memoryview, offset: int) -> bool:
        """Whether the part has these bytes there. What cannot be read is written anew."""
        whole = len(piece) + -len(piece) % BLOCK_BYTES
        if self._there is None or len(self._there) < whole:
            self._there = mmap.mmap(-1, whole)
        there = memoryview(self._there)[:whole]
        fd = self._fd if self._direct is None else self._direct
        try:
            if read_into(fd, there, offset) < len(piece):
                return False
        except OSError:
            return False
        return _linux.same_bytes(there[: len(piece)], piece)

    def _written_past_the_cache(self, piece: memoryview, offset: int) -> bool:
        """False when this file system does not take it after all: then never again."""
        try:
            write_all(self._direct or 0, piece, offset)
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            self.close()
            return False
        return True


def _open(folder: Folder, name: bytes, fd: int) -> int | None:
    """A second descriptor of the very same part, for direct I/O; None where there is none."""
    if not _linux.IS_LINUX:
        return None
    with suppress(OSError):
        alignment = _linux.direct_io_alignment(fd)
        if alignment is None or not 0 < max(alignment) <= BLOCK_BYTES:
            return None
        direct = os.open(bare(name), _FLAGS, dir_fd=folder.fd)
        if os.path.sameopenfile(direct, fd):
            return direct
        os.close(direct)
    return None
