"""Items and copies: written in bulk, changed by the table only, read in pages."""

from __future__ import annotations

from itertools import product

import pytest

from ketter_gui.domain.errors import IllegalChange
from ketter_gui.domain.items import Identity, ItemKind, ReadBack
from ketter_gui.domain.options import Mode
from ketter_gui.domain.status import COPY_CHANGES, CopyStatus, TransferStatus
from ketter_gui.store import (
    AsideRow,
    Count,
    EndedRow,
    FinishedRow,
    Ledger,
    NewItem,
    RenameRow,
    SkippedRow,
    SourceRow,
    Transaction,
    add_items,
    cancel_copies,
    forget_items,
    mark_copying,
    mark_removed,
    mark_verifying,
    record_failed,
    record_proven,
    record_skipped,
    record_source_checksums,
    record_to_be_renamed,
    record_verified,
    reset_copies,
    set_aside,
)
from tests.store.building import (
    SHA,
    become,
    keys_of,
    proven,
    request,
    running,
    state,
    verify_all,
    with_items,
)

S = CopyStatus
Key = tuple[int, int]


def bring(tx: Transaction, key: Key, status: CopyStatus) -> None:
    """One change of one copy, by the function that is there for it."""
    if status is S.PENDING:
        reset_copies(tx, [key])
    elif status is S.COPYING:
        mark_copying(tx, [key])
    elif status is S.VERIFYING:
        mark_verifying(tx, [key])
    elif status is S.PROVEN:
        record_proven(tx, [proven(key)])
    elif status is S.SKIPPED:
        record_skipped(tx, [SkippedRow(*key, b"final", Identity(1, 2, 3), SHA, ReadBack.STORAGE)])
    elif status in (S.FAILED, S.CANCELLED):
        record_failed(tx, [EndedRow(*key, status, "ReadFailed", "it broke")])
    else:
        record_verified(tx, [FinishedRow(*key, b"final", status)])


WAYS: dict[CopyStatus, tuple[CopyStatus, ...]] = {
    S.PENDING: (),
    S.COPYING: (S.COPYING,),
    S.VERIFYING: (S.COPYING, S.VERIFYING),
    S.PROVEN: (S.COPYING, S.PROVEN),
    S.VERIFIED: (S.COPYING, S.PROVEN, S.VERIFIED),
    S.RENAMED: (S.COPYING, S.RENAMED),
    S.COPIED: (S.COPYING, S.COPIED),
    S.SKIPPED: (S.SKIPPED,),
    S.FAILED: (S.FAILED,),
    S.CANCELLED: (S.CANCELLED,),
}


@pytest.mark.parametrize(
    ("old", "new"), list(product(CopyStatus, repeat=2)), ids=lambda status: status.value
)
def test_a_copy_changes_by_the_table_only(ledger: Ledger, old: CopyStatus, new: CopyStatus) -> None:
    (item,) = with_items(ledger, running(ledger, request(destinations=1)), 1)
    key = (item.item.id, 0)
    for status in WAYS[old]:
        ledger.transact(lambda tx, status=status: bring(tx, key, status))  # type: ignore[misc]
    if new in COPY_CHANGES[old]:
        ledger.transact(lambda tx: bring(tx, key, new))
        assert ledger.copies_of([key[0]])[0].status is new
    else:
        with pytest.raises(IllegalChange):
            ledger.transact(lambda tx: bring(tx, key, new))
        assert ledger.copies_of([key[0]])[0].status is old


def test_one_illegal_change_undoes_its_whole_batch_and_is_named(ledger: Ledger) -> None:
    items = with_items(ledger, running(ledger), 50)
    keys = keys_of(items)
    ledger.transact(lambda tx: mark_copying(tx, keys[:-1]))
    with pytest.raises(IllegalChange, match=f"copy 1 of item {keys[-1][0]} cannot go from pending"):
        ledger.transact(lambda tx: record_proven(tx, [proven(key) for key in keys]))
    assert {copy.status for item in items for copy in ledger.copies_of([item.item.id])} == {
        S.COPYING,
        S.PENDING,
    }


def test_items_come_out_as_the_scan_saw_them(ledger: Ledger) -> None:
    transfer = running(ledger)
    found = [
        NewItem(0, b"DCIM", state(ItemKind.FOLDER)),
        NewItem(0, b"DCIM/caf\xe9\n.mov", state(size_bytes=1 << 45, inode=(1 << 64) - 1)),
        NewItem(1, b"DCIM/link", state(ItemKind.SYMLINK, inode=1 << 63)),
    ]
    ledger.transact(lambda tx: add_items(tx, transfer, found))
    items = ledger.items(transfer)
    assert [(one.item.source, one.item.path, one.item.state) for one in items] == [
        (one.source, one.path, one.state) for one in found
    ]
    assert [[copy.destination for copy in one.copies] for one in items] == [[0, 1]] * 3
    assert {copy.status for one in items for copy in one.copies} == {S.PENDING}


