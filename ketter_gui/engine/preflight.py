"""Everything that can be found out before the first byte is written (P10)."""

from __future__ import annotations

import errno
import os
from collections import defaultdict
from collections.abc import Mapping

from ketter_gui.disk.space import free_bytes, name_limit
from ketter_gui.domain import limits
from ketter_gui.domain.errors import (
    DestinationReadOnly,
    NameTooLong,
    NotEnoughSpace,
)
from ketter_gui.domain.sizes import size_text
from ketter_gui.engine.plan import Bench


def preflight(bench: Bench, bytes_to_copy: int, reserved: Mapping[str, int], longest: bytes) -> None:
    """Check room, permission and names on every destination.

    `bytes_to_copy` is what each destination still has to receive, `reserved` what other
    transfers will take, by volume; `longest` is the longest name of all items. Raises
    DestinationReadOnly, NotEnoughSpace or NameTooLong.
    """
    receiving: dict[str, int] = defaultdict(int)
    for destination, tree in zip(bench.plan.destinations, bench.destinations, strict=True):
        _check_writable(destination.path, tree.root.fd)
        if len(longest) > name_limit(tree.root):
            raise NameTooLong(longest, destination=os.fsdecode(destination.path))
        receiving[destination.place.volume] += bytes_to_copy
        needed = _with_margin(receiving[destination.place.volume])
        free = free_bytes(tree.root) - reserved.get(destination.place.volume, 0)
        if needed > free and receiving[destination.place.volume] > 0:
            raise NotEnoughSpace(
                destination.path,
                needed=size_text(needed),
                free=size_text(max(free, 0)),
                short=size_text(needed - max(free, 0)),
            )


def _check_writable(path: bytes, fd: int) -> None:
    if not os.access(f"/proc/self/fd/{fd}", os.W_OK | os.X_OK):
        raise DestinationReadOnly(path, errno=_why_not_writable(fd))


def _why_not_writable(fd: int) -> int:


    read_only = os.fstatvfs(fd).f_flag & os.ST_RDONLY
    return errno.EROFS if read_only else errno.EACCES


def _with_margin(size_bytes: int) -> int:
    return size_bytes + size_bytes * limits.SPACE_MARGIN_PERCENT // 100
