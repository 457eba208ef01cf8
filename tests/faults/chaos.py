"""SIGKILL a transfer at random moments until it is done, and see that nothing was lost.

    python -m tests.faults.chaos [--rounds N] [--seed N] [--at FOLDER]

Too slow for every run of the tests: a round takes some seconds. Each makes a card of
small and big files, links, folders and odd names, starts `copy` or `move` through the
command line, kills it, resumes it, kills the resuming, and so on; then it compares every
destination with the card as it was, looks for leftovers, and verifies the audit.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.builders import leftovers, odd_card, payload, tree_of

_MIB = 1024 * 1024
_KILLS_AT_MOST = 12


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.chaos")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--at", type=Path)
    given = parser.parse_args()
    print(f"seed {given.seed}")
    chance = random.Random(given.seed)
    kills = 0
    for number in range(given.rounds):
        mode = chance.choice(["copy", "move"])
        with tempfile.TemporaryDirectory(dir=given.at, prefix="ketter-chaos-") as folder:
            done = _round(Path(folder), mode, chance)
        kills += done
        print(f"round {number + 1}: {mode}, killed {done} times, nothing lost", flush=True)
    print(f"{given.rounds} rounds, {kills} kills, nothing lost, nothing doubled")
    return 0


def _round(folder: Path, mode: str, chance: random.Random) -> int:
    card = odd_card(folder).path
    (card / "pipe").unlink()
    for number in range(chance.randrange(200, 3000)):
        path = card / f"d{number % 37}" / f"{number}.xml"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(payload(chance.randrange(0, 9000), number))
    for number in range(chance.randrange(1, 6)):
        (card / f"{number}.mxf").write_bytes(payload(chance.randrange(1, 40) * _MIB, number))
    before = tree_of(card)
    drives = [folder / "one", folder / "two"]
    if mode == "move" and chance.random() < 0.5:
        del drives[1]  # within its volume: renamed, not copied
    for drive in drives:
        drive.mkdir()
    kills = _until_done(folder, card, drives, mode, chance)
    _check(folder, card, drives, mode, before)
    return kills


def _until_done(
    folder: Path, card: Path, drives: list[Path], mode: str, chance: random.Random
) -> int:
    start = [mode, str(card), *(word for drive in drives for word in ("--to", str(drive)))]
    kills = 0
    words = start
    while True:
        process = _ketter(folder, *words)
        if kills < _KILLS_AT_MOST:
            try:
                code = process.wait(chance.expovariate(1 / 1.2))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                kills += 1
                words = ["resume"] if _has_transfer(folder) else start
                continue
        else:
            code = process.wait(300)
        assert code == 0, f"exit code {code} after {kills} kills"
        if words is start or _has_transfer(folder):
            return kills
        words = start


def _has_transfer(folder: Path) -> bool:
    process = _ketter(folder, "history", "--json", piped=True)
    out, _ = process.communicate(timeout=60)
    return bool(out.strip())


def _check(
    folder: Path, card: Path, drives: list[Path], mode: str, before: dict[bytes, str]
) -> None:
    for drive in drives:
        assert tree_of(drive / card.name) == before, f"{drive} differs from the card"
    assert tree_of(card) == ({} if mode == "move" else before), "the card is not as it should be"
    assert leftovers(folder) == [], f"left behind: {leftovers(folder)}"
    assert _ketter(folder, "audit", "verify").wait(120) == 0, "the audit does not hold"


def _ketter(folder: Path, *words: str, piped: bool = False) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "ketter_gui", *words, "--data-dir", str(folder / "data")],
        stdout=subprocess.PIPE if piped else subprocess.DEVNULL,
        stderr=None if os.environ.get("CHAOS_SHOWS_ERRORS") else subprocess.DEVNULL,
    )


if __name__ == "__main__":
    raise SystemExit(main())
