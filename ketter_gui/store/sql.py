"""peewee's connection, with types: queries whose rows are fetched whole.

SQL is written out where it is used; what is put into it by name are our own columns,
statuses and question marks, never a value.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from peewee import SqliteDatabase


def raw(database: SqliteDatabase) -> sqlite3.Connection:
    """The connection itself, for bulk."""
    connection: sqlite3.Connection = database.connection()  # type: ignore[no-untyped-call]
    return connection


def fetch(database: SqliteDatabase, sql: str, values: Sequence[object] = ()) -> list[Any]:
    """All rows of a query, as tuples: nothing stays half-read."""
    cursor: sqlite3.Cursor = raw(database).execute(sql, values)
    return cursor.fetchall()


@contextmanager
def immediate(database: SqliteDatabase) -> Iterator[sqlite3.Connection]:
    """BEGIN IMMEDIATE … COMMIT, or ROLLBACK when the body or the commit raises.

    Not peewee's `atomic`: on a full disk or an I/O error SQLite may have rolled back by
    itself (sqlite.org/lang_transaction.html), and its ROLLBACK would then hide the reason.
    """
    connection = raw(database)
    if connection.in_transaction:  # an earlier ROLLBACK did not get through
        connection.rollback()
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            connection.rollback()
        raise


def marks(values: Collection[object]) -> str:
    """A question mark for each value, for `IN (…)`."""
    return ",".join("?" * len(values))
