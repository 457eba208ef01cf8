"""What manifests say of a transfer's items, in the ledger."""

from __future__ import annotations

import pytest
from peewee import SqliteDatabase

from ketter_gui.domain.expected import Expected, ManifestTotals
from ketter_gui.domain.items import ItemKind
from ketter_gui.store import Ledger, NewItem, add_items, expected, forget_items
from ketter_gui.store.expected import ComparedRow, ExpectedRow, ManifestRecord
from ketter_gui.store.sql import fetch
from tests.store.building import created, state, with_items


@pytest.fixture
def transfer(ledger: Ledger) -> int:
    return created(ledger)


def recorded(ledger: Ledger, transfer: int, number: int, history: int, path: bytes) -> None:
    record = ManifestRecord(number, history, path, False, 1_777_802_400_000_000, 2)
    ledger.transact(lambda tx: expected.record_manifest(tx, transfer, record))


def said(ledger: Ledger, transfer: int, items: list[int]) -> dict[int, tuple[Expected, ...]]:
    return ledger._read(lambda database: expected.expected_of(database, transfer, items))


def add(
    ledger: Ledger, transfer: int, history: int, manifest: int, *rows: tuple[int, str, str]
) -> None:
    some = [
        ExpectedRow(item, b"DCIM/%06d.mov" % (item - 1), name, value) for item, name, value in rows
    ]
    ledger.transact(
        lambda tx: expected.add_expected(
            tx, transfer, history=history, manifest=manifest, rows=some
        )
    )


def test_what_is_expected_comes_back_with_its_manifest(ledger: Ledger, transfer: int) -> None:
    first, second, _ = (one.item.id for one in with_items(ledger, transfer, 3))
    recorded(ledger, transfer, 1, 1, b"DCIM/caf\xe9.md5")
    add(ledger, transfer, 1, 1, (first, "md5", "aa"), (second, "md5", "bb"))
    add(ledger, transfer, 1, 1, (first, "md5", "aa"))  # again is no harm
    found = said(ledger, transfer, [1, 2, 3])
    assert list(found) == [first, second]
    assert found[first] == (Expected(1, "DCIM/caf\\xe9.md5", 1_777_802_400_000_000, "md5", "aa"),)
    assert found[first][0].date == "2026-05-03"


def test_an_older_generation_adds_only_what_is_new_or_contradicts(
    ledger: Ledger, transfer: int
) -> None:
    same, other, alone, renamed = (one.item.id for one in with_items(ledger, transfer, 4))
    recorded(ledger, transfer, 1, 1, b"DCIM/ascmhl/0002_DCIM.mhl")
    recorded(ledger, transfer, 2, 1, b"DCIM/ascmhl/0001_DCIM.mhl")
    ledger.transact(
        lambda tx: expected.add_missing(
            tx, transfer, 1, 1, [b"DCIM/%06d.mov" % (renamed - 1)], is_explained=True
        )
    )
    add(ledger, transfer, 1, 1, (same, "md5", "aa"), (other, "md5", "bb"), (renamed, "md5", "cc"))
    add(
        *(ledger, transfer, 1, 2),
        *((same, "md5", "aa"), (same, "c4", "c4x"), (other, "md5", "zz")),
        *((alone, "md5", "dd"), (renamed, "md5", "zz")),
    )
    found = said(ledger, transfer, [1, 2, 3, 4])
    assert [(one.manifest, one.value) for one in found[same]] == [(1, "aa")]
    assert [(one.manifest, one.value) for one in found[other]] == [(1, "bb"), (2, "zz")]
    assert [(one.manifest, one.value) for one in found[alone]] == [(2, "dd")]
    assert [(one.manifest, one.value) for one in found[renamed]] == [(1, "cc")]


def test_a_file_counts_once_and_is_different_as_soon_as_one_manifest_says_so(
    ledger: Ledger, transfer: int
) -> None:
    first, second, _ = (one.item.id for one in with_items(ledger, transfer, 3))
    recorded(ledger, transfer, 1, 1, b"DCIM/a.md5")
    recorded(ledger, transfer, 2, 2, b"DCIM/b.sha1")
    add(ledger, transfer, 1, 1, (first, "md5", "aa"), (second, "md5", "bb"))
    add(ledger, transfer, 2, 2, (first, "sha1", "aa"), (second, "sha1", "bb"))
    ledger.transact(
        lambda tx: expected.record_compared(
            tx,
            [
                ComparedRow(first, 1, "md5", "aa", is_equal=True),
                ComparedRow(first, 2, "sha1", "aa", is_equal=True),
                ComparedRow(second, 1, "md5", "bb", is_equal=True),
                ComparedRow(second, 2, "sha1", "bb", is_equal=False),
            ],
        )
    )
    figures = ledger._read(lambda db: expected.figures(db, transfer))
    ledger.transact(lambda tx: expected.record_figures(tx, transfer, figures))
    assert ledger._read(lambda db: expected.totals(db, transfer)) == ManifestTotals(1, 1, 0)
    records = ledger._read(lambda db: expected.manifests(db, transfer))
    assert [(one.files_equal, one.files_different) for one in records] == [(2, 0), (1, 1)]


