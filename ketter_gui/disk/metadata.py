"""Carry times, owner, mode, attributes and access lists – and find what got lost.

What a destination can hold is asked, not looked up: a value is set, then read again.

The order matters. A part mostly has the right owner already; where it has not, attributes
are carried once more after the owner, as changing it clears capabilities. The mode comes last of all, by `carry_mode`, after a part was
proven: until then it is ours alone (0600), so that nobody reads half a file. POSIX
access lists share bits with the mode (acl(5): the group bits show the mask), so that
closing and opening the mode also closes and opens them.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ketter_gui.disk.folder import Folder
from ketter_gui.disk.state import bare, state_from
from ketter_gui.domain.items import FileState

_CANNOT: Final = frozenset(
    {
        errno.EPERM,
        errno.EACCES,
        errno.EINVAL,
        errno.ENOSYS,
        errno.EOPNOTSUPP,
        errno.ENOTSUP,
        errno.EOVERFLOW,
        errno.ERANGE,
        errno.E2BIG,
    }
)
"""What a file system says that cannot hold something. Everything else is a failure."""

_CLOCK_STEP_NS: Final = 2_000_000_000
"""FAT counts in steps of 2 s: the coarsest clock there is. A difference below it is the
volume's clock, not a loss."""

_ONLY_OURS: Final = 0o600
_ACCESS_LIST: Final = "system.posix_acl_access"
_DEFAULT_LIST: Final = "system.posix_acl_default"
_FOR_ROOT: Final = ("security.capability", "trusted.")
_NOT_FOR_ROOT: Final = ("trusted.overlay.",)


@dataclass(frozen=True, slots=True)
class Lost:
    """What the destination did not keep of one item."""

    times: bool = False
    mode: bool = False
    owner: bool = False
    xattrs: bool = False


def carry(
    source_fd: int | None, part_fd: int, state: FileState, accessed_ns: int | None = None
) -> tuple[Lost, FileState]:
    """Give a part the times, owner and attributes of its source, all but the mode.

    Returns what got lost, and what the part is now. Without a `source_fd` there is nothing
    to take attributes from; without `accessed_ns` the access time is the one of the last
    change. Raises OSError for failures of the drive, never for what it cannot hold.
    """
    kept_all = source_fd is None or _carry_xattrs(source_fd, part_fd, closed_mode=_ONLY_OURS)
    times = (state.mtime_ns if accessed_ns is None else accessed_ns, state.mtime_ns)
    is_set = _could(lambda: os.utime(part_fd, ns=times))
    now = os.fstat(part_fd)
    is_owner_kept = (now.st_uid, now.st_gid) == (state.uid, state.gid)
    if not is_owner_kept:
        is_owner_kept = _carry_owner(part_fd, state)
        if source_fd is not None:  # a new owner clears capabilities
            kept_all = _carry_xattrs(source_fd, part_fd, closed_mode=_ONLY_OURS)
        now = os.fstat(part_fd)
    are_times_kept = is_set and abs(now.st_mtime_ns - state.mtime_ns) < _CLOCK_STEP_NS
    lost = Lost(times=not are_times_kept, owner=not is_owner_kept, xattrs=not kept_all)
    return lost, state_from(now)


def carry_mode(fd: int, state: FileState, now: FileState | None = None) -> bool:
    """Give a proven part, or a folder, its mode. False when it was not kept.

    `now` is what it is, where that is known. Without the owner, setuid and setgid would
    lend somebody else's rights: they go.
    """
    wanted = stat.S_IMODE(state.mode)
    now = now or state_from(os.fstat(fd))
    allowed = wanted
    if now.uid != state.uid:
        allowed &= ~stat.S_ISUID
    if now.gid != state.gid:
        allowed &= ~stat.S_ISGID
    if stat.S_IMODE(now.mode) != allowed:
        if not _could(lambda: os.fchmod(fd, allowed)):
            return False
        now = state_from(os.fstat(fd))
    return stat.S_IMODE(now.mode) == wanted


