"""Small builders for the tests of the door."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from ketter_gui.disk.folder import Folder
from ketter_gui.disk.writing import create_part, write_all

ODD_NAMES = (
    b"-rf",
    b"caf\xe9.mov",
    b"new\nline",
    b" blank ",
    b"back\\slash",
    b'quo"te',
    "naïve 日本.mov".encode(),
    b"x" * 255,
)

NOBODY = 65534


def make(folder: Folder, name: bytes, content: bytes = b"") -> None:
    fd = create_part(folder, name)
    try:
        write_all(fd, memoryview(content), 0)
        os.fsync(fd)
    finally:
        os.close(fd)


def content_of(folder: Folder, name: bytes) -> bytes:
    fd = os.open(name, os.O_RDONLY, dir_fd=folder.fd)
    with open(fd, "rb") as file:
        return file.read()


@contextmanager
def as_nobody() -> Iterator[None]:
    """Without root's rights, for this thread's file accesses."""
    groups = os.getgroups()
    os.setgroups([])
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)
