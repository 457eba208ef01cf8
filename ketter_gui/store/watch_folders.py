"""Watch folders: what was chosen, who watches, and what he last saw.

One process watches a folder: it is written down as the owner until it lets go, or dies and
is buried, which clears the owner by the foreign key.
"""

# ruff: noqa: S608 - what is put into SQL by name is our own, see `sql`

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, Final, NamedTuple

from peewee import SqliteDatabase

from ketter_gui.domain.chain import canonical_json
from ketter_gui.domain.items import Place
from ketter_gui.domain.names import to_bytes, to_text
from ketter_gui.domain.options import Mode
from ketter_gui.domain.watch_errors import NoSuchWatchFolder
from ketter_gui.domain.watching import Unit, WatchRules
from ketter_gui.store import models
from ketter_gui.store.columns import clean, options_from, options_text
from ketter_gui.store.sql import fetch
from ketter_gui.store.transaction import Transaction

_COLUMNS: Final = (
    "id, path, volume, within, label, rules, created_us, is_on, owner, wishes, tripped, figures,"
    " heartbeat_us, files_taken, bytes_taken, last_file, last_taken_us"
)


class WatchRecord(NamedTuple):
    """A watch folder as the ledger has it; `figures` are its owner's last ones."""

    id: int
    path: bytes
    volume: str
    within: bytes
    label: str
    rules: WatchRules
    created_us: int
    is_on: bool
    owner: int | None
    wishes: int
    tripped: str
    figures: dict[str, Any]
    heartbeat_us: int
    files_taken: int
    bytes_taken: int
    last_file: bytes
    last_taken_us: int


# --- writing -----------------------------------------------------------------------------


def add(tx: Transaction, path: bytes, place: Place, rules: WatchRules) -> int:
    """Write down a new one, switched on; returns its number."""
    number: int = models.WatchFolder.insert(
        path=path,
        volume=place.volume,
        within=place.within,
        label=clean(place.label),
        rules=rules_text(rules),
        created_us=tx.now_us,
    ).execute(tx.database)
    return number


def set_rules(tx: Transaction, watch: int, rules: WatchRules) -> None:
    """What its owner goes by from his next look on. Raises NoSuchWatchFolder."""
    _update(tx, watch, "rules = ?, wishes = wishes + 1", rules_text(rules))


def switch(tx: Transaction, watch: int, *, is_on: bool) -> None:
    """On or off; both forget why it tripped. Raises NoSuchWatchFolder."""
    _update(tx, watch, "is_on = ?, tripped = '', wishes = wishes + 1", is_on)


def wish_look(tx: Transaction, watch: int) -> None:
    """Ask its owner to look through everything now. Raises NoSuchWatchFolder."""
    _update(tx, watch, "wishes = wishes + 1")


def trip(tx: Transaction, watch: int, reason: str) -> None:
    """It has stopped itself. Raises NoSuchWatchFolder."""
    _update(tx, watch, "tripped = ?", clean(reason))


def remove(tx: Transaction, watch: int) -> None:
    """Take it away. What it has taken stays written down. Raises NoSuchWatchFolder."""
    _update(tx, watch, "is_removed = 1, is_on = 0, wishes = wishes + 1")


def claim(tx: Transaction, watch: int) -> bool:
    """Make this process its owner; False when another one is."""
    cursor = tx.execute(
        "UPDATE watch_folders SET owner = ? WHERE id = ? AND (owner IS NULL OR owner = ?)",
        (tx.owner, watch, tx.owner),
    )
    return cursor.rowcount == 1


def let_go(tx: Transaction, watch: int) -> None:
    """It is nobody's any more."""
    tx.execute(
        "UPDATE watch_folders SET owner = NULL WHERE id = ? AND owner = ?", (watch, tx.owner)
    )


def beat(tx: Transaction, watch: int, figures: dict[str, object]) -> None:
    """Its owner is alive, and this is what he sees."""
    tx.execute(
        "UPDATE watch_folders SET figures = ?, heartbeat_us = ? WHERE id = ? AND owner = ?",
        (canonical_json(figures), tx.now_us, watch, tx.owner),
    )


