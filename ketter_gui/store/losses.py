"""What destinations could not keep, copy by copy: counted for good, whatever comes between.

A transfer is told once what was lost, at its end; what one run found out must not be
forgotten when another one goes on.
"""

from __future__ import annotations

from collections.abc import Sequence

from peewee import SqliteDatabase

from ketter_gui.domain.errors import LinkSkipped
from ketter_gui.domain.items import Loss
from ketter_gui.domain.status import CopyStatus
from ketter_gui.store.columns import clean
from ketter_gui.store.copies import change
from ketter_gui.store.records import LeftOutRow, LossCount, LossRow
from ketter_gui.store.sql import fetch
from ketter_gui.store.transaction import Transaction


def record_left_out(tx: Transaction, rows: Sequence[LeftOutRow]) -> None:
    """Copies that their destination cannot hold: skipped, without a proof."""
    change(
        tx,
        CopyStatus.SKIPPED,
        "error_type = ?, message = ?",
        [(row.error_type, clean(row.message), row.item, row.destination) for row in rows],
    )


def record_losses(tx: Transaction, rows: Sequence[LossRow]) -> None:
    """What destinations could not keep of these copies, beside what was known."""
    tx.executemany(
        "UPDATE copies SET lost = lost | ? WHERE item = ? AND destination = ?",
        [(int(row.loss), row.item, row.destination) for row in rows],
    )


def skipped_links(database: SqliteDatabase, transfer: int) -> int:
    """How many symlinks were left out because a person asked for that. They are no items:
    the audit alone names them, twice where a scan was begun again."""
    rows = fetch(
        database,
        "SELECT count(DISTINCT item_path) FROM audit WHERE transfer_id = ? AND error_type = ?",
        (str(transfer), LinkSkipped.__name__),
    )
    return int(rows[0][0])


def losses(database: SqliteDatabase, transfer: int) -> list[LossCount]:
    """What the copies that are there have lost, and how often."""
    rows = fetch(
        database,
        "SELECT destination, lost, count(*) FROM items JOIN copies ON copies.item = items.id"
        " WHERE transfer = ? AND lost <> 0 AND status IN ('verified','skipped','renamed')"
        " GROUP BY destination, lost ORDER BY destination, lost",
        (transfer,),
    )
    return [LossCount(row[0], Loss(row[1]), row[2]) for row in rows]
