"""List just the files that a watch folder has taken, with the folders on the way to them.

A file that is not there any more, or is another version by now, is left out and named: the
watch folder sees it anew, and takes it when it has settled.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ketter_gui.disk.folder import Tree, look, state_of
from ketter_gui.domain.errors import CopyFailedError, NotContained, SpecialFile
from ketter_gui.domain.items import FileState, ItemKind, Source
from ketter_gui.domain.watch_errors import ChangedSinceTaken, GoneSinceTaken
from ketter_gui.domain.watching import Chosen, version_of
from ketter_gui.engine.journal import Found, LeftOut
from ketter_gui.engine.plan import Bench
from ketter_gui.engine.scan import file_found, record_found


def scan_chosen(bench: Bench, chosen: Iterable[Chosen]) -> None:
    """Record these as items of the one source; they come sorted by their paths, folders that
    were chosen for themselves among them."""
    source, tree = bench.plan.sources[0], bench.sources[0]
    record_found(bench, _found(bench, source, tree, chosen))
    bench.journal.commit()


def _found(bench: Bench, source: Source, tree: Tree, chosen: Iterable[Chosen]) -> Iterator[Found]:
    told: set[bytes] = set()
    if source.name:
        yield Found(source.index, source.name, state_of(tree.root.fd))
    for one in chosen:
        inside = source.inside(one.path)
        state = _state(tree, inside)
        problem = _problem(one, state)
        if state is None or problem is not None:
            left_out = problem or GoneSinceTaken(one.path)
            bench.journal.record(LeftOut(source.index, one.path, left_out))
            continue
        yield from _way(source, tree, inside, told)
        if state.kind is not ItemKind.FOLDER:
            yield file_found(source, one.path, *tree.split(inside), state)
        elif inside not in told:
            told.add(inside)
            yield Found(source.index, one.path, state)


def _way(source: Source, tree: Tree, inside: bytes, told: set[bytes]) -> Iterator[Found]:
    """The folders on the way to it that were not told yet."""
    pieces = inside.split(b"/")
    for depth in range(1, len(pieces)):
        above = b"/".join(pieces[:depth])
        if above not in told and (state := _state(tree, above)) is not None:
            told.add(above)
            yield Found(source.index, source.item_path(above), state)


def _state(tree: Tree, inside: bytes) -> FileState | None:
    try:
        return look(*tree.split(inside))
    except (OSError, NotContained, SpecialFile):
        return None


def _problem(one: Chosen, state: FileState | None) -> CopyFailedError | None:
    if state is None:
        return GoneSinceTaken(one.path)
    if one.version is None:
        return None if state.kind is ItemKind.FOLDER else ChangedSinceTaken(one.path)
    if state.kind is ItemKind.FOLDER:
        return ChangedSinceTaken(one.path)
    now = version_of(state, has_inodes=one.version.inode != 0)
    return None if now == one.version else ChangedSinceTaken(one.path)
