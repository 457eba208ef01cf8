"""What is mounted where: /proc/self/mountinfo, which never blocks (proc(5)).

Everything stays bytes, as mount points are named by people. Blanks, tabs, newlines and
backslashes come as three octal digits.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Final, NamedTuple

MOUNTINFO: Final = b"/proc/self/mountinfo"

_OCTAL: Final = re.compile(rb"\\([0-7]{3})")
_MOUNT_ID: Final = re.compile(rb"^mnt_id:\s*(\d+)$", re.MULTILINE)


class Mount(NamedTuple):
    """One line of mountinfo. `device` is (major, minor) of the file system."""

    id: int
    device: tuple[int, int]
    root: bytes
    mount_point: bytes
    options: frozenset[bytes]
    file_system: str
    source: bytes
    super_options: bytes


def read_mounts(path: bytes = MOUNTINFO) -> list[Mount]:
    """All mounts that this process sees, in the order in which they were mounted."""
    with open(path, "rb") as table:
        mounts = parse_mounts(table.read())
    if not any(mount.mount_point == b"/" for mount in mounts):
        mounts.insert(0, _own_root())
    return mounts


def _own_root() -> Mount:
    """What holds `/` for a process whose root is a plain folder (chroot): its mount is out
    of sight, so the table has no line for it, but the device can be told."""
    number = os.stat(b"/").st_dev
    device = (os.major(number), os.minor(number))
    is_read_only = bool(os.statvfs(b"/").f_flag & os.ST_RDONLY)
    options = frozenset({b"ro" if is_read_only else b"rw"})
    return Mount(_mount_id(b"/") or 0, device, b"/", b"/", options, "unknown", b"", b"")


def parse_mounts(table: bytes) -> list[Mount]:
    """The lines of a mountinfo; one that makes no sense is left out."""
    mounts = []
    for line in table.split(b"\n"):
        with suppress(ValueError, IndexError):
            mounts.append(_parse(line))
    return mounts


def _parse(line: bytes) -> Mount:
    before, after = line.split(b" - ", 1)
    fields = before.split(b" ")
    file_system, source, super_options = after.split(b" ", 2)
    major, minor = fields[2].split(b":")
    return Mount(
        int(fields[0]),
        (int(major), int(minor)),
        _plain(fields[3]),
        _plain(fields[4]),
        frozenset(fields[5].split(b",")),
        os.fsdecode(file_system),
        _plain(source),
        _plain(super_options),
    )


def _plain(field: bytes) -> bytes:
    return _OCTAL.sub(lambda match: bytes([int(match[1], 8)]), field)


def is_below(path: bytes, folder: bytes) -> bool:
    """Whether an absolute path is a folder or lies in it, by its words."""
    return folder in (b"/", path) or path.startswith(folder + b"/")


def mount_by_prefix(mounts: Sequence[Mount], path: bytes) -> Mount | None:
    """The mount whose mount point is the longest beginning of `path`; the last of
    several on one point, since it hides the others.
    """
    best = None
    for mount in mounts:
        if is_below(path, mount.mount_point) and (
            best is None or len(mount.mount_point) >= len(best.mount_point)
        ):
            best = mount
    return best


def mount_holding(mounts: Sequence[Mount], path: bytes) -> Mount | None:
    """The mount that really holds an existing path, or what will be made there.

    The kernel is asked (the mount's number of an open file, proc(5) fdinfo), because a
    mount above may hide one that has the longer name. Can block on a volume that does
    not answer.
    """
    wanted = _mount_id(path)
    for mount in mounts:
        if mount.id == wanted:
            return mount
    return mount_by_prefix(mounts, path)


def _mount_id(path: bytes) -> int | None:
    while True:
        with suppress(OSError):
            os.stat(os.path.join(path, b"."))  # wakes an automount
        try:
            fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            above = os.path.dirname(path)
            if above == path:
                return None
            path = above
            continue
        try:
            return mount_id_of(fd)
        finally:
            os.close(fd)


def mount_id_of(fd: int) -> int | None:
    """The number of the mount through which a file was opened; None when not told."""
    try:
        with open(b"/proc/self/fdinfo/%d" % fd, "rb") as told:
            match = _MOUNT_ID.search(told.read())
    except OSError:
        return None
    return int(match[1]) if match else None
