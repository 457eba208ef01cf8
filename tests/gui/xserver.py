"""A real X server with a window manager and a pointer, for tests that touch real windows."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

NEEDED = ("Xvfb", "openbox", "xdotool")
_PIXEL = Path(__file__).with_name("pixel.py")
_FRAME_PX = 60
"""A window manager's frame is no wider at any side."""


def missing() -> str:
    """The programs that are not on this machine, in words; empty when all are."""
    return ", ".join(name for name in NEEDED if shutil.which(name) is None)


def until(fact: Callable[[], bool], what: str, *, within_s: float = 30.0) -> None:
    """Wait for a fact; says which one did not come about."""
    deadline_s = time.monotonic() + within_s
    while not fact():
        if time.monotonic() > deadline_s:
            raise AssertionError(f"it did not happen within {within_s:.0f} s: {what}")
        time.sleep(0.05)


@dataclass(frozen=True)
class Display:
    """A display, and what a hand can do on it."""

    environment: dict[str, str]

    def xdotool(self, *words: str) -> str:
        done = subprocess.run(
            ["xdotool", *words], env=self.environment, capture_output=True, text=True, timeout=30
        )
        return done.stdout

    def window(self, title: str) -> str:
        """The window of that title, once it is there."""
        pattern = f"^{re.escape(title)}$"
        found: list[str] = []

        def is_there() -> bool:
            found[:] = self.xdotool("search", "--onlyvisible", "--name", pattern).split()
            return bool(found)

        until(is_there, f"a window named {title}")
        return found[-1]

    def place(self, window: str, x: int, y: int) -> tuple[int, int]:
        """Move a window; returns where its content really begins.

        Not `windowmove --sync`, which waits for half a minute when the window was moved
        before it first looked, and then says nothing of where it is.
        """
        self.xdotool("windowmove", window, str(x), str(y))
        seen: list[tuple[int, int]] = []

        def is_there() -> bool:
            left, top = self._corner(window)
            seen.append((left, top))
            is_near = 0 <= left - x <= _FRAME_PX and 0 <= top - y <= _FRAME_PX
            return is_near and seen[-2:] == [(left, top)] * 2

        until(is_there, f"window {window} is at {x}, {y}")
        return seen[-1]

    def _corner(self, window: str) -> tuple[int, int]:
        shell = self.xdotool("getwindowgeometry", "--shell", window)
        values = dict(line.split("=", 1) for line in shell.split() if "=" in line)
        return int(values["X"]), int(values["Y"])

    def colour(self, x: int, y: int) -> str:
        """What is seen at a point, as `#rrggbb`."""
        words = [sys.executable, str(_PIXEL), str(x), str(y)]
        done = subprocess.run(
            words, env=self.environment, capture_output=True, text=True, timeout=30, check=True
        )
        return done.stdout.strip()

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Press at one point, move in steps as a hand does, and let go at another."""
        self.xdotool("mousemove", "--sync", str(start[0]), str(start[1]))
        self.xdotool("mousedown", "1")
        steps = 24
        for step in range(1, steps + 1):
            x = start[0] + (end[0] - start[0]) * step // steps
            y = start[1] + (end[1] - start[1]) * step // steps
            self.xdotool("mousemove", "--sync", str(x), str(y))
        self.xdotool("mousemove_relative", "--sync", "3", "3")
        self.xdotool("mouseup", "1")


@contextmanager
def display(home: Path) -> Iterator[Display]:
    """Xvfb on a free display with openbox; both end with the block."""
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1700x1000x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    manager: subprocess.Popen[bytes] | None = None
    try:
        with os.fdopen(reading) as answer:
            number = answer.readline().strip()
        assert number, "Xvfb did not start"
        environment = dict(os.environ)
        environment.update(
            DISPLAY=f":{number}",
            QT_QPA_PLATFORM="xcb",
            HOME=str(home),
            LC_ALL="C.UTF-8",
            XDG_CONFIG_HOME=str(home / "config"),
            XDG_DATA_HOME=str(home / "share"),
        )
        environment.pop("WAYLAND_DISPLAY", None)
        manager = subprocess.Popen(
            ["openbox"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        yield Display(environment)
    finally:
        for process in (manager, server):
            if process is not None:
                process.terminate()
                process.wait(10)
