"""`ketter copy --zip` against `ketter copy` of the same folder: 80 % of its speed is asked.

    python -m tests.benchmarks zip-big zip-small
    python -m tests.benchmarks.bench_zip [--quick] [--at FOLDER] [--runs N] [--json FILE]

The second way says in percent how fast it is, and fails when it is too slow. One file of
2 GiB, and 10 000 files of 16 KiB; whole processes, cold cache, in turns.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from typing import Final

from tests.benchmarks.figures import Figures, cooled, text_of

_MIB: Final = 1 << 20
_LEAST_SPEED: Final = 0.80
_PLAIN, _PACKED = "ketter", "ketter --zip"
_WAYS: Final = ((_PLAIN, ()), (_PACKED, ("--zip",)))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.bench_zip")
    parser.add_argument("--quick", action="store_true", help="an eighth of the size, one run")
    parser.add_argument("--at", type=Path, help="the folder, so the disk, to measure on")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=Path, help="where to write the figures")
    given = parser.parse_args()
    share, runs = (8, 1) if given.quick else (1, given.runs)
    figures: dict[str, Figures] = {}
    for name, measure in (("zip-big", big), ("zip-small", small)):
        with tempfile.TemporaryDirectory(dir=given.at, prefix="ketter-bench-zip-") as folder:
            figures[name] = measure(Path(folder), share, runs)
        print(text_of(name, measure.__doc__ or "", figures[name]))
        speed = figures[name][_PACKED]["speed"]
        print(f"  {speed:.0%} of the speed of a plain copy (asked: {_LEAST_SPEED:.0%})")
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1, sort_keys=True) + "\n")
    return 0 if all(one[_PACKED]["speed"] >= _LEAST_SPEED for one in figures.values()) else 1


def big(folder: Path, share: int, runs: int) -> Figures:
    """One file of 2 GiB, packed into an archive."""
    card = folder / "A001"
    card.mkdir()
    random = Random(1)
    with (card / "A001C001.mxf").open("wb") as file:
        for _ in range(2048 // share // 8):
            file.write(random.randbytes(8 * _MIB))
    return _in_turn(card, folder / "target", runs)


def small(folder: Path, share: int, runs: int) -> Figures:
    """10 000 files of 16 KiB, packed into an archive."""
    card = folder / "A001"
    for number in range(10_000 // share):
        path = card / f"{number // 100:03d}" / f"{number:05d}.dat"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(Random(number).randbytes(16 * 1024))
    return _in_turn(card, folder / "target", runs)


def _in_turn(source: Path, target: Path, runs: int) -> Figures:
    seconds: dict[str, list[float]] = {name: [] for name, _ in _WAYS}
    for _ in range(runs):
        for name, flags in _WAYS:
            seconds[name].append(_timed(source, target, flags))
    plain = statistics.median(seconds[_PLAIN])
    return {
        name: {
            "seconds": round(statistics.median(taken), 3),
            "fastest_s": round(min(taken), 3),
            "slowest_s": round(max(taken), 3),
            "ratio": round(statistics.median(taken) / plain, 3),
            "speed": round(plain / statistics.median(taken), 3),
        }
        for name, taken in seconds.items()
    }


def _timed(source: Path, target: Path, flags: tuple[str, ...]) -> float:
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    cooled()
    words = [sys.executable, "-m", "ketter_gui", "copy", str(source), "--quiet", *flags]
    words += ["--to", str(target), "--data-dir", str(target / "ketter-data")]
    started = time.perf_counter()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


if __name__ == "__main__":
    raise SystemExit(main())
