"""Copying, against peers in the same run: big files, small ones, two destinations, one file.

The contenders take turns, so that a machine whose speed wanders does so for all of them.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from random import Random

from tests.benchmarks import contenders
from tests.benchmarks.contenders import Contender
from tests.benchmarks.figures import Figures, cooled

_MIB = 1024 * 1024
_KIB = 1024
_Who = Sequence[tuple[str, Contender]]


def big(folder: Path, share: int, runs: int) -> Figures:
    """One file of 2 GiB, one destination."""
    who: _Who = [
        ("ancestor", contenders.ancestor),
        ("cp; sync; sha256sum", contenders.coreutils),
        ("prototype", contenders.prototype),
        ("engine alone", contenders.engine_alone),
        ("ketter", contenders.ketter),
    ]
    return _in_turn(_big_file(folder, share), who, folder, runs)


def two(folder: Path, share: int, runs: int) -> Figures:
    """One file of 2 GiB to two destinations, against one."""
    source = _big_file(folder, share)
    who: list[tuple[str, Contender]] = [
        ("ketter, one destination", contenders.ketter),
        ("ketter, two on one disk", contenders.ketter_two),
    ]
    with _memory(folder) as memory:
        if memory is not None:
            apart = partial(contenders.ketter_and_memory, memory)
            who.append(("ketter, disk and memory", apart))
        return _in_turn(source, who, folder, runs)


def small(folder: Path, share: int, runs: int) -> Figures:
    """10 000 files of 16 KiB."""
    return _against_cp(_tree(folder / "small", 10_000 // share, 16 * _KIB), folder, runs)


def tiny(folder: Path, share: int, runs: int) -> Figures:
    """100 000 files of 1 KiB."""
    return _against_cp(_tree(folder / "tiny", 100_000 // share, _KIB), folder, runs)


def start(folder: Path, share: int, runs: int) -> Figures:
    """One small file, a whole process; against one that only imports the libraries."""
    source = folder / "note.txt"
    source.write_bytes(b"slate 12, take 3\n")
    who: _Who = [("imports alone", _imports), ("ketter", contenders.ketter)]
    return _in_turn(source, who, folder, max(runs, 7))


def _against_cp(source: Path, folder: Path, runs: int) -> Figures:
    who: list[tuple[str, Contender]] = [("cp -a; sync; sha256sum", contenders.coreutils)]
    if shutil.which("rsync"):
        who.append(("rsync -a --fsync", contenders.rsync_flushing))
    who += [
        ("engine alone", contenders.engine_alone),
        ("ketter", contenders.ketter),
        ("ketter, two on one disk", contenders.ketter_two),
    ]
    return _in_turn(source, who, folder, runs)


def _in_turn(source: Path, who: _Who, folder: Path, runs: int) -> Figures:
    seconds: dict[str, list[float]] = {name: [] for name, _ in who}
    for _ in range(runs):
        for name, contender in who:
            seconds[name].append(_timed(contender, source, folder / "target"))
    yardstick = statistics.median(seconds[who[0][0]])
    return {
        name: {
            "seconds": round(statistics.median(taken), 3),
            "fastest_s": round(min(taken), 3),
            "slowest_s": round(max(taken), 3),
            "ratio": round(statistics.median(taken) / yardstick, 3),
        }
        for name, taken in seconds.items()
    }


def _timed(contender: Contender, source: Path, target: Path) -> float:
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    cooled()
    started = time.perf_counter()
    contender(source, target)
    return time.perf_counter() - started


def _imports(_source: Path, _target: Path) -> None:
    words = "import PySide6.QtCore, peewee, cryptography.hazmat.primitives.asymmetric.ed25519"
    subprocess.run([sys.executable, "-c", words], check=True)


def _big_file(folder: Path, share: int) -> Path:
    path = folder / "big.mov"
    if not path.exists():
        random = Random(1)
        with path.open("wb") as file:
            for _ in range(2048 // share // 8):
                file.write(random.randbytes(8 * _MIB))
    return path


def _tree(folder: Path, files: int, size_bytes: int) -> Path:
    for number in range(files):
        path = folder / f"{number // 100:04d}" / f"{number:06d}.dat"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(Random(number).randbytes(size_bytes))
    return folder


@contextmanager
def _memory(folder: Path) -> Iterator[Path | None]:
    """A file system in memory, mounted; None without the right to mount."""
    path = folder / "memory"
    path.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=3g", "tmpfs", str(path)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        print("  (nothing could be mounted: no second drive)", file=sys.stderr)
        yield None
        return
    try:
        yield path
    finally:
        subprocess.run(["umount", "-l", str(path)], check=True)
