"""The icon in a real tray, and the window that closes into it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.gui.test_real_drag import program
from tests.gui.xserver import Display, display, missing, until

TRAY = "trayer"


def lacking() -> str:
    names = [missing(), "" if shutil.which(TRAY) else TRAY]
    return ", ".join(name for name in names if name)


pytestmark = [
    pytest.mark.x11,
    pytest.mark.skipif(bool(lacking()), reason=f"not on this machine: {lacking()}"),
]


@contextmanager
def tray(display: Display) -> Iterator[str]:
    """A panel with a tray at the lower edge; gives its window."""
    words = [TRAY, "--widthtype", "request", "--height", "24", "--edge", "bottom"]
    process = subprocess.Popen(words, env=display.environment, stderr=subprocess.DEVNULL)
    try:
        until(lambda: bool(trays(display)), "the tray is there")
        yield trays(display)[0]
    finally:
        process.terminate()
        process.wait(10)


def trays(display: Display) -> list[str]:
    return display.xdotool("search", "--onlyvisible", "--class", f"^{TRAY}$").split()


def place(display: Display, panel: str) -> dict[str, int]:
    shell = display.xdotool("getwindowgeometry", "--shell", panel)
    return {name: int(value) for name, value in (line.split("=") for line in shell.split())}


def click(display: Display, panel: str) -> None:
    """On the middle of the panel: there is one icon in it."""
    at = place(display, panel)
    x, y = at["X"] + at["WIDTH"] // 2, at["Y"] + at["HEIGHT"] // 2
    display.xdotool("mousemove", "--sync", str(x), str(y))
    display.xdotool("click", "1")


def has_icon(display: Display, panel: str) -> bool:
    """The panel is as wide as what is in it."""
    return place(display, panel).get("WIDTH", 0) >= 16


def shut(display: Display, window: str) -> None:
    """As a hand does: `windowclose` would destroy it behind the program's back."""

    def is_gone() -> bool:
        display.xdotool("windowactivate", window)
        display.xdotool("key", "alt+F4")
        return window not in windows(display)

    until(is_gone, "the window is closed")


def windows(display: Display) -> list[str]:
    return display.xdotool("search", "--onlyvisible", "--name", "^Ketter$").split()


IMPATIENT = """
import sys
from ketter_gui.app import main
from ketter_gui.ui import desktop, tray
desktop._CRASHED_PANEL_MS, tray._LOOK_AGAIN_MS = 300, 200
sys.exit(main(sys.argv[1:]))
"""
"""Ketter, but with shorter waits for a panel that comes late, or does not come back."""


@pytest.mark.timeout(60)
def test_it_starts_in_the_tray_comes_out_and_closes_into_it_again(
    tmp_path: Path, data_dir: Path
) -> None:
    words = ["-c", IMPATIENT, "--data-dir", str(data_dir), "--in-tray"]
    with display(tmp_path) as screen, program(screen, *words) as ketter:
        with tray(screen) as panel:  # it may come later than Ketter, as at login
            until(lambda: has_icon(screen, panel), "the icon is in the tray")
            assert windows(screen) == []
            click(screen, panel)
            until(lambda: bool(windows(screen)), "the window is open")
            shut(screen, windows(screen)[0])
            assert ketter.poll() is None
        # The panel is gone for good: the tray was never the only way in.
        until(lambda: hidden(screen) != [], "the window is there, minimised")
        assert ketter.poll() is None
        ketter.terminate()
        assert ketter.wait(30) == 0


def hidden(display: Display) -> list[str]:
    """Windows of ours that the window manager has minimised."""
    found = display.xdotool("search", "--name", "^Ketter$").split()
    return [one for one in found if "Iconic" in state_of(display, one)]


def state_of(display: Display, window: str) -> str:
    done = subprocess.run(
        ["xprop", "-id", window, "WM_STATE"],
        env=display.environment,
        capture_output=True,
        text=True,
        timeout=30,
    )
    return done.stdout
