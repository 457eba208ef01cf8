"""What is there already and unchanged is not read again: skipped, and its proof is named.

Every way in which a file could be another one than was read must lead to reading it.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ketter_gui.domain.options import Mode, Options, Pack
from ketter_gui.domain.status import CopyStatus, TransferStatus
from ketter_gui.engine.known import KnowsNothing
from ketter_gui.engine.plan import Plan
from ketter_gui.queue.known import known_to, was_at_rest
from ketter_gui.service.service import Service
from ketter_gui.store.ledger import Ledger
from tests.builders import drive, payload, tree_of
from tests.disk.mounting import exfat, mounted, need_root
from tests.service.conftest import carried_out, request_for

CLIP = "A001/CLIPS/clip.mov"


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """Two small files and a big one, that nobody has changed for a moment."""
    return made_card(tmp_path)


def made_card(folder: Path) -> Path:
    card = folder / "A001"
    (card / "CLIPS").mkdir(parents=True)
    (card / "CLIPS" / "clip.mov").write_bytes(payload(70_000, 1))
    (card / "CLIPS" / "clip.xml").write_bytes(payload(300, 2))
    (card / "big.mov").write_bytes(payload(5_000_000, 3))
    at_rest(card)
    return card


def at_rest(card: Path) -> None:
    """Wait until a change of any of these files would have another ctime."""
    newest = max(path.lstat().st_ctime_ns for path in card.rglob("*"))
    while not was_at_rest(newest, time.time_ns() // 1000):
        pass


@pytest.fixture
def to(tmp_path: Path) -> Path:
    return drive(tmp_path, "DRIVE_A")


def skips(service: Service, transfer: int) -> dict[str, dict[str, Any]]:
    """By item, the details of what was said about a copy that was there already."""
    return {
        line.item_path: json.loads(line.details)
        for line in service.timeline(transfer)
        if line.event == "ITEM_SKIPPED"
    }


def read_again(service: Service, transfer: int) -> set[str]:
    """The files that this transfer read at their source."""
    return {
        line.item_path for line in service.timeline(transfer) if line.event == "CHECKSUM_CALCULATED"
    }


def proofs(service: Service, transfer: int) -> dict[str, int | None]:
    """By file, the transfer on whose proof its first copy rests."""
    return {
        item.path.text: item.copies[0].proof
        for item in service.items(transfer)
        if item.kind.value == "file"
    }


def in_ledger(service: Service, statement: str) -> None:
    with closing(sqlite3.connect(service.ledger.path)) as ledger, ledger:
        ledger.execute(statement)


def test_an_unchanged_card_is_skipped_on_its_earlier_proof_and_says_so(
    service: Service, card: Path, to: Path
) -> None:
    first = carried_out(service, request_for([card], [to]))
    again = carried_out(service, request_for([card], [to]))
    view = service.transfer(again)
    assert view.status is TransferStatus.COMPLETED
    assert view.files_skipped == view.files_verified == view.files_total == 3
    assert view.bytes_verified == view.bytes_copied == view.bytes_total
    assert read_again(service, again) == set()
    assert proofs(service, again) == dict.fromkeys(proofs(service, first), first)
    assert service.not_read_again(again) == 3
    earlier = {item.path.text: item for item in service.items(first)}
    for item in service.items(again):
        if item.kind.value != "file":
            continue
        was = earlier[item.path.text]
        assert item.checksums == was.checksums
        assert item.copies[0].checksums == was.copies[0].checksums
        assert item.copies[0].proven_us == proven_us(service, first, item.path.text)
        assert item.copies[0].read_back is was.copies[0].read_back
        said = skips(service, again)[item.path.text]
        assert said["proof"]["transfer"] == said["source_read_in"] == first
        assert said["proof"]["proven"].endswith("Z")
    assert service.verify_audit().entries > 0


def proven_us(service: Service, transfer: int, path: str) -> int:
    for record in service.ledger.items(transfer):
        if record.item.path == path.encode():
            return record.copies[0].proven_us
    raise AssertionError(path)


def test_the_proof_that_is_named_is_the_one_that_read(
    service: Service, card: Path, to: Path
) -> None:
    first = carried_out(service, request_for([card], [to]))
    carried_out(service, request_for([card], [to]))
    last = carried_out(service, request_for([card], [to]))
    assert set(proofs(service, last).values()) == {first}
    assert skips(service, last)[CLIP]["source_read_in"] == first
    assert {item.read_in for item in service.items(last) if item.checksums} == {first}


def _rewritten(path: Path) -> None:
    """Other bytes, and everything that one can set as it was."""
    was = path.stat()
    with path.open("r+b") as file:
        file.write(payload(64, 99))
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))


def _touched(path: Path) -> None:
    os.utime(path)


def _with_another_mode(path: Path) -> None:
    path.chmod(0o600 if path.stat().st_mode & 0o077 else 0o644)


def _replaced(path: Path) -> None:
    """Another file with the same bytes and times."""
    was = path.stat()
    twin = path.with_name("twin")
    twin.write_bytes(path.read_bytes())
    os.utime(twin, ns=(was.st_atime_ns, was.st_mtime_ns))
    twin.replace(path)


@pytest.mark.parametrize("change", [_touched, _with_another_mode, _replaced])
def test_a_source_that_was_touched_is_read(
    service: Service, card: Path, to: Path, change: Callable[[Path], None]
) -> None:
    first = carried_out(service, request_for([card], [to]))
    change(card / "CLIPS" / "clip.mov")
    again = carried_out(service, request_for([card], [to]))
    assert service.transfer(again).status is TransferStatus.COMPLETED
    assert read_again(service, again) == {CLIP}
    assert "source_read_in" not in skips(service, again)[CLIP]
    assert proofs(service, again)[CLIP] == first  # its copy is as it was


@pytest.mark.parametrize("change", [_touched, _with_another_mode, _replaced])
def test_a_copy_that_was_touched_is_read(
    service: Service, card: Path, to: Path, change: Callable[[Path], None]
) -> None:
    carried_out(service, request_for([card], [to]))
    change(to / CLIP)
    again = carried_out(service, request_for([card], [to]))
    assert service.transfer(again).status is TransferStatus.COMPLETED
    assert read_again(service, again) == set()
    said = skips(service, again)[CLIP]
    assert "proof" not in said
    assert said["source_read_in"]
    assert proofs(service, again)[CLIP] is None
    assert proofs(service, again)["A001/big.mov"] is not None


def test_a_copy_that_was_overwritten_in_place_is_not_taken_for_proven(
    service: Service, card: Path, to: Path
) -> None:
    carried_out(service, request_for([card], [to]))
    _rewritten(to / CLIP)
    again = carried_out(service, request_for([card], [to]))
    assert service.transfer(again).files_failed == 1
    statuses = {item.path.text: item.copies[0].status for item in service.items(again)}
    assert statuses[CLIP] is CopyStatus.FAILED


def test_a_source_that_was_overwritten_in_place_is_not_taken_for_copied(
    service: Service, card: Path, to: Path
) -> None:
    carried_out(service, request_for([card], [to]))
    _rewritten(card / "CLIPS" / "clip.mov")
    again = carried_out(service, request_for([card], [to]))
    assert service.transfer(again).files_failed == 1


def test_a_longer_source_is_not_taken_for_copied(service: Service, card: Path, to: Path) -> None:
    carried_out(service, request_for([card], [to]))
    with (card / "CLIPS" / "clip.mov").open("ab") as file:
        file.write(b"more")
    again = carried_out(service, request_for([card], [to]))
    assert service.transfer(again).files_failed == 1


def test_a_move_reads_both_sides(service: Service, card: Path, to: Path) -> None:
    carried_out(service, request_for([card], [to]))
    names = set(skips_names(card))
    move = carried_out(service, request_for([card], [to], Mode.MOVE))
    assert service.transfer(move).status is TransferStatus.COMPLETED
    assert read_again(service, move) == names
    assert set(proofs(service, move).values()) == {None}
    assert tree_of(card) == {}


def skips_names(card: Path) -> Iterator[str]:
    for path in card.rglob("*"):
        if path.is_file():
            yield f"A001/{path.relative_to(card)}"


def test_what_a_move_said_of_its_originals_is_no_proof_of_them(
    service: Service, card: Path, to: Path, tmp_path: Path
) -> None:
    """They wear another name for a moment, which changes their ctime unseen."""
    move = carried_out(service, request_for([card], [to], Mode.MOVE))
    back = carried_out(service, request_for([to / "A001"], [drive(tmp_path, "B")]))
    assert service.transfer(move).status is TransferStatus.COMPLETED
    assert read_again(service, back) == set(skips_names(to / "A001"))


def test_both_sides_are_read_when_that_is_asked_for(service: Service, card: Path, to: Path) -> None:
    carried_out(service, request_for([card], [to]))
    options = Options(read_again=True)
    again = carried_out(service, request_for([card], [to], options=options))
    assert read_again(service, again) == set(skips_names(card))
    assert set(proofs(service, again).values()) == {None}
    assert service.not_read_again(again) == 0


@pytest.mark.parametrize(
    ("mode", "options", "is_used"),
    [
        (Mode.COPY, Options(), True),
        (Mode.MOVE, Options(), False),
        (Mode.COPY, Options(read_again=True), False),
        (Mode.COPY, Options(pack=Pack.ZIP), False),
        (Mode.COPY, Options(pack=Pack.UNZIP), False),
    ],
)
def test_only_a_plain_copy_is_told_what_is_known(
    service: Service, mode: Mode, options: Options, is_used: bool
) -> None:
    known = known_to(service.ledger, Plan(1, "0" * 8, mode, options, (), ()))
    assert isinstance(known, KnowsNothing) is not is_used


def test_another_checksum_than_the_known_ones_is_computed(
    service: Service, card: Path, to: Path
) -> None:
    carried_out(service, request_for([card], [to], options=Options(("sha256", "md5"))))
    other = carried_out(service, request_for([card], [to], options=Options(("sha256", "xxh3"))))
    assert read_again(service, other) == set(skips_names(card))
    one = carried_out(service, request_for([card], [to], options=Options(("md5",))))
    assert read_again(service, one) == set()
    assert {item.checksums[0][0] for item in service.items(one) if item.checksums} == {"md5"}


def test_a_copy_that_only_the_cache_vouched_for_is_read(
    service: Service, card: Path, to: Path
) -> None:
    carried_out(service, request_for([card], [to]))
    in_ledger(service, "UPDATE copies SET read_back = 'cache' WHERE checksums <> ''")
    again = carried_out(service, request_for([card], [to]))
    assert set(proofs(service, again).values()) == {None}


def test_a_source_that_may_have_changed_in_the_tick_of_its_reading_is_read(
    service: Service, card: Path, to: Path
) -> None:
    first = carried_out(service, request_for([card], [to]))
    now_us = (card / "CLIPS" / "clip.mov").stat().st_ctime_ns // 1000
    in_ledger(service, f"UPDATE transfers SET started_us = {now_us} WHERE id = {first}")
    again = carried_out(service, request_for([card], [to]))
    assert CLIP in read_again(service, again)


def test_ticks_are_a_second_where_a_ctime_has_no_fraction() -> None:
    coarse, fine = 1_700_000_000_000_000_000, 1_700_000_000_000_000_001
    assert not was_at_rest(fine, fine // 1000 + 40_000)
    assert was_at_rest(fine, fine // 1000 + 51_000)
    assert not was_at_rest(coarse, coarse // 1000 + 1_000_000)
    assert was_at_rest(coarse, coarse // 1000 + 1_200_000)


def test_a_file_is_known_by_its_place_whatever_was_chosen(
    service: Service, card: Path, tmp_path: Path
) -> None:
    """A folder, the folder above it, a file in it: the same file in the same volume."""
    shelf = drive(tmp_path, "SHELF")
    carried_out(service, request_for([card], [shelf / "DAY1"]))
    inner = carried_out(service, request_for([card / "CLIPS"], [shelf / "DAY1" / "A001"]))
    assert set(proofs(service, inner)) == {"CLIPS/clip.mov", "CLIPS/clip.xml"}
    assert None not in proofs(service, inner).values()
    assert read_again(service, inner) == set()
    clip = card / "CLIPS" / "clip.mov"
    alone = carried_out(service, request_for([clip], [shelf / "DAY1" / "A001" / "CLIPS"]))
    assert None not in proofs(service, alone).values()
    assert read_again(service, alone) == set()
    whole = carried_out(service, request_for([card], [shelf / "DAY1"]))
    assert None not in proofs(service, whole).values()
    assert read_again(service, whole) == set()


def test_a_copy_that_is_there_beside_one_that_is_not_is_checked_against_the_bytes_read(
    service: Service, card: Path, to: Path, tmp_path: Path
) -> None:
    first = carried_out(service, request_for([card], [to]))
    both = carried_out(service, request_for([card], [to, drive(tmp_path, "B")]))
    assert service.transfer(both).status is TransferStatus.COMPLETED
    assert read_again(service, both) == set(skips_names(card))
    for item in service.items(both):
        if item.checksums:
            assert [copy.status for copy in item.copies] == [
                CopyStatus.SKIPPED,
                CopyStatus.VERIFIED,
            ]
            assert [copy.proof for copy in item.copies] == [first, None]
    assert tree_of(tmp_path / "B" / "A001") == tree_of(card)


def test_a_thousand_files_cost_a_handful_of_questions(
    service: Service, to: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = tmp_path / "MANY"
    card.mkdir()
    for number in range(1200):
        (card / f"{number:04d}.xml").write_bytes(b"%d" % number)
    at_rest(card)
    carried_out(service, request_for([card], [to]))
    asked = 0
    read = Ledger.read

    def counted(ledger: Ledger, query: Any) -> Any:
        nonlocal asked
        asked += 1
        return read(ledger, query)

    monkeypatch.setattr(Ledger, "read", counted)
    again = carried_out(service, request_for([card], [to]))
    assert service.transfer(again).files_skipped == 1200
    assert read_again(service, again) == set()
    assert asked < 20


@pytest.mark.root
def test_another_volume_at_the_same_path_is_read(
    service: Service, card: Path, tmp_path: Path
) -> None:
    need_root()
    place = tmp_path / "volume"
    with mounted(place, "mount", "-t", "tmpfs", "ketter-test", place):
        first = carried_out(service, request_for([card], [place]))
        again = carried_out(service, request_for([card], [place]))
        assert set(proofs(service, again).values()) == {first}
        kept = shutil.copytree(place, tmp_path / "kept")
    with mounted(place, "mount", "-t", "tmpfs", "ketter-test", place):
        shutil.copytree(kept, place, dirs_exist_ok=True)
        other = carried_out(service, request_for([card], [place]))
        assert service.transfer(other).files_skipped == 3
        assert set(proofs(service, other).values()) == {None}


@pytest.mark.root
def test_what_lies_on_a_volume_mounted_inside_is_read(
    service: Service, card: Path, to: Path
) -> None:
    need_root()
    inner = card / "INNER"
    with mounted(inner, "mount", "-t", "tmpfs", "ketter-test", inner):
        (inner / "clip.mov").write_bytes(payload(900, 7))
        at_rest(card)
        carried_out(service, request_for([card], [to]))
        again = carried_out(service, request_for([card], [to]))
        assert read_again(service, again) == {"A001/INNER/clip.mov"}


@pytest.mark.root
@pytest.mark.fuse
def test_where_inodes_are_invented_both_sides_are_read(
    service: Service, card: Path, tmp_path: Path
) -> None:
    with exfat(tmp_path) as place:
        carried_out(service, request_for([card], [place]))
        again = carried_out(service, request_for([card], [place]))
        assert service.transfer(again).files_skipped == 3
        assert set(proofs(service, again).values()) == {None}
        on_it = made_card(drive(place, "CARD"))
        to = drive(tmp_path, "DRIVE_B")
        carried_out(service, request_for([on_it], [to]))
        back = carried_out(service, request_for([on_it], [to]))
        assert read_again(service, back) == set(skips_names(on_it))
