"""`ketter history prune` and `ketter audit rotate-key`: what a terminal says of them."""

from __future__ import annotations

from pathlib import Path

from tests.builders import Card
from tests.cli.program import Ketter


def test_nothing_young_is_pruned_and_no_wish_is_no_pruning(
    ketter: Ketter, card: Card, drives: tuple[Path, Path]
) -> None:
    assert ketter("copy", card.path, "--to", drives[0]).code == 0
    done = ketter("history", "prune", "--older-than", "1")
    assert (done.code, done.out) == (0, "Nothing was pruned that is older than 1 day.\n")
    refused = ketter("history", "prune")
    assert refused.code == 2
    assert "kept for ever" in refused.err
    assert ketter("history", "prune", "--older-than", "soon").code == 2
    assert len(ketter("history", "--json").objects) == 1


def test_a_new_key_signs_from_now_on_and_what_was_exported_still_verifies(
    ketter: Ketter, card: Card, drives: tuple[Path, Path], tmp_path: Path
) -> None:
    assert ketter("copy", card.path, "--to", drives[0]).code == 0
    before = tmp_path / "before.csv"
    assert ketter("audit", "export", before).code == 0
    done = ketter("audit", "rotate-key")
    assert done.code == 0, done.err
    for words in (("audit", "verify"), ("audit", "verify", before)):
        assert ketter(*words).code == 0
    assert ketter("audit", "verify", "--head", f"{before}.sig").code == 0


def test_a_range_of_dates_is_a_part_and_says_so(
    ketter: Ketter, card: Card, drives: tuple[Path, Path], tmp_path: Path
) -> None:
    assert ketter("copy", card.path, "--to", drives[0]).code == 0
    old = tmp_path / "old.csv"
    assert "no entries, a part" in ketter("audit", "export", old, "--until", "2020-01-01").out
    new = tmp_path / "new.csv"
    done = ketter("audit", "export", new, "--since", "2020-01-01", "--until", "2999-01-01")
    assert "a part of the record" in done.out
    for path in (old, new):
        assert ketter("audit", "verify", path).code == 0
    wrong = ketter("audit", "export", tmp_path / "x", "--since", "2021", "--until", "2020")
    assert wrong.code == 2
