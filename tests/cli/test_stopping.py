"""Stopped in the middle, and carried on: nothing lost, nothing doubled (P5)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.builders import drive, leftovers, tree_of
from tests.cli.program import ROOT, Done, Ketter, ended, many_files, names_below, until

FILES = 9000


@pytest.fixture
def big_card(tmp_path: Path) -> Path:
    """Enough files to be caught in the middle of them."""
    return many_files(tmp_path, FILES)


def caught(
    ketter: Ketter, mode: str, card: Path, target: Path, stop: Callable[..., None], *others: Path
) -> Done:
    """Start a transfer, and stop it as soon as the first files have arrived."""
    more = [word for other in others for word in ("--to", other)]
    with ketter.started(mode, card, "--to", target, *more) as running:
        until(lambda: len(names_below(target)) > 500, running)
        stop(running)
        return ended(running)


def assert_carried_on(ketter: Ketter, before: dict[bytes, str], target: Path) -> None:
    """`resume` finishes it; every file has arrived, and was verified once."""
    done = ketter("resume")
    assert done.code == 0, done.err
    assert f"{FILES:,} files" in done.out
    assert tree_of(target / "A002") == before
    assert leftovers(target) == []
    items = ketter("history", "show", "1", "--json").items()
    files = [one["path"] for one in items if one["kind"] == "file"]
    assert len(files) == len(set(files)) == FILES
    assert {one["event"] for one in items} <= {"item.verified", "item.skipped"}
    assert "holds" in ketter("audit", "verify").out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_one_wish_to_stop_is_graceful_and_says_how_to_carry_on(
    ketter: Ketter, big_card: Path, tmp_path: Path, number: signal.Signals
) -> None:
    target, before = drive(tmp_path, "DRIVE"), tree_of(big_card)
    done = caught(ketter, "copy", big_card, target, lambda running: running.send_signal(number))
    assert done.code == 3
    assert "“ketter resume 1 --data-dir " in done.err
    assert f"of {FILES:,} files are verified." in done.err
    assert 0 < len(names_below(target)) < FILES
    shown = ketter("history", "show", "1").out
    assert "  why       It was stopped, or its program ended, before all was" in shown
    assert "  next      “ketter resume 1 " in shown
    assert_carried_on(ketter, before, target)


def test_what_was_verified_before_is_not_copied_again(
    ketter: Ketter, big_card: Path, tmp_path: Path
) -> None:
    target = drive(tmp_path, "DRIVE")
    caught(ketter, "copy", big_card, target, lambda running: running.send_signal(signal.SIGINT))
    there = {path: path.stat().st_ino for path in target.rglob("*.dpx")}
    done = ketter("resume", "1", "--json")
    assert done.code == 0, done.err
    assert {path: path.stat().st_ino for path in there} == there
    told = [one for one in done.items() if one["path"].endswith(".dpx")]
    assert len(told) == FILES - len(there)
    assert done.objects[-1]["verified"] == FILES


def test_killed_in_the_middle_of_a_copy(ketter: Ketter, big_card: Path, tmp_path: Path) -> None:
    target, before = drive(tmp_path, "DRIVE"), tree_of(big_card)
    done = caught(ketter, "copy", big_card, target, lambda running: running.kill())
    assert done.code == -signal.SIGKILL
    assert "1" in ketter("history").out
    assert ketter("doctor").code == 1  # it names what was interrupted
    assert_carried_on(ketter, before, target)
    assert ketter("doctor").code == 0
    assert tree_of(big_card) == before


def test_killed_in_the_middle_of_a_move(ketter: Ketter, big_card: Path, tmp_path: Path) -> None:
    """To two places: to one of its own volume, nothing would be copied."""
    target, before = drive(tmp_path, "DRIVE"), tree_of(big_card)
    caught(
        ketter, "move", big_card, target, lambda running: running.kill(), drive(tmp_path, "OTHER")
    )
    left = {name: total for name, total in tree_of(big_card).items() if b".ketter-" not in name}
    arrived = tree_of(target / "A002")
    for name, checksum in before.items():
        assert checksum in (left.get(name), arrived.get(name)) or leftovers(big_card)
    assert_carried_on(ketter, before, target)
    assert tree_of(big_card) == {}
    assert leftovers(big_card) == []


STOPS_FOR_EVER = """
import time
from ketter_gui.cli.stopping import Stopping
with Stopping() as stopping:
    print("ready", flush=True)
    while not stopping.is_asked:
        time.sleep(0.001)
    print("asked", flush=True)
    while True:
        time.sleep(0.001)
