"""Starting at login, in the tray: on, off, and which it is."""

from __future__ import annotations

import sys
from pathlib import Path

from ketter_gui.system import autostart


def starts_at_login() -> bool:
    """Whether the desktop starts Ketter. Raises AutostartNotChanged and NotOnThisSystem."""
    return autostart.is_on()


def start_at_login(data_dir: Path, *, is_on: bool) -> None:
    """Turn it on, for this ledger, or off. Raises AutostartNotChanged, AutostartNotText and
    NotOnThisSystem."""
    if is_on:
        autostart.turn_on(command(data_dir))
    else:
        autostart.turn_off()


def command(data_dir: Path) -> list[str]:
    """What is started: this very Python, so that it finds this very Ketter; -P, so that no
    module in the home folder is taken for one of ours."""
    import platformdirs

    words = [sys.executable, "-P", "-m", "ketter_gui", "--in-tray"]
    if data_dir != Path(platformdirs.user_data_dir("ketter", appauthor=False)):
        words += ["--data-dir", str(data_dir)]
    return words