def test_what_is_missing_counts_once_for_a_history_and_can_come_back(
    ledger: Ledger, transfer: int
) -> None:
    recorded(ledger, transfer, 1, 1, b"DCIM/ascmhl/0002.mhl")
    recorded(ledger, transfer, 2, 1, b"DCIM/ascmhl/0001.mhl")
    gone = [b"DCIM/b", b"DCIM/a\xff"]
    ledger.transact(lambda tx: expected.add_missing(tx, transfer, 1, 1, gone))
    ledger.transact(lambda tx: expected.add_missing(tx, transfer, 1, 2, gone))
    read = ledger._read
    assert read(lambda db: expected.missing(db, transfer)) == sorted(gone)
    assert read(lambda db: expected.missing(db, transfer, after=gone[1])) == gone[:1]
    assert read(lambda db: expected.missing_of(db, transfer, 1, 1)) == (2, [gone[1]])
    assert read(lambda db: expected.manifests(db, transfer))[0].files_missing == 2
    ledger.transact(lambda tx: expected.forget_missing(tx, transfer, gone[:1]))
    assert read(lambda db: expected.totals(db, transfer)).missing == 1


def test_a_damaged_manifest_takes_back_all_that_it_said(ledger: Ledger, transfer: int) -> None:
    item = with_items(ledger, transfer, 1)[0].item.id
    recorded(ledger, transfer, 1, 1, b"DCIM/a.md5")
    add(ledger, transfer, 1, 1, (item, "md5", "aa"))
    ledger.transact(lambda tx: expected.add_missing(tx, transfer, 1, 1, [b"DCIM/x"]))
    ledger.transact(lambda tx: expected.forget_said(tx, transfer, 1))
    assert said(ledger, transfer, [item]) == {}
    assert ledger._read(lambda db: expected.totals(db, transfer)) == ManifestTotals()


def test_scanning_anew_forgets_the_manifests_too(ledger: Ledger, transfer: int) -> None:
    item = with_items(ledger, transfer, 1)[0].item.id
    recorded(ledger, transfer, 1, 1, b"DCIM/a.md5")
    add(ledger, transfer, 1, 1, (item, "md5", "aa"))
    ledger.transact(lambda tx: expected.add_missing(tx, transfer, 1, 1, [b"DCIM/x"]))
    ledger.transact(lambda tx: forget_items(tx, transfer))
    for table in ("source_manifests", "expected", "missing_files"):
        assert ledger._read(lambda db, name=table: fetch(db, f"SELECT * FROM {name}")) == []  # type: ignore[misc]


def test_manifests_are_found_by_their_names_only(ledger: Ledger, transfer: int) -> None:
    names = [b"D/a.md5", b"D/B.SHA256", b"D/SHA256SUMS", b"D/x/ascmhl/ascmhl_chain.xml"]
    names += [b"D/\xff.mhl", b"alone.md5", b"D/md5", b"D/mySHA256SUMS", b"D/a.md5.mov"]
    found = [NewItem(0, name, state()) for name in names]
    found.append(NewItem(0, b"D/folder.md5", state(ItemKind.FOLDER)))
    ledger.transact(lambda tx: add_items(tx, transfer, found))

    def page(database: SqliteDatabase, after: int) -> list[tuple[int, int, bytes]]:
        endings, whole = (b".md5", b".sha256", b".mhl"), (b"sha256sums", b"ascmhl_chain.xml")
        return expected.manifest_items(database, transfer, endings, whole, after_id=after, limit=3)

    first = ledger._read(lambda db: page(db, 0))
    second = ledger._read(lambda db: page(db, first[-1][0]))
    assert [path for _, _, path in (*first, *second)] == names[:5]


def test_items_are_looked_up_by_their_bytes(ledger: Ledger, transfer: int) -> None:
    items = with_items(ledger, transfer, 2000)
    paths = [one.item.path for one in items] + [b"DCIM/none"]
    found = ledger._read(lambda db: expected.items_at(db, transfer, paths))
    assert found == {one.item.path: (one.item.id, ItemKind.FILE) for one in items}
