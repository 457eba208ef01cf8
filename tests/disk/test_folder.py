from __future__ import annotations

import os
import socket
import stat
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketter_gui.disk.folder import (
    Folder,
    Tree,
    entries,
    identity_of,
    look,
    names_in,
    open_or_make_root,
    open_root,
    ordered_names,
    state_of,
)
from ketter_gui.disk.reading import open_file
from ketter_gui.disk.state import bare
from ketter_gui.disk.writing import create_part
from ketter_gui.domain import limits
from ketter_gui.domain.errors import NameTaken, NotContained, SpecialFile
from ketter_gui.domain.items import ItemKind
from tests.disk.making import ODD_NAMES, as_nobody, make
from tests.disk.mounting import need_root


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    place = tmp_path / "outside"
    place.mkdir()
    (place / "secret").write_bytes(b"not for us")
    return place


def _root(tree: Tree) -> Path:
    return Path(os.fsdecode(tree.root.path))


def test_the_empty_path_is_the_root(tree: Tree) -> None:
    assert tree.folder(b"") is tree.root
    assert tree.make(b"") == (tree.root, False)
    assert tree.split(b"clip.mov") == (tree.root, b"clip.mov")


def test_a_root_may_be_reached_by_a_link_that_a_person_chose(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "chosen").symlink_to("real")
    with open_root(os.fsencode(tmp_path / "chosen")) as root:
        there = (tmp_path / "real").stat()
        assert root.identity == (there.st_dev, there.st_ino)


def test_a_root_must_be_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "pipe")
    for name in ("file", "pipe"):
        with pytest.raises(NotADirectoryError):
            open_root(os.fsencode(tmp_path / name))
        with pytest.raises(NotADirectoryError):
            open_or_make_root(os.fsencode(tmp_path / name))


def test_only_the_last_folder_of_a_root_is_made(tmp_path: Path) -> None:
    with open_or_make_root(os.fsencode(tmp_path / "new")) as root:
        assert Path(os.fsdecode(root.path)).is_dir()
    with open_or_make_root(os.fsencode(tmp_path / "new") + b"/"):
        pass
    with pytest.raises(FileNotFoundError):
        open_or_make_root(os.fsencode(tmp_path / "a/b"))
    assert not (tmp_path / "a").exists()


