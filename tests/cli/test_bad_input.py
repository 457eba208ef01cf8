"""Bad input gets a sentence, not a traceback: one test for each kind."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
from pathlib import Path

import pytest

from tests.builders import Card, drive, payload
from tests.cli.program import Ketter
from tests.disk import mounting


def refused(ketter: Ketter, *words: str | bytes | Path) -> str:
    """The one sentence with which a command is refused, before anything is touched."""
    done = ketter(*words)
    assert (done.code, done.out) == (2, ""), done.err
    assert "Nothing was touched." in done.sentence
    return done.sentence


def test_a_source_that_does_not_exist(ketter: Ketter, drives: tuple[Path, Path]) -> None:
    sentence = refused(ketter, "copy", "/no/such/card", "--to", drives[0])
    assert sentence.startswith("The source /no/such/card does not exist.")


def test_a_name_that_cannot_be_shown_is_shown_escaped(
    ketter: Ketter, drives: tuple[Path, Path]
) -> None:
    sentence = refused(ketter, "copy", b"/no/\x1b[2Jcaf\xe9\n", "--to", drives[0])
    assert r"/no/\x1b[2Jcaf\xe9\x0a" in sentence


def test_a_source_that_cannot_be_read(
    ketter: Ketter, card: Card, drives: tuple[Path, Path]
) -> None:
    card.path.chmod(0)
    try:
        sentence = refused(ketter.as_anybody(), "copy", card.path, "--to", drives[0])
        assert "cannot be read: Permission denied" in sentence
    finally:
        card.path.chmod(0o700)


def test_one_file_that_cannot_be_read_fails_alone(
    ketter: Ketter, card: Card, drives: tuple[Path, Path]
) -> None:
    locked = card.path / "CONTENTS" / "CLIPS" / "A001C001.mxf"
    locked.chmod(0)
    done = ketter.as_anybody()("copy", card.path, "--to", drives[0])
    assert done.code == 1
    assert "1 of 7 files failed; 6 verified in " in done.err
    assert "A001C001.mxf could not be read: Permission denied." in done.err


def test_a_folder_that_cannot_be_read_is_named_and_the_rest_is_copied(
    ketter: Ketter, card: Card, drives: tuple[Path, Path]
) -> None:
    locked = card.path / "CONTENTS"
    locked.chmod(0)
    try:
        done = ketter.as_anybody()("copy", card.path, "--to", drives[0])
    finally:
        locked.chmod(0o700)
    assert done.code == 1
    assert "CONTENTS could not be read: Permission denied. What is in it was not copied" in done.err
    assert "Nothing was touched" not in done.err
    assert (drives[0] / "A001" / "zero.bin").exists()


def test_a_source_that_is_a_fifo_or_a_socket(
    ketter: Ketter, tmp_path: Path, drives: tuple[Path, Path]
) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "is a FIFO" in refused(ketter, "copy", tmp_path / "pipe", "--to", drives[0])
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        assert "is a socket" in refused(ketter, "copy", tmp_path / "s", "--to", drives[0])


def test_a_destination_that_is_a_file(ketter: Ketter, card: Card, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    assert "is not a folder" in refused(ketter, "copy", card.path, "--to", tmp_path / "file")
    below = tmp_path / "file" / "below"
    assert "is not a folder" in refused(ketter, "copy", card.path, "--to", below)
    assert (tmp_path / "file").read_text() == "mine"


def test_a_destination_whose_parent_is_missing(ketter: Ketter, card: Card, tmp_path: Path) -> None:
    sentence = refused(ketter, "copy", card.path, "--to", tmp_path / "far" / "away")
    assert "neither does the folder above it" in sentence


@pytest.mark.root
def test_a_destination_that_is_read_only(ketter: Ketter, card: Card, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can mount")
    target = drive(tmp_path, "LOCKED")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "ro,size=1m", "tmpfs", target], check=True)
    try:
        for words in (target, target / "new"):
            sentence = refused(ketter, "copy", card.path, "--to", words)
            assert "cannot be written to: Read-only file system" in sentence
    finally:
        subprocess.run(["umount", target], check=True)


def test_a_destination_that_may_not_be_written(
    ketter: Ketter, card: Card, drives: tuple[Path, Path]
) -> None:
    drives[0].chmod(0o500)
    sentence = refused(ketter.as_anybody(), "copy", card.path, "--to", drives[0])
    assert "cannot be written to: Permission denied" in sentence


def test_a_destination_inside_the_source(ketter: Ketter, card: Card) -> None:
    inside = card.path / "CONTENTS"
    assert "is inside the source" in refused(ketter, "copy", card.path, "--to", inside)


def test_a_destination_that_is_the_source(ketter: Ketter, card: Card, tmp_path: Path) -> None:
    sentence = refused(ketter, "copy", card.path, "--to", card.path.parent)
    assert "onto its own source" in sentence
    (tmp_path / "other-way").symlink_to(card.path.parent)
    sentence = refused(ketter, "copy", card.path, "--to", tmp_path / "other-way")
    assert "onto its own source" in sentence


def test_a_mount_point_with_nothing_mounted(ketter: Ketter, card: Card) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can make a folder in /media")
    name = Path(f"/media/ketter-test-{os.getpid()}")
    had_media = Path("/media").exists()
    name.mkdir(parents=True)
    try:
        assert "No drive is mounted" in refused(ketter, "copy", card.path, "--to", name)
    finally:
        name.rmdir()
        if not had_media:
            Path("/media").rmdir()


def test_the_same_destination_twice(
    ketter: Ketter, card: Card, drives: tuple[Path, Path], tmp_path: Path
) -> None:
    words = ("copy", card.path, "--to", drives[0], "--to")
    assert "given twice" in refused(ketter, *words, drives[0])
    assert "given twice" in refused(ketter, *words, f"{drives[1]}/../DRIVE_A/")
    (tmp_path / "alias").symlink_to(drives[0])
    assert "leads to the same folder" in refused(ketter, *words, tmp_path / "alias")


def test_two_sources_of_one_name(ketter: Ketter, tmp_path: Path, drives: tuple[Path, Path]) -> None:
    for reel in ("monday", "tuesday"):
        (tmp_path / reel / "A001").mkdir(parents=True)
    sources = [tmp_path / reel / "A001" for reel in ("monday", "tuesday")]
    sentence = refused(ketter, "copy", *sources, "--to", drives[0])
    assert "Two sources are named “A001”" in sentence
    assert "tuesday" in sentence


def test_a_source_inside_another(ketter: Ketter, card: Card, drives: tuple[Path, Path]) -> None:
    words = (card.path, card.path / "CONTENTS")
    assert "is inside" in refused(ketter, "copy", *words, "--to", drives[0])


def test_an_unknown_checksum(ketter: Ketter, card: Card, drives: tuple[Path, Path]) -> None:
    words = ("--to", drives[0], "--checksum", "crc99")
    assert "“crc99” is not a checksum" in refused(ketter, "copy", card.path, *words)


def test_no_room_on_the_drive_is_known_before_the_first_byte(
    ketter: Ketter, tmp_path: Path
) -> None:
    (tmp_path / "huge.mxf").write_bytes(payload(2_000_000, 1))
    with mounting.tmpfs(tmp_path, size="1m") as full:
        done = ketter("copy", tmp_path / "huge.mxf", "--to", full / "to")
        assert done.code == 2, done.err
        assert " needs " in done.sentence
        assert list(full.glob("to/*")) == []


def test_flags_and_commands_of_later_versions(
    ketter: Ketter, card: Card, drives: tuple[Path, Path]
) -> None:
    words = ("copy", card.path, "--to", drives[0])
    assert "“--preset” is not built yet" in refused(ketter, *words, "--preset", "X")
    assert "“ketter metrics” is not built yet" in refused(ketter, "metrics")
    assert list(drives[0].iterdir()) == []


def test_words_that_are_off(ketter: Ketter) -> None:
    assert "did you mean “history”" in refused(ketter, "histroy")
    assert "is not an option of “ketter copy”" in refused(ketter, "copy", "/c", "--fast")


def test_a_transfer_that_does_not_exist(ketter: Ketter) -> None:
    assert "no transfer 7" in refused(ketter, "history", "show", "7")
    assert "no transfer 7" in refused(ketter, "resume", "7")


def test_a_transfer_that_is_over_cannot_be_resumed(
    ketter: Ketter, card: Card, drives: tuple[Path, Path]
) -> None:
    ketter("copy", card.path, "--to", drives[0])
    assert "it is completed" in refused(ketter, "resume", "1")


def test_a_damaged_ledger(ketter: Ketter, card: Card, drives: tuple[Path, Path]) -> None:
    ketter("history")
    ledger = ketter.data_dir / "ledger.sqlite3"
    ledger.write_bytes(b"no database at all" * 1000)
    tries: tuple[tuple[str | Path, ...], ...] = (
        ("history",),
        ("copy", card.path, "--to", drives[0]),
        ("doctor",),
    )
    for words in tries:
        done = ketter(*words)
        assert done.code == 2
        assert "is damaged" in done.sentence
    assert ledger.read_bytes().startswith(b"no database at all")
    assert list(drives[0].iterdir()) == []


@pytest.mark.slow
def test_a_locked_ledger_is_waited_for_and_then_said(ketter: Ketter) -> None:
    ketter("history")
    ledger = ketter.data_dir / "ledger.sqlite3"
    other = sqlite3.connect(ledger, isolation_level=None)
    try:
        other.execute("BEGIN EXCLUSIVE")
        done = ketter("doctor")
    finally:
        other.close()
    assert done.code in (1, 3)
    assert "locked by another program" in done.out + done.err


def test_a_data_folder_that_cannot_be_made(ketter: Ketter, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = Ketter(tmp_path / "file" / "data")("history")
    assert done.code == 2
    assert str(tmp_path / "file") in done.sentence
