"""What a terminal and a program are told of the manifests that came with a card."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tests.builders import Card
from tests.cli.program import Ketter

CLIP = "CONTENTS/CLIPS/A001C001.mxf"


def with_list(card: Card) -> Path:
    target = card.path.parent / "A001.md5"
    lines = [
        f"{hashlib.md5(path.read_bytes()).hexdigest()}  A001/{path.relative_to(card.path)}\n"
        for path in sorted(card.path.rglob("*.*"))
    ]
    target.write_text("".join(lines))
    return target


def test_a_card_that_matches_its_manifest_is_said_to(
    ketter: Ketter, card: Card, drives: tuple[Path, Path]
) -> None:
    manifest = with_list(card)
    done = ketter("copy", card.path, "--to", drives[0])
    assert done.code == 0
    assert f"  7 files match the source's manifest {manifest} of 20" in done.out + done.err


def test_a_card_that_does_not_match_fails_with_the_reason(
    ketter: Ketter, card: Card, drives: tuple[Path, Path]
) -> None:
    manifest = with_list(card)
    (card.path / CLIP).write_bytes(b"other bytes")
    (card.path / "zero.bin").unlink()
    done = ketter("copy", card.path, "--to", drives[0])
    assert done.code == 1
    assert "  The source no longer matches its manifest of 20" in done.err
    assert "  The source is not complete: 1 file of its manifest" in done.err
    assert "A001/zero.bin" in done.err
    again = ketter("copy", card.path, "--to", drives[1], "--json")
    (failed,) = (one for one in again.objects if one["event"] == "item.failed")
    assert failed["destinations"][0]["error_type"] == "SourceDiffersFromManifest"
    last = again.objects[-1]
    assert last["status"] == "failed"
    (told,) = last["manifests"]
    assert (told["name"], told["equal"], told["different"], told["missing"]) == (
        str(manifest),
        5,
        1,
        1,
    )


def test_a_card_that_is_not_complete_fails_although_all_of_it_was_copied(
    ketter: Ketter, card: Card, drives: tuple[Path, Path]
) -> None:
    with_list(card)
    (card.path / "zero.bin").unlink()
    done = ketter("copy", card.path, "--to", drives[0])
    assert done.code == 1
    assert "The source is not complete: 1 file of its manifest" in done.err
    assert "Do not format it." in done.err
    (card.path / "zero.bin").write_bytes(b"")
    resumed = ketter("resume", "1")
    assert resumed.code == 0, resumed.err
    assert (drives[0] / "A001" / "zero.bin").exists()
