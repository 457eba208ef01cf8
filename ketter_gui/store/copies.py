"""Copies: the units that have a status, changed in bulk and by the table only.

Every UPDATE names the statuses from which the new one may be reached; when it changes
fewer rows than it was given, the whole transaction is undone and IllegalChange tells
which copy it was.
"""

# ruff: noqa: S608 - what is put into SQL by name is our own, see `sql`

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

from peewee import SqliteDatabase

from ketter_gui.domain.errors import IllegalChange
from ketter_gui.domain.items import Identity, ReadBack
from ketter_gui.domain.status import CopyStatus, sources_of_copy_change
from ketter_gui.store.columns import checksums_from, checksums_text, clean, signed, unsigned
from ketter_gui.store.records import (
    CopyRecord,
    Count,
    EndedRow,
    FinishedRow,
    ProvenRow,
    RenameRow,
    SkippedRow,
)
from ketter_gui.store.sql import fetch, marks
from ketter_gui.store.transaction import Transaction

_COLUMNS: Final = (
    "item, destination, status, inode, part_size, part_mtime_ns, final_path, checksums,"
    " read_back, proven_us, error_type, message, proof"
)
_PENDING: Final = CopyStatus.PENDING.value
_STATUSES: Final = {status.value: status for status in CopyStatus}
_READ_BACKS: Final = {"": None, **{one.value: one for one in ReadBack}}
VARIABLES: Final = 900
"""Values in one statement: older SQLite takes 999."""


# --- writing -----------------------------------------------------------------------------


def mark_copying(tx: Transaction, copies: Sequence[tuple[int, int]]) -> None:
    """These (item, destination) will have part files from now on."""
    change(
        tx,
        CopyStatus.COPYING,
        "inode = NULL, part_size = NULL, part_mtime_ns = NULL, final_path = NULL,"
        " error_type = '', message = ''",
        copies,
    )


def record_to_be_renamed(tx: Transaction, rows: Sequence[RenameRow]) -> None:
    """These will be renamed as soon as this is durable: whoever finds them `copying` with a
    final path after a crash looks for them in both places."""
    change(
        tx,
        CopyStatus.COPYING,
        "final_path = ?, inode = ?, part_size = ?, part_mtime_ns = ?,"
        " error_type = '', message = ''",
        [
            (row.final_path, *_identity_columns(row.identity), row.item, row.destination)
            for row in rows
        ],
    )


def mark_verifying(tx: Transaction, copies: Sequence[tuple[int, int]]) -> None:
    """These (item, destination) are being read back."""
    change(tx, CopyStatus.VERIFYING, "", copies)


def reset_copies(tx: Transaction, copies: Sequence[tuple[int, int]]) -> None:
    """These (item, destination) begin again: what was begun or proven is not there."""
    change(
        tx,
        CopyStatus.PENDING,
        "inode = NULL, part_size = NULL, part_mtime_ns = NULL, final_path = NULL,"
        " read_back = '', checksums = '', proven_us = 0, ctime_ns = NULL, proof = NULL, lost = 0,"
        " error_type = '', message = ''",
        copies,
    )


def record_proven(tx: Transaction, rows: Sequence[ProvenRow]) -> None:
    """Parts that were read back and are equal, and how they are known after a crash."""
    change(
        tx,
        CopyStatus.PROVEN,
        "inode = ?, part_size = ?, part_mtime_ns = ?, checksums = ?, read_back = ?, proven_us = ?",
        [
            (
                *_identity_columns(row.identity),
                checksums_text(row.checksums),
                _read_back_text(row.read_back),
                row.proven_us or tx.now_us,
                row.item,
                row.destination,
            )
            for row in rows
        ],
    )


