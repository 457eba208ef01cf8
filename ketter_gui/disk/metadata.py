"""Carry times, owner, mode, attributes and access lists – and find what got lost.

What a destination can hold is asked, not looked up: a value is set, then read again.

The order matters. A part mostly has the right owner already; where it has not, attributes
are carried once more after the owner, as changing it clears capabilities. The mode comes
last of all, by `carry_mode`, after a part was proven: until then it is ours alone (0600),
so that nobody reads half a file. POSIX access lists share bits with the mode (acl(5): the
group bits show the mask), so that closing and opening the mode also closes and opens them.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Callable
from functools import partial
from typing import Final

from ketter_gui.disk.folder import Folder
from ketter_gui.disk.gate import Gate
from ketter_gui.disk.state import bare, state_from
from ketter_gui.domain.items import FileState, Loss

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

_CLOCKS: Final = (
    (1, Loss.NONE),
    (1_000, Loss.TIMES_TO_MICROSECOND),  # NTFS: 100 ns
    (1_000_000_000, Loss.TIMES_TO_SECOND),  # exFAT: 10 ms, through FUSE and HFS+: 1 s
    (2_000_000_000, Loss.TIMES_TO_TWO_SECONDS),  # FAT, the coarsest there is
)
"""A difference smaller than these nanoseconds is the volume's clock, not its failing."""

_OPEN: Final = Gate()
"""For whoever has no gate; never shut."""

_ONLY_OURS: Final = 0o600
_ACCESS_LIST: Final = "system.posix_acl_access"
_DEFAULT_LIST: Final = "system.posix_acl_default"
_FOR_ROOT: Final = ("security.capability", "trusted.")
_NOT_FOR_ROOT: Final = ("trusted.overlay.", "trusted.SGI_ACL_")
"""What file systems keep for themselves: XFS shows its access lists a second time so."""


def carry(
    source_fd: int | None,
    part_fd: int,
    state: FileState,
    accessed_ns: int | None = None,
    gate: Gate = _OPEN,
) -> tuple[Loss, FileState]:
    """Give a part the times, owner and attributes of its source, all but the mode.

    Returns what got lost, and what the part is now. Without a `source_fd` there is nothing
    to take attributes from; without `accessed_ns` the access time is the one of the last
    change. Raises OSError for failures of the drive, never for what it cannot hold, and
    LetGo when the gate is shut before all is done.
    """
    lost = _carry_xattrs(source_fd, part_fd, gate, closed_mode=_ONLY_OURS)
    times = (state.mtime_ns if accessed_ns is None else accessed_ns, state.mtime_ns)
    is_set = _could(gate, lambda: os.utime(part_fd, ns=times))
    now = os.fstat(part_fd)
    if (now.st_uid, now.st_gid) != (state.uid, state.gid):
        is_owner_kept = _carry_owner(part_fd, state, gate)
        lost = _carry_xattrs(
            source_fd, part_fd, gate, closed_mode=_ONLY_OURS
        )  # it clears capabilities
        lost |= Loss.NONE if is_owner_kept else Loss.OWNER
        now = os.fstat(part_fd)
    if not is_set:
        lost |= Loss.TIMES
    elif now.st_mtime_ns != state.mtime_ns:
        lost |= _times_lost(now.st_mtime_ns, state.mtime_ns)
    return lost, state_from(now)


def carry_mode(fd: int, state: FileState, now: FileState | None = None, gate: Gate = _OPEN) -> bool:
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
        if not _could(gate, lambda: os.fchmod(fd, allowed)):
            return False
        now = state_from(os.fstat(fd))
    return stat.S_IMODE(now.mode) == wanted


def carry_folder(folder: Folder, state: FileState, source: Folder | None = None) -> Loss:
    """Give a folder everything at once, when nothing more is made in it: deepest first,
    since making or naming something changes the times of the folder it is in.
    """
    source_fd = None if source is None else source.fd
    gate = folder.gate or _OPEN
    is_owner_kept = _carry_owner(folder.fd, state, gate)
    lost = _carry_xattrs(source_fd, folder.fd, gate, closed_mode=None)
    lost |= Loss.NONE if is_owner_kept else Loss.OWNER
    lost |= Loss.NONE if carry_mode(folder.fd, state, gate=gate) else Loss.MODE
    return lost | _carry_times(folder.fd, state, source_fd, gate)


