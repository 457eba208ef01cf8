"""A clip is found in all transfers, by its name or its checksum; and what was hidden is kept."""

from __future__ import annotations

import os
import stat
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from ketter_gui.domain.errors import NoSuchTransfer
from ketter_gui.domain.search import HistoryQuery, NotHidden, TooShort
from ketter_gui.domain.status import CopyStatus, TransferStatus
from ketter_gui.service.service import Service
from ketter_gui.store import search_index
from ketter_gui.store.search_index import NAME, SearchIndex
from ketter_gui.store.sql import fetch
from tests.builders import drive
from tests.service.conftest import carried_out, request_for

DECOMPOSED = "Cafe\u0301 100%_A001.mov"


@pytest.fixture
def card(tmp_path: Path) -> Path:
    folder = tmp_path / "A001"
    (folder / "CLIPS").mkdir(parents=True)
    for name in ("A001C001_261125.mov", "A001C012_261125.mov", DECOMPOSED):
        (folder / "CLIPS" / name).write_bytes(name.encode())
    (folder / "notes.txt").write_bytes(b"notes")
    return folder


@pytest.fixture
def copied(service: Service, card: Path, tmp_path: Path) -> int:
    return carried_out(service, request_for([card], [drive(tmp_path, "A"), drive(tmp_path, "B")]))


def names(service: Service, text: str) -> list[str]:
    return [Path(one.path.text).name for one in service.find_items(text).items]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("C012", ["A001C012_261125.mov"]),
        ("a001c012_261125.MOV", ["A001C012_261125.mov"]),
        ("clips/a001c001", ["A001C001_261125.mov"]),
        ("261125", ["A001C012_261125.mov", "A001C001_261125.mov"]),
        ("café", [DECOMPOSED]),
        ("100%_", [DECOMPOSED]),
        ("___", []),
        ("%%%", []),
        ('"OR"', []),
        ("other/a001c001", []),
        ("nothing like it", []),
    ],
)
def test_a_clip_is_found_by_a_part_of_its_name(
    service: Service, copied: int, text: str, found: list[str]
) -> None:
    assert names(service, text) == found


def test_what_is_found_says_where_it_went_and_whether_it_is_verified(
    service: Service, copied: int, tmp_path: Path
) -> None:
    (found,) = service.find_items("C012").items
    assert found.transfer == copied
    assert [one.path.text for one in found.copies] == [
        str(tmp_path / place / "A001/CLIPS/A001C012_261125.mov") for place in ("A", "B")
    ]
    assert {one.status for one in found.copies} == {CopyStatus.VERIFIED}
    assert found.size_bytes == len("A001C012_261125.mov")
    (checksum,) = [value for _, value in found.checksums]
    for text in (checksum, checksum[:8], checksum[:20].upper()):
        assert [one.item for one in service.find_items(text).items] == [found.item]
    assert service.find_items("f" * 64).items == ()


def test_too_little_to_look_for_is_said(service: Service) -> None:
    with pytest.raises(TooShort):
        service.find_items(" a ")


def test_what_is_tried_again_is_found_with_what_it_has_then(
    service: Service, card: Path, tmp_path: Path
) -> None:
    place = drive(tmp_path, "A")
    (place / "A001").mkdir()
    (place / "A001" / "CLIPS").write_bytes(b"in the way")
    transfer = carried_out(service, request_for([card], [place]))
    assert service.transfer(transfer).status is TransferStatus.FAILED
    (before,) = service.find_items("C012").items
    (place / "A001" / "CLIPS").unlink()
    service.retry(transfer)
    assert service.wait(transfer, 30)
    (after,) = service.find_items("C012").items
    assert {one.status for one in after.copies} == {CopyStatus.VERIFIED}
    assert after.item == before.item
    (_, checksum), *_ = after.checksums
    assert [one.item for one in service.find_items(checksum).items] == [after.item]


