"""The source's own proof: manifests that come with a card are compared in the one read."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import xxhash

from ketter_gui.checksums.registry import algorithm
from ketter_gui.domain.options import Mode, OnConflict, Options
from ketter_gui.domain.status import CopyStatus, TransferStatus
from ketter_gui.domain.views import ItemView
from ketter_gui.service.service import Service
from tests.builders import Card, camera_card, drive, leftovers, payload, tree_of
from tests.evidence.manifests.samples import asc_hash, ascmhl, chain, classic, classic_hash
from tests.service.conftest import carried_out, request_for

CLIP = "CONTENTS/CLIPS/A001C001.mxf"


@pytest.fixture
def drives(tmp_path: Path) -> list[Path]:
    return [drive(tmp_path, "DRIVE_A"), drive(tmp_path, "DRIVE_B")]


@pytest.fixture
def card(tmp_path: Path) -> Card:
    return camera_card(tmp_path)


def checksum(path: Path, name: str) -> str:
    hasher = algorithm(name).new()
    hasher.update(path.read_bytes())
    return hasher.hexdigest()


def files_of(card: Card) -> list[str]:
    return sorted(str(path.relative_to(card.path)) for path in card.path.rglob("*.*"))


# --- one writer for each format ----------------------------------------------------------------


def md5_list(card: Card, files: list[str]) -> Path:
    target = card.path / "A001.md5"
    lines = [f"{checksum(card.path / name, 'md5')}  {name}\n" for name in files]
    target.write_text("".join(lines))
    return target


def sha256sums(card: Card, files: list[str]) -> Path:
    target = card.path / "SHA256SUMS"
    lines = [f"{checksum(card.path / name, 'sha256')} *./{name}\n" for name in files]
    target.write_text("".join(lines))
    return target


def bsd_sha1(card: Card, files: list[str]) -> Path:
    target = card.path / "CONTENTS" / "card.sha1"
    inside = [name for name in files if name.startswith("CONTENTS/")]
    target.write_text(
        "".join(
            f"SHA1 ({name.removeprefix('CONTENTS/')}) = {checksum(card.path / name, 'sha1')}\r\n"
            for name in inside
        )
    )
    return target


def xxhsum(card: Card, files: list[str]) -> Path:
    target = card.path.parent / "A001.xxh128"  # beside, and from inside
    lines = [f"{checksum(card.path / name, 'xxh128')}  {name}\n" for name in files]
    target.write_text("".join(lines))
    return target


def md5_beside(card: Card, files: list[str]) -> Path:
    target = card.path.parent / "MD5SUMS"
    lines = [f"{checksum(card.path / name, 'md5')}  A001/{name}\n" for name in files]
    target.write_text("".join([*lines, f"{'0' * 32}  another card/x.mov\n"]))
    return target


def asc_mhl(card: Card, files: list[str]) -> Path:
    folder = card.path / "ascmhl"
    folder.mkdir(exist_ok=True)
    target = folder / "0001_A001_2026-05-03_100000Z.mhl"
    hashes = [
        asc_hash(
            name,
            size=(card.path / name).stat().st_size,
            c4=checksum(card.path / name, "c4"),
            xxh64=checksum(card.path / name, "xxh64"),
        )
        for name in files
    ]
    target.write_text(ascmhl(*hashes))
    (folder / "ascmhl_chain.xml").write_text(chain({target.name: checksum(target, "c4")}))
    return target


def asc_mhl_xxh3(card: Card, files: list[str]) -> Path:
    folder = card.path.parent / "ascmhl"
    folder.mkdir(exist_ok=True)
    target = folder / "0001_cards_2026-05-03_100000Z.mhl"
    hashes = [asc_hash(f"A001/{name}", xxh3=checksum(card.path / name, "xxh3")) for name in files]
    target.write_text(ascmhl(*hashes))
    return target


def classic_md5(card: Card, files: list[str]) -> Path:
    target = card.path.parent / "A001.mhl"
    hashes = [
        classic_hash(
            f"A001/{name}",
            (card.path / name).stat().st_size,
            "md5",
            checksum(card.path / name, "md5"),
        )
        for name in files
    ]
    target.write_text(classic(*hashes))
    return target


def classic_xxhash64(card: Card, files: list[str]) -> Path:
    target = card.path / "A001.mhl"
    hashes = []
    for name in files:
        value = xxhash.xxh64((card.path / name).read_bytes()).digest()[::-1].hex()
        hashes.append(classic_hash(name, (card.path / name).stat().st_size, "xxhash64", value))
    target.write_text(classic(*hashes))
    return target


Writer = Callable[[Card, list[str]], Path]
WRITERS: list[Writer] = [md5_list, sha256sums, bsd_sha1, xxhsum, md5_beside]
WRITERS += [asc_mhl, asc_mhl_xxh3, classic_md5, classic_xxhash64]
each_format = pytest.mark.parametrize("write", WRITERS, ids=lambda write: write.__name__)


def spoil(card: Card, name: str = CLIP) -> None:
    """One byte in the middle, and the clock as it was: only its checksum tells."""
    path = card.path / name
    before = path.stat()
    with path.open("r+b") as file:
        file.seek(before.st_size // 2)
        byte = file.read(1)[0]
        file.seek(before.st_size // 2)
        file.write(bytes([byte ^ 1]))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def messages(service: Service, transfer: int, event: str) -> list[str]:
    return [line.message for line in service.timeline(transfer) if line.event == event]


def item(service: Service, transfer: int, ending: str) -> ItemView:
    (found,) = (one for one in service.items(transfer, limit=500) if one.path.text.endswith(ending))
    return found


def details(service: Service, transfer: int, event: str, path: str) -> dict[str, object]:
    from ketter_gui.domain.chain import COLUMNS

    for row in service.ledger.audit_rows(transfer=transfer, limit=5000):
        cells = dict(zip(COLUMNS, row, strict=True))
        if cells["event"] == event and cells["item_path"].endswith(path):
            found: dict[str, object] = json.loads(cells["details"])
            return found
    raise AssertionError(f"no {event} of {path}")


# --- good and bad ------------------------------------------------------------------------------


@each_format
def test_a_card_that_matches_is_said_to(
    service: Service, card: Card, drives: list[Path], write: Writer
) -> None:
    manifest = write(card, files_of(card))
    transfer = carried_out(service, request_for([card.path], drives))
    view = service.transfer(transfer)
    assert view.status is TransferStatus.COMPLETED, view.message
    assert "match the source's manifest" in view.message
    assert "of 20" in view.message and manifest.name in view.message
    told = details(service, transfer, "CHECKSUM_CALCULATED", CLIP)
    assert [one["is_equal"] for one in told["manifests"]] == [True]  # type: ignore[attr-defined]
    assert tree_of(drives[0] / "A001") == card.files()
    if manifest.is_relative_to(card.path):  # it is one of the files
        copied = drives[1] / "A001" / manifest.relative_to(card.path)
        assert copied.read_bytes() == manifest.read_bytes()


@each_format
def test_a_file_that_differs_fails_on_all_destinations_and_nothing_of_it_is_kept(
    service: Service, card: Card, drives: list[Path], write: Writer
) -> None:
    manifest = write(card, files_of(card))
    spoil(card)
    transfer = carried_out(service, request_for([card.path], drives))
    view = service.transfer(transfer)
    assert view.status is TransferStatus.FAILED
    assert "1 file of the source no longer matches its manifest" in view.message
    failed = item(service, transfer, CLIP)
    assert [copy.status for copy in failed.copies] == [CopyStatus.FAILED] * 2
    assert {copy.error_type for copy in failed.copies} == {"SourceDiffersFromManifest"}
    assert "The source no longer matches its manifest of 20" in failed.message
    assert manifest.name in failed.message
    told = details(service, transfer, "ITEM_FAILED", CLIP)
    assert told["expected"] != told["found"]
    assert told["found"] == checksum(card.path / CLIP, str(told["algorithm"]))
    for target in drives:
        assert not (target / "A001" / CLIP).exists()
        assert leftovers(target) == []
        there = tree_of(target / "A001")
        assert there == {name: one for name, one in card.files().items() if name != CLIP.encode()}


def test_a_move_keeps_the_source_that_differs(
    service: Service, card: Card, drives: list[Path]
) -> None:
    asc_mhl(card, files_of(card))
    spoil(card)
    transfer = carried_out(service, request_for([card.path], drives, Mode.MOVE))
    assert service.transfer(transfer).status is TransferStatus.FAILED
    assert list(card.files()) == [CLIP.encode()]
    assert leftovers(card.path) == []


def test_a_big_file_is_compared_on_its_way_through_the_pump(
    service: Service, card: Card, drives: list[Path]
) -> None:
    big = card.path / "big.mov"
    big.write_bytes(payload(9_000_000, 5))
    classic_md5(card, files_of(card))
    spoil(card, "big.mov")
    transfer = carried_out(service, request_for([card.path], drives))
    assert item(service, transfer, "big.mov").copies[1].error_type == "SourceDiffersFromManifest"
    assert not (drives[0] / "A001" / "big.mov").exists()
    assert leftovers(drives[0]) == leftovers(drives[1]) == []


def test_what_is_there_already_is_not_skipped_when_the_source_differs(
    service: Service, card: Card, drives: list[Path]
) -> None:
    spoil(card)
    carried_out(service, request_for([card.path], drives[:1]))
    spoil(card)
    asc_mhl(card, files_of(card))
    spoil(card)  # as it was copied, and not as the manifest says
    transfer = carried_out(service, request_for([card.path], drives))
    failed = item(service, transfer, CLIP)
    assert {copy.error_type for copy in failed.copies} == {"SourceDiffersFromManifest"}
    assert item(service, transfer, "zero.bin").copies[0].status is CopyStatus.SKIPPED
    assert not (drives[1] / "A001" / CLIP).exists()
    assert checksum(drives[0] / "A001" / CLIP, "md5") == checksum(card.path / CLIP, "md5")


def test_a_source_that_differs_is_skipped_on_no_destination(
    service: Service, card: Card, drives: list[Path]
) -> None:
    carried_out(service, request_for([card.path], drives))
    spoil(card)
    md5_list(card, files_of(card))
    spoil(card)  # equal to both copies
    transfer = carried_out(service, request_for([card.path], drives))
    failed = item(service, transfer, CLIP)
    assert [copy.error_type for copy in failed.copies] == ["SourceDiffersFromManifest"] * 2


def test_a_retry_after_the_file_was_mended_completes(
    service: Service, card: Card, drives: list[Path]
) -> None:
    md5_list(card, files_of(card))
    spoil(card)
    transfer = carried_out(service, request_for([card.path], drives))
    spoil(card)
    service.retry(transfer)
    assert service.wait(transfer, 60)
    view = service.transfer(transfer)
    assert view.status is TransferStatus.COMPLETED
    assert "7 files match the source's manifest A001/A001.md5" in view.message
    assert tree_of(drives[1] / "A001") == card.files()


def test_the_checksums_of_a_manifest_are_not_the_copies(
    service: Service, card: Card, drives: list[Path]
) -> None:
    asc_mhl(card, files_of(card))
    options = Options(checksums=("md5", "sha256"))
    transfer = carried_out(service, request_for([card.path], drives, options=options))
    found = item(service, transfer, CLIP)
    assert [name for name, _ in found.checksums] == ["md5", "sha256"]
    assert [name for name, _ in found.copies[0].checksums] == ["md5", "sha256"]
    told = details(service, transfer, "CHECKSUM_CALCULATED", CLIP)["manifests"]
    assert [one["algorithm"] for one in told] == ["xxh64"]  # type: ignore[attr-defined]


# --- several manifests, generations -------------------------------------------------------------


def test_all_manifests_that_speak_of_a_file_are_compared(
    service: Service, card: Card, drives: list[Path]
) -> None:
    asc_mhl(card, files_of(card))
    spoil(card)
    md5_list(card, files_of(card))  # made of the spoilt file
    transfer = carried_out(service, request_for([card.path], drives))
    failed = item(service, transfer, CLIP)
    assert "0001_A001" in failed.message
    assert service.transfer(transfer).files_failed == 1


def test_the_newest_generation_decides_unless_an_older_one_contradicts_it(
    service: Service, card: Card, drives: list[Path]
) -> None:
    first = asc_mhl(card, ["zero.bin", CLIP])
    newer = asc_hash("zero.bin", xxh64="0" * 16).replace("original", "failed")
    kept = asc_hash(CLIP, xxh64=checksum(card.path / CLIP, "xxh64"))
    second = first.with_name("0002_A001_2026-05-04_100000Z.mhl")
    second.write_text(ascmhl(newer, kept, created="2026-05-04T10:00:00Z"))
    transfer = carried_out(service, request_for([card.path], drives))
    assert service.transfer(transfer).status is TransferStatus.COMPLETED
    told = details(service, transfer, "CHECKSUM_CALCULATED", CLIP)["manifests"]
    assert [one["date"] for one in told] == ["2026-05-04"]  # type: ignore[attr-defined]

    swapped = asc_hash(CLIP, xxh64="1" * 16)  # somebody wrote another original later
    second.write_text(ascmhl(swapped, created="2026-05-04T10:00:00Z"))
    again = carried_out(service, request_for([card.path], [drive(drives[0].parent, "C")]))
    assert "of 2026-05-04" in item(service, again, CLIP).message


def test_a_file_that_was_renamed_since_is_not_missing(
    service: Service, card: Card, drives: list[Path]
) -> None:
    first = asc_mhl(card, files_of(card))
    (card.path / "zero.bin").rename(card.path / "nought.bin")
    renamed = asc_hash(
        "nought.bin", xxh64=checksum(card.path / "nought.bin", "xxh64"), previous="zero.bin"
    )
    first.with_name("0002_A001.mhl").write_text(ascmhl(renamed))
    transfer = carried_out(service, request_for([card.path], drives))
    assert service.transfer(transfer).status is TransferStatus.COMPLETED


def test_a_generation_that_was_altered_is_found_by_its_chain(
    service: Service, card: Card, drives: list[Path]
) -> None:
    manifest = asc_mhl(card, files_of(card))
    text = manifest.read_text()
    manifest.write_text(text.replace("<hostname>set<", "<hostname>xyz<"))
    transfer = carried_out(service, request_for([card.path], drives))
    failed = item(service, transfer, manifest.name)
    assert failed.copies[0].error_type == "SourceDiffersFromManifest"
    assert "ascmhl_chain.xml" in failed.message


# --- what is missing ----------------------------------------------------------------------------


def test_files_that_are_missing_fail_the_transfer_loudly_and_the_rest_is_copied(
    service: Service, card: Card, drives: list[Path]
) -> None:
    asc_mhl(card, files_of(card))
    gone = [card.path / CLIP, (card.path / CLIP).with_suffix(".xml")]
    for path in gone:
        path.rename(path.parent.parent.parent.parent / path.name)
    transfer = carried_out(service, request_for([card.path], drives))
    view = service.transfer(transfer)
    assert view.status is TransferStatus.FAILED and view.files_failed == 0
    assert view.message.startswith("The source is not complete: 2 files of its manifest")
    assert "Do not format it." in view.message
    (told,) = messages(service, transfer, "ERROR")
    assert f"A001/{CLIP}" in told and "of 2026-05-03" in told
    assert tree_of(drives[0] / "A001") == card.files()

    for path in gone:
        (path.parent.parent.parent.parent / path.name).rename(path)
    service.retry(transfer)
    assert service.wait(transfer, 60)
    view = service.transfer(transfer)
    assert view.status is TransferStatus.COMPLETED, view.message
    assert tree_of(drives[1] / "A001") == card.files()
    assert view.files_verified == view.files_total == len(card.files())
    told_of_clip = details(service, transfer, "CHECKSUM_CALCULATED", CLIP)
    assert told_of_clip["manifests"]


def test_a_retry_does_not_forget_what_is_missing_still(
    service: Service, card: Card, drives: list[Path]
) -> None:
    md5_list(card, files_of(card))
    (card.path / "zero.bin").unlink()
    transfer = carried_out(service, request_for([card.path], drives))
    service.retry(transfer)
    assert service.wait(transfer, 60)
    assert service.transfer(transfer).status is TransferStatus.FAILED
    assert "1 file of its manifest" in service.transfer(transfer).message


def test_what_was_left_out_is_not_missing(service: Service, card: Card, drives: list[Path]) -> None:
    (card.path / ".DS_Store").write_bytes(b"litter")
    (card.path / "link.mov").symlink_to("zero.bin")
    md5_list(card, [*files_of(card), "link.mov"])
    transfer = carried_out(service, request_for([card.path], drives))
    assert service.transfer(transfer).status is TransferStatus.COMPLETED


def test_a_sidecar_whose_file_is_gone_is_no_list_of_others(
    service: Service, card: Card, drives: list[Path]
) -> None:
    sidecar = card.path / "CONTENTS" / "gone.mxf.md5"
    sidecar.write_text(hashlib.md5(b"").hexdigest())
    transfer = carried_out(service, request_for([card.path], drives))
    assert "1 file of its manifest" in service.transfer(transfer).message
    assert "A001/CONTENTS/gone.mxf" in service.transfer(transfer).message


def test_a_list_that_was_made_with_itself_in_it_is_sound(
    service: Service, card: Card, drives: list[Path]
) -> None:
    target = md5_list(card, files_of(card))
    target.write_text(target.read_text() + f"{hashlib.md5(b'').hexdigest()}  A001.md5\n")
    transfer = carried_out(service, request_for([card.path], drives))
    assert service.transfer(transfer).message.startswith("7 files match")


def test_two_sources_of_one_folder_share_the_lists_beside_them(
    service: Service, tmp_path: Path, drives: list[Path]
) -> None:
    for name in ("a.mov", "b.mov"):
        (tmp_path / name).write_bytes(name.encode())
        value = hashlib.md5(name.encode()).hexdigest()
        (tmp_path / f"{name}.md5").write_text(f"{value}  {name}\n")
    sources = [tmp_path / "a.mov", tmp_path / "b.mov"]
    transfer = carried_out(service, request_for(sources, drives))
    assert service.transfer(transfer).message.startswith("2 files match")
    assert [one.equal for one in service.manifests(transfer).outcomes] == [1, 1]


def test_a_list_of_other_files_is_told_of_and_fails_nothing(
    service: Service, card: Card, drives: list[Path]
) -> None:
    (card.path / "old.md5").write_text(f"{'0' * 32}  somewhere/else.mov\n")
    transfer = carried_out(service, request_for([card.path], drives))
    view = service.transfer(transfer)
    assert view.status is TransferStatus.COMPLETED
    assert "lists 1 file, and none of that is in the source" in view.message
    assert len(messages(service, transfer, "ERROR")) == 1


def test_an_emptied_card_with_its_mhl_is_not_complete(
    service: Service, card: Card, drives: list[Path]
) -> None:
    asc_mhl(card, files_of(card))
    shutil.rmtree(card.path / "CONTENTS")
    (card.path / "zero.bin").unlink()
    transfer = carried_out(service, request_for([card.path], drives))
    assert "The source is not complete: 7 files" in service.transfer(transfer).message


# --- damaged, hostile, odd ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "<hashlist",
        '<!DOCTYPE h [<!ENTITY a "b">]><hashlist/>',
        "<html/>",
    ],
    ids=["cut", "entities", "foreign"],
)
def test_a_damaged_manifest_is_named_and_the_files_are_copied(
    service: Service, card: Card, drives: list[Path], text: str
) -> None:
    (card.path / "A001.mhl").write_text(text)
    transfer = carried_out(service, request_for([card.path], drives))
    view = service.transfer(transfer)
    assert view.status is TransferStatus.COMPLETED
    assert "The manifest A001/A001.mhl cannot be used" in view.message
    assert messages(service, transfer, "ERROR")
    assert tree_of(drives[0] / "A001") == card.files()


def test_a_manifest_that_is_cut_short_says_nothing_at_all(
    service: Service, card: Card, drives: list[Path]
) -> None:
    """Nor does what was read of it before its end was missed."""
    wrong = [asc_hash("zero.bin", md5="0" * 32)] * 600 + [asc_hash("gone", md5="0" * 32)] * 600
    (card.path / "A001.mhl").write_text(ascmhl(*wrong)[:-40])
    transfer = carried_out(service, request_for([card.path], drives))
    view = service.transfer(transfer)
    assert view.status is TransferStatus.COMPLETED
    assert view.message.startswith("The manifest A001/A001.mhl cannot be used")


def test_nothing_outside_the_source_is_looked_at(
    service: Service, card: Card, drives: list[Path], tmp_path: Path
) -> None:
    secret = tmp_path / "secret.mov"
    secret.write_bytes(b"secret")
    lines = [f"{checksum(secret, 'md5')}  {name}\n" for name in ("../secret.mov", str(secret))]
    good = f"{checksum(card.path / CLIP, 'md5')}  {CLIP}\n"
    (card.path / "A001.md5").write_text("".join([*lines, good]))
    transfer = carried_out(service, request_for([card.path], drives))
    view = service.transfer(transfer)
    assert view.status is TransferStatus.COMPLETED
    assert "compared but for 2 entries: “../secret.mov” leads out" in view.message
    assert "1 file matches" in view.message


def test_an_unknown_checksum_is_said_not_to_be_compared(
    service: Service, card: Card, drives: list[Path]
) -> None:
    size = (card.path / CLIP).stat().st_size
    (card.path / "A001.mhl").write_text(classic(classic_hash(CLIP, size, "xxhash", "02cc5d05")))
    transfer = carried_out(service, request_for([card.path], drives))
    view = service.transfer(transfer)
    assert view.status is TransferStatus.COMPLETED
    assert f"“{CLIP}” has only xxh32" in view.message


@pytest.mark.parametrize(
    "name", [b"caf\xe9.mov", b"new\nline.mov", b"back\\slash.mov", "ä.mov".encode(), b" x "]
)
def test_odd_names_are_matched_by_their_bytes(
    service: Service, tmp_path: Path, drives: list[Path], name: bytes
) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    with open(os.path.join(os.fsencode(folder), name), "wb") as file:
        file.write(b"one")
    escaped = name.replace(b"\\", b"\\\\").replace(b"\n", b"\\n")
    mark = b"\\" if escaped != name else b""
    for content, status in ((b"one", TransferStatus.COMPLETED), (b"two", TransferStatus.FAILED)):
        line = mark + hashlib.md5(content).hexdigest().encode() + b"  " + escaped + b"\n"
        (folder / "list.md5").write_bytes(line)
        target = drive(tmp_path, content.decode())
        transfer = carried_out(service, request_for([folder], [target]))
        assert service.transfer(transfer).status is status, service.transfer(transfer).message


def test_names_of_other_systems_are_found(
    service: Service, tmp_path: Path, drives: list[Path]
) -> None:
    folder = tmp_path / "cards"
    (folder / "Clips").mkdir(parents=True)
    (folder / "Clips" / "a\u0308.mov").write_bytes(b"one")  # as a Mac writes ä
    value = hashlib.md5(b"one").hexdigest()
    (folder / "list.md5").write_text(f"{value} *Clips\\ä.mov\r\n")
    transfer = carried_out(service, request_for([folder], drives))
    assert "1 file matches" in service.transfer(transfer).message


# --- beside, and files as sources ---------------------------------------------------------------


def test_a_single_file_is_compared_with_the_list_beside_it(
    service: Service, tmp_path: Path, drives: list[Path]
) -> None:
    clip, other = tmp_path / "clip.mov", tmp_path / "other.mov"
    clip.write_bytes(b"one")
    other.write_bytes(b"two")
    (tmp_path / "clip.mov.md5").write_text(hashlib.md5(b"one").hexdigest())
    (tmp_path / "other.mov.md5").write_text("not about us, and damaged")
    transfer = carried_out(service, request_for([clip], drives))
    assert service.transfer(transfer).message.startswith("1 file matches")
    (tmp_path / "clip.mov.md5").write_text(hashlib.md5(b"two").hexdigest())
    again = carried_out(service, request_for([clip], [drive(tmp_path, "C")]))
    assert service.transfer(again).status is TransferStatus.FAILED


def test_a_folder_of_manifests_alone_needs_none_of_their_files(
    service: Service, card: Card, drives: list[Path]
) -> None:
    asc_mhl(card, files_of(card))
    transfer = carried_out(service, request_for([card.path / "ascmhl"], drives))
    assert service.transfer(transfer).status is TransferStatus.COMPLETED


def test_an_existing_name_that_is_different_is_replaced_only_by_what_matches(
    service: Service, card: Card, drives: list[Path]
) -> None:
    old = drives[0] / "A001" / CLIP
    old.parent.mkdir(parents=True)
    old.write_bytes(b"the only copy of something else")
    md5_list(card, files_of(card))
    spoil(card)
    options = Options(on_conflict=OnConflict.OVERWRITE)
    carried_out(service, request_for([card.path], drives[:1], options=options))
    assert old.read_bytes() == b"the only copy of something else"


def test_a_list_of_many_files_is_compared_flat(
    service: Service, tmp_path: Path, drives: list[Path]
) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    lines = []
    for number in range(3000):
        (folder / f"{number:04d}.txt").write_bytes(b"%d" % number)
        lines.append(f"{hashlib.sha256(b'%d' % number).hexdigest()}  {number:04d}.txt\n")
    (folder / "SHA256SUMS").write_text("".join(lines))
    transfer = carried_out(service, request_for([folder], drives[:1]))
    assert service.transfer(transfer).message.startswith("3,000 files match")
