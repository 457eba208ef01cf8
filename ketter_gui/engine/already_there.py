"""What need not be written, since the destination has it: asked when room is short.

A second run of a card onto a drive that is nearly full needs room for what is new only.
Name and size are enough to hope for here, and prove nothing: whether it is the same is read
later, and what is not makes the transfer wait for room.
"""

from __future__ import annotations

from collections.abc import Sequence

from ketter_gui.disk.folder import Tree, look
from ketter_gui.domain.errors import CopyFailedError
from ketter_gui.domain.holding import PendingItem
from ketter_gui.domain.items import ItemKind
from ketter_gui.domain.room import Need
from ketter_gui.engine.names_check import Names
from ketter_gui.engine.plan import Bench


def already_there(bench: Bench, names: Names, units_bytes: Sequence[int]) -> list[Need]:
    """How much each destination seems to have already, in units of its file system."""
    found = []
    for destination, tree, unit_bytes in zip(
        bench.plan.destinations, bench.destinations, units_bytes, strict=True
    ):
        size_bytes = files = 0
        for item in names.pending(destination.index):
            bench.control.checkpoint()
            if item.kind is ItemKind.FILE and _is_there(tree, item):
                size_bytes += -(-item.size_bytes // unit_bytes) * unit_bytes
                files += 1
        found.append(Need(size_bytes, files))
    return found


def _is_there(tree: Tree, item: PendingItem) -> bool:
    try:
        there = look(*tree.split(item.path))
    except (OSError, CopyFailedError):
        return False
    return there is not None and (there.kind, there.size_bytes) == (item.kind, item.size_bytes)
