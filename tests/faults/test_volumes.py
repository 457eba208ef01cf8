"""A volume that goes away, comes back, comes back elsewhere, or is another one: real ones.

What is known is the volume, never the place where it was mounted.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from ketter_gui.domain.errors import VolumeGone, VolumeReplaced
from ketter_gui.domain.limits import MIB
from ketter_gui.domain.options import Mode
from ketter_gui.domain.status import TransferStatus
from ketter_gui.queue import scheduler
from ketter_gui.service.service import Service
from tests.builders import drive, leftovers, payload, tree_of
from tests.disk.mounting import Disk, disk
from tests.service.conftest import carried_out, request_for

pytestmark = pytest.mark.usefixtures("quick_retries")


@pytest.fixture
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "_TRY_AGAIN_S", 0.2)
    monkeypatch.setattr(scheduler, "_TICK_S", 0.05)


@pytest.fixture
def service(data_dir: Path) -> Iterator[Service]:
    with Service(data_dir) as opened:
        yield opened


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """Where drives are mounted; nothing is at the end."""
    path = tmp_path / "MEDIA"
    path.mkdir()
    yield path
    while subprocess.run(["umount", "--lazy", str(path)], capture_output=True).returncode == 0:
        continue


@pytest.fixture
def mine(tmp_path: Path) -> Iterator[Disk]:
    with disk(tmp_path, "mine") as made:
        yield made


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Disk]:
    with disk(tmp_path, "other") as made:
        yield made


def card_of(folder: Path, name: str = "A001", files: int = 6) -> Path:
    card = folder / name
    card.mkdir()
    for number in range(files):
        (card / f"{number}.mov").write_bytes(payload(6 * MIB, number))
    return card


def until(fact: Callable[[], bool], within_s: float = 55) -> None:
    end = time.monotonic() + within_s
    while not fact():
        assert time.monotonic() < end
        time.sleep(0.01)


def has(service: Service, transfer: int, status: TransferStatus) -> Callable[[], bool]:
    return lambda: service.transfer(transfer).status is status


def waits_for(service: Service, transfer: int, kind: type[VolumeGone]) -> Callable[[], bool]:
    return lambda: (
        type(service.failure(transfer)) is kind
        and service.transfer(transfer).status is TransferStatus.WAITING
    )


def held_midway(service: Service, transfer: int) -> None:
    until(lambda: service.transfer(transfer).files_verified > 0)
    service.pause(transfer)
    until(has(service, transfer, TransferStatus.PAUSED))
    assert service.transfer(transfer).files_verified < service.transfer(transfer).files_total


def held_open(place: Path) -> list[str]:
    """What this process has open on a drive: it could not be unmounted."""
    found = []
    for number in os.listdir("/proc/self/fd"):
        with suppress(OSError):
            found.append(os.readlink(f"/proc/self/fd/{number}"))
    return [path for path in found if path.startswith(str(place))]


def test_a_destination_that_is_pulled_makes_its_transfer_wait_and_no_other(
    service: Service, tmp_path: Path, place: Path, mine: Disk, other: Disk
) -> None:
    card = card_of(tmp_path)
    mine.mount(place)
    transfer = service.create(request_for([card], [place]))
    held_midway(service, transfer)
    proven = service.transfer(transfer).files_verified
    Disk.pull(place)
    service.resume(transfer)
    until(waits_for(service, transfer, VolumeGone))
    assert os.listdir(place) == []  # nothing went to the disk below

    beside = carried_out(service, request_for([card], [drive(tmp_path, "BESIDE")]))
    assert service.transfer(beside).status is TransferStatus.COMPLETED

    other.mount(place)
    until(waits_for(service, transfer, VolumeReplaced))
    until(lambda: "Another drive is at" in service.transfer(transfer).message)
    assert os.listdir(place) == ["lost+found"]
    Disk.pull(place)

    mine.mount(place)
    until(has(service, transfer, TransferStatus.COMPLETED))
    assert tree_of(place / "A001") == tree_of(card)
    assert leftovers(place) == []
    rows = service.ledger.audit_rows(transfer=transfer)
    assert sum("CHECKSUM_CALCULATED" in row for row in rows) <= 6 + 6 - proven


def events(service: Service, transfer: int, word: str) -> int:
    return sum(word in row for row in service.ledger.audit_rows(transfer=transfer, limit=10_000))


def test_the_audit_tells_once_of_a_drive_that_is_away_for_long(
    service: Service, tmp_path: Path, place: Path, mine: Disk
) -> None:
    card = card_of(tmp_path)
    mine.mount(place)
    transfer = service.create(request_for([card], [place]))
    held_midway(service, transfer)
    Disk.pull(place)
    service.resume(transfer)
    tries: set[float] = set()

    def is_tried_often() -> bool:
        run = service._scheduler.run_of(transfer)
        assert run is not None
        tries.add(run.retry_at_s)
        return len(tries) > 8

    until(is_tried_often)
    assert events(service, transfer, "VolumeGone") <= 2  # by the file it met, by the drive
    before = events(service, transfer, "TRANSFER_RESUMED")
    mine.mount(place)
    until(has(service, transfer, TransferStatus.COMPLETED))
    assert events(service, transfer, "TRANSFER_RESUMED") == before + 1


def test_a_card_that_is_pulled_is_waited_for_and_another_one_is_not_read(
    service: Service, tmp_path: Path, place: Path, mine: Disk, other: Disk
) -> None:
    """Cards have the same folders and names: a swapped one must not complete the first."""
    mine.mount(place)
    card = card_of(place)
    wanted = tree_of(card)
    to = drive(tmp_path, "DRIVE")
    transfer = service.create(request_for([card], [to], Mode.MOVE))
    held_midway(service, transfer)
    left = tree_of(card)
    Disk.pull(place)
    other.mount(place)
    impostor = card_of(place)
    for path in impostor.iterdir():
        path.write_bytes(b"another take")
    service.resume(transfer)
    until(waits_for(service, transfer, VolumeReplaced))
    assert len(tree_of(impostor)) == 6
    Disk.pull(place)
    mine.mount(place)
    assert tree_of(card).keys() <= left.keys()
    until(has(service, transfer, TransferStatus.COMPLETED))
    assert tree_of(to / "A001") == wanted
    assert tree_of(card) == {}


def test_the_same_drive_at_another_place_is_the_same_drive(
    service: Service, tmp_path: Path, place: Path, mine: Disk
) -> None:
    """Desktops mount a card at NAME1 when NAME is still in the way."""
    card = card_of(tmp_path)
    mine.mount(place)
    (place / "backup").mkdir()
    transfer = service.create(request_for([card], [place / "backup"]))
    held_midway(service, transfer)
    Disk.pull(place)
    elsewhere = tmp_path / "MEDIA1"
    mine.mount(elsewhere)
    try:
        service.resume(transfer)
        until(has(service, transfer, TransferStatus.COMPLETED))
        assert tree_of(elsewhere / "backup" / "A001") == tree_of(card)
        assert leftovers(elsewhere) == []
        assert os.listdir(place) == []
    finally:
        Disk.pull(elsewhere)


def test_a_drive_that_is_away_at_a_restart_is_waited_for_and_nothing_is_made_in_its_place(
    data_dir: Path, tmp_path: Path, place: Path, mine: Disk
) -> None:
    card = card_of(tmp_path)
    mine.mount(place)
    with Service(data_dir) as service:
        transfer = service.create(request_for([card], [place / "new"]))
        held_midway(service, transfer)
    Disk.pull(place)
    with Service(data_dir) as service:
        service.resume(transfer)
        until(waits_for(service, transfer, VolumeGone))
        assert os.listdir(place) == []
        mine.mount(place)
        until(has(service, transfer, TransferStatus.COMPLETED))
        assert tree_of(place / "new" / "A001") == tree_of(card)


def test_a_drive_that_goes_before_its_folder_is_made_gets_none_on_the_disk_below(
    service: Service, tmp_path: Path, place: Path, mine: Disk
) -> None:
    card = card_of(tmp_path, files=1)
    first = card_of(tmp_path, "A000")
    mine.mount(place)
    blocking = service.create(request_for([first], [place]))
    until(lambda: service.transfer(blocking).bytes_copied > 0)
    service.pause(blocking)
    transfer = service.create(request_for([card], [place / "new"]))
    assert service.transfer(transfer).waits_for == blocking
    Disk.pull(place)
    service.resume(blocking)
    until(waits_for(service, transfer, VolumeGone))
    assert os.listdir(place) == []
    service.cancel(blocking)
    mine.mount(place)
    until(has(service, transfer, TransferStatus.COMPLETED))
    assert tree_of(place / "new" / "A001") == tree_of(card)


def _served_by(device: str) -> int:
    """The process that serves a FUSE mount of this device."""
    for number in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError):
            words = Path(f"/proc/{number}/cmdline").read_bytes().split(b"\0")
            if b"exfat" in words[0] and os.fsencode(device) in words:
                return int(number)
    raise AssertionError(f"nobody serves {device}")


def test_a_file_system_whose_program_dies_is_a_volume_that_is_gone(
    service: Service, tmp_path: Path, place: Path
) -> None:
    """What a pulled exFAT card looks like: every call fails with ENOTCONN."""
    card = card_of(tmp_path)
    with disk(tmp_path, "card", kind="exfat") as mine, disk(tmp_path, "x", kind="exfat") as other:
        mine.mount(place)
        transfer = service.create(request_for([card], [place]))
        held_midway(service, transfer)
        os.kill(_served_by(mine.device), signal.SIGKILL)
        service.resume(transfer)
        until(waits_for(service, transfer, VolumeGone))
        until(lambda: held_open(place) == [])
        Disk.pull(place)
        other.mount(place)
        until(waits_for(service, transfer, VolumeReplaced))
        assert os.listdir(place) == []
        subprocess.run(["umount", str(place)], check=True)
        mine.mount(place)
        until(has(service, transfer, TransferStatus.COMPLETED))
        assert tree_of(place / "A001") == tree_of(card)
        assert leftovers(place) == []
        subprocess.run(["umount", str(place)], check=True)
