"""The audit trail: appended in transactions, read in pages, never changed."""

# ruff: noqa: S608 - what is put into SQL by name is our own, see `sql`

from __future__ import annotations

from collections.abc import Sequence

from peewee import SqliteDatabase

from ketter_gui.domain.chain import COLUMNS, Head, Row
from ketter_gui.domain.events import AuditDraft
from ketter_gui.domain.times import time_us, utc_text
from ketter_gui.domain.views import AuditLine
from ketter_gui.store.sql import fetch
from ketter_gui.store.transaction import Transaction, read_head

_LAST = (1 << 63) - 1
_CELLS = ",".join("CAST(sequence AS TEXT)" if name == "sequence" else name for name in COLUMNS)
_LINE = (
    "sequence, time_utc, event, item_path, destination_path, algorithm, result, message,"
    " error_type, details"
)


def record_audit(tx: Transaction, drafts: Sequence[AuditDraft]) -> None:
    """Append these entries to the chain. For `Write`; `Transaction.chain` returns the head."""
    tx.chain(drafts)


def head(database: SqliteDatabase, chain_id: str) -> Head:
    """The end of the chain at this moment."""
    return read_head(database, chain_id)


def audit_rows(
    database: SqliteDatabase,
    *,
    transfer: int | None = None,
    after_sequence: int = 0,
    up_to: int = _LAST,
    limit: int = 1000,
) -> list[Row]:
    """A page of entries as their cells, in the chain's order, none beyond entry `up_to`."""
    where = "sequence > ? AND sequence <= ?"
    values: tuple[object, ...] = (after_sequence, up_to, limit)
    if transfer is not None:
        where += " AND transfer_id = ?"
        values = (after_sequence, up_to, str(transfer), limit)
    rows: list[Row] = fetch(
        database, f"SELECT {_CELLS} FROM audit WHERE {where} ORDER BY sequence LIMIT ?", values
    )
    return rows


def range_of(database: SqliteDatabase, since_us: int, until_us: int) -> tuple[int, int]:
    """The numbers of the first and the last entry of a time, 0 for an open end.

    From the first one that was written at `since_us` or later to the last one that was
    written before `until_us`, with all between, even where the clock was set back: the
    entries of a range follow each other.
    """
    first, last = 1, _LAST
    if since_us:
        found = fetch(
            database,
            "SELECT sequence FROM audit WHERE time_utc >= ? ORDER BY sequence LIMIT 1",
            (utc_text(since_us),),
        )
        first = int(found[0][0]) if found else _LAST
    if until_us:
        found = fetch(
            database,
            "SELECT sequence FROM audit WHERE time_utc < ? ORDER BY sequence DESC LIMIT 1",
            (utc_text(until_us),),
        )
        last = int(found[0][0]) if found else 0
    return first, last


def first_entry(database: SqliteDatabase, chain_id: str) -> Head | None:
    """What the first entry that is there follows: number 0 unless earlier ones were pruned.
    None for an empty chain."""
    found = fetch(database, "SELECT sequence, previous_hash FROM audit ORDER BY sequence LIMIT 1")
    return Head(chain_id, int(found[0][0]) - 1, found[0][1]) if found else None


def newest_us(database: SqliteDatabase) -> int:
    """When the newest entry was written; 0 for none."""
    found = fetch(database, "SELECT time_utc FROM audit ORDER BY sequence DESC LIMIT 1")
    return _micros(found[0][0]) if found else 0


def transfers_told(database: SqliteDatabase) -> list[tuple[int, int]]:
    """Every transfer that an entry speaks of, with the number of its last entry."""
    rows = fetch(
        database,
        "SELECT transfer_id, max(sequence) FROM audit WHERE transfer_id <> '' GROUP BY transfer_id",
    )
    return sorted((int(row[0]), int(row[1])) for row in rows)


def timeline(
    database: SqliteDatabase,
    transfer: int,
    *,
    after_sequence: int = 0,
    limit: int = 1000,
    is_end: bool = False,
) -> list[AuditLine]:
    """A transfer's entries for people, oldest first: the first ones, or the last."""
    order = "DESC" if is_end else "ASC"
    rows = fetch(
        database,
        f"SELECT {_LINE} FROM audit WHERE transfer_id = ? AND sequence > ?"
        f" ORDER BY sequence {order} LIMIT ?",
        (str(transfer), after_sequence, limit),
    )
    if is_end:
        rows = rows[::-1]
    return [AuditLine(row[0], _micros(row[1]), *row[2:]) for row in rows]


def _micros(time_utc: str) -> int:
    try:
        return time_us(time_utc)
    except ValueError:
        return 0
