"""`--json`: one object a line, nothing else, in the shape that the design promises."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ketter_gui.domain.names import to_bytes
from tests.builders import Card, drive, odd_card
from tests.cli.program import Ketter, ended, many_files


def test_a_transfer_tells_its_start_its_items_and_its_end(
    ketter: Ketter, card: Card, drives: tuple[Path, Path]
) -> None:
    done = ketter("copy", card.path, "--to", drives[0], "--to", drives[1], "--json")
    assert (done.code, done.err) == (0, "")
    first, *_, last = done.objects
    assert first["event"] == "transfer.started"
    assert first["format"] == "ketter-json/1"
    assert [place["path"] for place in first["destinations"]] == [str(one) for one in drives]
    assert last["event"] == "transfer.finished"
    assert {name: last[name] for name in ("status", "files", "failed", "skipped")} == {
        "status": "completed",
        "files": 7,
        "failed": 0,
        "skipped": 0,
    }
    assert last["bytes"] == sum(
        path.stat().st_size for path in card.path.rglob("*") if path.is_file()
    )
    assert last["seconds"] > 0
    assert last["bytes_per_second"] > 0
    assert {one["transfer"] for one in done.objects} == {1}


def test_an_item_comes_once_with_all_its_destinations(
    ketter: Ketter, card: Card, drives: tuple[Path, Path]
) -> None:
    done = ketter("copy", card.path, "--to", drives[0], "--to", drives[1], "--json")
    items = done.items()
    paths = [one["path"] for one in items]
    assert len(paths) == len(set(paths))
    files = {one["path"]: one for one in items if one["checksums"]}
    assert {path.removeprefix("A001/").encode() for path in files} == set(card.files())
    for path, item in files.items():
        assert item["event"] == "item.verified"
        assert item["checksums"]["sha256"] == card.files()[path.removeprefix("A001/").encode()]
        assert [one["path"] for one in item["destinations"]] == [str(one / path) for one in drives]
        for copy in item["destinations"]:
            assert copy["status"] == "verified"
            assert copy["read_back"] in ("storage", "memory")
    nothing_read = [one for one in items if not one["checksums"]]
    assert nothing_read, "folders are items"
    shown = ketter("history", "show", "1", "--json").items()
    for item in (*nothing_read, *(one for one in shown if not one["checksums"])):
        assert [copy["read_back"] for copy in item["destinations"]] == [None, None]


def test_names_can_be_had_back_to_the_byte(ketter: Ketter, tmp_path: Path) -> None:
    card, target = odd_card(tmp_path), drive(tmp_path, "DRIVE")
    done = ketter("copy", card.path, "--to", target, "--json")
    assert done.code == 0
    assert done.out.isascii()
    found = {
        to_bytes(one["path"], one["path_form"])
        for one in done.items()
        if one["event"] == "item.verified"
    }
    assert found == {b"odd"} | {b"odd/" + name for name in card.files()}
    for item in done.items():
        for copy in item["destinations"]:
            assert os.path.lexists(to_bytes(copy["path"], item["path_form"]))


def test_what_is_left_out_is_told_with_its_reason(ketter: Ketter, tmp_path: Path) -> None:
    done = ketter("copy", odd_card(tmp_path).path, "--to", drive(tmp_path, "D"), "--json")
    (left_out,) = [one for one in done.items() if one["event"] == "item.skipped"]
    assert left_out["path"] == "odd/pipe"
    assert left_out["error_type"] == "SpecialFile"
    assert left_out["destinations"] == []


def test_an_item_that_fails_on_one_drive_has_failed_and_tells_where(
    ketter: Ketter, card: Card, drives: tuple[Path, Path]
) -> None:
    taken = drives[1] / "A001" / "zero.bin"
    taken.parent.mkdir()
    taken.write_bytes(b"theirs")
    done = ketter("copy", card.path, "--to", drives[0], "--to", drives[1], "--json")
    assert done.code == 1
    (failed,) = [one for one in done.items() if one["event"] == "item.failed"]
    by_path = {one["path"]: one for one in failed["destinations"]}
    assert by_path[str(taken)]["error_type"] == "NameTaken"
    assert by_path[str(drives[0] / "A001" / "zero.bin")]["status"] == "verified"
    assert done.objects[-1]["status"] == "failed"
    assert done.objects[-1]["failed"] == 1


def test_what_was_there_already_on_one_drive_is_one_item_all_the_same(
    ketter: Ketter, card: Card, drives: tuple[Path, Path]
) -> None:
    assert ketter("copy", card.path, "--to", drives[0]).code == 0
    done = ketter("copy", card.path, "--to", drives[0], "--to", drives[1], "--json")
    files = [one for one in done.items() if one["checksums"]]
    assert len(files) == len(card.files())
    for item in files:
        assert item["event"] == "item.verified"
        assert [one["status"] for one in item["destinations"]] == ["skipped", "verified"]


def test_what_is_refused_leaves_stdout_empty(ketter: Ketter, drives: tuple[Path, Path]) -> None:
    done = ketter("copy", "/no/such", "--to", drives[0], "--json")
    assert (done.code, done.out) == (2, "")
    assert "does not exist" in done.sentence


def test_nothing_to_resume_is_said_beside_stdout(ketter: Ketter) -> None:
    done = ketter("resume", "--json")
    assert (done.code, done.out) == (0, "")
    assert "nothing to carry on" in done.sentence


def test_progress_is_told_at_most_twice_a_second_and_never_goes_back(
    ketter: Ketter, tmp_path: Path
) -> None:
    card, target = many_files(tmp_path, 4000), drive(tmp_path, "DRIVE")
    done = ketter("copy", card, "--to", target, "--json")
    assert done.code == 0
    seconds = done.objects[-1]["seconds"]
    told = [one for one in done.objects if one["event"] == "progress"]
    assert len(told) <= 2 * seconds + 1
    verified = [one["bytes_verified"] for one in told]
    assert verified == sorted(verified)
    assert len(done.items()) == 4000 + 8 + 1  # files, rolls and the card itself


def test_every_line_is_written_at_once(
    ketter: Ketter, card: Card, drives: tuple[Path, Path]
) -> None:
    """The first line is there before the program ends: readers need not wait for it."""
    with ketter.started("copy", card.path, "--to", drives[0], "--json") as running:
        assert running.stdout is not None
        first = json.loads(running.stdout.readline())
        assert first["event"] == "transfer.started"
        rest = ended(running)
        assert rest.objects[-1]["event"] == "transfer.finished"
