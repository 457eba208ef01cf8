"""`--unzip`: an archive arrives as a folder, proven file by file; a bad one not at all."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import subprocess
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ketter_gui.disk.flushing import flush_volume
from ketter_gui.disk.folder import Folder
from ketter_gui.domain import limits
from ketter_gui.domain.archive_errors import ArchiveRefused, OnlyArchivesAreUnpacked
from ketter_gui.domain.errors import NotBuiltYet
from ketter_gui.domain.limits import MIB
from ketter_gui.domain.options import Mode, OnConflict, Options, Pack, Symlinks
from ketter_gui.domain.status import CopyStatus, TransferStatus
from ketter_gui.engine import commit, unpack_check
from ketter_gui.engine import zip_format as form
from ketter_gui.engine.unpack import carry_out_unpacked
from ketter_gui.engine.zip_format import Entry
from ketter_gui.engine.zip_names import folded, name_problem
from ketter_gui.service.service import Service
from tests.builders import camera_card, drive, leftovers, payload, tree_of
from tests.engine.test_zip_format import archive_of
from tests.service.conftest import carried_out, request_for

ZIP, UNZIP = Options(pack=Pack.ZIP), Options(pack=Pack.UNZIP)
_FILE, _FOLDER, _LINK = stat.S_IFREG | 0o644, stat.S_IFDIR | 0o755, stat.S_IFLNK | 0o777


@pytest.fixture
def drives(tmp_path: Path) -> list[Path]:
    return [drive(tmp_path, "DRIVE_A"), drive(tmp_path, "DRIVE_B")]


def entry(name: bytes, mode: int = _FILE) -> Entry:
    return Entry(name, 0, mode, 1_700_000_000_123_456_700, 0)


def crafted(tmp_path: Path, *entries: tuple[bytes, bytes] | tuple[bytes, bytes, int]) -> Path:
    """An archive `C001.zip` with these names, bytes and modes."""
    path = tmp_path / "C001.zip"
    made = [(entry(one[0], *one[2:]), one[1]) for one in entries]
    path.write_bytes(archive_of(made))
    return path


def refused(service: Service, archive: Path, drives: list[Path]) -> str:
    """Why an archive is refused; nothing may have been written then."""
    transfer = carried_out(service, request_for([archive], drives, options=UNZIP))
    assert service.transfer(transfer).status is TransferStatus.FAILED
    assert isinstance(service.failure(transfer), ArchiveRefused)
    assert [list(place.iterdir()) for place in drives] == [[] for _ in drives]
    return str(service.failure(transfer))


def modes_and_times(root: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path.relative_to(root)): (path.lstat().st_mode, path.lstat().st_mtime_ns // 100)
        for path in root.rglob("*")
    }


def test_what_was_packed_comes_back_with_its_modes_and_times(
    service: Service, tmp_path: Path, drives: list[Path]
) -> None:
    card = camera_card(tmp_path).path
    (card / "big.mov").write_bytes(payload(9 * MIB + 123, 1))
    (card / "CONTENTS" / "link").symlink_to("CLIPS/A001C000.mxf")
    (card / "run.sh").write_bytes(b"#!/bin/sh\n")
    os.chmod(card / "run.sh", 0o755)
    os.chmod(card / "EMPTY", 0o555)
    carried_out(service, request_for([card], drives[:1], options=ZIP))
    back = [drive(tmp_path, "BACK"), drive(tmp_path, "BACK TOO")]
    transfer = carried_out(service, request_for([drives[0] / "A001.zip"], back, options=UNZIP))
    view = service.transfer(transfer)
    assert view.status is TransferStatus.COMPLETED, view.message
    assert view.files_verified == view.files_total
    assert view.bytes_verified == view.bytes_copied == view.bytes_total
    for place in back:
        assert tree_of(place / "A001") == tree_of(card)
        assert modes_and_times(place / "A001") == modes_and_times(card)
    digests = tree_of(card)
    for item in service.items(transfer, limit=100):
        assert {copy.status for copy in item.copies} == {CopyStatus.VERIFIED}
        if item.checksums:
            digest = digests[os.fsencode(item.path.text).partition(b"/")[2]]
            assert item.checksums == (("sha256", digest),)
            assert all(copy.checksums == item.checksums for copy in item.copies)
    assert service.verify_audit().entries > 0
    assert not leftovers(tmp_path)


@pytest.mark.parametrize("flags", [("-0",), ("-9",), ("-y",), ("-fz",)])
def test_archives_of_info_zip_are_unpacked(
    service: Service, tmp_path: Path, drives: list[Path], flags: tuple[str, ...]
) -> None:
    if shutil.which("zip") is None:
        pytest.skip("needs zip")
    card = camera_card(tmp_path).path
    (card / "zeros.bin").write_bytes(bytes(6 * MIB))
    (card / "münchen.txt").write_bytes(b"text " * 1000)
    if flags == ("-y",):
        (card / "link").symlink_to("zero.bin")
    subprocess.run(["zip", "-qr", *flags, "../other.zip", "."], cwd=card, check=True)
    transfer = carried_out(service, request_for([tmp_path / "other.zip"], drives, options=UNZIP))
    view = service.transfer(transfer)
    assert view.status is TransferStatus.COMPLETED, view.message
    assert tree_of(drives[0] / "other") == tree_of(drives[1] / "other") == tree_of(card)


def test_several_archives_arrive_each_with_its_own_files(
    service: Service, tmp_path: Path, drives: list[Path]
) -> None:
    archives = []
    for number in range(4):
        archive = crafted(tmp_path, (b"same.mov", b"footage %d" % number), (b"x", b"x" * number))
        archives.append(archive.rename(tmp_path / f"D{number}.zip"))
    transfer = carried_out(service, request_for(archives, drives, options=UNZIP))
    assert service.transfer(transfer).status is TransferStatus.COMPLETED
    for number in range(4):
        for place in drives:
            folder = place / f"D{number}"
            assert (folder / "same.mov").read_bytes() == b"footage %d" % number
            assert (folder / "x").read_bytes() == b"x" * number


def test_folders_that_only_names_tell_of_are_made_and_recorded(
    service: Service, tmp_path: Path, drives: list[Path]
) -> None:
    archive = crafted(tmp_path, (b"a/b/c.txt", b"c"), (b"a/d.txt", b"d"), (b"a/", b"", _FOLDER))
    transfer = carried_out(service, request_for([archive], drives, options=UNZIP))
    assert service.transfer(transfer).status is TransferStatus.COMPLETED
    assert stat.S_IMODE((drives[0] / "C001" / "a" / "b").stat().st_mode) == 0o755
    paths = [item.path.text for item in service.items(transfer)]
    assert sorted(paths) == ["C001", "C001/a", "C001/a/b", "C001/a/b/c.txt", "C001/a/d.txt"]


def test_special_bits_of_somebody_elses_files_do_not_come_along(
    service: Service, tmp_path: Path, drives: list[Path]
) -> None:
    archive = crafted(tmp_path, (b"tool", b"x", stat.S_IFREG | 0o6755))
    carried_out(service, request_for([archive], drives, options=UNZIP))
    assert stat.S_IMODE((drives[0] / "C001" / "tool").stat().st_mode) == 0o755


def test_only_what_is_asked_for_is_unpacked(
    service: Service, tmp_path: Path, drives: list[Path]
) -> None:
    archive = crafted(
        tmp_path,
        (b"a/", b"", _FOLDER),
        (b"a/one.mov", b"1"),
        (b"a/notes.txt", b"2"),
        (b"b/", b"", _FOLDER),
        (b"b/notes.txt", b"3"),
        (b"c/proxy/two.mov", b"4"),
        (b"c/three.mov", b"5"),
        (b"l.mov", b"a/one.mov", _LINK),
    )
    options = Options(
        pack=Pack.UNZIP, include=("*.mov",), exclude=("proxy/",), symlinks=Symlinks.SKIP
    )
    transfer = carried_out(service, request_for([archive], drives, options=options))
    assert service.transfer(transfer).status is TransferStatus.COMPLETED
    assert tree_of(drives[0] / "C001").keys() == {b"a/one.mov", b"c/three.mov"}
    assert sorted(os.listdir(drives[0] / "C001")) == ["a", "c"]
    notes = [line.message for line in service.timeline(transfer)]
    assert any(note.startswith("3 files and folders were left out") for note in notes)


def test_only_what_is_asked_for_is_packed(
    service: Service, tmp_path: Path, drives: list[Path]
) -> None:
    card = camera_card(tmp_path).path
    options = Options(pack=Pack.ZIP, include=("*.xml",))
    transfer = carried_out(service, request_for([card], drives, options=options))
    assert service.transfer(transfer).status is TransferStatus.COMPLETED
    with zipfile.ZipFile(drives[0] / "A001.zip") as packed:
        names = [name for name in packed.namelist() if not name.endswith("/")]
        assert names and all(name.endswith(".xml") for name in names)


# --- what is refused ----------------------------------------------------------------------

_BAD: dict[str, tuple[list[Any], str]] = {
    "absolute": ([(b"/etc/passwd", b"x")], "absolute"),
    "up": ([(b"a/../../x", b"x")], "leads out"),
    "up with backslashes": ([(b"a\\..\\..\\x", b"x")], "leads out"),
    "drive letter": ([(b"C:/x", b"x")], "drive letter"),
    "network share": ([(b"\\\\server\\share", b"x")], "absolute"),
    "empty part": ([(b"a//b", b"x")], "not a plain path"),
    "dot": ([(b"a/./b", b"x")], "not a plain path"),
    "zero byte": ([(b"a\0b", b"x")], "zero byte"),
    "twice": ([(b"a", b"x"), (b"a", b"y")], "twice"),
    "but for case": ([(b"a/B", b"x"), (b"A/c", b"y")], "but for case"),
    "but for accents": (
        [("é".encode(), b"x"), ("e\u0301".encode(), b"y")],
        "but for case",
    ),
    "below a file": ([(b"a", b"x"), (b"a/b", b"y")], "no folder"),
    "a file above": ([(b"a/b", b"x"), (b"a", b"y")], "but for case"),
    "below a link": ([(b"l", b"x", _LINK), (b"l/b", b"y")], "no folder"),
    "absolute link": ([(b"l", b"/etc", _LINK)], "leads out"),
    "link up": ([(b"a/l", b"../../x", _LINK)], "leads out"),
    "link down and up": ([(b"a/b/l", b"c/../../x", _LINK)], "leads out"),
    "empty link": ([(b"l", b"", _LINK)], "leads out"),
    "long link": ([(b"l", b"x" * 5000, _LINK)], "too long"),
    "device": ([(b"d", b"", stat.S_IFCHR | 0o666)], "neither"),
    "pipe": ([(b"p", b"", stat.S_IFIFO | 0o666)], "neither"),
    "full folder": ([(b"d/", b"bytes", _FOLDER)], "bytes of its own"),
}


@pytest.mark.parametrize("what", list(_BAD))
def test_an_archive_that_could_do_harm_is_refused_before_a_byte_is_written(
    service: Service, tmp_path: Path, drives: list[Path], what: str
) -> None:
    entries, reason = _BAD[what]
    archive = crafted(tmp_path, (b"innocent", b"x"), *entries)
    assert reason in refused(service, archive, drives)


def test_backslashes_that_separate_folders_are_refused(
    service: Service, tmp_path: Path, drives: list[Path]
) -> None:
    archive = crafted(tmp_path, (b"a\\b.txt", b"x"))
    raw = bytearray(archive.read_bytes())
    raw[raw.index(form.CENTRAL_MAGIC) + 5] = 0  # made by DOS
    archive.write_bytes(raw)
    assert "backslashes" in refused(service, archive, drives)


def _patched(archive: Path, change: Callable[[bytearray, int, int], None]) -> None:
    """Change an archive's bytes; gets where its local header and its directory begin."""
    raw = bytearray(archive.read_bytes())
    change(raw, raw.index(form.LOCAL_MAGIC), raw.index(form.CENTRAL_MAGIC))
    archive.write_bytes(raw)


