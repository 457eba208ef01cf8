"""Ketter as a program: started, watched, stopped; and what can be read from it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

LIMIT_S = 60
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Done:
    """How a run of the program ended."""

    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """stdout as JSON lines; fails when anything else is in it."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def sentence(self) -> str:
        """stderr, when it is one line."""
        assert self.err.count("\n") == 1, self.err
        return self.err.rstrip("\n")

    def items(self) -> list[dict[str, Any]]:
        """The objects that tell of items."""
        return [one for one in self.objects if one["event"].startswith("item.")]


class Ketter:
    """The program with a data folder of its own. Words may be text, bytes or paths."""

    def __init__(self, data_dir: Path, *, before: Sequence[str] = ()) -> None:
        self.data_dir = data_dir
        self._before = before

    def as_anybody(self) -> Ketter:
        """The same program, to which the modes of files apply even when root runs the tests."""
        if os.geteuid() != 0:
            return self
        if shutil.which("setpriv") is None:
            pytest.skip("root reads and writes everything, and there is no setpriv here")
        less = "--bounding-set=-dac_override,-dac_read_search"
        return Ketter(self.data_dir, before=("setpriv", less))

    def command(self, *words: str | bytes | Path) -> list[bytes]:
        start = [sys.executable, "-m", "ketter_gui", "--data-dir", str(self.data_dir)]
        return [os.fsencode(word) for word in (*self._before, *start, *words)]

    def __call__(self, *words: str | bytes | Path, cwd: Path = ROOT, **environment: str) -> Done:
        """Run to the end. Whatever happens, no traceback may be seen."""
        ended = subprocess.run(
            self.command(*words),
            cwd=cwd,
            env=surroundings(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LIMIT_S,
        )
        done = Done(ended.returncode, ended.stdout.decode(), ended.stderr.decode())
        assert "Traceback" not in done.err, done.err
        assert "Exception ignored" not in done.err, done.err
        return done

    @contextmanager
    def started(
        self, *words: str | bytes | Path, **settings: Any
    ) -> Iterator[subprocess.Popen[bytes]]:
        """A running program; what is left of it at the end is killed."""
        running = subprocess.Popen(
            self.command(*words),
            cwd=ROOT,
            **{
                "env": surroundings({}),
                "stdin": subprocess.DEVNULL,
                "stdout": subprocess.PIPE,
                "stderr": subprocess.PIPE,
                **settings,
            },
        )
        with running:
            try:
                yield running
            finally:
                running.kill()


def surroundings(extra: dict[str, str]) -> dict[str, str]:
    """The environment without what would send Ketter elsewhere."""
    ours = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("KETTER_") and name not in ("DISPLAY", "WAYLAND_DISPLAY")
    }
    ours.pop("QT_QPA_PLATFORM", None)
    return ours | {"PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"} | extra


def ended(running: subprocess.Popen[bytes]) -> Done:
    """Wait for a started program."""
    out, err = running.communicate(timeout=LIMIT_S)
    done = Done(running.returncode, (out or b"").decode(), (err or b"").decode())
    assert "Traceback" not in done.err, done.err
    return done


def until(is_so: Callable[[], object], running: subprocess.Popen[bytes] | None = None) -> None:
    """Wait for a fact; fails when it does not come, or the program ends first."""
    deadline = time.monotonic() + LIMIT_S
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen"
        assert running is None or running.poll() is None, "the program ended before that"
        time.sleep(0.005)


def many_files(folder: Path, count: int, *, size_bytes: int = 4096) -> Path:
    """A card with so many files that a copy of it can be caught in the middle."""
    card = folder / "A002"
    for number in range(count):
        inside = card / f"ROLL{number // 500:03d}"
        if number % 500 == 0:
            inside.mkdir(parents=True)
        (inside / f"frame{number:06d}.dpx").write_bytes(
            number.to_bytes(8, "big") * (size_bytes // 8)
        )
    return card


def names_below(folder: Path) -> list[str]:
    """Files that have their final names."""
    return [name for _, _, files in os.walk(folder) for name in files if ".ketter-" not in name]
