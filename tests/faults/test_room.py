"""Space is reserved, not hoped for (P10): on real file systems, with somebody who fills them."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from ketter_gui.cli.arguments import parse
from ketter_gui.domain.errors import (
    DiskFull,
    KetterError,
    NotEnoughBesideOthers,
    NotEnoughFiles,
    NotEnoughSpace,
    ReserveReached,
    StillFull,
)
from ketter_gui.domain.limits import MIB
from ketter_gui.domain.names import part_name
from ketter_gui.domain.options import Options
from ketter_gui.domain.status import CopyStatus, TransferStatus
from ketter_gui.engine.plan import Bench, Earlier, Work, opened
from ketter_gui.queue import scheduler, worker
from ketter_gui.service.service import Service
from tests.builders import drive, leftovers, payload, tree_of
from tests.disk import mounting
from tests.engine.conftest import make_transfer
from tests.service.conftest import carried_out, request_for


@pytest.fixture
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "_TRY_AGAIN_S", 0.2)
    monkeypatch.setattr(scheduler, "_TICK_S", 0.05)


@pytest.fixture
def service(data_dir: Path) -> Iterator[Service]:
    with Service(data_dir) as opened:
        yield opened


def card_of(folder: Path, name: str = "A001", *, files: int, each_bytes: int) -> Path:
    card = folder / name
    card.mkdir(parents=True)
    for number in range(files):
        (card / f"{number:05d}.mov").write_bytes(payload(each_bytes, number))
    return card


def free_bytes(place: Path) -> int:
    answer = os.statvfs(place)
    return answer.f_bavail * answer.f_frsize


def filled(place: Path, but_bytes: int) -> Path:
    """Somebody else takes the room, all but so much."""
    theirs = place / "theirs"
    # A transfer that was paused may still be at its last chunk: then it is full a bit earlier.
    with suppress(OSError), open(theirs, "wb", buffering=0) as file:
        left = free_bytes(place) - but_bytes
        while left > 0:
            left -= file.write(bytes(min(left, MIB)))
    return theirs


def until(fact: Callable[[], bool], within_s: float = 30) -> None:
    end = time.monotonic() + within_s
    while not fact():
        assert time.monotonic() < end
        time.sleep(0.01)


def paused_midway(service: Service, transfer: int) -> None:
    until(lambda: service.transfer(transfer).bytes_verified > 0)
    service.pause(transfer)
    until(lambda: service.transfer(transfer).status is TransferStatus.PAUSED)


def refusal(service: Service, transfer: int) -> KetterError:
    failure = service.failure(transfer)
    assert failure is not None
    assert service.transfer(transfer).status is TransferStatus.FAILED
    assert service.transfer(transfer).bytes_copied == 0
    return failure


# --- before the first byte -----------------------------------------------------------------


def test_small_files_are_counted_in_the_clusters_that_they_take(
    service: Service, tmp_path: Path
) -> None:
    """1 000 files of 100 bytes are 0.1 MB, and 128 MB of the card's 64."""
    card = card_of(tmp_path, files=1000, each_bytes=100)
    with mounting.exfat(tmp_path, cluster="128K") as place:
        failure = refusal(service, carried_out(service, request_for([card], [place])))
        assert type(failure) is NotEnoughSpace
        assert "needs 144 MB" in str(failure)
        assert os.listdir(place) == []
    with mounting.exfat(tmp_path, "fine", cluster="4K") as place:
        transfer = carried_out(service, request_for([card], [place]))
        assert service.transfer(transfer).status is TransferStatus.COMPLETED


def test_a_drive_that_has_bytes_but_no_inodes_left_is_found_before(
    service: Service, tmp_path: Path
) -> None:
    card = card_of(tmp_path, files=100, each_bytes=10)
    with mounting.ext2(tmp_path, inodes=64) as place:
        failure = refusal(service, carried_out(service, request_for([card], [place])))
        assert type(failure) is NotEnoughFiles
        assert "and 101 are to come" in str(failure)
        assert os.listdir(place) == ["lost+found"]


def test_what_is_there_already_needs_no_room(service: Service, tmp_path: Path) -> None:
    """A card that is offloaded again in the evening, onto a drive that is nearly full."""
    card = card_of(tmp_path, files=8, each_bytes=MIB)
    with mounting.tmpfs(tmp_path, size="11m") as place:
        assert service.transfer(carried_out(service, request_for([card], [place]))).files_verified
        (card / "new.mov").write_bytes(payload(MIB, 99))
        transfer = carried_out(service, request_for([card], [place]))
        view = service.transfer(transfer)
        assert view.status is TransferStatus.COMPLETED
        assert (view.files_verified, view.files_skipped) == (9, 8)
        (card / "too much.mov").write_bytes(payload(4 * MIB, 98))
        failure = refusal(service, carried_out(service, request_for([card], [place])))
        assert "needs 4.6 MB and has 2.1 MB" in str(failure)


