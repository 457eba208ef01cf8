from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ketter_gui.disk import _linux, naming
from ketter_gui.disk.folder import Folder, identity_of, look, open_root
from ketter_gui.disk.naming import Placed, may_move, move_it, move_over, name_it, replace
from ketter_gui.domain.errors import NotContained
from tests.disk import mounting
from tests.disk.making import ODD_NAMES, content_of, make
from tests.disk.mounting import mounted, need_root

EVERY_WAY = [
    pytest.param("ext4_folder", Placed.ATOMIC, id="atomic on ext4"),
    pytest.param("ntfs_folder", Placed.LINKED, id="link and unlink on ntfs-3g"),
    pytest.param("exfat_folder", Placed.CHECKED, id="look and rename on exfat-fuse"),
]


@pytest.fixture
def place(request: pytest.FixtureRequest) -> Folder:
    found: Folder = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize(("place", "way"), EVERY_WAY, indirect=["place"])
def test_a_part_gets_its_name(place: Folder, way: Placed) -> None:
    make(place, b"part", b"bytes")
    assert name_it(place, b"part", b"final") is way
    assert content_of(place, b"final") == b"bytes"
    assert os.listdir(place.fd) == ["final"]


@pytest.mark.parametrize(("place", "way"), EVERY_WAY, indirect=["place"])
def test_a_name_that_is_taken_is_never_clobbered(place: Folder, way: Placed) -> None:
    make(place, b"final", b"theirs")
    make(place, b"part", b"ours")
    os.mkdir(b"sub", dir_fd=place.fd)
    for name in (b"final", b"sub"):
        with pytest.raises(FileExistsError):
            name_it(place, b"part", name)
    assert content_of(place, b"final") == b"theirs"
    assert content_of(place, b"part") == b"ours"


@pytest.mark.parametrize(
    "place",
    [pytest.param("ext4_folder", id="ext4"), pytest.param("ntfs_folder", id="ntfs-3g")],
    indirect=True,
)
def test_a_link_to_nowhere_is_a_taken_name(place: Folder) -> None:
    os.symlink(b"nowhere", b"final", dir_fd=place.fd)
    make(place, b"part", b"ours")
    with pytest.raises(FileExistsError):
        name_it(place, b"part", b"final")
    assert os.readlink(b"final", dir_fd=place.fd) == b"nowhere"


