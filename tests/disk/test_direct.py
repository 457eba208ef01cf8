"""A part of an earlier run is gone on with where it stops being equal."""

from __future__ import annotations

import mmap
import os
from pathlib import Path

import pytest

from ketter_gui.disk.direct import BLOCK_BYTES, PartWriter
from ketter_gui.disk.folder import open_root
from ketter_gui.disk.writing import create_part, open_part
from tests.builders import payload
from tests.disk.making import as_nobody

_PIECE = 64 * BLOCK_BYTES


def _continued(path: Path, whole: bytes) -> int:
    """Write `whole` through a writer that goes on; returns how much of it was there."""
    with open_root(os.fsencode(path.parent)) as folder:
        fd = open_part(folder, os.fsencode(path.name))
        assert fd is not None
        writer = PartWriter(folder, os.fsencode(path.name), fd, is_continued=True)
        try:
            with mmap.mmap(-1, _PIECE) as buffer, memoryview(buffer) as view:
                for offset in range(0, len(whole), _PIECE):
                    piece = whole[offset : offset + _PIECE]
                    view[: len(piece)] = piece
                    writer.write(view[: len(piece)], offset)
        finally:
            writer.close()
            os.close(fd)
        return writer.kept_bytes


@pytest.mark.parametrize("tail", [0, 1, BLOCK_BYTES - 1])
@pytest.mark.parametrize("there", [0, 1, _PIECE, 3 * _PIECE + 5])
def test_what_is_there_and_equal_is_not_written_again(
    tmp_path: Path, there: int, tail: int
) -> None:
    whole = payload(5 * _PIECE + tail, 3)
    path = tmp_path / "part"
    path.write_bytes(whole[:there])
    assert _continued(path, whole) == there // _PIECE * _PIECE
    assert path.read_bytes() == whole


def test_a_part_with_other_bytes_in_the_middle_is_written_from_there(tmp_path: Path) -> None:
    whole = payload(5 * _PIECE, 4)
    path = tmp_path / "part"
    wrong = bytearray(whole)
    wrong[2 * _PIECE + 7] ^= 1
    path.write_bytes(wrong)
    assert _continued(path, whole) == 2 * _PIECE
    assert path.read_bytes() == whole


def test_a_part_whose_room_was_allocated_and_not_filled_is_filled(tmp_path: Path) -> None:
    whole = payload(4 * _PIECE, 5)
    path = tmp_path / "part"
    with path.open("wb") as file:
        file.write(whole[:_PIECE])
        os.posix_fallocate(file.fileno(), 0, len(whole))
    assert _continued(path, whole) == _PIECE
    assert path.read_bytes() == whole


def test_what_is_no_part_of_ours_is_not_gone_on_with(tmp_path: Path) -> None:
    original = tmp_path / "original"
    original.write_bytes(b"footage")
    (tmp_path / "second name").hardlink_to(original)
    (tmp_path / "link").symlink_to(original)
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    with open_root(os.fsencode(tmp_path)) as folder:
        for name in (b"second name", b"link", b"folder", b"pipe", b"missing"):
            assert open_part(folder, name) is None
        os.close(create_part(folder, b"ours"))
        fd = open_part(folder, b"ours")
        assert fd is not None
        os.close(fd)


def test_a_part_that_has_its_files_mode_already_is_written_anew(tmp_path: Path) -> None:
    """A crash right after it was read back, of a file that nobody may write to."""
    tmp_path.chmod(0o777)
    for above in tmp_path.parents[:2]:
        above.chmod(0o755)
    with open_root(os.fsencode(tmp_path)) as folder, as_nobody():
        fd = create_part(folder, b"ours")
        os.fchmod(fd, 0o444)
        os.close(fd)
        assert open_part(folder, b"ours") is None