def _encrypt(raw: bytearray, local: int, central: int) -> None:
    raw[local + 6] |= 1
    raw[central + 8] |= 1


def _bzip2(raw: bytearray, local: int, central: int) -> None:
    raw[local + 8] = raw[central + 10] = 12


def _other_name(raw: bytearray, local: int, _central: int) -> None:
    raw[local + 30 : local + 33] = b"not"


def _cut(raw: bytearray, _local: int, central: int) -> None:
    del raw[central - 10 : central]


def _prepend(raw: bytearray, _local: int, _central: int) -> None:
    raw[:0] = b"#!/bin/sh\n"


def _overlap(raw: bytearray, local: int, _central: int) -> None:
    raw[local + 28] = 60  # a longer extra field moves the data into the next entry


def _lie_about_size(raw: bytearray, _local: int, central: int) -> None:
    raw[central + 24 : central + 28] = (1 << 30).to_bytes(4, "little")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_encrypt, "encrypted"),
        (_bzip2, "does not know"),
        (_other_name, "different things"),
        (_cut, "is not where it says"),
        (_prepend, "is not where it says"),
        (_overlap, "overlap"),
        (_lie_about_size, "two different sizes"),
    ],
)
def test_an_archive_that_contradicts_itself_is_refused(
    service: Service,
    tmp_path: Path,
    drives: list[Path],
    change: Callable[[bytearray, int, int], None],
    reason: str,
) -> None:
    archive = crafted(tmp_path, (b"one.mov", b"footage"), (b"two.mov", b"more"))
    _patched(archive, change)
    assert reason in refused(service, archive, drives)


