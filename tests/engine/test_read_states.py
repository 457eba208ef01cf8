"""Whoever reads a source says whether it is still what the ledger has."""

from __future__ import annotations

from pathlib import Path

from ketter_gui.engine import journal as told
from tests.engine.conftest import make_transfer


def test_a_source_that_is_as_the_scan_saw_it_is_known(tmp_path: Path, drives: list[Path]) -> None:
    source = tmp_path / "clip.mov"
    source.write_bytes(b"clip" * 1000)
    transfer = make_transfer([source], drives)
    transfer.run()
    (found,) = [one for event in transfer.journal.of(told.ItemsFound) for one in event.items]
    (read,) = transfer.journal.of(told.SourceRead)
    assert read.is_known
    assert read.state.is_known_as(found.state)


def test_a_source_that_changed_since_the_scan_is_not_known(
    tmp_path: Path, drives: list[Path]
) -> None:
    source = tmp_path / "clip.mov"
    source.write_bytes(b"clip" * 1000)
    transfer = make_transfer([source], drives)

    def change(event: told.Event) -> None:
        if isinstance(event, told.ItemsFound):
            source.chmod(0o600)

    transfer.journal.on = change
    transfer.run()
    (read,) = transfer.journal.of(told.SourceRead)
    assert not read.is_known
    assert read.state.mode & 0o777 == 0o600
