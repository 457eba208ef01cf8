"""What a window asks for four times a second, on the thread that paints."""

from __future__ import annotations

from pathlib import Path

import pytest

from ketter_gui.domain.status import TransferStatus
from ketter_gui.service import show
from ketter_gui.service.service import Service
from ketter_gui.store import transfers
from ketter_gui.store.ledger import Ledger
from tests.builders import drive
from tests.service.conftest import carried_out, request_for


def clip(folder: Path, number: int) -> Path:
    path = folder / f"{number}.mov"
    path.write_bytes(b"clip")
    return path


def test_what_has_ended_is_neither_read_nor_made_again(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = drive(tmp_path, "DRIVE")
    ids = [carried_out(service, request_for([clip(tmp_path, n)], [target])) for n in range(5)]
    before = service.snapshot()
    assert [one.id for one in before.transfers] == ids
    service.ledger.transact(lambda tx: transfers.set_waits_for(tx, ids[0], None))

    def refuse(*_args: object, **_named: object) -> None:
        raise AssertionError("asked again")

    monkeypatch.setattr(Ledger, "transfer", refuse)
    monkeypatch.setattr(show, "transfer_view", refuse)
    after = service.snapshot()
    assert after.revision != before.revision
    assert after.transfers == before.transfers


def test_every_change_of_what_waits_is_seen(service: Service, tmp_path: Path) -> None:
    target = drive(tmp_path, "DRIVE")
    source = tmp_path / "big.mov"
    source.write_bytes(bytes(60_000_000))
    first = service.create(request_for([source], [target]))
    second = service.create(request_for([clip(tmp_path, 1)], [target]))

    def view() -> tuple[TransferStatus, int | None]:
        shown = {one.id: one for one in service.snapshot().transfers}[second]
        return shown.status, shown.waits_for

    assert view() == (TransferStatus.PENDING, first)
    service.pause(second)
    assert view()[0] is TransferStatus.PAUSED
    service.resume(second)
    assert service.wait(second, 60)
    assert view() == (TransferStatus.COMPLETED, None)
    service.ledger.transact(lambda tx: transfers.set_message(tx, first, "x"))
    assert service.wait(first, 60)


def test_a_retry_that_fails_in_another_way_says_so(service: Service, tmp_path: Path) -> None:
    """As many failures as before, and not the same ones."""
    card, target = tmp_path / "card", drive(tmp_path, "DRIVE")
    card.mkdir()
    (card / "1.mov").write_bytes(b"clip")
    (target / "card").mkdir()
    (target / "card" / "1.mov").write_bytes(b"other")
    transfer = carried_out(service, request_for([card], [target]))
    assert "is different" in service.transfer(transfer).failed[0].message
    (card / "1.mov").unlink()
    (target / "card" / "1.mov").unlink()
    service.retry(transfer)
    assert service.wait(transfer, 60)
    assert "no longer there" in service.transfer(transfer).failed[0].message
