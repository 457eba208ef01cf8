"""The clips of all transfers, found by name or checksum: an index in a file of its own.

`search.sqlite3` beside the ledger holds nothing that the ledger does not have; whoever
deletes it loses time. It is filled afterwards, never while a transfer runs: an index on
names in the ledger itself would cost each file that is copied, and the ledger's share of
that is too large already.

    names   an FTS5 index of three characters at a time (SQLite 3.34), by item; it keeps no
            text: what it finds is looked up in the ledger and compared
    sums    the first sixteen characters of a checksum, by item
    done    what of the ledger is in it: transfers that were at their end, when that was, and
            up to which item; one that was tried again has more checksums, and perhaps items

Numbers of items are never used twice, so entries of pruned items lead nowhere and are
passed over.
"""

# ruff: noqa: S608 - what is put into SQL by name is our own, see `sql`

from __future__ import annotations

import os
import re
import time
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from peewee import SqliteDatabase

from ketter_gui.domain.errors import LedgerError
from ketter_gui.domain.names import to_text
from ketter_gui.domain.search import SHORTEST
from ketter_gui.store.columns import checksums_from
from ketter_gui.store.connection import connect, naming
from ketter_gui.store.ledger import Ledger
from ketter_gui.store.sql import fetch, immediate, raw

NAME: Final = "search.sqlite3"
_SCHEMA: Final = 1
_BUSY_S: Final = 5.0
_KEY_LETTERS: Final = 16
_SHORTEST_SUM: Final = 8
_SUM: Final = re.compile("[0-9a-z]+")
_ITEMS_TOGETHER: Final = 20_000
_CANDIDATES: Final = 400
_TRIGRAMS_AT_MOST: Final = 8
_ENDED: Final = "('completed','failed','cancelled')"
_NAMES: Final = """
CREATE VIRTUAL TABLE names USING fts5(
    name, content='', detail='none', columnsize=0, tokenize='trigram')"""
_SUMS: Final = """
CREATE TABLE sums (
    sum TEXT NOT NULL,
    item INTEGER NOT NULL,
    PRIMARY KEY (sum, item)) WITHOUT ROWID"""
_DONE: Final = """
CREATE TABLE done (
    transfer INTEGER PRIMARY KEY,
    finished_us INTEGER NOT NULL,
    last_item INTEGER NOT NULL,
    named_to INTEGER NOT NULL)"""
_META: Final = "CREATE TABLE meta (chain TEXT NOT NULL)"
_ALL: Final = -1
"""In the place of the last item: all of the transfer are in."""


