"""Notifications: the real bytes on a real bus, and a real daemon's bubble on a screen."""

from __future__ import annotations

import logging
import os
import queue
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ketter_gui.domain.errors import NotOnThisSystem
from ketter_gui.domain.news import Notice, Urgency
from ketter_gui.system import notify

if sys.platform != "linux":
    pytest.skip("the session's D-Bus is Linux's", allow_module_level=True)

from ketter_gui.system.notify_linux import DBusNotifier
from tests.gui.xserver import display, until
from tests.system.notification_bus import server, session_bus

needs_bus = pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="needs dbus-daemon")


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with session_bus() as address:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        yield address


@needs_bus
def test_a_bubble_is_replaced_by_its_own_key_only_and_forges_nothing(bus: str) -> None:
    with server(bus, "body", "body-markup", "actions") as desktop:
        notifier = DBusNotifier()
        notifier.show(Notice("a", "A <b>", "x <b>&\u202ecod\n.mov", Urgency.CRITICAL))
        notifier.show(Notice("b", "B", "other", Urgency.LOW), with_sound=True)
        notifier.show(Notice("a", "A", "again"))
        notifier.close()
        first, second, third = desktop.wait_for(3)
    assert first[:5] == (
        "Ketter", 0, "ketter", "A <b>", r"x &lt;b&gt;&amp;\xe2\x80\xaecod\x0a.mov",
    )  # fmt: skip
    assert first[5] == ["default", "Open"]
    assert first[6] == {
        "urgency": ("y", 2), "desktop-entry": ("s", "ketter"), "suppress-sound": ("b", True),
    }  # fmt: skip
    assert second[1] == 0
    assert second[6]["urgency"] == ("y", 0)
    assert second[6]["sound-name"] == ("s", "complete")
    assert third[1] == 11, "the first bubble's number"


@needs_bus
def test_a_server_without_markup_gets_the_text_as_it_is(bus: str) -> None:
    with server(bus, "body") as desktop:
        notifier = DBusNotifier()
        notifier.show(Notice("a", "A", "x < y & z"))
        notifier.close()
        (sent,) = desktop.wait_for(1)
    assert sent[4] == "x < y & z"
    assert sent[5] == []


@needs_bus
def test_a_click_is_heard_with_the_key_of_its_notice(bus: str) -> None:
    heard: queue.Queue[str] = queue.Queue()
    with server(bus, "actions") as desktop:
        notifier = DBusNotifier(heard.put)
        notifier.show(Notice("a", "A", ""))
        notifier.show(Notice("b", "B", ""))
        desktop.wait_for(2)
        desktop.click(999)  # another program's
        desktop.click(12)
        assert heard.get(timeout=10) == "b"
        notifier.close()
    assert heard.empty()


@needs_bus
def test_without_a_daemon_it_is_said_once_and_a_later_daemon_is_found(
    bus: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    notifier = DBusNotifier()
    said = threading_safe_count(caplog)
    notifier.show(Notice("a", "A", ""))
    notifier.show(Notice("b", "B", ""))
    until(lambda: said() == 1 and notifier.is_idle, "it was tried and said")
    with server(bus) as desktop:
        notifier.show(Notice("c", "C", ""))
        (sent,) = desktop.wait_for(1)
        notifier.close()
    assert sent[3] == "C"
    assert said() == 1


def threading_safe_count(caplog: pytest.LogCaptureFixture):  # type: ignore[no-untyped-def]
    return lambda: sum("shows no notifications" in one.getMessage() for one in list(caplog.records))


def test_without_any_bus_nothing_is_wrong(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/none")
    notifier = DBusNotifier()
    notifier.show(Notice("a", "A", ""))
    notifier.close(20)
    assert [one.levelname for one in caplog.records] == ["INFO"]


def test_other_systems_are_told_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "plan9")
    with pytest.raises(NotOnThisSystem):
        notify.notifier()


@pytest.mark.x11
@needs_bus
@pytest.mark.skipif(
    any(shutil.which(name) is None for name in ("dunst", "Xvfb", "openbox", "xdotool")),
    reason="needs dunst, Xvfb, openbox and xdotool",
)
def test_a_real_daemon_shows_the_bubble(bus: str, tmp_path: Path) -> None:
    with display(tmp_path) as screen:
        daemon = subprocess.Popen(
            ["dunst"],
            env={**screen.environment, "DBUS_SESSION_BUS_ADDRESS": bus},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        notifier = DBusNotifier()
        try:

            def is_shown() -> bool:
                # Until dunst has its name on the bus, nobody takes the notice.
                notifier.show(
                    Notice(
                        "a", "3 transfers are done, 1 failed", "Failed: A001 <b>&", Urgency.CRITICAL
                    )
                )
                found = screen.xdotool("search", "--onlyvisible", "--class", "dunst").split()
                return bool(found)

            until(is_shown, "dunst shows a window")
            if picture := os.environ.get("KETTER_NOTICE_PICTURE"):
                subprocess.run(
                    ["scrot", "-D", screen.environment["DISPLAY"], picture],
                    env=screen.environment,
                    check=True,
                )
        finally:
            notifier.close()
            daemon.terminate()
            daemon.wait(10)
