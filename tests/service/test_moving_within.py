"""A move within one volume renames: one file as before, one checksum, and never "verified"."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from ketter_gui.domain.errors import NameExists, NameTaken, SourceChanged
from ketter_gui.domain.options import Mode, OnConflict, Options
from ketter_gui.domain.status import CopyStatus, TransferStatus
from ketter_gui.domain.views import TransferView
from ketter_gui.engine import moving, rename
from ketter_gui.service.service import Service
from tests.builders import camera_card, drive, leftovers, odd_card, payload, tree_of
from tests.disk.mounting import btrfs, exfat, ext4, mounted, need_root, ntfs, subvolume, tmpfs
from tests.service.conftest import carried_out, request_for

C = CopyStatus


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    return drive(tmp_path, "SHELF")


def moved(service: Service, sources: list[Path], shelf: Path, **options: object) -> TransferView:
    wanted = Options(**options)  # type: ignore[arg-type]
    return service.transfer(carried_out(service, request_for(sources, [shelf], Mode.MOVE, wanted)))


def inodes(root: Path) -> dict[str, int]:
    return {
        str(path.relative_to(root)): path.lstat().st_ino
        for path in root.rglob("*")
        if path.is_symlink() or not path.is_dir()
    }


def copies_of(service: Service, transfer: int, name: str = "") -> list[tuple[str, CopyStatus]]:
    return [
        (item.path.text.rpartition("/")[2], copy.status)
        for item in service.items(transfer)
        for copy in item.copies
        if item.path.text.endswith(name)
    ]


def test_every_file_is_the_same_file_in_its_new_place(
    service: Service, tmp_path: Path, shelf: Path
) -> None:
    card = camera_card(tmp_path).path
    (card / "big.mov").write_bytes(payload(5_000_000, 1))
    (card / "CONTENTS" / "link").symlink_to("CLIPS/nowhere")
    before, was = tree_of(card), inodes(card)
    view = moved(service, [card], shelf)
    assert view.status is TransferStatus.COMPLETED, view.message
    assert tree_of(shelf / "A001") == before
    assert inodes(shelf / "A001") == was
    assert tree_of(card) == {}
    assert (card / "CONTENTS" / "CLIPS").is_dir(), "folders stay"
    assert leftovers(tmp_path) == []


def test_what_was_renamed_is_counted_as_such_and_never_as_verified(
    service: Service, tmp_path: Path, shelf: Path
) -> None:
    card = camera_card(tmp_path).path
    files = len(tree_of(card))
    view = moved(service, [card], shelf)
    assert (view.files_renamed, view.files_verified, view.files_total) == (files, 0, files)
    assert (view.bytes_renamed, view.bytes_verified) == (view.bytes_total, 0)
    assert view.bytes_copied == view.bytes_total
    assert view.originals_removed == 0
    assert service.history()[0].files_renamed == files
    assert {status for name, status in copies_of(service, view.id) if "." in name} == {C.RENAMED}


def test_the_source_was_read_once_and_nothing_was_read_back(
    service: Service, tmp_path: Path, shelf: Path
) -> None:
    card = camera_card(tmp_path).path
    before = tree_of(card)
    view = moved(service, [card], shelf, checksums=("sha256", "xxh128"))
    for item in service.items(view.id):
        if item.size_bytes and "." in item.path.text:
            inside = item.path.text.removeprefix("A001/").encode()
            assert dict(item.checksums)["sha256"] == before[inside]
            (copy,) = item.copies
            assert (copy.checksums, copy.read_back) == ((), None)
    events = [line.event for line in service.timeline(view.id)]
    assert events.count("ITEM_RENAMED") == len(before)
    assert events.count("CHECKSUM_CALCULATED") == 2 * len(before)
    lines = [line for line in service.timeline(view.id) if line.event == "ITEM_RENAMED"]
    assert {line.result for line in lines} == {"FINAL: renamed, no second copy"}
    verified = [line for line in service.timeline(view.id) if line.event == "CHECKSUM_VERIFIED"]
    assert {line.result for line in verified} == {"FINAL: folder made"}
    assert service.verify_audit().entries > 0


def test_names_that_are_as_bad_as_names_get_are_renamed(
    service: Service, tmp_path: Path, shelf: Path
) -> None:
    card = odd_card(tmp_path).path
    before = tree_of(card)
    view = moved(service, [card], shelf)
    assert view.status is TransferStatus.COMPLETED
    assert tree_of(shelf / "odd") == before
    assert os.listdir(card) == ["pipe"], "what was no item stays"


def test_files_with_several_names_keep_them(service: Service, tmp_path: Path, shelf: Path) -> None:
    """Renaming one name changes the ctime of all: that is no change of the file."""
    card = tmp_path / "card"
    card.mkdir()
    (card / "0.mov").write_bytes(payload(9000, 1))
    for number in range(1, 6):
        os.link(card / "0.mov", card / f"{number}.mov")
    view = moved(service, [card], shelf)
    assert view.status is TransferStatus.COMPLETED, view.message
    assert len(set(inodes(shelf / "card").values())) == 1
    assert len(inodes(shelf / "card")) == 6


def test_a_single_file_and_a_link_are_renamed(
    service: Service, tmp_path: Path, shelf: Path
) -> None:
    clip, link = tmp_path / "clip.mov", tmp_path / "link"
    clip.write_bytes(b"footage")
    link.symlink_to("clip.mov")
    was = clip.stat().st_ino
    view = moved(service, [clip, link], shelf)
    assert view.status is TransferStatus.COMPLETED
    assert (shelf / "clip.mov").stat().st_ino == was
    assert os.readlink(shelf / "link") == "clip.mov"
    assert not clip.exists()
    assert not link.is_symlink()


def test_a_copy_within_one_volume_is_real_bytes(
    service: Service, tmp_path: Path, shelf: Path
) -> None:
    card = camera_card(tmp_path).path
    view = service.transfer(carried_out(service, request_for([card], [shelf], Mode.COPY)))
    assert view.files_renamed == 0
    assert view.files_verified == view.files_total
    assert not set(inodes(card).values()) & set(inodes(shelf / "A001").values())


def test_a_move_to_two_places_is_copied_and_proven(
    service: Service, tmp_path: Path, shelf: Path
) -> None:
    card, other = camera_card(tmp_path).path, drive(tmp_path, "OTHER")
    view = service.transfer(carried_out(service, request_for([card], [shelf, other], Mode.MOVE)))
    assert (view.files_renamed, view.files_verified) == (0, view.files_total)


# --- names that are taken ------------------------------------------------------------------


@pytest.fixture
def taken(tmp_path: Path, shelf: Path) -> Path:
    """A card with a file that the shelf has, one that differs there, and one that is new."""
    card = tmp_path / "card"
    for root in (card, shelf / "card"):
        root.mkdir()
        (root / "same.mov").write_bytes(payload(5000, 1))
        (root / "other.mov").write_bytes(payload(5000, 2 if root is card else 3))
    (card / "new.mov").write_bytes(payload(5000, 4))
    return card


def test_what_is_there_already_lets_its_original_go_after_both_were_read(
    service: Service, taken: Path, shelf: Path
) -> None:
    there = (shelf / "card" / "same.mov").stat().st_ino
    view = moved(service, [taken], shelf)
    assert view.status is TransferStatus.FAILED
    assert dict(copies_of(service, view.id, ".mov")) == {
        "same.mov": C.SKIPPED,
        "other.mov": C.FAILED,
        "new.mov": C.RENAMED,
    }
    assert (shelf / "card" / "same.mov").stat().st_ino == there
    assert os.listdir(taken) == ["other.mov"]
    assert (shelf / "card" / "other.mov").read_bytes() == payload(5000, 3)
    assert view.failed[0].copies[0].error_type == NameTaken.__name__
    assert (view.files_skipped, view.files_renamed, view.originals_removed) == (1, 1, 1)


def test_under_fail_any_name_that_is_there_fails(
    service: Service, taken: Path, shelf: Path
) -> None:
    view = moved(service, [taken], shelf, on_conflict=OnConflict.FAIL)
    assert sorted(os.listdir(taken)) == ["other.mov", "same.mov"]
    assert {item.copies[0].error_type for item in view.failed} == {NameExists.__name__}


def test_under_rename_a_different_file_moves_beside_it(
    service: Service, taken: Path, shelf: Path
) -> None:
    was = (taken / "other.mov").stat().st_ino
    view = moved(service, [taken], shelf, on_conflict=OnConflict.RENAME)
    assert view.status is TransferStatus.COMPLETED
    assert (shelf / "card" / "other (2).mov").stat().st_ino == was
    assert (shelf / "card" / "other.mov").read_bytes() == payload(5000, 3)
    assert os.listdir(taken) == []


def test_under_overwrite_a_different_file_takes_its_place(
    service: Service, taken: Path, shelf: Path
) -> None:
    was = (taken / "other.mov").stat().st_ino
    view = moved(service, [taken], shelf, on_conflict=OnConflict.OVERWRITE)
    assert view.status is TransferStatus.COMPLETED
    assert (shelf / "card" / "other.mov").stat().st_ino == was
    assert os.listdir(taken) == []


def test_a_name_that_is_taken_while_it_moves_is_not_taken_from_anybody(
    service: Service, taken: Path, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned = rename._plan

    def then_it_is_taken(*words: object) -> None:
        planned(*words)  # type: ignore[arg-type]
        (shelf / "card" / "new.mov").write_bytes(b"somebody else's")

    monkeypatch.setattr(rename, "_plan", then_it_is_taken)
    view = moved(service, [taken], shelf)
    assert (shelf / "card" / "new.mov").read_bytes() == b"somebody else's"
    assert (taken / "new.mov").read_bytes() == payload(5000, 4)
    assert {item.copies[0].error_type for item in view.failed} == {NameTaken.__name__}


# --- sources that change -------------------------------------------------------------------


def test_a_file_that_changes_after_it_was_read_is_read_again(
    service: Service, tmp_path: Path, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = tmp_path / "card"
    card.mkdir()
    (card / "clip.mov").write_bytes(b"first take")
    planned, changes = rename._plan, iter([b"second take"])

    def then_it_changes(*words: object) -> None:
        planned(*words)  # type: ignore[arg-type]
        for take in changes:
            (card / "clip.mov").write_bytes(take)

    monkeypatch.setattr(rename, "_plan", then_it_changes)
    view = moved(service, [card], shelf, checksums=("sha256",))
    assert view.status is TransferStatus.COMPLETED
    (item,) = (one for one in service.items(view.id) if one.path.text.endswith(".mov"))
    assert (shelf / "card" / "clip.mov").read_bytes() == b"second take"
    assert item.checksums == (("sha256", tree_of(shelf / "card")[b"clip.mov"]),)
    assert view.files_renamed == 1


def test_a_file_that_never_keeps_still_stays_and_is_named(
    service: Service, tmp_path: Path, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = tmp_path / "card"
    card.mkdir()
    (card / "clip.mov").write_bytes(b"take")
    (card / "still.mov").write_bytes(b"still")
    planned = rename._plan

    def then_it_grows(*words: object) -> None:
        planned(*words)  # type: ignore[arg-type]
        if (card / "clip.mov").exists():
            with (card / "clip.mov").open("ab") as file:
                file.write(b"+")

    monkeypatch.setattr(rename, "_plan", then_it_grows)
    view = moved(service, [card], shelf)
    assert view.status is TransferStatus.FAILED
    assert view.failed[0].copies[0].error_type == SourceChanged.__name__
    assert (card / "clip.mov").read_bytes() == b"take+++"
    assert os.listdir(shelf / "card") == ["still.mov"]
    assert view.files_renamed == 1
    assert view.bytes_renamed == view.bytes_copied == len(b"still")
    monkeypatch.undo()
    service.retry(view.id)
    assert service.wait(view.id, 60)
    assert service.transfer(view.id).status is TransferStatus.COMPLETED
    assert (shelf / "card" / "clip.mov").read_bytes() == b"take+++"


def test_what_is_written_in_the_blink_of_the_rename_goes_back_and_is_read_again(
    service: Service, tmp_path: Path, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = tmp_path / "card"
    card.mkdir()
    (card / "clip.mov").write_bytes(b"take")
    placed, times = rename._place, iter([b"+"])

    def then_it_grows(*words: object) -> None:
        for more in times:
            with (card / "clip.mov").open("ab") as file:
                file.write(more)
        placed(*words)  # type: ignore[arg-type]

    monkeypatch.setattr(rename, "_place", then_it_grows)
    view = moved(service, [card], shelf)
    assert view.status is TransferStatus.COMPLETED
    (item,) = (one for one in service.items(view.id) if one.path.text.endswith(".mov"))
    assert item.checksums == (("sha256", tree_of(shelf / "card")[b"clip.mov"]),)
    assert (shelf / "card" / "clip.mov").read_bytes() == b"take+"


# --- where there is no rename --------------------------------------------------------------


def test_another_mount_of_the_same_volume_is_copied_proven_and_removed(
    service: Service, tmp_path: Path, shelf: Path
) -> None:
    need_root()
    card = camera_card(tmp_path).path
    before = tree_of(card)
    with mounted(tmp_path / "again", "mount", "--bind", card, tmp_path / "again") as again:
        view = moved(service, [again], shelf)
    assert view.status is TransferStatus.COMPLETED, view.message
    assert (view.files_renamed, view.files_verified) == (0, view.files_total)
    assert view.originals_removed == view.files_total
    assert tree_of(shelf / "again") == before
    assert tree_of(card) == {}


def test_only_the_folder_that_is_mounted_there_is_copied(
    service: Service, tmp_path: Path, shelf: Path
) -> None:
    """Item by item: what can be renamed is."""
    need_root()
    card, elsewhere = camera_card(tmp_path).path, tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "clip.mov").write_bytes(payload(9000, 1))
    with mounted(card / "EMPTY", "mount", "--bind", elsewhere, card / "EMPTY"):
        view = moved(service, [card], shelf)
        assert view.status is TransferStatus.COMPLETED, view.message
        assert os.listdir(elsewhere) == []
    assert (view.files_verified, view.files_renamed) == (1, view.files_total - 1)
    assert view.bytes_verified == 9000
    assert view.bytes_copied == view.bytes_total
    assert view.bytes_renamed == view.bytes_total - 9000
    assert (shelf / "A001" / "EMPTY" / "clip.mov").read_bytes() == payload(9000, 1)


def test_a_full_drive_is_tidied_up_within_itself(service: Service, tmp_path: Path) -> None:
    with tmpfs(tmp_path, size="2m") as place:
        card, shelf = place / "card", drive(place, "shelf")
        card.mkdir()
        (card / "clip.mov").write_bytes(payload(1_500_000, 1))
        with pytest.raises(OSError, match="No space"):
            (place / "filler").write_bytes(bytes(2_000_000))
        assert os.statvfs(place).f_bavail == 0
        view = moved(service, [card], shelf)
        assert view.status is TransferStatus.COMPLETED, view.message
        assert view.files_renamed == 1
        assert (shelf / "card" / "clip.mov").read_bytes() == payload(1_500_000, 1)


def test_what_cannot_be_renamed_on_a_full_drive_waits_for_its_room(
    service: Service, tmp_path: Path
) -> None:
    with tmpfs(tmp_path, size="4m") as place:
        card, shelf, mount = place / "card", drive(place, "shelf"), drive(place, "mount")
        card.mkdir()
        (card / "one.mov").write_bytes(payload(1_000_000, 1))
        (card / "two.mov").write_bytes(payload(2_000_000, 2))
        (card / "sub").mkdir()
        (mount / "three.mov").write_bytes(payload(900_000, 3))
        with mounted(card / "sub", "mount", "--bind", mount, card / "sub"):
            view = moved(service, [card], shelf)
            assert view.status is TransferStatus.WAITING
            assert "needs" in view.message
            assert view.files_renamed == 2
            assert (mount / "three.mov").read_bytes() == payload(900_000, 3)
            (shelf / "card" / "two.mov").unlink()
            service.resume(view.id)
            assert service.wait(view.id, 60)
            view = service.transfer(view.id)
            assert view.status is TransferStatus.COMPLETED, view.message
            assert (view.files_renamed, view.files_verified) == (2, 1)


def test_a_drive_that_does_not_confirm_a_name_is_told_and_looked_at_again(
    service: Service, tmp_path: Path, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_folder: object) -> bool:
        raise OSError(5, os.strerror(5))

    card = camera_card(tmp_path).path
    before = tree_of(card)
    monkeypatch.setattr(moving, "flush_folder", refuse)
    monkeypatch.setattr(moving, "flush_volume", refuse)
    view = moved(service, [card], shelf)
    assert view.status is TransferStatus.FAILED
    assert view.files_renamed == view.bytes_renamed == 0
    assert {item.copies[0].error_type for item in view.failed} == {"MoveNotFlushed"}
    monkeypatch.undo()
    service.retry(view.id)
    assert service.wait(view.id, 60)
    view = service.transfer(view.id)
    assert view.status is TransferStatus.COMPLETED, view.message
    assert (view.files_renamed, view.files_verified) == (len(before), 0)
    assert view.bytes_renamed == view.bytes_copied == view.bytes_total
    assert tree_of(shelf / "A001") == before


def test_a_folder_that_is_swapped_while_files_move_takes_none_of_them_along(
    service: Service, tmp_path: Path, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P8: what was found in the chosen folder is taken from there, or not at all."""
    card, elsewhere = tmp_path / "card", tmp_path / "elsewhere"
    (card / "sub").mkdir(parents=True)
    (card / "sub" / "clip.mov").write_bytes(b"footage")
    planned = rename._plan

    def then_it_is_moved(*words: object) -> None:
        planned(*words)  # type: ignore[arg-type]
        (card / "sub").rename(elsewhere)
        (card / "sub").symlink_to(elsewhere)

    monkeypatch.setattr(rename, "_plan", then_it_is_moved)
    view = moved(service, [card], shelf)
    assert view.status is TransferStatus.FAILED
    assert (elsewhere / "clip.mov").read_bytes() == b"footage"


