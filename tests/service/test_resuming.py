"""Going on after a failure, a crash or a change of mind: nothing is taken for done that is not."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from ketter_gui.disk.folder import Folder, ordered_names, states
from ketter_gui.domain.items import FileState
from ketter_gui.domain.options import Mode
from ketter_gui.domain.status import CopyStatus, TransferStatus
from ketter_gui.engine import commit, parts, scan
from ketter_gui.service.service import Service
from tests.builders import drive, leftovers, payload, tree_of
from tests.service.conftest import carried_out, request_for


@pytest.fixture
def drives(tmp_path: Path) -> list[Path]:
    return [drive(tmp_path, "DRIVE_A"), drive(tmp_path, "DRIVE_B")]


def unreadable(monkeypatch: pytest.MonkeyPatch, *names: bytes) -> None:
    """Folders of these names cannot be listed; root could list any."""

    def refuse(folder: Folder) -> Iterator[bytes]:
        if folder.path.rpartition(b"/")[2] in names:
            raise PermissionError(errno.EACCES, "not for you")
        return ordered_names(folder)

    monkeypatch.setattr(scan, "ordered_names", refuse)


def unreadable_from(monkeypatch: pytest.MonkeyPatch, first: bytes) -> None:
    """A drive that gives out in the middle of a folder, at this name."""

    def refuse(
        folder: Folder, names: Iterable[bytes]
    ) -> Iterator[tuple[bytes, FileState | None, str]]:
        for name in names:
            if name == first:
                raise OSError(errno.EIO, "the drive gives out")
            yield from states(folder, [name])

    monkeypatch.setattr(scan, "states", refuse)


def test_a_folder_that_could_not_be_listed_is_not_done_before_its_files_are(
    service: Service, tmp_path: Path, drives: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    card = tmp_path / "card"
    (card / "CLIPS" / "deeper").mkdir(parents=True)
    (card / "CLIPS" / "clip.mov").write_bytes(b"footage")
    (card / "CLIPS" / "deeper" / "more.mov").write_bytes(b"more footage")
    (card / "notes.txt").write_bytes(b"notes")
    unreadable(monkeypatch, b"CLIPS")
    transfer = carried_out(service, request_for([card], drives))
    assert service.transfer(transfer).status is TransferStatus.FAILED
    service.retry(transfer)
    assert service.wait(transfer, 60)
    assert service.transfer(transfer).status is TransferStatus.FAILED
    unreadable(monkeypatch, b"deeper")
    service.retry(transfer)
    assert service.wait(transfer, 60)
    assert service.transfer(transfer).status is TransferStatus.FAILED
    unreadable(monkeypatch)
    service.retry(transfer)
    assert service.wait(transfer, 60)
    view = service.transfer(transfer)
    assert view.status is TransferStatus.COMPLETED
    assert view.files_verified == view.files_total == 3
    assert view.bytes_verified == view.bytes_total
    assert tree_of(drives[0] / "card") == tree_of(drives[1] / "card") == tree_of(card)


def test_a_folder_that_was_listed_in_part_has_failed_and_is_listed_again(
    service: Service, tmp_path: Path, drives: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    card = tmp_path / "card"
    (card / "CLIPS" / "before").mkdir(parents=True)
    for name in ("a.mov", "b.mov", "before/deeper.mov", "x.mov"):
        (card / "CLIPS" / name).write_bytes(b"footage of " + name.encode())
    (card / "notes.txt").write_bytes(b"notes")
    unreadable_from(monkeypatch, b"x.mov")
    transfer = carried_out(service, request_for([card], drives))
    view = service.transfer(transfer)
    assert view.status is TransferStatus.FAILED
    assert view.files_total == view.files_verified == 3
    assert [one.path.text for one in view.failed] == ["card/CLIPS"]
    unreadable_from(monkeypatch, b"b.mov")
    service.retry(transfer)
    assert service.wait(transfer, 60)
    assert service.transfer(transfer).status is TransferStatus.FAILED
    unreadable_from(monkeypatch, b"")
    service.retry(transfer)
    assert service.wait(transfer, 60)
    view = service.transfer(transfer)
    assert view.status is TransferStatus.COMPLETED
    assert view.files_verified == view.files_total == 5
    assert view.bytes_verified == view.bytes_total
    assert tree_of(drives[0] / "card") == tree_of(drives[1] / "card") == tree_of(card)


def test_a_source_that_cannot_be_listed_to_its_end_is_not_copied(
    service: Service, tmp_path: Path, drives: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    card = tmp_path / "card"
    card.mkdir()
    (card / "a.mov").write_bytes(b"footage")
    (card / "b.mov").write_bytes(b"footage")
    unreadable_from(monkeypatch, b"b.mov")
    transfer = carried_out(service, request_for([card], drives))
    assert service.transfer(transfer).status is TransferStatus.FAILED
    assert not (drives[0] / "card").exists()


def test_what_an_earlier_run_read_proves_nothing_of_the_source_now(
    service: Service, tmp_path: Path, drives: list[Path]
) -> None:
    """The other destination has what the source was, not what it is."""
    card = tmp_path / "card"
    card.mkdir()
    (card / "clip.mov").write_bytes(b"old take")
    (drives[1] / "card").write_text("a file where a folder has to be")
    transfer = carried_out(service, request_for([card], drives))
    (card / "clip.mov").write_bytes(b"new take")
    (drives[1] / "card").unlink()
    (drives[1] / "card").mkdir()
    (drives[1] / "card" / "clip.mov").write_bytes(b"old take")
    service.retry(transfer)
    assert service.wait(transfer, 60)
    assert service.transfer(transfer).status is TransferStatus.FAILED
    assert "has changed since" in service.transfer(transfer).failed[0].message


def test_copies_of_two_versions_are_not_both_called_verified(
    service: Service, tmp_path: Path, drives: list[Path]
) -> None:
    card = tmp_path / "card"
    card.mkdir()
    (card / "clip.mov").write_bytes(b"old take")
    (drives[1] / "card").write_text("a file where a folder has to be")
    transfer = carried_out(service, request_for([card], drives))
    (card / "clip.mov").write_bytes(b"new take")
    (drives[1] / "card").unlink()
    service.retry(transfer)
    assert service.wait(transfer, 60)
    assert service.transfer(transfer).status is TransferStatus.FAILED
    assert not (drives[1] / "card" / "clip.mov").exists()
    assert (drives[0] / "card" / "clip.mov").read_bytes() == b"old take"


_DYING = """
import importlib, os, sys
from pathlib import Path
from ketter_gui.domain.options import Mode, Request
from ketter_gui.service.service import Service
data, card, mode, step, *targets = sys.argv[1:]
module, _, name = step.partition(":")
setattr(importlib.import_module(f"ketter_gui.engine.{module}"), name, lambda *_, **__: os._exit(9))
service = Service(Path(data))
places = tuple(target.encode() for target in targets)
transfer = service.create(Request((card.encode(),), places, Mode(mode)))
service.wait(transfer, 60)
"""


def dead_at(step: str, data_dir: Path, card: Path, *targets: Path, mode: Mode = Mode.COPY) -> None:
    """A process that dies at the door of this step. A move to one target of the same volume
    would copy nothing."""
    words = [str(data_dir), str(card), mode.value, step, *map(str, targets)]
    command = [sys.executable, "-c", _DYING, *words]
    assert subprocess.run(command, timeout=60).returncode == 9


@pytest.fixture
def card(tmp_path: Path) -> Path:
    path = tmp_path / "card"
    path.mkdir()
    for number in range(3):
        (path / f"{number}.mov").write_bytes(payload(50_000, number))
    return path


def cancelled(service: Service, transfer: int) -> bool:
    until = time.monotonic() + 20
    while service.transfer(transfer).status is not TransferStatus.CANCELLED:
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def test_cancelling_what_was_interrupted_gives_originals_their_names_back(
    data_dir: Path, card: Path, drives: list[Path]
) -> None:
    before = tree_of(card)
    dead_at("remove:remove_file", data_dir, card, *drives, mode=Mode.MOVE)
    assert tree_of(card) != before
    with Service(data_dir) as service:
        (view,) = service.interrupted()
        service.cancel(view.id)
        assert cancelled(service, view.id)
        assert service.transfer(view.id).files_verified == 3
    assert tree_of(card) == tree_of(drives[0] / "card") == before


@pytest.mark.parametrize(
    ("step", "status"),
    [
        ("run:verify_parts", CopyStatus.CANCELLED),
        ("commit:name_it", CopyStatus.VERIFIED),
        ("commit:_flush_folders", CopyStatus.VERIFIED),
    ],
)
def test_cancelling_what_was_interrupted_keeps_what_was_proven_and_no_part(
    data_dir: Path, card: Path, drives: list[Path], step: str, status: CopyStatus
) -> None:
    dead_at(step, data_dir, card, drives[0])
    with Service(data_dir) as service:
        (view,) = service.interrupted()
        service.cancel(view.id)
        assert cancelled(service, view.id)
        copies = [one for item in service.items(view.id) for one in item.copies]
        assert {one.status for one in copies} == {status}
        assert service.verify_audit().entries > 0
    assert leftovers(drives[0]) == []
    there = tree_of(drives[0] / "card") if (drives[0] / "card").exists() else {}
    assert there == (tree_of(card) if status is CopyStatus.VERIFIED else {})


def test_a_cancel_waits_for_the_card_whose_original_wears_another_name(
    data_dir: Path, tmp_path: Path, card: Path, drives: list[Path]
) -> None:
    before = tree_of(card)
    dead_at("remove:remove_file", data_dir, card, *drives, mode=Mode.MOVE)
    away = card.rename(tmp_path / "in somebody's pocket")
    with Service(data_dir) as service:
        (view,) = service.interrupted()
        service.cancel(view.id)
        assert service.wait(view.id, 20)
        assert service.transfer(view.id).status is TransferStatus.WAITING
        away.rename(card)
        service.cancel(view.id)
        assert cancelled(service, view.id)
    assert tree_of(card) == before


def test_a_dead_destination_keeps_no_original_from_its_name(
    data_dir: Path, tmp_path: Path, card: Path, drives: list[Path]
) -> None:
    before = tree_of(card)
    dead_at("remove:remove_file", data_dir, card, *drives, mode=Mode.MOVE)
    drives[0].rename(tmp_path / "gone")
    with Service(data_dir) as service:
        (view,) = service.interrupted()
        service.resume(view.id)
        assert service.wait(view.id, 20)
        assert service.transfer(view.id).status is TransferStatus.WAITING
        assert tree_of(card) == before


def test_an_original_that_kept_its_other_name_is_copied_like_any_other(
    service: Service, tmp_path: Path, card: Path, drives: list[Path]
) -> None:
    """Whose ledger is lost, or on another machine: it is footage all the same."""
    os.rename(card / "1.mov", card / ".1.mov.0badcafe.ketter-aside")
    (card / ".2.mov.0badcafe.ketter-part").write_bytes(b"another transfer's, unproven")
    transfer = carried_out(service, request_for([card], drives))
    assert service.transfer(transfer).status is TransferStatus.COMPLETED
    assert service.transfer(transfer).files_verified == 3
    there = drives[0] / "card" / ".1.mov.0badcafe.ketter-aside"
    assert there.read_bytes() == payload(50_000, 1)
    assert not (drives[0] / "card" / ".2.mov.0badcafe.ketter-part").exists()


def test_a_part_that_cannot_be_removed_is_a_failure_of_its_drive_alone(
    data_dir: Path, card: Path, drives: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is still called begun, and cannot be begun: that must not trip the whole transfer."""
    dead_at("run:verify_parts", data_dir, card, drives[0])

    def refuse(_folder: Folder, _name: bytes) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with Service(data_dir) as service:
        (view,) = service.interrupted()
        with monkeypatch.context() as patch:
            patch.setattr(commit, "remove_file", refuse)
            patch.setattr(parts, "remove_file", refuse)
            service.resume(view.id)
            assert service.wait(view.id, 20)
        view = service.transfer(view.id)
        assert view.status is TransferStatus.FAILED
        assert view.message.startswith("3 copies failed")
        service.retry(view.id)
        assert service.wait(view.id, 20)
        assert service.transfer(view.id).status is TransferStatus.COMPLETED
    assert leftovers(drives[0]) == []
