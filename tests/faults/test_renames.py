"""A move within one volume, killed between any two steps: every file is in one of its two
places, whole, and the ledger knows which."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ketter_gui.domain.options import OnConflict
from ketter_gui.domain.status import CopyStatus, TransferStatus
from ketter_gui.service.service import Service
from tests.builders import camera_card, drive, leftovers, payload, tree_of

_DYING = """
import importlib, os, signal, sys
from pathlib import Path
from ketter_gui.domain.options import Mode, OnConflict, Options, Request
from ketter_gui.service.service import Service
data, card, shelf, policy, step, moment, number, links = sys.argv[1:]
module_name, _, name = step.partition(":")
module = importlib.import_module(f"ketter_gui.{module_name}")
whole, calls = getattr(module, name), []
def dying(*words, **named):
    calls.append(name)
    if len(calls) < int(number):
        return whole(*words, **named)
    if moment == "after":
        whole(*words, **named)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(module, name, dying)
if links:
    from ketter_gui.disk import _linux
    _linux.IS_LINUX = False
service = Service(Path(data))
interrupted = service.interrupted()
if interrupted:
    transfer = interrupted[0].id
    service.resume(transfer)
else:
    options = Options(on_conflict=OnConflict(policy))
    transfer = service.create(Request((card.encode(),), (shelf.encode(),), Mode.MOVE, options))
