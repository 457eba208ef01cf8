"""What copying a card again costs when the drive has it already, against the first copy.

Whole runs of the command line over 16 KiB files, cold:

    first        nothing is there
    again        all is there and unchanged: nothing is read
    read again   the same with --read-again: both sides are read
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from random import Random

from tests.benchmarks.figures import Figures, cooled

_KIB = 1024


def again(folder: Path, share: int, runs: int) -> Figures:
    """10 000 files of 16 KiB copied once more, on their earlier proof, and read again."""
    files = 10_000 // share
    seconds: dict[str, list[float]] = {"first": [], "again": [], "read again": []}
    card = _card(folder / "again-card", files)
    for _ in range(runs):
        for fresh in ("drive", "data"):
            shutil.rmtree(folder / fresh, ignore_errors=True)
            (folder / fresh).mkdir()
        for way, taken in seconds.items():
            more = ["--read-again"] if way == "read again" else []
            taken.append(_copied(folder, card, more, files, is_first=way == "first"))
    first = statistics.median(seconds["first"])
    return {
        way: {
            "seconds": round(statistics.median(several), 3),
            "ratio": round(statistics.median(several) / first, 3),
        }
        for way, several in seconds.items()
    }


def _card(card: Path, files: int) -> Path:
    for number in range(files):
        path = card / f"{number // 100:03d}" / f"{number:05d}.dat"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(Random(number).randbytes(16 * _KIB))
    return card


def _copied(folder: Path, card: Path, more: list[str], files: int, *, is_first: bool) -> float:
    cooled()
    command = [sys.executable, "-m", "ketter_gui", "--data-dir", str(folder / "data"), "copy"]
    command += [str(card), "--to", str(folder / "drive"), "--json", *more]
    started = time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    taken = time.perf_counter() - started
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["verified"] == files
    assert told["skipped"] == (0 if is_first else files)
    assert told["not_read_again"] == (0 if is_first or more else files)
    return taken
