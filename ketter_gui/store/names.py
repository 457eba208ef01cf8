"""What the preflight asks of a transfer's items: names, sizes, and what they will take.

Read in pages and groups, so that memory stays flat: SQLite sorts on its own disk.
"""

# ruff: noqa: S608 - what is put into SQL by name is our own, see `sql`

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from typing import Final

from peewee import SqliteDatabase

from ketter_gui.domain.holding import PendingItem
from ketter_gui.domain.items import ItemKind
from ketter_gui.domain.room import Need, Spares
from ketter_gui.store.links import LATER_LINK
from ketter_gui.store.sql import fetch, marks, raw

_TO_COME: Final = "('pending','copying','verifying')"
"""Copies whose bytes are still to be written."""

_FOLD: Final = "ketter_folded"


def pending_items(
    database: SqliteDatabase, transfer: int, destination: int, *, after_id: int, limit: int
) -> list[PendingItem]:
    """A page of the items that this destination has still to receive."""
    rows = fetch(
        database,
        "SELECT items.id, path, kind, size_bytes FROM items JOIN copies ON copies.item = items.id"
        f" WHERE transfer = ? AND items.id > ? AND destination = ? AND status IN {_TO_COME}"
        " ORDER BY items.id LIMIT ?",
        (transfer, after_id, destination, limit),
    )
    return [PendingItem(row[0], row[1], ItemKind(row[2]), row[3]) for row in rows]


def alike(
    database: SqliteDatabase, transfer: int, destination: int, fold: Callable[[bytes], bytes]
) -> list[list[int]]:
    """The items whose paths are equal when folded, in groups of at least two with one that
    this destination has still to receive."""
    raw(database).create_function(_FOLD, 1, fold, deterministic=True)
    rows = fetch(
        database,
        "SELECT json_group_array(items.id) FROM items JOIN copies ON copies.item = items.id"
        " WHERE transfer = ? AND destination = ?"
        f" GROUP BY {_FOLD}(path) HAVING count(*) > 1 AND max(status IN {_TO_COME})"
        " ORDER BY min(items.id)",
        (transfer, destination),
    )
    return [sorted(json.loads(row[0])) for row in rows]


def some_items(database: SqliteDatabase, numbers: Sequence[int]) -> list[PendingItem]:
    """These items, by their numbers."""
    rows = fetch(
        database,
        "SELECT id, path, kind, size_bytes FROM items"
        " WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
        (json.dumps(numbers),),
    )
    return [PendingItem(row[0], row[1], ItemKind(row[2]), row[3]) for row in rows]


def longest_path(database: SqliteDatabase, transfer: int) -> bytes:
    """The longest path of a transfer's items, in bytes; empty without items."""
    rows = fetch(
        database,
        "SELECT path FROM items WHERE transfer = ? ORDER BY length(path) DESC LIMIT 1",
        (transfer,),
    )
    return rows[0][0] if rows else b""


def needs(
    database: SqliteDatabase,
    transfer: int,
    units_bytes: Sequence[int],
    spares: Sequence[Spares] = (),
    *,
    renamed: Collection[int] = (),
    at_home: Collection[int] = (),
) -> list[Need]:
    """What each destination has still to receive, where files take whole units of these
    sizes, and folders one; `spares` says on which of them holes and links take nothing.

    Sources that are `renamed` take nothing, nor do folders of those that are `at_home`: a
    full drive can be tidied up. Each destination is asked for by itself: to group them, all
    items would be sorted.
    """
    which = (
        f" AND source NOT IN ({marks(renamed)})"
        f" AND (kind <> 'folder' OR source NOT IN ({marks(at_home)}))"
    )
    found = []
    for number, unit in enumerate(units_bytes):
        spare = spares[number] if spares else Spares()
        size = "coalesce(data_bytes, size_bytes)" if spare.holes else "size_bytes"
        links = f" AND NOT {LATER_LINK}" if spare.links else ""
        ((size_bytes, files),) = fetch(
            database,
            f"SELECT coalesce(sum(CASE kind WHEN 'symlink' THEN 0 WHEN 'folder' THEN {unit}"
            f" ELSE ({size} + {unit} - 1) / {unit} * {unit} END), 0), count(*)"
            " FROM items JOIN copies ON copies.item = items.id"
            f" WHERE transfer = ? AND destination = ? AND status IN {_TO_COME}{links}{which}",
            (transfer, number, *renamed, *at_home),
        )
        found.append(Need(size_bytes, files))
    return found


def was_noted(database: SqliteDatabase, transfer: int, error_type: str) -> bool:
    """Whether the audit of a transfer has a remark of this type: it is told once."""
    rows = fetch(
        database,
        "SELECT 1 FROM audit WHERE transfer_id = ? AND error_type = ? LIMIT 1",
        (str(transfer), error_type),
    )
    return bool(rows)
