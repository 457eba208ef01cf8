from __future__ import annotations

import errno
import os

import pytest

from ketter_gui.disk.folder import Folder
from ketter_gui.disk.removing import give_back, remove_file, remove_folder, set_aside
from ketter_gui.domain.errors import NotContained
from tests.disk.making import ODD_NAMES, content_of, make


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_file_goes_by_its_name(folder: Folder, name: bytes) -> None:
    make(folder, name)
    make(folder, b"other")
    remove_file(folder, name)
    assert os.listdir(folder.fd) == ["other"]


def test_a_link_goes_and_what_it_points_to_stays(folder: Folder) -> None:
    make(folder, b"target")
    os.mkdir(b"sub", dir_fd=folder.fd)
    os.symlink(b"target", b"link", dir_fd=folder.fd)
    os.symlink(b"sub", b"to sub", dir_fd=folder.fd)
    remove_file(folder, b"link")
    with pytest.raises(NotADirectoryError):
        remove_folder(folder, b"to sub")
    remove_file(folder, b"to sub")
    assert sorted(os.listdir(folder.fd)) == ["sub", "target"]


def test_a_folder_is_no_file_and_a_full_one_stays(folder: Folder) -> None:
    os.mkdir(b"sub", dir_fd=folder.fd)
    with pytest.raises(IsADirectoryError):
        remove_file(folder, b"sub")
    make(folder, b"clip")
    with pytest.raises(NotADirectoryError):
        remove_folder(folder, b"clip")
    os.mkdir(b"sub/below", dir_fd=folder.fd)
    with pytest.raises(OSError, match="not empty") as caught:
        remove_folder(folder, b"sub")
    assert caught.value.errno == errno.ENOTEMPTY
    os.rmdir(b"sub/below", dir_fd=folder.fd)
    remove_folder(folder, b"sub")
    assert os.listdir(folder.fd) == ["clip"]


@pytest.mark.parametrize("name", [b"../clip", b"sub/clip", b"..", b".", b""])
def test_nothing_outside_the_folder_is_ever_removed(folder: Folder, name: bytes) -> None:
    for act in (remove_file, remove_folder):
        with pytest.raises(NotContained):
            act(folder, name)
    with pytest.raises(NotContained):
        set_aside(folder, name, b"aside")
    with pytest.raises(NotContained):
        give_back(folder, b"aside", name)


def test_a_missing_file_says_so(folder: Folder) -> None:
    for act in (remove_file, remove_folder):
        with pytest.raises(FileNotFoundError):
            act(folder, b"missing")


@pytest.mark.parametrize("place", ["ext4_folder", "ntfs_folder", "exfat_folder"])
def test_what_is_set_aside_gets_its_name_back(place: str, request: pytest.FixtureRequest) -> None:
    folder: Folder = request.getfixturevalue(place)
    make(folder, b"clip", b"bytes")
    set_aside(folder, b"clip", b".aside")
    assert os.listdir(folder.fd) == [".aside"]
    give_back(folder, b".aside", b"clip")
    assert os.listdir(folder.fd) == ["clip"]
    assert content_of(folder, b"clip") == b"bytes"


@pytest.mark.parametrize("place", ["ext4_folder", "ntfs_folder", "exfat_folder"])
def test_a_name_that_was_taken_meanwhile_loses_neither_of_the_two(
    place: str, request: pytest.FixtureRequest
) -> None:
    folder: Folder = request.getfixturevalue(place)
    make(folder, b"clip", b"ours")
    set_aside(folder, b"clip", b".aside")
    make(folder, b"clip", b"theirs")
    with pytest.raises(FileExistsError):
        give_back(folder, b".aside", b"clip")
    with pytest.raises(FileExistsError):
        set_aside(folder, b"clip", b".aside")
    assert content_of(folder, b"clip") == b"theirs"
    assert content_of(folder, b".aside") == b"ours"
