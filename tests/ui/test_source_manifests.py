"""What the window says of the manifests that came with a card."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ketter_gui.domain.status import TransferStatus
from ketter_gui.ui.queue_text import said_below
from tests.builders import Card, camera_card, drive
from tests.service.conftest import request_for
from tests.ui.conftest import Desk


def with_list(card: Card) -> None:
    (card.path / "A001.md5").write_text(
        "".join(
            f"{hashlib.md5(path.read_bytes()).hexdigest()}  {path.relative_to(card.path)}\n"
            for path in sorted(card.path.rglob("*.*"))
        )
    )


def test_a_card_that_matches_its_manifest_is_said_to_in_the_details(
    desk: Desk, tmp_path: Path
) -> None:
    card = camera_card(tmp_path)
    with_list(card)
    number = desk.service.create(request_for([card.path], [drive(tmp_path, "A")]))
    desk.wait_status(number, TransferStatus.COMPLETED)
    desk.window.queue.select(number)
    message = desk.window.details._message
    desk.wait(lambda: message.isVisible() and message.text().startswith("7 files match"))


def test_a_card_that_is_not_complete_is_said_so_in_its_row_and_in_what_happened(
    desk: Desk, tmp_path: Path
) -> None:
    card = camera_card(tmp_path)
    with_list(card)
    (card.path / "zero.bin").unlink()
    number = desk.service.create(request_for([card.path], [drive(tmp_path, "A")]))
    desk.wait_status(number, TransferStatus.FAILED)
    desk.window.queue.select(number)
    assert said_below(desk.service.transfer(number)).startswith(
        "The source is not complete: 1 file"
    )
    timeline = desk.window.details.timeline
    desk.wait(lambda: "A001/zero.bin" in timeline.accessibleDescription())
    assert "Do not format" in timeline.accessibleDescription()
