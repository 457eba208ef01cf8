"""Pause, resume and cancel at the worst moments: no transfer is lost, stuck or misnamed."""

from __future__ import annotations

import errno
import os
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ketter_gui.disk.folder import Folder
from ketter_gui.disk.writing import create_part
from ketter_gui.domain.errors import DiskFull, LedgerBusy
from ketter_gui.domain.limits import MIB
from ketter_gui.domain.status import TransferStatus
from ketter_gui.engine import parts
from ketter_gui.engine.plan import Bench
from ketter_gui.evidence.manifests.listed import Outcome
from ketter_gui.queue import scheduler, worker
from ketter_gui.queue.books import Books
from ketter_gui.queue.runs import Run
from ketter_gui.service.service import Service
from tests.builders import drive, leftovers, payload, tree_of
from tests.disk.mounting import tmpfs
from tests.service.conftest import request_for
from tests.service.test_resuming import dead_at


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mov"
    path.write_bytes(payload(100_000, 1))
    return path


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return drive(tmp_path, "DRIVE")


@pytest.fixture
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "_TRY_AGAIN_S", 0.1)
    monkeypatch.setattr(scheduler, "_TICK_S", 0.05)
    monkeypatch.setattr(scheduler, "_LOOK_FOR_DEAD_S", 0.5)


def until(service: Service, transfer: int, *wanted: TransferStatus, within_s: float = 20) -> None:
    end = time.monotonic() + within_s
    while (status := service.transfer(transfer).status) not in wanted:
        assert time.monotonic() < end, status
        time.sleep(0.01)


def acting(monkeypatch: pytest.MonkeyPatch, step: str, act: Callable[[int], None]) -> None:
    """Act once, in the worker's own thread, right before a step of it."""
    whole = getattr(worker, step)
    acted: list[int] = []

    def do(bench: Bench, *rest: object) -> None:
        if not acted:
            acted.append(1)
            act(bench.plan.transfer)
        whole(bench, *rest)

    monkeypatch.setattr(worker, step, do)


def full_once(monkeypatch: pytest.MonkeyPatch, before: Callable[[], None]) -> None:
    """The first part meets a full drive."""
    met: list[int] = []

    def create(folder: Folder, name: bytes) -> int:
        if not met:
            met.append(1)
            before()
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return create_part(folder, name)

    monkeypatch.setattr(parts, "create_part", create)


