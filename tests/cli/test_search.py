"""`ketter history clips`, the filters, and `hide`, as somebody types them."""

from __future__ import annotations

from pathlib import Path

from tests.builders import camera_card, drive
from tests.cli.program import Ketter


def test_a_clip_is_found_where_it_went(ketter: Ketter, tmp_path: Path) -> None:
    card, place = camera_card(tmp_path, clips=2), drive(tmp_path, "A")
    assert ketter("copy", card.path, "--to", place).code == 0
    found = ketter("history", "clips", "C001.mxf")
    assert found.code == 0
    assert f"verified  {place}/{card.path.name}/CONTENTS/CLIPS/A001C001.mxf" in found.out
    (clip,) = ketter("history", "clips", "C001.mxf", "--json").objects
    assert clip["transfer"] == 1
    assert clip["copies"][0]["status"] == "verified"
    assert ketter("history", "clips", clip["checksums"]["sha256"], "--json").objects == [clip]
    nothing = ketter("history", "clips", "nothing-like-it")
    assert (nothing.code, nothing.err) == (1, "")
    assert "No clip" in nothing.out
    short = ketter("history", "clips", "x")
    assert short.code == 2
    assert "too short" in short.sentence


def test_the_history_is_narrowed_down_and_put_out_of_sight(ketter: Ketter, tmp_path: Path) -> None:
    card, place = camera_card(tmp_path, clips=1), drive(tmp_path, "A")
    assert ketter("copy", card.path, "--to", place).code == 0
    for words in (
        ["--find", "a001"],
        ["--volume", str(place)],
        ["--state", "completed"],
        ["--mode", "copy"],
        ["--since", "2020-01-01"],
    ):
        assert len(ketter("history", *words, "--json").objects) == 1, words
    for words in (["--find", "x" * 9], ["--state", "changed"], ["--until", "2020-01-01"]):
        done = ketter("history", *words)
        assert (done.code, done.out) == (
            0,
            "No transfer is like that; “ketter history” lists them all.\n",
        )
    assert ketter("history", "--since", "yesterday").code == 2
    assert "out of sight" in ketter("history", "hide", "1").out
    assert ketter("history", "--json").objects == []
    assert len(ketter("history", "--all", "--json").objects) == 1
    assert ketter("history", "unhide", "1").code == 0
    assert len(ketter("history", "--json").objects) == 1
    assert ketter("history", "hide", "7").code == 2
