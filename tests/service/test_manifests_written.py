"""Manifests that a copy leaves: the tools that everybody has accept them, and find damage."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ketter_gui.domain.checking import Verdict
from ketter_gui.domain.manifest_errors import NoFolderForHistory, NoHistoryForArchive
from ketter_gui.domain.options import Manifest, OnConflict, Options, Pack
from ketter_gui.domain.status import TransferStatus
from ketter_gui.evidence.manifests.entries import Entry
from ketter_gui.evidence.manifests.kinds import kind_of
from ketter_gui.evidence.manifests.reading import read
from ketter_gui.service.service import Service
from tests.builders import drive, payload, tree_of
from tests.service.conftest import carried_out, request_for

ODD = b"back\\slash and\nline.mov"


@pytest.fixture
def card(tmp_path: Path) -> Path:
    folder = tmp_path / "A001"
    (folder / "CLIPS" / "PROXY").mkdir(parents=True)
    (folder / "EMPTY").mkdir()
    (folder / "notes.txt").write_bytes(b"notes")
    (folder / "CLIPS" / "zero.mov").touch()
    (folder / "CLIPS" / "A001C001.mov").write_bytes(payload(100_000, 1))
    (folder / "CLIPS" / "PROXY" / "Größe & <süß> \u65e5.mov").write_bytes(payload(5000, 2))
    return folder


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return drive(tmp_path, "RAID")


def copied(
    service: Service, card: Path, place: Path, *manifests: Manifest, checksums: str = "sha256"
) -> int:
    options = Options(checksums=tuple(checksums.split()), manifests=manifests)
    transfer = carried_out(service, request_for([card], [place], options=options))
    assert service.transfer(transfer).status is TransferStatus.COMPLETED, service.transfer(transfer)
    return transfer


def tool(*words: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(list(map(str, words)), cwd=cwd, capture_output=True, text=True)


def ascmhl(*words: str | Path, debug: bool = False) -> subprocess.CompletedProcess[str]:
    name = "ascmhl-debug" if debug else "ascmhl"
    return tool(Path(sys.executable).with_name(name), *words)


def agreed(root: Path, *, folders: bool = True) -> None:
    """The reference tool's own verdicts on what is in a folder now."""
    for words in (("diff", root),):
        done = ascmhl(*words)
        assert done.returncode == 0, done.stdout + done.stderr
    done = ascmhl("verify", root, debug=True)
    assert done.returncode == 0, done.stdout + done.stderr
    if folders:
        done = ascmhl("verify", "-dh", root, debug=True)
        assert done.returncode == 0, done.stdout + done.stderr


def generations(root: Path) -> list[str]:
    return sorted(path.name for path in (root / "ascmhl").glob("*.mhl"))


# --- ASC MHL ---


@pytest.mark.parametrize("checksums", ["sha256", "sha256 md5", "c4", "xxh64 xxh3", "sha1 blake3"])
def test_the_reference_tool_accepts_a_new_history(
    service: Service, card: Path, place: Path, checksums: str
) -> None:
    transfer = copied(service, card, place, Manifest.ASCMHL, checksums=checksums)
    root = place / "A001"
    (name,) = generations(root)
    assert re.fullmatch(r"0001_A001_\d{4}-\d\d-\d\d_\d{6}Z\.mhl", name)
    agreed(root)
    text = (root / "ascmhl" / name).read_text("utf-8")
    assert text.count("<directoryhash>") == 3
    assert "<roothash>" in text
    (written,) = service.manifests_written(transfer)
    assert (written.path, written.files, written.left_out) == (str(root / "ascmhl" / name), 4, 0)


@pytest.mark.parametrize("damage", ["changed", "gone", "new"])
def test_the_reference_tool_finds_damage_by_it(
    service: Service, card: Path, place: Path, damage: str
) -> None:
    copied(service, card, place, Manifest.ASCMHL)
    clip = place / "A001" / "CLIPS" / "A001C001.mov"
    if damage == "changed":
        clip.write_bytes(payload(100_000, 3))
    elif damage == "gone":
        clip.unlink()
    else:
        (clip.parent / "new.mov").touch()
    outcomes = [
        ascmhl("diff", place / "A001").returncode,
        ascmhl("verify", place / "A001", debug=True).returncode,
    ]
    assert any(outcomes)