def test_a_name_of_the_same_size_is_hoped_for_and_read_all_the_same(
    service: Service, tmp_path: Path
) -> None:
    card = card_of(tmp_path, files=3, each_bytes=MIB)
    with mounting.tmpfs(tmp_path, size="4m") as place:
        theirs = card_of(place, files=3, each_bytes=MIB)
        for path in theirs.iterdir():
            path.write_bytes(payload(MIB, 77))
        before = tree_of(theirs)
        transfer = carried_out(service, request_for([card], [place]))
        assert service.transfer(transfer).status is TransferStatus.FAILED
        assert service.transfer(transfer).files_failed == 3
        assert tree_of(theirs) == before


def test_what_is_to_stay_free_is_no_room(service: Service, tmp_path: Path) -> None:
    card = card_of(tmp_path, files=2, each_bytes=MIB)
    with mounting.tmpfs(tmp_path, size="16m") as place:
        options = Options(reserve_bytes=14 * MIB)
        failure = refusal(
            service, carried_out(service, request_for([card], [place], options=options))
        )
        assert type(failure) is NotEnoughBesideOthers
        assert "beside the 14.7 MB that stay free" in str(failure)
        options = Options(reserve_bytes=10**12)
        failure = refusal(
            service, carried_out(service, request_for([card], [place], options=options))
        )
        assert "Make room for 1.0 TB more" in str(failure)
        options = Options(reserve_bytes=13 * MIB)
        transfer = carried_out(service, request_for([card], [place], options=options))
        assert service.transfer(transfer).status is TransferStatus.COMPLETED
        assert free_bytes(place) >= 13 * MIB


def test_what_is_there_already_takes_nothing_of_what_is_to_stay_free(
    service: Service, tmp_path: Path
) -> None:
    """The same card once more, in the evening: nothing is written, so nothing is waited for."""
    card = card_of(tmp_path, files=8, each_bytes=MIB)
    with mounting.tmpfs(tmp_path, size="16m") as place:
        carried_out(service, request_for([card], [place]))
        options = Options(reserve_bytes=4 * MIB)
        transfer = carried_out(service, request_for([card], [place], options=options))
        view = service.transfer(transfer)
        assert (view.status, view.files_skipped) == (TransferStatus.COMPLETED, 8)


def test_a_part_that_is_gone_on_with_has_its_room_already(tmp_path: Path) -> None:
    """A crash near the end of a big file: its part is there, and what must stay free too."""
    card = card_of(tmp_path, files=1, each_bytes=20 * MIB)
    with mounting.tmpfs(tmp_path, size="64m") as place:
        options = Options(reserve_bytes=30 * MIB)
        transfer = make_transfer([card / "00000.mov"], [place], options=options)
        part = place / os.fsdecode(part_name(b"00000.mov", transfer.plan.token))
        part.write_bytes((card / "00000.mov").read_bytes()[: 19 * MIB])
        part.chmod(0o600)
        with opened(transfer.plan, transfer.journal, transfer.counters, transfer.control) as bench:
            (item,) = transfer.scanned(bench)
        transfer.run([Work(item, (Earlier(0, CopyStatus.COPYING),))], is_resumed=True)
        assert tree_of(place) == tree_of(card)


def test_two_folders_of_one_drive_take_of_one_reserve(tmp_path: Path) -> None:
    """Somebody filled the drive after the check: one copy would still fit, two do not."""
    card = card_of(tmp_path, files=1, each_bytes=20 * MIB)
    with mounting.tmpfs(tmp_path, size="64m") as place:
        folders = [drive(place, "A"), drive(place, "B")]
        transfer = make_transfer([card], folders, options=Options(reserve_bytes=30 * MIB))
        with pytest.raises(ReserveReached):
            transfer.run()
        assert free_bytes(place) > 60 * MIB


def test_the_reserve_of_the_command_line_is_the_transfers(data_dir: Path, tmp_path: Path) -> None:
    card = card_of(tmp_path, files=1, each_bytes=MIB)
    with mounting.tmpfs(tmp_path, size="16m") as place:
        words = ["copy", str(card), "--to", str(place), "--reserve", "16MB", "--quiet"]
        command = parse(words)
        with Service(data_dir) as service:
            assert command.act(service) == 2  # type: ignore[union-attr]
            assert isinstance(service.failure(1), NotEnoughBesideOthers)
        assert os.listdir(place) == []


