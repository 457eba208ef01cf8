"""Start at login: the entry as the desktop's own code reads it."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ketter_gui.domain.desktop_errors import AutostartNotChanged, AutostartNotText
from ketter_gui.domain.errors import NotOnThisSystem
from ketter_gui.system import autostart

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="XDG autostart is Linux's")

NASTY = [
    "plain",
    "with two  blanks",
    'a "quoted" word',
    "back\\slash and \\n",
    "$HOME `id` ~ # ; & | * ?",
    "%f 100 %",
    "it's",
    "ünïcode – 日本",
    "line\nbreak\tand tab",
    "",
    "--to=x",
]


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "config"
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder))
    return folder


def entry(config: Path) -> Path:
    return config / "autostart" / "ketter.desktop"


def test_on_is_on_and_off_leaves_nothing_behind(config: Path) -> None:
    assert not autostart.is_on()
    autostart.turn_on(["/usr/bin/ketter", "--in-tray"])
    assert autostart.is_on()
    assert "Exec=/usr/bin/ketter --in-tray\n" in entry(config).read_text()
    autostart.turn_off()
    assert not autostart.is_on()
    assert list((config / "autostart").iterdir()) == []
    autostart.turn_off()


def test_the_entry_is_its_owners_alone_and_replaced_as_a_whole(config: Path) -> None:
    entry(config).parent.mkdir(parents=True)
    entry(config).write_text("half an entr")
    autostart.turn_on(["/usr/bin/ketter"])
    assert stat.S_IMODE(entry(config).stat().st_mode) == 0o600
    assert [one.name for one in entry(config).parent.iterdir()] == ["ketter.desktop"]


def test_without_the_variable_or_with_a_relative_one_it_is_in_the_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for value in ("", "elsewhere"):
        monkeypatch.setenv("XDG_CONFIG_HOME", value)
        autostart.turn_on(["/usr/bin/ketter"])
        assert entry(tmp_path / ".config").exists()
        autostart.turn_off()


@pytest.mark.parametrize(
    "line", ["Hidden=true", "X-GNOME-Autostart-enabled=false"], ids=["hidden", "gnome"]
)
def test_what_the_desktops_own_list_turned_off_is_off_and_can_be_turned_on(
    config: Path, line: str
) -> None:
    autostart.turn_on(["/usr/bin/ketter"])
    text = entry(config).read_text().replace("X-GNOME-Autostart-enabled=true", line)
    entry(config).write_text(text)
    assert not autostart.is_on()
    autostart.turn_on(["/usr/bin/ketter"])
    assert autostart.is_on()


@pytest.mark.parametrize("text", ["", "Exec=x", "[Other]\nExec=x", "\0\xff"])
def test_an_entry_that_starts_nothing_is_off(config: Path, text: str) -> None:
    entry(config).parent.mkdir(parents=True)
    entry(config).write_text(text)
    assert not autostart.is_on()


def test_words_that_an_entry_cannot_hold_are_refused(config: Path) -> None:
    for word in (os.fsdecode(b"/home/caf\xe9"), "a\x1bb", "nul\0"):
        with pytest.raises(AutostartNotText):
            autostart.turn_on([word])
    assert not entry(config).exists()


def test_a_folder_that_cannot_be_made_is_said_with_its_reason(config: Path) -> None:
    config.write_text("a file in its place")
    with pytest.raises(AutostartNotChanged, match="Not a directory"):
        autostart.turn_on(["/usr/bin/ketter"])
    with pytest.raises(AutostartNotChanged, match="Not a directory"):
        autostart.is_on()


@pytest.mark.skipif(shutil.which("gio") is None, reason="not on this machine: gio")
def test_the_desktop_starts_the_program_with_exactly_these_words(
    config: Path, tmp_path: Path
) -> None:
    out = tmp_path / "words"
    program = tmp_path / "a $program's \\ folder" / "run"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nprintf "%s\\0" "$@" > {out}.part\nmv {out}.part {out}\n')
    program.chmod(0o755)
    autostart.turn_on([str(program), *NASTY])
    done = subprocess.run(
        ["gio", "launch", str(entry(config))], capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 0, done.stderr
    until_s = time.monotonic() + 30
    while not out.exists():  # gio does not wait for what it has started
        assert time.monotonic() < until_s
        time.sleep(0.01)
    assert out.read_bytes().decode().split("\0")[:-1] == NASTY


def test_another_system_says_that_it_is_not_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    for ask in (autostart.is_on, autostart.turn_off, lambda: autostart.turn_on(["x"])):
        with pytest.raises(NotOnThisSystem, match="Starting at login"):
            ask()