def test_a_pause_after_the_last_byte_does_not_fail_the_transfer(
    data_dir: Path, clip: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Service(data_dir) as service:
        acting(monkeypatch, "note_losses", service.pause)
        transfer = service.create(request_for([clip], [target]))
        assert service.wait(transfer, 20)
        assert service.transfer(transfer).status is TransferStatus.COMPLETED


def test_a_pause_while_preparing_is_shown_and_can_be_ended(
    data_dir: Path, clip: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Service(data_dir) as service:
        acting(monkeypatch, "preflight", service.pause)
        transfer = service.create(request_for([clip], [target]))
        until(service, transfer, TransferStatus.PAUSED)
        assert not service.wait(transfer, 0.3)
        assert service.transfer(transfer).status is TransferStatus.PAUSED
        service.resume(transfer)
        assert service.wait(transfer, 20)
        assert service.transfer(transfer).status is TransferStatus.COMPLETED


def test_a_pause_that_is_over_before_preflight_is_leaves_no_trace(
    data_dir: Path, clip: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Service(data_dir) as service:

        def think_twice(transfer: int) -> None:
            service.pause(transfer)
            service.resume(transfer)

        acting(monkeypatch, "preflight", think_twice)
        transfer = service.create(request_for([clip], [target]))
        assert service.wait(transfer, 20)
        assert service.transfer(transfer).status is TransferStatus.COMPLETED


def test_a_drive_that_fills_up_while_somebody_pauses_can_be_resumed(
    data_dir: Path, clip: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Service(data_dir) as service:
        full_once(monkeypatch, lambda: service.pause(1))
        transfer = service.create(request_for([clip], [target]))
        assert service.wait(transfer, 20)
        view = service.transfer(transfer)
        assert view.status is TransferStatus.PAUSED
        assert "is full" in view.message
        service.resume(transfer)
        assert service.wait(transfer, 20)
        assert service.transfer(transfer).status is TransferStatus.COMPLETED


@pytest.mark.parametrize("ends", ["resume", "cancel"])
def test_what_waits_can_be_paused(
    data_dir: Path, clip: Path, target: Path, monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    with Service(data_dir) as service:
        full_once(monkeypatch, lambda: None)
        transfer = service.create(request_for([clip], [target]))
        until(service, transfer, TransferStatus.WAITING)
        assert service.wait(transfer, 20)
        service.pause(transfer)
        assert service.transfer(transfer).status is TransferStatus.PAUSED
        if ends == "resume":
            service.resume(transfer)
            until(service, transfer, TransferStatus.COMPLETED)
        else:
            service.cancel(transfer)
            until(service, transfer, TransferStatus.CANCELLED)
    assert leftovers(target) == []


def test_a_copy_that_failed_does_not_trip_the_next_try_of_the_others(
    data_dir: Path,
    clip: Path,
    tmp_path: Path,
    target: Path,
    monkeypatch: pytest.MonkeyPatch,
    quick_retries: None,
) -> None:
    other = drive(tmp_path, "OTHER")
    (other / "clip.mov").write_bytes(b"something else")
    with Service(data_dir) as service:
        full_once(monkeypatch, lambda: None)
        transfer = service.create(request_for([clip], [other, target]))
        until(service, transfer, TransferStatus.FAILED)
        assert service.transfer(transfer).message.startswith("1 copy failed")
    assert (target / "clip.mov").read_bytes() == clip.read_bytes()


def test_a_full_drive_is_waited_for_however_long_it_takes(
    data_dir: Path, tmp_path: Path, quick_retries: None
) -> None:
    """Preflight finds no room at the next try: still a reason to wait, not to fail."""
    card = tmp_path / "card"
    card.mkdir()
    for number in range(6):
        (card / f"{number}.mov").write_bytes(payload(6 * MIB, number))
    with tmpfs(tmp_path, "small", "60m") as small, Service(data_dir) as service:
        theirs = small / "theirs"

        def fill() -> None:
            theirs.write_bytes(bytes(22 * MIB))

        patch = pytest.MonkeyPatch()
        with patch.context() as once:
            full_once(once, fill)
            transfer = service.create(request_for([card], [small]))
            until(service, transfer, TransferStatus.WAITING)
        end = time.monotonic() + 1
        while time.monotonic() < end:
            assert service.transfer(transfer).status in (
                TransferStatus.WAITING,
                TransferStatus.PREPARING,
            )
        end = time.monotonic() + 20
        while not isinstance(service.failure(transfer), DiskFull):  # there is none while it tries
            assert time.monotonic() < end
        theirs.unlink()
        until(service, transfer, TransferStatus.COMPLETED)
        assert tree_of(small / "card") == tree_of(card)


def test_a_ledger_that_cannot_be_told_is_waited_for(
    data_dir: Path,
    clip: Path,
    target: Path,
    monkeypatch: pytest.MonkeyPatch,
    quick_retries: None,
) -> None:
    with Service(data_dir) as service:
        ended, refused = Books.ended, list(range(3))

        def refuse(*_args: object) -> None:
            raise LedgerBusy(os.fsencode(data_dir))

        def busy(books: Books, run: Run, left: Outcome) -> None:
            if refused:
                refused.pop()
                refuse()
            ended(books, run, left)

        monkeypatch.setattr(Books, "ended", busy)
        monkeypatch.setattr(Books, "waiting", refuse)
        transfer = service.create(request_for([clip], [target]))
        until(service, transfer, TransferStatus.COMPLETED)


def test_a_wish_that_cannot_be_granted_holds_up_nothing_else(
    data_dir: Path,
    clip: Path,
    target: Path,
    monkeypatch: pytest.MonkeyPatch,
    quick_retries: None,
) -> None:
    with Service(data_dir) as service:
        full_once(monkeypatch, lambda: None)
        wishes = Books.wishes
        monkeypatch.setattr(Books, "wishes", lambda books: ((1, "pause"), *wishes(books)))
        monkeypatch.setattr(
            scheduler.Scheduler, "pause", lambda *_: (_ for _ in ()).throw(LedgerBusy(b""))
        )
        transfer = service.create(request_for([clip], [target]))
        until(service, transfer, TransferStatus.COMPLETED)


def test_nothing_is_completed_while_a_copy_is_not_at_its_end(
    data_dir: Path, clip: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever fault of ours lets an item fall through: it is never called done."""
    with Service(data_dir) as service:
        with monkeypatch.context() as patch:
            patch.setattr(worker, "carry_out", lambda *_, **__: None)
            transfer = service.create(request_for([clip], [target]))
            assert service.wait(transfer, 20)
        assert service.transfer(transfer).status is TransferStatus.FAILED
        service.retry(transfer)
        assert service.wait(transfer, 20)
        assert service.transfer(transfer).status is TransferStatus.COMPLETED


def test_closing_while_paused_leaves_it_interrupted(
    data_dir: Path, clip: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Service(data_dir) as service:
        acting(monkeypatch, "preflight", service.pause)
        transfer = service.create(request_for([clip], [target]))
        until(service, transfer, TransferStatus.PAUSED)
    with Service(data_dir) as service:
        assert [one.id for one in service.interrupted()] == [transfer]
        service.resume(transfer)
        assert service.wait(transfer, 20)
        assert service.transfer(transfer).status is TransferStatus.COMPLETED


def test_any_order_of_pauses_and_resumes_comes_to_a_good_end(
    data_dir: Path, tmp_path: Path, target: Path
) -> None:
    cards = []
    for number in range(4):
        card = tmp_path / f"card{number}"
        card.mkdir()
        for name in range(60):
            (card / f"{name}.mov").write_bytes(payload(200_000, name))
        cards.append(card)
    with Service(data_dir) as service:
        ids = [service.create(request_for([card], [target])) for card in cards]
        stop = threading.Event()

        def fidget(seed: int) -> None:
            dice = random.Random(seed)
            while not stop.is_set():
                transfer = dice.choice(ids)
                dice.choice([service._scheduler.pause, service._scheduler.resume])(transfer)

        fidgets = [threading.Thread(target=fidget, args=(seed,)) for seed in range(3)]
        for one in fidgets:
            one.start()
        time.sleep(3)
        stop.set()
        for one in fidgets:
            one.join()
        for transfer in ids:
            service._scheduler.resume(transfer)
            assert service.wait(transfer, 60)
            assert service.transfer(transfer).status is TransferStatus.COMPLETED
    for card in cards:
        assert tree_of(target / card.name) == tree_of(card)


def test_what_a_dead_process_leaves_is_noticed_without_a_restart(
    data_dir: Path, clip: Path, target: Path, quick_retries: None
) -> None:
    with Service(data_dir) as service:
        dead_at("run:verify_parts", data_dir, clip, target)
        until(service, 1, TransferStatus.INTERRUPTED)
