"""The checksum cache: what earlier transfers read and proved, for the engine's decisions.

Asked for one file, it looks up the whole batch that the engine said to expect: a card of a
million files that is there already costs a query or two for each thousand. Not used where
inodes are invented by the mount (FAT, exFAT, FUSE) or a server's answers may be stale:
only file systems that are known to keep them count.

Owner: the thread that makes the transfer's parts.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from ketter_gui.disk.folder import identity_of
from ketter_gui.domain.items import FileState, Item, ItemKind, Source
from ketter_gui.domain.options import Mode, Pack
from ketter_gui.engine.journal import Checksums
from ketter_gui.engine.known import Known, KnownCopy, KnownSource, KnowsNothing
from ketter_gui.engine.plan import Plan
from ketter_gui.store import known as stored
from ketter_gui.store.known import Row
from ketter_gui.store.ledger import Ledger
from ketter_gui.system.file_systems import KEEPS_INODES
from ketter_gui.system.volumes import file_system_of

_SECOND_NS: Final = 1_000_000_000
_COARSE_NS: Final = 1_100_000_000
_FINE_NS: Final = 50_000_000
"""How much older than the reading a file's ctime must be, so that whatever wrote to it
after that has given it another one: clocks of file systems go on every 10 ms at the
slowest, and once a second where the ctime has no fraction (ext3)."""


def known_to(ledger: Ledger, plan: Plan) -> Known:
    """What the ledger knows that this transfer may use: nothing in a move (P4), nor when
    it was asked to read everything again, nor of an archive's entries, which have no state
    of their own."""
    options = plan.options
    if plan.mode is Mode.MOVE or options.read_again or options.pack is not Pack.NONE:
        return KnowsNothing()
    return LedgerKnown(ledger, plan)


_Key = tuple[int, bytes]
"""A source's or destination's index, and the item's path."""

_Ways = dict[_Key, list[tuple[int, int, bytes]]]
"""Where the ledger may have it: transfer, index of the destination (-1: no matter) and
item path, newest first."""


