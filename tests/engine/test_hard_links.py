"""What is linked is the very file that was proven, of the very file that was read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ketter_gui.domain.items import Loss
from ketter_gui.domain.options import Mode, Options
from ketter_gui.domain.status import CopyStatus
from ketter_gui.engine import journal as told
from ketter_gui.engine.plan import Earlier, Work, opened
from tests.builders import leftovers, payload
from tests.engine.conftest import Transfer, make_transfer

ONE, TWO = b"card/one.mov", b"card/two.mov"


@pytest.fixture
def card(tmp_path: Path) -> Path:
    folder = tmp_path / "card"
    folder.mkdir()
    (folder / "one.mov").write_bytes(payload(10_000, 1))
    os.link(folder / "one.mov", folder / "two.mov")
    return folder


def _first_done(card: Path, drives: list[Path]) -> tuple[Transfer, Work]:
    """The first name is copied; what is left is the work on the second."""
    transfer = make_transfer([card], drives, Mode.COPY, Options(hard_links=True))
    journal = transfer.journal
    with opened(transfer.plan, journal, transfer.counters, transfer.control) as bench:
        works = {item.path: transfer.work(item) for item in transfer.scanned(bench)}
    transfer.run([works[b"card"], works[ONE]])
    (read,) = journal.of(told.SourceRead)
    identities = {one.destination: one.identity for one in journal.of(told.CopyProven)}
    copies = tuple(
        Earlier(
            one.destination,
            CopyStatus.VERIFIED,
            identities[one.destination],
            one.checksums,
            one.read_back,
            one.final_path,
        )
        for one in journal.of(told.CopyVerified)
        if one.path == ONE
    )
    item = works[ONE].item._replace(state=read.state)
    first = Work(item, copies, read.checksums)
    journal.events.clear()
    return transfer, works[TWO]._replace(first=first)


def _lost(transfer: Transfer) -> list[tuple[int, Loss]]:
    return [(one.destination, one.loss) for one in transfer.lost()]


def test_a_further_name_is_proven_by_the_proof_of_its_file(card: Path, drives: list[Path]) -> None:
    transfer, second = _first_done(card, drives)
    assert second.first is not None
    transfer.run([second])
    for drive in drives:
        one, two = (os.stat(drive / "card" / name) for name in ("one.mov", "two.mov"))
        assert (one.st_ino, one.st_nlink) == (two.st_ino, 2)
        assert leftovers(drive) == []
    proven = transfer.journal.of(told.CopyProven)
    assert [one.identity for one in proven] == [one.identity for one in second.first.copies]
    assert [one.checksums for one in proven] == [second.first.checksums] * 2
    assert transfer.journal.kinds().index("CopiesStarted") < transfer.journal.kinds().index(
        "CopyProven"
    )
    assert _lost(transfer) == []


def test_a_copy_that_is_not_what_was_proven_gets_no_second_name(
    card: Path, drives: list[Path]
) -> None:
    transfer, second = _first_done(card, drives)
    swapped = drives[1] / "card" / "one.mov"
    swapped.unlink()
    swapped.write_bytes(payload(10_000, 2))
    transfer.run([second])
    assert (drives[1] / "card" / "two.mov").read_bytes() == (card / "two.mov").read_bytes()
    assert swapped.stat().st_nlink == 1
    assert (drives[0] / "card" / "one.mov").stat().st_nlink == 2
    assert _lost(transfer) == [(1, Loss.HARD_LINK)]


def test_a_name_that_leads_to_another_file_by_now_is_copied(card: Path, drives: list[Path]) -> None:
    transfer, second = _first_done(card, drives)
    (card / "two.mov").unlink()
    (card / "two.mov").write_bytes(payload(10_000, 2))
    transfer.run([second])
    for drive in drives:
        assert (drive / "card" / "two.mov").read_bytes() == payload(10_000, 2)
        assert (drive / "card" / "one.mov").read_bytes() == payload(10_000, 1)
    assert len(_lost(transfer)) == 2


def test_a_file_that_was_written_to_since_is_copied(card: Path, drives: list[Path]) -> None:
    """Even when its size and time of change are as before: its ctime is not, so that it is
    read, and its bytes decide."""
    transfer, second = _first_done(card, drives)
    before = (card / "one.mov").stat()
    (card / "one.mov").write_bytes(payload(10_000, 2))
    os.utime(card / "one.mov", ns=(before.st_atime_ns, before.st_mtime_ns))
    transfer.run([second])
    for drive in drives:
        assert (drive / "card" / "two.mov").read_bytes() == payload(10_000, 2)
        assert (drive / "card" / "two.mov").stat().st_nlink == 1
    assert len(_lost(transfer)) == 2


def test_a_file_that_got_one_more_name_since_is_read_and_linked(
    card: Path, drives: list[Path]
) -> None:
    transfer, second = _first_done(card, drives)
    os.link(card / "one.mov", card / "three.mov")
    transfer.run([second])
    assert (drives[0] / "card" / "two.mov").stat().st_nlink == 2
    assert len(transfer.journal.of(told.SourceRead)) == 1
    assert _lost(transfer) == []


def test_a_part_of_an_earlier_run_makes_way(card: Path, drives: list[Path]) -> None:
    from ketter_gui.domain.names import part_name

    transfer, second = _first_done(card, drives)
    part = part_name(b"two.mov", transfer.plan.token).decode()
    (drives[0] / "card" / part).write_bytes(b"begun")
    transfer.run([second])
    assert (drives[0] / "card" / "two.mov").stat().st_nlink == 2
    assert leftovers(drives[0]) == []


@pytest.mark.parametrize("change", ["bytes", "mode", "nothing"])
def test_a_move_removes_the_last_name_only_of_the_file_that_was_read(
    card: Path, drives: list[Path], change: str
) -> None:
    """Removing the first name changes the ctime of the second; so does writing to it."""
    transfer = make_transfer([card], drives, Mode.MOVE)
    before = (card / "two.mov").stat()

    def act(event: told.Event) -> None:
        if not isinstance(event, told.SourceDeleted) or event.path != ONE:
            return
        if change == "bytes":
            (card / "two.mov").write_bytes(payload(10_000, 2))
            os.utime(card / "two.mov", ns=(before.st_atime_ns, before.st_mtime_ns))
        elif change == "mode":
            (card / "two.mov").chmod(0o600)

    transfer.journal.on = act
    transfer.run()
    deleted = [one.path for one in transfer.journal.of(told.SourceDeleted)]
    assert deleted == ([ONE, TWO] if change == "nothing" else [ONE])
    assert (card / "two.mov").exists() == (change != "nothing")
    kept = [(one.path, one.error) for one in transfer.journal.of(told.SourceKept)]
    assert [(path, type(error).__name__) for path, error in kept] == (
        [] if change == "nothing" else [(TWO, "SourceChanged")]
    )
    assert leftovers(card) == []