# --- other file systems --------------------------------------------------------------------


@pytest.mark.parametrize("make", [ext4, exfat, ntfs], ids=lambda make: make.__name__)
def test_a_move_within_this_file_system_is_a_rename(
    service: Service, tmp_path: Path, make: Callable[[Path], AbstractContextManager[Path]]
) -> None:
    """Without RENAME_NOREPLACE by link and unlink, without links by looking first."""
    with make(tmp_path) as place:
        card = camera_card(place).path
        (card / "big.mov").write_bytes(payload(5_000_000, 1))
        before = tree_of(card)
        view = moved(service, [card], drive(place, "shelf"))
        assert view.status is TransferStatus.COMPLETED, view.message
        assert view.files_renamed == view.files_total == len(before)
        assert tree_of(place / "shelf" / "A001") == before
        assert tree_of(card) == {}


def test_another_subvolume_is_copied_proven_and_removed(service: Service, tmp_path: Path) -> None:
    """btrfs: one volume and one mount, and yet no rename from one into the other."""
    with btrfs(tmp_path) as place:
        for name in ("one", "two"):
            subvolume(place / name)
        card = camera_card(place / "one").path
        before = tree_of(card)
        view = moved(service, [card], place / "two")
        assert view.status is TransferStatus.COMPLETED, view.message
        assert (view.files_renamed, view.files_verified) == (0, view.files_total)
        assert view.originals_removed == view.files_total
        assert tree_of(place / "two" / "A001") == before
        assert tree_of(card) == {}
        view = moved(service, [place / "two" / "A001"], drive(place / "two", "shelf"))
        assert view.files_renamed == view.files_total
