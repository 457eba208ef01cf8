"""The settings of this ledger: names and texts, see `domain.settings`."""

from __future__ import annotations

from peewee import SqliteDatabase

from ketter_gui.store.sql import fetch
from ketter_gui.store.transaction import Transaction


def settings(database: SqliteDatabase) -> dict[str, str]:
    """Every setting that was ever set here."""
    return dict(fetch(database, "SELECT name, value FROM settings"))


def set_setting(tx: Transaction, name: str, value: str) -> str | None:
    """Keep a setting; returns the text that it had, None when it had none."""
    before = tx.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
    tx.execute(
        "INSERT INTO settings (name, value) VALUES (?,?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )
    return None if before is None else str(before[0])
