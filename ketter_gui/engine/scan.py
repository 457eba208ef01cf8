"""List the sources, in a fixed order, in batches, however deep or large they are.

The scan never follows a symlink and opens nothing but folders, and files with holes to ask
how much is in them. FIFOs, sockets
and devices are left out and named; the system's own litter, and parts, are left out and
counted. A file that was set aside by a transfer that never came back is an original.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from ketter_gui.disk.folder import Folder, Tree, entries, look, state_of
from ketter_gui.disk.holes import data_bytes
from ketter_gui.disk.reading import open_file
from ketter_gui.domain import limits
from ketter_gui.domain.errors import (
    LinkSkipped,
    NotContained,
    SourceMissing,
    SourceUnreadable,
    SpecialFile,
)
from ketter_gui.domain.filters import filter_of
from ketter_gui.domain.items import FileState, Item, ItemKind, Source
from ketter_gui.domain.names import is_part, is_probe
from ketter_gui.domain.options import Symlinks
from ketter_gui.domain.views import NOT_KEPT
from ketter_gui.engine.journal import CopyReset, Found, ItemsFound, LeftOut, Noted
from ketter_gui.engine.plan import Bench

LITTER: Final = frozenset(
    {
        b".DS_Store",
        b".Spotlight-V100",
        b".Trashes",
        b".fseventsd",
        b".TemporaryItems",
        b".DocumentRevisions-V100",
        b"System Volume Information",
        b"$RECYCLE.BIN",
        b"Thumbs.db",
        b"desktop.ini",
        b"lost+found",
    }
)
"""What operating systems leave on cards. Never footage, never copied, always counted."""


def scan(bench: Bench) -> None:
    """Record everything in the sources as items, and count files and bytes.

    Raises SourceMissing or SourceUnreadable when a source itself cannot be listed; a
    folder inside it that cannot be read becomes an item that failed.
    """
    for source, tree in zip(bench.plan.sources, bench.sources, strict=True):
        _record(bench, _source(bench, source, tree))
    if bench.filtered:
        note_filtered(bench)
    bench.journal.commit()


def scan_again(bench: Bench, unlisted: Iterable[Item]) -> None:
    """List the folders that an earlier scan could not: until then nobody knows what is in
    them, so that none of them may count as copied.

    A folder that can be listed now is to be copied with everything below it; one that
    still cannot stays failed. May run any number of times: what is known is not new.
    """
    for item in unlisted:
        source, tree = bench.plan.sources[item.source], bench.sources[item.source]
        inside = source.inside(item.path)
        try:
            found = _list(bench, source, tree, inside)
        except SourceUnreadable:
            continue
        _record(bench, _listed(bench, source, tree, found), is_again=True)
        for destination in bench.plan.destinations:
            bench.journal.record(CopyReset(item.id, destination.index))
    bench.journal.commit()


def scan_paths(bench: Bench, paths: Iterable[bytes]) -> None:
    """Record files that came back after the scan, by their items' paths, with the folders
    on the way to them. What is no file, or is gone again, is left out."""
    _record(bench, _on_the_way(bench, paths), is_again=True)
    bench.journal.commit()


def _on_the_way(bench: Bench, paths: Iterable[bytes]) -> Iterator[Found]:
    by_name = {source.name: source for source in bench.plan.sources}
    for path in paths:
        pieces = path.split(b"/")
        source = by_name[pieces[0]]
        seen = []
        for depth in range(2, len(pieces) + 1):
            above = b"/".join(pieces[:depth])
            try:
                state = look(*bench.sources[source.index].split(source.inside(above)))
            except (OSError, NotContained, SpecialFile):
                state = None
            if state is None:
                break
            seen.append(Found(source.index, above, state))
        if len(seen) == len(pieces) - 1 and seen and seen[-1].state.kind is ItemKind.FILE:
            yield from seen


def _record(bench: Bench, found: Iterable[Found], *, is_again: bool = False) -> None:
    waiting: list[Found] = []
    for one in found:
        bench.control.checkpoint()
        _count(bench, one)
        waiting.append(one)
        if len(waiting) >= limits.SCAN_BATCH_ITEMS:
            bench.journal.record(ItemsFound(tuple(waiting), is_again))
            waiting.clear()
    if waiting:
        bench.journal.record(ItemsFound(tuple(waiting), is_again))


def _count(bench: Bench, found: Found) -> None:
    name = found.path.rpartition(b"/")[2]
    if len(name) > len(bench.longest_name):
        bench.longest_name = name
    if found.state.kind is ItemKind.FILE:
        bench.counters.files_total += 1
        bench.counters.bytes_total += found.state.size_bytes


_Folders = list[tuple[bytes, FileState]]
"""Paths below a source, and what was seen there."""


@dataclass(slots=True)
class _Pending:
    """A folder that is still to be listed, and the one it lies in."""

    inside: bytes
    state: FileState
    above: _Pending | None
    is_told: bool = False


def _source(bench: Bench, source: Source, tree: Tree) -> Iterator[Found]:
    if source.kind is not ItemKind.FOLDER:
        found = _single(source, tree)
        if not _is_wanted(bench, source.inside(source.name), found.state.kind):
            bench.filtered += 1
        elif _is_skipped(bench, found.state):
            _skip_link(bench, source, found.path)
        else:
            yield found
        return
    yield Found(source.index, source.name, state_of(tree.root.fd))
    yield from _listed(bench, source, tree, _list(bench, source, tree, b""))


def _listed(
    bench: Bench, source: Source, tree: Tree, top: tuple[list[Found], _Folders]
) -> Iterator[Found]:
    """What is in a folder that was listed, then its folders with what is in them. Where
    only some files are included, only the folders on the way to them."""
    found, folders = top
    yield from found
    are_all_told = not bench.plan.options.include
    pending = [_Pending(*folder, above=None) for folder in folders]
    while pending:
        folder = pending.pop()
        try:
            found, folders = _list(bench, source, tree, folder.inside)
        except SourceUnreadable as error:
            yield from _untold(source, folder.above)
            yield Found(source.index, _item_path(source, folder.inside), folder.state, error)
            continue
        if are_all_told or found:
            yield from _untold(source, folder)
        yield from found
        pending += [_Pending(*one, above=folder) for one in folders]


def _untold(source: Source, folder: _Pending | None) -> Iterator[Found]:
    """The folders on the way to this one, and itself, unless they were told before."""
    way = []
    while folder is not None and not folder.is_told:
        folder.is_told = True
        way.append(Found(source.index, _item_path(source, folder.inside), folder.state))
        folder = folder.above
    yield from reversed(way)


def _list(bench: Bench, source: Source, tree: Tree, inside: bytes) -> tuple[list[Found], _Folders]:
    """One folder: its files and links, and its folders from last to first. Raises
    SourceUnreadable."""
    try:
        folder = tree.folder(inside)
        listed = entries(folder)
    except (OSError, NotContained) as error:
        path = b"%s/%s" % (source.path.rstrip(b"/"), inside) if inside else source.path
        number = error.errno if isinstance(error, OSError) else errno.ELOOP
        raise SourceUnreadable(path, errno=number) from error
    found: list[Found] = []
    folders: _Folders = []
    for name, entry, special in listed:
        if name in LITTER or is_part(name) or is_probe(name):
            bench.counters.litter_skipped += 1
            continue
        below = b"%s/%s" % (inside, name) if inside else name
        if not _is_wanted(bench, below, None if entry is None else entry.kind):
            bench.filtered += 1
        elif entry is None:
            _leave_out(bench, source, below, special)
        elif entry.kind is ItemKind.FOLDER:
            folders.append((below, entry))
        elif _is_skipped(bench, entry):
            _skip_link(bench, source, _item_path(source, below))
        else:
            taken = _data_bytes(folder, name, entry) if entry.is_sparse else None
            path = _item_path(source, below)
            found.append(Found(source.index, path, entry, data_bytes=taken))
    folders.reverse()
    return found, folders


def _single(source: Source, tree: Tree) -> Found:
    state = look(tree.root, source.inside(source.name))
    if state is None:
        raise SourceMissing(source.path)
    name = source.inside(source.name)
    taken = _data_bytes(tree.root, name, state) if state.is_sparse else None
    return Found(source.index, source.name, state, data_bytes=taken)


def _data_bytes(folder: Folder, name: bytes, state: FileState) -> int | None:
    """What a file takes without its holes; None when it is compressed, has none to speak
    of, or does not tell: then room is made for all of it."""
    try:
        fd = open_file(folder, name)
    except (OSError, SpecialFile):
        return None
    try:
        found = data_bytes(fd, state.size_bytes)
    except OSError:
        return None
    finally:
        os.close(fd)
    return found if found < state.size_bytes else None


def _leave_out(bench: Bench, source: Source, inside: bytes, special: str) -> None:
    bench.counters.special_skipped += 1
    path = _item_path(source, inside)
    bench.journal.record(LeftOut(source.index, path, SpecialFile(path, kind=special)))


def _is_wanted(bench: Bench, inside: bytes, kind: ItemKind | None) -> bool:
    options = bench.plan.options
    wanted = filter_of(options.include, options.exclude)
    if wanted is None:
        return True
    return wanted.wants_folder(inside) if kind is ItemKind.FOLDER else wanted.wants_file(inside)


def note_filtered(bench: Bench) -> None:
    """Said once; what was left out is no item, and stays where it is in a move."""
    what = (
        "1 file or folder was"
        if bench.filtered == 1
        else f"{bench.filtered:,} files and folders were"
    )
    message = f"{what} left out by “--include” and “--exclude”."
    bench.journal.record(Noted(NOT_KEPT + "filtered", message, bench.filtered))


def _is_skipped(bench: Bench, state: FileState) -> bool:
    return state.kind is ItemKind.SYMLINK and bench.plan.options.symlinks is Symlinks.SKIP


def _skip_link(bench: Bench, source: Source, path: bytes) -> None:
    """Named in the audit, and counted there when the work is done."""
    bench.journal.record(LeftOut(source.index, path, LinkSkipped(path)))


def _item_path(source: Source, inside: bytes) -> bytes:
    return b"%s/%s" % (source.name, inside)
