"""Give a failed system call its name: who failed, and whether the rest can go on."""

from __future__ import annotations

import errno

from ketter_gui.domain.errors import (
    CopyFailedError,
    DiskFull,
    FileTooBig,
    KetterError,
    ReadFailed,
    SourceVanished,
    VolumeGone,
    WriteFailed,
)

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_GONE = frozenset({errno.ENODEV, errno.ENXIO, errno.ENOTCONN})


def reading(error: OSError, path: bytes) -> KetterError:
    """A source that failed: VolumeGone ends the transfer, the others only this item."""
    if error.errno in _GONE:
        return VolumeGone(path, errno=error.errno)
    if error.errno == errno.ENOENT:
        return SourceVanished(path)
    return ReadFailed(path, errno=error.errno)


def writing(error: OSError, path: bytes, named: type[CopyFailedError] = WriteFailed) -> KetterError:
    """A destination that failed: full and gone make the transfer wait, the others end
    only this copy."""
    if error.errno in _FULL:
        return DiskFull(path, errno=error.errno)
    if error.errno in _GONE:
        return VolumeGone(path, errno=error.errno)
    if error.errno == errno.EFBIG:
        return FileTooBig(path, errno=error.errno)
    return named(path, errno=error.errno)
