"""Connections to the ledger: their settings, and SQLite's errors in words.

WAL, `synchronous=FULL` (an acknowledged commit survives a power cut) and foreign keys.
The file is never opened by another way than SQLite's: closing a second descriptor of a
database would drop the locks that this process holds on it (POSIX advisory locks;
sqlite.org/howtocorrupt.html §2.2).
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import peewee
from peewee import SqliteDatabase

from ketter_gui.domain.errors import (
    DiskFull,
    KetterError,
    LedgerBusy,
    LedgerDamaged,
    LedgerNewer,
    LedgerUnusable,
)
from ketter_gui.domain.limits import KIB, MIB
from ketter_gui.store import migrations
from ketter_gui.store.backup_names import advice
from ketter_gui.store.sql import fetch, immediate

JOURNAL_LIMIT_BYTES: Final = 16 * MIB
"""What the WAL file is cut back to after a checkpoint: it never shrinks by itself."""

CHECKED_WHOLE_BYTES: Final = 32 * MIB
"""Ledgers up to this size are checked whole at each start (some 50 ms); of larger ones
the tables that hold no items, copies or entries. `doctor` checks all of any."""

SMALL_TABLES: Final = ("ledger", "owners", "transfers", "sources", "destinations", "claims")
SPACE_NEEDED_BYTES: Final = 256 * KIB
"""With less than this free, an I/O error of SQLite means a full disk."""

IDLE_READERS: Final = 4
"""Read connections that are kept open between calls."""

_BUSY: Final = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_DAMAGED: Final = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT}
_BUGS: Final = {
    sqlite3.SQLITE_CONSTRAINT,
    sqlite3.SQLITE_MISMATCH,
    sqlite3.SQLITE_MISUSE,
    sqlite3.SQLITE_RANGE,
    sqlite3.SQLITE_TOOBIG,
}


def named(error: BaseException, path: Path) -> KetterError | None:
    """SQLite's error in our words; None for one that only a bug can cause."""
    cause = _original(error)
    primary = _primary(error)
    if primary is None:
        return None
    where = os.fsencode(path)
    if primary in _BUSY:
        return LedgerBusy(where)
    if primary == sqlite3.SQLITE_FULL:
        return DiskFull(where, errno=errno.ENOSPC)
    if primary in _DAMAGED:
        return LedgerDamaged(where, problem=str(cause), advice=advice(path))
    if primary in _BUGS:
        return None
    if primary == sqlite3.SQLITE_IOERR and _free_bytes(path) < SPACE_NEEDED_BYTES:
        return DiskFull(where, errno=errno.ENOSPC)
    if primary == sqlite3.SQLITE_ERROR and "no such" in str(cause):
        return LedgerDamaged(where, problem=str(cause), advice=advice(path))
    return LedgerUnusable(where, reason=str(cause))


def _original(error: BaseException) -> object:
    """What sqlite3 raised; peewee's own errors carry it."""
    return getattr(error, "orig", error)