class SearchIndex:
    """Opened for one use, in one thread; a context manager by `closing`."""

    def __init__(self, ledger: Ledger) -> None:
        """Raises LedgerError and WaitingError."""
        self._ledger = ledger
        self._path = ledger.path.with_name(NAME)
        self._database = self._opened()

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    # --- filling it ---

    def bring_up_to_date(self, within_s: float) -> bool:
        """Take in what ended since; whether all of it was, in that time."""
        until_s = time.monotonic() + within_s
        for transfer, finished_us, after in self._missing():
            while time.monotonic() < until_s:
                last = self._take_in(transfer, after, finished_us)
                if last is None:
                    break
                after = last
            else:
                return False
        return True

    def _missing(self) -> Iterator[tuple[int, int, int]]:
        """(transfer, when it ended, its last item that is in here)."""
        query = f"SELECT id, finished_us FROM transfers WHERE status IN {_ENDED} ORDER BY id"
        ended = self._ledger.read(lambda database: fetch(database, query))
        with naming(self._path):
            rows = fetch(self._database, "SELECT transfer, finished_us, last_item FROM done")
        done = {transfer: (finished, last) for transfer, finished, last in rows}
        for transfer, finished_us in ended:
            finished, last = done.get(transfer, (finished_us, 0))
            if finished != finished_us:
                last = 0  # it was tried again
            if last != _ALL:
                yield transfer, finished_us, last

    def _take_in(self, transfer: int, after: int, finished_us: int) -> int | None:
        """One batch of a transfer's items; the last one, or None when that was all."""
        query = (
            "SELECT id, path, checksums FROM items WHERE transfer = ? AND id > ?"
            " AND kind <> 'folder' ORDER BY id LIMIT ?"
        )
        values = (transfer, after, _ITEMS_TOGETHER)
        items = self._ledger.read(lambda database: fetch(database, query, values))
        last = items[-1][0] if len(items) == _ITEMS_TOGETHER else _ALL
        sums = sorted(
            (value[:_KEY_LETTERS].lower(), item)
            for item, _, text in items
            for _, value in checksums_from(text)
        )
        with naming(self._path), immediate(self._database) as connection:
            asked = "SELECT coalesce(max(named_to), 0) FROM done WHERE transfer = ?"
            named_to = connection.execute(asked, (transfer,)).fetchone()[0]
            connection.executemany(
                "INSERT INTO names (rowid, name) VALUES (?, ?)",
                [(item, folded(path)) for item, path, _ in items if item > named_to],
            )
            connection.executemany("INSERT OR IGNORE INTO sums VALUES (?, ?)", sums)
            named_to = max([named_to, *(item for item, _, _ in items[-1:])])
            row = (transfer, finished_us, last, named_to)
            connection.execute("INSERT OR REPLACE INTO done VALUES (?, ?, ?, ?)", row)
        return None if last == _ALL else int(last)

    # --- asking it ---

    def items(self, text: str, *, offset: int, limit: int) -> list[int]:
        """The items whose name has this text in it, or whose checksum begins so, the newest
        first; what comes before a slash must be in the path before that name. Upper and lower
        case are one. Empty for less than SHORTEST characters of a name."""
        wanted = unicodedata.normalize("NFC", text.strip()).casefold()
        if len(wanted) < SHORTEST:
            return []
        found: dict[int, None] = {}
        for batch in self._candidates(wanted):
            found |= dict.fromkeys(self._confirmed(batch, wanted))
            if len(found) >= offset + limit:
                break
        return list(found)[offset : offset + limit]

    def _candidates(self, wanted: str) -> Iterator[list[int]]:
        """Items that may match, the newest first, in batches. What looks like a checksum is
        looked for as one, and as a name when there is none."""
        if len(wanted) >= _SHORTEST_SUM and _SUM.fullmatch(wanted):
            key = wanted[:_KEY_LETTERS]
            query = "SELECT item FROM sums WHERE sum >= ? AND sum < ? ORDER BY item DESC"
            items = [item for (item,) in self._fetch(query, (key, key + "\x7f"))]
            yield from (items[at : at + _CANDIDATES] for at in range(0, len(items), _CANDIDATES))
        name = wanted.rsplit("/", 1)[-1]
        if len(name) < SHORTEST:
            return
        before = 1 << 62
        while True:
            query = (
                "SELECT rowid FROM names WHERE names MATCH ? AND rowid < ?"
                " ORDER BY rowid DESC LIMIT ?"
            )
            items = [item for (item,) in self._fetch(query, (_all_of(name), before, _CANDIDATES))]
            yield items
            if len(items) < _CANDIDATES:
                return
            before = items[-1]

    def _confirmed(self, items: Sequence[int], wanted: str) -> list[int]:
        """Those of them that match, in their order."""
        if not items:
            return []
        marks = ",".join("?" * len(items))
        query = f"SELECT id, path, checksums FROM items WHERE id IN ({marks})"
        rows = self._ledger.read(lambda database: fetch(database, query, items))
        matching = {
            item
            for item, path, sums in rows
            if wanted in folded_path(path)
            or any(value.lower().startswith(wanted) for _, value in checksums_from(sums))
        }
        return [item for item in items if item in matching]

    def _fetch(self, query: str, values: Sequence[object]) -> list[tuple[int]]:
        with naming(self._path):
            return fetch(self._database, query, values)

    # --- its file ---

    def _opened(self) -> SqliteDatabase:
        """One that is of another ledger, or of another version, or damaged, is made anew."""
        for is_last in (False, True):
            with suppress(FileExistsError):
                os.close(os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
            try:
                if (database := self._ready()) is not None:
                    return database
            except LedgerError:
                if is_last:
                    raise
            _remove(self._path)
        raise AssertionError("a new index is never of another ledger")

    def _ready(self) -> SqliteDatabase | None:
        """Its connection; None for an index of something else. Raises LedgerError and
        WaitingError."""
        database = connect(self._path, _BUSY_S, is_reader=False)
        try:
            with naming(self._path):
                if self._is_ready(database):
                    return database
        except BaseException:
            database.close()
            raise
        database.close()
        return None

    def _is_ready(self, database: SqliteDatabase) -> bool:
        raw(database).execute("PRAGMA journal_mode = WAL")
        with immediate(database) as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version == 0:
                for table in (_NAMES, _SUMS, _DONE, _META):
                    connection.execute(table)
                connection.execute("INSERT INTO meta VALUES (?)", (self._ledger.chain,))
                connection.execute(f"PRAGMA user_version = {_SCHEMA}")
                return True
            chain = connection.execute("SELECT chain FROM meta").fetchone()
        return bool(version == _SCHEMA and chain == (self._ledger.chain,))


def folded(path: bytes) -> str:
    """The last name of a path as it is indexed: its shown form, NFC, case folded."""
    return folded_path(path.rsplit(b"/", 1)[-1])


def folded_path(path: bytes) -> str:
    """The same of a whole path."""
    return unicodedata.normalize("NFC", to_text(path).text).casefold()


def _all_of(name: str) -> str:
    """FTS5's words for all of these trigrams, or as many as tell them apart."""
    trigrams = list(dict.fromkeys(name[at : at + 3] for at in range(len(name) - 2)))
    step = max(1, -(-len(trigrams) // _TRIGRAMS_AT_MOST))
    chosen = trigrams[::step]
    return " AND ".join('"{}"'.format(one.replace('"', '""')) for one in chosen)


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            os.remove(f"{path}{suffix}")


def search(
    ledger: Ledger, text: str, *, offset: int, limit: int, within_s: float
) -> tuple[list[int], bool]:
    """The items that match, and whether all that ended is in the index by now."""
    with closing(SearchIndex(ledger)) as index:
        is_whole = index.bring_up_to_date(within_s)
        return index.items(text, offset=offset, limit=limit), is_whole


def keep_up(ledger: Ledger, within_s: float) -> bool:
    """Take in what ended since, for a while; whether that was all."""
    with closing(SearchIndex(ledger)) as index:
        return index.bring_up_to_date(within_s)


def transfers_of(database: SqliteDatabase, items: Sequence[int]) -> list[tuple[int, int]]:
    """(item, transfer) of each."""
    marks = ",".join("?" * len(items))
    return fetch(database, f"SELECT id, transfer FROM items WHERE id IN ({marks})", items)
