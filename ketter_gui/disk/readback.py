"""Make sure that what is read back comes from where it is kept (P1).

Two ways past the system's cache, both proven before they are believed:

    let_go        the pages are dropped and *seen* gone, then an ordinary read fetches
                  them anew; right for small files
    open_direct   direct I/O, where the file system says that it has it and one block was
                  read that way; right for big files, three times slower for small ones

Either is believed only on file systems that keep nothing but pages. What comes through
FUSE was dropped here but may still lie in the cache below the serving program (measured
with exfat-fuse: a "read back" without one read on the drive), ZFS has a cache of its
own, an encrypting layer leaves the pages of the layer below. There the answer is
`cache`, which is shown and lets nothing be deleted. A disk image behind a loop device
without direct I/O, and what a virtual machine's host or a drive's own RAM keeps, cannot
be seen from here.
"""

from __future__ import annotations

import errno
import mmap
import os
from typing import Final, NamedTuple

from ketter_gui.disk import _linux
from ketter_gui.disk.folder import Folder
from ketter_gui.disk.state import bare
from ketter_gui.domain.items import Medium, ReadBack

_PIECE_BYTES: Final = 1 << 30
"""Mapped for one question: 256 KiB of answer, whatever the file's size."""

_TRIES: Final = 3
"""Pages that were on their way between lists a moment ago go the second time."""

# f_type of statfs(2), from the kernel's linux/magic.h and the file systems' own headers.
_KEEPS_ONLY_PAGES: Final = frozenset(
    {
        0xEF53,  # ext2, ext3, ext4
        0x58465342,  # xfs
        0x9123683E,  # btrfs
        0xCA451A4E,  # bcachefs
        0xF2F52010,  # f2fs
        0x4D44,  # vfat, msdos
        0x2011BAB0,  # exfat of the kernel
        0x7366746E,  # ntfs3
        0x4244,  # hfs
        0x482B,  # hfsplus
        0x15013346,  # udf
        0x9660,  # iso9660
        0x3153464A,  # jfs
        0x3434,  # nilfs2
        0x52654973,  # reiserfs
        0x794C7630,  # overlay: mincore and fadvise reach the pages of the real file
    }
)
_OVERLAY: Final = 0x794C7630

_DIRECT_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_DIRECT", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
)
_NOT_HERE: Final = frozenset(
    {errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENODEV, errno.EPERM}
)


class FileSystem(NamedTuple):
    """What an open folder is on: its device number, and the kind (f_type of statfs(2))."""

    device: int
    kind: int | None


def file_system_of(folder: Folder) -> FileSystem:
    """What an open folder is on. True of what is below it and has the same device number,
    as long as the folder is open: only that keeps a device what it is. Raises OSError."""
    device, _ = folder.identity
    return FileSystem(device, _linux.file_system_type(folder.fd) if _linux.IS_LINUX else None)


def let_go(fd: int, size_bytes: int, medium: Medium, file_system: int | None = None) -> ReadBack:
    """Have the system drop a file's pages, and say what a read from now on proves.

    `file_system` is its kind, where `file_system_of` was asked already.

    After the flush: dirty pages are never dropped. `storage` or `server` only when every
    page was seen gone; `cache` when some stay (another program maps or reads them), when
    the system does not let us see (a file that we neither own nor may write), and on
    file systems that may keep the bytes elsewhere. An empty file has nothing to keep: it
    gives the medium's own answer. Raises OSError when the drive fails.
    """
    if medium is Medium.MEMORY:
        return ReadBack.MEMORY
    proven = ReadBack.SERVER if medium is Medium.SERVER else ReadBack.STORAGE
    if size_bytes == 0:
        return proven
    if not _linux.IS_LINUX:
        return ReadBack.CACHE
    if file_system is None:
        file_system = _linux.file_system_type(fd)
    if medium is Medium.STORAGE and file_system not in _KEEPS_ONLY_PAGES:
        return ReadBack.CACHE
    is_plain = file_system in _KEEPS_ONLY_PAGES and file_system != _OVERLAY
    for _ in range(_TRIES):
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        is_gone = _is_uncached(fd) if is_plain else None
        if _are_gone(fd, size_bytes, medium) if is_gone is None else is_gone:
            return proven
    return ReadBack.CACHE


def _is_uncached(fd: int) -> bool | None:
    """Whether no page of the file is in memory, by cachestat(2); None where nobody says so.

    It is the stricter one, too: where blocks are smaller than pages, mincore does not see
    the last page of a file that was just written (measured on ext4 with blocks of 1 KiB).
    """
    try:
        return _linux.cached_pages(fd) == 0
    except OSError:
        return None


def _keeps_only_pages(fd: int) -> bool:
    return _linux.file_system_type(fd) in _KEEPS_ONLY_PAGES


def _are_gone(fd: int, size_bytes: int, medium: Medium) -> bool:
    """Whether no page of the file is in memory, by mincore(2).

    cachestat(2) is cheaper, but asks the overlay's own, empty mapping instead of the real
    file's, and is not there before Linux 6.5.
    """
    try:
        return not any(
            _linux.pages_in_memory(fd, offset, min(_PIECE_BYTES, size_bytes - offset))
            for offset in range(0, size_bytes, _PIECE_BYTES)
        )
    except OSError as error:
        if error.errno == errno.ENODEV:
            return medium is Medium.SERVER  # no mapping, because nothing is cached here
        raise


def open_direct(folder: Folder, name: bytes) -> int | None:
    """A descriptor that reads past the cache, proven; None when it cannot be proven.

    That O_DIRECT opens proves nothing: tmpfs and overlay take it and serve from memory
    (measured). So the file system must name an alignment (statx STATX_DIOALIGN, Linux
    6.1), be one that keeps only pages, and have read one aligned block. Read it into
    `aligned_buffer`s at multiples of a page. Raises OSError when the name is no file that
    can be opened, or the drive fails.
    """
    if not _linux.IS_LINUX:
        return None
    try:
        fd = os.open(bare(name), _DIRECT_FLAGS, dir_fd=folder.fd)
    except OSError as error:
        if error.errno in _NOT_HERE:
            return None
        raise
    try:
        if _is_direct(fd):
            proven, fd = fd, -1
            return proven
        return None
    finally:
        if fd >= 0:
            os.close(fd)


def _is_direct(fd: int) -> bool:
    try:
        alignment = _linux.direct_io_alignment(fd)
        if alignment is None or max(alignment) > mmap.PAGESIZE or not _keeps_only_pages(fd):
            return False
        with aligned_buffer(mmap.PAGESIZE) as block:
            return os.preadv(fd, [block], 0) > 0
    except OSError as error:
        if error.errno in _NOT_HERE:
            return False
        raise


def aligned_buffer(size_bytes: int) -> mmap.mmap:
    """A page-aligned buffer, as direct I/O needs it; the caller closes it."""
    return mmap.mmap(-1, size_bytes)
