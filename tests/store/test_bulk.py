"""Rows in bulk: the same as one by one, as json.dumps would have them, found by an index."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketter_gui.domain.chain import COLUMNS
from ketter_gui.domain.errors import IllegalChange
from ketter_gui.domain.items import Identity, Item, ItemKind, ReadBack
from ketter_gui.domain.status import CopyStatus
from ketter_gui.store import (
    FinishedRow,
    Ledger,
    SourceRow,
    Transaction,
    add_items,
    mark_copying,
    record_proven,
    record_source_checksums,
    record_verified,
)
from ketter_gui.store.columns import checksums_from, checksums_text
from ketter_gui.store.names import needs
from ketter_gui.store.records import EndedRow, NewItem
from ketter_gui.store.sql import raw
from tests.store.building import (
    SHA,
    all_rows,
    entry,
    keys_of,
    length_of_unbroken_chain,
    proven,
    running,
    state,
    with_items,
)

FOLDER = Item(5, 0, b"DCIM/100", state(ItemKind.FOLDER))
MD5 = (("md5", "cd" * 16),)


def tables(ledger: Ledger) -> list[Any]:
    def dumped(tx: Transaction) -> list[Any]:
        return [
            tx.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall()
            for name in ("items", "copies")
        ]

    return ledger.transact(dumped)


def outcome(
    ledger: Ledger, write: Callable[[Transaction, Sequence[Any]], None], rows: list[Any]
) -> tuple[list[Any], list[Any]]:
    """What the tables hold after all rows at once, and after one by one."""
    found: list[list[Any]] = []

    def try_both(tx: Transaction) -> None:
        for pieces in ([rows], [[row] for row in rows]):
            tx.execute("SAVEPOINT before")
            for piece in pieces:
                write(tx, piece)
            found.append(
                [tx.execute(f"SELECT * FROM {one}").fetchall() for one in ("items", "copies")]
            )
            tx.execute("ROLLBACK TO before")

    ledger.transact(try_both)
    return found[0], found[1]


def test_sources_in_bulk_are_as_one_by_one(ledger: Ledger) -> None:
    transfer = running(ledger)
    numbers = [one.item.id for one in with_items(ledger, transfer, 4)]
    rows = [
        SourceRow(numbers[0], SHA, state(size_bytes=3)),
        SourceRow(numbers[1], SHA),
        SourceRow(numbers[2], SHA + MD5, state(inode=(1 << 64) - 1)),
        SourceRow(numbers[0], MD5),  # read again, and as it was
        SourceRow(numbers[1], MD5, state(size_bytes=5)),
    ]
    at_once, one_by_one = outcome(ledger, record_source_checksums, rows)
    assert at_once == one_by_one
    ledger.transact(lambda tx: record_source_checksums(tx, rows))
    items = ledger.items(transfer)
    assert [one.checksums for one in items] == [MD5, MD5, SHA + MD5, ()]
    assert [one.item.state.size_bytes for one in items] == [3, 5, 1000, 1000]


def test_a_source_that_is_as_the_ledger_has_it_keeps_its_state(ledger: Ledger) -> None:
    transfer = running(ledger)
    before = with_items(ledger, transfer, 1)[0].item
    ledger.transact(lambda tx: record_source_checksums(tx, [SourceRow(before.id, SHA)]))
    (after,) = ledger.items(transfer)
    assert after.item == before
    assert after.checksums == SHA


def test_verified_copies_in_bulk_are_as_one_by_one(ledger: Ledger) -> None:
    transfer = running(ledger)
    keys = keys_of(with_items(ledger, transfer, 3))
    ledger.transact(lambda tx: mark_copying(tx, keys))
    ledger.transact(lambda tx: record_proven(tx, [proven(key) for key in keys[1:]]))
    rows = [
        FinishedRow(*keys[1], b"DCIM/1"),
        FinishedRow(*keys[2], b"DCIM/2", identity=Identity(5, 6, 7)),
        FinishedRow(*keys[3], b"DCIM/3", checksums=MD5, read_back=ReadBack.CACHE),
        FinishedRow(*keys[0], b"DCIM/0", CopyStatus.COPIED),
        FinishedRow(*keys[4], b"DCIM/4"),
    ]
    at_once, one_by_one = outcome(ledger, record_verified, rows)
    assert at_once == one_by_one
    ledger.transact(lambda tx: record_verified(tx, rows))
    copies = {(one.item, one.destination): one for one in ledger.copies_of(range(1, 9))}
    assert (copies[keys[1]].identity, copies[keys[1]].checksums) == (Identity(9, 1000, 5), SHA)
    assert copies[keys[2]].identity == Identity(5, 6, 7)
    assert (copies[keys[3]].checksums, copies[keys[3]].read_back) == (MD5, ReadBack.CACHE)


def test_a_copy_that_is_not_proven_is_not_verified_among_others(ledger: Ledger) -> None:
    transfer = running(ledger)
    keys = keys_of(with_items(ledger, transfer, 3))
    ledger.transact(lambda tx: mark_copying(tx, keys))
    ledger.transact(lambda tx: record_proven(tx, [proven(key) for key in keys[:-1]]))
    before = tables(ledger)
    with pytest.raises(IllegalChange) as refused:
        ledger.transact(
            lambda tx: record_verified(tx, [FinishedRow(*key, b"DCIM/f") for key in keys])
        )
    assert f"copy {keys[-1][1]} of item {keys[-1][0]}" in str(refused.value)
    assert tables(ledger) == before


@given(st.lists(st.tuples(st.text(max_size=5), st.text(max_size=9)), max_size=4))
def test_checksums_are_written_as_json_dumps_writes_them(pairs: list[tuple[str, str]]) -> None:
    checksums = tuple(dict(pairs).items())
    text = checksums_text(tuple(pairs))
    assert text == (json.dumps(dict(pairs), separators=(",", ":")) if pairs else "")
    assert checksums_from(text) == checksums


def test_rows_are_values_that_nobody_changes() -> None:
    row: Any = EndedRow(1, 0, CopyStatus.FAILED)
    with pytest.raises(AttributeError):
        row.item = 2


@pytest.mark.parametrize(
    "read",
    [
        lambda ledger, transfer: ledger.items(transfer, after_id=5, limit=3),
        lambda ledger, transfer: ledger.unfinished_items(transfer, after_id=5, limit=3),
        lambda ledger, transfer: ledger.folders_deepest_first(transfer),
        lambda ledger, transfer: ledger.folders_deepest_first(transfer, after=FOLDER),
        lambda ledger, transfer: ledger.set_aside_items(transfer),
        lambda ledger, transfer: ledger.audit_rows(transfer=transfer, after_sequence=5),
        lambda ledger, transfer: ledger.timeline(transfer, after_sequence=5),
        lambda ledger, transfer: ledger.timeline(transfer, is_end=True),
        lambda ledger, transfer: ledger.counts(transfer),
        lambda ledger, transfer: ledger.read(partial(needs, transfer=transfer, units_bytes=[1, 2])),
    ],
    ids="items unfinished folders more-folders set-aside audit timeline end counts needs".split(),
)
def test_a_page_is_found_by_an_index_and_not_sorted(
    ledger: Ledger, read: Callable[[Ledger, int], object]
) -> None:
    """So that the last page of a million costs what the first one does, and a sum over a
    million no memory."""
    transfer = running(ledger)
    folder = NewItem(0, b"DCIM", state())
    ledger.transact(lambda tx: add_items(tx, transfer, [folder]))
    said: list[str] = []
    with ledger._readers.lent() as database:
        raw(database).set_trace_callback(said.append)
    read(ledger, transfer)
    with ledger._readers.lent() as database:
        connection: sqlite3.Connection = raw(database)
        connection.set_trace_callback(None)
        statements = [one for one in said if one.startswith("SELECT")]
        assert statements
        for statement in statements:
            plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()
            steps = [step[-1] for step in plan]
            assert not [one for one in steps if one.startswith(("SCAN", "USE TEMP"))], steps


@pytest.mark.parametrize("count", [0, 1, 19, 20, 21, 45])
def test_entries_follow_each_other_however_many_come_at_once(ledger: Ledger, count: int) -> None:
    drafts = [entry(message=str(number)) for number in range(count)]
    head = ledger.transact(lambda tx: tx.chain(drafts))
    assert head == ledger.head()
    assert length_of_unbroken_chain(ledger) == count
    assert [row[COLUMNS.index("message")] for row in all_rows(ledger)] == [
        str(number) for number in range(count)
    ]


def test_items_have_numbers_in_the_order_in_which_they_were_found(ledger: Ledger) -> None:
    transfer = running(ledger)
    found = [NewItem(0, b"%d" % number, state()) for number in range(45)]
    ledger.transact(lambda tx: add_items(tx, transfer, found[:3]))
    ledger.transact(lambda tx: add_items(tx, transfer, found, is_again=True))
    records = ledger.items(transfer, limit=99)
    assert [one.item.path for one in records] == [one.path for one in found]
    assert [len(one.copies) for one in records] == [2] * len(found)


def test_a_path_twice_among_many_is_refused_with_all_of_them(ledger: Ledger) -> None:
    transfer = running(ledger)
    found = [NewItem(0, b"%d" % (number % 44), state()) for number in range(45)]
    with pytest.raises(sqlite3.IntegrityError):
        ledger.transact(lambda tx: add_items(tx, transfer, found))
    assert ledger.items(transfer) == []
