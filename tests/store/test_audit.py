"""The audit trail: one unbroken chain, read in pages, signed at its ends."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ketter_gui.domain.chain import COLUMNS, GENESIS, Head, head_of
from ketter_gui.domain.events import AuditDraft, AuditEvent
from ketter_gui.domain.times import utc_text
from ketter_gui.store import Ledger, SignedHead, Write, record_audit, record_signed
from ketter_gui.store.audit import range_of
from tests.store.building import all_rows, entry, length_of_unbroken_chain


def test_a_new_ledger_begins_with_an_empty_chain(ledger: Ledger) -> None:
    assert ledger.head() == Head(ledger.chain, 0, GENESIS)
    assert ledger.audit_rows() == []
    assert ledger.last_signed() is None


def test_a_transaction_is_told_its_new_head(ledger: Ledger) -> None:
    def twice(tx):  # type: ignore[no-untyped-def]
        first = tx.chain([entry(), entry()])
        assert tx.head == first
        return first, tx.chain([entry()])

    first, second = ledger.transact(twice)
    assert (first.sequence, second.sequence) == (2, 3)
    assert ledger.head() == second == head_of(list(all_rows(ledger))[-1])


def test_no_entries_are_fine(ledger: Ledger) -> None:
    assert ledger.transact(lambda tx: tx.chain([])).sequence == 0


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(st.lists(st.tuples(text, text, st.none() | st.integers(1, 1 << 62)), max_size=8))
def test_every_cell_comes_back_as_it_was_hashed(
    ledger: Ledger, cells: list[tuple[str, str, int | None]]
) -> None:
    before = ledger.head().sequence
    drafts = [entry(transfer=number, item_path=a, message=b) for a, b, number in cells]
    ledger.transact(lambda tx: tx.chain(drafts))
    rows = ledger.audit_rows(after_sequence=before)
    index = {name: at for at, name in enumerate(COLUMNS)}
    assert [(row[index["item_path"]], row[index["message"]]) for row in rows] == [
        (a, b) for a, b, _ in cells
    ]
    assert length_of_unbroken_chain(ledger) == before + len(cells)


@pytest.fixture
def told(ledger: Ledger) -> Ledger:
    """Thirty entries, an hour apart, of three transfers in turn."""
    drafts = [
        AuditDraft(utc_text(number * 3_600_000_000), AuditEvent.ERROR, number % 3 + 1)
        for number in range(30)
    ]
    ledger.submit(Write(record_audit, drafts))
    ledger.barrier()
    return ledger


def numbers(rows: list[tuple[str, ...]]) -> list[int]:
    return [int(row[2]) for row in rows]


def test_entries_are_read_in_pages(told: Ledger) -> None:
    assert numbers(told.audit_rows(limit=4)) == [1, 2, 3, 4]
    assert numbers(told.audit_rows(after_sequence=27, limit=10)) == [28, 29, 30]


def test_entries_of_one_transfer_are_read_apart(told: Ledger) -> None:
    assert numbers(told.audit_rows(transfer=2)) == list(range(2, 31, 3))
    assert numbers(told.audit_rows(transfer=2, after_sequence=20, limit=2)) == [23, 26]


def ranged(ledger: Ledger, since_us: int = 0, until_us: int = 0) -> list[int]:
    first, last = ledger.read(lambda database: range_of(database, since_us, until_us))
    return numbers(ledger.audit_rows(after_sequence=first - 1, up_to=last))


def test_entries_of_a_time_are_contiguous(told: Ledger) -> None:
    hour = 3_600_000_000
    assert ranged(told, 20 * hour) == list(range(21, 31))
    assert ranged(told, 20 * hour - 1) == list(range(21, 31))
    assert ranged(told, 20 * hour + 1) == list(range(22, 31))
    assert ranged(told, 40 * hour) == []
    assert ranged(told, 0, 20 * hour) == list(range(1, 21))
    assert ranged(told, 18 * hour, 20 * hour) == [19, 20]
    assert ranged(told, 0, 1 - hour) == []


def test_a_clock_that_was_set_back_makes_no_hole(told: Ledger) -> None:
    told.transact(lambda tx: tx.chain([AuditDraft(utc_text(1), AuditEvent.ERROR)]))
    assert ranged(told, 29 * 3_600_000_000) == [30, 31]
    assert ranged(told, 0, 2 * 3_600_000_000) == list(range(1, 32))


def test_a_timeline_tells_a_transfers_story_in_order(told: Ledger) -> None:
    lines = told.timeline(1)
    assert [line.sequence for line in lines] == list(range(1, 31, 3))
    assert lines[1].time_us == 3 * 3_600_000_000
    assert [line.sequence for line in told.timeline(1, limit=2, is_end=True)] == [25, 28]


def test_signed_heads_are_kept_in_order_and_once(told: Ledger) -> None:
    heads = [
        SignedHead(Head(told.chain, sequence, "ab" * 32), f"{sequence:02x}", key, 5)
        for sequence, key in [(10, "one"), (30, "one"), (10, "two")]
    ]
    told.transact(lambda tx: record_signed(tx, heads))
    again = SignedHead(heads[0].head, "ff", "one", 9)
    told.transact(lambda tx: record_signed(tx, [again]))
    assert told.last_signed() == heads[1]
    listed = told.signed_heads()
    assert sorted(listed, key=str) == sorted(heads, key=str)
    assert [one.head.sequence for one in listed] == [10, 10, 30]
    assert told.signed_heads(after_sequence=10) == [heads[1]]


def test_two_openings_in_one_process_share_the_chain(data_dir: Path) -> None:
    with Ledger.open(data_dir) as one, Ledger.open(data_dir) as other:
        for _ in range(5):
            one.transact(lambda tx: tx.chain([entry()]))
            other.transact(lambda tx: tx.chain([entry()]))
        assert length_of_unbroken_chain(one) == length_of_unbroken_chain(other) == 10