class LedgerKnown:
    """Implements the engine's `Known` for one transfer's life."""

    def __init__(self, ledger: Ledger, plan: Plan) -> None:
        self._ledger = ledger
        self._plan = plan
        self._expected: tuple[Item, ...] = ()
        self._sources: dict[_Key, stored.ReadSource | None] = {}
        self._copies: dict[_Key, stored.ProvenCopy | None] = {}
        self._earlier_sources: dict[tuple[str, bytes], list[stored.EarlierSource]] = {}
        self._earlier_destinations: dict[int, list[stored.EarlierDestination]] = {}
        self._keeps_inodes: dict[bytes, bool] = {}

    def expect(self, items: Sequence[Item]) -> None:
        """These may be asked about next; what was looked up before is forgotten."""
        self._expected = tuple(item for item in items if item.kind is ItemKind.FILE)
        self._sources.clear()
        self._copies.clear()

    def source(self, item: Item, state: FileState) -> KnownSource | None:
        """The checksums of a source file that is in this state, if they are known."""
        if not self._can_tell(self._plan.sources[item.source].root):
            return None
        key = item.source, item.path
        if key not in self._sources:
            self._look_up_sources(item)
        row = self._sources[key]
        if row is None or not _is_as_then(row, state):
            return None
        return KnownSource(self._wanted(row), row.read_in)

    def copy(self, destination: int, path: bytes, state: FileState) -> KnownCopy | None:
        """The proof of what is at a path below a destination, if it is in this state."""
        if not self._can_tell(self._plan.destinations[destination].path):
            return None
        key = destination, path
        if key not in self._copies:
            self._look_up_copies(destination, path)
        row = self._copies[key]
        if row is None or not _is_as_then(row, state):
            return None
        return KnownCopy(self._wanted(row), row.read_back, row.proof, row.proven_us)

    def _can_tell(self, path: bytes) -> bool:
        if path not in self._keeps_inodes:
            self._keeps_inodes[path] = file_system_of(path) in KEEPS_INODES
        return self._keeps_inodes[path]

    def _look_up_sources(self, item: Item) -> None:
        """The expected items, and this one."""
        ways: _Ways = {}
        started_us: dict[int, int] = {}
        for one in (*self._expected, item):
            source = self._plan.sources[one.source]
            whole = _whole(source, one.path)
            earlier = self._sources_around(source)
            started_us.update((place.transfer, place.started_us) for place in earlier)
            ways[one.source, one.path] = [
                (place.transfer, -1, path)
                for place in earlier
                if (path := _item_path(place, whole)) is not None
            ]

        def is_sound(row: stored.ReadSource) -> bool:
            return self._has_wanted(row) and was_at_rest(row.ctime_ns, started_us[row.transfer])

        self._sources.update(dict.fromkeys(ways))
        self._sources.update(self._newest(ways, stored.sources_read, is_sound))

    def _look_up_copies(self, destination: int, path: bytes) -> None:
        """What lies under the expected items' names, and under this path."""
        place = self._plan.destinations[destination].place
        if destination not in self._earlier_destinations:
            self._earlier_destinations[destination] = self._ledger.read(
                partial(stored.earlier_destinations, volume=place.volume, within=place.within)
            )
        ways: _Ways = {}
        for one in (*(item.path for item in self._expected), path):
            whole = _joined(place.within, one)
            ways[destination, one] = [
                (earlier.transfer, earlier.index, way)
                for earlier in self._earlier_destinations[destination]
                if (way := _below(earlier.within, whole)) is not None
            ]
        self._copies.update(dict.fromkeys(ways))
        self._copies.update(self._newest(ways, stored.copies_proven, self._has_wanted))

    def _sources_around(self, source: Source) -> list[stored.EarlierSource]:
        """Around the folder that is opened for a source: files of one folder share it."""
        within = source.place.within
        if source.kind is not ItemKind.FOLDER:
            within = posixpath.dirname(within)
        key = source.place.volume, within
        if key not in self._earlier_sources:
            self._earlier_sources[key] = self._ledger.read(
                partial(stored.earlier_sources, volume=source.place.volume, within=within)
            )
        return self._earlier_sources[key]

    def _newest(
        self,
        ways: _Ways,
        query: stored.Query[Row],
        is_sound: Callable[[Row], bool],
    ) -> dict[_Key, Row]:
        """The newest row that can serve, by key: the last transfer is asked alone first,
        since it mostly knows all."""
        found: dict[_Key, Row] = {}
        transfers = sorted({way[0] for some in ways.values() for way in some}, reverse=True)
        for some in (transfers[:1], transfers[1:]):
            left = {
                way: key
                for key, several in ways.items()
                if key not in found
                for way in several
                if way[0] in some
            }
            if not left:
                continue
            paths = sorted({path for _, _, path in left})
            for row in self._ask(query, some, paths):
                key = left.get(_way(row))
                if key is not None and key not in found and is_sound(row):
                    found[key] = row
        return found

    def _ask(
        self, query: stored.Query[Row], transfers: Sequence[int], paths: Sequence[bytes]
    ) -> list[Row]:
        return self._ledger.read(lambda database: query(database, transfers, paths))

    def _has_wanted(self, row: stored.ReadSource | stored.ProvenCopy) -> bool:
        return {name for name, _ in row.checksums}.issuperset(self._plan.options.checksums)

    def _wanted(self, row: stored.ReadSource | stored.ProvenCopy) -> Checksums:
        """The checksums that this transfer asks for, in its order."""
        values = dict(row.checksums)
        return tuple((name, values[name]) for name in self._plan.options.checksums)


def was_at_rest(ctime_ns: int, read_after_us: int) -> bool:
    """Whether a file that was read some time after this has not been changed for so long
    that a later change cannot hide in the same tick of its file system's clock."""
    tick_ns = _FINE_NS if ctime_ns % _SECOND_NS else _COARSE_NS
    return ctime_ns + tick_ns <= read_after_us * 1000


def _is_as_then(row: stored.ReadSource | stored.ProvenCopy, state: FileState) -> bool:
    return (
        state.kind is ItemKind.FILE
        and identity_of(state) == row.identity
        and state.ctime_ns == row.ctime_ns
    )


def _way(row: stored.ReadSource | stored.ProvenCopy) -> tuple[int, int, bytes]:
    index = row.destination if isinstance(row, stored.ProvenCopy) else -1
    return row.transfer, index, row.path


def _whole(source: Source, item_path: bytes) -> bytes:
    """An item's path in its source's volume."""
    if source.kind is not ItemKind.FOLDER:
        return source.place.within
    return _joined(source.place.within, source.inside(item_path))


def _item_path(place: stored.EarlierSource, whole: bytes) -> bytes | None:
    """What the item of a path in the volume was called in a transfer of this source."""
    if place.kind is not ItemKind.FOLDER:
        return place.name if whole == place.within else None
    inside = _below(place.within, whole)
    return None if inside is None else _joined(place.name, inside)


def _joined(folder: bytes, path: bytes) -> bytes:
    return b"%s/%s" % (folder.rstrip(b"/"), path)


def _below(folder: bytes, whole: bytes) -> bytes | None:
    start = folder.rstrip(b"/") + b"/"
    return whole[len(start) :] if whole.startswith(start) else None
