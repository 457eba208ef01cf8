"""`ketter verify`: what the terminal says of copies that are read again."""

from __future__ import annotations

import subprocess
from pathlib import Path

from ketter_gui.domain.checking import EXTRAS_TOLD
from tests.builders import Card
from tests.cli.program import Ketter


def test_copies_that_are_equal_end_with_0_and_what_changed_with_1(
    ketter: Ketter, card: Card, drives: tuple[Path, Path]
) -> None:
    assert ketter("copy", card.path, "--to", drives[0], "--to", drives[1]).code == 0
    done = ketter("verify", "1")
    assert (done.code, done.err) == (0, "")
    assert "14 copies are equal, read again at " in done.out
    victim = next(path for path in sorted((drives[1] / "A001").rglob("*")) if path.is_file())
    victim.unlink()
    done = ketter("verify", "1")
    assert (done.code, done.out) == (1, "")
    assert f"missing: {victim} (it is not there)" in done.err
    assert "13 copies are equal" in done.err
    shown = ketter("verify", "1", "--json")
    assert shown.code == 1
    first, last = shown.objects[0], shown.objects[-1]
    assert (first["event"], first["path"]) == ("copy.missing", str(victim))
    assert last["event"] == "verify.finished"
    assert [place["missing"] for place in last["destinations"]] == [0, 1]
    assert "holds" in ketter("audit", "verify").out
    doubt = "1 copy is not what was verified"
    assert doubt in ketter("history").out
    assert f"careful   {doubt}" in ketter("history", "show", "1").out
    assert ketter("history", "--json").objects[0]["copies_doubted"] == 1


def test_what_cannot_be_verified_is_refused(ketter: Ketter) -> None:
    done = ketter("verify", "7")
    assert done.code == 2
    assert "There is no transfer 7" in done.err
    assert ketter("verify").code == 2
    assert ketter("verify", "1", "--json", "--quiet").code == 2


def test_a_folder_with_a_manifest_is_verified(ketter: Ketter, tmp_path: Path) -> None:
    folder = tmp_path / "A001"
    folder.mkdir()
    (folder / "clip.mov").write_bytes(b"clip")
    assert ketter("verify", folder).code == 2
    with (folder / "sums.sha256").open("wb") as file:
        subprocess.run(["sha256sum", "clip.mov"], cwd=folder, stdout=file, check=True)
    for subject in (folder, folder / "sums.sha256"):
        done = ketter("verify", subject)
        assert done.code == 0, done.err
        assert "1 copy is equal" in done.out
    twin = tmp_path / "twin"
    twin.mkdir()
    (twin / "clip.mov").write_bytes(b"clap")
    compared = ketter("verify", folder, "--against", twin)
    assert compared.code == 1
    assert f"changed: {twin}/clip.mov (its bytes differ from those in {folder})" in compared.err
    lines = ketter("verify", folder, "--against", twin, "--json").objects
    assert [line["event"] for line in lines] == ["copy.changed", "copy.missing", "verify.finished"]
    assert ketter("verify").code == 2
    assert ketter("verify", folder, twin, "--against", twin).code == 2
    (folder / "clip.mov").write_bytes(b"clop")
    assert ketter("verify", folder, tmp_path / "gone").code == 1


def test_a_folder_that_may_not_be_listed_leaves_nothing_equal(
    ketter: Ketter, tmp_path: Path
) -> None:
    folder, twin = tmp_path / "A001", tmp_path / "twin"
    for one in (folder, twin):
        (one / "CLOSED").mkdir(parents=True)
        (one / "clip.mov").write_bytes(b"clip")
    with (folder / "sums.sha256").open("wb") as file:
        subprocess.run(["sha256sum", "clip.mov"], cwd=folder, stdout=file, check=True)
    (twin / "sums.sha256").write_bytes((folder / "sums.sha256").read_bytes())
    anybody = ketter.as_anybody()
    assert anybody("verify", folder).code == 0
    assert anybody("verify", folder, "--against", twin).code == 0
    (folder / "CLOSED").chmod(0o111)
    (twin / "CLOSED").chmod(0o111)
    for words in ([folder], [folder, "--against", twin]):
        done = anybody("verify", *words)
        assert done.code == 1, done.err
        assert "CLOSED (what is in it cannot be told: Permission denied)" in done.err


def test_where_the_audit_does_not_name_everything_that_is_said(
    ketter: Ketter, tmp_path: Path
) -> None:
    folder = tmp_path / "A001"
    folder.mkdir()
    (folder / "clip.mov").write_bytes(b"clip")
    with (folder / "sums.sha256").open("wb") as file:
        subprocess.run(["sha256sum", "clip.mov"], cwd=folder, stdout=file, check=True)
    for number in range(EXTRAS_TOLD + 1):
        (folder / f"{number}.txt").touch()
    done = ketter("verify", folder)
    assert done.code == 0, "what lies beside them harms no copy"
    assert "names them, and of the extra ones the first 10,000." in done.err
