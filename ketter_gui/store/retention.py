"""What leaves the ledger when its time is over, a bounded batch at a time.

Two things leave: the beginning of the audit, up to a signed checkpoint, and ended
transfers with all their items. What stays, whatever its age: a transfer that is not over,
its claims and all entries from its first one on; an old transfer that a newer entry
speaks of (it was verified again), though not its old entries. What a watch folder has
taken lies in no table that points to a transfer, and is not asked here.

A checkpoint is written first, in one transaction with the entry that tells of it. Each
batch after that may be the last one: the next start goes on, see `leftovers`.
"""

# ruff: noqa: S608 - what is put into SQL by name is our own, see `sql`

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from peewee import SqliteDatabase

from ketter_gui.domain.chain import Head
from ketter_gui.domain.times import utc_text
from ketter_gui.store.sql import fetch
from ketter_gui.store.transaction import Transaction

ENTRIES_TOGETHER: Final = 1000
ITEMS_TOGETHER: Final = 500
"""What one transaction removes at the most, so that a running transfer waits some 20 ms."""

_ENDED: Final = "status IN ('completed','failed','cancelled') AND finished_us > 0"
_DOOMED: Final = (
    f"{_ENDED} AND finished_us < ? AND NOT EXISTS (SELECT 1 FROM audit"
    " WHERE audit.transfer_id = CAST(transfers.id AS TEXT) AND audit.sequence > ?)"
)


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """The last entry that was pruned, signed; `before_us` is what the pruning asked for."""

    head: Head
    before_us: int
    signature: str
    key_id: str
    signed_us: int


def checkpoints(database: SqliteDatabase, chain_id: str) -> list[SignedCheckpoint]:
    """Every checkpoint, oldest first: one for each pruning."""
    rows = fetch(
        database,
        "SELECT sequence, entry_hash, before_us, signature, key_id, signed_us FROM checkpoints"
        " ORDER BY sequence",
    )
    return [SignedCheckpoint(Head(chain_id, row[0], row[1]), *row[2:]) for row in rows]


def cut(database: SqliteDatabase, chain_id: str, before_us: int) -> tuple[Head | None, int]:
    """The last entry that may go, None for none; and the transfer that keeps the next one.

    It is older than `before_us`, as is everything before it, and no transfer that is not
    over, or was not yet over then, has an entry up to it.
    """
    young = fetch(
        database,
        "SELECT sequence FROM audit WHERE time_utc >= ? ORDER BY sequence LIMIT 1",
        (utc_text(before_us),),
    )
    end = int(young[0][0]) - 1 if young else _last(database)
    kept = fetch(
        database,
        "SELECT first, id FROM (SELECT id, (SELECT min(sequence) FROM audit"
        " WHERE transfer_id = CAST(transfers.id AS TEXT)) AS first FROM transfers"
        f" WHERE NOT ({_ENDED} AND finished_us < ?)) WHERE first <= ? ORDER BY first LIMIT 1",
        (before_us, end),
    )
    if kept:
        end = int(kept[0][0]) - 1
    found = fetch(database, "SELECT sequence, entry_hash FROM audit WHERE sequence = ?", (end,))
    head = Head(chain_id, int(found[0][0]), found[0][1]) if found else None
    return head, int(kept[0][1]) if kept else 0


def _last(database: SqliteDatabase) -> int:
    return int(fetch(database, "SELECT coalesce(max(sequence), 0) FROM audit")[0][0])


def doomed_count(database: SqliteDatabase, before_us: int, sequence: int) -> int:
    """How many transfers go with the entries up to one."""
    found = fetch(
        database, f"SELECT count(*) FROM transfers WHERE {_DOOMED}", (before_us, sequence)
    )
    return int(found[0][0])


def is_doomed(database: SqliteDatabase, one: SignedCheckpoint, transfer: int) -> bool:
    """Whether a transfer goes with what a checkpoint signed for, or is half gone."""
    query = f"SELECT 1 FROM transfers WHERE id = ? AND {_DOOMED}"
    return bool(fetch(database, query, (transfer, one.before_us, one.head.sequence)))


def add_checkpoint(tx: Transaction, one: SignedCheckpoint) -> None:
    """Keep a checkpoint. Its entries may go from now on."""
    tx.execute(
        "INSERT INTO checkpoints (sequence, entry_hash, before_us, signature, key_id, signed_us)"
        " VALUES (?,?,?,?,?,?)",
        (
            one.head.sequence,
            one.head.entry_hash,
            one.before_us,
            one.signature,
            one.key_id,
            one.signed_us,
        ),
    )


def leftovers(database: SqliteDatabase, one: SignedCheckpoint) -> bool:
    """Whether something that a checkpoint signed for is still there."""
    first = fetch(database, "SELECT sequence FROM audit ORDER BY sequence LIMIT 1")
    if first and first[0][0] <= one.head.sequence:
        return True
    return doomed_count(database, one.before_us, one.head.sequence) > 0


def remove_entries(tx: Transaction, up_to: int) -> int:
    """Remove the next entries, the oldest first, and what was signed of them; returns how
    many there were."""
    gone = tx.execute(
        "DELETE FROM audit WHERE sequence IN (SELECT sequence FROM audit WHERE sequence <= ?"
        " ORDER BY sequence LIMIT ?)",
        (up_to, ENTRIES_TOGETHER),
    ).rowcount
    tx.execute(
        "DELETE FROM heads WHERE sequence < ? AND sequence < (SELECT min(sequence) FROM audit)",
        (up_to,),
    )
    return gone


def remove_transfers(tx: Transaction, before_us: int, sequence: int) -> int | None:
    """Remove some items of the next transfer that goes, and the transfer with its last ones.

    Returns how many transfers went, None when there is none left. One that failed cannot
    be resumed any more from the first batch on: half its items would be missing.
    """
    found = tx.execute(
        f"SELECT id FROM transfers WHERE {_DOOMED} ORDER BY id LIMIT 1", (before_us, sequence)
    ).fetchone()
    if found is None:
        return None
    (transfer,) = found
    tx.execute(
        "UPDATE transfers SET status = 'cancelled' WHERE id = ? AND status = 'failed'", (transfer,)
    )
    gone = tx.execute(
        "DELETE FROM items WHERE id IN (SELECT id FROM items WHERE transfer = ? LIMIT ?)",
        (transfer, ITEMS_TOGETHER),
    ).rowcount
    if gone == ITEMS_TOGETHER:
        return 0
    tx.execute("DELETE FROM transfers WHERE id = ?", (transfer,))
    return 1


def pruned_us(database: SqliteDatabase) -> int:
    """When retention last looked at all; 0 for never."""
    return int(fetch(database, "SELECT pruned_us FROM ledger")[0][0])


def set_pruned(tx: Transaction) -> None:
    """Retention has looked."""
    tx.execute("UPDATE ledger SET pruned_us = ?", (tx.now_us,))