def test_a_history_that_came_with_the_card_is_extended_and_never_rewritten(
    service: Service, card: Path, place: Path
) -> None:
    """Its hashes are MD5, which is compared in the one read, and stands beside ours."""
    assert ascmhl("create", "-h", "md5", card).returncode == 0
    before = tree_of(card)
    copied(service, card, place, Manifest.ASCMHL)
    root = place / "A001"
    first, second = generations(root)
    assert second.startswith("0002_")
    after = tree_of(root)
    assert {path: after[path] for path in before if b"chain" not in path} == {
        path: content for path, content in before.items() if b"chain" not in path
    }
    agreed(root)
    text = (root / "ascmhl" / second).read_text("utf-8")
    assert text.count('<md5 action="verified"') == 4
    assert 'action="failed"' not in text
    assert ascmhl("create", "-h", "xxh128", root).returncode == 0
    agreed(root)
    assert first.startswith("0001_")


def test_histories_of_folders_inside_are_extended_first_and_named_by_the_outer_one(
    service: Service, card: Path, place: Path
) -> None:
    for folder in (card / "CLIPS" / "PROXY", card / "CLIPS"):
        assert ascmhl("create", "-h", "xxh128", folder).returncode == 0
    copied(service, card, place, Manifest.ASCMHL)
    root = place / "A001"
    agreed(root)
    assert [len(generations(one)) for one in (root, root / "CLIPS", root / "CLIPS" / "PROXY")] == [
        1, 2, 3,
    ]  # fmt: skip
    outer = (root / "ascmhl" / generations(root)[0]).read_text("utf-8")
    assert outer.count("<hashlistreference>") == 1
    assert outer.count("<hash>") == 1
    assert ascmhl("create", "-h", "xxh128", root).returncode == 0
    agreed(root)


def test_a_second_copy_to_the_same_place_is_one_more_generation(
    service: Service, card: Path, place: Path
) -> None:
    copied(service, card, place, Manifest.ASCMHL)
    (card / "more.mov").write_bytes(b"more")
    copied(service, card, place, Manifest.ASCMHL)
    assert [name[:5] for name in generations(place / "A001")] == ["0001_", "0002_"]
    agreed(place / "A001")
    text = (place / "A001" / "ascmhl" / generations(place / "A001")[1]).read_text("utf-8")
    assert text.count('action="verified"') == 4
    assert text.count('action="original"') == 1


def test_what_it_cannot_hold_is_counted_and_no_folder_is_vouched_for(
    service: Service, card: Path, place: Path
) -> None:
    (card / "CLIPS" / "link").symlink_to("A001C001.mov")
    with open(os.path.join(os.fsencode(card), b"caf\xe9.mov"), "wb") as file:
        file.write(b"x")
    with open(os.path.join(os.fsencode(card), b"CLIPS/\x01.mov"), "wb") as file:
        file.write(b"x")
    transfer = copied(service, card, place, Manifest.ASCMHL)
    (written,) = service.manifests_written(transfer)
    assert (written.files, written.left_out) == (4, 3)
    text = Path(written.path).read_text("utf-8")
    assert "<roothash>" not in text
    assert text.count("<directoryhash>") == 2  # EMPTY and PROXY


def test_a_folder_that_others_use_as_well_has_no_hash_of_ours(
    service: Service, card: Path, place: Path
) -> None:
    (place / "A001" / "CLIPS").mkdir(parents=True)
    (place / "A001" / "CLIPS" / "theirs.mov").write_bytes(b"theirs")
    copied(service, card, place, Manifest.ASCMHL)
    (name,) = generations(place / "A001")
    text = (place / "A001" / "ascmhl" / name).read_text("utf-8")
    assert text.count("<directoryhash>") == 2
    assert ascmhl("verify", place / "A001", debug=True).stdout.count("theirs") >= 0


@pytest.mark.parametrize("damage", ["altered", "gone", "no chain", "malformed"])
def test_a_history_that_is_not_in_order_is_not_extended(
    service: Service, card: Path, place: Path, damage: str
) -> None:
    copied(service, card, place, Manifest.ASCMHL)
    folder = place / "A001" / "ascmhl"
    (name,) = generations(place / "A001")
    if damage == "altered":
        (folder / name).write_bytes((folder / name).read_bytes() + b"\n")
    elif damage == "gone":
        (folder / name).unlink()
    elif damage == "no chain":
        shutil.copy(folder / name, folder / "0002_A001_2020-01-01_000000Z.mhl")
        (folder / "ascmhl_chain.xml").unlink()
    else:
        (folder / "ascmhl_chain.xml").write_bytes(b"<ascmhldirectory>")
    before = tree_of(folder)
    options = Options(manifests=(Manifest.ASCMHL,))
    transfer = carried_out(service, request_for([card], [place], options=options))
    view = service.transfer(transfer)
    assert view.status is TransferStatus.FAILED
    assert view.files_failed == 0
    assert "was not extended" in view.message
    assert "verified all the same" in view.message
    assert tree_of(folder) == before
    shutil.rmtree(folder)
    service.retry(transfer)
    assert service.wait(transfer, 30)
    assert service.transfer(transfer).status is TransferStatus.COMPLETED
    agreed(place / "A001")


