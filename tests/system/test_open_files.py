"""Whether somebody still writes, asked of the real kernel."""

from __future__ import annotations

import mmap
import os
import sys
from pathlib import Path

import pytest

from ketter_gui.system.open_files import is_open_for_writing

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="leases are Linux")


def asked(path: Path) -> bool | None:
    fd = os.open(path, os.O_RDONLY)
    try:
        return is_open_for_writing(fd)
    finally:
        os.close(fd)


def test_a_writer_is_seen_until_it_closes(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with path.open("wb") as file:
        assert asked(path) is True
        file.write(b"x")
    assert asked(path) is False


def test_a_reader_is_no_writer(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x")
    with path.open("rb"):
        assert asked(path) is False


def test_a_shared_mapping_is_a_writer_after_its_descriptor_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x" * 4096)
    with path.open("r+b") as file:
        mapping = mmap.mmap(file.fileno(), 4096)
    assert asked(path) is True
    mapping.close()
    assert asked(path) is False


def test_whoever_opens_it_afterwards_is_not_held_up(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x")
    fd = os.open(path, os.O_RDONLY)
    try:
        assert is_open_for_writing(fd) is False
        path.write_bytes(b"y")
        assert path.read_bytes() == b"y"
    finally:
        os.close(fd)


def test_where_there_are_no_leases_nobody_knows() -> None:
    reader, writer = os.pipe()
    try:
        assert is_open_for_writing(reader) is None
    finally:
        os.close(reader)
        os.close(writer)
