"""Going on after a failure, a crash or a change of mind: nothing is taken for done that is not."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from ketter_gui.disk.folder import Folder, entries
from ketter_gui.domain.items import FileState
from ketter_gui.domain.status import TransferStatus
from ketter_gui.engine import scan
from ketter_gui.service.service import Service
from tests.builders import drive, tree_of
from tests.service.conftest import carried_out, request_for


@pytest.fixture
def drives(tmp_path: Path) -> list[Path]:
    return [drive(tmp_path, "DRIVE_A"), drive(tmp_path, "DRIVE_B")]


def unreadable(monkeypatch: pytest.MonkeyPatch, *names: bytes) -> None:
    """Folders of these names cannot be listed; root could list any."""

    def refuse(folder: Folder) -> list[tuple[bytes, FileState | None, str]]:
        if folder.path.rpartition(b"/")[2] in names:
            raise PermissionError(errno.EACCES, "not for you")
        return entries(folder)

    monkeypatch.setattr(scan, "entries", refuse)


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
