"""Copies of the ledger for the day when it is damaged, made by SQLite while it is in use.

`DATA/backups/ledger-1-20261125T184207123456Z.sqlite3`: the schema's number and the moment. Each
is whole and flushed before it has its name, for its user alone, and never overwritten; the
newest KEPT of them stay. One is made before a migration, and one a week by the keeper.

What a ledger has that its backup lacks is what happened since: the transfers are not in the
history then, and their copies are verified all the same. Exports and reports that were made
meanwhile hold by themselves; a signed head of theirs is ahead of the restored chain, which
`audit verify --head` says.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import time
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from ketter_gui.store.backup_names import FOLDER, NAME, all_of
from ketter_gui.store.connection import naming

KEPT: Final = 3
_STAMP: Final = "%Y%m%dT%H%M%S%fZ"
_LEFT_S: Final = 86_400
"""A part that is older is of a process that was killed."""


def back_up(path: Path) -> Path:
    """Make one; returns its path. Raises LedgerError and WaitingError, and DiskFull where
    there is no room: then nothing has changed."""
    folder = path.with_name(FOLDER)
    part = folder / f".{secrets.token_hex(4)}.part"
    with naming(path):
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            schema = _copy(path, part)
            made = _named(folder, part, schema)
        except OSError as error:
            raise sqlite3.OperationalError(str(error)) from error
        finally:
            for suffix in ("", "-journal", "-wal", "-shm"):
                with suppress(OSError):
                    os.unlink(f"{part}{suffix}")
    _forget_old(folder)
    return made


def _copy(path: Path, part: Path) -> int:
    """Copy it, check the copy, flush it; returns its schema."""
    with (
        closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as ledger,
        closing(sqlite3.connect(part)) as copy,
    ):
        ledger.backup(copy)  # in one step: by pages it begins again with each write of others
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, that can be put anywhere
        said = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
        if said != "ok":
            raise sqlite3.DatabaseError(f"its backup is not sound: {said}")
        schema: int = copy.execute("PRAGMA user_version").fetchone()[0]
    _flush(part)
    return schema


def _flush(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _named(folder: Path, part: Path, schema: int) -> Path:
    """Give it its name, of this moment."""
    made = folder / f"ledger-{schema}-{datetime.now(UTC).strftime(_STAMP)}.sqlite3"
    os.link(part, made)  # never over one that is there
    _flush(folder)
    return made


def age_s(path: Path) -> float | None:
    """Seconds since the newest one was made; None without one."""
    newest = next(iter(all_of(path)), None)
    match = NAME.fullmatch(newest.name) if newest is not None else None
    if match is None:
        return None
    made = datetime.strptime(match[2], _STAMP).replace(tzinfo=UTC)
    return (datetime.now(UTC) - made).total_seconds()


def _forget_old(folder: Path) -> None:
    for old in all_of(folder.with_name("ledger"))[KEPT:]:
        with suppress(OSError):
            old.unlink()
    for part in folder.glob(".*.part"):
        with suppress(OSError):
            if part.stat().st_mtime < time.time() - _LEFT_S:
                part.unlink()
