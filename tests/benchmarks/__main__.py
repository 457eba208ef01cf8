"""Run the benchmarks and print them as text; see the package's docstring."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.benchmarks import contenders
from tests.benchmarks.contenders import Contender

_MIB = 1024 * 1024
_WORSE = 1.15
"""A ratio that grew by more than this since the file that is compared with is flagged."""


@dataclass(frozen=True)
class Trial:
    """One table: a source, and who copies it; the first contender is the yardstick."""

    name: str
    source: Path
    contenders: Sequence[tuple[str, Contender]]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("--quick", action="store_true", help="an eighth of the size, one run")
    parser.add_argument("--at", type=Path, help="the folder, so the disk, to measure on")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", choices=("big", "small"))
    parser.add_argument("--json", type=Path, help="where to write the figures")
    parser.add_argument("--compare", type=Path, help="an earlier file of --json")
    given = parser.parse_args()
    runs = 1 if given.quick else given.runs
    with tempfile.TemporaryDirectory(dir=given.at, prefix="ketter-bench-") as folder:
        trials = _trials(Path(folder), 8 if given.quick else 1, given.only)
        figures = {trial.name: _measure(trial, Path(folder), runs) for trial in trials}
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1, sort_keys=True) + "\n")
    return _compare(figures, given.compare) if given.compare else 0


def _trials(folder: Path, share: int, only: str | None) -> list[Trial]:
    trials = []
    if only != "small":
        big = folder / "big.mov"
        _fill(big, 2048 * _MIB // share)
        who: list[tuple[str, Contender]] = [
            ("ancestor", contenders.ancestor),
            ("cp; sync; sha256sum", contenders.coreutils),
            ("prototype", contenders.prototype),
            ("ketter", contenders.ketter),
            ("ketter, two destinations", contenders.ketter_two),
        ]
        trials.append(Trial("one big file", big, who))
    if only != "big":
        small = folder / "small"
        for number in range(10_000 // share):
            path = small / f"{number // 100:03d}" / f"{number:05d}.dat"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(Random(number).randbytes(16 * 1024))
        who = [("cp -a; sync; sha256sum", contenders.coreutils)]
        if shutil.which("rsync"):
            who.append(("rsync -a --fsync", contenders.rsync_flushing))
        who += [("ketter", contenders.ketter), ("ketter, two destinations", contenders.ketter_two)]
        trials.append(Trial("many small files", small, who))
    return trials


def _fill(path: Path, size_bytes: int) -> None:
    random = Random(1)
    with path.open("wb") as file:
        for _ in range(size_bytes // (8 * _MIB)):
            file.write(random.randbytes(8 * _MIB))


def _measure(trial: Trial, folder: Path, runs: int) -> dict[str, dict[str, float]]:
    seconds: dict[str, list[float]] = {name: [] for name, _ in trial.contenders}
    for _ in range(runs):
        for name, contender in trial.contenders:
            seconds[name].append(_timed(contender, trial.source, folder / "target"))
    yardstick = statistics.median(seconds[trial.contenders[0][0]])
    figures = {}
    print(f"\n{trial.name} (cold cache, median of {runs})")
    for name, taken in seconds.items():
        median = statistics.median(taken)
        figures[name] = {"seconds": round(median, 3), "ratio": round(median / yardstick, 3)}
        spread = f"{min(taken):.2f} – {max(taken):.2f}"
        print(f"  {name:<28} {median:8.2f} s   {median / yardstick:5.2f} ×   ({spread})")
    return figures


def _timed(contender: Contender, source: Path, target: Path) -> float:
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    _cool()
    started = time.perf_counter()
    contender(source, target)
    return time.perf_counter() - started


def _cool() -> None:
    """Drop the caches; without root what was just written stays warm, and that is said."""
    os.sync()
    try:
        Path("/proc/sys/vm/drop_caches").write_text("3")
    except OSError:
        print("  (the cache could not be dropped: not root)", file=sys.stderr)


def _compare(figures: dict[str, dict[str, dict[str, float]]], earlier: Path) -> int:
    before = json.loads(earlier.read_text())
    worse = [
        f"{trial}: {name} went from {old['ratio']} to {new['ratio']}"
        for trial, rows in figures.items()
        for name, new in rows.items()
        if (old := before.get(trial, {}).get(name)) and new["ratio"] > old["ratio"] * _WORSE
    ]
    print("\n".join(worse) or "nothing got more than 15 % worse")
    return 1 if worse else 0


if __name__ == "__main__":
    raise SystemExit(main())
