"""The second half of a move, disturbed between its two steps."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from ketter_gui.disk.folder import Folder, look
from ketter_gui.domain.errors import CouldNotRemove, SourceChanged
from ketter_gui.domain.items import FileState
from ketter_gui.domain.options import Mode
from ketter_gui.engine import journal as told
from ketter_gui.engine import remove
from ketter_gui.engine.control import Stopped
from tests.builders import leftovers, payload
from tests.engine.conftest import make_transfer


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mov"
    path.write_bytes(payload(1000, 1))
    return path


def test_quitting_between_the_two_steps_gives_the_name_back(
    source: Path, drives: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    transfer = make_transfer([source], drives, Mode.MOVE)
    monkeypatch.setattr(remove, "is_fresh", lambda _s: transfer.control.stop())  # read again
    with pytest.raises(Stopped):
        transfer.run()
    assert source.read_bytes() == payload(1000, 1)
    assert transfer.journal.kinds()[-1] == "SourceKept"
    assert transfer.journal.commits[-1] == len(transfer.journal.events)


def test_a_card_that_cannot_be_looked_at_any_more_fails_its_file_alone(
    source: Path, drives: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    transfer = make_transfer([source], drives, Mode.MOVE)

    def fail(folder: Folder, name: bytes) -> FileState | None:
        if name.endswith(b".ketter-aside"):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return look(folder, name)

    monkeypatch.setattr(remove, "look", fail)
    transfer.run()
    (kept,) = transfer.journal.of(told.SourceKept)
    assert isinstance(kept.error, CouldNotRemove)
    assert source.read_bytes() == payload(1000, 1)


def test_an_original_written_to_while_its_copies_are_confirmed_stays(
    source: Path, drives: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody has it open: its name is gone for a moment, not its file."""
    transfer = make_transfer([source], drives, Mode.MOVE)
    with source.open("r+b") as file:

        def write(_proven_s: float) -> bool:
            file.write(b"one more second of footage")
            file.flush()
            return False

        monkeypatch.setattr(remove, "is_fresh", write)
        transfer.run()
    (kept,) = transfer.journal.of(told.SourceKept)
    assert isinstance(kept.error, SourceChanged)
    assert source.read_bytes().startswith(b"one more second")
    assert leftovers(source.parent) == []