def test_two_entries_that_share_their_bytes_are_refused(
    service: Service, tmp_path: Path, drives: list[Path]
) -> None:
    archive = crafted(tmp_path, (b"aaa", b"footage"), (b"bbb", b"footage"))

    def share(raw: bytearray, _local: int, central: int) -> None:
        second = raw.index(form.CENTRAL_MAGIC, central + 1)
        raw[second + 42 : second + 46] = bytes(4)
        raw[second + 46 : second + 49] = b"aaa"

    _patched(archive, share)
    assert "twice" in refused(service, archive, drives)


def test_what_is_no_archive_is_refused(
    service: Service, tmp_path: Path, drives: list[Path]
) -> None:
    archive = tmp_path / "C001.zip"
    archive.write_bytes(b"PK\x03\x04 and nothing more")
    assert "no ZIP archive" in refused(service, archive, drives)


def test_a_bomb_is_refused_by_its_ratio(
    service: Service, tmp_path: Path, drives: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpack_check, "RATIO_FROM_BYTES", 8 * MIB)
    archive = tmp_path / "C001.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as bomb:
        for number in range(4):
            bomb.writestr(f"{number}", bytes(4 * MIB))
    assert "as bombs do" in refused(service, archive, drives)


def _bomb(tmp_path: Path, real: bytes, told_bytes: int) -> Path:
    """An archive whose one deflated entry says to have another size than it has."""
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = packed.compress(real) + packed.flush()
    archive = crafted(tmp_path, (b"good.mov", b"footage"), (b"bomb", data))

    def lie(raw: bytearray, _local: int, central: int) -> None:
        local = raw.index(b"bomb") - 30
        second = raw.index(form.CENTRAL_MAGIC, central + 1)
        raw[local + 8] = raw[second + 10] = form.DEFLATED
        for at in (local + 22, second + 24):
            raw[at : at + 4] = told_bytes.to_bytes(4, "little")
        for at in (local + 14, second + 16):
            raw[at : at + 4] = zlib.crc32(real[:told_bytes]).to_bytes(4, "little")

    _patched(archive, lie)
    return archive


