"""List the sources, in a fixed order, in batches, however deep or large they are.

The scan never follows a symlink and never opens anything but folders. FIFOs, sockets
and devices are left out and named; the system's own litter is left out and counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ketter_gui.disk.folder import Tree, entries, look, state_of
from ketter_gui.domain import limits
from ketter_gui.domain.errors import (
    KetterError,
    NotContained,
    SourceMissing,
    SourceUnreadable,
    SpecialFile,
)
from ketter_gui.domain.items import ItemKind, Source
from ketter_gui.domain.names import is_ours
from ketter_gui.engine.journal import Found, ItemsFound, LeftOut
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
    waiting: list[Found] = []
    for source, tree in zip(bench.plan.sources, bench.sources, strict=True):
        for found in _walk(bench, source, tree):
            bench.control.checkpoint()
            _count(bench, found)
            waiting.append(found)
            if len(waiting) >= limits.SCAN_BATCH_ITEMS:
                bench.journal.record(ItemsFound(tuple(waiting)))
                waiting.clear()
    if waiting:
        bench.journal.record(ItemsFound(tuple(waiting)))
    bench.journal.commit()


def _count(bench: Bench, found: Found) -> None:
    name = found.path.rpartition(b"/")[2]
    if len(name) > len(bench.longest_name):
        bench.longest_name = name
    if found.state.kind is ItemKind.FILE:
        bench.counters.files_total += 1
        bench.counters.bytes_total += found.state.size_bytes


def _walk(bench: Bench, source: Source, tree: Tree) -> Iterator[Found]:
    if source.kind is not ItemKind.FOLDER:
        yield _single(source, tree)
        return
    top = state_of(tree.root.fd)
    yield Found(source.index, source.name, top)
    pending = [(b"", top)]
    while pending:
        inside, state = pending.pop()
        try:
            listed = entries(tree.folder(inside))
        except (OSError, NotContained) as error:
            named = _unreadable(source, inside, error)
            if not inside:
                raise named from error
            yield Found(source.index, _item_path(source, inside), state, named)
            continue
        if inside:
            yield Found(source.index, _item_path(source, inside), state)
        folders = []
        for name, entry, special in listed:
            if name in LITTER or is_ours(name):
                bench.counters.litter_skipped += 1
                continue
            below = b"%s/%s" % (inside, name) if inside else name
            if entry is None:
                _leave_out(bench, source, below, special)
            elif entry.kind is ItemKind.FOLDER:
                folders.append((below, entry))
            else:
                yield Found(source.index, _item_path(source, below), entry)
        pending.extend(reversed(folders))


def _single(source: Source, tree: Tree) -> Found:
    state = look(tree.root, source.inside(source.name))
    if state is None:
        raise SourceMissing(source.path)
    return Found(source.index, source.name, state)


def _leave_out(bench: Bench, source: Source, inside: bytes, special: str) -> None:
    bench.counters.special_skipped += 1
    path = _item_path(source, inside)
    bench.journal.record(LeftOut(source.index, path, SpecialFile(path, kind=special)))


def _unreadable(source: Source, inside: bytes, error: OSError | KetterError) -> KetterError:
    if isinstance(error, KetterError):
        return error
    path = b"%s/%s" % (source.path.rstrip(b"/"), inside) if inside else source.path
    return SourceUnreadable(path, errno=error.errno)


def _item_path(source: Source, inside: bytes) -> bytes:
    return b"%s/%s" % (source.name, inside)
