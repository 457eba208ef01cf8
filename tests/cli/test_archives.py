"""`ketter copy --zip` and `--unzip`, as whole processes."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

from tests.builders import Card, tree_of
from tests.cli.program import Ketter


def test_a_card_goes_into_an_archive_and_comes_out_of_it(
    ketter: Ketter, card: Card, drives: tuple[Path, Path]
) -> None:
    done = ketter("copy", "--zip", card.path, "--to", drives[0], "--json")
    assert (done.code, done.err) == (0, "")
    first, *_, last = done.objects
    assert first["pack"] == "zip"
    assert (last["status"], last["files"], last["failed"]) == ("completed", 7, 0)
    files = {one["path"]: one for one in done.items() if one["checksums"]}
    for path, item in files.items():
        inside = path.removeprefix("A001/")
        assert item["event"] == "item.verified"
        assert item["checksums"]["sha256"] == card.files()[inside.encode()]
        (copy,) = item["destinations"]
        assert copy["path"] == f"{drives[0]}/A001.zip/{inside}"
    done = ketter("copy", "--unzip", drives[0] / "A001.zip", "--to", drives[1])
    assert done.code == 0, done.err
    assert tree_of(drives[1] / "A001") == card.files()


def test_an_archive_is_verified_again_entry_by_entry(
    ketter: Ketter, card: Card, drives: tuple[Path, Path]
) -> None:
    ketter("copy", "--zip", "--checksum-list", card.path, "--to", drives[0], "--to", drives[1])
    assert "archive made, read back from the drive" in ketter("history", "show", "1").out
    done = ketter("verify", "1")
    assert (done.code, done.err) == (0, "")
    assert "14 copies are equal, read again at " in done.out
    archive = drives[1] / "A001.zip"
    content = archive.read_bytes()
    archive.write_bytes(content.replace(b"zero.bin", b"nero.bin"))
    done = ketter("verify", "1")
    assert (done.code, done.out) == (1, "")
    assert f"missing: {archive}/zero.bin (the archive has it no more)" in done.err
    assert f"extra: {archive}/nero.bin (this transfer did not pack it)" in done.err
    archive.write_bytes(content[:-1])
    done = ketter("verify", "1")
    assert f"changed: {archive} (it is no ZIP archive, or was cut off" in done.err
    assert "7 copies are equal" in done.err
    assert "7 changed" in done.err


def test_a_name_that_no_archive_holds_ends_in_failure_and_a_name_that_says_so(
    ketter: Ketter, card: Card, drives: tuple[Path, Path]
) -> None:
    with open(os.path.join(os.fsencode(card.path), b"caf\xe9.mov"), "wb") as file:
        file.write(b"footage")
    done = ketter("copy", "--zip", card.path, "--to", drives[0])
    assert done.code == 1
    assert "caf\\xe9.mov cannot be packed into a ZIP archive: its name is not UTF-8" in done.err
    assert [path.name for path in drives[0].iterdir()] == ["A001 (incomplete).zip"]


def test_an_archive_made_to_do_harm_is_refused_with_code_2(
    ketter: Ketter, tmp_path: Path, drives: tuple[Path, Path]
) -> None:
    archive = tmp_path / "harm.zip"
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("../out.txt", b"x")
    done = ketter("copy", "--unzip", archive, "--to", drives[0])
    assert done.code == 2, done.err
    assert "was not unpacked: of “../out.txt”, its name leads out of its folder" in done.err
    assert list(drives[0].iterdir()) == []


def test_a_history_of_an_archive_is_refused_with_what_there_is_instead(
    ketter: Ketter, card: Card, drives: tuple[Path, Path]
) -> None:
    done = ketter("copy", "--zip", "--mhl", card.path, "--to", drives[0])
    assert done.code == 2
    assert "“--checksum-list”" in done.err
    assert list(drives[0].iterdir()) == []


def test_what_would_be_done_is_said_in_the_same_words(
    ketter: Ketter, card: Card, drives: tuple[Path, Path]
) -> None:
    done = ketter("copy", "--zip", card.path, "--to", drives[0], "--dry-run")
    assert f"would be packed as 1 ZIP archive into {drives[0]}" in done.out
    assert list(drives[0].iterdir()) == []
