"""Everything that can be found out before the first byte is written (P10)."""

from __future__ import annotations

import errno
import os
from collections import defaultdict
from collections.abc import Mapping, Sequence

from ketter_gui.disk.space import free_bytes, name_limit
from ketter_gui.domain import limits
from ketter_gui.domain.errors import (
    DestinationReadOnly,
    NameTooLong,
    NotEnoughSpace,
)
from ketter_gui.domain.sizes import size_text
from ketter_gui.engine.plan import Bench


def preflight(bench: Bench, bytes_left: Sequence[int], reserved: Mapping[str, int]) -> None:
    """Check room, permission and names on every destination.

    `bytes_left` is what each destination still has to receive, `reserved` what other
    transfers will take, by volume. Raises DestinationReadOnly, NameTooLong or
    NotEnoughSpace.
    """
    receiving: dict[str, int] = defaultdict(int)
    for destination, tree, size_bytes in zip(
        bench.plan.destinations, bench.destinations, bytes_left, strict=True
    ):
        _check_writable(destination.path, tree.root.fd)
        if len(bench.longest_name) > name_limit(tree.root):
            raise NameTooLong(bench.longest_name, destination=os.fsdecode(destination.path))
        volume = destination.place.volume
        receiving[volume] += size_bytes
        needed = _with_margin(receiving[volume])
        free = max(free_bytes(tree.root) - reserved.get(volume, 0), 0)
        if needed > free:
            raise NotEnoughSpace(
                destination.path,
                needed=size_text(needed),
                free=size_text(free),
                short=size_text(needed - free),
            )


def _check_writable(path: bytes, fd: int) -> None:
    if not os.access(f"/proc/self/fd/{fd}", os.W_OK | os.X_OK):
        raise DestinationReadOnly(path, errno=_why_not_writable(fd))


def _why_not_writable(fd: int) -> int:

    read_only = os.fstatvfs(fd).f_flag & os.ST_RDONLY
    return errno.EROFS if read_only else errno.EACCES


def _with_margin(size_bytes: int) -> int:
    return size_bytes + size_bytes * limits.SPACE_MARGIN_PERCENT // 100
