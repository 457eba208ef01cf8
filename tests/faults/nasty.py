"""The nastiest tree that a file system lets one make, and what a copy of it lost."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import struct
from collections import defaultdict
from pathlib import Path

from tests.builders import payload

MIB = 1024 * 1024
SHOT_NS = 1_700_000_000_123_456_789
ACCESS, DEFAULT = "system.posix_acl_access", "system.posix_acl_default"

ODD_NAMES = (
    b"two\nlines.mov",
    b"back\\slash.mov",
    b"caf\xe9.mov",
    b"\x01\x02\x7f.mov",
    b" ",
    b"-rf",
    b"\xff" * 255,
)
PLAIN_NAMES = (b"a clip.mov", b"n" * 251 + b".mov")
WIDE_NAMES = ("日本語.mov".encode(),)
SIZES = (0, 1, 4095, 4096, 4097, 4 * MIB - 1, 4 * MIB, 4 * MIB + 1, 5 * MIB + 4099)
MODES = (0o000, 0o400, 0o444, 0o600, 0o640, 0o755, 0o777, 0o4755, 0o2755, 0o1644, 0o7777)


def access_list(*entries: tuple[int, int, int]) -> bytes:
    """The kernel's form (linux/posix_acl_xattr.h): version 2, then tag, rights, id."""
    return struct.pack("<I", 2) + b"".join(
        struct.pack("<HHI", tag, rights, who if who >= 0 else 0xFFFF_FFFF)
        for tag, rights, who in entries
    )


SHARED = access_list((0x01, 6, -1), (0x02, 6, 1234), (0x04, 4, -1), (0x10, 6, -1), (0x20, 0, -1))
INHERITED = access_list((0x01, 7, -1), (0x02, 5, 1234), (0x04, 5, -1), (0x10, 5, -1), (0x20, 0, -1))


def nasty_tree(folder: Path, *, names: str = "any", is_rich: bool = True) -> Path:
    """Files, folders and links with everything that can be about them.

    `names`: `any`, `utf-16` for what Windows knows, `ascii`. Without `is_rich`: no owners
    and nothing that only root can set. Times of folders are set last, from the deepest up.
    """
    root = folder / "NASTY"
    top = os.fsencode(root)
    os.makedirs(os.path.join(top, b"deep/er/est"))
    os.mkdir(os.path.join(top, b"empty"))
    chosen = {"any": PLAIN_NAMES + WIDE_NAMES + ODD_NAMES, "utf-16": PLAIN_NAMES + WIDE_NAMES}
    for number, name in enumerate(chosen.get(names, PLAIN_NAMES)):
        _file(os.path.join(top, name), 1000 + number)
    for size_bytes in SIZES:
        _file(os.path.join(top, b"deep/size%d.bin" % size_bytes), size_bytes)
    for mode in MODES:
        _file(os.path.join(top, b"deep/mode%04o.bin" % mode), 100 + mode)
    _file(os.path.join(top, b"deep/er/est/clip.mov"), 70_000)
    _attributes(top, is_rich=is_rich)
    _links(top)
    if is_rich:
        _owners(top)
    for mode in MODES:  # after the owners: chown(2) takes setuid away
        os.chmod(os.path.join(top, b"deep/mode%04o.bin" % mode), mode)
    os.setxattr(os.path.join(top, b"deep/mode0640.bin"), ACCESS, SHARED)
    _folders(top)
    return root


def _file(path: bytes, size_bytes: int) -> None:
    with open(path, "wb") as file:
        file.write(payload(size_bytes, size_bytes))


def _attributes(top: bytes, *, is_rich: bool) -> None:
    for name in (
        b"a clip.mov",
        b"deep",
        b"empty",
        b"deep/size0.bin",
        b"deep/size%d.bin" % SIZES[-1],
    ):
        path = os.path.join(top, name)
        os.setxattr(path, "user.reel", b"A001\0\xff")
        os.setxattr(path, "user.empty", b"")
        if is_rich:
            os.setxattr(path, "trusted.ketter", b"for root only")
    os.setxattr(os.path.join(top, b"deep/er"), DEFAULT, INHERITED)
    os.setxattr(os.path.join(top, b"deep/er"), ACCESS, INHERITED)


