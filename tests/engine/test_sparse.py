"""What is not written of a file with holes must be a hole, whatever was there before."""

from __future__ import annotations

from pathlib import Path

from ketter_gui.domain.names import part_name
from ketter_gui.domain.status import CopyStatus
from ketter_gui.engine import journal as told
from ketter_gui.engine.plan import Earlier, Work, opened
from tests.builders import leftovers
from tests.engine.conftest import make_transfer

MIB = 1024 * 1024


def test_a_part_of_an_earlier_run_does_not_shine_through_the_holes(
    tmp_path: Path, drives: list[Path]
) -> None:
    card = tmp_path / "card"
    card.mkdir()
    with (card / "disk.img").open("wb") as file:
        file.write(b"x" * MIB)
        file.truncate(16 * MIB)
    transfer = make_transfer([card], drives[:1])
    with opened(transfer.plan, transfer.journal, transfer.counters, transfer.control) as bench:
        items = transfer.scanned(bench)
    image = next(item for item in items if item.path == b"card/disk.img")
    part = drives[0] / "card" / part_name(b"disk.img", transfer.plan.token).decode()
    part.parent.mkdir()
    part.write_bytes(b"x" * MIB + b"old bytes" * MIB)

    transfer.run([Work(image, (Earlier(0, CopyStatus.COPYING),))], is_resumed=True)

    assert [one.path for one in transfer.journal.of(told.CopyVerified)] == [b"card/disk.img"]
    copy = drives[0] / "card" / "disk.img"
    assert copy.read_bytes() == (card / "disk.img").read_bytes()
    assert copy.stat().st_blocks * 512 < 2 * MIB
    assert leftovers(drives[0]) == []


def test_the_scan_tells_how_much_of_a_file_is_no_hole(tmp_path: Path, drives: list[Path]) -> None:
    card = tmp_path / "card"
    card.mkdir()
    with (card / "disk.img").open("wb") as file:
        file.write(b"x" * MIB)
        file.truncate(16 * MIB)
    (card / "plain.bin").write_bytes(b"x" * MIB)
    transfer = make_transfer([card, card / "disk.img"], drives[:1])
    with opened(transfer.plan, transfer.journal, transfer.counters, transfer.control) as bench:
        transfer.scanned(bench)
    found = {
        one.path: one.data_bytes
        for event in transfer.journal.of(told.ItemsFound)
        for one in event.items
    }
    assert found == {
        b"card": None,
        b"card/disk.img": MIB,
        b"card/plain.bin": None,
        b"disk.img": MIB,
    }
