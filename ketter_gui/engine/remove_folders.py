"""The folders of a move that nothing is left in, removed when a person asks for that.

Last of all, deepest first, and only by rmdir(2), which takes nothing but an empty folder:
what was no item – litter, a device, what came since the scan – keeps its folder, and so
does an original that was kept.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from ketter_gui.disk.flushing import flush_folder
from ketter_gui.disk.folder import Folder, look, open_root
from ketter_gui.disk.removing import remove_folder
from ketter_gui.domain.errors import CopyFailedError
from ketter_gui.domain.items import Item, ItemKind
from ketter_gui.engine.journal import SourceDeleted
from ketter_gui.engine.plan import Bench


def remove_empty_folders(bench: Bench, folders: Iterable[Item]) -> None:
    """Remove those of these source folders that are empty; they come deepest first, and
    each was made at every destination."""
    for tree in bench.sources:
        tree.forget()
    bench.check_sources(range(len(bench.sources)))
    for item in folders:
        bench.control.checkpoint()
        try:
            is_gone, was_gone = _removed(bench, item)
        except (OSError, CopyFailedError):
            continue  # not empty, not ours to remove, or something is mounted there
        if is_gone:
            bench.journal.record(
                SourceDeleted(item.id, item.path, 0, was_found_gone=was_gone, kind=ItemKind.FOLDER)
            )
    bench.journal.commit()


def _removed(bench: Bench, item: Item) -> tuple[bool, bool]:
    """Whether it is gone, and whether it was gone before."""
    tree, inside = bench.source_split(item)
    if not inside:
        return _removed_root(bench, item)
    tree.forget()
    try:
        above, name = tree.split(inside)
    except FileNotFoundError:
        return True, True
    return _remove(above, name)


def _removed_root(bench: Bench, item: Item) -> tuple[bool, bool]:
    """The chosen folder itself: from the folder above it, and only if it is still the one
    that was opened."""
    path = bench.plan.sources[item.source].path.rstrip(b"/")
    root = bench.sources[item.source].root
    with open_root(posixpath.dirname(path) or b"/") as above:
        name = posixpath.basename(path)
        there = look(above, name) if name else None
        if there is None or (there.device, there.inode) != root.identity:
            return False, False
        return _remove(above, name)


def _remove(above: Folder, name: bytes) -> tuple[bool, bool]:
    try:
        remove_folder(above, name)
    except FileNotFoundError:
        return True, True
    flush_folder(above)
    return True, False