service.wait(transfer, 60)
"""


def dead_at(
    data_dir: Path,
    card: Path,
    shelf: Path,
    step: str,
    moment: str = "before",
    *,
    number: int = 1,
    policy: OnConflict = OnConflict.SKIP,
    links: str = "",
) -> None:
    """A process that starts, or resumes, the move and dies at the door of this step."""
    words = [str(data_dir), str(card), str(shelf), policy.value, step, moment, str(number), links]
    done = subprocess.run([sys.executable, "-c", _DYING, *words], timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL


def resumed(service: Service) -> int:
    (view,) = service.interrupted()
    service.resume(view.id)
    assert service.wait(view.id, 60)
    return view.id


_STEPS = [
    ("engine.scan:ordered_names", 1),
    ("engine.rename:read_once", 1),
    ("engine.rename:_plan", 1),
    ("engine.rename:_move", 1),
    ("engine.rename:_move", 7),
    ("engine.rename:move_it", 7),
    ("engine.rename:record_renamed", 1),
    ("engine.moving:_flush", 1),
    ("engine.rename:end_failed_moves", 1),
    ("queue.worker:carry_out", 1),
    ("queue.worker:finish_folders", 1),
]


@pytest.fixture
def card(tmp_path: Path) -> Path:
    path = camera_card(tmp_path, clips=10, clip_bytes=5000).path
    (path / "big.mov").write_bytes(payload(5_000_000, 1))
    (path / "link").symlink_to("nowhere")
    return path


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    return drive(tmp_path, "SHELF")


def all_moved(service: Service, transfer: int, before: dict[bytes, str], shelf: Path) -> None:
    """Every file is in its new place, renamed, and told once."""
    view = service.transfer(transfer)
    files = sum(not value.startswith("link:") for value in before.values())
    assert view.status is TransferStatus.COMPLETED, view.message
    assert (view.files_renamed, view.files_verified, view.originals_removed) == (files, 0, 0)
    assert view.bytes_renamed == view.bytes_copied == view.bytes_total
    assert tree_of(shelf) == before
    events = [line.event for line in service.timeline(transfer, limit=1000)]
    assert events.count("ITEM_RENAMED") == len(before)
    assert service.verify_audit().entries > 0


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize(("step", "number"), _STEPS)
def test_a_kill_at_this_step_of_a_rename_loses_nothing(
    data_dir: Path, tmp_path: Path, card: Path, shelf: Path, step: str, number: int, moment: str
) -> None:
    before = tree_of(card)
    dead_at(data_dir, card, shelf, step, moment, number=number)
    there = tree_of(shelf / "A001") if (shelf / "A001").exists() else {}
    assert {**tree_of(card), **there} == before
    assert len(tree_of(card)) + len(there) == len(before)
    with Service(data_dir) as service:
        all_moved(service, resumed(service), before, shelf / "A001")
    assert tree_of(card) == {}
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize(
    ("step", "moment"),
    [
        ("engine.renamed:_was_renamed", "after"),
        ("engine.moving:_flush", "before"),
        ("engine.moving:_flush", "after"),
        ("engine.renamed:record_renamed", "after"),
        ("engine.rename:_plan", "after"),
    ],
)
def test_a_kill_while_it_goes_on_after_a_kill_loses_nothing(
    data_dir: Path, card: Path, shelf: Path, step: str, moment: str
) -> None:
    before = tree_of(card)
    dead_at(data_dir, card, shelf, "engine.rename:_move", "after", number=7)
    dead_at(data_dir, card, shelf, step, moment)
    with Service(data_dir) as service:
        all_moved(service, resumed(service), before, shelf / "A001")
    assert tree_of(card) == {}


@pytest.mark.parametrize("moment", ["before", "after"])
def test_where_names_are_given_by_links_a_kill_between_the_two_is_mended(
    data_dir: Path, card: Path, shelf: Path, moment: str
) -> None:
    before = tree_of(card)
    dead_at(data_dir, card, shelf, "disk.naming:flush_folder", moment, links="yes")
    both = tree_of(card).keys() & tree_of(shelf / "A001").keys()
    assert len(both) == 1
    with Service(data_dir) as service:
        all_moved(service, resumed(service), before, shelf / "A001")
    assert tree_of(card) == {}
    assert {path.stat().st_nlink for path in shelf.rglob("*.mxf")} == {1}


@pytest.mark.parametrize("moment", ["before", "after"])
def test_what_is_replaced_has_one_of_the_two_at_any_moment(
    data_dir: Path, card: Path, shelf: Path, moment: str
) -> None:
    (shelf / "A001").mkdir()
    (shelf / "A001" / "big.mov").write_bytes(b"older")
    before = tree_of(card)
    policy = OnConflict.OVERWRITE
    dead_at(data_dir, card, shelf, "engine.rename:move_over", moment, policy=policy)
    new = payload(5_000_000, 1)
    assert (shelf / "A001" / "big.mov").read_bytes() == (b"older" if moment == "before" else new)
    with Service(data_dir) as service:
        all_moved(service, resumed(service), before, shelf / "A001")
    assert tree_of(card) == {}


def killed_half_way(data_dir: Path, card: Path, shelf: Path) -> tuple[set[bytes], set[bytes]]:
    """What is in its new place, and what is still in the old one."""
    dead_at(data_dir, card, shelf, "engine.rename:_move", "after", number=7)
    return set(tree_of(shelf / "A001")), set(tree_of(card))


def test_what_came_since_under_an_old_name_stays(data_dir: Path, card: Path, shelf: Path) -> None:
    before = tree_of(card)
    there, _ = killed_half_way(data_dir, card, shelf)
    (card / os.fsdecode(sorted(there)[0])).write_bytes(b"a new take")
    with Service(data_dir) as service:
        all_moved(service, resumed(service), before, shelf / "A001")
    assert set(tree_of(card)) == {sorted(there)[0]}


def test_a_file_that_is_in_neither_place_fails_by_name_and_the_others_go_on(
    data_dir: Path, card: Path, shelf: Path
) -> None:
    before = tree_of(card)
    there, _ = killed_half_way(data_dir, card, shelf)
    lost = sorted(there)[0]
    (shelf / "A001" / os.fsdecode(lost)).unlink()
    with Service(data_dir) as service:
        transfer = resumed(service)
        view = service.transfer(transfer)
        assert view.status is TransferStatus.FAILED
        (item,) = view.failed
        assert item.path.text.endswith(os.fsdecode(lost))
        assert item.copies[0].error_type == "MovedAway"
        assert view.files_renamed == view.files_total - 1
    assert tree_of(shelf / "A001") == {path: one for path, one in before.items() if path != lost}


def test_a_file_with_another_inode_since_is_known_by_its_bytes(
    data_dir: Path, card: Path, shelf: Path
) -> None:
    """As after a remount of FAT, which invents its inodes."""
    before = tree_of(card)
    there, _ = killed_half_way(data_dir, card, shelf)
    known = next(shelf / "A001" / os.fsdecode(one) for one in sorted(there) if b"mxf" in one)
    shutil.copy2(known, known.with_suffix(".new"))
    known.with_suffix(".new").rename(known)
    with Service(data_dir) as service:
        all_moved(service, resumed(service), before, shelf / "A001")


def test_another_file_of_that_name_is_not_taken_for_it(
    data_dir: Path, card: Path, shelf: Path
) -> None:
    there, _ = killed_half_way(data_dir, card, shelf)
    known = next(shelf / "A001" / os.fsdecode(one) for one in sorted(there) if b"mxf" in one)
    size = known.stat().st_size
    known.unlink()
    known.write_bytes(bytes(size))
    with Service(data_dir) as service:
        view = service.transfer(resumed(service))
        assert view.status is TransferStatus.FAILED
        assert [item.copies[0].error_type for item in view.failed] == ["MovedAway"]


def test_a_cancel_after_a_kill_tells_what_is_in_its_new_place(
    data_dir: Path, card: Path, shelf: Path
) -> None:
    before = tree_of(card)
    there, here = killed_half_way(data_dir, card, shelf)
    with Service(data_dir) as service:
        (view,) = service.interrupted()
        service.cancel(view.id)
        until = time.monotonic() + 20
        while service.transfer(view.id).status is not TransferStatus.CANCELLED:
            assert time.monotonic() < until
            time.sleep(0.01)
        told = {
            item.path.text.removeprefix("A001/").encode(): item.status
            for item in service.items(view.id)
        }
        assert {path for path in before if told[path] is CopyStatus.RENAMED} == there
        assert {path for path in before if told[path] is CopyStatus.CANCELLED} == here
    assert set(tree_of(card)) == here


def test_a_cancel_waits_for_the_drive_whose_files_it_does_not_know(
    data_dir: Path, tmp_path: Path, card: Path, shelf: Path
) -> None:
    killed_half_way(data_dir, card, shelf)
    away = shelf.rename(tmp_path / "in somebody's pocket")
    with Service(data_dir) as service:
        (view,) = service.interrupted()
        service.cancel(view.id)
        assert service.wait(view.id, 20)
        assert service.transfer(view.id).status is TransferStatus.WAITING
        away.rename(shelf)
        service.cancel(view.id)
        until = time.monotonic() + 20
        while service.transfer(view.id).status is not TransferStatus.CANCELLED:
            assert time.monotonic() < until
            time.sleep(0.01)
        assert service.transfer(view.id).files_renamed > 0
