from __future__ import annotations

import errno
import os

import pytest

from ketter_gui.disk import _linux
from ketter_gui.disk.flushing import flush, flush_folder, flush_volume
from ketter_gui.disk.folder import Folder
from ketter_gui.disk.writing import create_part, write_all


def _fail_with(number: int) -> object:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


def test_files_folders_and_volumes_are_flushed(folder: Folder) -> None:
    fd = create_part(folder, b"part")
    try:
        write_all(fd, memoryview(b"bytes"), 0)
        flush(fd)
    finally:
        os.close(fd)
    assert flush_volume(folder)
    assert flush_folder(folder)


def test_a_volume_served_by_a_program_is_flushed_too(exfat_folder: Folder) -> None:
    assert flush_volume(exfat_folder)
    flush_folder(exfat_folder)


def test_a_closed_descriptor_is_an_error_and_never_a_flush() -> None:
    closed = Folder(99_999, b"closed")
    with pytest.raises(OSError, match="descriptor"):
        flush_volume(closed)
    with pytest.raises(OSError, match="descriptor"):
        flush_folder(closed)
    with pytest.raises(OSError, match="descriptor"):
        flush(99_999)


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_volume_that_cannot_be_flushed_at_once_says_so(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(_linux, "syncfs", _fail_with(number))
    assert not flush_volume(folder)


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC, errno.EDQUOT])
def test_a_failed_flush_is_never_swallowed(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(_linux, "syncfs", _fail_with(number))
    monkeypatch.setattr(os, "fsync", _fail_with(number))
    for act in (flush_volume, flush_folder):
        with pytest.raises(OSError, match=r".") as caught:
            act(folder)
        assert caught.value.errno == number
    with pytest.raises(OSError, match=r".") as caught:
        flush(folder.fd)
    assert caught.value.errno == number


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP])
def test_a_folder_that_has_no_flush_is_tolerated_and_told(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(os, "fsync", _fail_with(number))
    assert not flush_folder(folder)


def test_elsewhere_than_on_linux_each_file_is_flushed(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_linux, "IS_LINUX", False)
    assert not flush_volume(folder)