"""


def test_a_second_wish_to_stop_is_obeyed_at_once() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", STOPS_FOR_EVER],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == b"ready\n"
        running.send_signal(signal.SIGINT)
        assert running.stdout.readline() == b"asked\n"
        running.send_signal(signal.SIGINT)  # timeout(1) sends one wish twice
        with pytest.raises(subprocess.TimeoutExpired):
            running.wait(0.6)
        running.send_signal(signal.SIGINT)
        done = ended(running)
    assert done.code == 3
    assert "Stopped at once." in done.err


@pytest.mark.root
def test_a_drive_that_fills_up_makes_it_wait_and_room_lets_it_go_on(
    ketter: Ketter, big_card: Path, tmp_path: Path
) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can mount")
    target, before = drive(tmp_path, "SMALL"), tree_of(big_card)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", target], check=True)
    try:
        done = caught(ketter, "copy", big_card, target, lambda _: fill(target / "filler"))
        assert done.code == 3, done.err
        assert "SMALL" in done.err
        assert "is full." in done.err
        assert "“ketter resume 1 --data-dir " in done.err
        assert ketter("history", "--json").objects[0]["status"] in ("waiting", "interrupted")
        (target / "filler").unlink()
        assert_carried_on(ketter, before, target)
    finally:
        subprocess.run(["umount", target], check=True)


def fill(path: Path) -> None:
    """Take all the room there is, and what is given back for a while."""
    with path.open("wb", buffering=0) as filler:
        for size_bytes in (1 << 20, 4096):
            try:
                while True:
                    filler.write(bytes(size_bytes))
            except OSError:
                continue


def test_nothing_to_resume_is_a_sentence_and_no_failure(ketter: Ketter) -> None:
    done = ketter("resume")
    assert (done.code, done.err) == (0, "")
    assert done.out == "There is nothing to carry on: no transfer was interrupted.\n"
    assert ketter("resume", "--quiet").out == ""


def test_without_a_number_everything_interrupted_is_carried_on(
    ketter: Ketter, tmp_path: Path
) -> None:
    targets = []
    for name in ("one", "two"):
        card = many_files(tmp_path / name, FILES)
        targets.append(drive(tmp_path, f"DRIVE-{name}"))
        caught(ketter, "copy", card, targets[-1], lambda running: running.kill())
    done = ketter("resume")
    assert done.code == 0, done.err
    assert done.out.count("verified in") == 2
    assert [len(names_below(target)) for target in targets] == [FILES, FILES]


def test_a_wish_to_stop_before_there_is_a_transfer_is_a_sentence_too() -> None:
    program = (
        "import os, signal\n"
        "from ketter_gui.cli.guard import guarded\n"
        "raise SystemExit(guarded(lambda: os.kill(os.getpid(), signal.SIGINT) or 0))\n"
    )
    stopped = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True
    )
    assert stopped.returncode == 3
    assert stopped.stderr.startswith("Stopped.")


def test_what_failed_can_be_tried_again_by_its_number(ketter: Ketter, tmp_path: Path) -> None:
    card, target = tmp_path / "A003", drive(tmp_path, "DRIVE")
    card.mkdir()
    (card / "clip.mxf").write_bytes(b"ours")
    (card / "good.mxf").write_bytes(b"good")
    (target / "A003").mkdir()
    (target / "A003" / "clip.mxf").write_bytes(b"theirs")
    assert ketter("copy", card, "--to", target).code == 1
    assert ketter("resume").out.startswith("There is nothing to carry on")
    (target / "A003" / "clip.mxf").unlink()
    done = ketter("resume", "1")
    assert done.code == 0, done.err
    assert tree_of(target / "A003") == tree_of(card)


def test_resuming_what_another_process_is_at_work_on_is_left_to_it(
    ketter: Ketter, big_card: Path, tmp_path: Path
) -> None:
    target = drive(tmp_path, "DRIVE")
    with ketter.started("copy", big_card, "--to", target) as running:
        until(lambda: len(names_below(target)) > 100, running)
        assert "nothing to carry on" in ketter("resume").out
        assert ended(running).code == 0
    assert len(names_below(target)) == FILES
