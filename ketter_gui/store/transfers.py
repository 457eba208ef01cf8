"""Transfers: created with their claims in one transaction, changed by the table only."""

# ruff: noqa: S608 - what is put into SQL by name is our own, see `sql`

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from peewee import SqliteDatabase, fn

from ketter_gui.domain.errors import NoSuchTransfer, TransferNotResumable
from ketter_gui.domain.items import Destination, Place, Source
from ketter_gui.domain.options import Mode
from ketter_gui.domain.status import LIVE, TransferStatus, check_transfer_change
from ketter_gui.store import models
from ketter_gui.store.claims import release_claims, take_claims
from ketter_gui.store.columns import clean, options_from, options_text
from ketter_gui.store.items import UNLISTED
from ketter_gui.store.places import add_places, destinations_of, sources_of
from ketter_gui.store.records import (
    DestinationProgress,
    NewTransfer,
    Progress,
    TransferRecord,
    Wish,
)
from ketter_gui.store.sql import fetch, marks
from ketter_gui.store.transaction import Transaction

_ENDED = frozenset({TransferStatus.COMPLETED, TransferStatus.FAILED, TransferStatus.CANCELLED})
_BEGUN = frozenset({TransferStatus.PREPARING, TransferStatus.RUNNING})
_RESUMABLE = frozenset({TransferStatus.INTERRUPTED, TransferStatus.FAILED})


# --- writing -----------------------------------------------------------------------------


def create_transfer(tx: Transaction, new: NewTransfer) -> int:
    """Write down a transfer with this process as owner, and claim its sources.

    Raises ClaimHeld when another transfer holds one of them, or a parent or child of it.
    """
    transfer: int = models.Transfer.insert(
        token=new.token,
        name=clean(new.name),
        mode=new.mode.value,
        status=TransferStatus.PENDING.value,
        options=options_text(new.options),
        created_us=tx.now_us,
        owner=tx.owner,
        watch=new.watch,
    ).execute(tx.database)
    add_places(tx, transfer, new.sources, new.destinations)
    take_claims(tx, transfer, new.mode, new.sources, new.inside)
    return transfer


def set_status(
    tx: Transaction, transfer: int, new: TransferStatus, *, message: str = ""
) -> TransferStatus:
    """Change a transfer's status by the table; returns the one it had.

    `preparing` and `running` set the time it started, an end (completed, failed,
    cancelled) the time it finished; an end also releases claims and owner. Raises
    IllegalChange, NoSuchTransfer.
    """
    old = status(tx, transfer)
    check_transfer_change(transfer, old, new)
    columns: dict[str, object] = {"status": new.value, "message": clean(message)}
    if new in _BEGUN:
        columns["started_us"] = _first_time(tx, transfer)
    if new in _ENDED:
        columns |= {"finished_us": tx.now_us, "owner": None, "wish": "", "waits_for": None}
        columns["bytes_per_second"] = 0
        release_claims(tx, transfer)
    if new is TransferStatus.INTERRUPTED:
        columns |= {"owner": None, "wish": "", "waits_for": None, "bytes_per_second": 0}
    _update(tx, transfer, columns)
    return old


def take_over(tx: Transaction, transfer: int, inside: Sequence[tuple[bytes, Place]] = ()) -> None:
    """Make this process the owner of a transfer that was interrupted or failed. `inside` is
    what is mounted inside its sources by now.

    It becomes `pending`, its copies stay as they are. Raises TransferNotResumable when
    it is at work or over, ClaimHeld when its sources were claimed by another meanwhile.
    """
    old = status(tx, transfer)
    if old not in _RESUMABLE:
        raise TransferNotResumable(transfer=transfer, status=old.value)
    mode = Mode(_one(tx, transfer, "mode"))
    take_claims(tx, transfer, mode, sources_of(tx.database, [transfer])[transfer], inside)
    set_status(tx, transfer, TransferStatus.PENDING)
    _update(tx, transfer, {"owner": tx.owner, "wish": "", "finished_us": 0, "is_hidden": False})