def _primary(error: BaseException) -> int | None:
    """SQLite's primary result code (sqlite.org/rescode.html)."""
    code = getattr(_original(error), "sqlite_errorcode", None)
    return code & 0xFF if isinstance(code, int) else None


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Raise what SQLite says in our words: LedgerError or WaitingError."""
    try:
        yield
    except (sqlite3.Error, peewee.PeeweeException) as error:
        words = named(error, path)
        if words is None:
            raise
        raise words from error


def _free_bytes(path: Path) -> int:
    try:
        return shutil.disk_usage(path.parent).free
    except OSError:
        return SPACE_NEEDED_BYTES


def connect(path: Path, busy_s: float, *, is_reader: bool) -> SqliteDatabase:
    """A connection of its own, open, to be used by one thread at a time.

    `busy_s` is how long it waits for another process's lock.
    """
    pragmas: list[tuple[str, str | int]] = [
        ("foreign_keys", 1),
        ("synchronous", "FULL"),
        ("journal_size_limit", JOURNAL_LIMIT_BYTES),
        ("temp_store", "FILE" if is_reader else "MEMORY"),  # sorts of a million rows
        ("cache_size", -8 * KIB),
        ("trusted_schema", 0),
    ]
    if is_reader:
        pragmas.append(("query_only", 1))
    database = SqliteDatabase(
        os.fspath(path),
        pragmas=pragmas,
        timeout=busy_s,
        thread_safe=False,
        autoconnect=False,
        check_same_thread=False,
    )
    with naming(path):
        database.connect()
    return database


def make_ready(
    database: SqliteDatabase,
    path: Path,
    busy_s: float,
    back_up: Callable[[Path], object],
    steps: migrations.Steps = migrations.STEPS,
) -> None:
    """Check the file, then bring it to WAL and to the newest schema.

    Nothing is written before the file was found to be ours, sound and not newer, and no step
    changes one that has something in it before `back_up` has made a copy.
    Raises LedgerDamaged, LedgerNewer, LedgerBusy, LedgerUnusable, DiskFull.
    """
    with naming(path):
        found = int(database.pragma("user_version"))
        is_new = found == 0 and _is_empty(database)
        if not is_new:
            _refuse_foreign(database, path, found, len(steps))
            _check(database, path)
        _to_wal(database, busy_s)
        if not is_new and found < len(steps):
            back_up(path)
        with immediate(database) as connection:
            migrations.migrate(connection, steps)


def _is_empty(database: SqliteDatabase) -> bool:
    count: int = fetch(database, "SELECT count(*) FROM sqlite_master")[0][0]
    return count == 0


def _refuse_foreign(database: SqliteDatabase, path: Path, found: int, known: int) -> None:
    where = os.fsencode(path)
    if int(database.pragma("application_id")) != migrations.APPLICATION_ID:
        problem = "it is another program's database"
        raise LedgerDamaged(where, problem=problem, advice=advice(path))
    if found > known:
        raise LedgerNewer(where, found=found, known=known)


def _check(database: SqliteDatabase, path: Path) -> None:
    tables = () if path.stat().st_size <= CHECKED_WHOLE_BYTES else SMALL_TABLES
    if problem := problem_in(database, tables):
        raise LedgerDamaged(os.fsencode(path), problem=problem, advice=advice(path))


def problem_in(database: SqliteDatabase, tables: tuple[str, ...] = ()) -> str:
    """What SQLite finds wrong in these tables, or anywhere; empty when it is sound."""
    for statement in [f"PRAGMA quick_check('{name}')" for name in tables] or [
        "PRAGMA quick_check(1)"
    ]:
        said = str(fetch(database, statement)[0][0])
        if said != "ok":
            return said.replace("\n", " ")
    return ""


def _to_wal(database: SqliteDatabase, busy_s: float) -> None:
    """Two processes that start at once may be in each other's way: the switch to WAL
    does not wait for a lock by itself.
    """
    until = time.monotonic() + busy_s
    while True:
        try:
            fetch(database, "PRAGMA journal_mode = WAL")
        except (sqlite3.Error, peewee.PeeweeException) as error:
            if _primary(error) not in _BUSY or time.monotonic() >= until:
                raise
            time.sleep(0.02)
        else:
            return


class Readers:
    """Read connections, lent to one caller at a time; any thread may borrow.

    `_lock` guards the two lists. A connection whose use failed is not lent again.
    """

    def __init__(self, path: Path, busy_s: float) -> None:
        self._open: Callable[[], SqliteDatabase] = lambda: connect(path, busy_s, is_reader=True)
        self._path = path
        self._lock = threading.Lock()
        self._idle: list[SqliteDatabase] = []
        self._is_closed = False

    @contextmanager
    def lent(self) -> Iterator[SqliteDatabase]:
        """A connection for a few queries; fetch whole pages, hold nothing half-read."""
        with self._lock:
            database = self._idle.pop() if self._idle else None
        if database is None:
            database = self._open()
        try:
            with naming(self._path):
                yield database
        except BaseException:
            database.close()
            raise
        with self._lock:
            is_kept = not self._is_closed and len(self._idle) < IDLE_READERS
            if is_kept:
                self._idle.append(database)
        if not is_kept:
            database.close()

    def close(self) -> None:
        """Close what is idle; what is lent closes when it comes back."""
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
        for database in idle:
            database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
