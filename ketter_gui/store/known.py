"""What earlier transfers read and proved, found again by where it is: for the engine's
`Known`.

There is no table for it. A file's path in a volume, put together from a transfer's place
and the item's path, leads to the item by its own key (transfer, path), so that writing
costs nothing but the ctime of each copy.
"""

# ruff: noqa: S608 - what is put into SQL by name is our own, see `sql`

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeVar

from peewee import SqliteDatabase

from ketter_gui.domain.items import Identity, ItemKind, Place, ReadBack
from ketter_gui.store.columns import checksums_from, unsigned
from ketter_gui.store.copies import VARIABLES
from ketter_gui.store.records import Checksums
from ketter_gui.store.sql import fetch, marks
from ketter_gui.store.transaction import Transaction

TRANSFERS: Final = 32
"""So many earlier transfers of one place are asked, newest first. A file that none of
them read is read again: that costs time, nothing else."""

_PLACES: Final = 4096
"""Sources that these transfers have between them, at most."""


class EarlierSource(NamedTuple):
    """A source of an earlier copy. `started_us`: all reading was after that."""

    transfer: int
    within: bytes
    name: bytes
    kind: ItemKind
    started_us: int


@dataclass(frozen=True, slots=True)
class EarlierDestination:
    """A destination of an earlier transfer."""

    transfer: int
    index: int
    within: bytes


class ReadSource(NamedTuple):
    """A source file as it was when the transfer `read_in` read it."""

    transfer: int
    path: bytes
    identity: Identity
    ctime_ns: int
    checksums: Checksums
    read_in: int


class ProvenCopy(NamedTuple):
    """A copy as it was when it had its name. `proof` is the transfer that read it back."""

    transfer: int
    destination: int
    path: bytes
    identity: Identity
    ctime_ns: int
    checksums: Checksums
    read_back: ReadBack
    proof: int
    proven_us: int


_Place = TypeVar("_Place", EarlierSource, EarlierDestination)
Row = TypeVar("Row", ReadSource, ProvenCopy)

Query = Callable[[SqliteDatabase, Sequence[int], Sequence[bytes]], list[Row]]
"""Rows of these transfers and item paths, newest transfer first."""


def earlier_sources(database: SqliteDatabase, *, volume: str, within: bytes) -> list[EarlierSource]:
    """Sources of copies that hold a folder of a volume or lie in it, newest first.

    Not those of moves: setting an original aside and giving its name back changes its
    ctime, so that what the ledger says of it then was not seen when it was read.
    """
    where, values = _around(within)
    rows = fetch(
        database,
        "SELECT transfer, within, sources.name, kind, started_us FROM sources"
        " JOIN transfers ON transfers.id = transfer"
        f" WHERE volume = ? AND ({where}) AND transfers.mode = 'copy' AND started_us > 0"
        f" ORDER BY transfer DESC LIMIT {_PLACES}",
        (volume, *values),
    )
    return _newest(EarlierSource(row[0], row[1], row[2], ItemKind(row[3]), row[4]) for row in rows)


def earlier_destinations(
    database: SqliteDatabase, *, volume: str, within: bytes
) -> list[EarlierDestination]:
    """Destinations that hold a folder of a volume or lie in it, newest first."""
    where, values = _around(within)
    rows = fetch(
        database,
        f"SELECT transfer, idx, within FROM destinations WHERE volume = ? AND ({where})"
        f" ORDER BY transfer DESC LIMIT {_PLACES}",
        (volume, *values),
    )
    return _newest(EarlierDestination(*row) for row in rows)


def sources_read(
    database: SqliteDatabase, transfers: Sequence[int], paths: Sequence[bytes]
) -> list[ReadSource]:
    """The files of these item paths that these transfers read, newest transfer first."""
    rows = _by_key(
        database,
        "SELECT transfer, path, inode, size_bytes, mtime_ns, ctime_ns, checksums,"
        " coalesce(read_in, transfer) FROM items"
        " WHERE {} AND kind = 'file' AND checksums <> ''",
        transfers,
        paths,
    )
    return [
        ReadSource(
            row[0],
            row[1],
            Identity(unsigned(row[2]), row[3], row[4]),
            row[5],
            checksums_from(row[6]),
            row[7],
        )
        for row in rows
    ]


