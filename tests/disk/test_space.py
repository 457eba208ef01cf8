"""How much room there is, in what a file system gives out."""

from __future__ import annotations

import os
from pathlib import Path

from ketter_gui.disk.folder import open_root
from ketter_gui.disk.space import room
from tests.disk import mounting


def test_free_room_shrinks_by_what_is_written(tmp_path: Path) -> None:
    with mounting.tmpfs(tmp_path) as place, open_root(os.fsencode(place)) as folder:
        assert room(folder).free_bytes == 1 << 20
        (place / "half").write_bytes(b"x" * (1 << 19))
        assert room(folder).free_bytes == 1 << 19


def test_a_file_of_one_byte_takes_a_whole_unit(tmp_path: Path) -> None:
    with mounting.exfat(tmp_path, cluster="128K") as place, open_root(os.fsencode(place)) as folder:
        before = room(folder)
        (place / "small").write_bytes(b"x")
        after = room(folder)
        assert before.unit_bytes == 128 << 10
        assert before.free_bytes is not None and after.free_bytes is not None
        assert before.free_bytes - after.free_bytes == before.unit_bytes


def test_files_are_counted_where_there_is_a_number_of_them(tmp_path: Path) -> None:
    with mounting.ext4(tmp_path) as place, open_root(os.fsencode(place)) as folder:
        before = room(folder).free_files
        (place / "one more").touch()
        after = room(folder).free_files
        assert before is not None and after is not None
        assert before - after == 1


def test_exfat_has_no_number_of_files(tmp_path: Path) -> None:
    with mounting.exfat(tmp_path) as place, open_root(os.fsencode(place)) as folder:
        assert room(folder).free_files is None


def test_fat_through_fuse_does_not_tell_its_room(tmp_path: Path) -> None:
    with mounting.fat(tmp_path) as place, open_root(os.fsencode(place)) as folder:
        assert room(folder).free_bytes is None
        assert room(folder).free_files is None
