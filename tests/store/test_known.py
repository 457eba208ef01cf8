"""What earlier transfers read and proved, found again by its place."""

from __future__ import annotations

import pytest

from ketter_gui.domain.items import Identity, ReadBack
from ketter_gui.domain.options import Mode
from ketter_gui.domain.status import CopyStatus
from ketter_gui.store import (
    FinishedRow,
    Ledger,
    SourceRow,
    mark_copying,
    record_proven,
    record_skipped,
    record_source_checksums,
    record_verified,
)
from ketter_gui.store import known as stored
from ketter_gui.store.copies import VARIABLES
from ketter_gui.store.items import record_recalled
from ketter_gui.store.records import ProvenRow, RecalledRow, SkippedRow
from tests.store.building import SHA, keys_of, request, running, source, state, with_items


def around(ledger: Ledger, within: bytes, volume: str = "card") -> list[bytes]:
    found = ledger.read(
        lambda database: stored.earlier_sources(database, volume=volume, within=within)
    )
    return [one.within for one in found]


def test_places_around_a_folder_are_found_and_no_others(ledger: Ledger) -> None:
    for within in (b"/a", b"/a/b", b"/a/b/c", b"/a/bb", b"/", b"/a/b0", b"/z"):
        running(ledger, request(source(within), destinations=1))
    assert set(around(ledger, b"/a/b")) == {b"/", b"/a", b"/a/b", b"/a/b/c"}
    assert around(ledger, b"/a/b", "another") == []
    assert around(ledger, b"/a/b")[0] == b"/"  # newest first


def test_originals_of_a_move_are_not_known_by_it(ledger: Ledger) -> None:
    running(ledger, request(source(b"/a"), mode=Mode.MOVE))
    assert around(ledger, b"/a") == []
    places = ledger.read(
        lambda database: stored.earlier_destinations(database, volume="drive0", within=b"")
    )
    assert len(places) == 1  # its copies are as good as those of any transfer


def read(ledger: Ledger, transfer: int, paths: list[bytes]) -> list[stored.ReadSource]:
    return ledger.read(lambda database: stored.sources_read(database, [transfer], paths))


def proven(ledger: Ledger, transfer: int, paths: list[bytes]) -> list[stored.ProvenCopy]:
    return ledger.read(lambda database: stored.copies_proven(database, [transfer], paths))


def test_only_what_was_read_is_known_and_by_whom(ledger: Ledger) -> None:
    transfer = running(ledger, request(destinations=1))
    first, second, third = with_items(ledger, transfer, 3)
    paths = [one.item.path for one in (first, second, third)]
    assert read(ledger, transfer, paths) == []
    ledger.transact(
        lambda tx: record_source_checksums(tx, [SourceRow(first.item.id, SHA, state())])
    )
    ledger.transact(lambda tx: record_recalled(tx, [RecalledRow(second.item.id, SHA, state(), 77)]))
    found = {row.path: row for row in read(ledger, transfer, paths)}
    assert {path: row.read_in for path, row in found.items()} == {
        first.item.path: transfer,
        second.item.path: 77,
    }
    was = state()
    assert found[first.item.path].identity == Identity(was.inode, was.size_bytes, was.mtime_ns)
    assert found[first.item.path].ctime_ns == was.ctime_ns
    ledger.transact(lambda tx: record_source_checksums(tx, [SourceRow(second.item.id, SHA)]))
    assert {row.read_in for row in read(ledger, transfer, paths)} == {transfer}


@pytest.mark.parametrize(
    ("how", "final_path", "ctime_ns", "is_known"),
    [
        (ReadBack.STORAGE, None, 5, True),
        (ReadBack.MEMORY, None, 5, True),
        (ReadBack.CACHE, None, 5, False),
        (None, None, 5, False),
        (ReadBack.STORAGE, b"DCIM/other (2).mov", 5, False),
        (ReadBack.STORAGE, None, None, False),
    ],
)
def test_a_copy_is_known_by_its_own_name_and_a_real_read_back(
    ledger: Ledger,
    how: ReadBack | None,
    final_path: bytes | None,
    ctime_ns: int | None,
    is_known: bool,
) -> None:
    transfer = running(ledger, request(destinations=1))
    (item,) = with_items(ledger, transfer, 1)
    key, path = (item.item.id, 0), item.item.path
    ledger.transact(lambda tx: mark_copying(tx, [key]))
    part = ProvenRow(*key, Identity(9, 1000, 5), SHA, how, 123)
    ledger.transact(lambda tx: record_proven(tx, [part]))
    assert proven(ledger, transfer, [path]) == []  # it has no name yet
    named = FinishedRow(*key, final_path or path, ctime_ns=ctime_ns)
    ledger.transact(lambda tx: record_verified(tx, [named]))
    rows = proven(ledger, transfer, [path])
    assert bool(rows) is is_known
    for row in rows:
        assert (row.proof, row.proven_us, row.ctime_ns) == (transfer, 123, 5)
        assert (row.identity, row.checksums, row.read_back) == (Identity(9, 1000, 5), SHA, how)


def test_a_skipped_copy_keeps_the_proof_that_it_rests_on(ledger: Ledger) -> None:
    transfer = running(ledger, request(destinations=1))
    (item,) = with_items(ledger, transfer, 1)
    row = SkippedRow(
        item.item.id, 0, item.item.path, Identity(9, 1, 5), SHA, ReadBack.STORAGE, 8, 3, 99
    )
    ledger.transact(lambda tx: record_skipped(tx, [row]))
    (found,) = proven(ledger, transfer, [item.item.path])
    assert (found.proof, found.proven_us) == (3, 99)
    record = ledger.item(item.item.id)
    assert record is not None
    (copy,) = record.copies
    assert (copy.status, copy.proof, copy.proven_us) == (CopyStatus.SKIPPED, 3, 99)
    assert ledger.read(lambda database: stored.files_recalled(database, transfer)) == 1


def test_more_paths_than_a_statement_may_name_are_all_found(ledger: Ledger) -> None:
    transfer = running(ledger, request(destinations=1))
    items = with_items(ledger, transfer, 2 * VARIABLES + 1)
    rows = [SourceRow(one.item.id, SHA) for one in items]
    ledger.transact(lambda tx: record_source_checksums(tx, rows))
    assert len(keys_of(items)) == len(read(ledger, transfer, [one.item.path for one in items]))
