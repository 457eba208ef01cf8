"""Folders get their times and modes last, deepest first: every name put into a folder
changes its mtime."""

from __future__ import annotations

from collections.abc import Iterable

from ketter_gui.disk.folder import Folder
from ketter_gui.disk.metadata import carry_folder
from ketter_gui.domain.errors import CopyFailedError
from ketter_gui.domain.items import Item
from ketter_gui.engine.journal import Noted
from ketter_gui.engine.parts import tell_lost
from ketter_gui.engine.plan import Bench


def finish_folders(bench: Bench, folders: Iterable[Item]) -> None:
    """Carry times, modes and attributes of the folders, which come deepest first."""
    for item in folders:
        bench.control.checkpoint()
        source = _source_folder(bench, item)
        for tree in bench.destinations:
            try:
                tell_lost(bench, carry_folder(tree.folder(item.path), item.state, source))
            except (OSError, CopyFailedError):
                bench.lost["folders"] = bench.lost.get("folders", 0) + 1


def _source_folder(bench: Bench, item: Item) -> Folder | None:
    """The folder that attributes come from; None when it is not there any more."""
    tree, inside = bench.source_split(item)
    try:
        return tree.folder(inside)
    except (OSError, CopyFailedError):
        return None


_SENTENCES = {
    "times": "The destination could not keep the times of {count} items.",
    "mode": "The destination could not keep the permissions of {count} items.",
    "owner": "The owner of {count} items could not be kept.",
    "xattrs": "The destination could not keep the extended attributes of {count} items.",
    "folders": "The times of {count} folders could not be kept.",
    "atomic names": "The destination has no atomic naming; {count} names were checked, then given.",
}


def note_losses(bench: Bench) -> None:
    """Say once what the destinations could not hold."""
    for what, count in sorted(bench.lost.items()):
        message = _SENTENCES[what].format(count=count)
        bench.journal.record(Noted(f"NotKept:{what}", message, count))
