"""`ketter copy --zip` against `ketter copy` of the same folder: 80 % of its speed is asked.

    python -m tests.benchmarks.bench_zip [--quick] [--at FOLDER] [--runs N] [--json FILE]

One file of 2 GiB, and 10 000 files of 16 KiB; whole processes, cold cache, in turns.
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

_MIB = 1 << 20
_LEAST_SPEED = 0.80
_WAYS = (("copy", ()), ("copy --zip", ("--zip",)))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.bench_zip")
    parser.add_argument("--quick", action="store_true", help="an eighth of the size, one run")
    parser.add_argument("--at", type=Path, help="the folder, so the disk, to measure on")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", choices=("big", "small"))
    parser.add_argument("--json", type=Path, help="where to write the figures")
    given = parser.parse_args()
    share, runs = (8, 1) if given.quick else (1, given.runs)
    figures = {}
    with tempfile.TemporaryDirectory(dir=given.at, prefix="ketter-bench-zip-") as name:
        folder = Path(name)
        for shape, make in (("big", _big), ("small", _small)):
            if given.only in (None, shape):
                source = make(folder / shape, share)
                figures[shape] = _measured(shape, source, folder / "target", runs)
                shutil.rmtree(source)
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1, sort_keys=True) + "\n")
    return 0 if all(one["speed"] >= _LEAST_SPEED for one in figures.values()) else 1


def _big(folder: Path, share: int) -> Path:
    folder.mkdir()
    random = Random(1)
    with (folder / "A001C001.mxf").open("wb") as file:
        for _ in range(2048 // share // 8):
            file.write(random.randbytes(8 * _MIB))
    return folder


def _small(folder: Path, share: int) -> Path:
    for number in range(10_000 // share):
        path = folder / f"{number // 100:03d}" / f"{number:05d}.dat"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(Random(number).randbytes(16 * 1024))
    return folder


def _measured(shape: str, source: Path, target: Path, runs: int) -> dict[str, float]:
    seconds: dict[str, list[float]] = {name: [] for name, _ in _WAYS}
    for _ in range(runs):
        for name, flags in _WAYS:
            seconds[name].append(_timed(source, target, flags))
    print(f"\n{shape} (cold cache, median of {runs})")
    medians = {name: statistics.median(taken) for name, taken in seconds.items()}
    for name, taken in seconds.items():
        print(f"  {name:<12} {medians[name]:7.2f} s   ({min(taken):.2f} – {max(taken):.2f})")
    speed = medians["copy"] / medians["copy --zip"]
    print(f"  --zip has {speed:.0%} of the speed of a plain copy (asked: {_LEAST_SPEED:.0%})")
    return {
        "copy_s": round(medians["copy"], 3),
        "zip_s": round(medians["copy --zip"], 3),
        "speed": round(speed, 3),
    }


def _timed(source: Path, target: Path, flags: tuple[str, ...]) -> float:
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    os.sync()
    try:
        Path("/proc/sys/vm/drop_caches").write_text("3")
    except OSError:
        print("  (the cache could not be dropped: not root)", file=sys.stderr)
    words = [sys.executable, "-m", "ketter_gui", "copy", str(source), "--quiet", *flags]
    words += ["--to", str(target), "--data-dir", str(target / "ketter-data")]
    started = time.perf_counter()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


if __name__ == "__main__":
    raise SystemExit(main())
