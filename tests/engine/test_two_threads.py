"""One batch is made while the one before is proven: what a failure in either leaves behind."""

from __future__ import annotations

import errno
import os
from collections import Counter
from pathlib import Path

import pytest

from ketter_gui.domain import limits
from ketter_gui.domain.errors import FlushFailed
from ketter_gui.engine import commit
from ketter_gui.engine.batches import batches
from ketter_gui.engine.plan import opened
from tests.builders import payload
from tests.engine.conftest import make_transfer


def _card(tmp_path: Path, *sizes: int) -> Path:
    card = tmp_path / "card"
    card.mkdir()
    for number, size in enumerate(sizes):
        (card / f"{number}.mov").write_bytes(payload(size, number))
    return card


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