def test_a_generation_that_a_crash_kept_out_of_the_chain_is_taken_in(
    service: Service, card: Path, place: Path
) -> None:
    copied(service, card, place, Manifest.ASCMHL)
    (place / "A001" / "ascmhl" / "ascmhl_chain.xml").unlink()
    copied(service, card, place, Manifest.ASCMHL)
    chain = (place / "A001" / "ascmhl" / "ascmhl_chain.xml").read_text("utf-8")
    assert chain.count("<hashlist ") == 2
    agreed(place / "A001")


def test_a_file_alone_gets_no_history_and_no_archive_either(
    service: Service, card: Path, place: Path
) -> None:
    options = Options(manifests=(Manifest.ASCMHL,))
    with pytest.raises(NoFolderForHistory):
        service.create(request_for([card / "notes.txt"], [place], options=options))
    packed = Options(manifests=(Manifest.ASCMHL,), pack=Pack.ZIP)
    with pytest.raises(NoHistoryForArchive, match="--checksum-list"):
        service.create(request_for([card], [place], options=packed))
    assert tree_of(place) == {}


# --- lists and classic MHL ---


@pytest.mark.parametrize(
    ("checksum", "ending", "command"),
    [
        ("sha256", ".sha256", ["sha256sum", "-c", "--strict"]),
        ("sha1", ".sha1", ["sha1sum", "-c", "--strict"]),
        ("md5", ".md5", ["md5sum", "-c", "--strict"]),
    ],
)
def test_everybodys_tools_check_a_list(
    service: Service, card: Path, place: Path, checksum: str, ending: str, command: list[str]
) -> None:
    for name in (ODD, b"caf\xe9.mov", b"-dash.mov"):
        with open(os.path.join(os.fsencode(card), name), "wb") as file:
            file.write(name)
    copied(service, card, place, Manifest.LIST, checksums=checksum)
    (manifest,) = place.glob(f"A001_*{ending}")
    done = subprocess.run([*command, manifest.name], cwd=place, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(b": OK") == 7
    (place / "A001" / "notes.txt").write_bytes(b"changed")
    assert subprocess.run([*command, manifest.name], cwd=place, capture_output=True).returncode


@pytest.mark.skipif(shutil.which("xxhsum") is None, reason="no xxhsum on this machine")
@pytest.mark.parametrize("checksum", ["xxh64", "xxh128", "xxh3"])
def test_xxhsum_checks_its_lists(service: Service, card: Path, place: Path, checksum: str) -> None:
    copied(service, card, place, Manifest.LIST, checksums=checksum)
    (manifest,) = place.glob(f"A001_*.{checksum}")
    done = tool("xxhsum", "-c", manifest.name, cwd=place)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("kind", [Manifest.MHL, Manifest.LIST])
def test_what_we_write_we_read(service: Service, card: Path, place: Path, kind: Manifest) -> None:
    transfer = copied(service, card, place, kind)
    (written,) = service.manifests_written(transfer)
    path = os.fsencode(written.path)
    found = kind_of(path)
    assert found is not None
    with open(path, "rb") as file:
        entries = [one for one in read(path, found, [file.read()]) if isinstance(one, Entry)]
    told = {one.path: {value.algorithm: value.value for value in one.values} for one in entries}
    items = service.items(transfer, limit=100)
    expected = {
        os.fsencode(item.path.text): dict(item.checksums) for item in items if item.checksums
    }
    assert set(told) == set(expected)
    for name, values in told.items():
        assert values.items() <= expected[name].items()


def test_a_manifest_speaks_of_its_destination_alone(
    service: Service, card: Path, place: Path, tmp_path: Path
) -> None:
    other = drive(tmp_path, "TAPE")
    (other / "A001").mkdir()
    (other / "A001" / "notes.txt").write_bytes(b"another")
    options = Options(manifests=(Manifest.LIST,))
    transfer = carried_out(service, request_for([card], [place, other], options=options))
    assert service.transfer(transfer).files_failed == 1
    first, second = service.manifests_written(transfer)
    assert (first.files, second.files) == (4, 3)
    assert "notes.txt" not in Path(second.path).read_text("utf-8")


def test_a_manifest_that_cannot_be_written_fails_the_transfer_and_not_its_copies(
    service: Service, card: Path, place: Path
) -> None:
    (place / "A001").mkdir()
    (place / "A001" / "ascmhl").write_bytes(b"a file in its place")
    options = Options(manifests=(Manifest.ASCMHL,))
    transfer = carried_out(service, request_for([card], [place], options=options))
    view = service.transfer(transfer)
    assert view.status is TransferStatus.FAILED
    assert view.files_verified == view.files_total == 4
    assert "verified all the same" in view.message


# --- of what was packed, and of what was unpacked ---


def test_a_list_and_a_classic_mhl_of_archives_are_of_the_archives_themselves(
    service: Service, card: Path, place: Path, tmp_path: Path
) -> None:
    """Hashed in the pass that reads the archive back, and so in the ledger, the audit, and
    compared when the archive is verified again."""
    other, second = drive(tmp_path, "TAPE"), drive(tmp_path, "B001")
    (second / "b.mov").write_bytes(payload(2_000_000, 3))
    kinds = (Manifest.LIST, Manifest.MHL)
    options = Options(manifests=kinds, pack=Pack.ZIP).with_manifest_checksums()
    assert options.checksums == ("sha256", "xxh64")
    transfer = carried_out(service, request_for([card, second], [place, other], options=options))
    assert service.transfer(transfer).status is TransferStatus.COMPLETED
    written = service.manifests_written(transfer)
    assert [(one.files, one.left_out) for one in written] == [(2, 0)] * 4
    for one in (place, other):
        (manifest,) = one.glob("A001_*.sha256")
        done = tool("sha256sum", "-c", "--strict", manifest.name, cwd=one)
        assert done.stdout.splitlines() == ["A001.zip: OK", "B001.zip: OK"]
        check = service.verify_folder(os.fsencode(next(one.glob("*.mhl"))))
        assert check.wait(30)
        assert check.view().is_proven
        assert check.view().count(Verdict.EQUAL) == 2
    again = service.verify_again(transfer)
    assert again.wait(30)
    assert again.view().is_proven
    assert service.cross_check().count == 0
    archive = other / "A001.zip"
    archive.write_bytes(archive.read_bytes() + b"\0")
    (manifest,) = other.glob("A001_*.sha256")
    assert tool("sha256sum", "-c", manifest.name, cwd=other).returncode == 1


def test_an_archive_that_lacks_something_is_in_no_manifest(
    service: Service, card: Path, place: Path
) -> None:
    (card / "bad\\..\\name").write_bytes(b"no archive may hold this")
    options = Options(manifests=(Manifest.LIST,), pack=Pack.ZIP)
    transfer = carried_out(service, request_for([card], [place], options=options))
    assert service.transfer(transfer).status is TransferStatus.FAILED
    assert service.manifests_written(transfer) == ()
    assert [one.name for one in place.iterdir()] == ["A001 (incomplete).zip"]
    options = Options(manifests=(Manifest.LIST,), pack=Pack.ZIP, on_conflict=OnConflict.RENAME)
    second = drive(card.parent, "B001")
    transfer = carried_out(service, request_for([card, second], [place], options=options))
    (written,) = service.manifests_written(transfer)
    assert (written.files, written.left_out) == (1, 1)


def test_what_was_unpacked_gets_every_manifest_that_a_copy_gets(
    service: Service, card: Path, place: Path, tmp_path: Path
) -> None:
    carried_out(service, request_for([card], [tmp_path], options=Options(pack=Pack.ZIP)))
    options = Options(
        manifests=(Manifest.ASCMHL, Manifest.LIST), pack=Pack.UNZIP
    ).with_manifest_checksums()
    transfer = carried_out(service, request_for([tmp_path / "A001.zip"], [place], options=options))
    assert service.transfer(transfer).status is TransferStatus.COMPLETED
    agreed(place / "A001")
    (manifest,) = place.glob("A001_*.sha256")
    assert tool("sha256sum", "-c", "--strict", manifest.name, cwd=place).returncode == 0
    assert [one.files for one in service.manifests_written(transfer)] == [4, 4]