def copies_proven(
    database: SqliteDatabase, transfers: Sequence[int], paths: Sequence[bytes]
) -> list[ProvenCopy]:
    """The copies of these item paths that these transfers proved, newest transfer first:
    under the item's own name, and read back from where they are kept."""
    rows = _by_key(
        database,
        "SELECT transfer, destination, path, copies.inode, part_size, part_mtime_ns,"
        " copies.ctime_ns, copies.checksums, read_back, coalesce(proof, transfer), proven_us"
        " FROM items JOIN copies ON copies.item = items.id"
        " WHERE {} AND kind = 'file' AND status IN ('verified','skipped')"
        " AND read_back NOT IN ('','cache') AND copies.ctime_ns IS NOT NULL"
        " AND copies.inode IS NOT NULL AND final_path = path",
        transfers,
        paths,
    )
    return [
        ProvenCopy(
            row[0],
            row[1],
            row[2],
            Identity(unsigned(row[3]), row[4], row[5]),
            row[6],
            checksums_from(row[7]),
            ReadBack(row[8]),
            row[9],
            row[10],
        )
        for row in rows
    ]


def doubt_copies(tx: Transaction, *, place: Place, path: bytes) -> None:
    """Take no copy at this path below a place for a proof any more, whichever transfer made
    or knew it: it is not what it was, or nobody can tell."""
    whole = posixpath.join(place.within, path)
    folder = posixpath.dirname(whole)
    for one in earlier_destinations(tx.database, volume=place.volume, within=folder):
        above = one.within.rstrip(b"/") + b"/"
        if whole.startswith(above):
            tx.execute(
                "UPDATE copies SET ctime_ns = NULL WHERE destination = ? AND item IN"
                " (SELECT id FROM items WHERE transfer = ? AND path = ?)",
                (one.index, one.transfer, whole.removeprefix(above)),
            )


def files_recalled(database: SqliteDatabase, transfer: int) -> int:
    """How many of a transfer's files it did not read, or not all copies of: they are
    unchanged since an earlier one did."""
    rows = fetch(
        database,
        "SELECT count(*) FROM items WHERE transfer = ? AND kind = 'file' AND (read_in IS NOT NULL"
        " OR EXISTS (SELECT 1 FROM copies WHERE item = items.id AND proof IS NOT NULL))",
        (transfer,),
    )
    return int(rows[0][0])


def _around(within: bytes) -> tuple[str, list[bytes]]:
    """The folder itself, those above it, and all below it."""
    above = [within]
    while (parent := posixpath.dirname(above[-1])) != above[-1]:
        above.append(parent)
    below = within.rstrip(b"/")
    return (
        f"within IN ({marks(above)}) OR (within > ? AND within < ?)",
        [*above, below + b"/", below + b"0"],  # 0 comes after the slash
    )


def _newest(places: Iterable[_Place]) -> list[_Place]:
    seen: set[int] = set()
    kept = []
    for place in places:
        seen.add(place.transfer)
        if len(seen) > TRANSFERS:
            break
        kept.append(place)
    return kept


def _by_key(
    database: SqliteDatabase, query: str, transfers: Sequence[int], paths: Sequence[bytes]
) -> list[Any]:
    """`items` by their key, as many at once as a statement may name."""
    step = VARIABLES - len(transfers)
    where = f"transfer IN ({marks(transfers)}) AND path IN ({{}})"
    rows: list[Any] = []
    for start in range(0, len(paths), step):
        some = paths[start : start + step]
        chosen = query.format(where.format(marks(some)))
        rows += fetch(database, f"{chosen} ORDER BY transfer DESC", (*transfers, *some))
    return rows
