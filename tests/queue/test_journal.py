"""Events become the same rows and entries however many come at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ketter_gui.domain.errors import IllegalChange
from ketter_gui.domain.items import FileState, Identity, ItemKind, ReadBack
from ketter_gui.engine import journal as told
from ketter_gui.engine.plan import Plan
from ketter_gui.queue.books import Books
from ketter_gui.queue.journal import LedgerJournal
from ketter_gui.queue.witness import Witness
from ketter_gui.store import Ledger
from ketter_gui.store.transaction import Transaction
from tests.store.building import SHA, length_of_unbroken_chain, request, running, state

FILES = 5
WITNESS = Witness("operator", "station-1", "0.1.0")


def opened_journal(ledger: Ledger) -> LedgerJournal:
    new = request()
    transfer = running(ledger, new)
    plan = Plan(transfer, new.token, new.mode, new.options, new.sources, new.destinations)
    journal = LedgerJournal(Books(ledger, WITNESS), plan)
    found = tuple(told.Found(0, b"DCIM/%d.mov" % number, state()) for number in range(FILES))
    journal.record(told.ItemsFound(found))
    journal.commit()
    return journal


def events(read_state: FileState, *, is_known: bool) -> Iterator[told.Event]:
    """A batch of files on its way to two drives."""
    items = range(1, FILES + 1)
    copies = [(item, destination) for item in items for destination in range(2)]
    yield told.CopiesStarted(tuple(copies))
    for item in items:
        path = b"DCIM/%d.mov" % (item - 1)
        yield told.SourceRead(item, path, read_state, SHA, 0.25, is_known)
    for item, destination in copies:
        identity = Identity((1 << 63) + item, 1000, 5)
        yield told.CopyProven(item, destination, identity, SHA, ReadBack.STORAGE)
    for item, destination in copies:
        path = b"DCIM/%d.mov" % (item - 1)
        yield told.CopyVerified(
            item, destination, path, path, 1000, SHA, SHA, ReadBack.STORAGE, 0.5, ItemKind.FILE
        )


def tell(journal: LedgerJournal, told_events: Iterable[told.Event], *, at_once: bool) -> None:
    for event in told_events:
        journal.record(event)
        if not at_once:
            journal.commit()
    journal.commit()


def rows(ledger: Ledger) -> dict[str, list[tuple[Any, ...]]]:
    """All that was written, but moments and what hangs on them."""
    columns = {
        "items": "*",
        "copies": "item, destination, status, inode, part_size, part_mtime_ns, final_path,"
        " checksums, read_back, error_type, message",
        "audit": "sequence, event, transfer_id, mode, user, host, item_path, path_form,"
        " source_path, destination_path, size_bytes, algorithm, source_checksum,"
        " destination_checksum, read_back, result, duration_s, speed_bytes_per_s, error_type,"
        " message, details",
    }

    def read(tx: Transaction) -> dict[str, list[tuple[Any, ...]]]:
        return {
            table: tx.execute(f"SELECT {names} FROM {table} ORDER BY 1, 2").fetchall()
            for table, names in columns.items()
        }

    return ledger.transact(read)


@pytest.mark.parametrize("is_known", [True, False])
def test_events_at_once_are_written_as_one_by_one(tmp_path: Path, is_known: bool) -> None:
    written = []
    for at_once in (True, False):
        with Ledger.open(tmp_path / str(at_once)) as ledger:
            journal = opened_journal(ledger)
            tell(journal, events(state(), is_known=is_known), at_once=at_once)
            written.append(rows(ledger))
            length_of_unbroken_chain(ledger)
    at_once_rows, one_by_one = written
    in_order = [row[1:] for row in one_by_one["audit"]]
    assert [row[1:] for row in at_once_rows["audit"]] == in_order
    assert len(in_order) == FILES + FILES * 2
    assert {row[2] for row in at_once_rows["copies"]} == {"verified"}
    assert at_once_rows == one_by_one


def test_a_source_is_written_down_as_it_was_read(tmp_path: Path) -> None:
    """A deletion later compares it with that; what is known is not written again."""
    changed = state(size_bytes=2000, inode=8)
    for is_known in (True, False):
        with Ledger.open(tmp_path / str(is_known)) as ledger:
            journal = opened_journal(ledger)
            tell(journal, events(changed, is_known=is_known), at_once=True)
            kept = {record.item.state for record in ledger.items(1)}
            assert kept == {state() if is_known else changed}
            assert {record.checksums for record in ledger.items(1)} == {SHA}


@pytest.mark.logs_errors
def test_a_name_before_its_proof_is_refused_and_nothing_of_it_written(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "data") as ledger:
        journal = opened_journal(ledger)
        started, *rest = events(state(), is_known=True)
        tell(journal, [started], at_once=True)
        before = rows(ledger)
        verified = [event for event in rest if isinstance(event, told.CopyVerified)]
        with pytest.raises(IllegalChange):
            tell(journal, verified, at_once=True)
        assert rows(ledger) == before
        tell(journal, rest, at_once=True)
        length_of_unbroken_chain(ledger)
        assert {row[2] for row in rows(ledger)["copies"]} == {"verified"}
