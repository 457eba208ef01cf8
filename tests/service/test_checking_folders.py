"""Folders that others brought: against their manifests, and against each other."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from ketter_gui.domain.chain import COLUMNS
from ketter_gui.domain.checking import (
    CheckView,
    NoManifest,
    NoSuchFolder,
    NothingListed,
    NotTwoFolders,
    Verdict,
)
from ketter_gui.domain.errors import RefusedError
from ketter_gui.service.check import Check
from ketter_gui.service.service import Service
from tests.builders import payload, tree_of

ASCMHL = Path(sys.executable).with_name("ascmhl")


@pytest.fixture
def card(tmp_path: Path) -> Path:
    folder = tmp_path / "A001"
    (folder / "CLIPS").mkdir(parents=True)
    (folder / "CLIPS" / "big.mov").write_bytes(payload(3_000_000, 1))
    (folder / "CLIPS" / "small.mov").write_bytes(b"small")
    (folder / "notes.txt").write_bytes(b"notes")
    return folder


def ended(check: Check) -> CheckView:
    assert check.wait(60)
    assert check.error is None
    return check.view()


def found(view: CheckView) -> dict[str, str]:
    return {Path(one.path.text).name: one.verdict.value for one in view.findings}


def listed(folder: Path, path: Path, kind: str = "sha256sum") -> None:
    names = sorted(os.path.relpath(one, folder) for one in folder.rglob("*") if one.is_file())
    with path.open("wb") as file:
        subprocess.run([kind, "--", *names], cwd=folder, stdout=file, check=True)


def made(card: Path, kind: str) -> None:
    if kind == "ascmhl":
        subprocess.run([ASCMHL, "create", "-h", "md5", card], check=True, capture_output=True)
    elif kind == "beside":
        with (card.parent / "A001.sha256").open("wb") as file:
            names = [f"A001/{name}" for name in ("notes.txt", "CLIPS/big.mov", "CLIPS/small.mov")]
            subprocess.run(["sha256sum", *names], cwd=card.parent, stdout=file, check=True)
    else:
        listed(card, card / "checksums.md5", "md5sum")


@pytest.mark.parametrize("kind", ["ascmhl", "beside", "inside"])
def test_a_folder_is_held_against_what_others_wrote_of_it(
    service: Service, card: Path, kind: str
) -> None:
    made(card, kind)
    before = tree_of(card)
    view = ended(service.verify_folder(os.fsencode(card)))
    assert view.is_proven, view.findings
    assert view.count(Verdict.EQUAL) == view.files_total == 3
    assert view.places[0].read_back == Counter(storage=3)
    (card / "CLIPS" / "big.mov").write_bytes(payload(3_000_000, 2))
    (card / "CLIPS" / "small.mov").unlink()
    (card / "new.mov").touch()
    (card / "link").symlink_to("notes.txt")
    view = ended(service.verify_folder(os.fsencode(card)))
    assert found(view) == {"big.mov": "changed", "small.mov": "missing", "new.mov": "extra"}
    assert not view.is_proven
    assert set(before) - set(tree_of(card)) == {b"CLIPS/small.mov"}
    at = COLUMNS.index("result")
    told = [row[at] for row in service.ledger.audit_rows() if "REVERIFIED" in row]
    assert Counter(told) == {"whole": 2, "changed": 1, "missing": 1, "extra": 1}
    assert service.verify_audit().unsigned == 0


def test_a_manifest_can_be_named_itself(service: Service, card: Path) -> None:
    made(card, "inside")
    view = ended(service.verify_folder(os.fsencode(card / "checksums.md5")))
    assert view.is_proven
    assert view.count(Verdict.EQUAL) == 3


def test_our_own_manifests_verify(service: Service, card: Path, tmp_path: Path) -> None:
    from ketter_gui.domain.options import Manifest, Options
    from tests.builders import drive
    from tests.service.conftest import carried_out, request_for

    place = drive(tmp_path, "RAID")
    options = Options(manifests=(Manifest.ASCMHL, Manifest.MHL, Manifest.LIST))
    transfer = carried_out(service, request_for([card], [place], options=options))
    for written in service.manifests_written(transfer):
        view = ended(service.verify_folder(os.fsencode(written.path)))
        assert view.is_proven, view.findings
        assert view.count(Verdict.EQUAL) == 3
    assert ended(service.verify_folder(os.fsencode(place / "A001"))).is_proven


def test_histories_inside_a_history_are_read_as_well(
    service: Service, card: Path, tmp_path: Path
) -> None:
    reels = tmp_path / "Reels"
    reels.mkdir()
    card.rename(reels / "A001")
    made(reels / "A001", "ascmhl")
    (reels / "summary.txt").write_bytes(b"summary")
    made(reels, "ascmhl")
    view = ended(service.verify_folder(os.fsencode(reels)))
    assert view.is_proven, view.findings
    assert view.findings == ()
    assert view.count(Verdict.EQUAL) >= 4
    (reels / "A001" / "notes.txt").write_bytes(b"noted")
    assert found(ended(service.verify_folder(os.fsencode(reels)))) == {"notes.txt": "changed"}


def test_a_history_that_was_altered_is_told(service: Service, card: Path) -> None:
    made(card, "ascmhl")
    (generation,) = (card / "ascmhl").glob("*.mhl")
    md5 = hashlib.md5(b"notes", usedforsecurity=False).hexdigest()
    forged = hashlib.md5(b"forge", usedforsecurity=False).hexdigest()
    generation.write_text(generation.read_text().replace(md5, forged))
    (card / "notes.txt").write_bytes(b"forge")
    view = ended(service.verify_folder(os.fsencode(card)))
    assert found(view) == {generation.name: "changed"}
    assert not view.is_proven


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.mhl", b"<hashlist>", "cannot be"),
        (
            "a.mhl",
            b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><hashlist>&e;</hashlist>',
            "",
        ),
        ("a.mhl", b"<?xml version='1.0'?><other/>", ""),
        ("a.md5", b"\0" * 5000, ""),
        ("a.md5", b"d41d8cd98f00b204e9800998ecf8427e  ../../etc/passwd\n", "leads out"),
        ("a.md5", b"d41d8cd98f00b204e9800998ecf8427e  /etc/passwd\n", "leads out"),
        ("a.md5", b"zz  notes.txt\n", ""),
    ],
)
def test_a_manifest_that_is_bad_is_told_and_nothing_outside_is_read(
    service: Service, card: Path, name: str, content: bytes, words: str
) -> None:
    (card / name).write_bytes(content)
    try:
        view = ended(service.verify_folder(os.fsencode(card)))
    except RefusedError:
        return
    assert not view.is_proven
    assert view.count(Verdict.CHANGED) >= 1
    assert "passwd" not in found(view) or view.places[0].bytes_read == 0
    assert any(words in one.why for one in view.findings)


def test_two_values_for_one_file_are_told(service: Service, card: Path) -> None:
    sums = [hashlib.md5(text, usedforsecurity=False).hexdigest() for text in (b"notes", b"x")]
    (card / "a.md5").write_text("".join(f"{one}  notes.txt\n" for one in sums))
    view = ended(service.verify_folder(os.fsencode(card)))
    assert view.findings[0].why == "the manifest names two values for it"


def test_what_cannot_be_verified_is_refused_by_name(service: Service, card: Path) -> None:
    with pytest.raises(NoManifest):
        service.verify_folder(os.fsencode(card))
    with pytest.raises(NoManifest):
        service.verify_folder(os.fsencode(card / "notes.txt"))
    with pytest.raises(NoSuchFolder):
        service.verify_folder(os.fsencode(card / "gone"))
    (card / "a.md5").write_bytes(b"# nothing\n")
    with pytest.raises(NothingListed):
        service.verify_folder(os.fsencode(card))


def test_a_fifo_or_link_in_a_manifests_place_is_not_waited_for(
    service: Service, card: Path
) -> None:
    os.mkfifo(card / "a.md5")
    with pytest.raises(NoManifest):
        service.verify_folder(os.fsencode(card))


# --- two folders ---


@pytest.fixture
def twin(card: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "twin"
    subprocess.run(["cp", "-a", card, folder], check=True)
    return folder


def test_two_equal_folders_are_equal(service: Service, card: Path, twin: Path) -> None:
    view = ended(service.compare_folders(os.fsencode(card), os.fsencode(twin)))
    assert view.is_proven
    assert view.findings == ()
    assert [place.counts[Verdict.EQUAL] for place in view.places] == [3, 3]
    assert view.bytes_done == view.bytes_total == 2 * (3_000_000 + 5 + 5)


def test_every_difference_of_two_folders_is_named(service: Service, card: Path, twin: Path) -> None:
    (card / "link").symlink_to("notes.txt")
    (twin / "link").symlink_to("else")
    (twin / "CLIPS" / "big.mov").write_bytes(payload(3_000_000, 2))
    (twin / "CLIPS" / "small.mov").write_bytes(b"smaller")
    (twin / "notes.txt").unlink()
    (twin / "notes.txt").mkdir()
    (twin / "more").mkdir()
    (twin / "more" / "inside").touch()
    (card / "only.txt").touch()
    (card / ".DS_Store").touch()
    view = ended(service.compare_folders(os.fsencode(card), os.fsencode(twin)))
    assert found(view) == {
        "link": "changed",
        "big.mov": "changed",
        "small.mov": "changed",
        "notes.txt": "changed",
        "more": "extra",
        "only.txt": "missing",
    }
    assert not view.is_proven


def test_what_is_missing_stands_in_the_audit_whatever_its_number(
    service: Service, card: Path, twin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ketter_gui.service.checking_folders.EXTRAS_TOLD", 2)
    for number in range(5):
        (card / f"gone {number}").touch()
        (twin / f"more {number}").touch()
    ended(service.compare_folders(os.fsencode(card), os.fsencode(twin)))
    column = COLUMNS.index("result")
    results = Counter(row[column] for row in service.ledger.audit_rows())
    assert (results["missing"], results["extra"]) == (5, 2)


def test_folders_that_are_not_two_are_refused(service: Service, card: Path, twin: Path) -> None:
    (twin / "way").symlink_to(card)
    for other in (card, card / "CLIPS", card.parent, twin / "way"):
        with pytest.raises(NotTwoFolders):
            service.compare_folders(os.fsencode(card), os.fsencode(other))
    with pytest.raises(NoSuchFolder):
        service.compare_folders(os.fsencode(card), os.fsencode(card / "gone"))
