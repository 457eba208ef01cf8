"""A day as it goes: login, a folder to watch, files, the window closed, and a restart."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.gui.test_real_drag import program
from tests.gui.test_real_tray import click, has_icon, lacking, shut, tray, windows
from tests.gui.xserver import Display, display, until

pytestmark = [
    pytest.mark.x11,
    pytest.mark.skipif(bool(lacking()), reason=f"not on this machine: {lacking()}"),
]

_BIG_BYTES = 1 << 30


def asked(data_dir: Path, *words: str) -> str:
    """Another process on the same ledger."""
    command = [sys.executable, "-m", "ketter_gui", "--data-dir", str(data_dir), *words]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout


def picture(screen: Display, name: str) -> None:
    """Of the whole screen, for whoever asks for it."""
    if folder := os.environ.get("KETTER_DAY_PICTURES"):
        path = Path(folder, f"{name}.png")
        subprocess.run(["import", "-window", "root", path], env=screen.environment, check=True)


@pytest.mark.timeout(90)
def test_from_login_to_the_next_start_nothing_is_missed(tmp_path: Path, data_dir: Path) -> None:
    root, out = tmp_path / "Ingest", tmp_path / "RAID"
    root.mkdir()
    out.mkdir()
    words = ["-m", "ketter_gui", "--data-dir", str(data_dir), "--in-tray"]
    with display(tmp_path) as screen, tray(screen) as panel:
        with program(screen, *words) as ketter:
            until(lambda: has_icon(screen, panel), "the icon is in the tray")
            asked(data_dir, "watch", "add", str(root), "--to", str(out), "--settle", "0.3")
            (root / "first.mov").write_text("first")
            until((out / "first.mov").exists, "the first file has arrived")
            click(screen, panel)
            until(lambda: bool(windows(screen)), "the window is open")
            screen.xdotool("windowactivate", "--sync", windows(screen)[0], "key", "ctrl+4")
            picture(screen, "watch-page")
            shut(screen, windows(screen)[0])
            (root / "second.mov").write_text("second")
            until((out / "second.mov").exists, "what came after the window was closed is there")
            with (root / "big.mov").open("wb") as file:
                file.truncate(_BIG_BYTES)
            until(lambda: "running" in asked(data_dir, "history"), "the big file is copied")
            ketter.terminate()
            assert ketter.wait(30) == 0
        assert "interrupted" in asked(data_dir, "history")
        assert not (out / "big.mov").exists()
        with program(screen, *words) as ketter:
            until((out / "big.mov").exists, "it goes on at the next start")
            picture(screen, "next-start")
            ketter.terminate()
            assert ketter.wait(30) == 0
    assert "interrupted" not in asked(data_dir, "history")
    assert {one.name for one in out.iterdir()} == {"first.mov", "second.mov", "big.mov"}
    assert (out / "big.mov").stat().st_size == _BIG_BYTES
