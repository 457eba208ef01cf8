"""Verify again what was packed: the archive is read from its drive, and each entry compared."""

from __future__ import annotations

import errno
import os
import struct
import zipfile
from pathlib import Path

import pytest

from ketter_gui.disk.reading import read_into
from ketter_gui.domain.checking import CheckView, Verdict
from ketter_gui.domain.limits import MIB
from ketter_gui.domain.options import Options, Pack
from ketter_gui.domain.status import TransferStatus
from ketter_gui.engine import read_back, zip_format
from ketter_gui.service.service import Service
from tests.builders import drive, payload
from tests.disk.mounting import Disk, disk
from tests.service.conftest import carried_out, checked, request_for

ZIP = Options(pack=Pack.ZIP)
BIG = 5 * MIB


@pytest.fixture
def card(tmp_path: Path) -> Path:
    folder = tmp_path / "A001"
    (folder / "CLIPS").mkdir(parents=True)
    (folder / "EMPTY").mkdir()
    (folder / "clip.mov").write_bytes(payload(BIG, 1))
    (folder / "CLIPS" / "small.txt").write_bytes(b"small" * 50)
    (folder / "CLIPS" / "none").touch()
    (folder / "link").symlink_to("clip.mov")
    return folder


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return drive(tmp_path, "DRIVE")


@pytest.fixture
def packed(service: Service, card: Path, place: Path) -> int:
    transfer = carried_out(service, request_for([card], [place], options=ZIP))
    assert service.transfer(transfer).status is TransferStatus.COMPLETED
    return transfer


@pytest.fixture
def archive(packed: int, place: Path) -> Path:
    return place / "A001.zip"


def found(view: CheckView, place: Path) -> set[tuple[str, str]]:
    return {
        (
            one.verdict.value,
            os.path.relpath(one.path.text, place) + "/" * one.path.text.endswith("/"),
        )
        for one in view.findings
    }


def whys(view: CheckView) -> str:
    return " | ".join(one.why for one in view.findings)


def told(service: Service, transfer: int) -> list[tuple[str, ...]]:
    return [row for row in service.ledger.audit_rows(transfer=transfer) if "REVERIFIED" in row]


def flip(path: Path, offset: int) -> None:
    """As a failing drive does: nothing but the bytes tells."""
    state = path.stat()
    with path.open("r+b") as file:
        file.seek(offset)
        byte = file.read(1)
        file.seek(offset)
        file.write(bytes([byte[0] ^ 1]))
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))


def offset_of(archive: Path, name: str) -> int:
    with zipfile.ZipFile(archive) as opened:
        return opened.getinfo(name).header_offset


def data_of(archive: Path, name: str) -> int:
    offset = offset_of(archive, name)
    with archive.open("rb") as file:
        file.seek(offset)
        fixed = zip_format.LOCAL.unpack(file.read(zip_format.LOCAL.size))
    return offset + zip_format.LOCAL.size + int(fixed[9]) + int(fixed[10])


