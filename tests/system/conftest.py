from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

MakeDevice = Callable[..., None]


@pytest.fixture
def sys_folder(tmp_path: Path) -> Path:
    """A made-up /sys: as flat as the functions need it, with the kernel's links."""
    place = tmp_path / "sys"
    for name in ("dev/block", "class/block", "devices"):
        (place / name).mkdir(parents=True)
    return place


@pytest.fixture
def dev_folder(tmp_path: Path) -> Path:
    place = tmp_path / "dev"
    for family in ("by-uuid", "by-partuuid", "by-label"):
        (place / "disk" / family).mkdir(parents=True)
    return place


@pytest.fixture
def device(sys_folder: Path) -> MakeDevice:
    """`device("sda1", (8, 1), disk="sda", size=100)`: files by name, "/" as "__"."""

    def make(
        name: str,
        number: tuple[int, int],
        disk: str = "",
        slaves: tuple[str, ...] = (),
        **files: str | int,
    ) -> None:
        folder = sys_folder / "devices" / disk / name
        (folder / "slaves").mkdir(parents=True)
        for slave in slaves:
            (folder / "slaves" / slave).symlink_to(sys_folder / "class/block" / slave)
        for file, text in files.items():
            path = folder / file.replace("__", "/")
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"{text}\n")
        (sys_folder / "class/block" / name).symlink_to(folder)
        (sys_folder / "dev/block" / f"{number[0]}:{number[1]}").symlink_to(folder)

    return make
