"""What a name is, as a plain value."""

from __future__ import annotations

import os
import stat
from typing import Final

from ketter_gui.domain.errors import NotContained
from ketter_gui.domain.items import FileState, Identity, ItemKind

_KINDS: Final = {
    stat.S_IFREG: ItemKind.FILE,
    stat.S_IFDIR: ItemKind.FOLDER,
    stat.S_IFLNK: ItemKind.SYMLINK,
}
_BLOCK_BYTES: Final = 512
"""What st_blocks counts in, whatever the file system's own blocks are (stat(2))."""

_HAS_BLOCKS: Final = hasattr(os.stat_result, "st_blocks")
_SPECIAL: Final = {
    stat.S_IFIFO: "FIFO",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "device",
    stat.S_IFBLK: "device",
}


def special_kind(mode: int) -> str:
    """`FIFO`, `socket` or `device`; empty for files, folders and symlinks."""
    kind = stat.S_IFMT(mode)
    return "" if kind in _KINDS else _SPECIAL.get(kind, "special file")


def state_from(answer: os.stat_result) -> FileState:
    """A stat result as our own value. Raises KeyError for special files: ask first."""
    return FileState(
        _KINDS[stat.S_IFMT(answer.st_mode)],
        answer.st_size,
        answer.st_mtime_ns,
        answer.st_ctime_ns,
        answer.st_dev,
        answer.st_ino,
        answer.st_mode,
        answer.st_uid,
        answer.st_gid,
        answer.st_nlink,
        answer.st_blocks * _BLOCK_BYTES if _HAS_BLOCKS else -1,
    )


def identity_of(state: FileState) -> Identity:
    """What a part is known by after a crash."""
    return Identity(state.inode, state.size_bytes, state.mtime_ns)


def bare(name: bytes) -> bytes:
    """The name itself, if it names something *in* a folder and nothing else.

    Raises NotContained for an empty name, `.`, `..`, and whatever holds a slash or a
    zero byte: with one of these a descriptor would be no fence.
    """
    if not name or b"/" in name or b"\0" in name or name in (b".", b".."):
        raise NotContained(name)
    return name
