"""The history: pages of transfers, by what is looked for, and what is out of sight.

Ten thousand transfers are looked through one by one: that takes some ten milliseconds, and
needs no index that every transfer would have to keep up.
"""

# ruff: noqa: S608 - what is put into SQL by name is our own, see `sql`

from __future__ import annotations

from typing import Final

from peewee import SqliteDatabase

from ketter_gui.domain.search import HistoryQuery, NotHidden
from ketter_gui.domain.status import OVER, TransferStatus
from ketter_gui.store.columns import clean
from ketter_gui.store.records import TransferRecord
from ketter_gui.store.sql import fetch, marks
from ketter_gui.store.transaction import Transaction
from ketter_gui.store.transfers import records, transfer

_ENDED: Final = OVER | {TransferStatus.FAILED}
_LIKE: Final = "LIKE ? ESCAPE '\\'"


def transfers(
    database: SqliteDatabase, query: HistoryQuery, *, offset: int = 0, limit: int = 100
) -> list[TransferRecord]:
    """A page of transfers, newest first."""
    where, values = _matching(query)
    return records(database, f"{where} ORDER BY id DESC LIMIT ? OFFSET ?", [*values, limit, offset])


def transfer_count(database: SqliteDatabase, query: HistoryQuery) -> int:
    """How many transfers match."""
    where, values = _matching(query)
    return int(fetch(database, f"SELECT count(*) FROM transfers {where}", values)[0][0])


def set_hidden(tx: Transaction, number: int, *, is_hidden: bool) -> None:
    """Put a transfer out of sight, or back; nothing else changes, least of all the audit.
    Raises NoSuchTransfer, and NotHidden for one that is not at its end."""
    if is_hidden and transfer(tx.database, number).status not in _ENDED:
        raise NotHidden(transfer=number)
    tx.execute("UPDATE transfers SET is_hidden = ? WHERE id = ?", (is_hidden, number))


def hidden(database: SqliteDatabase) -> set[int]:
    """The transfers that are out of sight."""
    return {number for (number,) in fetch(database, "SELECT id FROM transfers WHERE is_hidden = 1")}


def _matching(query: HistoryQuery) -> tuple[str, list[object]]:
    conditions: list[str] = []
    values: list[object] = []

    def add(condition: str, *its_values: object) -> None:
        conditions.append(condition)
        values.extend(its_values)

    if not query.with_hidden:
        add("is_hidden = 0")
    if query.statuses:
        add(f"status IN ({marks(query.statuses)})", *sorted(query.statuses))
    if query.mode is not None:
        add("mode = ?", query.mode.value)
    if query.since_us:
        add("created_us >= ?", query.since_us)
    if query.until_us:
        add("created_us < ?", query.until_us)
    if query.is_doubted:
        add("copies_doubted > 0")
    if query.watch is not None:
        add("watch = ?", query.watch)
    if query.volume:
        pattern = _like(query.volume)
        places = _places(f"volume = ? OR label {_LIKE} OR CAST(path AS TEXT) {_LIKE}")
        add(f"id IN ({places})", *(query.volume, pattern, pattern) * 2)
    if query.text:
        pattern = _like(query.text)
        places = _places(f"CAST(path AS TEXT) {_LIKE} OR label {_LIKE}")
        add(
            f"(name {_LIKE} OR CAST(id AS TEXT) = ? OR id IN ({places}))",
            *(pattern, query.text.strip(), *[pattern] * 4),
        )
    return (f"WHERE {' AND '.join(conditions)}" if conditions else ""), values


def _places(condition: str) -> str:
    return " UNION ALL ".join(
        f"SELECT transfer FROM {table} WHERE {condition}" for table in ("sources", "destinations")
    )


def _like(text: str) -> str:
    escaped = clean(text).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