def test_what_a_scan_could_not_read_has_failed_copies(ledger: Ledger) -> None:
    transfer = running(ledger)
    found = [
        NewItem(0, b"DCIM/good", state()),
        NewItem(0, b"DCIM/bad", state(ItemKind.FOLDER), "FolderUnreadable", "no permission"),
    ]
    ledger.transact(lambda tx: add_items(tx, transfer, found))
    (failed,) = ledger.items(transfer, only_failed=True)
    assert failed.item.path == b"DCIM/bad"
    assert {(copy.status, copy.error_type, copy.message) for copy in failed.copies} == {
        (S.FAILED, "FolderUnreadable", "no permission")
    }


def test_items_of_other_transfers_are_left_alone(ledger: Ledger) -> None:
    first, second = running(ledger), running(ledger)
    with_items(ledger, first, 3)
    with_items(ledger, second, 2)
    assert len(ledger.items(first)) == 3
    ledger.transact(lambda tx: forget_items(tx, second))
    assert (len(ledger.items(first)), ledger.items(second)) == (3, [])
    assert {len(one.copies) for one in ledger.items(first)} == {2}


def test_a_scan_is_forgotten_only_before_copying_began(ledger: Ledger) -> None:
    transfer = running(ledger)
    items = with_items(ledger, transfer, 2)
    ledger.transact(lambda tx: mark_copying(tx, keys_of(items)[:1]))
    with pytest.raises(IllegalChange):
        ledger.transact(lambda tx: forget_items(tx, transfer))
    assert len(ledger.items(transfer)) == 2


def test_a_proof_is_kept_whole(ledger: Ledger) -> None:
    (item,) = with_items(ledger, running(ledger, request(destinations=1)), 1)
    key = (item.item.id, 0)
    both = (("xxh128", "cd" * 16), ("sha256", "ab" * 32))
    ledger.transact(lambda tx: record_source_checksums(tx, [SourceRow(key[0], both)]))
    ledger.transact(lambda tx: mark_copying(tx, [key]))
    ledger.transact(lambda tx: record_proven(tx, [proven(key)]))
    ledger.transact(lambda tx: record_verified(tx, [FinishedRow(*key, b"DCIM/a (2).mov")]))
    record = ledger.item(key[0])
    assert record is not None
    (copy,) = record.copies
    assert record.checksums == both
    assert (copy.identity, copy.checksums, copy.read_back) == (
        Identity(9, 1000, 5),
        SHA,
        ReadBack.STORAGE,
    )
    assert copy.final_path == b"DCIM/a (2).mov"
    assert copy.proven_us > 0


def test_what_is_about_to_be_renamed_is_known_by_name_and_identity(ledger: Ledger) -> None:
    transfer = running(ledger, request(destinations=1, mode=Mode.MOVE))
    (item,) = with_items(ledger, transfer, 1)
    key = (item.item.id, 0)
    row = RenameRow(*key, b"DCIM/a.mov", Identity((1 << 64) - 1, 1000, 5))
    ledger.transact(lambda tx: record_to_be_renamed(tx, [row]))
    (copy,) = ledger.copies_of([key[0]])
    assert (copy.status, copy.identity, copy.final_path) == (
        S.COPYING,
        row.identity,
        row.final_path,
    )
    ledger.transact(lambda tx: record_verified(tx, [FinishedRow(*key, row.final_path, S.RENAMED)]))
    (copy,) = ledger.copies_of([key[0]])
    assert (copy.status, copy.identity, copy.checksums, copy.read_back) == (
        S.RENAMED,
        row.identity,
        (),
        None,
    )
    assert ledger.unfinished_items(transfer) == []
    with pytest.raises(IllegalChange):
        ledger.transact(lambda tx: mark_removed(tx, [key[0]]))


