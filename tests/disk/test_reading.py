from __future__ import annotations

import errno
import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ketter_gui.disk.folder import Folder, open_root
from ketter_gui.disk.readback import aligned_buffer, open_direct
from ketter_gui.disk.reading import link_target, open_file, read_into
from ketter_gui.domain.errors import NotContained, SpecialFile
from tests.disk.making import ODD_NAMES, as_nobody, make
from tests.disk.mounting import need_root


@pytest.mark.timeout(10)
def test_a_fifo_does_not_hang_and_is_refused(folder: Folder) -> None:
    os.mkfifo(b"pipe", dir_fd=folder.fd)
    with pytest.raises(SpecialFile) as caught:
        open_file(folder, b"pipe")
    assert caught.value.facts["kind"] == "FIFO"


def test_a_socket_is_no_drive_that_is_gone(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("sock")
    with pytest.raises(SpecialFile) as caught:
        open_file(folder, b"sock")
    assert caught.value.facts["kind"] == "socket"


def test_a_device_is_refused(folder: Folder) -> None:
    need_root()
    os.mknod(b"null", stat.S_IFCHR | 0o600, os.makedev(1, 3), dir_fd=folder.fd)
    with pytest.raises(SpecialFile):
        open_file(folder, b"null")


def test_a_link_is_never_opened(folder: Folder) -> None:
    make(folder, b"clip")
    os.symlink(b"clip", b"link", dir_fd=folder.fd)
    with pytest.raises(OSError, match="symbolic links") as caught:
        open_file(folder, b"link")
    assert caught.value.errno == errno.ELOOP


def test_a_folder_is_no_file(folder: Folder) -> None:
    os.mkdir(b"sub", dir_fd=folder.fd)
    with pytest.raises(IsADirectoryError):
        open_file(folder, b"sub")


def test_a_missing_file_says_so(folder: Folder) -> None:
    with pytest.raises(FileNotFoundError):
        open_file(folder, b"missing")


@pytest.mark.parametrize("name", [b"../clip", b"/etc/passwd", b"sub/clip", b"..", b""])
def test_a_path_is_no_name(folder: Folder, name: bytes) -> None:
    with pytest.raises(NotContained):
        open_file(folder, name)
    with pytest.raises(NotContained):
        link_target(folder, name)


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_names_are_read(folder: Folder, name: bytes) -> None:
    make(folder, name, b"bytes")
    fd = open_file(folder, name)
    try:
        assert os.read(fd, 10) == b"bytes"
    finally:
        os.close(fd)


def test_reading_leaves_no_trace_in_the_access_time(folder: Folder) -> None:
    make(folder, b"clip", b"bytes")
    os.utime(b"clip", ns=(1_000_000_000, 2_000_000_000), dir_fd=folder.fd)
    fd = open_file(folder, b"clip")
    os.read(fd, 10)
    os.close(fd)
    assert os.stat(b"clip", dir_fd=folder.fd).st_atime_ns == 1_000_000_000


def test_the_file_of_somebody_else_is_read_all_the_same(tmp_path: Path) -> None:
    need_root()
    tmp_path.chmod(0o755)
    (tmp_path / "clip").write_bytes(b"bytes")
    (tmp_path / "clip").chmod(0o644)
    with open_root(os.fsencode(tmp_path)) as folder, as_nobody():
        fd = open_file(folder, b"clip")
        try:
            assert os.read(fd, 10) == b"bytes"
        finally:
            os.close(fd)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=st.binary(max_size=300), offset=st.integers(0, 320), room=st.integers(1, 320))
def test_a_buffer_is_filled_unless_the_file_ends(
    tmp_path: Path, content: bytes, offset: int, room: int
) -> None:
    file = tmp_path / "clip"
    file.write_bytes(content)
    fd = os.open(file, os.O_RDONLY)
    buffer = bytearray(room)
    try:
        length = read_into(fd, memoryview(buffer), offset)
    finally:
        os.close(fd)
    assert bytes(buffer[:length]) == content[offset : offset + room]


def _at_most(count: int, call: Callable[..., int]) -> Callable[..., int]:
    def short(fd: int, views: list[memoryview], offset: int, *rest: Any) -> int:
        return call(fd, [views[0][:count]], offset, *rest)

    return short


def test_a_short_read_is_not_the_end(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    content = os.urandom(1000)
    make(folder, b"clip", content)
    monkeypatch.setattr(os, "preadv", _at_most(7, os.preadv))
    fd = open_file(folder, b"clip")
    buffer = bytearray(2000)
    try:
        assert read_into(fd, memoryview(buffer), 0) == 1000
    finally:
        os.close(fd)
    assert bytes(buffer[:1000]) == content


@pytest.mark.parametrize("size", [1, 511, 512, 4095, 4096, 4097, 100_000, 1 << 20])
def test_a_direct_read_gives_the_odd_tail(folder: Folder, size: int) -> None:
    content = os.urandom(size)
    make(folder, b"clip", content)
    fd = open_direct(folder, b"clip")
    if fd is None:
        pytest.skip("needs a file system with direct I/O that says so (ext4, xfs; Linux 6.1)")
    try:
        with aligned_buffer(1 << 18) as buffer, memoryview(buffer) as view:
            found = bytearray()
            while length := read_into(fd, view, len(found)):
                found += view[:length]
    finally:
        os.close(fd)
    assert found == content


def test_a_refused_piece_is_the_end_only_if_the_size_says_so(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(folder, b"clip", b"x" * 100)
    real = os.preadv

    def fussy(fd: int, views: list[memoryview], offset: int) -> int:
        if offset % 50:
            raise OSError(errno.EINVAL, "alignment")
        return real(fd, [views[0][:60]], offset)

    fd = open_file(folder, b"clip")
    try:
        monkeypatch.setattr(os, "preadv", fussy)
        with pytest.raises(OSError, match="alignment"):
            read_into(fd, memoryview(bytearray(200)), 0)
        os.truncate(folder.path + b"/clip", 60)
        assert read_into(fd, memoryview(bytearray(200)), 0) == 60
    finally:
        os.close(fd)


@pytest.mark.parametrize("target", [b"/nowhere", b"caf\xe9", b"../up", b"new\nline"])
def test_a_link_says_what_is_written_in_it(folder: Folder, target: bytes) -> None:
    os.symlink(target, b"link", dir_fd=folder.fd)
    assert link_target(folder, b"link") == target
