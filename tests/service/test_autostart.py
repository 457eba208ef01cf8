"""What is started at login is this Ketter, on this ledger."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import platformdirs
import pytest

from ketter_gui.service.autostart import command, start_at_login, starts_at_login


def test_it_is_started_on_the_ledger_that_it_was_turned_on_for(tmp_path: Path) -> None:
    usual = Path(platformdirs.user_data_dir("ketter", appauthor=False))
    assert "--data-dir" not in command(usual)
    assert command(tmp_path)[-3:] == ["--in-tray", "--data-dir", str(tmp_path)]


@pytest.mark.skipif(sys.platform != "linux", reason="XDG autostart is Linux's")
def test_it_is_turned_on_and_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    start_at_login(tmp_path / "data", is_on=True)
    assert starts_at_login()
    start_at_login(tmp_path / "data", is_on=False)
    assert not starts_at_login()


def test_the_command_starts_ketter_whatever_lies_in_the_home_folder(tmp_path: Path) -> None:
    (tmp_path / "ketter_gui.py").write_text("raise SystemExit('the wrong one')")
    words = [*command(tmp_path)[:4], "--version"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stdout[:7]) == (0, "ketter "), done.stderr
