"""The scheduler through the service: lanes, order, pauses before the start, quitting."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from ketter_gui.domain.errors import DiskFull, NotEnoughSpace
from ketter_gui.domain.limits import MIB
from ketter_gui.domain.status import TransferStatus
from ketter_gui.service.service import Service
from tests.builders import leftovers, payload, tree_of
from tests.disk.mounting import tmpfs
from tests.service.conftest import request_for


def card(folder: Path, name: str, files: int = 6) -> Path:
    path = folder / name
    path.mkdir()
    for number in range(files):
        (path / f"{number}.mov").write_bytes(payload(8 * MIB, number))
    return path


def test_a_transfer_waits_for_the_lanes_of_an_older_one(data_dir: Path, tmp_path: Path) -> None:
    drive = tmp_path / "drive"
    drive.mkdir()
    with Service(data_dir) as service:
        first = service.create(request_for([card(tmp_path, "A001")], [drive]))
        second = service.create(request_for([card(tmp_path, "A002")], [drive]))
        view = service.transfer(second)
        assert view.status is TransferStatus.PENDING
        assert view.waits_for == first
        assert service.wait(second, 60)
        assert service.transfer(first).status is TransferStatus.COMPLETED
        assert service.transfer(second).status is TransferStatus.COMPLETED


def test_a_waiting_transfer_can_be_paused_and_cancelled(data_dir: Path, tmp_path: Path) -> None:
    drive = tmp_path / "drive"
    drive.mkdir()
    with Service(data_dir) as service:
        service.create(request_for([card(tmp_path, "A001", files=12)], [drive]))
        second = service.create(request_for([card(tmp_path, "A002")], [drive]))
        service.pause(second)
        assert service.transfer(second).status is TransferStatus.PAUSED
        service.resume(second)
        assert service.transfer(second).status is TransferStatus.PENDING
        service.cancel(second)
        assert service.wait(second, 60)
        assert service.transfer(second).status is TransferStatus.CANCELLED
    assert not (drive / "A002").exists()


def test_a_transfer_that_does_not_fit_is_refused_before_a_byte_is_written(
    data_dir: Path, tmp_path: Path
) -> None:
    source = card(tmp_path, "A001", files=2)
    with tmpfs(tmp_path, "small", "4m") as small, Service(data_dir) as service:
        transfer = service.create(request_for([source], [small]))
        assert service.wait(transfer, 60)
        assert isinstance(service.failure(transfer), NotEnoughSpace)
        assert service.transfer(transfer).status is TransferStatus.FAILED
        assert list(small.iterdir()) == []


def test_a_disk_that_fills_up_makes_the_transfer_wait_and_it_goes_on_after(
    data_dir: Path, tmp_path: Path
) -> None:
    """Preflight finds room for it; then somebody else takes that room."""
    source = card(tmp_path, "A001", files=8)
    with tmpfs(tmp_path, "small", "80m") as small, Service(data_dir) as service:
        transfer = service.create(request_for([source], [small]))
        until = time.monotonic() + 30
        while service.transfer(transfer).bytes_verified == 0:
            assert time.monotonic() < until
        service.pause(transfer)
        theirs = small / "theirs"
        free = os.statvfs(small).f_bavail * os.statvfs(small).f_frsize
        theirs.write_bytes(bytes(free - MIB))
        service.resume(transfer)
        assert service.wait(transfer, 60)
        assert isinstance(service.failure(transfer), DiskFull)
        assert service.transfer(transfer).status is TransferStatus.WAITING
        assert leftovers(small) == []
        theirs.unlink()
        service.resume(transfer)
        while service.transfer(transfer).status is not TransferStatus.COMPLETED:
            assert time.monotonic() < until
            service.wait(transfer, 1)
        assert tree_of(small / "A001") == tree_of(source)


def test_closing_at_once_leaves_everything_resumable(data_dir: Path, tmp_path: Path) -> None:
    drive = tmp_path / "drive"
    drive.mkdir()
    one, two = card(tmp_path, "A001"), card(tmp_path, "A002")
    with Service(data_dir) as service:
        ids = [service.create(request_for([each], [drive])) for each in (one, two)]
    with Service(data_dir) as service:
        waiting = {view.id for view in service.interrupted()}
        for transfer in ids:
            if transfer in waiting:
                service.resume(transfer)
                assert service.wait(transfer, 60)
            assert service.transfer(transfer).status is TransferStatus.COMPLETED
    assert tree_of(drive / "A001") == tree_of(one)
    assert tree_of(drive / "A002") == tree_of(two)


def test_no_descriptor_or_thread_outlives_the_service(data_dir: Path, tmp_path: Path) -> None:
    drive = tmp_path / "drive"
    drive.mkdir()
    before = len(os.listdir("/proc/self/fd"))
    with Service(data_dir) as service:
        transfer = service.create(request_for([card(tmp_path, "A001")], [drive]))
        assert service.wait(transfer, 60)
    assert len(os.listdir("/proc/self/fd")) == before


pytestmark = pytest.mark.filterwarnings("error::ResourceWarning")
