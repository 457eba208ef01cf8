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
    since_us: int = 0,
    after_sequence: int = 0,
    limit: int = 1000,
) -> list[Row]:
    """A page of entries as their cells, in the chain's order.

    `since_us` starts at the first entry that was written at that time or later, and goes
    on to the end even where the clock was set back: the rows of a range are contiguous.
    """
    after = after_sequence
    if since_us:
        after = max(after, _first_since(database, since_us) - 1)
    where = "sequence > ?" if transfer is None else "sequence > ? AND transfer_id = ?"
    values = (after, limit) if transfer is None else (after, str(transfer), limit)
    rows: list[Row] = fetch(
        database, f"SELECT {_CELLS} FROM audit WHERE {where} ORDER BY sequence LIMIT ?", values
    )
    return rows


def _first_since(database: SqliteDatabase, since_us: int) -> int:
    found = fetch(
        database,
        "SELECT sequence FROM audit WHERE time_utc >= ? ORDER BY sequence LIMIT 1",
        (utc_text(since_us),),
    )
    return int(found[0][0]) if found else 1 << 62


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