def test_a_copy_with_a_part_is_never_taken_for_one_that_is_renamed(ledger: Ledger) -> None:
    """It failed as the one, and is tried again as the other."""
    (item,) = with_items(ledger, running(ledger, request(destinations=1)), 1)
    key = (item.item.id, 0)
    row = RenameRow(*key, b"DCIM/a.mov", Identity(9, 1000, 5))
    ledger.transact(lambda tx: record_to_be_renamed(tx, [row]))
    for status in (S.FAILED, S.PENDING, S.COPYING):
        ledger.transact(lambda tx, status=status: bring(tx, key, status))  # type: ignore[misc]
    (copy,) = ledger.copies_of([key[0]])
    assert (copy.identity, copy.final_path) == (None, b"")


def test_a_copy_that_begins_again_forgets_its_proof(ledger: Ledger) -> None:
    (item,) = with_items(ledger, running(ledger, request(destinations=1)), 1)
    key = (item.item.id, 0)
    for status in (S.COPYING, S.PROVEN, S.PENDING):
        ledger.transact(lambda tx, status=status: bring(tx, key, status))  # type: ignore[misc]
    (copy,) = ledger.copies_of([key[0]])
    assert (copy.identity, copy.checksums, copy.read_back, copy.proven_us) == (None, (), None, 0)


def test_what_was_read_replaces_what_the_scan_saw(ledger: Ledger) -> None:
    (item,) = with_items(ledger, running(ledger), 1)
    read = state(size_bytes=4321, inode=99)
    ledger.transact(lambda tx: record_source_checksums(tx, [SourceRow(item.item.id, SHA, read)]))
    record = ledger.item(item.item.id)
    assert record is not None
    assert record.item.state == read


def test_all_unfinished_copies_are_cancelled_with_their_transfer(ledger: Ledger) -> None:
    transfer = running(ledger, request(destinations=1))
    items = with_items(ledger, transfer, 4)
    keys = keys_of(items)
    verify_all(ledger, items[:1])
    ledger.transact(lambda tx: mark_copying(tx, keys[1:2]))
    ledger.transact(lambda tx: bring(tx, keys[2], S.FAILED))
    ledger.transact(lambda tx: cancel_copies(tx, transfer))
    copies = ledger.copies_of([item.item.id for item in items])
    assert [copy.status for copy in copies] == [S.VERIFIED, S.CANCELLED, S.FAILED, S.CANCELLED]


# --- reading in pages -----------------------------------------------------------------------


def test_items_are_read_in_pages_in_the_order_of_the_scan(ledger: Ledger) -> None:
    transfer = running(ledger)
    paths = [item.item.path for item in with_items(ledger, transfer, 25)]
    by_offset = [one for at in (0, 10, 20) for one in ledger.items(transfer, offset=at, limit=10)]
    assert [one.item.path for one in by_offset] == paths
    after, by_id = 0, []
    while page := ledger.items(transfer, after_id=after, limit=10):
        by_id += page
        after = page[-1].item.id
    assert by_id == by_offset


def test_a_page_of_more_items_than_sqlite_takes_values_is_whole(ledger: Ledger) -> None:
    transfer = running(ledger)
    with_items(ledger, transfer, 2500)
    page = ledger.items(transfer, limit=2500)
    assert len(page) == 2500
    assert {len(one.copies) for one in page} == {2}


def test_unfinished_is_what_has_a_copy_on_its_way(ledger: Ledger) -> None:
    transfer = running(ledger)
    items = with_items(ledger, transfer, 6)
    verify_all(ledger, items[:2])
    first, second = keys_of(items[2:3])
    ledger.transact(lambda tx: bring(tx, first, S.FAILED))
    ledger.transact(lambda tx: bring(tx, second, S.SKIPPED))
    ledger.transact(lambda tx: bring(tx, keys_of(items[3:4])[0], S.SKIPPED))
    unfinished = ledger.unfinished_items(transfer, limit=2)
    assert [one.item.id for one in unfinished] == [items[3].item.id, items[4].item.id]
    rest = ledger.unfinished_items(transfer, after_id=items[4].item.id)
    assert [one.item.id for one in rest] == [items[5].item.id]


def test_a_move_is_unfinished_until_its_originals_are_gone(ledger: Ledger) -> None:
    transfer = running(ledger, request(mode=Mode.MOVE))
    found = [NewItem(0, b"DCIM", state(ItemKind.FOLDER)), NewItem(0, b"DCIM/a", state())]
    ledger.transact(lambda tx: add_items(tx, transfer, found))
    folder, file = ledger.items(transfer)
    verify_all(ledger, [folder, file])
    assert [one.item.id for one in ledger.unfinished_items(transfer)] == [file.item.id]
    ledger.transact(lambda tx: mark_removed(tx, [file.item.id]))
    assert ledger.unfinished_items(transfer) == []


