"""A scan that keeps nothing: however many files there are, only some are in memory."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from ketter_gui.domain import limits
from ketter_gui.engine import journal as told
from ketter_gui.engine.plan import opened
from ketter_gui.engine.scan import scan
from tests.engine.conftest import Recorder, Transfer, make_transfer


@dataclass
class _Slow(Recorder):
    """A ledger that writes nothing before somebody waits for it."""

    written: int = 0
    most_ahead: int = 0

    def record(self, event: told.Event) -> None:
        super().record(event)
        self.most_ahead = max(self.most_ahead, len(self.of(told.ItemsFound)) - self.written)

    def commit_later(self) -> Callable[[], None]:
        told_so_far = len(self.of(told.ItemsFound))

        def wait() -> None:
            self.written = told_so_far

        return wait


class _Forgetful(Recorder):
    """A ledger that has everything at once and lets go of it."""

    def record(self, event: told.Event) -> None:
        """Nothing is kept."""


def _scanned(transfer: Transfer) -> None:
    with opened(transfer.plan, transfer.journal, transfer.counters, transfer.control) as bench:
        scan(bench)


def _many(folder: Path, files: int) -> Path:
    folder.mkdir()
    for number in range(files):
        (folder / f"{number:05d}.dat").touch()
    return folder


def test_a_scan_waits_for_a_ledger_that_is_slower(
    tmp_path: Path, drives: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SCAN_BATCH_ITEMS", 3)
    transfer = make_transfer([_many(tmp_path / "card", 200)], drives)
    transfer.journal = ledger = _Slow()
    _scanned(transfer)
    assert transfer.counters.files_total == 200
    assert len(ledger.of(told.ItemsFound)) == 67
    assert 0 < ledger.most_ahead <= 2 * limits.SCAN_BATCHES_AHEAD


def test_a_file_more_in_a_folder_takes_no_more_memory_than_its_name(
    tmp_path: Path, drives: list[Path]
) -> None:
    def peak_bytes(files: int) -> int:
        transfer = make_transfer([_many(tmp_path / f"card-{files}", files)], drives)
        transfer.journal = _Forgetful()
        tracemalloc.start()
        _scanned(transfer)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak

    few, many = 2 * limits.SCAN_BATCH_ITEMS, 12 * limits.SCAN_BATCH_ITEMS
    assert (peak_bytes(many) - peak_bytes(few)) / (many - few) < 80
