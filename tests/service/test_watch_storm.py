"""The small version of `tests.soak.watch`: real processes, SIGKILL, and lost events."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.soak.storm import Storm, problems
from tests.soak.watch import Watched, taken_twice, wait_until_taken, weather

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL and SIGSTOP are POSIX")


def test_a_storm_is_taken_whole_and_once(tmp_path: Path) -> None:
    root, outside, out = tmp_path / "in", tmp_path / "outside", tmp_path / "out"
    for folder in (root, outside, out):
        folder.mkdir()
    watched = Watched(tmp_path / "data")
    watched.ask("add", str(root), "--to", str(out), "--settle", "1.5")
    watched.start()
    storm = Storm(root, outside, settle_s=1.5, seed=7)
    try:
        weather(watched, storm, 200, 30, kills=2, has_overflow=True)
        wait_until_taken(watched, storm, out, 40)
        assert watched.stop() < 20
    finally:
        watched.kill()
    assert not problems(storm.wanted, out)
    assert not taken_twice(tmp_path / "data")