def test_pages_follow_each_other_and_the_newest_come_first(
    service: Service, card: Path, copied: int, tmp_path: Path
) -> None:
    again = carried_out(service, request_for([card], [drive(tmp_path, "C")]))
    pages = [service.find_items("a001", offset=offset, limit=2).items for offset in (0, 2, 4, 6)]
    assert [len(page) for page in pages] == [2, 2, 2, 0]
    assert [one.transfer for page in pages for one in page] == [again] * 3 + [copied] * 3


@pytest.mark.parametrize("content", [b"", b"not a database" * 500, None])
def test_an_index_that_is_lost_or_damaged_is_made_anew(
    service: Service, copied: int, data_dir: Path, content: bytes | None
) -> None:
    assert names(service, "C012")
    path = data_dir / NAME
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    assert names(service, "C012") == ["A001C012_261125.mov"]


def test_what_did_not_fit_into_the_time_is_said_to_be_missing(
    service: Service, copied: int
) -> None:
    numbers, is_whole = search_index.search(service.ledger, "C012", offset=0, limit=9, within_s=0.0)
    assert (numbers, is_whole) == ([], False)
    assert service.find_items("C012").is_whole


def test_the_index_is_what_answers(service: Service, copied: int) -> None:
    """A plan that scans would take seconds in a ledger of millions."""
    service.find_items("C012")
    queries = (
        "SELECT rowid FROM names WHERE names MATCH '\"c01\"' AND rowid < 9 ORDER BY rowid DESC",
        "SELECT item FROM sums WHERE sum >= 'a' AND sum < 'b'",
    )
    with closing(SearchIndex(service.ledger)) as index:
        plans = [
            " ".join(row[3] for row in fetch(index._database, f"EXPLAIN QUERY PLAN {query}"))
            for query in queries
        ]
    assert "VIRTUAL TABLE INDEX" in plans[0]
    assert "USING PRIMARY KEY (sum>" in plans[1]


# --- transfers ---


def test_transfers_are_narrowed_down_by_everything_that_is_known_of_them(
    service: Service, card: Path, copied: int, tmp_path: Path
) -> None:
    other = tmp_path / "B777"
    other.mkdir()
    (other / "x").write_bytes(b"x")
    second = carried_out(service, request_for([other], [drive(tmp_path, "TAPE")]))
    at_us = service.transfer(second).created_us

    def found(query: HistoryQuery) -> list[int]:
        listed = [one.id for one in service.history(query)]
        assert service.history_count(query) == len(listed)
        return listed

    assert found(HistoryQuery()) == [second, copied]
    assert found(HistoryQuery(text="b777")) == [second]
    assert found(HistoryQuery(volume="TAPE")) == [second]
    assert found(HistoryQuery(since_us=at_us)) == [second]
    assert found(HistoryQuery(until_us=at_us)) == [copied]
    assert found(HistoryQuery(statuses=frozenset({TransferStatus.FAILED}))) == []
    assert found(HistoryQuery(is_doubted=True)) == []
    volume = service.ledger.transfer(copied).destinations[0].place.volume
    assert found(HistoryQuery(volume=volume)) == [second, copied]


def test_what_is_hidden_is_out_of_sight_and_in_the_audit(service: Service, copied: int) -> None:
    before = service.verify_audit().entries
    service.hide(copied)
    assert service.history() == ()
    (hidden,) = service.history(HistoryQuery(with_hidden=True))
    assert hidden.is_hidden
    assert service.verify_audit().entries == before
    assert names(service, "C012"), "its clips are found all the same"
    service.show_again(copied)
    assert [one.id for one in service.history()] == [copied]


def test_only_what_is_at_its_end_is_hidden(service: Service, card: Path, tmp_path: Path) -> None:
    with pytest.raises(NoSuchTransfer):
        service.hide(9)
    request = request_for([card], [drive(tmp_path, "A")])
    slow = replace(request, options=replace(request.options, limit_bytes_per_s=1000))
    (card / "big").write_bytes(os.urandom(200_000))
    transfer = service.create(slow)
    with pytest.raises(NotHidden):
        service.hide(transfer)
    service.cancel(transfer)
    assert service.wait(transfer, 30)
    service.hide(transfer)
    assert transfer not in [one.id for one in service.snapshot().transfers]
