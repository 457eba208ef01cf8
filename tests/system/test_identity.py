from __future__ import annotations

import os
import platform
import pwd

import pytest

from ketter_gui.system.identity import host, user


def test_the_user_is_who_the_system_says_and_not_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody else")
    assert user() == pwd.getpwuid(os.geteuid()).pw_name


def test_a_user_without_a_name_is_his_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(_: int) -> None:
        raise KeyError

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    assert user() == str(os.geteuid())


def test_the_host_is_the_machines_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert host() == platform.node()
    monkeypatch.setattr(platform, "node", lambda: "")
    assert host() == "unknown"


def test_a_machine_that_fails_to_tell_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> str:
        raise OSError

    monkeypatch.setattr(platform, "node", fail)
    assert host() == "unknown"
