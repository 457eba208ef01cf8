"""Folders get their times and modes last, deepest first: every name put into a folder
changes its mtime."""

from __future__ import annotations

from collections.abc import Iterable

from ketter_gui.disk.folder import Folder
from ketter_gui.disk.metadata import carry_folder
from ketter_gui.domain.errors import CopyFailedError
from ketter_gui.domain.items import Item, Loss
from ketter_gui.engine.losses import tell
from ketter_gui.engine.plan import Bench


def finish_folders(bench: Bench, folders: Iterable[Item]) -> None:
    """Carry times, modes and attributes of the folders, which come deepest first."""
    for item in folders:
        bench.control.checkpoint()
        source = _source_folder(bench, item)
        for number, tree in enumerate(bench.destinations):
            try:
                lost = carry_folder(tree.folder(item.path), item.state, source)
            except (OSError, CopyFailedError):
                lost = Loss.TIMES | Loss.MODE  # it is there, as it was made
            tell(bench, item.id, number, lost)


def _source_folder(bench: Bench, item: Item) -> Folder | None:
    """The folder that attributes come from; None when it is not there any more."""
    tree, inside = bench.source_split(item)
    try:
        return tree.folder(inside)
    except (OSError, CopyFailedError):
        return None
