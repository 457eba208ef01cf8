"""Files dragged with a real pointer, from another program's window, end up verified."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.builders import camera_card, drive, tree_of
from tests.gui.xserver import Display, display, missing, until

pytestmark = [
    pytest.mark.x11,
    pytest.mark.skipif(bool(missing()), reason=f"not on this machine: {missing()}"),
]
SOURCE = Path(__file__).with_name("drag_source.py")


@contextmanager
def program(display: Display, *words: str | bytes) -> Iterator[subprocess.Popen[str]]:
    """A program on the display, ended politely."""
    process = subprocess.Popen(
        [sys.executable, *words], env=display.environment, stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(30)


def said(process: subprocess.Popen[str], word: str) -> None:
    assert process.stdout is not None
    assert process.stdout.readline().strip() == word


def ketter(display: Display, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ketter_gui", *words],
        env=display.environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def statuses(display: Display, data_dir: Path) -> list[str]:
    lines = ketter(display, "history", "--json", "--data-dir", str(data_dir)).stdout.splitlines()
    return [str(json.loads(line).get("status")) for line in lines]


def started(display: Display, window: str, data_dir: Path) -> bool:
    """Enter, in this window: on a busy machine its manager may not have given it the keyboard
    yet, and the program that was dragged from gets the key."""
    display.xdotool("windowactivate", window)
    display.xdotool("windowfocus", window)
    display.xdotool("key", "Return")
    return statuses(display, data_dir) != []


@pytest.mark.timeout(300)  # xdotool waits up to half a minute for each window that it moves
def test_a_card_dragged_from_another_program_ends_up_verified_on_two_drives(
    tmp_path: Path, data_dir: Path
) -> None:
    card = camera_card(tmp_path)
    clip = os.path.join(os.fsencode(tmp_path), b"caf\xe9.mov")
    with open(clip, "wb") as file:
        file.write(b"footage" * 5000)
    drives = [drive(tmp_path, "DRIVE_A"), drive(tmp_path, "DRIVE_B")]
    with (
        display(tmp_path) as screen,
        program(screen, str(SOURCE), "card", os.fsencode(card.path), clip) as card_window,
        program(screen, str(SOURCE), "drives", *map(str, drives)) as drive_window,
        program(screen, "-m", "ketter_gui", "--data-dir", str(data_dir)) as window,
    ):
        said(card_window, "ready")
        said(drive_window, "ready")
        card_at = screen.place(screen.window("card"), 20, 60)
        drives_at = screen.place(screen.window("drives"), 20, 300)
        main = screen.window("Ketter")
        left, top = screen.place(main, 300, 60)

        bright = screen.colour(left + 10, top + 10)
        screen.drag((card_at[0] + 60, card_at[1] + 60), (left + 640, top + 400))
        said(card_window, "CopyAction")
        until(lambda: screen.colour(left + 10, top + 10) != bright, "the sheet is open")
        screen.drag((drives_at[0] + 60, drives_at[1] + 60), (left + 860, top + 320))
        said(drive_window, "CopyAction")
        # Enter starts it as soon as the sheet has looked at both drives; before that, it does
        # nothing, and whoever sees nothing happen presses it again.
        until(lambda: started(screen, main, data_dir), "the transfer is started", within_s=60)
        until(lambda: statuses(screen, data_dir) == ["completed"], "the transfer is completed")
        for path in drives:
            assert tree_of(path / card.path.name) == tree_of(card.path)
            assert tree_of(path)[b"caf\xe9.mov"] == tree_of(tmp_path)[b"caf\xe9.mov"]
        verified = ketter(screen, "audit", "verify", "--data-dir", str(data_dir))
        assert verified.returncode == 0, verified.stderr
        assert window.poll() is None
        window.terminate()
        assert window.wait(30) == 0
