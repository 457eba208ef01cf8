"""Files of several names, and what these are to a transfer.

Of each file the item that was found first is copied; its further names can be linked to
that copy once it is proven. The index on items of several names finds them, so that
nobody has to remember a million of them.
"""

# ruff: noqa: S608 - what is put into SQL by name is our own, see `sql`

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from peewee import SqliteDatabase

from ketter_gui.store.columns import signed
from ketter_gui.store.copies import VARIABLES
from ketter_gui.store.items import UNFINISHED, records, unfinished_items
from ketter_gui.store.records import ItemRecord
from ketter_gui.store.sql import fetch, marks

LATER_LINK: Final = (
    "(items.links > 1 AND EXISTS (SELECT 1 FROM items AS first WHERE first.links > 1"
    " AND first.transfer = items.transfer AND first.device = items.device"
    " AND first.inode = items.inode AND first.id < items.id))"
)
"""An item that is one more name of a file which has one in this transfer already."""


def unfinished_first_names(
    database: SqliteDatabase, transfer: int, *, after_id: int = 0, limit: int = 1000
) -> list[ItemRecord]:
    """The items that still need work, without further names of a file that has one in this
    transfer already."""
    which = f" AND NOT {LATER_LINK}"
    return unfinished_items(database, transfer, after_id=after_id, limit=limit, which=which)


def unfinished_links(
    database: SqliteDatabase, transfer: int, *, after_id: int = 0, limit: int = 1000
) -> list[tuple[ItemRecord, ItemRecord | None]]:
    """Those further names, each with the item of the first one; with None what else of
    several names has an unfinished copy: it is another file than it was."""
    which = (
        f" AND links > 1 AND ({LATER_LINK} OR EXISTS (SELECT 1 FROM copies"
        f" WHERE item = items.id AND status IN {UNFINISHED}))"
    )
    found = unfinished_items(database, transfer, after_id=after_id, limit=limit, which=which)
    firsts = _first_names(database, transfer, found)
    return [(one, firsts.get(one.item.id)) for one in found]


def _first_names(
    database: SqliteDatabase, transfer: int, later: Sequence[ItemRecord]
) -> dict[int, ItemRecord]:
    """By the item of a further name, the item of the first one."""
    numbers: dict[int, int] = {}
    for record in later:
        state = record.item.state
        first = fetch(
            database,
            "SELECT min(id) FROM items WHERE transfer = ? AND device = ? AND inode = ?"
            " AND links > 1",
            (transfer, signed(state.device), signed(state.inode)),
        )[0][0]
        if first is not None and first < record.item.id:
            numbers[record.item.id] = first
    found: dict[int, ItemRecord] = {}
    wanted = sorted(set(numbers.values()))
    for start in range(0, len(wanted), VARIABLES):
        some = wanted[start : start + VARIABLES]
        for record in records(database, f"WHERE items.id IN ({marks(some)})", some):
            found[record.item.id] = record
    return {further: found[first] for further, first in numbers.items()}
