from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketter_gui.disk.abilities import probing
from ketter_gui.disk.folder import Folder, open_root
from ketter_gui.disk.holes import data_bytes, data_runs, hollow
from ketter_gui.disk.writing import create_part, write_all
from tests.builders import payload
from tests.disk import mounting

PAGE, MIB = 4096, 1024 * 1024


def _runs(content: bytes) -> list[tuple[int, int]]:
    return list(data_runs(memoryview(content)))


def test_zeros_are_left_out_page_by_page() -> None:
    page = b"\1" * PAGE
    assert _runs(bytes(3 * PAGE)) == []
    assert _runs(page + bytes(PAGE) + page) == [(0, PAGE), (2 * PAGE, 3 * PAGE)]
    assert _runs(bytes(PAGE - 1) + b"x" + bytes(PAGE)) == [(0, PAGE)]
    assert _runs(bytes(64 * 1024) + b"x") == [(64 * 1024, 64 * 1024 + 1)]
    assert _runs(b"x" * 10) == [(0, 10)]
    assert _runs(b"") == []


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 40), st.binary(max_size=3)), max_size=12),
    st.integers(0, 9000),
)
def test_what_is_written_is_all_that_there_is(pages: list[tuple[int, bytes]], tail: int) -> None:
    content = bytearray(max((page for page, _ in pages), default=0) * PAGE + tail)
    for page, found in pages:
        content[page * PAGE : page * PAGE + len(found)] = found[
            : max(len(content) - page * PAGE, 0)
        ]
    copy = bytearray(len(content))
    before = 0
    for start, end in _runs(bytes(content)):
        assert before <= start < end <= len(content)
        assert start % PAGE == 0
        copy[start:end] = content[start:end]
        before = end
    assert copy == content


@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs", "tmpfs"])
def test_a_file_takes_no_room_where_holes_can_be_kept(tmp_path: Path, kind: str) -> None:
    with mounting.of(kind, tmp_path) as place, open_root(os.fsencode(place)) as folder:
        with probing(folder, "0badcafe") as probe:
            assert probe.holds_holes()
            assert probe.holds_links()
        assert os.listdir(place) in ([], ["lost+found"])
        fd = create_part(folder, b"part")
        try:
            assert hollow(fd, 1 << 40 if kind != "ext4" else 1 << 34)
            answer = os.fstat(fd)
            assert answer.st_size >= 1 << 34
            assert answer.st_blocks < 64
        finally:
            os.close(fd)


@pytest.mark.parametrize("kind", ["exfat", "fat"])
def test_where_there_are_no_holes_the_file_is_empty_as_before(tmp_path: Path, kind: str) -> None:
    with mounting.of(kind, tmp_path) as place, open_root(os.fsencode(place)) as folder:
        with probing(folder, "0badcafe") as probe:
            assert not probe.holds_holes()
            assert not probe.holds_links()
        assert os.listdir(place) == []
        fd = create_part(folder, b"part")
        try:
            assert not hollow(fd, 1 << 40)
            assert os.fstat(fd).st_size == 0
        finally:
            os.close(fd)


def test_a_size_that_the_file_system_has_not_is_no_hole(ext4_folder: Folder) -> None:
    fd = create_part(ext4_folder, b"part")
    try:
        assert not hollow(fd, 1 << 62)
        assert os.fstat(fd).st_size == 0
    finally:
        os.close(fd)


def test_the_data_of_a_file_with_holes_is_reckoned(ext4_folder: Folder) -> None:
    fd = create_part(ext4_folder, b"part")
    try:
        os.ftruncate(fd, 100 * MIB)
        assert data_bytes(fd, 100 * MIB) == 0
        write_all(fd, memoryview(payload(MIB, 1)), 50 * MIB)
        os.fsync(fd)
        assert data_bytes(fd, 100 * MIB) == MIB
        assert data_bytes(fd, 50 * MIB) == 0
    finally:
        os.close(fd)


def test_a_file_without_holes_is_all_data(ext4_folder: Folder, exfat_folder: Folder) -> None:
    for folder in (ext4_folder, exfat_folder):
        fd = create_part(folder, b"part")
        try:
            write_all(fd, memoryview(payload(MIB, 1)), 0)
            os.fsync(fd)
            assert data_bytes(fd, MIB) == MIB
        finally:
            os.close(fd)
