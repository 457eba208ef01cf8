"""Verifying again, beside `sha256sum -c` of the same files, both from a cold cache.

    python -m tests.benchmarks.bench_verify [--files N] [--big MIB] [--runs N] [--at DIR]

`ketter verify ID` compares with the ledger, `ketter verify PATH` with a checksum list.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

_MIB = 1 << 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--big", type=int, default=1024)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--at", type=Path, default=None)
    given = parser.parse_args()
    for name, make in (
        (f"{given.files:,} × 1 KiB", lambda folder: small(folder, given.files)),
        (f"1 × {given.big:,} MiB", lambda folder: big(folder, given.big)),
    ):
        with tempfile.TemporaryDirectory(dir=given.at) as room:
            measure(name, Path(room), make, given.runs)


def small(folder: Path, count: int) -> None:
    for number in range(count):
        path = folder / f"{number // 500:03d}" / f"{number:06d}.dat"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(Random(number).randbytes(1024))


def big(folder: Path, mib: int) -> None:
    folder.mkdir(parents=True)
    random = Random(1)
    with (folder / "big.dat").open("wb") as file:
        for _ in range(mib):
            file.write(random.randbytes(_MIB))


def measure(name: str, room: Path, make: Callable[[Path], None], runs: int) -> None:
    source, target, data = room / "A001", room / "target", str(room / "data")
    target.mkdir()
    make(source)
    ketter = [sys.executable, "-m", "ketter_gui", "--data-dir", data]
    run([*ketter, "copy", str(source), "--to", str(target), "--quiet", "--checksum-list"])
    (listed,) = target.glob("*.sha256")
    ways = {
        "sha256sum -c": ["sha256sum", "-c", "--quiet", str(listed)],
        "ketter verify ID": [*ketter, "verify", "1", "--quiet"],
        "ketter verify PATH": [*ketter, "verify", str(listed), "--quiet"],
    }
    times: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(runs):
        for way, words in ways.items():
            os.sync()
            Path("/proc/sys/vm/drop_caches").write_text("3")
            began_s = time.monotonic()
            run(words, cwd=target if way.startswith("sha") else None)
            times[way].append(time.monotonic() - began_s)
    medians = {way: statistics.median(found) for way, found in times.items()}
    print(name)
    for way, median in medians.items():
        print(f"  {way:20} {median:6.2f} s  {median / medians['sha256sum -c']:5.2f}")


def run(words: list[str], cwd: Path | None = None) -> None:
    path = {**os.environ, "PYTHONPATH": os.getcwd()}
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, cwd=cwd, env=path)


if __name__ == "__main__":
    main()
