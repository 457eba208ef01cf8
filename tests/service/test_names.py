"""Names and sizes that a destination cannot hold are found before the first byte."""

from __future__ import annotations

import json
import os
import unicodedata
from contextlib import suppress
from pathlib import Path

import pytest

from ketter_gui.cli.arguments import TerminalCommand, parse
from ketter_gui.domain.chain import COLUMNS
from ketter_gui.domain.errors import NotHeld
from ketter_gui.domain.options import OnConflict, Options
from ketter_gui.domain.status import TransferStatus
from ketter_gui.engine import names_check
from ketter_gui.service.service import Service
from tests.builders import drive, leftovers, odd_card, payload, tree_of
from tests.disk import mounting
from tests.service.conftest import carried_out, request_for
from tests.service.test_resuming import dead_at


def card_of(folder: Path, *names: bytes, name: str = "A001") -> Path:
    """A card with a small file for each name, which may lie in folders."""
    card = folder / name
    for number, one in enumerate(names):
        path = os.path.join(os.fsencode(card), one)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(payload(500 + number, number))
    return card


def refusal(service: Service, transfer: int) -> str:
    """What is said of a transfer that was refused; its destination is as it was."""
    failure = service.failure(transfer)
    assert isinstance(failure, NotHeld)
    view = service.transfer(transfer)
    assert view.status is TransferStatus.FAILED
    assert (view.bytes_copied, view.files_verified, view.files_failed) == (0, 0, 0)
    assert view.message == str(failure)
    return str(failure)


def test_everything_that_exfat_refuses_is_in_one_refusal_and_nothing_is_written(
    service: Service, tmp_path: Path
) -> None:
    card = card_of(
        tmp_path,
        b"good.mov",
        b"take 1: wide.mov",
        b"CLIPS/caf\xe9.mov",
        b"CLIPS/A.mov",
        b"CLIPS/a.MOV",
        "CLIPS/σ.mov".encode(),
        "CLIPS/ς.mov".encode(),
        "CLIPS/ß.mov".encode(),
        b"CLIPS/ss.mov",
    )
    with mounting.exfat(tmp_path) as drive:
        transfer = carried_out(service, request_for([card], [drive]))
        said = refusal(service, transfer)
        assert os.listdir(drive) == []
    assert "cannot hold 4 items: A001/take 1: wide.mov (the character “:”)" in said
    assert "A001/CLIPS/caf\\xe9.mov (not UTF-8)" in said
    assert "A001/CLIPS/a.MOV (the same name there as A001/CLIPS/A.mov)" in said
    assert "A001/CLIPS/σ.mov (the same name there as A001/CLIPS/ς.mov)" in said
    assert "ß" not in said
    assert "Nothing was copied." in said


def test_the_same_card_arrives_whole_on_a_drive_that_holds_it(
    service: Service, tmp_path: Path
) -> None:
    card = odd_card(tmp_path).path
    (card / "A.mov").write_bytes(b"one")
    (card / "a.mov").write_bytes(b"other")
    (card / "CON").write_bytes(b"device")
    with mounting.ext4(tmp_path) as drive:
        transfer = carried_out(service, request_for([card], [drive]))
        assert service.transfer(transfer).status is TransferStatus.COMPLETED
        assert tree_of(drive / "odd") == tree_of(card)
        assert leftovers(drive) == []


def test_folders_that_would_become_one_are_refused_with_what_is_in_them(
    service: Service, tmp_path: Path
) -> None:
    card = card_of(tmp_path, b"DCIM/1.mov", b"dcim/1.mov", b"dcim/2.mov")
    with mounting.exfat(tmp_path) as drive:
        said = refusal(service, carried_out(service, request_for([card], [drive])))
    assert "A001/dcim (the same name there as A001/DCIM)" in said
    assert "cannot hold 2 items" in said


