"""Where the manifests of a transfer lie, and how their paths become items'.

inside    items of folders that are called like a manifest; their paths begin where
          `evidence.manifests.kinds` says
beside    in the folder that holds a source: those named after it (`A001.mhl` beside
          `A001`), and those that are named after nothing else there (SHA256SUMS)
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from itertools import groupby
from typing import Final, NamedTuple

from ketter_gui.disk.folder import Folder, Tree, look, names_in, open_root, state_of
from ketter_gui.disk.reading import open_file, read_into
from ketter_gui.domain.errors import CopyFailedError, ManifestDamaged, SpecialFile
from ketter_gui.domain.items import ItemKind, Source
from ketter_gui.engine.control import Control
from ketter_gui.engine.plan import Bench
from ketter_gui.evidence.manifests.entries import Entry, Found
from ketter_gui.evidence.manifests.kinds import (
    ASCMHL_FOLDER,
    ENDINGS,
    NAMES,
    Format,
    Kind,
    kind_of,
)
from ketter_gui.store import expected
from ketter_gui.store.ledger import Ledger

_PIECE_BYTES: Final = 1 << 20
_PAGE: Final = 900


class FoundManifest(NamedTuple):
    """One that was found. `path` is an item's, or the whole one of what lies beside a
    source; it is opened from `folder` by `name`. `to_item` makes an item's path of an
    entry's; None: it is about nothing of this transfer."""

    path: bytes
    is_beside: bool
    kind: Kind
    folder: Callable[[], Folder]
    name: bytes
    to_item: Callable[[bytes], bytes | None]

    @contextmanager
    def opened(self, control: Control) -> Iterator[tuple[int, Iterator[Found]]]:
        """When its file was written (microseconds since the epoch), and what it says.

        Raises OSError, CopyFailedError; reading also ManifestDamaged, Cancelled, Stopped.
        """
        from ketter_gui.evidence.manifests.reading import read  # only who has one pays for it

        fd = open_file(self.folder(), self.name)
        try:
            when_us = max(state_of(fd).mtime_ns // 1000, 0)
            with closing(_pieces(fd, control)) as pieces:
                yield when_us, read(self.path, self.kind, pieces)
        finally:
            os.close(fd)


def _pieces(fd: int, control: Control) -> Generator[bytes, None, None]:
    buffer = memoryview(bytearray(_PIECE_BYTES))
    offset = 0
    while length := read_into(fd, buffer, offset):
        control.checkpoint()
        yield bytes(buffer[:length])
        offset += length


def inside(bench: Bench, ledger: Ledger) -> Iterator[FoundManifest]:
    """Those among the items of folders, in the order of the scan: a folder's together."""
    after = 0
    find = partial(
        expected.manifest_items,
        transfer=bench.plan.transfer,
        endings=ENDINGS,
        names=NAMES,
        limit=_PAGE,
    )
    while page := ledger.read(partial(find, after_id=after)):
        for _, source, path in page:
            kind = kind_of(path)
            if kind is not None:
                yield _inner(bench, source, path, kind)
        after = page[-1][0]


def _inner(bench: Bench, source: int, path: bytes, kind: Kind) -> FoundManifest:
    above, name = posixpath.split(bench.plan.sources[source].inside(path))
    folder = partial(bench.sources[source].folder, above)
    return FoundManifest(path, False, kind, folder, name, partial(_below, kind.base))


def _below(base: bytes, entry: bytes) -> bytes | None:
    """Without a base it begins above the source, as in a folder `ascmhl` that was chosen."""
    return b"%s/%s" % (base, entry) if base else None


def beside(bench: Bench) -> Generator[list[FoundManifest], None, None]:
    """Those in the folders that hold sources, a history's at a time: to be read before the
    next is asked for. Whoever may not look into such a folder has no manifest there."""
    for path, sources in _by_folder(bench.plan.sources).items():
        yield from _in_folder(bench, path, sources)


def _by_folder(sources: Iterable[Source]) -> dict[bytes, dict[bytes, Source]]:
    """The folders that hold sources, with these by the names that they have there."""
    found: dict[bytes, dict[bytes, Source]] = {}
    for source in sources:
        above, name = posixpath.split(source.path.rstrip(b"/"))
        if name:
            found.setdefault(above or b"/", {})[name] = source
    return found


def _in_folder(
    bench: Bench, path: bytes, sources: dict[bytes, Source]
) -> Iterator[list[FoundManifest]]:
    try:
        root = open_root(path)
    except OSError:
        return
    with Tree(root) as tree:
        try:
            names = _names(tree, sources)
        except (OSError, CopyFailedError):
            return
        for _, generations in groupby(names, lambda one: one[1].history):
            bench.control.checkpoint()
            yield [_outer(bench, tree, path, sources, *one) for one in generations]


def _outer(
    bench: Bench,
    tree: Tree,
    path: bytes,
    sources: dict[bytes, Source],
    name: bytes,
    kind: Kind,
) -> FoundManifest:
    above, last = posixpath.split(name)
    folder, to_item = partial(tree.folder, above), partial(_by_name, sources)
    one = FoundManifest(posixpath.join(path, name), True, kind, folder, last, to_item)
    return _named_after(bench, one, sources.get(kind.stem))


def _names(tree: Tree, sources: dict[bytes, Source]) -> list[tuple[bytes, Kind]]:
    """The manifests in a folder; not those that are named after something else there.

    Only what is called like one is looked at: whatever else lies beside a source may be
    the place where a drive is mounted that does not answer.
    """
    here = names_in(tree.root)
    names = list(here)
    if ASCMHL_FOLDER in here and _is(tree.root, ASCMHL_FOLDER, ItemKind.FOLDER):
        below = names_in(tree.folder(ASCMHL_FOLDER))
        names += [b"%s/%s" % (ASCMHL_FOLDER, name) for name in below]
    others = set(here) - sources.keys()
    return [
        (name, kind)
        for name in names
        if (kind := kind_of(name)) is not None
        and kind.format is not Format.CHAIN
        and kind.stem not in others
        and _is(*tree.split(name), ItemKind.FILE)
    ]


def _is(folder: Folder, name: bytes, kind: ItemKind) -> bool:
    try:
        state = look(folder, name)
    except SpecialFile:
        return False
    return state is not None and state.kind is kind


def _by_name(sources: dict[bytes, Source], entry: bytes) -> bytes | None:
    name, slash, rest = entry.partition(b"/")
    source = sources.get(name)
    return source.name + slash + rest if source is not None else None


def _named_after(bench: Bench, one: FoundManifest, source: Source | None) -> FoundManifest:
    """`A001.md5` beside the folder `A001` may speak of what is in it: if not all of its
    paths begin with `A001/`, they begin inside."""
    if source is None or source.kind is not ItemKind.FOLDER:
        return one
    start = one.kind.stem + b"/"
    try:
        with one.opened(bench.control) as (_, said):
            is_from_outside = all(
                each.path.startswith(start) for each in said if isinstance(each, Entry)
            )
    except (OSError, CopyFailedError, ManifestDamaged):
        return one  # said when it is read
    return one if is_from_outside else one._replace(to_item=partial(_below, source.name))