def carry_link(folder: Folder, name: bytes, state: FileState) -> Loss:
    """Give a symlink its owner and times; it has no mode or attributes of its own. Only where
    links have these: `abilities.Probe.holds_link_times` tells."""
    bare(name)
    owner, times = (state.uid, state.gid), (state.mtime_ns, state.mtime_ns)
    gate = folder.gate or _OPEN
    _could(gate, lambda: os.chown(name, *owner, dir_fd=folder.fd, follow_symlinks=False))
    set_times = partial(os.utime, name, ns=times, dir_fd=folder.fd, follow_symlinks=False)
    is_set = _could(gate, set_times)
    now = os.stat(name, dir_fd=folder.fd, follow_symlinks=False)
    lost = Loss.NONE if (now.st_uid, now.st_gid) == owner else Loss.OWNER
    return lost | (_times_lost(now.st_mtime_ns, state.mtime_ns) if is_set else Loss.TIMES)


def link_owner_lost(folder: Folder, name: bytes, state: FileState) -> Loss:
    """The same question where nothing may be set. Raises OSError."""
    now = os.stat(bare(name), dir_fd=folder.fd, follow_symlinks=False)
    return Loss.NONE if (now.st_uid, now.st_gid) == (state.uid, state.gid) else Loss.OWNER


def set_time(folder: Folder, name: bytes, mtime_ns: int) -> None:
    """Give a file its time of change back, by its name. Raises OSError."""
    (folder.gate or _OPEN).check()
    os.utime(bare(name), ns=(mtime_ns, mtime_ns), dir_fd=folder.fd, follow_symlinks=False)


def _times_lost(now_ns: int, wanted_ns: int) -> Loss:
    difference_ns = abs(now_ns - wanted_ns)
    for below_ns, loss in _CLOCKS:
        if difference_ns < below_ns:
            return loss
    return Loss.TIMES


def _could(gate: Gate, act: Callable[[], object]) -> bool:
    """Whether the file system could hold it. Raises OSError for what is a failure."""
    gate.check()
    try:
        act()
    except OSError as error:
        if error.errno in _CANNOT:
            return False
        raise
    return True


def _carry_owner(fd: int, state: FileState, gate: Gate) -> bool:
    """User and group, or the group alone, as far as we may; False when either is lost."""
    now = os.fstat(fd)
    if (now.st_uid, now.st_gid) == (state.uid, state.gid):
        return True
    is_kept = _could(gate, lambda: os.fchown(fd, state.uid, state.gid))
    if not is_kept and now.st_gid != state.gid:
        _could(gate, lambda: os.fchown(fd, -1, state.gid))
    now = os.fstat(fd)
    return (now.st_uid, now.st_gid) == (state.uid, state.gid)


def _carry_times(fd: int, state: FileState, source_fd: int | None, gate: Gate) -> Loss:
    accessed_ns = state.mtime_ns if source_fd is None else os.fstat(source_fd).st_atime_ns
    if not _could(gate, lambda: os.utime(fd, ns=(accessed_ns, state.mtime_ns))):
        return Loss.TIMES
    return _times_lost(os.fstat(fd).st_mtime_ns, state.mtime_ns)


def _carry_xattrs(source_fd: int | None, fd: int, gate: Gate, *, closed_mode: int | None) -> Loss:
    """Extended attributes and access lists, and what of them was lost.

    An access list opens the mode, so that `closed_mode` closes it again. Labels of
    security modules belong to the system they are on and stay there.
    """
    if source_fd is None or sys.platform != "linux":
        return Loss.NONE
    names: list[str] = []
    if not _could(gate, lambda: names.extend(os.listxattr(source_fd))):
        return Loss.NONE  # the source's file system has none
    lost = Loss.NONE
    for name in filter(_is_carried, names):
        if not _carry_xattr(source_fd, fd, name, gate):
            lost |= Loss.ACCESS_LIST if name in (_ACCESS_LIST, _DEFAULT_LIST) else Loss.XATTRS
        if name == _ACCESS_LIST and closed_mode is not None:
            _could(gate, partial(os.fchmod, fd, closed_mode))
    return lost


def _carry_xattr(source_fd: int, fd: int, name: str, gate: Gate) -> bool:
    """One attribute, and whether it is there afterwards: ntfs-3g takes access lists, and
    keeps none. ENOSPC means that the destination has no room for *attributes*."""
    try:
        value = os.getxattr(source_fd, name)
    except OSError as error:
        if error.errno == errno.ENODATA:
            return True  # removed since it was listed
        raise
    try:
        is_set = _could(gate, lambda: os.setxattr(fd, name, value))
        return is_set and os.getxattr(fd, name) == value
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.ENODATA):
            return False
        raise


def _is_carried(name: str) -> bool:
    if name.startswith("user.") or name in (_ACCESS_LIST, _DEFAULT_LIST):
        return True
    return os.geteuid() == 0 and name.startswith(_FOR_ROOT) and not name.startswith(_NOT_FOR_ROOT)