def reset_for_resume(
    tx: Transaction, transfer: int, inside: Sequence[tuple[bytes, Place]] = ()
) -> None:
    """`take_over`, and copies that failed begin again.

    What was proven stays proven; what is verified or skipped is done. What was begun
    stays so until its part is removed. A folder that could not be listed stays failed
    until it is: what is in it is not known.
    """
    take_over(tx, transfer, inside)
    tx.execute(
        "UPDATE copies SET status = 'pending', error_type = '', message = ''"
        f" WHERE status = 'failed' AND error_type <> '{UNLISTED}'"
        " AND item IN (SELECT id FROM items WHERE transfer = ?)",
        (transfer,),
    )


def set_totals(tx: Transaction, transfer: int, files_total: int, bytes_total: int) -> None:
    """The scan is complete: how many files there are, and how many bytes, once each."""
    _update(
        tx,
        transfer,
        {"files_total": files_total, "bytes_total": bytes_total, "is_scanned": True},
    )


def set_progress(tx: Transaction, transfer: int, progress: Progress) -> None:
    """The one row a second that tells other processes how far a transfer is."""
    _update(
        tx,
        transfer,
        {
            "bytes_copied": progress.bytes_copied,
            "bytes_verified": progress.bytes_verified,
            "files_verified": progress.files_verified,
            "files_failed": progress.files_failed,
            "files_skipped": progress.files_skipped,
            "bytes_per_second": progress.bytes_per_second,
            "special_skipped": progress.special_skipped,
            "copies_from_cache": progress.copies_from_cache,
            "originals_removed": progress.originals_removed,
            "files_renamed": progress.files_renamed,
            "bytes_renamed": progress.bytes_renamed,
        },
    )
    tx.executemany(
        "UPDATE destinations SET files_verified = ?, files_failed = ?, bytes_verified = ?"
        " WHERE transfer = ? AND idx = ?",
        [
            (one.files_verified, one.files_failed, one.bytes_verified, transfer, index)
            for index, one in enumerate(progress.destinations)
        ],
    )


def set_wish(tx: Transaction, transfer: int, wish: Wish) -> None:
    """Ask a transfer's owner for something, or clear what was asked.

    Raises NoSuchTransfer. A transfer without owner keeps no wish: change it yourself.
    """
    if wish is not Wish.NONE and _one(tx, transfer, "owner") is None:
        wish = Wish.NONE
    _update(tx, transfer, {"wish": wish.value})


def forget_wish(tx: Transaction, transfer: int, wish: Wish) -> None:
    """Clear this wish; another that came meanwhile stays."""
    tx.execute("UPDATE transfers SET wish = '' WHERE id = ? AND wish = ?", (transfer, wish.value))


def set_message(tx: Transaction, transfer: int, message: str) -> None:
    """The sentence that people see beside the transfer's status."""
    _update(tx, transfer, {"message": clean(message)})


def set_waits_for(tx: Transaction, transfer: int, other: int | None) -> None:
    """The transfer whose lanes this one waits for."""
    _update(tx, transfer, {"waits_for": other})


def set_doubted(tx: Transaction, transfer: int, copies: int, *, is_all: bool) -> None:
    """How many verified copies are not what they were, as a check found that read them
    again: all of them, or as far as it came."""
    doubted = models.Transfer.copies_doubted
    _update(tx, transfer, {"copies_doubted": copies if is_all else fn.MAX(doubted, copies)})


def doubted(database: SqliteDatabase) -> dict[int, int]:
    """The transfers with copies that are not what was verified, and how many. Cheap."""
    rows = fetch(database, "SELECT id, copies_doubted FROM transfers WHERE copies_doubted > 0")
    return dict(rows)


