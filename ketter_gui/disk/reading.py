"""Open a file for reading, and read it into buffers that are there already."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Generator
from typing import Final

from ketter_gui.disk.folder import Folder
from ketter_gui.disk.state import bare, special_kind, state_from
from ketter_gui.domain.errors import SpecialFile
from ketter_gui.domain.items import FileState

_FILE_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
)
_NO_ATIME: Final = getattr(os, "O_NOATIME", 0)

_PIECE_BYTES: Final = 1 << 18


def open_file(folder: Folder, name: bytes) -> int:
    """A descriptor of a regular file; closing it is the caller's business.

    A symlink raises OSError (ELOOP, by O_NOFOLLOW), a folder IsADirectoryError, a FIFO,
    socket or device SpecialFile. O_NONBLOCK keeps a FIFO without a writer from hanging
    us and means nothing to a regular file. The access time stays as it is where we may
    ask for that (O_NOATIME: owner or CAP_FOWNER only, open(2)).
    """
    return open_known(folder, name)[0]


def open_known(folder: Folder, name: bytes) -> tuple[int, FileState]:
    """The same, and what the file is: the system is asked once for both."""
    fd = _open(folder, bare(name))
    try:
        answer = os.fstat(fd)
        if special := special_kind(answer.st_mode):
            raise SpecialFile(folder.words_for(name), kind=special)
        if stat.S_ISDIR(answer.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        return fd, state_from(answer)
    except BaseException:
        os.close(fd)
        raise


def _open(folder: Folder, name: bytes) -> int:
    try:
        try:
            return os.open(name, _FILE_FLAGS | _NO_ATIME, dir_fd=folder.fd)
        except PermissionError as error:
            if error.errno != errno.EPERM or not _NO_ATIME:
                raise
        return os.open(name, _FILE_FLAGS, dir_fd=folder.fd)
    except OSError as error:
        if error.errno == errno.ENXIO:
            _raise_if_special(folder, name, error)
        raise


def _raise_if_special(folder: Folder, name: bytes, cause: OSError) -> None:
    """A socket cannot be opened: the system says ENXIO, as it does of a drive that is gone."""
    answer = os.stat(name, dir_fd=folder.fd, follow_symlinks=False)
    if special := special_kind(answer.st_mode):
        raise SpecialFile(folder.words_for(name), kind=special) from cause


def read_into(fd: int, buffer: memoryview, offset: int) -> int:
    """Fill a buffer from an offset; fewer bytes than it holds mean the end of the file.

    A short read is continued, never taken for the end (POSIX allows one at any time).
    With direct I/O the piece after an odd tail may be refused for its alignment: that is
    the end only if the file's size says so. Raises OSError.
    """
    done = os.preadv(fd, [buffer], offset)
    while 0 < done < len(buffer):
        try:
            more = os.preadv(fd, [buffer[done:]], offset + done)
        except OSError as error:
            if error.errno == errno.EINVAL and os.fstat(fd).st_size == offset + done:
                return done
            raise
        if more == 0:
            return done
        done += more
    return done


def ask_for(fd: int) -> None:
    """Have the system fetch an open file in the background (POSIX_FADV_WILLNEED)."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_WILLNEED)


def pieces_of(folder: Folder, name: bytes) -> Generator[bytes, None, None]:
    """A whole file, piece by piece: opened with the first one, closed after the last, or with
    the generator. Raises as `open_file` and `read_into` do."""
    fd = open_file(folder, name)
    try:
        buffer, offset = memoryview(bytearray(_PIECE_BYTES)), 0
        while length := read_into(fd, buffer, offset):
            yield bytes(buffer[:length])
            offset += length
    finally:
        os.close(fd)


def link_target(folder: Folder, name: bytes) -> bytes:
    """Where a symlink points, as it is written in it. Raises OSError."""
    return os.readlink(bare(name), dir_fd=folder.fd)
