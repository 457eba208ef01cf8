"""One batch is made while the one before is proven: what a failure in either leaves behind."""

from __future__ import annotations

import errno
import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from ketter_gui.domain import limits
from ketter_gui.domain.errors import Cancelled, DiskFull, FlushFailed, VolumeGone
from ketter_gui.domain.options import Mode, Options
from ketter_gui.domain.status import CopyStatus
from ketter_gui.engine import commit, parts
from ketter_gui.engine import journal as told
from ketter_gui.engine.batches import batches
from ketter_gui.engine.control import Control, Stopped
from ketter_gui.engine.copy import OpenSource, copy_file
from ketter_gui.engine.plan import Bench, Earlier, Job, Work, opened
from ketter_gui.engine.read_back import KeptFile
from ketter_gui.engine.run import finish_proven
from tests.builders import leftovers, payload
from tests.engine.conftest import Recorder, Transfer, make_transfer


class Gathering(Recorder):
    """A journal that hands over what it gathered when it is asked to, as the ledger's does."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[told.Event] = []
        self._handed_over = 0

    def pass_on(self) -> None:
        new = self.events[self._handed_over :]
        self._handed_over = len(self.events)
        self.written += new

    def beside(self) -> Gathering:
        other = Gathering()
        other.written, other.on = self.written, self.on
        return other

    def commit(self) -> None:
        self.pass_on()
        super().commit()


def _card(tmp_path: Path, *sizes: int) -> Path:
    card = tmp_path / "card"
    card.mkdir()
    for number, size in enumerate(sizes):
        (card / f"{number}.mov").write_bytes(payload(size, number))
    return card


def _on_heads(transfer: Transfer) -> None:
    """As if the destinations were drives with heads, which do one thing at a time."""
    drives = (
        replace(one, place=replace(one.place, kind="rotational"))
        for one in transfer.plan.destinations
    )
    transfer.plan = replace(transfer.plan, destinations=tuple(drives))


def test_a_copy_begins_again_once_when_a_drive_goes_while_it_is_read_back(
    tmp_path: Path, drives: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread that waits for a drive with heads still has the batch in hand."""
    transfer = make_transfer([_card(tmp_path, limits.SMALL_FILE_BYTES + 1)], drives)
    _on_heads(transfer)

    def gone(*_args: object) -> None:
        raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))

    monkeypatch.setattr(KeptFile, "read", gone)
    with pytest.raises(VolumeGone):
        transfer.run()
    again = [(one.item, one.destination) for one in transfer.journal.of(told.CopyReset)]
    assert sorted(again) == sorted(set(again))
    assert len(again) == 2


