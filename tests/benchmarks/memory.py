"""Resident memory of `ketter copy`, with few files and with very many."""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path

from tests.benchmarks.figures import Figures


def memory(folder: Path, share: int, _runs: int) -> Figures:
    """Empty files, 10 000 and 1 000 000: scanned, copied, recorded; peak resident MB."""
    found: Figures = {}
    for files in (10_000 // share, 1_000_000 // share):
        source = _empty_files(folder / f"empty-{files}", files)
        target = folder / "target"
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
        started = time.perf_counter()
        peak_mb = _peak_mb(source, target)
        found[f"{files:,} files"] = {
            "seconds": round(time.perf_counter() - started, 2),
            "peak_mb": round(peak_mb, 1),
            "ratio": round(
                peak_mb / next(iter(found.values()), {"peak_mb": peak_mb})["peak_mb"], 3
            ),
        }
        shutil.rmtree(source)
    return found


def _empty_files(folder: Path, files: int) -> Path:
    for first in range(0, files, 1000):
        below = folder / f"{first // 1000:04d}"
        below.mkdir(parents=True)
        for number in range(first, min(first + 1000, files)):
            (below / f"{number:07d}.dat").touch()
    return folder


def _peak_mb(source: Path, target: Path) -> float:
    words = [sys.executable, "-m", "ketter_gui", "copy", str(source), "--quiet"]
    words += ["--to", str(target), "--data-dir", str(target / "ketter-data")]
    child = os.posix_spawn(sys.executable, words, os.environ)
    _, status, usage = os.wait4(child, 0)
    if status:
        raise SystemExit(f"ketter ended with {os.waitstatus_to_exitcode(status)}")
    return usage.ru_maxrss / 1024
