"""Holes of a file arrive as holes where the drive has them, and its bytes are proven as
always; what a drive cannot hold is written in full and told."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from tests.builders import payload
from tests.cli.program import Ketter
from tests.disk import mounting
from tests.disk.mounting import need_root
from tests.faults.test_faithful import told

MIB = 1024 * 1024


@pytest.fixture
def ketter(tmp_path: Path) -> Ketter:
    return Ketter(tmp_path / "data")


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """Files with holes at their beginning, middle and end, of holes only, small and big;
    and one that is full of zeros and has none."""
    folder = tmp_path / "card"
    folder.mkdir()
    _holey(folder / "big.img", 64 * MIB, {8 * MIB: MIB, 33 * MIB + 4096: 4096, 63 * MIB: MIB})
    _holey(folder / "hole.img", 16 * MIB, {})
    _holey(folder / "end.img", 20 * MIB + 1, {0: 100})
    _holey(folder / "small.img", MIB, {0: 5000, 512 * 1024: 1})
    (folder / "zeros.bin").write_bytes(bytes(8 * MIB))
    (folder / "plain.bin").write_bytes(payload(2 * MIB, 1))
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
    return folder


def _holey(path: Path, size_bytes: int, data: dict[int, int]) -> None:
    with path.open("wb") as file:
        file.truncate(size_bytes)
        for offset, length in data.items():
            file.seek(offset)
            file.write(payload(length, offset).replace(b"\0", b"x"))


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _allocated(path: Path) -> int:
    return path.stat().st_blocks * 512


@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs", "tmpfs", "ntfs"])
def test_holes_arrive_as_holes(ketter: Ketter, tmp_path: Path, card: Path, kind: str) -> None:
    need_root()
    with mounting.of(kind, tmp_path) as drive:
        done = ketter("copy", card, "--to", drive / "to", "--json")
        assert done.code == 0, done.err
        os.sync()
        for path in card.iterdir():
            copy = drive / "to" / "card" / path.name
            assert copy.stat().st_size == path.stat().st_size
            assert _sum(copy) == _sum(path)
            if path.name.endswith(".img"):
                assert _allocated(copy) <= _allocated(path) + 64 * 1024, path.name
        for name in ("zeros.bin", "plain.bin"):  # no holes there, none here
            assert _allocated(drive / "to" / "card" / name) >= (card / name).stat().st_size
    assert "holes" not in told(done)


def test_holes_are_filled_and_told_where_a_drive_has_none(
    ketter: Ketter, tmp_path: Path, card: Path
) -> None:
    (card / "big.img").unlink()  # the drive is small
    with mounting.exfat(tmp_path) as drive:
        done = ketter("copy", card, "--to", drive / "to", "--json")
        assert done.code == 0, done.err
        assert told(done)["holes"] == 3
        for path in card.iterdir():
            assert _sum(drive / "to" / "card" / path.name) == _sum(path)


def test_one_source_reaches_a_drive_with_holes_and_one_without(
    ketter: Ketter, tmp_path: Path, card: Path
) -> None:
    (card / "big.img").unlink()
    with mounting.exfat(tmp_path) as without, mounting.ext4(tmp_path) as drive:
        done = ketter("copy", card, "--to", without / "to", "--to", drive / "to", "--json")
        assert done.code == 0, done.err
        assert told(done)["holes"] == 3
        os.sync()
        assert _allocated(drive / "to" / "card" / "hole.img") < MIB


def test_a_file_longer_than_the_drive_fits_when_most_of_it_is_a_hole(
    ketter: Ketter, tmp_path: Path
) -> None:
    need_root()
    card = tmp_path / "card"
    card.mkdir()
    _holey(card / "disk.img", 4 << 30, {1 << 30: 2 * MIB, (4 << 30) - MIB: MIB})
    with mounting.ext4(tmp_path) as drive, mounting.exfat(tmp_path) as without:
        assert os.statvfs(drive).f_bavail * os.statvfs(drive).f_frsize < 64 * MIB
        done = ketter("copy", card, "--to", drive / "to", "--json")
        assert done.code == 0, done.err
        copy = drive / "to" / "card" / "disk.img"
        assert copy.stat().st_size == 4 << 30
        assert _allocated(copy) < 4 * MIB
        done = ketter("copy", card, "--to", without / "to", "--json")
        assert done.code == 2
        assert list(without.glob("to/*")) == []
