"""One `BEGIN IMMEDIATE`: what the writing functions are given.

Inside it nobody else writes, so the head that is read is the head: numbers are given,
rows hashed and written, and no process keeps a head in memory between transactions.
"""

# ruff: noqa: S608 - what is put into SQL by name is our own, see `sql`

from __future__ import annotations

import itertools
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import chain
from typing import Final

from peewee import SqliteDatabase

from ketter_gui.domain.chain import COLUMNS, GENESIS, Head, all_chained, head_of
from ketter_gui.domain.events import AuditDraft
from ketter_gui.store.columns import now_us
from ketter_gui.store.sql import fetch, immediate, raw

_AUDIT: Final = f"audit ({','.join(COLUMNS)})"
_ROWS_TOGETHER: Final = 20
_VALUES_TOGETHER: Final = 900
"""Rows of one INSERT, and values: older SQLite takes 999. Twenty entries at once take a
seventh less than one by one; and the interpreter is let go of, and to be had again from
the threads that copy, twenty times less often."""


class Transaction:
    """An open transaction. Used on the writer's thread only, and not after its end."""

    def __init__(self, database: SqliteDatabase, chain_id: str, owner: int) -> None:
        self.database = database
        self.chain_id = chain_id
        self.owner = owner
        self.now_us = now_us()
        self._head: Head | None = None

    @property
    def head(self) -> Head:
        """The end of the chain as it is in this transaction."""
        if self._head is None:
            self._head = read_head(self.database, self.chain_id)
        return self._head

    def chain(self, drafts: Sequence[AuditDraft]) -> Head:
        """Number, hash and write these entries, in their order; returns the new head."""
        rows = all_chained(self.head, drafts)
        if rows:
            self.insert(_AUDIT, rows)
            self._head = head_of(rows[-1])
        return self.head

    def insert(self, into: str, rows: Sequence[Sequence[object]], rest: str = "") -> None:
        """New rows in their order. `into` is a table with its columns, as many as a row has
        values; `rest` what follows the values."""
        if not rows:
            return
        marks = f"({','.join('?' * len(rows[0]))})"
        together = min(_ROWS_TOGETHER, _VALUES_TOGETHER // len(rows[0]))
        whole = len(rows) - len(rows) % together
        self.executemany(
            f"INSERT INTO {into} VALUES {','.join([marks] * together)}{rest}",
            [
                tuple(chain.from_iterable(rows[start : start + together]))
                for start in range(0, whole, together)
            ],
        )
        self.executemany(f"INSERT INTO {into} VALUES {marks}{rest}", rows[whole:])

    def update(self, table: str, changes: str, where: str, rows: Sequence[Sequence[object]]) -> int:
        """Change rows of a table, each by values of its own; returns how many there were.

        `changes` and `where` have a question mark for each value of a row, in this order;
        columns of the table in `where` come with its name.
        """
        if not rows:
            return 0
        width = len(rows[0])
        together = min(_ROWS_TOGETHER, _VALUES_TOGETHER // width)
        whole = len(rows) - len(rows) % together
        changed = 0
        if whole:
            changed += self.executemany(
                _update_sql(table, changes, where, width, together),
                [
                    tuple(chain.from_iterable(rows[start : start + together]))
                    for start in range(0, whole, together)
                ],
            )
        if whole < len(rows):
            one_by_one = f"UPDATE {table} SET {changes} WHERE {where}"
            changed += self.executemany(one_by_one, rows[whole:])
        return changed

    def execute(self, sql: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        """One statement."""
        cursor: sqlite3.Cursor = raw(self.database).execute(sql, values)
        return cursor

    def executemany(self, sql: str, rows: Iterable[Sequence[object]]) -> int:
        """One statement for many rows; returns how many rows it changed."""
        cursor = raw(self.database).executemany(sql, rows)
        return max(0, int(cursor.rowcount))


@cache
def _update_sql(table: str, changes: str, where: str, width: int, together: int) -> str:
    """One UPDATE for several rows (UPDATE … FROM, SQLite 3.33): each question mark becomes a
    column of the values."""
    numbers = itertools.count(1)

    def numbered(sql: str) -> str:
        return re.sub(r"\?", lambda _mark: f"v.column{next(numbers)}", sql)

    marks = f"({','.join('?' * width)})"
    return (
        f"UPDATE {table} SET {numbered(changes)} FROM (VALUES {','.join([marks] * together)}) AS v"
        f" WHERE {numbered(where)}"
    )


@contextmanager
def begun(database: SqliteDatabase, chain_id: str, owner: int) -> Iterator[Transaction]:
    """BEGIN IMMEDIATE … COMMIT, or ROLLBACK when the body raises."""
    with immediate(database):
        yield Transaction(database, chain_id, owner)


def read_head(database: SqliteDatabase, chain_id: str) -> Head:
    """The last entry's number and hash."""
    last = fetch(database, "SELECT sequence, entry_hash FROM audit ORDER BY sequence DESC LIMIT 1")
    return Head(chain_id, last[0][0], last[0][1]) if last else Head(chain_id, 0, GENESIS)
