"""Transfers through the service: created, paused, cancelled, resumed, recorded."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from ketter_gui.domain.errors import ClaimHeld, NoSuchTransfer, TransferNotResumable
from ketter_gui.domain.limits import MIB
from ketter_gui.domain.options import Mode
from ketter_gui.domain.status import CopyStatus, TransferStatus
from ketter_gui.service.service import Service
from tests.builders import camera_card, drive, leftovers, odd_card, payload, tree_of
from tests.service.conftest import carried_out, request_for


@pytest.fixture
def drives(tmp_path: Path) -> list[Path]:
    return [drive(tmp_path, "DRIVE_A"), drive(tmp_path, "DRIVE_B")]


def big_card(folder: Path, files: int = 12) -> Path:
    """Enough bytes that a test can act while they are copied."""
    card = folder / "BIG"
    card.mkdir()
    for number in range(files):
        (card / f"{number:02d}.mov").write_bytes(payload(8 * MIB, number))
    return card


def wait_until_at_work(service: Service, transfer: int) -> None:
    """Return when the first file of a transfer is verified."""
    until = time.monotonic() + 30
    while service.transfer(transfer).bytes_verified == 0:
        assert time.monotonic() < until
        threading.Event().wait(0.005)


def test_a_copy_is_verified_and_every_fact_is_in_the_ledger(
    service: Service, tmp_path: Path, drives: list[Path]
) -> None:
    card = camera_card(tmp_path)
    transfer = carried_out(service, request_for([card.path], drives))
    view = service.transfer(transfer)
    assert view.status is TransferStatus.COMPLETED
    assert view.files_verified == view.files_total == len(card.files())
    assert view.bytes_verified == view.bytes_total == view.bytes_copied
    for item in service.items(transfer):
        assert {copy.status for copy in item.copies} == {CopyStatus.VERIFIED}
        if item.checksums:
            digest = card.files()[os.fsencode(item.path.text).split(b"/", 1)[1]]
            assert item.checksums == (("sha256", digest),)
            assert all(copy.checksums == item.checksums for copy in item.copies)
    events = [line.event for line in service.timeline(transfer)]
    assert events[0] == "TRANSFER_CREATED"
    assert events[-1] == "TRANSFER_COMPLETED"
    assert events.count("CHECKSUM_CALCULATED") == len(card.files())
    assert service.verify_audit().entries >= len(events)


def test_odd_names_come_through_ledger_and_audit(
    service: Service, tmp_path: Path, drives: list[Path]
) -> None:
    card = odd_card(tmp_path)
    transfer = carried_out(service, request_for([card.path], drives))
    assert service.transfer(transfer).status is TransferStatus.COMPLETED
    assert tree_of(drives[0] / "odd") == card.files()
    assert service.transfer(transfer).special_skipped == 1
    left_out = [one for one in service.timeline(transfer) if one.event == "ITEM_SKIPPED"]
    assert "FIFO" in left_out[0].message


def test_an_empty_folder_is_a_transfer_of_nothing_that_is_verified(
    service: Service, tmp_path: Path, drives: list[Path]
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    transfer = carried_out(service, request_for([empty], drives))
    assert service.transfer(transfer).status is TransferStatus.COMPLETED
    assert (drives[1] / "empty").is_dir()


def test_a_pause_holds_and_a_resume_goes_on(
    service: Service, tmp_path: Path, drives: list[Path]
) -> None:
    card = big_card(tmp_path)
    transfer = service.create(request_for([card], drives))
    wait_until_at_work(service, transfer)
    service.pause(transfer)
    assert service.transfer(transfer).status is TransferStatus.PAUSED
    assert not service.wait(transfer, 0.3)
    service.resume(transfer)
    assert service.wait(transfer, 60)
    assert service.transfer(transfer).status is TransferStatus.COMPLETED
    assert tree_of(drives[0] / "BIG") == tree_of(card)


def test_a_cancel_keeps_what_is_proven_and_removes_parts(
    service: Service, tmp_path: Path, drives: list[Path]
) -> None:
    card = big_card(tmp_path)
    transfer = service.create(request_for([card], drives))
    wait_until_at_work(service, transfer)
    service.cancel(transfer)
    assert service.wait(transfer, 60)
    assert service.transfer(transfer).status is TransferStatus.CANCELLED
    assert leftovers(drives[0]) == leftovers(drives[1]) == []
    whole = tree_of(card)
    assert all(whole[name] == digest for name, digest in tree_of(drives[0] / "BIG").items())
    with pytest.raises(TransferNotResumable):
        service.resume(transfer)


def test_two_moves_never_hold_one_source(
    service: Service, tmp_path: Path, drives: list[Path]
) -> None:
    card = big_card(tmp_path)
    first = service.create(request_for([card], drives[:1], Mode.MOVE))
    for again in (card, card / "00.mov"):
        with pytest.raises(ClaimHeld):
            service.create(request_for([again], drives[1:], Mode.MOVE))
    assert service.wait(first, 60)
    assert tree_of(card) == {}


def test_a_failed_copy_can_be_retried_without_copying_the_rest_again(
    service: Service, tmp_path: Path, drives: list[Path]
) -> None:
    card = camera_card(tmp_path)
    in_the_way = drives[1] / "A001"
    in_the_way.write_text("a file where a folder has to be")
    transfer = carried_out(service, request_for([card.path], drives))
    view = service.transfer(transfer)
    assert view.status is TransferStatus.FAILED
    assert view.failed
    assert "is different" in view.failed[0].message
    in_the_way.unlink()
    service.retry(transfer)
    assert service.wait(transfer, 60)
    assert service.transfer(transfer).status is TransferStatus.COMPLETED
    assert tree_of(drives[1] / "A001") == card.files()


def test_unknown_numbers_are_a_sentence(service: Service) -> None:
    with pytest.raises(NoSuchTransfer):
        service.transfer(99)
    with pytest.raises(NoSuchTransfer):
        service.resume(99)


def test_closing_leaves_a_running_transfer_to_be_resumed(
    data_dir: Path, tmp_path: Path, drives: list[Path]
) -> None:
    card = big_card(tmp_path)
    with Service(data_dir) as service:
        transfer = service.create(request_for([card], drives))
        wait_until_at_work(service, transfer)
    with Service(data_dir) as service:
        assert [one.id for one in service.interrupted()] == [transfer]
        service.resume(transfer)
        assert service.wait(transfer, 60)
        assert service.transfer(transfer).status is TransferStatus.COMPLETED
        assert service.verify_audit().entries > 0
    assert tree_of(drives[0] / "BIG") == tree_of(drives[1] / "BIG") == tree_of(card)
    assert leftovers(tmp_path) == []


_KILLED = """
import sys
from pathlib import Path
from ketter_gui.domain.options import Mode, Request
from ketter_gui.service.service import Service
data, card, one, two, mode = sys.argv[1:]
service = Service(Path(data))
transfer = service.create(
    Request((card.encode(),), (one.encode(), two.encode()), Mode(mode))
)
print(transfer, flush=True)
service.wait(transfer, 60)
service.close()
"""


@pytest.mark.parametrize("mode", [Mode.COPY, Mode.MOVE])
@pytest.mark.parametrize("after_s", [0.05, 0.15, 0.3, 0.5])
def test_a_killed_process_loses_nothing_and_doubles_nothing(
    data_dir: Path, tmp_path: Path, drives: list[Path], mode: Mode, after_s: float
) -> None:
    """P5, with SIGKILL at whatever moment `after_s` finds it in."""
    card = big_card(tmp_path)
    before = tree_of(card)
    paths = [str(path) for path in (data_dir, card, *drives)]
    process = subprocess.Popen(
        [sys.executable, "-c", _KILLED, *paths, mode.value], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    transfer = int(process.stdout.readline())
    threading.Event().wait(after_s)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    with Service(data_dir) as service:
        if service.transfer(transfer).status is TransferStatus.INTERRUPTED:
            service.resume(transfer)
            assert service.wait(transfer, 60)
        assert service.transfer(transfer).status is TransferStatus.COMPLETED
        assert service.verify_audit().entries > 0
    assert tree_of(drives[0] / "BIG") == tree_of(drives[1] / "BIG") == before
    assert tree_of(card) == ({} if mode is Mode.MOVE else before)
    assert [*map(leftovers, (card, *drives))] == [[], [], []]


def test_another_process_can_pause_and_cancel(
    data_dir: Path, tmp_path: Path, drives: list[Path]
) -> None:
    card = big_card(tmp_path, files=40)
    paths = [str(path) for path in (data_dir, card, *drives)]
    with subprocess.Popen(
        [sys.executable, "-c", _KILLED, *paths, "copy"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        transfer = int(process.stdout.readline())
        with Service(data_dir) as service:
            service.cancel(transfer)
            assert process.wait(60) == 0
            assert service.transfer(transfer).status in (
                TransferStatus.CANCELLED,
                TransferStatus.COMPLETED,
            )
    assert leftovers(tmp_path) == []
