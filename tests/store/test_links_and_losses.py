"""Further names of files, what copies lost, and what holes and links take of a drive."""

from __future__ import annotations

import pytest

from ketter_gui.domain.errors import IllegalChange
from ketter_gui.domain.items import Identity, Loss, ReadBack
from ketter_gui.domain.room import Need, Spares
from ketter_gui.domain.status import CopyStatus
from ketter_gui.store import (
    FinishedRow,
    Ledger,
    NewItem,
    SkippedRow,
    Transaction,
    add_items,
    mark_copying,
    record_skipped,
    record_verified,
    reset_copies,
)
from ketter_gui.store.links import LATER_LINK
from ketter_gui.store.losses import record_left_out, record_losses
from ketter_gui.store.names import needs
from ketter_gui.store.records import LeftOutRow, LossRow
from ketter_gui.store.sql import fetch
from tests.store.building import keys_of, proven, request, running, state, verify_all, with_items


def _linked(ledger: Ledger, *links: tuple[bytes, int, int], destinations: int = 1) -> int:
    """A transfer of these (path, inode, links)."""
    transfer = running(ledger, request(destinations=destinations))
    found = [
        NewItem(0, path, state(inode=inode)._replace(links=count)) for path, inode, count in links
    ]
    ledger.transact(lambda tx: add_items(tx, transfer, found))
    return transfer


def _paths(records: list[object]) -> list[bytes]:
    return [record.item.path for record in records]  # type: ignore[attr-defined]


def test_only_first_names_come_first_and_the_others_with_them_later(ledger: Ledger) -> None:
    transfer = _linked(
        ledger,
        (b"a", 5, 3),
        (b"b", 6, 1),
        (b"c", 5, 3),
        (b"d", 6, 1),  # the same number and one link: inodes that are invented
        (b"e", 7, 2),
        (b"f", 5, 3),
    )
    _linked(ledger, (b"another transfer", 7, 2))
    firsts = ledger.unfinished_first_names(transfer)
    assert _paths(list(firsts)) == [b"a", b"b", b"d", b"e"]
    verify_all(ledger, firsts)
    links = ledger.unfinished_links(transfer)
    assert [(one.item.path, first and first.item.path) for one, first in links] == [
        (b"c", b"a"),
        (b"f", b"a"),
    ]
    assert links[0][1] is not None
    assert links[0][1].copies[0].status is CopyStatus.VERIFIED
    assert ledger.unfinished_links(transfer, after_id=links[0][0].item.id) == links[1:]


def test_a_name_whose_file_is_another_by_now_is_not_forgotten(ledger: Ledger) -> None:
    """A first name was replaced while it was copied: the second is a first one then."""
    transfer = _linked(ledger, (b"a", 5, 2), (b"b", 5, 2))
    first = ledger.unfinished_first_names(transfer)[0]
    ledger.transact(
        lambda tx: tx.execute("UPDATE items SET inode = 99 WHERE id = ?", (first.item.id,))
    )
    verify_all(ledger, [first])
    assert [(one.item.path, first) for one, first in ledger.unfinished_links(transfer)] == [
        (b"b", None)
    ]


def test_first_names_are_found_by_the_index_of_files_with_several(ledger: Ledger) -> None:
    transfer = _linked(ledger, (b"a", 5, 2))
    plan = ledger.read(
        lambda database: fetch(
            database,
            f"EXPLAIN QUERY PLAN SELECT id FROM items WHERE transfer = ? AND NOT {LATER_LINK}",
            (transfer,),
        )
    )
    assert any("items_links" in row[3] for row in plan), plan


def test_losses_add_up_and_are_counted_of_copies_that_are_there(ledger: Ledger) -> None:
    transfer = running(ledger, request(destinations=1))
    keys = keys_of(with_items(ledger, transfer, 3))

    def lose(tx: Transaction) -> None:
        mark_copying(tx, keys)
        record_losses(tx, [LossRow(*keys[0], Loss.MODE), LossRow(*keys[1], Loss.MODE)])
        record_losses(tx, [LossRow(*keys[0], Loss.OWNER), LossRow(*keys[2], Loss.TIMES)])

    ledger.transact(lose)
    assert ledger.losses(transfer) == []
    verify_all_begun(ledger, keys[:2])
    found = [(one.destination, one.loss, one.copies) for one in ledger.losses(transfer)]
    assert found == [
        (keys[0][1], Loss.MODE, 1),
        (keys[0][1], Loss.MODE | Loss.OWNER, 1),
    ]
    ledger.transact(lambda tx: reset_copies(tx, [keys[2]]))
    ledger.transact(lambda tx: mark_copying(tx, [keys[2]]))
    verify_all_begun(ledger, [keys[2]])
    assert sum(one.copies for one in ledger.losses(transfer)) == 2


def verify_all_begun(ledger: Ledger, keys: list[tuple[int, int]]) -> None:
    from ketter_gui.store import Write, record_proven

    ledger.submit(
        Write(record_proven, [proven(key) for key in keys]),
        Write(record_verified, [FinishedRow(*key, b"DCIM/final") for key in keys]),
    )
    ledger.barrier()


def test_a_copy_that_cannot_be_held_is_skipped_without_a_proof(ledger: Ledger) -> None:
    transfer = running(ledger)
    keys = keys_of(with_items(ledger, transfer, 2))
    row = LeftOutRow(*keys[0], "LinkNotHeld", "left out")
    ledger.transact(lambda tx: mark_copying(tx, keys[:1]))
    ledger.transact(lambda tx: record_left_out(tx, [row]))
    (copy,) = (one for one in ledger.copies_of([keys[0][0]]) if one.destination == keys[0][1])
    assert (copy.status, copy.read_back, copy.identity) == (CopyStatus.SKIPPED, None, None)
    assert (copy.error_type, copy.message) == ("LinkNotHeld", "left out")
    skipped = SkippedRow(*keys[0], b"x", Identity(1, 2, 3), (), ReadBack.STORAGE)
    with pytest.raises(IllegalChange):
        ledger.transact(lambda tx: record_skipped(tx, [skipped]))


def test_holes_and_links_take_nothing_where_a_drive_can_hold_them(ledger: Ledger) -> None:
    transfer = running(ledger, request(destinations=2))
    found = [
        NewItem(0, b"whole", state(size_bytes=1000, inode=1)),
        NewItem(0, b"holey", state(size_bytes=9000, inode=2), data_bytes=10),
        NewItem(0, b"one", state(size_bytes=100, inode=3)._replace(links=2)),
        NewItem(0, b"two", state(size_bytes=100, inode=3)._replace(links=2)),
    ]
    ledger.transact(lambda tx: add_items(tx, transfer, found))

    def need(*spares: Spares) -> list[Need]:
        return ledger.read(lambda database: needs(database, transfer, [1, 1], spares))

    assert need() == [Need(10_200, 4)] * 2
    assert need(Spares(holes=True), Spares()) == [Need(1_210, 4), Need(10_200, 4)]
    assert need(Spares(), Spares(holes=True, links=True)) == [Need(10_200, 4), Need(1_110, 3)]
