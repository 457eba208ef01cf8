"""What is asked of the ledger when the copies of a transfer are verified again."""

# ruff: noqa: S608 - what is put into SQL by name is our own, see `sql`

from __future__ import annotations

from collections.abc import Collection, Sequence

from peewee import SqliteDatabase

from ketter_gui.domain.status import CopyStatus
from ketter_gui.store.copies import VARIABLES
from ketter_gui.store.items import records
from ketter_gui.store.records import ItemRecord
from ketter_gui.store.sql import fetch, marks
from ketter_gui.store.transaction import Transaction


def record_link_targets(tx: Transaction, targets: Sequence[tuple[int, bytes]]) -> None:
    """(item, target) of symlinks, as they were read. A later reading replaces it."""
    tx.executemany("INSERT OR REPLACE INTO link_targets (item, target) VALUES (?, ?)", targets)


def link_targets(database: SqliteDatabase, items: Sequence[int]) -> dict[int, bytes]:
    """By item, what its link leads to."""
    found: dict[int, bytes] = {}
    for start in range(0, len(items), VARIABLES):
        some = items[start : start + VARIABLES]
        query = f"SELECT item, target FROM link_targets WHERE item IN ({marks(some)})"
        found.update(fetch(database, query, some))
    return found


def paths_known(database: SqliteDatabase, transfer: int, paths: Sequence[bytes]) -> set[bytes]:
    """Which of these paths are items of the transfer."""
    found: set[bytes] = set()
    for start in range(0, len(paths), VARIABLES):
        some = paths[start : start + VARIABLES]
        query = f"SELECT path FROM items WHERE transfer = ? AND path IN ({marks(some)})"
        found.update(path for (path,) in fetch(database, query, (transfer, *some)))
    return found


def once_proven(
    database: SqliteDatabase, transfer: int, statuses: Collection[CopyStatus]
) -> tuple[int, int]:
    """How many copies of files have one of these statuses and were not left out, and their
    bytes."""
    ((count, size_bytes),) = fetch(
        database,
        "SELECT count(*), coalesce(sum(size_bytes), 0) FROM items"
        " JOIN copies ON copies.item = items.id WHERE transfer = ? AND kind = 'file'"
        f" AND status IN ({marks(statuses)}) AND error_type = ''",
        (transfer, *(status.value for status in statuses)),
    )
    return count, size_bytes


def never_proven(
    database: SqliteDatabase, transfer: int, destination: int, statuses: Collection[CopyStatus]
) -> int:
    """How many files have no copy there with one of these statuses."""
    ((count,),) = fetch(
        database,
        "SELECT count(*) FROM items JOIN copies ON copies.item = items.id"
        " WHERE transfer = ? AND destination = ? AND kind = 'file'"
        f" AND (status NOT IN ({marks(statuses)}) OR error_type <> '')",
        (transfer, destination, *(status.value for status in statuses)),
    )
    return int(count)


def archives(
    database: SqliteDatabase,
    transfer: int,
    source: int,
    destination: int,
    statuses: Collection[CopyStatus],
) -> list[bytes]:
    """The archives, by name, in which the copies of a source with one of these statuses lie: one,
    or none, or one more when packing anew was broken off."""
    rows = fetch(
        database,
        "SELECT DISTINCT CASE instr(final_path, x'2F') WHEN 0 THEN final_path"
        " ELSE substr(final_path, 1, instr(final_path, x'2F') - 1) END AS archive"
        " FROM items JOIN copies ON copies.item = items.id"
        " WHERE transfer = ? AND source = ? AND destination = ? AND final_path <> x''"
        f" AND status IN ({marks(statuses)}) ORDER BY archive",
        (transfer, source, destination, *(status.value for status in statuses)),
    )
    return [name for (name,) in rows]


def items_at(database: SqliteDatabase, transfer: int, paths: Sequence[bytes]) -> list[ItemRecord]:
    """The items of these paths, as far as there are any, with their copies."""
    found: list[ItemRecord] = []
    for start in range(0, len(paths), VARIABLES):
        some = paths[start : start + VARIABLES]
        found += records(
            database, f"WHERE transfer = ? AND path IN ({marks(some)})", (transfer, *some)
        )
    return found