@pytest.mark.parametrize("told_bytes", [1000, 9 * MIB, 12 * MIB])
def test_an_entry_that_holds_other_than_it_says_fails_and_leaves_nothing(
    service: Service,
    tmp_path: Path,
    drives: list[Path],
    monkeypatch: pytest.MonkeyPatch,
    told_bytes: int,
) -> None:
    """Also the room that it takes until that is known is no more than it said, plus one."""
    archive = _bomb(tmp_path, bytes(10 * MIB), told_bytes)
    monkeypatch.setattr(unpack_check, "_DEFLATE_RATIO", 1 << 30)
    transfer = carried_out(service, request_for([archive], drives, options=UNZIP))
    assert service.transfer(transfer).status is TransferStatus.FAILED
    (item,) = service.items(transfer, only_failed=True)
    assert item.path.text == "C001/bomb"
    assert {copy.error_type for copy in item.copies} == {"EntryDamaged"}
    assert tree_of(drives[0] / "C001").keys() == {b"good.mov"}
    assert not leftovers(tmp_path)


@pytest.mark.parametrize("size_bytes", [100, 9 * MIB])
def test_bytes_that_do_not_have_the_archives_checksum_are_not_kept(
    service: Service, tmp_path: Path, drives: list[Path], size_bytes: int
) -> None:
    archive = crafted(tmp_path, (b"good.mov", b"footage"), (b"bad.mov", payload(size_bytes, 1)))
    raw = bytearray(archive.read_bytes())
    raw[raw.index(b"bad.mov") + 50] ^= 1
    archive.write_bytes(raw)
    transfer = carried_out(service, request_for([archive], drives, options=UNZIP))
    (item,) = service.items(transfer, only_failed=True)
    assert {copy.error_type for copy in item.copies} == {"EntryDamaged"}
    assert tree_of(drives[0] / "C001").keys() == {b"good.mov"}
    assert not leftovers(tmp_path)