def test_of_two_that_fit_alone_but_not_together_the_older_one_goes(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are scanned before either is checked: each sees the other."""
    both = threading.Barrier(2)
    check = worker._preflight

    def checked(bench: Bench, run, books) -> None:  # type: ignore[no-untyped-def]
        both.wait(20)
        check(bench, run, books)

    monkeypatch.setattr(worker, "_preflight", checked)
    with (
        mounting.tmpfs(tmp_path, "cards", size="20m") as cards,
        mounting.tmpfs(tmp_path, size="10m") as place,
        Service(data_dir) as service,
    ):
        one = card_of(cards, "A001", files=6, each_bytes=MIB)
        other = card_of(cards, "A002", files=6, each_bytes=MIB)
        ids = [service.create(request_for([card], [place])) for card in (one, other)]
        for transfer in ids:
            assert service.wait(transfer, 60)
        assert service.transfer(ids[0]).status is TransferStatus.COMPLETED
        assert isinstance(refusal(service, ids[1]), NotEnoughBesideOthers)
        assert tree_of(place / "A001") == tree_of(one)
        assert not (place / "A002").exists()


def test_a_file_that_the_drive_finds_too_big_while_it_is_written_fails_alone(
    data_dir: Path, tmp_path: Path
) -> None:
    """As FAT through FUSE does with 4 GiB, which does not tell before. Here the system's own
    limit for this process (setrlimit(2)) says EFBIG."""
    card = card_of(tmp_path, files=2, each_bytes=MIB)
    (card / "huge.mov").write_bytes(payload(9 * MIB, 9))
    to = drive(tmp_path, "DRIVE")
    words = ["copy", str(card), "--to", str(to), "--data-dir", str(data_dir)]
    done = subprocess.run(
        [sys.executable, "-m", "ketter_gui", *words],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (8 * MIB, 8 * MIB)),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1, done.stderr
    assert "huge.mov is bigger than a file can be on this drive." in done.stderr
    assert sorted(os.listdir(to / "A001")) == ["00000.mov", "00001.mov"]


# --- while copying -------------------------------------------------------------------------


@pytest.mark.usefixtures("quick_retries")
def test_a_full_drive_makes_its_transfer_wait_and_no_other_and_it_goes_on_by_itself(
    service: Service, tmp_path: Path
) -> None:
    card = card_of(tmp_path, files=8, each_bytes=8 * MIB)
    other_card = card_of(tmp_path, "A002", files=4, each_bytes=MIB)
    other = drive(tmp_path, "OTHER")
    with mounting.tmpfs(tmp_path, size="80m") as place:
        transfer = service.create(request_for([card], [place]))
        paused_midway(service, transfer)
        theirs = filled(place, MIB)
        service.resume(transfer)
        until(lambda: service.transfer(transfer).status is TransferStatus.WAITING)
        until(lambda: isinstance(service.failure(transfer), StillFull))
        until(lambda: "goes on by itself" in service.transfer(transfer).message)
        assert leftovers(place) == []
        beside = carried_out(service, request_for([other_card], [other]))
        assert service.transfer(beside).status is TransferStatus.COMPLETED
        assert service.transfer(transfer).status in (
            TransferStatus.WAITING,
            TransferStatus.PREPARING,
        )
        theirs.unlink()
        until(lambda: service.transfer(transfer).status is TransferStatus.COMPLETED)
        assert tree_of(place / "A001") == tree_of(card)
        assert leftovers(place) == []


def test_a_full_drive_waits_after_a_restart_too(data_dir: Path, tmp_path: Path) -> None:
    card = card_of(tmp_path, files=8, each_bytes=8 * MIB)
    with mounting.tmpfs(tmp_path, size="80m") as place:
        with Service(data_dir) as service:
            transfer = service.create(request_for([card], [place]))
            paused_midway(service, transfer)
        theirs = filled(place, MIB)
        with Service(data_dir) as service:
            service.resume(transfer)
            assert service.wait(transfer, 60)
            assert service.transfer(transfer).status is TransferStatus.WAITING
            assert isinstance(service.failure(transfer), StillFull)
        theirs.unlink()
        with Service(data_dir) as service:
            service.resume(transfer)
            assert service.wait(transfer, 60)
            assert service.transfer(transfer).status is TransferStatus.COMPLETED
        assert tree_of(place / "A001") == tree_of(card)


@pytest.mark.usefixtures("quick_retries")
def test_what_is_to_stay_free_stays_free_while_others_fill_the_drive(
    service: Service, tmp_path: Path
) -> None:
    card = card_of(tmp_path, files=8, each_bytes=5 * MIB)
    reserve_bytes = 20 * MIB
    with mounting.tmpfs(tmp_path, size="80m") as place:
        options = Options(reserve_bytes=reserve_bytes)
        transfer = service.create(request_for([card], [place], options=options))
        paused_midway(service, transfer)
        theirs = filled(place, reserve_bytes + 6 * MIB)  # one file may be at work already
        service.resume(transfer)
        until(lambda: isinstance(service.failure(transfer), DiskFull))
        until(
            lambda: any(
                ReserveReached.__name__ in row
                for row in service.ledger.audit_rows(transfer=transfer)
            )
        )
        assert free_bytes(place) >= reserve_bytes
        theirs.unlink()
        until(lambda: service.transfer(transfer).status is TransferStatus.COMPLETED)
        assert free_bytes(place) >= reserve_bytes
        assert tree_of(place / "A001") == tree_of(card)
