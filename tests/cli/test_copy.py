"""`ketter copy` and `ketter move`, with real files: what is copied, said, and returned."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

import pytest

from ketter_gui.domain.options import CHECKSUM_LABELS
from tests.builders import ODD_NAMES, Card, drive, leftovers, odd_card, tree_of
from tests.cli.program import Ketter


def test_a_card_on_two_drives_is_verified_and_said_in_one_sentence(
    ketter: Ketter, card: Card, drives: tuple[Path, Path]
) -> None:
    done = ketter("copy", card.path, "--to", drives[0], "--to", drives[1])
    assert (done.code, done.err) == (0, "")
    opening, outcome = done.out.splitlines()
    assert opening == f"Transfer 1: copying {card.path} to {drives[0]} and {drives[1]}."
    assert outcome.startswith("7 files, 900 kB: verified in 2 places (")
    assert outcome.endswith("Originals are kept. Transfer 1.")
    for one in drives:
        assert tree_of(one / "A001") == card.files()
        assert (one / "A001" / "EMPTY").is_dir()
        assert leftovers(one) == []


def test_quiet_says_nothing_when_all_is_well(
    ketter: Ketter, card: Card, drives: tuple[Path, Path]
) -> None:
    done = ketter("copy", card.path, "--to", drives[0], "--quiet")
    assert (done.code, done.out, done.err) == (0, "", "")


def test_odd_names_arrive_as_the_bytes_they_are(ketter: Ketter, tmp_path: Path) -> None:
    card, target = odd_card(tmp_path), drive(tmp_path, "DRIVE")
    done = ketter("copy", card.path, "--to", target)
    assert done.code == 0, done.err
    assert tree_of(target / "odd") == card.files()
    assert not os.path.lexists(target / "odd" / "pipe")
    assert "odd/pipe is a FIFO and was left out." in done.out


def test_names_that_look_like_options_are_copied_after_two_dashes(
    ketter: Ketter, tmp_path: Path
) -> None:
    card, target = odd_card(tmp_path), drive(tmp_path, "DRIVE")
    done = ketter("copy", "--to", target, "--", *ODD_NAMES, cwd=card.path)
    assert done.code == 0, done.err
    assert sorted(os.listdir(os.fsencode(target))) == sorted(ODD_NAMES)


def test_a_destination_is_made_when_its_parent_exists(
    ketter: Ketter, card: Card, tmp_path: Path
) -> None:
    assert ketter("copy", card.path, "--to", tmp_path / "new").code == 0
    assert tree_of(tmp_path / "new" / "A001") == card.files()


def test_an_empty_folder_is_copied_and_said_to_be_one(ketter: Ketter, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    target = drive(tmp_path, "DRIVE")
    done = ketter("copy", tmp_path / "nothing", "--to", target)
    assert done.code == 0
    assert "There was no file to copy" in done.out
    assert (target / "nothing").is_dir()


def test_a_second_copy_finds_everything_there(
    ketter: Ketter, card: Card, drives: tuple[Path, Path]
) -> None:
    assert ketter("copy", card.path, "--to", drives[0]).code == 0
    again = ketter("copy", card.path, "--to", drives[0])
    assert again.code == 0
    assert "7 of them were already there" in again.out


def test_a_different_file_of_the_same_name_fails_alone(
    ketter: Ketter, card: Card, drives: tuple[Path, Path]
) -> None:
    taken = drives[0] / "A001" / "CONTENTS" / "CLIPS" / "A001C001.mxf"
    taken.parent.mkdir(parents=True)
    taken.write_bytes(b"somebody else's")
    done = ketter("copy", card.path, "--to", drives[0])
    assert done.code == 1
    head, reason, advice = done.err.splitlines()
    assert head.startswith("1 of 7 files failed; 6 verified in ")
    assert str(taken) in reason
    assert "already exists there and is different" in reason
    assert advice.startswith("“ketter resume 1 ")
    assert taken.read_bytes() == b"somebody else's"


@pytest.mark.parametrize(
    ("policy", "code", "kept", "beside"),
    [("overwrite", 0, False, False), ("rename", 0, True, True), ("fail", 1, True, False)],
)
def test_what_happens_to_a_different_file_is_the_policys_choice(
    ketter: Ketter,
    card: Card,
    drives: tuple[Path, Path],
    policy: str,
    code: int,
    kept: bool,
    beside: bool,
) -> None:
    taken = drives[0] / "A001" / "zero.bin"
    taken.parent.mkdir()
    taken.write_bytes(b"theirs")
    done = ketter("copy", card.path, "--to", drives[0], "--on-conflict", policy)
    assert done.code == code, done.err
    assert (taken.read_bytes() == b"theirs") is kept
    assert (drives[0] / "A001" / "zero (2).bin").exists() is beside


def test_a_move_removes_the_originals_and_keeps_their_folders(
    ketter: Ketter, card: Card, drives: tuple[Path, Path]
) -> None:
    before = card.files()
    done = ketter("move", card.path, "--to", drives[0], "--to", drives[1])
    assert done.code == 0, done.err
    assert "Originals are removed (7); their folders stay." in done.out
    assert card.files() == {}
    assert (card.path / "CONTENTS" / "CLIPS").is_dir()
    for one in drives:
        assert tree_of(one / "A001") == before


def test_a_move_within_a_volume_claims_no_proof_in_any_way_of_telling(
    ketter: Ketter, card: Card, drives: tuple[Path, Path]
) -> None:
    before = card.files()
    done = ketter("move", card.path, "--to", drives[0], "--remove-empty-folders", "--json")
    assert done.code == 0, done.err
    assert tree_of(drives[0] / "A001") == before
    assert not card.path.exists()
    last = done.objects[-1]
    assert (last["renamed"], last["verified"], last["originals_removed"]) == (7, 0, 0)
    files = [one for one in done.items() if one["event"] == "item.renamed"]
    assert {one["path"].removeprefix("A001/").encode() for one in files} == before.keys()
    for one in files:
        (copy,) = one["destinations"]
        assert (copy["status"], copy["read_back"]) == ("renamed", None)
        path = one["path"].removeprefix("A001/").encode()
        assert one["checksums"] == {"sha256": before[path]}
    shown = ketter("history", "show", "1").out
    assert "0 verified, 0 failed, 7 moved without a second copy" in shown
    assert "renamed; no second copy" in shown
    exported = drives[1] / "audit.csv"
    assert ketter("audit", "export", exported).code == 0
    assert exported.read_text().count("FINAL: renamed, no second copy") == 7
    assert ketter("audit", "verify", exported).code == 0


def test_a_move_that_fails_on_one_drive_keeps_those_originals(
    ketter: Ketter, card: Card, drives: tuple[Path, Path]
) -> None:
    taken = drives[1] / "A001" / "zero.bin"
    taken.parent.mkdir()
    taken.write_bytes(b"theirs")
    done = ketter("move", card.path, "--to", drives[0], "--to", drives[1])
    assert done.code == 1
    assert list(card.files()) == [b"zero.bin"]
    assert "6 originals removed, 1 kept." in done.err


def test_two_checksums_are_taken_in_one_read(
    ketter: Ketter, card: Card, drives: tuple[Path, Path]
) -> None:
    words = ["--checksum", "xxh128", "--checksum", "sha256"]
    done = ketter("copy", card.path, "--to", drives[0], *words, "--json")
    assert done.code == 0
    clip = next(one for one in done.items() if one["path"].endswith("C000.mxf"))
    assert set(clip["checksums"]) == {"xxh128", "sha256"}


def test_every_checksum_can_be_asked_for_and_comes_back_as_its_family_writes_it(
    ketter: Ketter, card: Card, drives: tuple[Path, Path], tmp_path: Path
) -> None:
    """C4 is no hex: it must get through the ledger, the audit, the export and back."""
    names = ["c4", *(name for name in CHECKSUM_LABELS if name != "c4")]
    words = [word for name in names for word in ("--checksum", name)]
    (card.path / "abc.txt").write_bytes(b"foo")
    done = ketter("copy", card.path, "--to", drives[0], *words, "--json")
    assert done.code == 0, done.err
    told = next(one["checksums"] for one in done.items() if one["path"].endswith("abc.txt"))
    foo = (
        "c45xZeXwMSpqXjpDumcHMA6mhoAmGHkUo7r9WmN2UgSEQzj9KjgseaQdkEJ11fGb5S1WEENcV3q8RFWwEeVpC7Fjk2"
    )
    assert next(iter(told)) == "c4"
    assert set(told) == set(CHECKSUM_LABELS)
    assert told["c4"] == foo
    assert told["md5"] == hashlib.md5(b"foo").hexdigest()
    shown = ketter("history", "show", "1").out
    assert all(f"{name} " in shown and told[name] in shown for name in names)
    export = tmp_path / "audit.csv"
    assert ketter("audit", "export", export).code == 0
    assert foo in export.read_text(encoding="utf-8")
    assert ketter("audit", "verify", export).code == 0
    assert ketter("audit", "verify").code == 0


def test_a_dry_run_says_what_it_would_do_and_touches_nothing(
    ketter: Ketter, card: Card, drives: tuple[Path, Path]
) -> None:
    done = ketter("copy", card.path, "--to", drives[0], "--to", drives[1], "--dry-run")
    assert done.code == 0
    assert done.out.startswith("7 files, 900 kB, would be copied to ")
    assert list(drives[0].iterdir()) == []
    assert "no transfer yet" in ketter("history").out


def test_a_dry_run_tells_all_problems_at_once(ketter: Ketter, card: Card, tmp_path: Path) -> None:
    words = (tmp_path / "nope", card.path, "--to", tmp_path / "far" / "away", "--dry-run")
    done = ketter("copy", *words)
    assert done.code == 2
    assert len(done.err.splitlines()) == 2


def test_without_a_bar_progress_is_plain_lines(
    ketter: Ketter, card: Card, drives: tuple[Path, Path]
) -> None:
    done = ketter("copy", card.path, "--to", drives[0])
    assert "\r" not in done.out + done.err


def test_copies_keep_mode_and_times(ketter: Ketter, card: Card, drives: tuple[Path, Path]) -> None:
    clip = card.path / "CONTENTS" / "CLIPS" / "A001C000.mxf"
    clip.chmod(0o640)
    assert ketter("copy", card.path, "--to", drives[0]).code == 0
    copy = drives[0] / clip.relative_to(card.path.parent)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o640
    assert copy.stat().st_mtime_ns == clip.stat().st_mtime_ns