def test_an_original_is_marked_removed_only_when_all_its_copies_are_proof(ledger: Ledger) -> None:
    items = with_items(ledger, running(ledger, request(mode=Mode.MOVE)), 2)
    verify_all(ledger, items[:1])
    with pytest.raises(IllegalChange):
        ledger.transact(lambda tx: mark_removed(tx, [item.item.id for item in items]))
    assert not any(item.is_removed for item in ledger.items(1))


def test_a_name_that_was_set_aside_is_remembered_until_it_is_given_back(ledger: Ledger) -> None:
    transfer = running(ledger, request(mode=Mode.MOVE))
    items = with_items(ledger, transfer, 3)
    verify_all(ledger, items)
    names = [AsideRow(item.item.id, b".\xffaside%d" % item.item.id) for item in items]
    ledger.transact(lambda tx: set_aside(tx, names))
    assert [one.set_aside for one in ledger.set_aside_items(transfer)] == [
        row.name for row in names
    ]
    ledger.transact(lambda tx: set_aside(tx, [AsideRow(items[0].item.id, None)]))
    ledger.transact(lambda tx: mark_removed(tx, [items[1].item.id]))
    (left,) = ledger.set_aside_items(transfer)
    assert left.item.id == items[2].item.id
    assert [one.is_removed for one in ledger.items(transfer)] == [False, True, False]


def test_folders_come_deepest_first(ledger: Ledger) -> None:
    transfer = running(ledger)
    paths = [b"D", b"D/a", b"D/a/b", b"D/c", b"D/c/\xff/2F/x", b"D/c/\xff", b"D/c/\xff/2F"]
    paths += [b"D/\xa2\xf0", b"D/\xa2\xf0/e", b"D/\xc3\x28"]  # in hex, "2F" across two bytes
    found = [NewItem(0, path, state(ItemKind.FOLDER)) for path in paths]
    ledger.transact(lambda tx: add_items(tx, transfer, [*found, NewItem(0, b"D/f", state())]))
    listed = [one.item for one in ledger.folders_deepest_first(transfer)]
    assert sorted(one.path for one in listed) == sorted(paths)
    depths = [one.path.count(b"/") for one in listed]
    assert depths == sorted(depths, reverse=True)
    for number, last in enumerate(listed, 1):  # wherever a page ends, the next goes on
        page = ledger.folders_deepest_first(transfer, after=last, limit=2)
        assert [one.item for one in page] == listed[number : number + 2]


def test_counts_tell_each_destination_apart(ledger: Ledger) -> None:
    transfer = running(ledger)
    folder = NewItem(0, b"DCIM", state(ItemKind.FOLDER))
    ledger.transact(lambda tx: add_items(tx, transfer, [folder]))
    items = with_items(ledger, transfer, 3)
    files = [item for item in items if item.item.kind is ItemKind.FILE]
    verify_all(ledger, files[:1])
    ledger.transact(lambda tx: bring(tx, (files[1].item.id, 1), S.FAILED))
    assert ledger.counts(transfer) == [
        Count(0, S.PENDING, 2, 2000),
        Count(0, S.VERIFIED, 1, 1000),
        Count(1, S.FAILED, 1, 1000),
        Count(1, S.PENDING, 1, 1000),
        Count(1, S.VERIFIED, 1, 1000),
    ]
    assert sum(one.copies for one in ledger.counts(transfer, files_only=False)) == 8
    assert ledger.counts(transfer, but_sources=(0,)) == []
    assert ledger.counts(transfer, but_sources=(1, 2)) == ledger.counts(transfer)


def test_only_failed_items_are_of_this_transfer(ledger: Ledger) -> None:
    for _ in range(2):
        transfer = running(ledger)
        items = with_items(ledger, transfer, 3)
        key = keys_of(items)[3]
        ledger.transact(lambda tx, key=key: bring(tx, key, S.FAILED))  # type: ignore[misc]
        become(ledger, transfer, TransferStatus.FAILED)
    assert [
        [one.item.path for one in ledger.items(number, only_failed=True)] for number in (1, 2)
    ] == [[b"DCIM/000001.mov"]] * 2


def test_items_are_counted_all_or_those_that_failed(ledger: Ledger) -> None:
    transfer = running(ledger)
    items = with_items(ledger, transfer, 5)
    for key in keys_of(items[1:3]):
        ledger.transact(lambda tx, key=key: bring(tx, key, S.FAILED))  # type: ignore[misc]
    assert ledger.item_count(transfer) == 5
    assert ledger.item_count(transfer, only_failed=True) == 2
