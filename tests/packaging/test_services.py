"""What starts the watch service at login is well formed, and says the same on each system."""

from __future__ import annotations

import configparser
import os
import plistlib
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

SERVICES = Path(__file__).parents[2] / "packaging" / "services"
UNIT = SERVICES / "ketter-watch.service"
TASK = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    done = subprocess.run(
        ["systemd-analyze", "--user", "verify", str(UNIT)],
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_unit_stops_gently_and_sees_drives_that_come_later() -> None:
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # as configparser has it
    unit.read(UNIT)
    service = dict(unit["Service"])
    assert service["ExecStart"].endswith(" ketter watch run")
    assert service["Type"] == "exec"
    assert service["Restart"] == "on-failure"
    assert service["KillSignal"] == "SIGTERM"
    assert service["TimeoutStopSec"] == "30"
    own_mounts = {"ProtectHome", "ProtectSystem", "PrivateTmp", "PrivateDevices", "ReadWritePaths"}
    assert own_mounts.isdisjoint(service), "a mount namespace of its own hides later mounts"


def test_the_agent_of_macos_starts_at_login_and_again_only_after_a_failure() -> None:
    agent = plistlib.loads((SERVICES / "io.ketter.watch.plist").read_bytes())
    assert agent["Label"] == "io.ketter.watch"
    assert agent["ProgramArguments"][-1].endswith("exec ketter watch run")
    assert agent["RunAtLoad"] is True
    assert agent["KeepAlive"] == {"SuccessfulExit": False}
    assert agent["ExitTimeOut"] == 30


def test_the_task_of_windows_has_no_end_and_no_second_instance() -> None:
    task = ElementTree.parse(SERVICES / "ketter-watch.xml").getroot()

    def said(path: str) -> str | None:
        return task.findtext("/".join(TASK + step for step in path.split("/")))

    assert said("Actions/Exec/Command") == "ketter"
    assert said("Actions/Exec/Arguments") == "watch run"
    assert said("Settings/ExecutionTimeLimit") == "PT0S"
    assert said("Settings/MultipleInstancesPolicy") == "IgnoreNew"
    assert said("Settings/StopIfGoingOnBatteries") == "false"
    assert said("Principals/Principal/RunLevel") == "LeastPrivilege"


def test_the_readme_says_how_to_install_each() -> None:
    readme = (SERVICES.parents[1] / "README.md").read_text()
    for file in SERVICES.iterdir():
        assert f"packaging/services/{file.name}" in readme