def _update(tx: Transaction, transfer: int, columns: dict[str, object]) -> None:
    changed = (
        models.Transfer.update(columns).where(models.Transfer.id == transfer).execute(tx.database)
    )
    if not changed:
        raise NoSuchTransfer(transfer=transfer)


def _one(tx: Transaction, transfer: int, column: str) -> Any:
    row = tx.execute(f"SELECT {column} FROM transfers WHERE id = ?", (transfer,)).fetchone()
    if row is None:
        raise NoSuchTransfer(transfer=transfer)
    return row[0]


def status(tx: Transaction, transfer: int) -> TransferStatus:
    """What a transfer is at this moment. Raises NoSuchTransfer."""
    return TransferStatus(_one(tx, transfer, "status"))


def _first_time(tx: Transaction, transfer: int) -> int:
    started: int = _one(tx, transfer, "started_us")
    return started or tx.now_us


# --- reading -----------------------------------------------------------------------------


def transfer(database: SqliteDatabase, number: int) -> TransferRecord:
    """One transfer. Raises NoSuchTransfer."""
    found = records(database, "WHERE id = ?", (number,))
    if not found:
        raise NoSuchTransfer(transfer=number)
    return found[0]


def live_transfers(database: SqliteDatabase) -> list[TransferRecord]:
    """Transfers that belong to a living process, in the order of their creation."""
    return records(database, f"WHERE status IN ({marks(LIVE)}) ORDER BY id", sorted(LIVE))


def wishes(database: SqliteDatabase, owner: int) -> dict[int, Wish]:
    """What other processes ask of this owner, by transfer."""
    rows = fetch(
        database, "SELECT id, wish FROM transfers WHERE owner = ? AND wish <> ''", (owner,)
    )
    return {number: Wish(wish) for number, wish in rows}


def records(database: SqliteDatabase, rest: str, values: Sequence[object]) -> list[TransferRecord]:
    """The transfers of a query's `rest`."""
    names = [field.column_name for field in models.Transfer._meta.sorted_fields]
    rows = fetch(database, f"SELECT {','.join(names)} FROM transfers {rest}", values)
    numbers = [row[0] for row in rows]
    all_sources = sources_of(database, numbers)
    all_destinations = destinations_of(database, numbers)
    return [
        _record(dict(zip(names, row, strict=True)), all_sources[row[0]], all_destinations[row[0]])
        for row in rows
    ]


def _record(
    row: dict[str, Any],
    its_sources: list[Source],
    its_destinations: list[tuple[Destination, DestinationProgress]],
) -> TransferRecord:
    progress = Progress(
        bytes_copied=row["bytes_copied"],
        bytes_verified=row["bytes_verified"],
        files_verified=row["files_verified"],
        files_failed=row["files_failed"],
        files_skipped=row["files_skipped"],
        bytes_per_second=row["bytes_per_second"],
        special_skipped=row["special_skipped"],
        copies_from_cache=row["copies_from_cache"],
        originals_removed=row["originals_removed"],
        files_renamed=row["files_renamed"],
        bytes_renamed=row["bytes_renamed"],
        destinations=tuple(figures for _, figures in its_destinations),
    )
    return TransferRecord(
        id=row["id"],
        token=row["token"],
        name=row["name"],
        mode=Mode(row["mode"]),
        status=TransferStatus(row["status"]),
        options=options_from(row["options"]),
        created_us=row["created_us"],
        started_us=row["started_us"],
        finished_us=row["finished_us"],
        owner=row["owner"],
        wish=Wish(row["wish"]),
        files_total=row["files_total"],
        bytes_total=row["bytes_total"],
        is_scanned=bool(row["is_scanned"]),
        copies_doubted=row["copies_doubted"],
        progress=progress,
        message=row["message"],
        waits_for=row["waits_for"],
        is_hidden=bool(row["is_hidden"]),
        watch=row["watch"],
        sources=tuple(its_sources),
        destinations=tuple(one for one, _ in its_destinations),
    )
