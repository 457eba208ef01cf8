"""What the audit tells of one transfer's copies, at hand for as long as it is compared.

In a temporary database of SQLite's own: it has no name, spills to a temporary file when it
grows, and is gone when it is closed, so that a transfer of a million items takes no more
memory than one of ten. The last word on a copy replaces those before it.
"""

# ruff: noqa: S608 - what is put into SQL by name is our own, see `sql`

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

from ketter_gui.store.copies import VARIABLES
from ketter_gui.store.sql import marks

_TABLES: Final = (
    (
        "CREATE TABLE copies (item BLOB, target BLOB, sequence INTEGER, status TEXT, source TEXT,"
        " checksums TEXT, read_back TEXT, PRIMARY KEY (item, target)) WITHOUT ROWID"
    ),
    (
        "CREATE TABLE sources (item BLOB, algorithm TEXT, sequence INTEGER, value TEXT,"
        " PRIMARY KEY (item, algorithm)) WITHOUT ROWID"
    ),
    "CREATE TABLE removed (item BLOB PRIMARY KEY, sequence INTEGER) WITHOUT ROWID",
)


class ToldCopy(NamedTuple):
    """The last entry on an item at a target; `target` is empty when it speaks of all copies.
    Checksums are JSON, as the column of the working tables has them."""

    item: bytes
    target: bytes
    sequence: int
    status: str
    source: str = ""
    checksums: str = ""
    read_back: str = ""


class ToldSource(NamedTuple):
    """The last entry on what an item's source was read with."""

    item: bytes
    algorithm: str
    sequence: int
    value: str


class ToldRemoved(NamedTuple):
    """An entry that says that an original is gone."""

    item: bytes
    sequence: int


_INTO: Final = {ToldCopy: "copies", ToldSource: "sources", ToldRemoved: "removed"}
ToldFact = ToldCopy | ToldSource | ToldRemoved


class ItemTold(NamedTuple):
    """All that is told of one item."""

    copies: tuple[ToldCopy, ...] = ()
    sources: tuple[ToldSource, ...] = ()
    removed: int = 0


class Told:
    """A context manager, for one transfer; used by one thread."""

    def __enter__(self) -> Self:
        self._database = sqlite3.connect("", isolation_level=None)
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -8192"):
            self._database.execute(f"PRAGMA {pragma}")
        for table in _TABLES:
            self._database.execute(table)
        self._database.execute("BEGIN")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._database.close()

    def add(self, facts: Iterable[ToldFact]) -> None:
        """Take what the next entries tell, in their order."""
        by_kind: dict[type, list[ToldFact]] = defaultdict(list)
        for fact in facts:
            by_kind[type(fact)].append(fact)
        for kind, some in by_kind.items():
            into = f"INSERT OR REPLACE INTO {_INTO[kind]} VALUES ({marks(some[0])})"
            self._database.executemany(into, some)

    def take(self, items: Sequence[bytes]) -> dict[bytes, ItemTold]:
        """What is told of these items; it is not told again."""
        copies: dict[bytes, list[ToldCopy]] = defaultdict(list)
        sources: dict[bytes, list[ToldSource]] = defaultdict(list)
        removed: dict[bytes, int] = {}
        for start in range(0, len(items), VARIABLES):
            some = items[start : start + VARIABLES]
            for row in self._rows("copies", some):
                copies[row[0]].append(ToldCopy(*row))
            for row in self._rows("sources", some):
                sources[row[0]].append(ToldSource(*row))
            removed.update(self._rows("removed", some))
            self._database.execute(f"DELETE FROM copies WHERE item IN ({marks(some)})", some)
        return {
            item: ItemTold(tuple(copies[item]), tuple(sources[item]), removed.get(item, 0))
            for item in items
        }

    def left(self, statuses: Sequence[str], limit: int) -> list[ToldCopy]:
        """Copies with one of these statuses that nobody took, in the chain's order."""
        rows = self._database.execute(
            f"SELECT * FROM copies WHERE status IN ({marks(statuses)}) ORDER BY sequence LIMIT ?",
            (*statuses, limit),
        )
        return [ToldCopy(*row) for row in rows]

    def _rows(self, table: str, items: Sequence[bytes]) -> list[Any]:
        query = f"SELECT * FROM {table} WHERE item IN ({marks(items)})"
        return self._database.execute(query, items).fetchall()