def record_verified(tx: Transaction, rows: Sequence[FinishedRow]) -> None:
    """Copies that have their final name: verified, renamed or copied (each row says it)."""
    for (status, is_named_only), group in groupby(rows, key=_finish):
        if is_named_only:
            changes = "final_path = ?, ctime_ns = ?, error_type = '', message = ''"
            rows_now = [(row.final_path, row.ctime_ns, *row[:2]) for row in group]
            change(tx, status, changes, rows_now)
            continue
        change(
            tx,
            status,
            "final_path = ?, inode = coalesce(?, inode), part_size = coalesce(?, part_size),"
            " part_mtime_ns = coalesce(?, part_mtime_ns),"
            " checksums = coalesce(?, checksums), read_back = coalesce(?, read_back),"
            " ctime_ns = ?, error_type = '', message = ''",
            [(*_finished(row), row.ctime_ns, row.item, row.destination) for row in group],
        )


def record_verified_anew(tx: Transaction, rows: Sequence[FinishedRow]) -> None:
    """Copies that were verified already, and are so in another file now.

    Raises IllegalChange for one that was not: its status is not what changes here.
    """
    changed = tx.executemany(
        "UPDATE copies SET final_path = ?, inode = ?, part_size = ?, part_mtime_ns = ?,"
        " checksums = ?, read_back = ?, proven_us = ?"
        " WHERE item = ? AND destination = ? AND status = 'verified'",
        [
            (
                row.final_path,
                *_identity_columns(row.identity),
                checksums_text(row.checksums),
                _read_back_text(row.read_back),
                tx.now_us,
                row.item,
                row.destination,
            )
            for row in rows
        ],
    )
    if changed != len(rows):
        raise IllegalChange(subject="a copy", old="unproven", new="verified anew")


def record_skipped(tx: Transaction, rows: Sequence[SkippedRow]) -> None:
    """Copies that the destination already had: read and equal, or proven before."""
    change(
        tx,
        CopyStatus.SKIPPED,
        "final_path = ?, inode = ?, part_size = ?, part_mtime_ns = ?, checksums = ?,"
        " read_back = ?, proven_us = ?, ctime_ns = ?, proof = ?, error_type = '', message = ''",
        [
            (
                row.final_path,
                *_identity_columns(row.identity),
                checksums_text(row.checksums),
                _read_back_text(row.read_back),
                row.proven_us or tx.now_us,
                row.ctime_ns,
                row.proof,
                row.item,
                row.destination,
            )
            for row in rows
        ],
    )


def record_failed(tx: Transaction, rows: Sequence[EndedRow]) -> None:
    """Copies that failed or were cancelled (each row says which), and why."""
    for status, group in groupby(rows, key=attrgetter("status")):
        change(
            tx,
            status,
            "error_type = ?, message = ?",
            [(row.error_type, clean(row.message), row.item, row.destination) for row in group],
        )


def cancel_copies(tx: Transaction, transfer: int) -> None:
    """What is not finished of a transfer is cancelled with it; proven copies too, since
    they have no name.
    """
    olds = sources_of_copy_change(CopyStatus.CANCELLED)
    tx.execute(
        f"UPDATE copies SET status = 'cancelled' WHERE status IN ({_quoted(olds)})"
        " AND item IN (SELECT id FROM items WHERE transfer = ?)",
        (transfer,),
    )


def change(
    tx: Transaction,
    new: CopyStatus,
    columns: str,
    rows: Sequence[tuple[Any, ...]],
) -> None:
    """Set `new` and these columns, from the statuses that the table allows. A row is the
    columns' values, then item and destination. Raises IllegalChange."""
    olds = sources_of_copy_change(new)
    changed = tx.update(
        "copies",
        f"status = '{new.value}'{',' if columns else ''} {columns}",
        f"copies.item = ? AND copies.destination = ? AND copies.status IN ({_quoted(olds)})",
        rows,
    )
    if changed != len(rows):
        raise _illegal(tx, new, [(row[-2], row[-1]) for row in rows])


