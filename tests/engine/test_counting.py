"""What counts, and what does not: figures never say more than there is."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from ketter_gui.disk.reading import read_into
from ketter_gui.engine import copy, read_back
from tests.builders import payload
from tests.engine.conftest import make_transfer

_BYTES = 9_000_000


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mov"
    path.write_bytes(payload(_BYTES, 1))
    return path


def test_a_source_that_changes_and_is_read_again_counts_once(
    source: Path, drives: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    changes: list[int] = []

    def reading(fd: int, buffer: memoryview, offset: int) -> int:
        if offset and not changes:
            changes.append(offset)
            os.utime(source)
        return read_into(fd, buffer, offset)

    monkeypatch.setattr(copy, "read_into", reading)
    transfer = make_transfer([source], drives)
    transfer.run()
    assert changes
    assert [one.copied_bytes for one in transfer.counters.destinations] == [_BYTES, _BYTES]
    assert [one.verified_bytes for one in transfer.counters.destinations] == [_BYTES, _BYTES]


def test_a_copy_that_cannot_be_read_back_to_its_end_counts_for_nothing(
    source: Path, drives: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def reading(fd: int, buffer: memoryview, offset: int, *_: Any) -> int:
        if offset:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return read_into(fd, buffer, offset)

    monkeypatch.setattr(read_back, "read_into", reading)
    transfer = make_transfer([source], drives)
    transfer.run()
    assert [one.verified_bytes for one in transfer.counters.destinations] == [0, 0]


def test_two_threads_count_for_one_destination_and_none_is_lost(
    source: Path, drives: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_transfer([source], drives[:1]).run()
    again = make_transfer([source], drives[:1])
    (count,) = again.counters.destinations
    read = read_back.KeptFile.read
    beside_bytes = 0

    class Meanwhile:
        """A piece; while it is counted, the thread beside counts as well."""

        def __init__(self, piece: memoryview) -> None:
            self._piece = piece

        def __len__(self) -> int:
            nonlocal beside_bytes
            beside_bytes += 1000
            count.add(verified_bytes=1000)
            return len(self._piece)

    def reading(self: Any, names: Any, buffer: Any, ring: Any, control: Any, counted: Any) -> Any:
        def eat(piece: memoryview, offset: int) -> None:
            counted(Meanwhile(piece), offset)

        return read(self, names, buffer, ring, control, eat)

    monkeypatch.setattr(read_back.KeptFile, "read", reading)
    again.run()
    assert count.files_skipped == 1
    assert beside_bytes
    assert count.verified_bytes == _BYTES + beside_bytes
