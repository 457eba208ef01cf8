"""`--zip`: a folder arrives as one archive that others can open, proven entry by entry."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ketter_gui.disk.reading import open_file, read_into
from ketter_gui.domain.archive_errors import OnlyFoldersArePacked
from ketter_gui.domain.errors import NotBuiltYet
from ketter_gui.domain.items import ReadBack
from ketter_gui.domain.limits import MIB
from ketter_gui.domain.options import Mode, OnConflict, Options, Pack
from ketter_gui.domain.status import CopyStatus, TransferStatus
from ketter_gui.engine import pack, pack_entries, zip_stream
from ketter_gui.engine.pack import carry_out_packed
from ketter_gui.engine.pack_check import check_archive
from ketter_gui.service.service import Service
from tests.builders import camera_card, drive, leftovers, payload, tree_of
from tests.service.conftest import carried_out, request_for

ZIP = Options(pack=Pack.ZIP)


@pytest.fixture
def drives(tmp_path: Path) -> list[Path]:
    return [drive(tmp_path, "DRIVE_A"), drive(tmp_path, "DRIVE_B")]


def card_of(folder: Path) -> Path:
    """Small files, a big one, one of whole blocks, empty files and folders, a link."""
    root = camera_card(folder).path
    (root / "big.mov").write_bytes(payload(9 * MIB + 123, 1))
    (root / "whole.mov").write_bytes(payload(2 * MIB, 2))
    (root / "CONTENTS" / "link").symlink_to("CLIPS/A001C000.mxf")
    os.chmod(root / "zero.bin", 0o600)
    return root


def unpacked(archive: Path, folder: Path) -> dict[bytes, str]:
    """What the standard library finds in an archive, as `tree_of` tells of a folder."""
    folder.mkdir()
    with zipfile.ZipFile(archive) as opened:
        assert opened.testzip() is None
        for entry in opened.infolist():
            if stat.S_ISLNK(entry.external_attr >> 16):
                (folder / entry.filename).symlink_to(opened.read(entry).decode())
            else:
                opened.extract(entry, folder)
    return tree_of(folder)


def statuses(service: Service, transfer: int) -> dict[str, set[CopyStatus]]:
    return {
        item.path.text: {copy.status for copy in item.copies}
        for item in service.items(transfer, limit=1000)
    }


def error_of(service: Service, transfer: int, path: str) -> str:
    (item,) = (one for one in service.items(transfer, limit=1000) if one.path.text == path)
    return item.copies[0].error_type


def test_each_folder_arrives_as_an_archive_with_all_that_is_in_it(
    service: Service, tmp_path: Path, drives: list[Path]
) -> None:
    card = card_of(tmp_path)
    other = camera_card(tmp_path, name="B001").path
    transfer = carried_out(service, request_for([card, other], drives, options=ZIP))
    view = service.transfer(transfer)
    assert view.status is TransferStatus.COMPLETED, view.message
    assert view.files_verified == view.files_total
    assert view.bytes_verified == view.bytes_copied == view.bytes_total
    for place in drives:
        assert sorted(path.name for path in place.iterdir()) == ["A001.zip", "B001.zip"]
        assert unpacked(place / "A001.zip", tmp_path / f"{place.name} A") == tree_of(card)
        assert unpacked(place / "B001.zip", tmp_path / f"{place.name} B") == tree_of(other)
        with zipfile.ZipFile(place / "A001.zip") as archive:
            assert {"EMPTY/", "CONTENTS/", "CONTENTS/CLIPS/"} <= set(archive.namelist())
            modes = {one.filename: one.external_attr >> 16 for one in archive.infolist()}
            assert modes["zero.bin"] == stat.S_IFREG | 0o600
            assert all(one.flag_bits & 0x800 for one in archive.infolist())
    assert (drives[0] / "A001.zip").read_bytes() == (drives[1] / "A001.zip").read_bytes()
    assert tree_of(card) and not leftovers(tmp_path)


def test_every_entry_is_in_the_ledger_with_its_checksums_and_its_place_in_the_archive(
    service: Service, tmp_path: Path, drives: list[Path]
) -> None:
    card = card_of(tmp_path)
    transfer = carried_out(service, request_for([card], drives, options=ZIP))
    digests = tree_of(card)
    for record in service.ledger.items(transfer):
        inside = record.item.path.partition(b"/")[2]
        final = b"A001.zip/" + inside if inside else b"A001.zip"
        assert [copy.final_path for copy in record.copies] == [final, final]
        assert {copy.status for copy in record.copies} == {CopyStatus.VERIFIED}
        assert {copy.read_back for copy in record.copies} <= {ReadBack.STORAGE, ReadBack.CACHE}
        if record.checksums:
            assert record.checksums == (("sha256", digests[inside]),)
            assert all(copy.checksums == record.checksums for copy in record.copies)
    assert service.verify_audit().entries > 0


@pytest.mark.parametrize("command", [("unzip", "-tqq"), ("zipinfo", "-t"), ("7z", "t")])
def test_other_programs_open_the_archive(
    service: Service, tmp_path: Path, drives: list[Path], command: tuple[str, ...]
) -> None:
    if shutil.which(command[0]) is None:
        pytest.skip(f"needs {command[0]}")
    carried_out(service, request_for([card_of(tmp_path)], drives[:1], options=ZIP))
    words = [*command, str(drives[0] / "A001.zip")]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_source_file_is_read_once_whatever_the_number_of_drives(
    service: Service, tmp_path: Path, drives: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    read = 0
    plain = read_into

    def counting(fd: int, view: memoryview, offset: int) -> int:
        nonlocal read
        length = plain(fd, view, offset)
        read += length
        return length

    monkeypatch.setattr(pack_entries, "read_into", counting)
    transfer = carried_out(service, request_for([card_of(tmp_path)], drives, options=ZIP))
    assert read == service.transfer(transfer).bytes_total // 2


@pytest.mark.parametrize("size_bytes", [4007, 4008, 4009])
def test_a_big_file_behind_a_header_that_ends_at_a_whole_block_has_its_checksum_too(
    service: Service, tmp_path: Path, drives: list[Path], size_bytes: int
) -> None:
    card = drive(tmp_path, "A001")
    (card / "a.bin").write_bytes(bytes(size_bytes))
    (card / "b.mov").write_bytes(payload(2 * MIB + 5, 1))
    carried_out(service, request_for([card], drives[:1], options=ZIP))
    assert unpacked(drives[0] / "A001.zip", tmp_path / "out") == tree_of(card)


def test_an_empty_folder_arrives_as_an_empty_archive(
    service: Service, tmp_path: Path, drives: list[Path]
) -> None:
    empty = drive(tmp_path, "NOTHING")
    transfer = carried_out(service, request_for([empty], drives, options=ZIP))
    assert service.transfer(transfer).status is TransferStatus.COMPLETED
    with zipfile.ZipFile(drives[0] / "NOTHING.zip") as archive:
        assert archive.namelist() == []


def test_several_checksums_are_proven_in_one_pass(
    service: Service, tmp_path: Path, drives: list[Path]
) -> None:
    options = Options(("xxh128", "sha256"), pack=Pack.ZIP)
    transfer = carried_out(service, request_for([card_of(tmp_path)], drives, options=options))
    assert service.transfer(transfer).status is TransferStatus.COMPLETED
    for item in service.items(transfer, limit=100):
        if item.path.text == "A001":  # which stands for the archive
            assert [len(copy.checksums) for copy in item.copies] == [1, 1]
            continue
        assert all(copy.checksums == item.checksums for copy in item.copies)


# --- what fails ---------------------------------------------------------------------------


def _refuse_reading(monkeypatch: pytest.MonkeyPatch, name: bytes, error: int) -> None:
    plain = open_file

    def refuse(folder: Any, called: bytes) -> int:
        if called == name:
            raise OSError(error, os.strerror(error))
        return plain(folder, called)

    monkeypatch.setattr(pack_entries, "open_file", refuse)


@pytest.mark.parametrize("name", ["big.mov", "zero.bin"])
def test_a_file_that_cannot_be_read_is_missing_and_the_archive_says_so(
    service: Service,
    tmp_path: Path,
    drives: list[Path],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    card = card_of(tmp_path)
    with monkeypatch.context() as patch:
        _refuse_reading(patch, name.encode(), errno.EIO)
        transfer = carried_out(service, request_for([card], drives, options=ZIP))
    view = service.transfer(transfer)
    assert view.status is TransferStatus.FAILED
    found = statuses(service, transfer)
    assert found.pop("A001") == {CopyStatus.FAILED}
    assert found.pop(f"A001/{name}") == {CopyStatus.FAILED}
    assert set().union(*found.values()) == {CopyStatus.VERIFIED}
    assert error_of(service, transfer, "A001") == "ArchiveIncomplete"
    assert error_of(service, transfer, f"A001/{name}") == "ReadFailed"
    for place in drives:
        assert [path.name for path in place.iterdir()] == ["A001 (incomplete).zip"]
        there = unpacked(place / "A001 (incomplete).zip", tmp_path / place.name / "out")
        assert there == {key: value for key, value in tree_of(card).items() if key != name.encode()}
        shutil.rmtree(tmp_path / place.name / "out")
    service.retry(transfer)
    assert service.wait(transfer, 60)
    view = service.transfer(transfer)
    assert view.status is TransferStatus.COMPLETED, view.message
    assert view.files_verified == view.files_total
    assert unpacked(drives[0] / "A001.zip", tmp_path / "again") == tree_of(card)
    for record in service.ledger.items(transfer):
        assert all(copy.final_path.startswith(b"A001.zip") for copy in record.copies)
    assert not leftovers(tmp_path)


def test_names_that_an_archive_cannot_hold_fail_by_name_and_the_rest_goes_on(
    service: Service, tmp_path: Path, drives: list[Path]
) -> None:
    card = camera_card(tmp_path).path
    bad = [b"caf\xe9.mov", b"C:", b"x\\..\\y", b"\\root"]
    for name in bad:
        with open(os.path.join(os.fsencode(card), name), "wb") as file:
            file.write(b"footage")
    (card / "Twice.mov").write_bytes(b"one")
    (card / "tWICE.mov").write_bytes(b"another")
    transfer = carried_out(service, request_for([card], drives, options=ZIP))
    assert service.transfer(transfer).status is TransferStatus.FAILED
    failed = service.items(transfer, only_failed=True)
    assert len(failed) == 1 + len(bad) + 1
    kinds = {copy.error_type for item in failed for copy in item.copies}
    assert kinds == {"NotForArchive", "ArchiveIncomplete"}
    with zipfile.ZipFile(drives[0] / "A001 (incomplete).zip") as archive:
        assert "Twice.mov" in archive.namelist()
        assert archive.testzip() is None


def test_when_nothing_can_be_read_no_archive_is_left(
    service: Service, tmp_path: Path, drives: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    card = drive(tmp_path, "A001")
    (card / "only.mov").write_bytes(b"footage")
    _refuse_reading(monkeypatch, b"only.mov", errno.EIO)
    transfer = carried_out(service, request_for([card], drives, options=ZIP))
    assert service.transfer(transfer).status is TransferStatus.FAILED
    assert error_of(service, transfer, "A001") == "ArchiveNotKept"
    assert list(drives[0].iterdir()) == list(drives[1].iterdir()) == []


def _changing(monkeypatch: pytest.MonkeyPatch, path: Path, times: int) -> None:
    """The file grows by a byte whenever it has been read from, so many times."""
    plain, left = read_into, times

    def read(fd: int, view: memoryview, offset: int) -> int:
        nonlocal left
        length = plain(fd, view, offset)
        if left and os.path.samestat(os.fstat(fd), path.stat()):
            left -= 1
            with path.open("ab") as file:
                file.write(b"!")
        return length

    monkeypatch.setattr(pack_entries, "read_into", read)


@pytest.mark.parametrize("name", ["big.mov", "zero.bin", "CONTENTS/CLIPS/A001C001.mxf"])
def test_a_file_that_changes_while_it_is_read_is_read_again(
    service: Service,
    tmp_path: Path,
    drives: list[Path],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    card = card_of(tmp_path)
    (card / "zero.bin").write_bytes(b"something")
    _changing(monkeypatch, card / name, 1)
    transfer = carried_out(service, request_for([card], drives, options=ZIP))
    view = service.transfer(transfer)
    assert view.status is TransferStatus.COMPLETED, view.message
    assert unpacked(drives[1] / "A001.zip", tmp_path / "out") == tree_of(card)
    assert (drives[0] / "A001.zip").read_bytes() == (drives[1] / "A001.zip").read_bytes()


@pytest.mark.parametrize("name", ["big.mov", "CONTENTS/CLIPS/A001C001.mxf"])
def test_a_file_that_never_stops_changing_is_missing_and_leaves_no_bytes(
    service: Service,
    tmp_path: Path,
    drives: list[Path],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    card = card_of(tmp_path)
    before = {key: value for key, value in tree_of(card).items() if key != name.encode()}
    _changing(monkeypatch, card / name, 1000)
    transfer = carried_out(service, request_for([card], drives, options=ZIP))
    assert error_of(service, transfer, f"A001/{name}") == "SourceChanged"
    archive = drives[0] / "A001 (incomplete).zip"
    assert unpacked(archive, tmp_path / "out") == before
    assert archive.stat().st_size < sum(path.stat().st_size for path in card.rglob("*.*")) + 20_000


def test_a_name_that_was_swapped_for_a_link_is_not_followed(
    service: Service, tmp_path: Path, drives: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    card = card_of(tmp_path)
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "A001C000.mxf").write_bytes(b"secret")
    plain = carry_out_packed

    def swap(*words: Any) -> None:
        clips = card / "CONTENTS" / "CLIPS"
        clips.rename(tmp_path / "moved")
        clips.symlink_to(secret)
        plain(*words)

    monkeypatch.setattr("ketter_gui.queue.archives.carry_out_packed", swap)
    carried_out(service, request_for([card], drives, options=ZIP))
    (archive,) = drives[0].iterdir()
    assert b"secret" not in archive.read_bytes()


# --- the drives ---------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["data", "header", "directory", "end"])
def test_a_byte_that_comes_back_different_keeps_the_archive_from_its_name(
    service: Service,
    tmp_path: Path,
    drives: list[Path],
    monkeypatch: pytest.MonkeyPatch,
    where: str,
) -> None:
    card = card_of(tmp_path)
    plain = check_archive

    def flipped(bench: Any, source: Any, works: Any, book: Any, number: int, *rest: Any) -> Any:
        part: bytes = rest[0]
        path = drives[number] / os.fsdecode(part)
        if number == 1:
            size = path.stat().st_size
            at = {
                "data": 5 * MIB,
                "header": book.offsets[3] + 6,
                "directory": size - book.tail_bytes + 20,
                "end": size - 3,
            }[where]
            times = os.stat(path)
            with path.open("r+b") as file:
                file.seek(at)
                byte = file.read(1)
                file.seek(at)
                file.write(bytes([byte[0] ^ 1]))
                os.fsync(file.fileno())
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        return plain(bench, source, works, book, number, *rest)

    monkeypatch.setattr(pack, "check_archive", flipped)
    transfer = carried_out(service, request_for([card], drives, options=ZIP))
    view = service.transfer(transfer)
    assert view.status is TransferStatus.FAILED
    assert [path.name for path in drives[0].iterdir()] == ["A001.zip"]
    assert list(drives[1].iterdir()) == []
    for item in service.items(transfer, limit=100):
        good, bad = sorted(item.copies, key=lambda copy: copy.destination)
        assert good.status is CopyStatus.VERIFIED
        assert (bad.status, bad.error_type) == (CopyStatus.FAILED, "Mismatch")
    monkeypatch.undo()
    service.retry(transfer)
    assert service.wait(transfer, 60)
    view = service.transfer(transfer)
    assert view.status is TransferStatus.COMPLETED, view.message
    assert (drives[0] / "A001.zip").read_bytes() == (drives[1] / "A001.zip").read_bytes()


def test_a_drive_that_fails_fails_its_own_archive_only(
    service: Service, tmp_path: Path, drives: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    card = card_of(tmp_path)
    plain = zip_stream.ArchivePart.guarded

    def failing(part: Any, act: Callable[[], object]) -> None:
        def fail() -> None:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        plain(part, fail if part.destination == 0 else act)

    monkeypatch.setattr(zip_stream.ArchivePart, "guarded", failing)
    transfer = carried_out(service, request_for([card], drives, options=ZIP))
    assert service.transfer(transfer).status is TransferStatus.FAILED
    assert list(drives[0].iterdir()) == []
    assert unpacked(drives[1] / "A001.zip", tmp_path / "out") == tree_of(card)


def test_a_cancel_takes_the_part_away(
    service: Service, tmp_path: Path, drives: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    card = card_of(tmp_path)
    plain, seen = read_into, 0

    def cancelling(fd: int, view: memoryview, offset: int) -> int:
        nonlocal seen
        seen += 1
        if seen == 5:
            for run in service.snapshot().transfers:
                service.cancel(run.id)
        return plain(fd, view, offset)

    monkeypatch.setattr(pack_entries, "read_into", cancelling)
    transfer = carried_out(service, request_for([card], drives, options=ZIP))
    assert service.transfer(transfer).status is TransferStatus.CANCELLED
    assert list(drives[0].iterdir()) == list(drives[1].iterdir()) == []


@pytest.mark.parametrize("policy", [OnConflict.SKIP, OnConflict.FAIL])
def test_an_archive_that_is_there_is_never_touched(
    service: Service, tmp_path: Path, drives: list[Path], policy: OnConflict
) -> None:
    card = card_of(tmp_path)
    (drives[0] / "A001.zip").write_bytes(b"mine")
    options = Options(pack=Pack.ZIP, on_conflict=policy)
    transfer = carried_out(service, request_for([card], drives, options=options))
    assert service.transfer(transfer).status is TransferStatus.FAILED
    assert error_of(service, transfer, "A001") == "NameExists"
    assert (drives[0] / "A001.zip").read_bytes() == b"mine"
    assert unpacked(drives[1] / "A001.zip", tmp_path / "out") == tree_of(card)


def test_under_rename_the_new_archive_takes_the_next_number(
    service: Service, tmp_path: Path, drives: list[Path]
) -> None:
    card = card_of(tmp_path)
    (drives[0] / "A001.zip").write_bytes(b"mine")
    (drives[0] / "A001 (2).zip").write_bytes(b"mine too")
    options = Options(pack=Pack.ZIP, on_conflict=OnConflict.RENAME)
    transfer = carried_out(service, request_for([card], drives, options=options))
    assert service.transfer(transfer).status is TransferStatus.COMPLETED
    assert unpacked(drives[0] / "A001 (3).zip", tmp_path / "out") == tree_of(card)
    assert (drives[0] / "A001 (2).zip").read_bytes() == b"mine too"


def test_an_archive_is_overwritten_only_after_the_new_one_is_proven(
    service: Service, tmp_path: Path, drives: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    card = card_of(tmp_path)
    old = drives[0] / "A001.zip"
    old.write_bytes(b"mine")
    plain, seen = check_archive, list[bytes]()

    def looking(*words: Any) -> Any:
        seen.append(old.read_bytes())
        return plain(*words)

    monkeypatch.setattr(pack, "check_archive", looking)
    options = Options(pack=Pack.ZIP, on_conflict=OnConflict.OVERWRITE)
    transfer = carried_out(service, request_for([card], drives[:1], options=options))
    assert service.transfer(transfer).status is TransferStatus.COMPLETED
    assert seen == [b"mine"]
    assert unpacked(old, tmp_path / "out") == tree_of(card)


def test_an_incomplete_archive_replaces_nothing(
    service: Service, tmp_path: Path, drives: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    card = card_of(tmp_path)
    (drives[0] / "A001.zip").write_bytes(b"mine")
    (drives[0] / "A001 (incomplete).zip").write_bytes(b"mine too")
    _refuse_reading(monkeypatch, b"big.mov", errno.EIO)
    options = Options(pack=Pack.ZIP, on_conflict=OnConflict.OVERWRITE)
    carried_out(service, request_for([card], drives[:1], options=options))
    assert (drives[0] / "A001.zip").read_bytes() == b"mine"
    assert (drives[0] / "A001 (incomplete).zip").read_bytes() == b"mine too"
    assert zipfile.is_zipfile(drives[0] / "A001 (incomplete) (2).zip")


def test_a_folder_may_be_packed_beside_itself(service: Service, tmp_path: Path) -> None:
    card = card_of(tmp_path)
    transfer = carried_out(service, request_for([card], [tmp_path], options=ZIP))
    assert service.transfer(transfer).status is TransferStatus.COMPLETED
    assert unpacked(tmp_path / "A001.zip", tmp_path / "out") == tree_of(card)


# --- what is refused ----------------------------------------------------------------------


def test_a_file_is_no_folder_to_pack(service: Service, tmp_path: Path, drives: list[Path]) -> None:
    clip = tmp_path / "clip.mov"
    clip.write_bytes(b"footage")
    with pytest.raises(OnlyFoldersArePacked):
        service.create(request_for([clip], drives, options=ZIP))


def test_a_move_into_an_archive_is_refused(
    service: Service, tmp_path: Path, drives: list[Path]
) -> None:
    with pytest.raises(NotBuiltYet):
        service.create(request_for([card_of(tmp_path)], drives, Mode.MOVE, ZIP))
