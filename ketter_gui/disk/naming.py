"""Give a proven part its final name, and never take a name that somebody has.

Three ways, in this order, each tried because the one before was refused:

    ATOMIC    renameat2(2) with RENAME_NOREPLACE
    LINKED    link(2), which fails on an existing name, then unlink(2) of the part:
              NFS, ntfs-3g, older ZFS have no RENAME_NOREPLACE
    CHECKED   look, then rename(2): FAT and exFAT through FUSE have no links either.
              Another program could take the name between the two; the result is told so
              that this is said, once per transfer
"""

from __future__ import annotations

import errno
import os
import stat
from enum import StrEnum
from typing import Final

from ketter_gui.disk import _linux
from ketter_gui.disk.folder import Folder
from ketter_gui.disk.state import bare

_NOT_KNOWN_HERE: Final = frozenset({errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP})
_NO_LINKS: Final = _NOT_KNOWN_HERE | {errno.EPERM, errno.EMLINK, errno.EACCES}


class Placed(StrEnum):
    """How a name was given, from the safest to the one that has to be said."""

    ATOMIC = "atomic"
    LINKED = "linked"
    CHECKED = "checked"


def name_it(folder: Folder, part: bytes, final: bytes) -> Placed:
    """Rename `part` to `final` in one folder, unless there is a `final`.

    Raises FileExistsError then, whatever it is, and both stay as they are; OSError.
    """
    bare(part)
    bare(final)
    try:
        if _linux.IS_LINUX:
            _linux.renameat2_noreplace(folder.fd, part, folder.fd, final)
            return Placed.ATOMIC
    except OSError as error:
        if error.errno not in _NOT_KNOWN_HERE:
            raise
    try:
        return _link_and_unlink(folder, part, final)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
    return _look_and_rename(folder, part, final)


def _link_and_unlink(folder: Folder, part: bytes, final: bytes) -> Placed:
    os.link(part, final, src_dir_fd=folder.fd, dst_dir_fd=folder.fd, follow_symlinks=False)
    os.unlink(part, dir_fd=folder.fd)
    return Placed.LINKED


def _look_and_rename(folder: Folder, part: bytes, final: bytes) -> Placed:
    if _mode(folder, final) is not None:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
    os.rename(part, final, src_dir_fd=folder.fd, dst_dir_fd=folder.fd)
    return Placed.CHECKED


def replace(folder: Folder, part: bytes, final: bytes) -> None:
    """Rename `part` over `final`: for the overwrite policy, once the part is proven.

    A folder is never replaced (IsADirectoryError), nor is anything by a folder. What was
    there keeps its name until this very moment. Raises OSError.
    """
    for name in (bare(part), bare(final)):
        mode = _mode(folder, name)
        if mode is not None and stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    os.rename(part, final, src_dir_fd=folder.fd, dst_dir_fd=folder.fd)


def _mode(folder: Folder, name: bytes) -> int | None:
    try:
        return os.stat(name, dir_fd=folder.fd, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return None