def test_what_was_verified_before_a_failure_is_handed_to_the_ledger(
    tmp_path: Path, drives: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two files are copied again, the first arrives, then the drive is full."""
    transfer = make_transfer([_card(tmp_path, 100_000, 100_000)], drives[:1])
    journal = transfer.journal = Gathering()
    spoiled: list[Path] = []

    def spoil(event: told.Event) -> None:
        if isinstance(event, told.SourceRead) and len(spoiled) < 2:
            name = os.fsdecode(os.path.basename(event.path))
            (part,) = (drives[0] / "card").glob(f".{name}.*.ketter-part")
            state = part.stat()
            part.write_bytes(bytes(state.st_size))
            os.utime(part, ns=(state.st_atime_ns, state.st_mtime_ns))
            spoiled.append(part)

    def full_at_the_second(
        bench: Bench, job: Job, source: OpenSource, buffer: memoryview, *, flush_each: bool
    ) -> None:
        if len(spoiled) == 2 and job.item.path == b"card/1.mov":
            raise DiskFull(b"card/1.mov", errno=errno.ENOSPC)
        copy_file(bench, job, source, buffer, flush_each=flush_each)

    journal.on = spoil
    monkeypatch.setattr("ketter_gui.engine.run.copy_file", full_at_the_second)
    with pytest.raises(DiskFull):
        transfer.run()
    assert (drives[0] / "card" / "0.mov").exists()
    verified = [one for one in journal.written if isinstance(one, told.CopyVerified)]
    assert b"card/0.mov" in [one.path for one in verified]


def test_a_flush_that_failed_over_names_has_failed_for_the_batch_being_made(
    tmp_path: Path, drives: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """syncfs tells of a lost write once: whoever hears of it first must say so."""
    transfer = make_transfer([_card(tmp_path, 10)], drives[:1])
    with opened(transfer.plan, transfer.journal, transfer.counters, transfer.control) as bench:
        before: Counter[int] = Counter(bench.failed_flushes)

        def fail(_folder: object) -> bool:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        with monkeypatch.context() as patch:
            patch.setattr(commit, "flush_volume", fail)
            many = [(0, b"")] * limits.SYNCFS_FILES
            assert commit._flush_folders(bench, many) == {}
        scanned = transfer.scanned(bench)
        (batch,) = batches(bench, [transfer.work(item) for item in scanned])
        commit.flush_parts(bench, batch.jobs, before)
        errors = [type(one.error) for job in batch.jobs for one in job.attempts]
        assert errors == [FlushFailed] * len(errors)


def _linked_work(tmp_path: Path, drives: list[Path]) -> tuple[Transfer, Work]:
    card = _card(tmp_path, 10_000)
    os.link(card / "0.mov", card / "1.mov")
    transfer = make_transfer([card], drives, Mode.COPY, Options(hard_links=True))
    with opened(transfer.plan, transfer.journal, transfer.counters, transfer.control) as bench:
        folder, one, two = (transfer.work(item) for item in transfer.scanned(bench))
    transfer.run([folder, one])
    (read,) = transfer.journal.of(told.SourceRead)
    identities = {one.destination: one.identity for one in transfer.journal.of(told.CopyProven)}
    copies = tuple(
        Earlier(
            copy.destination,
            CopyStatus.VERIFIED,
            identities[copy.destination],
            copy.checksums,
            copy.read_back,
            copy.final_path,
        )
        for copy in transfer.journal.of(told.CopyVerified)
        if copy.path == one.item.path
    )
    first = Work(one.item._replace(state=read.state), copies, read.checksums)
    transfer.journal.events.clear()
    return transfer, two._replace(first=first)


def test_a_cancel_names_what_is_proven_and_leaves_no_part(
    tmp_path: Path, drives: list[Path]
) -> None:
    """A hard link is proven as soon as it is made, before its batch is handed on."""
    transfer, second = _linked_work(tmp_path, drives)

    def cancel(event: told.Event) -> None:
        if isinstance(event, told.CopyProven):
            transfer.control.cancel()

    transfer.journal.on = cancel
    with pytest.raises(Cancelled):
        transfer.run([second])
    for drive in drives:
        assert leftovers(drive) == []
        assert (drive / "card" / "1.mov").stat().st_nlink == 2
    assert len(transfer.journal.of(told.CopyVerified)) == 2
    assert transfer.journal.of(told.CopyEnded) == []


def test_a_cancel_calls_no_proven_copy_of_older_bytes_verified(
    tmp_path: Path, drives: list[Path]
) -> None:
    """Another copy was begun from newer bytes, and then somebody cancelled."""
    card = _card(tmp_path, 10_000)
    transfer = make_transfer([card / "0.mov"], drives)

    class Crash(BaseException):
        pass

    def crash() -> None:
        if transfer.journal.of(told.CopyProven):
            raise Crash

    transfer.journal.on_commit = crash
    with pytest.raises(Crash):
        transfer.run()
    (read,) = transfer.journal.of(told.SourceRead)
    proven = transfer.journal.of(told.CopyProven)[0]
    copies = (
        Earlier(0, CopyStatus.PROVEN, proven.identity, proven.checksums, proven.read_back),
        Earlier(1, CopyStatus.COPYING),
    )
    newer = tuple((name, "0" * len(value)) for name, value in read.checksums)
    transfer.journal = Recorder()
    with opened(transfer.plan, transfer.journal, transfer.counters, transfer.control) as bench:
        item = Work(transfer.scanned(bench)[0], copies, newer)
        finish_proven(bench, [item])
    assert transfer.journal.of(told.CopyVerified) == []
    assert not (drives[0] / "0.mov").exists()


def test_a_part_whose_flush_failed_is_gone_before_anything_waits(
    tmp_path: Path, drives: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who stops during the pause would go on with it later, and flush it a second time."""
    transfer = make_transfer([_card(tmp_path, limits.SMALL_FILE_BYTES + 1)], drives[:1])

    def fail(_fd: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    def nap(control: Control, _seconds: float) -> None:
        control.stop()
        control.checkpoint()

    monkeypatch.setattr(parts, "flush", fail)
    monkeypatch.setattr(Control, "nap", nap)
    with pytest.raises(Stopped):
        transfer.run()
    assert leftovers(drives[0]) == []


def test_an_original_that_is_not_in_its_source_any_more_is_not_removed(
    tmp_path: Path, drives: list[Path]
) -> None:
    """Its folder was opened for the batch before, and is somewhere else by now."""
    card = _card(tmp_path, 0)
    size = limits.SMALL_FILE_BYTES + 1
    (card / "clips").mkdir()
    for number in (1, 2):
        (card / "clips" / f"{number}.mov").write_bytes(payload(size, number))
    transfer = make_transfer([card], drives, Mode.MOVE)
    elsewhere = tmp_path / "elsewhere"

    def take_away(event: told.Event) -> None:
        if isinstance(event, told.SourceSetAside) and event.path == b"card/clips/2.mov":
            (card / "clips").rename(elsewhere)

    transfer.journal.on = take_away
    transfer.run()
    assert (elsewhere / "2.mov").stat().st_size == size
    assert leftovers(elsewhere) == []