def note_taken(tx: Transaction, watch: int, files: int, size_bytes: int, last: bytes) -> bool:
    """Count what a new transfer of it is about; False when it is another process's by now."""
    cursor = tx.execute(
        "UPDATE watch_folders SET files_taken = files_taken + ?, bytes_taken = bytes_taken + ?,"
        " last_file = ?, last_taken_us = ? WHERE id = ? AND owner = ?",
        (files, size_bytes, last, tx.now_us, watch, tx.owner),
    )
    return cursor.rowcount == 1


def _update(tx: Transaction, watch: int, changes: str, *values: object) -> None:
    cursor = tx.execute(
        f"UPDATE watch_folders SET {changes} WHERE id = ? AND is_removed = 0", (*values, watch)
    )
    if not cursor.rowcount:
        raise NoSuchWatchFolder(watch=watch)


# --- reading -----------------------------------------------------------------------------


def watch_folders(database: SqliteDatabase) -> list[WatchRecord]:
    """All of them, oldest first."""
    rows = fetch(database, f"SELECT {_COLUMNS} FROM watch_folders WHERE is_removed = 0 ORDER BY id")
    return [_record(row) for row in rows]


def watch_folder(database: SqliteDatabase, watch: int) -> WatchRecord:
    """One of them. Raises NoSuchWatchFolder."""
    rows = fetch(
        database,
        f"SELECT {_COLUMNS} FROM watch_folders WHERE is_removed = 0 AND id = ?",
        (watch,),
    )
    if not rows:
        raise NoSuchWatchFolder(watch=watch)
    return _record(rows[0])


def path_of(database: SqliteDatabase, watch: int) -> bytes:
    """Where it is, or was before it was removed."""
    rows = fetch(database, "SELECT path FROM watch_folders WHERE id = ?", (watch,))
    return bytes(rows[0][0]) if rows else b""


def owner_text(database: SqliteDatabase, owner: int) -> str:
    """Which process that is, for people; empty when it is not there any more."""
    rows = fetch(database, "SELECT pid, host FROM owners WHERE id = ?", (owner,))
    return f"process {rows[0][0]} on {rows[0][1]}" if rows else ""


def _record(row: tuple[Any, ...]) -> WatchRecord:
    values = list(row)
    values[5] = rules_from(row[5])
    values[7] = bool(row[7])
    values[11] = json.loads(row[11])
    return WatchRecord(*values)


# --- rules -------------------------------------------------------------------------------


def rules_text(rules: WatchRules) -> str:
    """Rules as their column holds them."""
    texts = [to_text(one) for one in rules.destinations]
    return canonical_json(
        {
            "destinations": [[one.text, one.form] for one in texts],
            "is_once": rules.is_once,
            "max_cycles": rules.max_cycles,
            "max_failures": rules.max_failures,
            "max_runtime_ms": round(rules.max_runtime_s * 1000),
            "mode": rules.mode.value,
            "options": options_text(rules.options),
            "quiet_ms": round(rules.quiet_h * 3_600_000),
            "sentinel": rules.sentinel,
            "settle_ms": round(rules.settle_s * 1000),
            "temporary": list(rules.temporary),
            "unit": rules.unit.value,
            "volumes": list(rules.volumes),
        }
    )


@lru_cache(maxsize=256)
def rules_from(text: str) -> WatchRules:
    """Rules out of their column; remembered, since they are asked for every second."""
    stored = json.loads(text)
    return WatchRules(
        destinations=tuple(to_bytes(words, form) for words, form in stored["destinations"]),
        mode=Mode(stored["mode"]),
        options=options_from(stored["options"]),
        settle_s=stored["settle_ms"] / 1000,
        unit=Unit(stored["unit"]),
        sentinel=stored["sentinel"],
        temporary=tuple(stored["temporary"]),
        is_once=bool(stored["is_once"]),
        max_cycles=stored["max_cycles"],
        max_failures=stored["max_failures"],
        max_runtime_s=stored["max_runtime_ms"] / 1000,
        quiet_h=stored["quiet_ms"] / 3_600_000,
        volumes=tuple(stored["volumes"]),
    )
