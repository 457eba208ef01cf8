"""Watch folders at rest and at work: 50 of them with 10 000 files each, all taken.

The files are there and the ledger has them as taken, written by the same function that a
transfer writes with. Then `ketter watch run` is started, and asked of the system: what it
takes to begin, what it takes to do nothing for a minute, how much memory; and how long after
it has settled a new file's transfer is begun.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from statistics import median, quantiles
from typing import Final

from ketter_gui.disk.folder import Tree, entries, open_root
from ketter_gui.domain.watching import Chosen, WatchRules, version_of
from ketter_gui.service.service import Service
from ketter_gui.store import taken
from ketter_gui.store.transaction import Transaction
from ketter_gui.system.file_systems import KEEPS_INODES
from ketter_gui.system.volumes import file_system_of
from tests.benchmarks.figures import Figures

_FOLDERS: Final = 50
_FILES: Final = 10_000
_IDLE_S: Final = 60.0
_SETTLE_S: Final = 2.0
_ROUNDS: Final = 4
_APART_S: Final = 0.3
"""One after the other: the drive has one lane, and what waits for it is no latency of ours."""
_BEFORE: Final = 1 << 40
"""The transfer that took them: none that there is, or will be."""

_TICKS: Final = os.sysconf("SC_CLK_TCK")


def watch(folder: Path, share: int, _runs: int) -> Figures:
    """Seconds of CPU and MB of `ketter watch run`, and the latency from settled to begun."""
    data_dir = folder / "data"
    roots = [_made(folder / f"in{number:02d}", _FILES // share) for number in range(_FOLDERS)]
    (folder / "out").mkdir()
    _prepare(data_dir, roots, folder / "out")
    words = [sys.executable, "-m", "ketter_gui", "--data-dir", str(data_dir), "watch", "run"]
    started_s = time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    try:
        _until_idle(data_dir)
        found: Figures = {
            "to begin": {
                "seconds": round(time.perf_counter() - started_s, 2),
                "cpu_s": round(_cpu_s(process.pid), 2),
                "rss_mb": round(_rss_mb(process.pid), 1),
            }
        }
        before_s = _cpu_s(process.pid)
        time.sleep(_IDLE_S)
        found["idle"] = {
            "seconds": _IDLE_S,
            "cpu_percent": round(100 * (_cpu_s(process.pid) - before_s) / _IDLE_S, 3),
            "rss_mb": round(_rss_mb(process.pid), 1),
        }
        found["settled to begun"] = _latency(data_dir, roots)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    return found


def _made(root: Path, files: int) -> Path:
    for first in range(0, files, 500):
        below = root / f"{first // 500:03d}"
        below.mkdir(parents=True)
        for number in range(first, min(first + 500, files)):
            (below / f"{number:05d}.mov").touch()
    return root


def _prepare(data_dir: Path, roots: list[Path], out: Path) -> None:
    rules = WatchRules((os.fsencode(out),), settle_s=_SETTLE_S)
    with Service(data_dir) as service:
        for number, root in enumerate(roots, start=1):
            service.add_watch(os.fsencode(root), rules)
            has_inodes = file_system_of(os.fsencode(root)) in KEEPS_INODES
            files = _files(root, has_inodes=has_inodes)

            def write(tx: Transaction, watch: int = number, some: object = files) -> None:
                taken.take(tx, watch, _BEFORE, some)  # type: ignore[arg-type]
                tx.execute("UPDATE taken SET outcome = 'delivered' WHERE watch = ?", (watch,))

            service.ledger.transact(write)


def _files(root: Path, *, has_inodes: bool) -> list[taken.TakenFile]:
    found = []
    with Tree(open_root(os.fsencode(root))) as tree:
        for name, _, _ in entries(tree.root):
            for inner, state, _ in entries(tree.folder(name)):
                if state is not None:
                    version = version_of(state, has_inodes=has_inodes)
                    found.append(taken.TakenFile(Chosen(name + b"/" + inner, version)))
    return found


def _until_idle(data_dir: Path) -> None:
    words = [sys.executable, "-m", "ketter_gui", "--data-dir", str(data_dir), "watch", "list"]
    while True:
        answer = subprocess.run([*words, "--json"], capture_output=True, text=True, check=True)
        states = {json.loads(line)["state"] for line in answer.stdout.splitlines()}
        if states == {"idle"}:
            return
        time.sleep(1)


def _latency(data_dir: Path, roots: list[Path]) -> dict[str, float]:
    settled: dict[str, float] = {}
    for number in range(_ROUNDS):
        for root in roots:
            name = f"new {root.name} {number}.mov"
            (root / "000" / name).write_text(name)
            settled[name] = time.time() + _SETTLE_S
            time.sleep(_APART_S)
    time.sleep(_SETTLE_S + 5)
    found: dict[str, float] = {"files": len(settled)}
    for what in ("created", "started"):
        times = _times(data_dir, what)
        late_ms = sorted(1000 * (times[name] - at_s) for name, at_s in settled.items())
        found[f"{what}_median_ms"] = round(median(late_ms), 1)
        found[f"{what}_p99_ms"] = round(quantiles(late_ms, n=100)[98], 1)
    return found


def _times(data_dir: Path, what: str) -> dict[str, float]:
    database = sqlite3.connect(f"file:{data_dir / 'ledger.sqlite3'}?mode=ro", uri=True)
    try:
        rows = database.execute(f"SELECT name, {what}_us FROM transfers")
        return {name: at_us / 1e6 for name, at_us in rows.fetchall()}
    finally:
        database.close()


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _rss_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1000
    return 0.0
