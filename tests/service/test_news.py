"""The ends of real transfers reach the desktop, as far as the settings have it."""

from __future__ import annotations

import logging
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ketter_gui.domain.news import TransferDone, TransferFailed
from ketter_gui.domain.options import Mode
from ketter_gui.domain.status import TransferStatus
from ketter_gui.service.news import end_of
from ketter_gui.service.service import Service
from tests.service.conftest import carried_out, request_for
from tests.service.test_resuming import dead_at

if sys.platform != "linux":
    pytest.skip("the session's D-Bus is Linux's", allow_module_level=True)
if shutil.which("dbus-daemon") is None:
    pytest.skip("needs dbus-daemon", allow_module_level=True)

from tests.system.notification_bus import Server, server, session_bus


@pytest.fixture
def desktop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with session_bus() as address, server(address, "body") as made:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        yield made


def card(tmp_path: Path, name: str, files: int) -> tuple[Path, Path]:
    source, drive = tmp_path / name, tmp_path / f"to {name}"
    source.mkdir()
    drive.mkdir()
    for number in range(files):
        (source / f"{number}.mov").write_bytes(os.urandom(1000))
    return source, drive


def copied(service: Service, tmp_path: Path, name: str, files: int) -> None:
    source, drive = card(tmp_path, name, files)
    carried_out(service, request_for([source], [drive]))


def test_what_became_of_transfers_is_told_and_nothing_while_it_is_off(
    data_dir: Path, tmp_path: Path, desktop: Server
) -> None:
    with Service(data_dir) as service:
        service.tell_news()
        service.change_setting("notify.desktop", "off")
        copied(service, tmp_path, "quiet", 1)
    assert desktop.sent == []
    with Service(data_dir) as service:
        service.tell_news()
        service.change_setting("notify.desktop", "on")
        service.change_setting("notify.sound", "on")
        copied(service, tmp_path, "A001", 3)
        (first,) = desktop.wait_for(1)
        copied(service, tmp_path, "A002", 2)
    # What was held for the burst is told at the end, in the same bubble.
    _, second = desktop.wait_for(2)
    assert first[3:5] == ("A001 is done", "3 files are verified.")
    assert first[6]["sound-name"] == ("s", "complete")
    assert second[1] == 11
    assert second[3:5] == ("2 transfers are done", "A001, A002")


def test_a_transfer_that_waits_for_its_drive_is_told_to_wait(
    data_dir: Path, tmp_path: Path, desktop: Server
) -> None:
    source, drive = card(tmp_path, "A001", 2)
    other = tmp_path / "other"  # to one drive alone a move would only rename
    other.mkdir()
    dead_at("remove:remove_file", data_dir, source, drive, other, mode=Mode.MOVE)
    drive.rename(tmp_path / "gone")
    with Service(data_dir) as service:
        service.tell_news()
        (view,) = service.interrupted()
        service.resume(view.id)
        (sent,) = desktop.wait_for(1)
    assert sent[3] == "A001 waits"
    assert str(drive) in sent[4] and sent[4].endswith("It goes on by itself.")
    assert len(desktop.sent) == 1, "closing the program is no news"


def test_what_was_read_back_from_memory_is_not_told_to_be_verified(
    service: Service, tmp_path: Path
) -> None:
    source, drive = card(tmp_path, "A001", 2)
    view = service.transfer(carried_out(service, request_for([source], [drive])))
    assert end_of(view) == TransferDone(view.id, "A001", 2, 0)
    assert end_of(replace(view, copies_from_cache=1)) == TransferDone(view.id, "A001", 0, 2)
    assert end_of(replace(view, status=TransferStatus.CANCELLED)) is None
    assert end_of(replace(view, status=TransferStatus.INTERRUPTED)) is None
    failed = replace(view, status=TransferStatus.FAILED, message="Why.")
    assert end_of(failed) == TransferFailed(view.id, "A001", 0, "Why.")


def test_a_transfer_ends_as_ever_where_no_desktop_is(
    data_dir: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/none")
    caplog.set_level(logging.INFO)
    with Service(data_dir) as service:
        service.tell_news()
        source, drive = card(tmp_path, "A001", 1)
        transfer = carried_out(service, request_for([source], [drive]))
        assert service.transfer(transfer).status is TransferStatus.COMPLETED
    assert "the desktop shows no notifications" in caplog.text
