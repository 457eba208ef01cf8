"""Verify again: copies are read from where they are kept, and what is not as it was is named."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from ketter_gui.domain.chain import COLUMNS
from ketter_gui.domain.checking import (
    FINDINGS_SHOWN,
    CheckView,
    NothingToVerify,
    Verdict,
)
from ketter_gui.domain.errors import NoSuchTransfer, VolumeGone
from ketter_gui.domain.limits import MIB
from ketter_gui.domain.names import to_bytes
from ketter_gui.domain.options import Mode, OnConflict, Options
from ketter_gui.domain.status import TransferStatus
from ketter_gui.service.service import Service
from ketter_gui.store.transaction import Transaction
from tests.builders import drive, odd_card, payload, tree_of
from tests.disk.mounting import Disk, disk
from tests.service.conftest import carried_out, checked, request_for

BIG = 5 * MIB


@pytest.fixture
def card(tmp_path: Path) -> Path:
    folder = tmp_path / "A001"
    (folder / "CLIPS").mkdir(parents=True)
    (folder / "clip.mov").write_bytes(payload(BIG, 1))
    (folder / "CLIPS" / "small.txt").write_bytes(b"small")
    (folder / "CLIPS" / "empty").touch()
    (folder / "link").symlink_to("clip.mov")
    return folder


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return drive(tmp_path, "DRIVE")


def found(view: CheckView) -> set[tuple[str, str]]:
    return {(one.verdict.value, Path(one.path.text).name) for one in view.findings}


def flip_a_bit(path: Path) -> None:
    """As a failing drive does: nothing but the bytes tells."""
    state = path.stat()
    with path.open("r+b") as file:
        file.seek(BIG // 2)
        byte = file.read(1)
        file.seek(BIG // 2)
        file.write(bytes([byte[0] ^ 1]))
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))


def test_what_is_as_it_was_is_equal_and_the_audit_says_so(
    service: Service, card: Path, place: Path, tmp_path: Path
) -> None:
    other = drive(tmp_path, "OTHER")
    transfer = carried_out(service, request_for([card], [place, other]))
    before = tree_of(place)
    view = checked(service, transfer)
    assert view.is_proven
    assert view.count(Verdict.EQUAL) == view.files_total == view.files_done == 6
    assert view.bytes_done == view.bytes_total == 2 * (BIG + 5)
    assert view.findings == ()
    assert [sum(one.read_back.values()) for one in view.places] == [3, 3]
    assert tree_of(place) == before
    rows = [row for row in service.ledger.audit_rows(transfer=transfer) if "REVERIFIED" in row]
    assert len(rows) == 2
    assert service.ledger.last_signed() is not None
    assert service.verify_audit().last_sequence == service.ledger.last_signed().head.sequence  # type: ignore[union-attr]


def test_a_flipped_bit_a_lost_file_a_swapped_link_and_a_stranger_are_told_apart(
    service: Service, card: Path, place: Path
) -> None:
    transfer = carried_out(service, request_for([card], [place]))
    copy = place / "A001"
    flip_a_bit(copy / "clip.mov")
    (copy / "CLIPS" / "small.txt").unlink()
    (copy / "CLIPS" / "empty").unlink()
    (copy / "CLIPS" / "empty").symlink_to("/etc/passwd")
    (copy / "stranger.txt").write_text("new")
    (copy / "STRANGERS").mkdir()
    (copy / "STRANGERS" / "inside").touch()
    (copy / ".DS_Store").touch()
    view = checked(service, transfer)
    assert found(view) == {
        ("changed", "clip.mov"),
        ("missing", "small.txt"),
        ("changed", "empty"),
        ("extra", "stranger.txt"),
        ("extra", "STRANGERS"),
    }
    assert not view.is_proven
    assert service.transfer(transfer).copies_doubted == 3
    (why,) = [one.why for one in view.findings if one.path.text.endswith("clip.mov")]
    assert "failing" in why
    rows = [row for row in service.ledger.audit_rows(transfer=transfer) if "REVERIFIED" in row]
    assert len(rows) == 6  # three copies, two strangers, and the drive


def test_what_was_written_to_since_is_not_called_a_failing_drive(
    service: Service, card: Path, place: Path
) -> None:
    transfer = carried_out(service, request_for([card], [place]))
    (place / "A001" / "clip.mov").write_bytes(payload(BIG, 2))
    (finding,) = checked(service, transfer).findings
    assert (finding.verdict, finding.why) == (Verdict.CHANGED, "it was written to since")
    assert service.transfer(transfer).copies_doubted == 1
    (place / "A001" / "clip.mov").write_bytes(payload(BIG, 1))
    assert checked(service, transfer).is_proven
    assert service.transfer(transfer).copies_doubted == 0


def test_a_folder_that_became_a_link_is_not_followed(
    service: Service, card: Path, place: Path, tmp_path: Path
) -> None:
    transfer = carried_out(service, request_for([card], [place]))
    clips = place / "A001" / "CLIPS"
    clips.rename(tmp_path / "elsewhere")
    clips.symlink_to(tmp_path / "elsewhere")
    view = checked(service, transfer)
    assert view.count(Verdict.EQUAL) == 1
    assert view.count(Verdict.CHANGED) == 3


def test_a_fifo_in_a_copys_place_is_not_waited_for(
    service: Service, card: Path, place: Path
) -> None:
    transfer = carried_out(service, request_for([card], [place]))
    (place / "A001" / "clip.mov").unlink()
    os.mkfifo(place / "A001" / "clip.mov")
    assert found(checked(service, transfer)) == {("changed", "clip.mov")}


def test_a_copy_that_is_not_what_it_was_is_no_proof_for_later_transfers(
    service: Service, card: Path, place: Path
) -> None:
    """The drive lies about one bit: state and time are those of the proof."""
    first = carried_out(service, request_for([card], [place]))
    again = carried_out(service, request_for([card], [place]))
    assert service.transfer(again).files_skipped == 3
    copy = place / "A001" / "clip.mov"
    rows = "UPDATE copies SET ctime_ns = ? WHERE ctime_ns = ?"
    then = copy.stat().st_ctime_ns
    flip_a_bit(copy)
    now = copy.stat().st_ctime_ns
    service.ledger.transact(lambda tx: tx.execute(rows, (now, then)))
    blind = carried_out(service, request_for([card], [place]))
    assert service.transfer(blind).files_skipped == 3, "nothing but reading can tell"
    checked(service, first)
    seeing = carried_out(service, request_for([card], [place]))
    assert service.transfer(seeing).files_failed == 1
    assert service.transfer(seeing).status is TransferStatus.FAILED


def test_a_move_within_a_volume_is_verified_like_any_other(
    service: Service, card: Path, place: Path
) -> None:
    transfer = carried_out(service, request_for([card], [place], mode=Mode.MOVE))
    assert service.transfer(transfer).files_renamed
    assert checked(service, transfer).is_proven
    flip_a_bit(place / "A001" / "clip.mov")
    assert found(checked(service, transfer)) == {("changed", "clip.mov")}


def test_names_that_are_no_text_are_found_again(
    service: Service, tmp_path: Path, place: Path
) -> None:
    odd = odd_card(tmp_path)
    transfer = carried_out(service, request_for([odd.path], [place]))
    assert checked(service, transfer).is_proven
    victim = next(path for path in sorted(place.rglob("*")) if path.is_file())
    victim.unlink()
    (finding,) = checked(service, transfer).findings
    assert to_bytes(finding.path.text, finding.path.form) == os.fsencode(victim)


def test_a_drive_is_found_where_it_is_mounted_now_and_told_when_it_is_not(
    service: Service, card: Path, tmp_path: Path
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    with disk(tmp_path, "mine") as mine:
        mine.mount(here)
        transfer = carried_out(service, request_for([card], [here]))
        Disk.pull(here)
        mine.mount(there)
        view = checked(service, transfer)
        assert view.is_proven
        assert view.places[0].path.text == str(there)
        assert view.places[0].read_back == {"storage": 3}
        Disk.pull(there)
        check = service.verify_again(transfer)
        assert check.wait(60)
        assert isinstance(check.error, VolumeGone)
        assert not check.view().is_whole


def test_what_has_no_proof_is_refused_by_name(service: Service, card: Path, place: Path) -> None:
    with pytest.raises(NoSuchTransfer):
        service.verify_again(1)
    (place / "A001").mkdir()
    for name in ("clip.mov", "CLIPS", "link"):
        (place / "A001" / name).symlink_to("nowhere")  # in the way of everything
    failed = carried_out(service, request_for([card], [place]))
    assert service.transfer(failed).files_verified == 0
    with pytest.raises(NothingToVerify):
        service.verify_again(failed)


def test_a_stopped_check_says_that_it_is_not_whole(
    service: Service, card: Path, place: Path
) -> None:
    """Stopped before it reads: a FIFO of ours would hold it up, a lock on the ledger does."""
    transfer = carried_out(service, request_for([card], [place]))
    entered, may_go = threading.Event(), threading.Event()

    def hold(_tx: Transaction) -> None:
        entered.set()
        may_go.wait(30)

    (place / "A001" / "CLIPS" / "empty").unlink()  # to be told, and that waits for the ledger
    holder = threading.Thread(target=service.ledger.transact, args=(hold,))
    holder.start()
    assert entered.wait(30)
    check = service.verify_again(transfer)
    check.stop()
    may_go.set()
    holder.join(30)
    assert check.wait(30)
    view = check.view()
    assert not view.is_whole
    assert view.files_done < view.files_total
    rows = service.ledger.audit_rows(transfer=transfer)
    assert len([row for row in rows if "not finished" in row]) == 1


def test_a_link_that_leads_elsewhere_is_changed(service: Service, card: Path, place: Path) -> None:
    transfer = carried_out(service, request_for([card], [place]))
    link = place / "A001" / "link"
    link.unlink()
    link.symlink_to("clip.mow")  # as long as before
    (finding,) = checked(service, transfer).findings
    assert (finding.verdict, Path(finding.path.text).name) == (Verdict.CHANGED, "link")
    assert "clip.mow" in finding.why


def test_a_link_that_was_moved_within_its_volume_is_compared_too(
    service: Service, card: Path, place: Path
) -> None:
    transfer = carried_out(service, request_for([card], [place], mode=Mode.MOVE))
    link = place / "A001" / "link"
    link.unlink()
    link.symlink_to("clip.mow")
    assert found(checked(service, transfer)) == {("changed", "link")}


def test_every_extra_stands_in_the_audit(service: Service, card: Path, place: Path) -> None:
    transfer = carried_out(service, request_for([card], [place]))
    strangers = {f"{number:04d}.txt" for number in range(FINDINGS_SHOWN + 300)}
    for name in strangers:
        (place / "A001" / "CLIPS" / name).touch()
    view = checked(service, transfer)
    assert view.count(Verdict.EXTRA) == len(strangers)
    assert len(view.findings) == FINDINGS_SHOWN
    assert not view.is_all_shown
    column, result = COLUMNS.index("destination_path"), COLUMNS.index("result")
    rows = service.ledger.audit_rows(transfer=transfer)
    assert {Path(row[column]).name for row in rows if row[result] == "extra"} == strangers
    assert view.is_proven, "what others put there harms no copy"


def test_a_name_that_the_transfer_gave_is_no_stranger(
    service: Service, card: Path, place: Path
) -> None:
    (place / "A001").mkdir()
    (place / "A001" / "clip.mov").write_bytes(b"another")
    options = Options(on_conflict=OnConflict.RENAME)
    transfer = carried_out(service, request_for([card], [place], options=options))
    assert (place / "A001" / "clip (2).mov").exists()
    view = checked(service, transfer)
    assert view.is_proven
    assert view.findings == ()
