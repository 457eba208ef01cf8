"""Signed heads: ends of the chain that were signed, and cannot be cut off unnoticed."""

# ruff: noqa: S608 - what is put into SQL by name is our own, see `sql`

from __future__ import annotations

from collections.abc import Sequence

from peewee import SqliteDatabase

from ketter_gui.domain.chain import Head
from ketter_gui.store.records import SignedHead
from ketter_gui.store.sql import fetch
from ketter_gui.store.transaction import Transaction


def record_signed(tx: Transaction, heads: Sequence[SignedHead]) -> None:
    """Keep these signatures. Signing one head twice with one key keeps the first."""
    tx.executemany(
        "INSERT INTO heads (sequence, entry_hash, signature, key_id, signed_us)"
        " VALUES (?,?,?,?,?) ON CONFLICT (sequence, key_id) DO NOTHING",
        [
            (one.head.sequence, one.head.entry_hash, one.signature, one.key_id, one.signed_us)
            for one in heads
        ],
    )


def last_signed(database: SqliteDatabase, chain_id: str) -> SignedHead | None:
    """The signed head that reaches furthest; None when nothing was signed yet."""
    found = _select(database, chain_id, "ORDER BY sequence DESC, signed_us DESC LIMIT 1", ())
    return found[0] if found else None


def signed_heads(
    database: SqliteDatabase, chain_id: str, *, after_sequence: int = 0
) -> list[SignedHead]:
    """All signed heads after an entry, in the chain's order.

    A list: one for each transfer and key, 200 bytes each.
    """
    return _select(
        database, chain_id, "WHERE sequence > ? ORDER BY sequence, signed_us", (after_sequence,)
    )


def _select(
    database: SqliteDatabase, chain_id: str, rest: str, values: Sequence[int]
) -> list[SignedHead]:
    rows = fetch(
        database,
        f"SELECT sequence, entry_hash, signature, key_id, signed_us FROM heads {rest}",
        values,
    )
    return [SignedHead(Head(chain_id, row[0], row[1]), row[2], row[3], row[4]) for row in rows]
