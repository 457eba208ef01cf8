"""Everything that can be found out before the first byte is written (P10).

Names are in `names_check`; here are permission and room, now and before every batch.
"""

from __future__ import annotations

import errno
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence

from ketter_gui.disk.abilities import probing
from ketter_gui.disk.space import Room, room
from ketter_gui.domain import limits
from ketter_gui.domain.errors import (
    DestinationReadOnly,
    NotEnoughBesideOthers,
    NotEnoughFiles,
    NotEnoughSpace,
    ReserveReached,
)
from ketter_gui.domain.items import Destination
from ketter_gui.domain.room import Need, Spares
from ketter_gui.domain.sizes import size_text
from ketter_gui.engine import named
from ketter_gui.engine.plan import Bench


def rooms(bench: Bench) -> list[Room]:
    """What each destination has room for. Raises VolumeGone."""
    found = []
    for destination, tree in zip(bench.plan.destinations, bench.destinations, strict=True):
        try:
            found.append(room(tree.root))
        except OSError as error:
            raise named.writing(error, destination.path) from error
    return found


def preflight(
    bench: Bench, found: Sequence[Room], needs: Sequence[Need], reserved: Mapping[str, Need]
) -> None:
    """Check permission and room on every destination.

    `found` is what `rooms` said, `needs` what each destination still has to receive,
    `reserved` what other transfers will take, by volume. Two destinations on one volume
    share its room. Raises DestinationReadOnly or NotEnoughSpace.
    """
    receiving: dict[str, Need] = defaultdict(Need)
    for destination, tree, has, need in zip(
        bench.plan.destinations, bench.destinations, found, needs, strict=True
    ):
        _check_writable(destination.path, tree.root.fd)
        volume = destination.place.volume
        receiving[volume] += need - Need(bench.part_bytes[destination.index])
        others = reserved.get(volume, Need())
        _check_bytes(bench, destination, has, receiving[volume], others)
        _check_files(destination, has, receiving[volume], others)


def ask_spares(bench: Bench) -> list[Spares]:
    """On which destinations holes take no room, and further names of a file, which only
    count where links are kept. They are tried out; where that fails, nothing is spared."""
    found = []
    for tree in bench.destinations:
        try:
            with probing(tree.root, bench.plan.token) as probe:
                may_link = bench.plan.options.hard_links and probe.holds_links()
                found.append(Spares(holes=probe.holds_holes(), links=may_link))
        except OSError:
            found.append(Spares())
    return found


def check_reserve(bench: Bench, sizes_bytes: Callable[[], Mapping[int, int]]) -> None:
    """Before so many bytes more are taken of each of these destinations: they must leave
    free what a person wants to stay free. Asks nobody when that is nothing. Two
    destinations on one volume share its room. Raises ReserveReached."""
    reserve_bytes = bench.plan.options.reserve_bytes
    if not reserve_bytes:
        return
    sizes = sizes_bytes()
    taken_bytes: Counter[str] = Counter()
    for destination, has in zip(bench.plan.destinations, rooms(bench), strict=True):
        size_bytes = sizes.get(destination.index, 0)
        if not size_bytes or has.free_bytes is None:
            continue
        volume = destination.place.volume
        taken_bytes[volume] += size_bytes
        if has.free_bytes - taken_bytes[volume] < reserve_bytes:
            raise ReserveReached(
                destination.path,
                errno=errno.ENOSPC,
                free=size_text(has.free_bytes),
                reserve=size_text(reserve_bytes),
            )


def _check_bytes(
    bench: Bench, destination: Destination, has: Room, need: Need, others: Need
) -> None:
    if has.free_bytes is None:
        return
    kept_bytes = others.size_bytes + bench.plan.options.reserve_bytes
    free_bytes = max(has.free_bytes - kept_bytes, 0)
    needed_bytes = _with_margin(need.size_bytes)
    if needed_bytes <= free_bytes:
        return
    needed, free = size_text(needed_bytes), size_text(free_bytes)
    short = size_text(needed_bytes + kept_bytes - has.free_bytes)
    if not kept_bytes:
        raise NotEnoughSpace(destination.path, needed=needed, free=free, short=short)
    raise NotEnoughBesideOthers(
        destination.path, needed=needed, free=free, short=short, kept=size_text(kept_bytes)
    )


def _check_files(destination: Destination, has: Room, need: Need, others: Need) -> None:
    if has.free_files is None:
        return
    free = max(has.free_files - others.files, 0)
    if need.files > free:
        raise NotEnoughFiles(
            destination.path,
            needed=f"{need.files:,}",
            free=f"{free:,}",
            short=f"{need.files - free:,}",
        )


def _check_writable(path: bytes, fd: int) -> None:
    if not os.access(f"/proc/self/fd/{fd}", os.W_OK | os.X_OK):
        raise DestinationReadOnly(path, errno=_why_not_writable(fd))


def _why_not_writable(fd: int) -> int:

    read_only = os.fstatvfs(fd).f_flag & os.ST_RDONLY
    return errno.EROFS if read_only else errno.EACCES


def _with_margin(size_bytes: int) -> int:
    return size_bytes + size_bytes * limits.SPACE_MARGIN_PERCENT // 100