def carry_folder(folder: Folder, state: FileState, source: Folder | None = None) -> Lost:
    """Give a folder everything at once, when nothing more is made in it: deepest first,
    since making or naming something changes the times of the folder it is in.
    """
    is_owner_kept = _carry_owner(folder.fd, state)
    kept_all = True
    if source is not None:
        kept_all = _carry_xattrs(source.fd, folder.fd, closed_mode=None)
    is_mode_kept = carry_mode(folder.fd, state)
    are_times_kept = _carry_times(folder.fd, state, None if source is None else source.fd)
    return Lost(not are_times_kept, not is_mode_kept, not is_owner_kept, not kept_all)


def carry_link(folder: Folder, name: bytes, state: FileState) -> Lost:
    """Give a symlink its owner and times; it has no mode or attributes of its own."""
    bare(name)
    is_owner_kept = _could(
        lambda: os.chown(name, state.uid, state.gid, dir_fd=folder.fd, follow_symlinks=False)
    )
    times = (state.mtime_ns, state.mtime_ns)
    are_times_kept = _could(
        lambda: os.utime(name, ns=times, dir_fd=folder.fd, follow_symlinks=False)
    )
    return Lost(times=not are_times_kept, owner=not is_owner_kept)


def _could(act: Callable[[], object]) -> bool:
    """Whether the file system could hold it. Raises OSError for what is a failure."""
    try:
        act()
    except OSError as error:
        if error.errno in _CANNOT:
            return False
        raise
    return True


def _carry_owner(fd: int, state: FileState) -> bool:
    """User and group, or the group alone, as far as we may; False when either is lost."""
    now = os.fstat(fd)
    if (now.st_uid, now.st_gid) == (state.uid, state.gid):
        return True
    if not _could(lambda: os.fchown(fd, state.uid, state.gid)) and now.st_gid != state.gid:
        _could(lambda: os.fchown(fd, -1, state.gid))
    now = os.fstat(fd)
    return (now.st_uid, now.st_gid) == (state.uid, state.gid)


def _carry_times(fd: int, state: FileState, source_fd: int | None) -> bool:
    accessed_ns = state.mtime_ns if source_fd is None else os.fstat(source_fd).st_atime_ns
    if not _could(lambda: os.utime(fd, ns=(accessed_ns, state.mtime_ns))):
        return False
    return abs(os.fstat(fd).st_mtime_ns - state.mtime_ns) < _CLOCK_STEP_NS


def _carry_xattrs(source_fd: int, fd: int, closed_mode: int | None) -> bool:
    """Extended attributes and access lists; False when one of them was lost.

    An access list opens the mode, so that `closed_mode` closes it again. Labels of
    security modules belong to the system they are on and stay there.
    """
    if sys.platform != "linux":
        return True
    names: list[str] = []
    if not _could(lambda: names.extend(os.listxattr(source_fd))):
        return True  # the source's file system has none
    kept_all = True
    for name in filter(_is_carried, names):
        kept_all &= _carry_xattr(source_fd, fd, name)
        if name == _ACCESS_LIST and closed_mode is not None:
            os.fchmod(fd, closed_mode)
    return kept_all


def _carry_xattr(source_fd: int, fd: int, name: str) -> bool:
    """One attribute. ENOSPC means that the destination has no room for *attributes*."""
    try:
        return _could(lambda: os.setxattr(fd, name, os.getxattr(source_fd, name)))
    except OSError as error:
        if error.errno == errno.ENODATA:
            return True  # removed since it was listed
        if error.errno == errno.ENOSPC:
            return False
        raise


def _is_carried(name: str) -> bool:
    if name.startswith("user.") or name in (_ACCESS_LIST, _DEFAULT_LIST):
        return True
    return os.geteuid() == 0 and name.startswith(_FOR_ROOT) and not name.startswith(_NOT_FOR_ROOT)