def _illegal(tx: Transaction, new: CopyStatus, keys: Iterable[tuple[int, int]]) -> IllegalChange:
    """Which of them it was: a changed one has `new` by now, and a second change of one
    in the same batch cannot be told apart and is named by its item alone.
    """
    for item, destination in keys:
        row = tx.execute(
            "SELECT status FROM copies WHERE item = ? AND destination = ?", (item, destination)
        ).fetchone()
        old = row[0] if row else "nothing"
        if old != new.value:
            subject = f"copy {destination} of item {item}"
            return IllegalChange(subject=subject, old=old, new=new.value)
    return IllegalChange(subject="a copy", old=new.value, new=new.value)


def _quoted(statuses: Iterable[CopyStatus]) -> str:
    return ",".join(f"'{status.value}'" for status in statuses)


def _finish(row: FinishedRow) -> tuple[CopyStatus, bool]:
    """What becomes of it, and whether all else stays as it was proven."""
    return row.status, row.identity is None and not row.checksums and row.read_back is None


def _finished(row: FinishedRow) -> tuple[object, ...]:
    return (
        row.final_path,
        *_identity_columns(row.identity),
        checksums_text(row.checksums) or None,
        _read_back_text(row.read_back) or None,
    )


def _identity_columns(identity: Identity | None) -> tuple[int | None, int | None, int | None]:
    if identity is None:
        return None, None, None
    return signed(identity.inode), identity.size_bytes, identity.mtime_ns


def _read_back_text(read_back: ReadBack | None) -> str:
    return str(read_back) if read_back is not None else ""


# --- reading -----------------------------------------------------------------------------


def copies_of(database: SqliteDatabase, items: Sequence[int]) -> list[CopyRecord]:
    """All copies of these items, by item and destination."""
    found: list[CopyRecord] = []
    for start in range(0, len(items), VARIABLES):
        some = items[start : start + VARIABLES]
        marks = ",".join("?" * len(some))
        rows = fetch(
            database,
            f"SELECT {_COLUMNS} FROM copies WHERE item IN ({marks}) ORDER BY item, destination",
            some,
        )
        found.extend(map(_record, rows))
    return found


def counts(
    database: SqliteDatabase,
    transfer: int,
    *,
    files_only: bool = True,
    but_sources: Collection[int] = (),
) -> list[Count]:
    """How many copies of a transfer are in each status, by destination, with their bytes;
    `but_sources` are left out, by their index.

    Without GROUP BY, for which all copies would be sorted: 40 bytes of memory for each, and
    twice the time.
    """
    statuses = sorted(CopyStatus)
    figures = ",".join(
        f"count(*) FILTER (WHERE status = '{one}'), sum(size_bytes) FILTER (WHERE status = '{one}')"
        for one in statuses
    )
    files = " AND kind = 'file'" if files_only else ""
    found = []
    for (number,) in fetch(
        database, "SELECT idx FROM destinations WHERE transfer = ? ORDER BY idx", (transfer,)
    ):
        (row,) = fetch(
            database,
            f"SELECT {figures} FROM items JOIN copies ON copies.item = items.id"
            f" WHERE transfer = ? AND destination = ?{files}"
            f" AND source NOT IN ({marks(but_sources)})",
            (transfer, number, *but_sources),
        )
        found += [
            Count(number, status, copies, size_bytes)
            for status, copies, size_bytes in zip(statuses, row[::2], row[1::2], strict=True)
            if copies
        ]
    return found


def _record(row: Sequence[Any]) -> CopyRecord:
    if row[2] == _PENDING and row[3] is None and not row[6]:
        # Nothing else is known of it: mostly so, when work begins. A rename that was not
        # confirmed keeps its identity and its name, though.
        return CopyRecord(row[0], row[1], CopyStatus.PENDING)
    item, destination, status, inode, part_size, part_mtime_ns, final_path, checksums, *rest = row
    read_back, proven_us, error_type, message, proof = rest
    return CopyRecord(
        item,
        destination,
        _STATUSES[status],
        None if inode is None else Identity(unsigned(inode), part_size, part_mtime_ns),
        final_path or b"",
        checksums_from(checksums),
        _READ_BACKS[read_back],
        proven_us,
        error_type,
        message,
        proof,
    )