@pytest.mark.parametrize(
    "place",
    [pytest.param("ext4_folder", id="ext4"), pytest.param("ntfs_folder", id="ntfs-3g")],
    indirect=True,
)
def test_of_many_that_want_one_name_one_gets_it(place: Folder) -> None:
    for number in range(8):
        make(place, b"part %d" % number, b"%d" % number)
    start = threading.Barrier(8)
    winners: list[int] = []

    def want(number: int) -> None:
        start.wait()
        try:
            name_it(place, b"part %d" % number, b"final")
        except FileExistsError:
            return
        winners.append(number)

    threads = [threading.Thread(target=want, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(winners) == 1
    assert content_of(place, b"final") == b"%d" % winners[0]
    assert len(os.listdir(place.fd)) == 8


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_system_without_the_flag_links_instead(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(_linux, "renameat2_noreplace", refuse)
    make(folder, b"part")
    assert name_it(folder, b"part", b"final") is Placed.LINKED


def test_elsewhere_than_on_linux_links_are_used(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_linux, "IS_LINUX", False)
    make(folder, b"part")
    assert name_it(folder, b"part", b"final") is Placed.LINKED


def test_a_failing_drive_is_not_asked_in_another_way(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(_linux, "renameat2_noreplace", fail)
    make(folder, b"part")
    with pytest.raises(OSError, match="Input/output"):
        name_it(folder, b"part", b"final")
    monkeypatch.setattr(_linux, "IS_LINUX", False)
    monkeypatch.setattr(os, "link", lambda *_, **__: fail())
    with pytest.raises(OSError, match="Input/output"):
        name_it(folder, b"part", b"final")
    assert os.listdir(folder.fd) == ["part"]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_names_are_given(folder: Folder, name: bytes) -> None:
    make(folder, b"part", b"bytes")
    name_it(folder, b"part", name)
    assert content_of(folder, name) == b"bytes"


@pytest.mark.parametrize("name", [b"../final", b"sub/final", b"..", b""])
def test_a_path_is_no_name(folder: Folder, name: bytes) -> None:
    make(folder, b"part")
    for act in (name_it, replace):
        with pytest.raises(NotContained):
            act(folder, b"part", name)
        with pytest.raises(NotContained):
            act(folder, name, b"final")


@pytest.mark.parametrize(
    "place",
    [pytest.param("ext4_folder", id="ext4"), pytest.param("exfat_folder", id="exfat-fuse")],
    indirect=True,
)
def test_a_file_is_replaced_by_a_proven_one(place: Folder) -> None:
    make(place, b"final", b"old")
    make(place, b"part", b"new")
    replace(place, b"part", b"final")
    assert content_of(place, b"final") == b"new"
    assert os.listdir(place.fd) == ["final"]


def test_a_replaced_link_is_replaced_itself_and_not_what_it_points_to(folder: Folder) -> None:
    make(folder, b"target", b"kept")
    os.symlink(b"target", b"final", dir_fd=folder.fd)
    make(folder, b"part", b"new")
    replace(folder, b"part", b"final")
    assert content_of(folder, b"target") == b"kept"
    assert content_of(folder, b"final") == b"new"


def test_a_folder_is_never_replaced_nor_replaces_anything(folder: Folder) -> None:
    os.mkdir(b"sub", dir_fd=folder.fd)
    os.mkdir(b"other", dir_fd=folder.fd)
    make(folder, b"part", b"new")
    with pytest.raises(IsADirectoryError):
        replace(folder, b"part", b"sub")
    with pytest.raises(IsADirectoryError):
        replace(folder, b"sub", b"part")
    with pytest.raises(IsADirectoryError):
        replace(folder, b"sub", b"other")
    assert sorted(os.listdir(folder.fd)) == ["other", "part", "sub"]


# --- from one folder into another ----------------------------------------------------------


@pytest.fixture
def two_folders(place: Folder) -> Iterator[tuple[Folder, Folder]]:
    for name in (b"from", b"to"):
        os.mkdir(name, dir_fd=place.fd)
    with open_root(place.path + b"/from") as source, open_root(place.path + b"/to") as target:
        yield source, target


@pytest.mark.parametrize(("place", "way"), EVERY_WAY, indirect=["place"])
def test_a_file_moves_into_another_folder(two_folders: tuple[Folder, Folder], way: Placed) -> None:
    source, target = two_folders
    make(source, b"clip", b"bytes")
    assert may_move(source, target)
    assert move_it(source, b"clip", target, b"final") is way
    assert content_of(target, b"final") == b"bytes"
    assert (os.listdir(source.fd), os.listdir(target.fd)) == ([], ["final"])


@pytest.mark.parametrize(("place", "way"), EVERY_WAY, indirect=["place"])
def test_a_file_moves_over_nobody_elses(two_folders: tuple[Folder, Folder], way: Placed) -> None:
    source, target = two_folders
    make(source, b"clip", b"ours")
    make(target, b"clip", b"theirs")
    with pytest.raises(FileExistsError):
        move_it(source, b"clip", target, b"clip")
    assert (content_of(source, b"clip"), content_of(target, b"clip")) == (b"ours", b"theirs")
    move_over(source, b"clip", target, b"clip")
    assert (os.listdir(source.fd), content_of(target, b"clip")) == ([], b"ours")


def test_a_folder_is_never_moved_over(folder: Folder) -> None:
    make(folder, b"clip", b"ours")
    os.mkdir(b"sub", dir_fd=folder.fd)
    for name, final in ((b"clip", b"sub"), (b"sub", b"clip")):
        with pytest.raises(IsADirectoryError):
            move_over(folder, name, folder, final)
    assert content_of(folder, b"clip") == b"ours"


@pytest.mark.parametrize("place", [pytest.param("ntfs_folder", id="ntfs-3g")], indirect=True)
def test_an_original_keeps_its_name_until_the_new_one_is_on_the_drive(
    two_folders: tuple[Folder, Folder], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Folder) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    source, target = two_folders
    make(source, b"clip", b"bytes")
    monkeypatch.setattr(naming, "flush_folder", refuse)
    with pytest.raises(OSError, match="Input/output"):
        move_it(source, b"clip", target, b"clip")
    assert (os.listdir(source.fd), os.listdir(target.fd)) == (["clip"], [])


def test_two_volumes_are_told_apart_before_anything_is_tried(
    ext4_folder: Folder, ntfs_folder: Folder
) -> None:
    assert not may_move(ext4_folder, ntfs_folder)
    assert may_move(ext4_folder, ext4_folder)
    assert os.listdir(ext4_folder.fd) == os.listdir(ntfs_folder.fd) == []


def test_two_mounts_of_one_volume_are_told_apart(folder: Folder, tmp_path: Path) -> None:
    """The kernel renames within one mount only, whatever the volume is."""
    need_root()
    again = tmp_path / "again"
    with (
        mounted(again, "mount", "--bind", os.fsdecode(folder.path), again) as place,
        open_root(os.fsencode(place)) as other,
    ):
        assert other.identity == folder.identity
        assert not may_move(folder, other)
        make(folder, b"clip")
        with pytest.raises(OSError, match="Invalid cross-device link"):
            move_it(folder, b"clip", other, b"clip2")
        assert sorted(os.listdir(folder.fd)) == ["again", "clip"]


def test_a_second_name_that_shows_as_another_file_is_not_used(tmp_path: Path) -> None:
    """sshfs: what was proven could not be recognised by its final name."""
    with mounting.sshfs(tmp_path) as place, open_root(os.fsencode(place)) as folder:
        make(folder, b"part", b"bytes")
        before = look(folder, b"part")
        assert name_it(folder, b"part", b"final") is Placed.CHECKED
        after = look(folder, b"final")
        assert before is not None
        assert after is not None
        assert identity_of(after) == identity_of(before)
        assert sorted(os.listdir(place)) == ["final"]
        make(folder, b"part", b"other")
        with pytest.raises(FileExistsError):
            name_it(folder, b"part", b"final")
        assert content_of(folder, b"final") == b"bytes"
