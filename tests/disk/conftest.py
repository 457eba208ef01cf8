from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ketter_gui.disk.folder import Folder, Tree, open_root
from tests.disk import mounting


def _descriptors() -> set[tuple[str, str]]:
    found = set()
    for number in os.listdir("/proc/self/fd"):
        try:
            found.add((number, os.readlink(f"/proc/self/fd/{number}")))
        except OSError:
            continue  # the listing's own
    return found


@pytest.fixture(autouse=True)
def no_descriptor_leaks() -> Iterator[None]:
    before = _descriptors()
    yield
    if _descriptors() - before:
        gc.collect()
    assert _descriptors() - before == set()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    with open_root(os.fsencode(tmp_path)) as opened:
        yield opened


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Tree]:
    root = tmp_path / "root"
    root.mkdir()
    with Tree(open_root(os.fsencode(root))) as opened:
        yield opened


@pytest.fixture(scope="session")
def volumes_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("volumes")


@pytest.fixture(scope="session")
def ext4_volume(volumes_folder: Path) -> Iterator[Path]:
    with mounting.ext4(volumes_folder) as place:
        yield place


@pytest.fixture(scope="session")
def exfat_volume(volumes_folder: Path) -> Iterator[Path]:
    with mounting.exfat(volumes_folder) as place:
        yield place


@pytest.fixture(scope="session")
def ntfs_volume(volumes_folder: Path) -> Iterator[Path]:
    with mounting.ntfs(volumes_folder) as place:
        yield place


@pytest.fixture
def small_tmpfs(tmp_path: Path) -> Iterator[Path]:
    with mounting.tmpfs(tmp_path) as place:
        yield place


@pytest.fixture
def ext4_folder(ext4_volume: Path, request: pytest.FixtureRequest) -> Iterator[Folder]:
    yield from _own_folder(ext4_volume, request)


@pytest.fixture
def exfat_folder(exfat_volume: Path, request: pytest.FixtureRequest) -> Iterator[Folder]:
    yield from _own_folder(exfat_volume, request)


@pytest.fixture
def ntfs_folder(ntfs_volume: Path, request: pytest.FixtureRequest) -> Iterator[Folder]:
    yield from _own_folder(ntfs_volume, request)


def _own_folder(place: Path, request: pytest.FixtureRequest) -> Iterator[Folder]:
    own = place / f"{abs(hash(request.node.nodeid)):x}"
    own.mkdir()
    with open_root(os.fsencode(own)) as opened:
        yield opened
