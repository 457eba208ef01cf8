"""Bring what was written onto its drive.

After a flush has failed, the system may mark the lost pages clean, and the next flush
then succeeds (measured, and fsync(2)): what failed once is never flushed again but
written anew, into a new part.
"""

from __future__ import annotations

import errno
import os
from typing import Final

from ketter_gui.disk import _linux
from ketter_gui.disk.folder import Folder

_NO_SUCH_CALL: Final = frozenset({errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP})
_NOT_FOR_FOLDERS: Final = frozenset({errno.EINVAL, errno.EOPNOTSUPP, errno.ENOTSUP})


def flush(fd: int) -> None:
    """fsync(2) of a file: its bytes, its size, and its times. Raises OSError.

    Not fdatasync, which may leave the mtime behind: a part is known after a crash by
    inode, size and mtime, so that the mtime must be on the drive with the bytes.
    """
    os.fsync(fd)


def flush_volume(folder: Folder) -> bool:
    """syncfs(2): everything that was written to the volume of this folder, at once.

    Since Linux 5.8 a write-back that failed *after this descriptor was opened* is
    reported here once (syncfs(2)): so the folder must have been open since before the
    first write of the batch, and stay the same descriptor. Before 5.8 nothing is ever
    reported; callers that read back afterwards notice all the same, as the bytes are
    not there. False where there is no such call: flush each file. Raises OSError.
    """
    if not _linux.IS_LINUX:
        return False
    try:
        _linux.syncfs(folder.fd)
    except OSError as error:
        if error.errno in _NO_SUCH_CALL:
            return False
        raise
    return True


def flush_folder(folder: Folder) -> bool:
    """fsync(2) of a folder, so that the names in it outlive a power loss.

    False where the file system has no such thing (some FUSE and network ones: EINVAL or
    ENOTSUP) and keeps its names in its own way. Raises OSError.
    """
    try:
        os.fsync(folder.fd)
    except OSError as error:
        if error.errno in _NOT_FOR_FOLDERS:
            return False
        raise
    return True
