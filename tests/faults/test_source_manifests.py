"""Looking for manifests beside a card asks nothing of what else lies there."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from ketter_gui.domain.status import TransferStatus
from ketter_gui.service.service import Service
from tests.builders import drive
from tests.faults.hanging import hanging_volume
from tests.service.conftest import request_for


@pytest.mark.root
@pytest.mark.fuse
def test_a_dead_drive_beside_a_card_holds_up_nothing(data_dir: Path, tmp_path: Path) -> None:
    clip = tmp_path / "A001" / "clip.mov"
    clip.parent.mkdir()
    clip.write_bytes(b"clip")
    value = hashlib.md5(b"clip").hexdigest()
    (tmp_path / "A001.md5").write_text(f"{value}  A001/clip.mov\n")
    target = drive(tmp_path, "DRIVE")
    with hanging_volume(tmp_path) as dead, Service(data_dir) as service:
        dead.stop()
        try:
            transfer = service.create(request_for([clip.parent], [target]))
            assert service.wait(transfer, 20)
            view = service.transfer(transfer)
        finally:
            dead.go_on()
    assert view.status is TransferStatus.COMPLETED
    assert view.message.startswith("1 file matches")
