"""Owners: which processes live, and what becomes of a dead one's transfers.

Each process holds an OS lock on a file of its own in `DATA/owners/`. The lock dies with
the process, however it dies; a lock that can be taken means a dead owner. The file is
locked before its name is in the ledger, and no name is used twice.
"""

# ruff: noqa: S608 - what is put into SQL by name is our own, see `sql`

from __future__ import annotations

import getpass
import os
import platform
import uuid
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from peewee import SqliteDatabase

from ketter_gui import __version__
from ketter_gui.domain.chain import canonical_json
from ketter_gui.domain.events import AuditDraft, AuditEvent
from ketter_gui.domain.status import LIVE, TransferStatus
from ketter_gui.domain.times import utc_text
from ketter_gui.store import models
from ketter_gui.store.columns import clean, now_us
from ketter_gui.store.sql import immediate
from ketter_gui.store.transaction import Transaction
from ketter_gui.store.transfers import set_status
from ketter_gui.system.locks import is_free

OWNERS = "owners"


def new_lock(data_dir: Path) -> Path:
    """A lock file's path that nobody uses yet; makes its folder (0700)."""
    folder = data_dir / OWNERS
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / f"{uuid.uuid4().hex}.lock"


def register(database: SqliteDatabase, lock_path: Path) -> int:
    """Write down that this process lives; it holds `lock_path` already."""
    with immediate(database):
        owner: int = models.Owner.insert(
            lock_name=lock_path.name,
            pid=os.getpid(),
            host=clean(platform.node()),
            started_us=now_us(),
        ).execute(database)
    return owner


def dead_owners(database: SqliteDatabase, data_dir: Path, me: int) -> list[int]:
    """Owners whose lock can be taken. Own locks are never tried."""
    rows = models.Owner.select(models.Owner.id, models.Owner.lock_name).tuples()
    return [
        owner
        for owner, name in rows.execute(database)
        if owner != me and _is_dead(data_dir / OWNERS / name)
    ]


def _is_dead(lock_path: Path) -> bool:
    try:
        return is_free(lock_path)
    except OSError:
        return False  # whoever cannot be asked is not declared dead


def bury(tx: Transaction, data_dir: Path, owners: Sequence[int]) -> list[int]:
    """Mark the live transfers of dead owners `interrupted`, with an audit entry each, and
    forget the owners. Returns the transfers. Owners that others buried meanwhile are
    passed over: this runs in one transaction.
    """
    interrupted: list[int] = []
    for owner in owners:
        name = tx.execute("SELECT lock_name FROM owners WHERE id = ?", (owner,)).fetchone()
        if name is None:
            continue
        interrupted += interrupt_all(tx, owner, "Its process is gone.")
        tx.execute("DELETE FROM owners WHERE id = ?", (owner,))
        with suppress(OSError):
            (data_dir / OWNERS / name[0]).unlink()
    return interrupted


def interrupt_all(tx: Transaction, owner: int, reason: str) -> list[int]:
    """Mark an owner's live transfers `interrupted`, with an audit entry each."""
    marks = ",".join("?" * len(LIVE))
    rows = tx.execute(
        "SELECT transfers.id, mode, pid, host FROM transfers"
        " JOIN owners ON owners.id = transfers.owner"
        f" WHERE transfers.owner = ? AND status IN ({marks}) ORDER BY transfers.id",
        (owner, *(status.value for status in sorted(LIVE))),
    ).fetchall()
    for transfer, mode, pid, host in rows:
        set_status(tx, transfer, TransferStatus.INTERRUPTED, message=reason)
        tx.chain([_interrupted(tx.now_us, transfer, mode, pid, host, reason)])
    return [row[0] for row in rows]


def _interrupted(
    at_us: int, transfer: int, mode: str, pid: int, host: str, reason: str
) -> AuditDraft:
    return AuditDraft(
        time_utc=utc_text(at_us),
        event=AuditEvent.TRANSFER_INTERRUPTED,
        transfer_id=transfer,
        mode=mode,
        user=_user(),
        host=clean(platform.node()),
        message=reason,
        details=canonical_json({"owner_host": host, "owner_pid": pid, "version": __version__}),
    )


def _user() -> str:
    try:
        return clean(getpass.getuser())
    except (KeyError, OSError):
        return str(os.getuid()) if hasattr(os, "getuid") else ""