def test_an_archive_that_is_exchanged_meanwhile_is_not_believed(
    service: Service, tmp_path: Path, drives: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = crafted(tmp_path, (b"one.mov", b"footage"))

    def exchanged(*words: Any, **named: Any) -> None:
        crafted(tmp_path, (b"one.mov", b"forgery"))
        carry_out_unpacked(*words, **named)

    monkeypatch.setattr("ketter_gui.queue.archives.carry_out_unpacked", exchanged)
    transfer = carried_out(service, request_for([archive], drives, options=UNZIP))
    (item,) = service.items(transfer, only_failed=True)
    assert {copy.error_type for copy in item.copies} == {"SourceChanged"}
    assert tree_of(drives[0]) == {}


def test_only_archives_are_unpacked(service: Service, tmp_path: Path, drives: list[Path]) -> None:
    for name in ("A001", "clip.mov", ".zip"):
        path = tmp_path / name
        path.write_bytes(b"PK")
        with pytest.raises(OnlyArchivesAreUnpacked):
            service.create(request_for([path], drives, options=UNZIP))
    folder = drive(tmp_path, "folder.zip")
    with pytest.raises(OnlyArchivesAreUnpacked):
        service.create(request_for([folder], drives, options=UNZIP))


def test_a_move_out_of_an_archive_is_refused(
    service: Service, tmp_path: Path, drives: list[Path]
) -> None:
    archive = crafted(tmp_path, (b"one.mov", b"footage"))
    with pytest.raises(NotBuiltYet):
        service.create(request_for([archive], drives, Mode.MOVE, UNZIP))


# --- what is there already -----------------------------------------------------------------


def test_files_that_are_there_and_equal_are_not_written_again(
    service: Service, tmp_path: Path, drives: list[Path]
) -> None:
    big = payload(9 * MIB, 3)
    archive = crafted(
        tmp_path, (b"one.mov", b"footage"), (b"big.mov", big), (b"l", b"one.mov", _LINK)
    )
    carried_out(service, request_for([archive], drives[:1], options=UNZIP))
    before = (drives[0] / "C001" / "big.mov").stat()
    transfer = carried_out(service, request_for([archive], drives, options=UNZIP))
    view = service.transfer(transfer)
    assert view.status is TransferStatus.COMPLETED, view.message
    after = (drives[0] / "C001" / "big.mov").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert tree_of(drives[0]) == tree_of(drives[1])
    for item in service.items(transfer):
        if item.checksums:
            found = {copy.destination: copy.status for copy in item.copies}
            assert set(found.values()) == {CopyStatus.SKIPPED, CopyStatus.VERIFIED}


@pytest.mark.parametrize(
    ("policy", "kept", "status"),
    [
        (OnConflict.SKIP, b"mine!!!", TransferStatus.FAILED),
        (OnConflict.FAIL, b"mine!!!", TransferStatus.FAILED),
        (OnConflict.RENAME, b"mine!!!", TransferStatus.COMPLETED),
        (OnConflict.OVERWRITE, b"footage", TransferStatus.COMPLETED),
    ],
)
def test_a_different_file_of_the_name_follows_the_policy(
    service: Service,
    tmp_path: Path,
    drives: list[Path],
    policy: OnConflict,
    kept: bytes,
    status: TransferStatus,
) -> None:
    archive = crafted(tmp_path, (b"one.mov", b"footage"))
    (drives[0] / "C001").mkdir()
    (drives[0] / "C001" / "one.mov").write_bytes(b"mine!!!")
    options = Options(pack=Pack.UNZIP, on_conflict=policy)
    transfer = carried_out(service, request_for([archive], drives[:1], options=options))
    assert service.transfer(transfer).status is status
    assert (drives[0] / "C001" / "one.mov").read_bytes() == kept
    if policy is OnConflict.RENAME:
        assert (drives[0] / "C001" / "one (2).mov").read_bytes() == b"footage"


def test_a_folder_that_is_a_link_on_the_drive_is_not_followed(
    service: Service, tmp_path: Path, drives: list[Path]
) -> None:
    archive = crafted(tmp_path, (b"a/one.mov", b"footage"))
    outside = drive(tmp_path, "OUTSIDE")
    (drives[0] / "C001").mkdir()
    (drives[0] / "C001" / "a").symlink_to(outside)
    transfer = carried_out(service, request_for([archive], drives[:1], options=UNZIP))
    assert service.transfer(transfer).status is TransferStatus.FAILED
    assert list(outside.iterdir()) == []


# --- both ways ------------------------------------------------------------------------------

_PART = st.text(
    st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=12
).filter(lambda name: name not in (".", ".."))
_PATHS = st.lists(_PART, min_size=1, max_size=3).map("/".join)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(names=st.lists(_PATHS, min_size=1, max_size=6))
def test_any_names_that_can_be_packed_come_back(
    service: Service, tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    root = tmp_path_factory.mktemp("round")
    card = drive(root, "A001")
    seen: set[int] = set()
    for name in names:
        parts = name.split("/")
        above = {folded("/".join(parts[:depth]).encode()) for depth in range(1, len(parts) + 1)}
        if above & seen or name_problem(name.encode()) or len(name.encode()) > 200:
            continue
        seen |= above
        (card / name).parent.mkdir(parents=True, exist_ok=True)
        (card / name).write_bytes(name.encode())
    packed, back = drive(root, "packed"), drive(root, "back")
    first = carried_out(service, request_for([card], [packed], options=ZIP))
    assert service.transfer(first).status is TransferStatus.COMPLETED
    second = carried_out(service, request_for([packed / "A001.zip"], [back], options=UNZIP))
    assert service.transfer(second).status is TransferStatus.COMPLETED
    assert tree_of(back / "A001") == tree_of(card)


def test_a_flush_that_failed_fails_its_own_batch_and_no_later_one(
    service: Service, tmp_path: Path, drives: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = crafted(tmp_path, *((b"%02d.mov" % number, b"clip") for number in range(20)))
    failures = [OSError(errno.EIO, os.strerror(errno.EIO))]

    def flush(folder: Folder) -> bool:
        if failures:
            raise failures.pop()
        return flush_volume(folder)

    monkeypatch.setattr(limits, "BATCH_FILES", 10)
    monkeypatch.setattr(commit, "flush_volume", flush)
    transfer = carried_out(service, request_for([archive], drives[:1], options=UNZIP))
    view = service.transfer(transfer)
    assert failures == []
    assert view.files_failed
    assert view.files_verified == len(tree_of(drives[0] / "C001")) == 11  # the folder, and nine
