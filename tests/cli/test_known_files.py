"""Copying again what is there already and unchanged: nothing is read, and that is said."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

import pytest

from ketter_gui.queue.known import was_at_rest
from tests.builders import Card
from tests.cli.program import LIMIT_S, ROOT, Ketter, surroundings

READS = "read,pread64,readv,preadv,preadv2,mmap,sendfile,copy_file_range,splice,open,openat,openat2"


@pytest.fixture
def there(ketter: Ketter, card: Card, drives: tuple[Path, Path]) -> Ketter:
    """The card is on the first drive, verified by transfer 1."""
    newest = max(path.lstat().st_ctime_ns for path in card.path.rglob("*"))
    while not was_at_rest(newest, time.time_ns() // 1000):
        pass
    assert ketter("copy", card.path, "--to", drives[0]).code == 0
    return ketter


def test_an_unchanged_card_is_verified_without_opening_one_of_its_files(
    there: Ketter, card: Card, drives: tuple[Path, Path], tmp_path: Path
) -> None:
    if shutil.which("strace") is None:
        pytest.skip("needs strace")
    trace = tmp_path / "trace"

    def files_touched(*more: str) -> set[str]:
        command = there.command("copy", card.path, "--to", drives[0], *more)
        subprocess.run(
            ["strace", "-f", "-y", "-qq", "-e", f"trace={READS}", "-o", trace, *command],
            cwd=ROOT,
            env=surroundings({}),
            check=True,
            capture_output=True,
            timeout=LIMIT_S,
        )
        lines = trace.read_text(encoding="utf-8", errors="replace").splitlines()
        assert len(lines) > 100  # it did see the program
        return {name for name in map(str, files) for line in lines if name in line}

    files = [
        path
        for root in (card.path, drives[0] / "A001")
        for path in root.rglob("*.mxf")
        if path.is_file()
    ]
    assert len(files) == 6
    assert files_touched() == set()
    assert files_touched("--read-again") == {str(path) for path in files if path.name}


def test_it_is_said_that_nothing_was_read_and_what_the_proof_is(
    there: Ketter, card: Card, drives: tuple[Path, Path]
) -> None:
    done = there("copy", card.path, "--to", drives[0])
    assert done.code == 0
    assert (
        "7 of them were already there, unchanged since an earlier transfer read and verified them; "
        "“--read-again” would read them."
    ) in done.out
    shown = there("history", "show", "2").out
    assert "by transfer 1, unchanged since" in shown
    assert "as transfer 1 read it, unchanged since" in shown
    assert "both sides read" not in shown
    told = there("copy", card.path, "--to", drives[0], "--json")
    copies = [copy for item in told.items() for copy in item["destinations"] if item["checksums"]]
    assert len(copies) == 7
    assert {copy["proof"]["transfer"] for copy in copies} == {1}
    assert told.objects[-1]["not_read_again"] == 7
    objects = there("history", "show", "3", "--json").objects
    proofs = [one["destinations"][0].get("proof") for one in objects if one.get("kind") == "file"]
    assert {proof["transfer"] for proof in proofs} == {1}
    assert there("audit", "verify").code == 0


def test_reading_again_is_one_word(there: Ketter, card: Card, drives: tuple[Path, Path]) -> None:
    done = there("copy", card.path, "--to", drives[0], "--read-again")
    assert done.code == 0
    assert "7 of them were already there: both sides were read and are equal." in done.out
    assert "both sides read" in there("history", "show", "2").out


def test_what_was_touched_is_told_apart_from_what_was_not(
    there: Ketter, card: Card, drives: tuple[Path, Path]
) -> None:
    (card.path / "zero.bin").touch()
    (drives[0] / "A001" / "zero.bin").touch()
    done = there("copy", card.path, "--to", drives[0])
    assert done.code == 0
    assert (
        "7 of them were already there and are equal; 6 of these are unchanged since an earlier "
        "transfer read them and were not read again."
    ) in done.out