def made_anew(archive: Path, **changes: bytes | None) -> None:
    """By another program, compressed; with other bytes for some names, or without them."""
    other = archive.with_name("other.zip")
    with (
        zipfile.ZipFile(archive) as before,
        zipfile.ZipFile(other, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for entry in before.infolist():
            key = entry.filename.rpartition("/")[2].partition(".")[0]
            content = changes.pop(key, before.read(entry)) if key in changes else before.read(entry)
            if content is not None:
                entry.compress_type = zipfile.ZIP_DEFLATED
                after.writestr(entry, content)
        for name, content in changes.items():
            assert content is not None
            after.writestr(f"{name}.txt", content)
    other.replace(archive)


def test_archives_on_all_drives_are_read_again_and_equal_and_the_audit_says_so(
    service: Service, card: Path, place: Path, tmp_path: Path
) -> None:
    other, second = drive(tmp_path, "OTHER"), drive(tmp_path, "B001")
    (second / "b.mov").write_bytes(payload(2 * MIB, 3))
    transfer = carried_out(service, request_for([card, second], [place, other], options=ZIP))
    view = checked(service, transfer)
    assert view.is_proven, view
    assert view.findings == ()
    assert view.count(Verdict.EQUAL) == view.files_total == view.files_done == 8
    sizes = sum(path.stat().st_size for path in place.glob("*.zip"))
    assert [one.bytes_read for one in view.places] == [sizes, sizes]
    assert view.bytes_done == view.bytes_total
    assert [sum(one.read_back.values()) for one in view.places] == [4, 4]
    assert len(told(service, transfer)) == 2
    assert service.verify_audit().entries > 0


def test_one_flipped_bit_is_found_where_it_is(
    service: Service, packed: int, archive: Path, place: Path
) -> None:
    flip(archive, data_of(archive, "clip.mov") + BIG // 2)
    view = checked(service, packed)
    assert found(view, place) == {("changed", "A001.zip/clip.mov")}
    assert "failing" in whys(view)
    assert view.count(Verdict.EQUAL) == 2
    assert service.transfer(packed).copies_doubted == 1
    rows = told(service, packed)
    assert len(rows) == 2  # the entry, and the drive
    assert any("A001/clip.mov" in row and "changed" in row for row in rows)
    flip(archive, data_of(archive, "clip.mov") + BIG // 2)
    assert checked(service, packed).is_proven
    assert service.transfer(packed).copies_doubted == 0


@pytest.mark.parametrize("name", ["CLIPS/small.txt", "clip.mov", "link"])
def test_a_damaged_header_is_its_entrys_alone(
    service: Service, packed: int, archive: Path, place: Path, name: str
) -> None:
    flip(archive, offset_of(archive, name))
    assert found(checked(service, packed), place) == {("changed", f"A001.zip/{name}")}


def test_every_bit_of_the_directory_matters_or_is_told(
    service: Service, packed: int, archive: Path, place: Path
) -> None:
    """A CRC-32 that is not of the bytes, an entry that is said to lie elsewhere, a magic number
    that is none: other programs would stumble over each."""
    content = archive.read_bytes()
    at = content.index(zip_format.CENTRAL_MAGIC + struct.pack("<H", 3 << 8 | 20))
    name_at = content.rindex(b"clip.mov") - zip_format.CENTRAL.size
    for offset, why in ((name_at + 16, "directory say different"), (name_at + 42, "different things"),
                        (at, "damaged"), (len(content) - 4, "not where it says")):  # fmt: skip
        flip(archive, offset)
        view = checked(service, packed)
        assert why in whys(view), offset
        assert not view.is_proven
        flip(archive, offset)
    assert checked(service, packed).is_proven


def test_no_flipped_bit_of_an_archive_stays_unseen(
    service: Service, tmp_path: Path, place: Path
) -> None:
    """In a header, a time, a size, a name, a byte of a file, or what ends the archive."""
    card = drive(tmp_path, "B001")
    (card / "clip.mov").write_bytes(b"footage")
    (card / "link").symlink_to("clip.mov")
    transfer = carried_out(service, request_for([card], [place], options=ZIP))
    archive = place / "B001.zip"
    for offset in range(0, archive.stat().st_size, 3):
        flip(archive, offset)
        assert not checked(service, transfer).is_proven, offset
        flip(archive, offset)
    assert checked(service, transfer).is_proven


def test_what_another_program_packed_anew_is_compared_entry_by_entry(
    service: Service, packed: int, archive: Path, place: Path
) -> None:
    made_anew(archive)
    view = checked(service, packed)
    assert found(view, place) == {("changed", "A001.zip")}
    assert "all that is in it is equal" in whys(view)
    assert (view.count(Verdict.EQUAL), view.count(Verdict.CHANGED)) == (3, 1)
    made_anew(archive, small=b"other" * 50, none=None, stranger=b"new", link=b"elsewhere")
    view = checked(service, packed)
    assert found(view, place) == {
        ("changed", "A001.zip/CLIPS/small.txt"),
        ("missing", "A001.zip/CLIPS/none"),
        ("extra", "A001.zip/stranger.txt"),
        ("changed", "A001.zip/link"),
    }
    assert "made anew" in whys(view)
    assert "leads to “elsewhere”" in whys(view)
    assert view.count(Verdict.EQUAL) == 1
    assert service.transfer(packed).copies_doubted == 3
    assert len(told(service, packed)) == 2 + 4 + 1


def test_sizes_kinds_and_doubles_are_told_apart(
    service: Service, packed: int, archive: Path, place: Path
) -> None:
    made_anew(archive, small=b"longer", none=b"")
    with zipfile.ZipFile(archive, "a") as opened:
        with pytest.warns(UserWarning, match="Duplicate"):
            opened.writestr("clip.mov", b"twice")
        opened.mkdir("STRANGERS")
    view = checked(service, packed)
    assert found(view, place) == {
        ("changed", "A001.zip/CLIPS/small.txt"),
        ("changed", "A001.zip/clip.mov"),
        ("extra", "A001.zip/STRANGERS/"),
    }
    assert (view.files_done, view.count(Verdict.CHANGED)) == (3, 2)
    assert "it has 6 bytes now, and had 250 bytes" in whys(view)
    assert "twice" in whys(view)


@pytest.mark.parametrize("damage", ["gone", "cut off", "empty", "folder", "link", "other"])
def test_an_archive_that_cannot_be_read_is_one_finding_and_all_its_files_count(
    service: Service, packed: int, archive: Path, place: Path, tmp_path: Path, damage: str
) -> None:
    whole = archive.read_bytes()
    archive.unlink()
    if damage == "cut off":
        archive.write_bytes(whole[: len(whole) // 2])
    elif damage == "empty":
        archive.touch()
    elif damage == "folder":
        archive.mkdir()
    elif damage == "link":
        (tmp_path / "real.zip").write_bytes(whole)
        archive.symlink_to(tmp_path / "real.zip")
    elif damage == "other":
        archive.write_bytes(payload(len(whole), 9))
    view = checked(service, packed)
    verdict = Verdict.MISSING if damage == "gone" else Verdict.CHANGED
    assert found(view, place) == {(verdict.value, "A001.zip")}
    assert view.count(verdict) == view.files_total == view.files_done == 3
    assert "3 files in it" in whys(view)
    if damage == "cut off":
        assert "it has 2.6 MB now, and had 5.2 MB" in whys(view)
    assert service.transfer(packed).copies_doubted == 3


def test_a_block_that_the_drive_cannot_read_takes_with_it_what_lies_behind(
    service: Service, card: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (card / "before.txt").write_bytes(b"read before it")
    packed = carried_out(service, request_for([card], [place], options=ZIP))
    plain = read_into

    def failing(fd: int, view: memoryview, offset: int) -> int:
        if offset:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return plain(fd, view, offset)

    monkeypatch.setattr(read_back, "read_into", failing)
    view = checked(service, packed)
    assert found(view, place) == {("unreadable", "A001.zip")}
    assert "Input/output error (3 files in it)" in whys(view)
    assert (view.count(Verdict.EQUAL), view.count(Verdict.UNREADABLE)) == (1, 3)


def test_an_archive_that_lacked_something_is_held_against_what_it_had(
    service: Service, card: Path, place: Path
) -> None:
    (card / "bad\\..\\name").write_bytes(b"no archive may hold this")
    transfer = carried_out(service, request_for([card], [place], options=ZIP))
    assert service.transfer(transfer).status is TransferStatus.FAILED
    view = checked(service, transfer)
    assert view.is_proven
    assert (view.count(Verdict.EQUAL), view.places[0].unproven) == (3, 1)
    (place / "A001 (incomplete).zip").unlink()
    assert found(checked(service, transfer), place) == {("missing", "A001 (incomplete).zip")}


def test_an_archive_is_found_where_its_drive_is_mounted_now_and_read_from_storage(
    service: Service, card: Path, tmp_path: Path
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    with disk(tmp_path, "mine") as mine:
        mine.mount(here)
        transfer = carried_out(service, request_for([card], [here], options=ZIP))
        Disk.pull(here)
        mine.mount(there)
        view = checked(service, transfer)
        assert view.is_proven
        assert view.places[0].path.text == str(there)
        assert view.places[0].read_back == {"storage": 3}
        Disk.pull(there)


def test_what_lies_beside_an_archive_is_nobodys_business(
    service: Service, packed: int, place: Path
) -> None:
    (place / "other.txt").write_text("not ours")
    (place / "A001").mkdir()
    assert checked(service, packed).findings == ()
