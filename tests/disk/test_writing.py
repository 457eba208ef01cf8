from __future__ import annotations

import ctypes
import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from ketter_gui.disk import _linux
from ketter_gui.disk.folder import Folder, open_root
from ketter_gui.disk.writing import allocate, create_part, make_link, write_all
from ketter_gui.domain.errors import NotContained
from tests.disk.making import ODD_NAMES, content_of, make


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_part_is_new_and_for_us_alone(folder: Folder, name: bytes) -> None:
    umask = os.umask(0)
    try:
        os.close(create_part(folder, name))
    finally:
        os.umask(umask)
    assert stat.S_IMODE(os.stat(name, dir_fd=folder.fd).st_mode) == 0o600


def test_a_part_is_never_made_over_anything(folder: Folder, tmp_path: Path) -> None:
    make(folder, b"file", b"kept")
    os.mkdir(b"sub", dir_fd=folder.fd)
    os.mkfifo(b"pipe", dir_fd=folder.fd)
    os.symlink(b"nowhere", b"link", dir_fd=folder.fd)
    for name in (b"file", b"sub", b"pipe", b"link"):
        with pytest.raises(FileExistsError):
            create_part(folder, name)
    assert content_of(folder, b"file") == b"kept"
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("name", [b"../part", b"sub/part", b"..", b""])
def test_a_path_is_no_name(folder: Folder, name: bytes) -> None:
    with pytest.raises(NotContained):
        create_part(folder, name)
    with pytest.raises(NotContained):
        make_link(folder, name, b"target")


def test_room_is_made_before_the_bytes_come(folder: Folder) -> None:
    fd = create_part(folder, b"part")
    try:
        assert allocate(fd, 4 << 20)
        state = os.fstat(fd)
        assert state.st_size == 4 << 20
        assert state.st_blocks * 512 >= 4 << 20
    finally:
        os.close(fd)


def test_an_empty_file_needs_no_room(folder: Folder) -> None:
    fd = create_part(folder, b"part")
    try:
        assert allocate(fd, 0)
        assert os.fstat(fd).st_blocks == 0
    finally:
        os.close(fd)


def test_a_full_disk_is_told_when_room_is_made(small_tmpfs: Path) -> None:
    with open_root(os.fsencode(small_tmpfs)) as folder:
        fd = create_part(folder, b"part")
        try:
            with pytest.raises(OSError, match="space") as caught:
                allocate(fd, 8 << 20)
        finally:
            os.close(fd)
    assert caught.value.errno == errno.ENOSPC


def test_where_no_room_can_be_made_nothing_is_written_instead(exfat_folder: Folder) -> None:
    fd = create_part(exfat_folder, b"part")
    try:
        assert not allocate(fd, 4 << 20)
        assert os.fstat(fd).st_size == 0
    finally:
        os.close(fd)


def test_an_interrupted_call_is_made_again(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []

    def interrupted(fd: int, mode: int, offset: int, size: int) -> int:
        tries.append((mode, offset, size))
        ctypes.set_errno(errno.EINTR)
        return 0 if len(tries) == 3 else -1

    monkeypatch.setattr(_linux._libc, "find", lambda *_: interrupted)
    assert allocate(folder.fd, 100)
    assert tries == [(0, 0, 100)] * 3


@pytest.mark.parametrize("missing", [errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL])
def test_a_system_without_the_call_says_no(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, missing: int
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(missing, os.strerror(missing))

    monkeypatch.setattr(_linux, "fallocate", refuse)
    assert not allocate(folder.fd, 100)


def test_a_function_that_libc_lacks_is_no_such_call() -> None:
    with pytest.raises(OSError, match="implemented") as caught:
        _linux._Libc().find("no_such_function", ctypes.c_int)
    assert caught.value.errno == errno.ENOSYS


def test_every_byte_is_written_at_its_place(folder: Folder) -> None:
    fd = create_part(folder, b"part")
    try:
        write_all(fd, memoryview(b"world"), 6)
        write_all(fd, memoryview(b"hello "), 0)
        write_all(fd, memoryview(b""), 100)
    finally:
        os.close(fd)
    assert content_of(folder, b"part") == b"hello world"


def _at_most(count: int, call: Callable[[int, memoryview, int], int]) -> object:
    return lambda fd, view, offset: call(fd, view[:count], offset)


def test_a_short_write_is_continued(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    content = os.urandom(1000)
    fd = create_part(folder, b"part")
    monkeypatch.setattr(os, "pwrite", _at_most(7, os.pwrite))
    try:
        write_all(fd, memoryview(content), 0)
    finally:
        os.close(fd)
    assert content_of(folder, b"part") == content


def test_a_write_that_takes_nothing_ends_with_an_error(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "pwrite", lambda *_: 0)
    with pytest.raises(OSError, match="no more bytes") as caught:
        write_all(folder.fd, memoryview(b"bytes"), 0)
    assert caught.value.errno == errno.EIO


def test_a_full_disk_is_told_when_bytes_are_written(small_tmpfs: Path) -> None:
    with open_root(os.fsencode(small_tmpfs)) as folder:
        fd = create_part(folder, b"part")
        try:
            with pytest.raises(OSError, match="space") as caught:
                write_all(fd, memoryview(bytes(8 << 20)), 0)
        finally:
            os.close(fd)
    assert caught.value.errno == errno.ENOSPC


@pytest.mark.parametrize("target", [b"/etc/passwd", b"caf\xe9", b"../../up", b"new\nline"])
def test_a_link_is_copied_as_it_is_written(folder: Folder, target: bytes) -> None:
    make_link(folder, b"link", target)
    assert os.readlink(b"link", dir_fd=folder.fd) == target
    with pytest.raises(FileExistsError):
        make_link(folder, b"link", b"other")