def test_composed_and_decomposed_letters_are_one_where_the_drive_says_so(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As APFS and HFS+ do; on Linux only a share of such a drive does it."""

    def folding(path, *rest, dir_fd=None, **more):  # type: ignore[no-untyped-def]
        try:
            return real(path, *rest, dir_fd=dir_fd, **more)
        except FileNotFoundError:
            if dir_fd is None or not isinstance(path, bytes):
                raise
            for form in ("NFC", "NFD"):
                other = os.fsencode(unicodedata.normalize(form, os.fsdecode(path)))
                with suppress(FileNotFoundError):
                    return real(other, *rest, dir_fd=dir_fd, **more)
            raise

    card = card_of(tmp_path, "café.mov".encode(), "cafe\u0301.mov".encode(), b"cafe.mov")
    to = drive(tmp_path, "DRIVE")
    real = os.stat
    monkeypatch.setattr(os, "stat", folding)
    said = refusal(service, carried_out(service, request_for([card], [to])))
    assert "cannot hold 1 item" in said
    assert "(the same name there as A001/" in said
    monkeypatch.setattr(os, "stat", real)
    assert os.listdir(to) == []
    assert service.transfer(carried_out(service, request_for([card], [to]))).files_verified == 3


def test_the_command_line_refuses_with_2_and_names_them(
    data_dir: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    card = card_of(tmp_path, b"a:b.mov")
    with mounting.exfat(tmp_path) as to:
        command = parse(["copy", str(card), "--to", str(to)])
        assert isinstance(command, TerminalCommand)
        with Service(data_dir) as service:
            assert command.act(service) == 2
    assert "cannot hold 1 item: A001/a:b.mov (the character “:”)" in capfd.readouterr().err


def test_two_cards_whose_names_are_one_there_are_refused(service: Service, tmp_path: Path) -> None:
    one = card_of(tmp_path / "x", b"1.mov", name="Card")
    other = card_of(tmp_path / "y", b"2.mov", name="CARD")
    with mounting.exfat(tmp_path) as drive:
        said = refusal(service, carried_out(service, request_for([one, other], [drive])))
        assert "CARD (the same name there as Card)" in said


def test_a_drive_with_the_rules_of_windows_is_told_from_one_without(
    service: Service, tmp_path: Path
) -> None:
    card = card_of(tmp_path, b"CON", b"aux.txt", b"dot.", b"what?", b"fine.mov")
    with mounting.ntfs(tmp_path, options="windows_names") as drive:
        said = refusal(service, carried_out(service, request_for([card], [drive])))
        assert "cannot hold 4 items" in said
        assert os.listdir(drive) == []
    with mounting.ntfs(tmp_path, "plain") as drive:
        transfer = carried_out(service, request_for([card], [drive]))
        assert service.transfer(transfer).status is TransferStatus.COMPLETED
        assert tree_of(drive / "A001") == tree_of(card)


def notes(service: Service, transfer: int) -> list[str]:
    rows = [
        dict(zip(COLUMNS, row, strict=True)) for row in service.ledger.audit_rows(transfer=transfer)
    ]
    found = [row for row in rows if row["error_type"] == names_check.NOT_FOR_WINDOWS]
    assert all(json.loads(row["details"])["count"] == 3 for row in found)
    return [row["message"] for row in found]


def test_what_windows_will_not_open_is_said_once_with_the_count(
    data_dir: Path, tmp_path: Path
) -> None:
    card = card_of(tmp_path, b"CON", b"what?.mov", b"a.mov", b"A.mov", b"fine.mov")
    with mounting.ntfs(tmp_path) as drive:
        dead_at("commit:name_it", data_dir, card, drive)
        with Service(data_dir) as service:
            (view,) = service.interrupted()
            service.resume(view.id)
            assert service.wait(view.id, 60)
            assert service.transfer(view.id).status is TransferStatus.COMPLETED
            (said,) = notes(service, view.id)
        assert "3 items whose name Windows will not open" in said
        assert "A001/CON (a name that Windows keeps for devices)" in said


def test_nothing_is_said_of_windows_where_it_does_not_read(
    service: Service, tmp_path: Path
) -> None:
    card = card_of(tmp_path, b"CON", b"what?.mov")
    with mounting.ext4(tmp_path) as drive:
        transfer = carried_out(service, request_for([card], [drive]))
        assert notes(service, transfer) == []


def test_names_are_as_long_as_the_drive_counts_them(service: Service, tmp_path: Path) -> None:
    """85 letters of three bytes fill a name on Linux; exFAT takes 255 of them."""
    long_name = "字".encode() * 200
    with mounting.exfat(tmp_path) as drive, mounting.ext4(tmp_path) as other:
        card = drive / "A001"
        card.mkdir()
        with open(os.path.join(os.fsencode(card), long_name), "wb") as file:
            file.write(b"footage")
        said = refusal(service, carried_out(service, request_for([card], [other])))
        assert "600 bytes long, 255 at the most" in said
        with mounting.exfat(tmp_path, "exfat2") as third:
            transfer = carried_out(service, request_for([card], [third]))
            assert service.transfer(transfer).status is TransferStatus.COMPLETED
            assert os.listdir(os.fsencode(third / "A001")) == [long_name]


def test_a_file_that_is_too_big_for_the_drive_is_found_before(
    service: Service, tmp_path: Path
) -> None:
    card = card_of(tmp_path, b"small.mov")
    with open(card / "huge.mov", "wb") as file:
        file.truncate(17 << 30)
    with mounting.ext2(tmp_path, image_bytes=24 << 30) as drive:
        said = refusal(service, carried_out(service, request_for([card], [drive])))
    assert "cannot hold 1 item: A001/huge.mov (18.3 GB, 17.2 GB at the most)" in said


def test_more_than_can_be_shown_is_counted_and_in_the_log(
    service: Service, data_dir: Path, tmp_path: Path
) -> None:
    card = card_of(tmp_path, *(b"%03d: take.mov" % number for number in range(50)))
    with mounting.exfat(tmp_path) as drive:
        said = refusal(service, carried_out(service, request_for([card], [drive])))
    assert "cannot hold 50 items" in said
    assert "and 30 more" in said
    assert said.count("take.mov") == 20
    logged = "".join(path.read_text() for path in (data_dir / "logs").glob("*"))
    assert all(f"{number:03d}: take.mov" in logged for number in range(50))


def test_after_renaming_a_retry_goes_through(service: Service, tmp_path: Path) -> None:
    """A new transfer finds the new names; nothing of the old one is in its way."""
    card = card_of(tmp_path, b"a:b.mov", b"fine.mov")
    with mounting.exfat(tmp_path) as drive:
        refusal(service, carried_out(service, request_for([card], [drive])))
        (card / "a:b.mov").rename(card / "a-b.mov")
        transfer = carried_out(service, request_for([card], [drive]))
        assert service.transfer(transfer).status is TransferStatus.COMPLETED
        assert tree_of(drive / "A001") == tree_of(card)


@pytest.mark.parametrize(
    ("policy", "content", "status", "names"),
    [
        (OnConflict.SKIP, b"take two", TransferStatus.FAILED, {"a.mov": b"take one"}),
        (OnConflict.SKIP, b"take one", TransferStatus.COMPLETED, {"a.mov": b"take one"}),
        (OnConflict.FAIL, b"take one", TransferStatus.FAILED, {"a.mov": b"take one"}),
        (OnConflict.OVERWRITE, b"take two", TransferStatus.COMPLETED, {"A.MOV": b"take two"}),
        (
            OnConflict.RENAME,
            b"take two",
            TransferStatus.COMPLETED,
            {"a.mov": b"take one", "A (2).MOV": b"take two"},
        ),
    ],
)
def test_a_name_that_is_there_in_other_letters_follows_the_conflict_policy(
    service: Service,
    tmp_path: Path,
    policy: OnConflict,
    content: bytes,
    status: TransferStatus,
    names: dict[str, bytes],
) -> None:
    card = tmp_path / "a001"
    card.mkdir()
    (card / "A.MOV").write_bytes(content)
    with mounting.exfat(tmp_path) as drive:
        there = drive / "A001"
        there.mkdir()
        (there / "a.mov").write_bytes(b"take one")
        request = request_for([card], [drive], options=Options(on_conflict=policy))
        transfer = carried_out(service, request)
        assert service.transfer(transfer).status is status
        assert os.listdir(drive) == ["A001"]
        assert {path.name: path.read_bytes() for path in there.iterdir()} == names


def test_only_what_is_not_done_is_checked_again(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is verified on one drive is no question any more when the other one is back."""
    card = card_of(tmp_path, b"1.mov", b"2.mov")
    looked: list[bytes] = []
    look_at = names_check._look_at

    def look(item, *rest):  # type: ignore[no-untyped-def]
        looked.append(item.path)
        return look_at(item, *rest)

    monkeypatch.setattr(names_check, "_look_at", look)
    with mounting.exfat(tmp_path) as drive, Service(data_dir) as service:
        (drive / "A001").mkdir()
        (drive / "A001" / "2.mov").write_bytes(b"something else")
        transfer = carried_out(service, request_for([card], [drive]))
        assert service.transfer(transfer).status is TransferStatus.FAILED
        assert sorted(looked) == [b"A001", b"A001/1.mov", b"A001/2.mov"]
        looked.clear()
        service.retry(transfer)
        assert service.wait(transfer, 60)
        assert looked == [b"A001/2.mov"]


def test_a_killed_preflight_leaves_nothing_after_the_transfer_has_gone_on(
    data_dir: Path, tmp_path: Path
) -> None:
    card = card_of(tmp_path, b"1.mov")
    drive = tmp_path / "DRIVE"
    drive.mkdir()
    dead_at("names_check:ask", data_dir, card, drive)
    assert len(leftovers(drive)) == 1
    with Service(data_dir) as service:
        (view,) = service.interrupted()
        service.resume(view.id)
        assert service.wait(view.id, 60)
    assert leftovers(drive) == []
    assert tree_of(drive / "A001") == tree_of(card)


def test_a_probe_on_a_card_is_no_footage(service: Service, tmp_path: Path) -> None:
    card = card_of(tmp_path, b"1.mov")
    (card / ".ketter-0badcafe.probe").mkdir()
    drive = tmp_path / "DRIVE"
    drive.mkdir()
    transfer = carried_out(service, request_for([card], [drive]))
    assert service.transfer(transfer).status is TransferStatus.COMPLETED
    assert os.listdir(drive / "A001") == ["1.mov"]
