"""`--include` and `--exclude`: what is wanted is copied, what is not stays, and is counted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.builders import tree_of
from tests.cli.program import Ketter
from tests.faults.test_faithful import noted, told


@pytest.fixture
def ketter(tmp_path: Path) -> Ketter:
    return Ketter(tmp_path / "data")


@pytest.fixture
def card(tmp_path: Path) -> Path:
    folder = tmp_path / "A001"
    for name in ("CLIPS/a.mov", "CLIPS/a.xml", "CLIPS/deep/b.mov", "PROXY/a.mov", "notes.txt"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    (folder / "EMPTY").mkdir()
    (folder / "PROXY" / "link.mov").symlink_to("a.mov")
    (folder / "CLIPS" / "deep").chmod(0o750)
    return folder


def _folders(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_dir()}


def test_only_what_is_included_arrives_with_the_folders_on_its_way(
    ketter: Ketter, tmp_path: Path, card: Path
) -> None:
    words = ("--include", "b.mov", "--include", "*.txt")
    done = ketter("copy", card, "--to", tmp_path / "to", *words, "--json")
    assert done.code == 0, done.err
    copy = tmp_path / "to" / "A001"
    assert set(tree_of(copy)) == {b"CLIPS/deep/b.mov", b"notes.txt"}
    assert _folders(copy) == {"CLIPS", "CLIPS/deep"}
    assert (copy / "CLIPS" / "deep").stat().st_mode == (card / "CLIPS" / "deep").stat().st_mode
    assert told(done) == noted(ketter, tmp_path) == {"filtered": 4}
    assert done.objects[-1]["files"] == 2


def test_what_is_excluded_stays_in_a_move(ketter: Ketter, tmp_path: Path, card: Path) -> None:
    before = tree_of(card)
    words = ("--exclude", "PROXY/", "--exclude", "CLIPS/*.xml")
    done = ketter("move", card, "--to", tmp_path / "to", *words)
    assert done.code == 0, done.err
    assert "2 files and folders were left out" in done.out + done.err
    stays = {b"CLIPS/a.xml", b"PROXY/a.mov", b"PROXY/link.mov"}
    assert set(tree_of(card)) == stays
    copy = tmp_path / "to" / "A001"
    assert tree_of(copy) == {path: sum_ for path, sum_ in before.items() if path not in stays}
    assert _folders(copy) == {"CLIPS", "CLIPS/deep", "EMPTY"}


def test_a_dry_run_counts_what_is_wanted(ketter: Ketter, tmp_path: Path, card: Path) -> None:
    words = ("--to", tmp_path / "to", "--include", "*.mov", "--exclude", "PROXY/", "--dry-run")
    done = ketter("copy", card, *words)
    assert done.out.startswith("2 files,")


def test_a_single_file_is_filtered_too(ketter: Ketter, tmp_path: Path, card: Path) -> None:
    sources = (card / "notes.txt", card / "CLIPS" / "a.mov")
    done = ketter("copy", *sources, "--to", tmp_path / "to", "--exclude", "*.txt", "--json")
    assert done.code == 0
    assert os.listdir(tmp_path / "to") == ["a.mov"]
    assert told(done) == {"filtered": 1}


def test_patterns_outlive_an_interruption(ketter: Ketter, tmp_path: Path, card: Path) -> None:
    """A folder that could not be listed is listed again: by the same patterns."""
    closed = card / "CLIPS" / "deep"
    (closed / "c.txt").write_bytes(b"not wanted")
    closed.chmod(0)
    program = ketter.as_anybody()
    done = program("copy", card, "--to", tmp_path / "to", "--include", "*.mov", "--json")
    assert done.code == 1
    closed.chmod(0o750)
    done = program("resume", "--json", "1")
    assert done.code == 0, done.err
    assert set(tree_of(tmp_path / "to" / "A001" / "CLIPS")) == {b"a.mov", b"deep/b.mov"}


def test_a_pattern_that_matches_nothing_is_refused_and_makes_nothing(
    ketter: Ketter, card: Path, tmp_path: Path
) -> None:
    """A mistyped pattern must not end like a card that is safe."""
    for words in (("copy",), ("copy", "--dry-run")):
        done = ketter(*words, card, "--to", tmp_path / "to", "--include", "*.mvo")
        assert done.code == 2, done.out
        assert "matches “*.mvo”" in done.err
        assert "Nothing was copied" in done.err
    assert not (tmp_path / "to").exists() or not any((tmp_path / "to").iterdir())


def test_a_pattern_that_matches_a_link_only_is_a_pattern_that_matches(
    ketter: Ketter, card: Path, tmp_path: Path
) -> None:
    (card / "newest.lnk").symlink_to("b.mov")
    done = ketter("copy", card, "--to", tmp_path / "to", "--include", "*.lnk")
    assert done.code == 0, done.err
    assert (tmp_path / "to" / card.name / "newest.lnk").is_symlink()


@pytest.mark.parametrize(
    "words", [("--include", ""), ("--exclude", "/"), ("--exclude", b"caf\xe9"), ("--include",)]
)
def test_a_pattern_that_is_none_is_refused(
    ketter: Ketter, tmp_path: Path, card: Path, words: tuple[str | bytes, ...]
) -> None:
    done = ketter("copy", card, "--to", tmp_path / "to", *words)
    assert done.code == 2
    assert done.err.count("\n") == 1
    assert not (tmp_path / "to").exists()