def test_a_link_to_nowhere_is_no_root_and_nothing_is_made_behind_it(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with pytest.raises(FileNotFoundError):
        open_or_make_root(os.fsencode(tmp_path / "link"))
    assert not (tmp_path / "target").exists()


def test_a_closed_folder_is_closed_once(tmp_path: Path) -> None:
    root = open_root(os.fsencode(tmp_path))
    root.close()
    root.close()
    assert root.fd == -1


@pytest.mark.parametrize("path", [b"link", b"link/below", b"real/link", b"real/link/below"])
def test_a_link_in_the_way_is_never_followed(tree: Tree, outside: Path, path: bytes) -> None:
    root = _root(tree)
    (outside / "below").mkdir()
    (root / "real").mkdir()
    (root / "link").symlink_to(outside)
    (root / "real" / "link").symlink_to(outside)
    with pytest.raises(NotContained):
        tree.folder(path)
    with pytest.raises(NotContained):
        tree.make(path)
    with pytest.raises(NotContained):
        tree.make(path + b"/new")
    with pytest.raises(NotContained):
        tree.split(path + b"/secret")
    assert sorted(os.listdir(outside)) == ["below", "secret"]


def test_a_link_to_a_folder_inside_the_root_is_not_followed_either(tree: Tree) -> None:
    (_root(tree) / "real").mkdir()
    (_root(tree) / "link").symlink_to("real")
    with pytest.raises(NotContained):
        tree.folder(b"link")


def test_a_link_to_nowhere_in_the_way_makes_nothing(tree: Tree, outside: Path) -> None:
    (_root(tree) / "link").symlink_to(outside / "new")
    with pytest.raises(NotContained):
        tree.make(b"link")
    assert not (outside / "new").exists()


def test_a_file_in_the_way_is_a_taken_name_when_making(tree: Tree) -> None:
    (_root(tree) / "file").touch()
    os.mkfifo(_root(tree) / "pipe")
    for name in (b"file", b"pipe"):
        with pytest.raises(NotContained):
            tree.folder(name)
        with pytest.raises(NameTaken):
            tree.make(name)
        with pytest.raises(NameTaken):
            tree.make(name + b"/below")


def test_a_missing_folder_says_so(tree: Tree) -> None:
    with pytest.raises(FileNotFoundError):
        tree.folder(b"missing")
    with pytest.raises(FileNotFoundError):
        tree.folder(b"missing/below")


def test_new_folders_are_for_us_alone(tree: Tree) -> None:
    folder, is_new = tree.make(b"a/b/c")
    assert is_new
    for path in ("a", "a/b", "a/b/c"):
        assert stat.S_IMODE((_root(tree) / path).stat().st_mode) == 0o700
    assert folder.path.endswith(b"/a/b/c")


def test_an_existing_folder_is_merged_into(tree: Tree) -> None:
    (_root(tree) / "a").mkdir(mode=0o755)
    _, is_new = tree.make(b"a")
    assert not is_new
    tree.forget()
    assert tree.make(b"a")[1] is False
    assert stat.S_IMODE((_root(tree) / "a").stat().st_mode) == 0o755


@pytest.mark.parametrize(
    "path",
    [b"..", b"../outside", b"a/../../outside", b"/etc", b"a//b", b".", b"./a", b"a/", b"a\0"],
)
def test_no_words_lead_out_of_the_root(tree: Tree, outside: Path, path: bytes) -> None:
    tree.make(b"a")
    with pytest.raises(NotContained):
        tree.folder(path)
    with pytest.raises(NotContained):
        tree.make(path)
    with pytest.raises(NotContained):
        tree.split(path)
    with pytest.raises(NotContained):
        tree.split(path + b"/clip")


@pytest.mark.parametrize("name", [b"", b".", b"..", b"a/b", b"/", b"a\0b"])
def test_only_a_bare_name_names_something_in_a_folder(folder: Folder, name: bytes) -> None:
    with pytest.raises(NotContained):
        bare(name)
    with pytest.raises(NotContained):
        look(folder, name)


@given(st.binary(min_size=1, max_size=20))
def test_a_name_is_bare_or_refused(name: bytes) -> None:
    is_one_name = b"/" not in name and b"\0" not in name and name not in (b".", b"..")
    if is_one_name:
        assert bare(name) == name
    else:
        with pytest.raises(NotContained):
            bare(name)


def test_a_folder_swapped_for_a_link_is_seen_after_forgetting(tree: Tree, outside: Path) -> None:
    tree.make(b"a/b")
    (_root(tree) / "a").rename(_root(tree) / "moved")
    (_root(tree) / "a").symlink_to(outside)
    tree.forget()
    with pytest.raises(NotContained):
        tree.folder(b"a/b")


def _read_secret(tree: Tree) -> str:
    try:
        fd = open_file(*tree.split(b"inner/secret"))
    except (NotContained, FileNotFoundError) as error:
        return type(error).__name__
    try:
        assert os.read(fd, 100) == b"ours"
    finally:
        os.close(fd)
    return "read"


def test_a_swapping_attacker_never_makes_us_read_outside(tree: Tree, outside: Path) -> None:
    root = _root(tree)
    (root / "inner").mkdir()
    (root / "inner" / "secret").write_bytes(b"ours")
    (root / "link").symlink_to(outside)
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            (root / "inner").rename(root / "real")
            (root / "link").rename(root / "inner")
            (root / "inner").rename(root / "link")
            (root / "real").rename(root / "inner")

    attacker = threading.Thread(target=swap)
    attacker.start()
    outcomes: set[str] = set()
    until = time.monotonic() + 5.0
    try:
        while len(outcomes) < 3 and time.monotonic() < until:
            tree.forget()
            outcomes.add(_read_secret(tree))
    finally:
        stop.set()
        attacker.join()
    assert outcomes == {"read", "NotContained", "FileNotFoundError"}


def test_a_bounded_number_of_folders_is_kept_open(tree: Tree) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for number in range(200):
        tree.make(b"folder %d/below" % number)
    assert len(os.listdir("/proc/self/fd")) <= before + limits.OPEN_FOLDERS + 1


def test_a_folder_in_hand_stays_open_when_it_is_let_go_of(tree: Tree) -> None:
    held, _ = tree.make(b"held")
    make(held, b"clip")
    for number in range(100):
        tree.make(b"folder %d" % number)
    assert look(held, b"clip") is not None
    tree.forget()
    assert look(held, b"clip") is not None


def test_a_tree_deeper_than_any_path_may_be_long_is_reached(tree: Tree) -> None:
    names = [b"%03d" % number + b"x" * 100 for number in range(80)]
    path = b"/".join(names)
    assert len(path) > 4096 * 2
    tree.make(path)
    tree.forget()
    make(tree.folder(path), b"clip", b"deep")
    assert [name for name, _, _ in entries(tree.folder(path))] == [b"clip"]


def test_a_folder_without_permission_says_so_and_leaks_nothing(tree: Tree) -> None:
    need_root()
    tree.make(b"closed/below")
    tree.forget()
    with as_nobody(), pytest.raises(PermissionError):
        tree.folder(b"closed/below")


def test_a_listing_is_sorted_by_bytes_and_follows_nothing(folder: Folder, tmp_path: Path) -> None:
    for name in ODD_NAMES:
        make(folder, name)
    os.mkdir(b"sub", dir_fd=folder.fd)
    os.symlink(b"/etc/passwd", b"link", dir_fd=folder.fd)
    os.mkfifo(b"pipe", dir_fd=folder.fd)
    sockets = socket.socket(socket.AF_UNIX)
    here = Path.cwd()
    os.chdir(tmp_path)
    try:
        sockets.bind("sock")
    finally:
        os.chdir(here)
        sockets.close()

    listed = list(entries(folder))

    names = [name for name, _, _ in listed]
    assert names == sorted([*ODD_NAMES, b"sub", b"link", b"pipe", b"sock"])
    found = {name: (state, special) for name, state, special in listed}
    assert found[b"pipe"] == (None, "FIFO")
    assert found[b"sock"] == (None, "socket")
    link, _ = found[b"link"]
    assert link is not None
    assert link.kind is ItemKind.SYMLINK
    assert link.size_bytes == len(b"/etc/passwd")
    sub, _ = found[b"sub"]
    assert sub is not None
    assert sub.kind is ItemKind.FOLDER


def test_a_device_is_named_and_left_alone(folder: Folder) -> None:
    need_root()
    os.mknod(b"null", stat.S_IFCHR | 0o600, os.makedev(1, 3), dir_fd=folder.fd)
    assert list(entries(folder)) == [(b"null", None, "device")]
    with pytest.raises(SpecialFile) as caught:
        look(folder, b"null")
    assert caught.value.facts["kind"] == "device"


def test_a_name_that_vanishes_while_it_is_listed_is_left_out(folder: Folder) -> None:
    for number in range(3000):
        os.close(create_part(folder, b"stays %d" % number if number % 2 else b"goes %d" % number))
    names = [b"goes %d" % number for number in range(0, 3000, 2)]

    def remove() -> None:
        for name in names:
            os.unlink(name, dir_fd=folder.fd)

    remover = threading.Thread(target=remove)
    remover.start()
    listed = [name for name, _, _ in entries(folder)]
    remover.join()
    assert sum(name.startswith(b"stays") for name in listed) == 1500


@pytest.mark.parametrize("names_at_once", [1, 7, 49, 50, 51, 100])
def test_a_folder_of_any_size_is_listed_in_order_and_only_some_names_are_kept(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, names_at_once: int
) -> None:
    names = [b"%d" % number for number in range(50)]
    for name in names:
        os.close(create_part(folder, name))
    monkeypatch.setattr(limits, "NAMES_AT_ONCE", names_at_once)
    assert list(ordered_names(folder)) == names_in(folder) == sorted(names)


def test_a_folder_can_be_listed_twice(folder: Folder) -> None:
    make(folder, b"clip")
    assert list(entries(folder)) == list(entries(folder))


def test_looking_tells_what_a_name_is(folder: Folder) -> None:
    make(folder, b"clip", b"12345")
    state = look(folder, b"clip")
    assert state is not None
    assert (state.kind, state.size_bytes) == (ItemKind.FILE, 5)
    assert look(folder, b"missing") is None
    os.symlink(b"clip", b"link", dir_fd=folder.fd)
    link = look(folder, b"link")
    assert link is not None
    assert link.kind is ItemKind.SYMLINK


def test_looking_at_a_fifo_names_it(folder: Folder) -> None:
    os.mkfifo(b"pipe", dir_fd=folder.fd)
    with pytest.raises(SpecialFile) as caught:
        look(folder, b"pipe")
    assert caught.value.path == folder.path + b"/pipe"
    assert caught.value.facts["kind"] == "FIFO"


def test_an_identity_survives_a_rename_but_not_a_write(folder: Folder) -> None:
    make(folder, b"part", b"bytes")
    before = look(folder, b"part")
    os.rename(b"part", b"final", src_dir_fd=folder.fd, dst_dir_fd=folder.fd)
    after = look(folder, b"final")
    assert before is not None
    assert after is not None
    assert identity_of(before) == identity_of(after)
    os.utime(b"final", ns=(0, 0), dir_fd=folder.fd)
    touched = look(folder, b"final")
    assert touched is not None
    assert identity_of(touched) != identity_of(before)


def test_an_open_file_has_the_state_of_its_name(folder: Folder) -> None:
    make(folder, b"clip", b"bytes")
    fd = open_file(folder, b"clip")
    try:
        assert state_of(fd) == look(folder, b"clip")
    finally:
        os.close(fd)
    assert state_of(folder.fd).kind is ItemKind.FOLDER


def test_names_are_listed_without_asking_what_has_them(tree: Tree) -> None:
    for name in ODD_NAMES:
        make(tree.root, name)
    os.symlink("nowhere", "gone", dir_fd=tree.root.fd)
    found = names_in(tree.root)
    assert found == sorted(found)
    assert {*ODD_NAMES, b"gone"} <= set(found)


def test_a_closed_tree_leaves_nothing_open_that_somebody_still_holds(tree: Tree) -> None:
    """The frames of an error hold what they had in hand, and a drive with an open folder
    cannot be unmounted."""
    held, _ = tree.make(b"a/b")
    tree.forget()
    fd = held.fd
    tree.close()
    assert held.fd == -1
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(fd)
