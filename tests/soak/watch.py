"""A storm in a watch folder, two SIGKILLs, and more events than the kernel keeps.

    python -m tests.soak.watch [--files N] [--folders N] [--settle S] [--at FOLDER] [--seed N]

`--at` is where the watch folder lies: a native file system, or a polled one (a FUSE mount). The
copies and the ledger go into a temporary folder. Ends with 1 and says what is wrong when a
version is missing, was taken twice, or is half-written.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.soak.storm import Storm, problems

_NOISE = 7000
_GRACE_S = 20.0


class Watched:
    """`ketter watch run` as a process of its own."""

    def __init__(self, data_dir: Path) -> None:
        self._words = [sys.executable, "-m", "ketter_gui", "--data-dir", str(data_dir), "watch"]
        self._log = data_dir.parent / "watch-run.txt"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self.process = subprocess.Popen([*self._words, "run"], stdout=log, stderr=log)

    def send(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        self.send(signal.SIGKILL)
        assert self.process is not None
        self.process.wait()

    def stop(self) -> float:
        """SIGTERM; how long it took to end."""
        begun_s = time.monotonic()
        self.send(signal.SIGTERM)
        assert self.process is not None
        code = self.process.wait(_GRACE_S)
        assert code == 0, f"it ended with {code}: {self._log.read_text()[-2000:]}"
        return time.monotonic() - begun_s

    def ask(self, *words: str) -> str:
        done = subprocess.run([*self._words, *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def view(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.ask("list", "--json").splitlines()[0])
        return found


def weather(
    watched: Watched, storm: Storm, files: int, folders: int, *, kills: int, has_overflow: bool
) -> None:
    """The storm, with what happens to the process on the way."""
    kill_at = {files * (one + 1) // (kills + 1) for one in range(kills)}
    stop_at = files // 2 if has_overflow else -1
    go_on_at = stop_at + max(files // 20, 1)

    def between(number: int) -> None:
        if number in kill_at:
            watched.kill()
            watched.start()
        if number == stop_at:
            watched.send(signal.SIGSTOP)
            for one in range(_NOISE):  # more events than the kernel keeps for one that sleeps
                noise = storm.root / f"noise{one}.tmp"
                noise.touch()
                noise.unlink()
        if has_overflow and number == go_on_at:
            watched.send(signal.SIGCONT)

    storm.run(files, folders, between)


def wait_until_taken(watched: Watched, storm: Storm, destination: Path, most_s: float) -> None:
    """Until all that must be there is, or the time is over."""
    until_s = time.monotonic() + most_s
    while time.monotonic() < until_s:
        view = watched.view()
        if view["state"] == "idle" and not view["files_waiting"] and not view["files_ready"]:
            if not [one for one in problems(storm.wanted, destination) if "missing" in one]:
                return
            watched.ask("look", "1")
        time.sleep(0.5)


def taken_twice(data_dir: Path) -> list[tuple[object, ...]]:
    """Versions that the ledger says were taken more than once."""
    database = sqlite3.connect(f"file:{data_dir / 'ledger.sqlite3'}?mode=ro", uri=True)
    try:
        return database.execute(
            "SELECT folder, name, count(*) FROM taken WHERE size_bytes >= 0"
            " GROUP BY watch, folder, name, size_bytes, mtime_ns, inode HAVING count(*) > 1"
        ).fetchall()
    finally:
        database.close()


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak.watch")
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--folders", type=int, default=2_000)
    parser.add_argument("--settle", type=float, default=3.0)
    parser.add_argument("--at", type=Path)
    parser.add_argument("--work", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-late-renames", action="store_true")
    parser.add_argument("--most", type=float, default=900.0)
    given = parser.parse_args(words)
    with tempfile.TemporaryDirectory(prefix="ketter-watch-", dir=given.work) as name:
        return _storm(Path(name), given)


def _storm(work: Path, given: argparse.Namespace) -> int:
    at = given.at or work
    root, outside = at / "in", at / "outside"
    destination, data_dir = work / "out", work / "data"
    for folder in (root, outside, destination):
        folder.mkdir()
    data_dir.mkdir(mode=0o700)
    watched = Watched(data_dir)
    words = ["add", str(root), "--to", str(destination), "--settle", str(given.settle)]
    watched.ask(*words)
    watched.start()
    storm = Storm(
        root,
        outside,
        settle_s=given.settle,
        seed=given.seed,
        late_renames=not given.no_late_renames,
    )
    begun_s = time.monotonic()
    weather(watched, storm, given.files, given.folders, kills=2, has_overflow=True)
    written_s = time.monotonic() - begun_s
    wait_until_taken(watched, storm, destination, given.most)
    taken_s = time.monotonic() - begun_s
    view = watched.view()
    stopped_s = watched.stop()
    wrong = problems(storm.wanted, destination)
    twice = taken_twice(data_dir)
    lost = sum("events were lost" in one.read_text() for one in (data_dir / "logs").iterdir())
    print(
        f"{len(storm.wanted.must):,} versions, {len(storm.wanted.may):,} that may be missing;"
        f" written in {written_s:.0f} s, taken after {taken_s:.0f} s ({view['method']},"
        f" events lost: {'yes' if lost else 'no'}),"
        f" stopped within {stopped_s:.1f} s of SIGTERM"
    )
    for one in [*wrong[:40], *(f"twice in the ledger: {one}" for one in twice[:10])]:
        print(one)
    print(f"{len(wrong)} wrong, {len(twice)} twice in the ledger")
    os.sync()
    return 1 if wrong or twice else 0


if __name__ == "__main__":
    sys.exit(main())