def _links(top: bytes) -> None:
    _file(os.path.join(os.path.dirname(top), b"outside"), 10)
    for number, (name, target) in enumerate(
        (
            (b"relative", b"deep/er/est/clip.mov"),
            (b"deep/up", b"../empty"),
            (b"absolute", os.path.join(os.path.dirname(top), b"outside")),
            (b"dangling", b"nowhere/at all"),
            (b"odd target", b"..//./caf\xe9\n"),
            (b"itself", b"itself"),
        )
    ):
        path = os.path.join(top, name)
        os.symlink(target, path)
        os.utime(path, ns=(SHOT_NS, SHOT_NS + number), follow_symlinks=False)


def _owners(top: bytes) -> None:
    for number, name in enumerate((b"a clip.mov", b"deep", b"empty", b"relative", b"dangling")):
        os.chown(os.path.join(top, name), 1000 + number, 2000 + number, follow_symlinks=False)
    os.chown(os.path.join(top, b"deep/mode4755.bin"), 1234, 2345)
    os.chown(os.path.join(top, b"deep/mode2755.bin"), 1234, 2345)


def _folders(top: bytes) -> None:
    for folder, folders, files in os.walk(top, topdown=False):
        for number, name in enumerate(sorted(files)):
            path = os.path.join(folder, name)
            if not os.path.islink(path):
                # odd nanoseconds and seconds, so that a coarse clock cannot hold them
                os.utime(path, ns=(SHOT_NS, SHOT_NS + number * 7_000_000_001))
        for number, name in enumerate(sorted(folders)):
            path = os.path.join(folder, name)
            if not os.path.islink(path):
                os.chmod(path, {b"est": 0o555, b"empty": 0o1777, b"deep": 0o2775}.get(name, 0o750))
                os.utime(path, ns=(SHOT_NS, SHOT_NS - number * 3_000_000_001))
    os.utime(top, ns=(SHOT_NS, SHOT_NS - 11))


Lost = dict[str, set[bytes]]


def lost_in(source: Path, copy: Path) -> Lost:
    """What differs → the relative paths where it does; the root itself is `.`."""
    lost: Lost = defaultdict(set)
    ours, theirs = _paths(source), _paths(copy)
    lost["missing"] = ours - theirs
    lost["too many"] = theirs - ours
    for path in ours & theirs:
        for what in _differences(_join(source, path), _join(copy, path)):
            lost[what].add(path)
    return {what: paths for what, paths in lost.items() if paths}


def _join(root: Path, path: bytes) -> bytes:
    return os.path.join(os.fsencode(root), path)


def _paths(root: Path) -> set[bytes]:
    top = os.fsencode(root)
    found = {b"."}
    for folder, folders, files in os.walk(top):
        found |= {os.path.relpath(os.path.join(folder, name), top) for name in folders + files}
    return found


def _differences(one: bytes, other: bytes) -> list[str]:
    mine, its = os.lstat(one), os.lstat(other)
    found = []
    if stat.S_IFMT(mine.st_mode) != stat.S_IFMT(its.st_mode):
        return ["kind"]
    if mine.st_mtime_ns != its.st_mtime_ns:
        found.append("times")
    if stat.S_IMODE(mine.st_mode) != stat.S_IMODE(its.st_mode):
        found.append("permissions")
    if (mine.st_uid, mine.st_gid) != (its.st_uid, its.st_gid):
        found.append("owner")
    found += _attributes_lost(attributes(one), other)
    if stat.S_ISLNK(mine.st_mode) and os.readlink(one) != os.readlink(other):
        found.append("target")
    if stat.S_ISREG(mine.st_mode) and _sum(one) != _sum(other):
        found.append("content")
    return found


def _attributes_lost(mine: dict[str, bytes], other: bytes) -> list[str]:
    """Asked one by one: NTFS does not list what only root may see."""
    lost = []
    if attributes(other).keys() - mine.keys():
        lost.append("attributes made up")
    for name, value in mine.items():
        kind = "access lists" if name in (ACCESS, DEFAULT) else "attributes"
        try:
            is_kept = os.getxattr(other, name, follow_symlinks=False) == value
        except OSError:
            is_kept = False
        if not is_kept:
            lost.append(kind)
    return lost


def attributes(path: bytes) -> dict[str, bytes]:
    """Every extended attribute and access list that we may see, but for XFS's second view
    of its access lists."""
    try:
        names = os.listxattr(path, follow_symlinks=False)
        return {
            name: os.getxattr(path, name, follow_symlinks=False)
            for name in names
            if not name.startswith("trusted.SGI_ACL_")
        }
    except OSError as error:
        if error.errno in (errno.ENOTSUP, errno.ENOSYS):
            return {}
        raise


def _sum(path: bytes) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
