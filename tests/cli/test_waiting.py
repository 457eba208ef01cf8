"""`--wait`: what waits for room goes on when there is some, or ends with 3 when time is up."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.builders import leftovers, tree_of
from tests.cli.program import Ketter, ended, many_files, names_below, until
from tests.cli.test_stopping import fill
from tests.disk.mounting import tmpfs

pytestmark = pytest.mark.root


@pytest.fixture
def big_card(tmp_path: Path) -> Path:
    return many_files(tmp_path, 3000)


@contextmanager
def filled_up(
    ketter: Ketter, card: Path, target: Path, *words: str
) -> Iterator[subprocess.Popen[bytes]]:
    """A copy whose drive fills up in the middle of it: at this limit it takes four seconds,
    so that no machine is through before its drive is full."""
    slowly = ("--limit", "3MB/s", "--json")
    with ketter.started("copy", card, "--to", target, *slowly, *words) as running:
        until(lambda: len(names_below(target)) > 500, running)
        fill(target / "filler")
        yield running


def seen_waiting(running: subprocess.Popen[bytes]) -> None:
    """Read what it tells until it says that it waits."""
    assert running.stdout is not None
    for line in running.stdout:
        if json.loads(line).get("status") == "waiting":
            return
    raise AssertionError("it ended without waiting")


def test_it_goes_on_by_itself_when_there_is_room_again(
    ketter: Ketter, big_card: Path, tmp_path: Path
) -> None:
    before = tree_of(big_card)
    with tmpfs(tmp_path, "SMALL", "64m") as target:
        with filled_up(ketter, big_card, target, "--wait", "50") as running:
            seen_waiting(running)
            (target / "filler").unlink()
            done = ended(running)
        assert done.code == 0, done.err
        assert tree_of(target / "A002") == before
        assert leftovers(target) == []


def test_it_ends_with_3_when_the_time_is_up(ketter: Ketter, big_card: Path, tmp_path: Path) -> None:
    with tmpfs(tmp_path, "SMALL", "64m") as target:
        with filled_up(ketter, big_card, target, "--wait", "1") as running:
            done = ended(running)
        assert done.code == 3, done.err
        assert done.objects[-1]["can_resume"]
        statuses = [one["status"] for one in done.objects if one["event"] == "progress"]
        assert "waiting" in statuses


def test_a_wish_to_stop_ends_the_waiting(ketter: Ketter, big_card: Path, tmp_path: Path) -> None:
    with tmpfs(tmp_path, "SMALL", "64m") as target:
        with filled_up(ketter, big_card, target, "--wait", "1000") as running:
            seen_waiting(running)
            running.terminate()
            done = ended(running)
        assert done.code == 3
        assert ketter("history", "--json").objects[0]["status"] == "interrupted"
