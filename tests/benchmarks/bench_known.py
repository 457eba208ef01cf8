"""What copying a card again costs when the drive has it already, against the first copy.

    python -m tests.benchmarks.bench_known [--files N] [--runs N] [--at FOLDER] [--json FILE]

Whole runs of the command line over 16 KiB files, cold:

    first        nothing is there
    again        all is there and unchanged: nothing is read
    read again   the same with --read-again: both sides are read
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random

_KIB = 1024


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.bench_known")
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--at", type=Path, help="the folder, so the disk, to measure on")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    given = parser.parse_args()
    seconds: dict[str, list[float]] = {"first": [], "again": [], "read again": []}
    with tempfile.TemporaryDirectory(dir=given.at, prefix="ketter-bench-") as name:
        folder = Path(name)
        card = _card(folder / "card", given.files)
        for _ in range(given.runs):
            for fresh in ("drive", "data"):
                shutil.rmtree(folder / fresh, ignore_errors=True)
                (folder / fresh).mkdir()
            for way, taken in seconds.items():
                more = ["--read-again"] if way == "read again" else []
                taken.append(_copied(folder, card, more, given.files, is_first=way == "first"))
    first = statistics.median(seconds["first"])
    figures = {
        way: {
            "seconds": round(statistics.median(several), 3),
            "ratio": round(statistics.median(several) / first, 3),
        }
        for way, several in seconds.items()
    }
    print(f"{given.files:,} files of 16 KiB, cold, median of {given.runs}")
    for way, figure in figures.items():
        print(f"  {way:<12} {figure['seconds']:8.2f} s   {figure['ratio']:5.2f} × the first copy")
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1) + "\n")


def _card(card: Path, files: int) -> Path:
    for number in range(files):
        path = card / f"{number // 100:03d}" / f"{number:05d}.dat"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(Random(number).randbytes(16 * _KIB))
    return card


def _copied(folder: Path, card: Path, more: list[str], files: int, *, is_first: bool) -> float:
    os.sync()
    try:
        Path("/proc/sys/vm/drop_caches").write_text("3")
    except OSError:
        print("  (the cache could not be dropped: not root)", file=sys.stderr)
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


if __name__ == "__main__":
    main()
