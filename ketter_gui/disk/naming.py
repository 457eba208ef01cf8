"""Give a proven part its final name, or a file another folder, and never take a name that
somebody has.

Three ways, in this order, each tried because the one before was refused:

    ATOMIC    renameat2(2) with RENAME_NOREPLACE
    LINKED    link(2), which fails on an existing name, then unlink(2) of the part:
              NFS, ntfs-3g, older ZFS have no RENAME_NOREPLACE
    CHECKED   look, then rename(2): FAT and exFAT through FUSE have no links either, and
              sshfs none that can be told from copies.
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
from ketter_gui.disk.flushing import flush_folder
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
    return move_it(folder, part, folder, final)


def move_it(source: Folder, name: bytes, target: Folder, final: bytes) -> Placed:
    """Rename a file from one folder into another, or within one, unless there is a `final`.

    Raises FileExistsError then, whatever it is, and both stay as they are; OSError, with
    EXDEV where the two folders are on two volumes, two mounts of one, or two subvolumes.
    """
    bare(name)
    bare(final)
    try:
        if _linux.IS_LINUX:
            _linux.renameat2_noreplace(source.fd, name, target.fd, final)
            return Placed.ATOMIC
    except OSError as error:
        if error.errno not in _NOT_KNOWN_HERE:
            raise
    try:
        return _link_and_unlink(source, name, target, final)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
    return _look_and_rename(source, name, target, final)


def _link_and_unlink(source: Folder, name: bytes, target: Folder, final: bytes) -> Placed:
    os.link(name, final, src_dir_fd=source.fd, dst_dir_fd=target.fd, follow_symlinks=False)
    if not _are_one(source, name, target, final):
        os.unlink(final, dir_fd=target.fd)
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))
    if source is not target:  # an original loses its name: its new one is on the drive first
        try:
            flush_folder(target)
        except OSError:
            os.unlink(final, dir_fd=target.fd)
            raise
    os.unlink(name, dir_fd=source.fd)
    return Placed.LINKED


def _are_one(source: Folder, name: bytes, target: Folder, final: bytes) -> bool:
    """Whether two names show as one file: sshfs invents a number for each, so that nobody
    could tell afterwards what the new name leads to."""
    one = os.stat(name, dir_fd=source.fd, follow_symlinks=False)
    return os.path.samestat(one, os.stat(final, dir_fd=target.fd, follow_symlinks=False))


def _look_and_rename(source: Folder, name: bytes, target: Folder, final: bytes) -> Placed:
    if _mode(target, final) is not None:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
    os.rename(name, final, src_dir_fd=source.fd, dst_dir_fd=target.fd)
    return Placed.CHECKED


def may_move(source: Folder, target: Folder) -> bool:
    """Whether a file can be renamed from one folder into the other at all, found out
    without touching anything, so that nothing is read for a rename that cannot be.

    rename(2) of `.` never succeeds; the kernel looks first whether both folders are on one
    mount (EXDEV), then at the name (EBUSY or EINVAL). Subvolumes of btrfs are on one mount
    and have device numbers of their own.
    """
    if source.identity[0] != target.identity[0]:
        return False
    try:
        os.rename(b".", b".", src_dir_fd=source.fd, dst_dir_fd=target.fd)
    except OSError as error:
        return error.errno != errno.EXDEV
    return True


def replace(folder: Folder, part: bytes, final: bytes) -> None:
    """Rename `part` over `final`: for the overwrite policy, once the part is proven.

    A folder is never replaced (IsADirectoryError), nor is anything by a folder. What was
    there keeps its name until this very moment. Raises OSError.
    """
    move_over(folder, part, folder, final)


def move_over(source: Folder, name: bytes, target: Folder, final: bytes) -> None:
    """The same from one folder into another: the name's own bytes must be on the drive."""
    for folder, one in ((source, bare(name)), (target, bare(final))):
        mode = _mode(folder, one)
        if mode is not None and stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    os.rename(name, final, src_dir_fd=source.fd, dst_dir_fd=target.fd)


def _mode(folder: Folder, name: bytes) -> int | None:
    try:
        return os.stat(name, dir_fd=folder.fd, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return None
