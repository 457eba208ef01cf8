"""Make a part, give it room, fill it. Nothing here ever opens a file that is there."""

from __future__ import annotations

import errno
import os
import stat
from typing import Final

from ketter_gui.disk import _linux
from ketter_gui.disk.folder import Folder
from ketter_gui.disk.state import bare

_PART_FLAGS: Final = (
    os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
)
_AGAIN_FLAGS: Final = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_OURS_ONLY: Final = 0o600
_NOT_TO_BE_OPENED: Final = frozenset(
    {errno.ENOENT, errno.ELOOP, errno.EISDIR, errno.ENXIO, errno.EACCES, errno.EPERM}
)
"""Nothing is there, or no file, or one that may not be written to: whoever was interrupted
after a part had been read back has given it its own mode."""

_CANNOT_ALLOCATE: Final = frozenset({errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL})


def create_part(folder: Folder, name: bytes) -> int:
    """A new, empty file for us alone; closing it is the caller's business.

    Keep this descriptor until the flush: a write-back that fails is reported to those
    that were open meanwhile. Raises FileExistsError when anything has that name, even a
    link that leads nowhere, and OSError.
    """
    return os.open(bare(name), _PART_FLAGS, _OURS_ONLY, dir_fd=folder.fd)


def open_part(folder: Folder, name: bytes) -> int | None:
    """A part of an earlier run, to be gone on with; closing it is the caller's business.

    None when there is none, or what has its name is not a file of ours alone: with a
    second name it could be somebody's original. Raises OSError.
    """
    try:
        fd = os.open(bare(name), _AGAIN_FLAGS, dir_fd=folder.fd)
    except OSError as error:
        if error.errno in _NOT_TO_BE_OPENED:
            return None
        raise
    answer = os.fstat(fd)
    if stat.S_ISREG(answer.st_mode) and answer.st_nlink == 1 and answer.st_uid == os.geteuid():
        return fd
    os.close(fd)
    return None


def cut(fd: int, size_bytes: int) -> None:
    """Give a part this size: what was written beyond it goes. Raises OSError.

    A part that has it is left alone: FAT behind fusefat says EPERM then (measured).
    """
    if os.fstat(fd).st_size != size_bytes:
        os.ftruncate(fd, size_bytes)


def allocate(fd: int, size_bytes: int) -> bool:
    """Give a file its size and the blocks for it before it is filled.

    False where the file system has no such thing (exFAT, NFS before 4.2, ZFS): nothing
    was done then, least of all glibc's writing of zeros. Raises OSError, with ENOSPC
    when there is no room.
    """
    if size_bytes <= 0:
        return True
    if not _linux.IS_LINUX:
        return False
    try:
        _linux.fallocate(fd, size_bytes)
    except OSError as error:
        if error.errno in _CANNOT_ALLOCATE:
            return False
        raise
    return True


def write_all(fd: int, buffer: memoryview, offset: int) -> None:
    """Write every byte of a buffer at an offset. Raises OSError.

    A short write is continued: the next call then says why (ENOSPC, EIO).
    """
    done = os.pwrite(fd, buffer, offset)
    while done < len(buffer):
        more = os.pwrite(fd, buffer[done:], offset + done)
        if more == 0:
            raise OSError(errno.EIO, "the file system took no more bytes and gave no reason")
        done += more


def make_hard_link(folder: Folder, name: bytes, to: Folder, new: bytes) -> None:
    """One more name for a file, never for what a symlink leads to. Raises FileExistsError,
    and OSError: EPERM, EMLINK, EXDEV and others where there cannot be one."""
    os.link(bare(name), bare(new), src_dir_fd=folder.fd, dst_dir_fd=to.fd, follow_symlinks=False)


def make_link(folder: Folder, name: bytes, target: bytes) -> None:
    """A new symlink that says `target`, whatever that is. Raises FileExistsError, OSError."""
    os.symlink(target, bare(name), dir_fd=folder.fd)
