"""List the sources, in a fixed order, in batches, however deep or large they are.

The scan never follows a symlink and opens nothing but folders, and files with holes to ask
how much is in them. FIFOs, sockets
and devices are left out and named; the system's own litter, and parts, are left out and
counted. A file that was set aside by a transfer that never came back is an original.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from operator import attrgetter
from typing import NamedTuple

from ketter_gui.disk.folder import Folder, Tree, look, ordered_names, state_of, states
from ketter_gui.disk.holes import data_bytes
from ketter_gui.disk.reading import open_file
from ketter_gui.domain import limits
from ketter_gui.domain.errors import (
    FolderUnreadable,
    LinkSkipped,
    NotContained,
    SourceMissing,
    SourceUnreadable,
    SpecialFile,
)
from ketter_gui.domain.filters import filter_of
from ketter_gui.domain.items import FileState, Item, ItemKind, Source
from ketter_gui.domain.litter import LITTER
from ketter_gui.domain.names import is_part, is_probe
from ketter_gui.domain.options import Symlinks
from ketter_gui.domain.views import NOT_KEPT
from ketter_gui.engine.journal import CopyReset, Found, ItemsFound, LeftOut, Noted
from ketter_gui.engine.plan import Bench


def scan(bench: Bench) -> None:
    """Record everything in the sources as items, and count files and bytes.

    Raises SourceMissing or SourceUnreadable when a source itself cannot be listed; a
    folder inside it that cannot be read becomes an item that failed.
    """
    for source, tree in zip(bench.plan.sources, bench.sources, strict=True):
        record_found(bench, _source(bench, source, tree))
    if bench.filtered:
        note_filtered(bench)
    bench.journal.commit()


def scan_again(bench: Bench, unlisted: Iterable[Item]) -> None:
    """List the folders that an earlier scan could not: until then nobody knows what is in
    them, so that none of them may count as copied.

    A folder that can be listed now is to be copied with everything below it; one that
    still cannot stays failed. May run any number of times: what is known is not new, but
    counted once more.
    """
    for item in unlisted:
        source, tree = bench.plan.sources[item.source], bench.sources[item.source]
        inside = source.inside(item.path)
        try:
            found = _list(bench, source, tree, inside)
            record_found(bench, _listed(bench, source, tree, found), is_again=True)
        except SourceUnreadable:
            continue
        for destination in bench.plan.destinations:
            bench.journal.record(CopyReset(item.id, destination.index))
    bench.journal.commit()


def scan_paths(bench: Bench, paths: Iterable[bytes]) -> None:
    """Record files that came back after the scan, by their items' paths, with the folders
    on the way to them. What is no file, or is gone again, is left out."""
    record_found(bench, _on_the_way(bench, paths), is_again=True)
    bench.journal.commit()


def _on_the_way(bench: Bench, paths: Iterable[bytes]) -> Iterator[Found]:
    by_name = {source.name: source for source in bench.plan.sources}
    for path in paths:
        source = by_name.get(b"") or by_name[path.partition(b"/")[0]]
        if source.kind is not ItemKind.FOLDER:
            continue
        pieces = source.inside(path).split(b"/")
        seen = []
        for depth in range(1, len(pieces) + 1):
            inside = b"/".join(pieces[:depth])
            try:
                state = look(*bench.sources[source.index].split(inside))
            except (OSError, NotContained, SpecialFile):
                state = None
            if state is None:
                break
            seen.append(Found(source.index, source.item_path(inside), state))
        if len(seen) == len(pieces) and seen[-1].state.kind is ItemKind.FILE:
            yield from seen


def record_found(bench: Bench, found: Iterable[Found], *, is_again: bool = False) -> None:
    """Count what is found, and have it written down: never further ahead of the ledger
    than two times `limits.SCAN_BATCHES_AHEAD`."""
    wait: Callable[[], None] = _nothing
    for number, event in enumerate(_events(bench, found, is_again=is_again), start=1):
        bench.journal.record(event)
        if number % limits.SCAN_BATCHES_AHEAD == 0:
            wait()
            wait = bench.journal.commit_later()


def _nothing() -> None:
    """Nothing was told yet that could be waited for."""


def _events(bench: Bench, found: Iterable[Found], *, is_again: bool) -> Iterator[ItemsFound]:
    for is_told, some in groupby(_counted(bench, found), key=attrgetter("is_told")):
        while batch := tuple(islice(some, limits.SCAN_BATCH_ITEMS)):
            yield ItemsFound(batch, is_again or is_told)


def _counted(bench: Bench, found: Iterable[Found]) -> Iterator[Found]:
    for one in found:
        bench.control.checkpoint()
        _count(bench, one)
        yield one


def _count(bench: Bench, found: Found) -> None:
    if found.state.kind is ItemKind.FILE:
        bench.counters.files_total += 1
        bench.counters.bytes_total += found.state.size_bytes


@dataclass(slots=True)
class _Pending:
    """A folder that is still to be listed, and the one it lies in."""

    inside: bytes
    state: FileState
    above: _Pending | None
    is_told: bool = False


class _Listing(NamedTuple):
    """A folder's files and links, one by one, so that a million of them take no more memory
    than ten; `folders` are its folders and what was seen there, complete after the last of
    `found`."""

    found: Iterator[Found]
    folders: list[tuple[bytes, FileState]]


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


def _listed(bench: Bench, source: Source, tree: Tree, top: _Listing) -> Iterator[Found]:
    """What is in a folder that was listed, then its folders with what is in them. Where
    only some files are included, only the folders on the way to them. Raises
    SourceUnreadable when the folder itself turns out not to tell all that is in it."""
    yield from top.found
    are_all_told = not bench.plan.options.include
    pending = [_Pending(*folder, above=None) for folder in reversed(top.folders)]
    while pending:
        folder = pending.pop()
        try:
            here = _list(bench, source, tree, folder.inside)
            if are_all_told:
                yield from _untold(source, folder)
            for one in here.found:
                yield from _untold(source, folder)
                yield one
        except SourceUnreadable as error:
            yield from _untold(source, folder.above)
            path = source.item_path(folder.inside)
            inner = FolderUnreadable(error.path, errno=error.errno)
            yield Found(source.index, path, folder.state, inner, is_told=folder.is_told)
            continue
        pending += [_Pending(*one, above=folder) for one in reversed(here.folders)]


def _untold(source: Source, folder: _Pending | None) -> Iterator[Found]:
    """The folders on the way to this one, and itself, unless they were told before."""
    way = []
    while folder is not None and not folder.is_told:
        folder.is_told = True
        way.append(Found(source.index, source.item_path(folder.inside), folder.state))
        folder = folder.above
    yield from reversed(way)


def _list(bench: Bench, source: Source, tree: Tree, inside: bytes) -> _Listing:
    """One folder, its first names read. Raises SourceUnreadable, and so does going on."""
    folders: list[tuple[bytes, FileState]] = []
    try:
        folder = tree.folder(inside)
        names = ordered_names(folder)
    except (OSError, NotContained) as error:
        raise _unreadable(source, inside, error) from error
    return _Listing(_in_folder(bench, source, folder, inside, names, folders), folders)


def _in_folder(
    bench: Bench,
    source: Source,
    folder: Folder,
    inside: bytes,
    names: Iterable[bytes],
    folders: list[tuple[bytes, FileState]],
) -> Iterator[Found]:
    try:
        for name, entry, special in states(folder, names):
            below = b"%s/%s" % (inside, name) if inside else name
            if name in LITTER or is_part(name) or is_probe(name):
                bench.counters.litter_skipped += 1
            elif not _is_wanted(bench, below, None if entry is None else entry.kind):
                bench.filtered += 1
            elif entry is None:
                _leave_out(bench, source, below, special)
            elif entry.kind is ItemKind.FOLDER:
                folders.append((below, entry))
            elif _is_skipped(bench, entry):
                _skip_link(bench, source, source.item_path(below))
            else:
                yield file_found(source, source.item_path(below), folder, name, entry)
    except OSError as error:
        raise _unreadable(source, inside, error) from error


def _unreadable(source: Source, inside: bytes, error: OSError | NotContained) -> SourceUnreadable:
    path = b"%s/%s" % (source.path.rstrip(b"/"), inside) if inside else source.path
    return SourceUnreadable(path, errno=error.errno if isinstance(error, OSError) else errno.ELOOP)


def _single(source: Source, tree: Tree) -> Found:
    state = look(tree.root, source.inside(source.name))
    if state is None:
        raise SourceMissing(source.path)
    name = source.inside(source.name)
    return file_found(source, source.name, tree.root, name, state)


def file_found(source: Source, path: bytes, folder: Folder, name: bytes, state: FileState) -> Found:
    """A file or a link as an item, with what it takes without its holes."""
    taken = _data_bytes(folder, name, state) if state.is_sparse else None
    return Found(source.index, path, state, data_bytes=taken)


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
    path = source.item_path(inside)
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
