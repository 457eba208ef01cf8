"""Files that Ketter writes for people or keeps for itself: whole, or not at all.

Exports, signatures, reports, keys. Each is written beside its name as a part for us
alone, flushed, and renamed only when it is complete: a report that was cut off by a full
disk never looks like a report.
"""

from __future__ import annotations

import errno
import os
import posixpath
import secrets
from types import TracebackType
from typing import Final, Self

from ketter_gui.disk.flushing import flush, flush_folder
from ketter_gui.disk.folder import Folder, open_root, state_of
from ketter_gui.disk.naming import name_it, replace
from ketter_gui.disk.reading import open_file, read_into
from ketter_gui.disk.removing import remove_file
from ketter_gui.disk.writing import create_part, write_all
from ketter_gui.domain.errors import ExportFailed
from ketter_gui.domain.items import FileState
from ketter_gui.domain.names import part_name

_OURS_ONLY: Final = 0o600
_GATHERED_BYTES: Final = 1 << 18


class OutputFile:
    """A new file at `path`, as a context manager; `write` takes bytes.

    It appears at the end of the `with`, complete and flushed, with mode `mode`; after an
    exception there is nothing. Symlinks on the way to it are followed, as it is a place
    that a person chose; one in its own place is never written through. With `within` it is
    written into that open folder, whoever may have swapped what leads there. Raises
    ExportFailed: EEXIST when the name is taken and `overwrite` is False, and for
    whatever else keeps it from being written.
    """

    def __init__(
        self,
        path: bytes,
        *,
        overwrite: bool = False,
        mode: int = _OURS_ONLY,
        within: Folder | None = None,
    ) -> None:
        self._within = within
        self.path = path
        self._overwrite = overwrite
        self._mode = mode
        self._folder: Folder | None = None
        self._fd = -1
        self._waiting = bytearray()
        self._written_bytes = 0
        self._name = posixpath.basename(path)
        self._part = part_name(self._name, secrets.token_hex(4))

    def __enter__(self) -> Self:
        if self._name in (b"", b".", b".."):
            raise ExportFailed(self.path, errno=errno.EISDIR)
        try:
            folder = self._opened()
        except OSError as error:
            raise ExportFailed.from_os(error, self.path) from error
        try:
            self._refuse_taken(folder)
            self._fd = create_part(folder, self._part)
        except OSError as error:
            folder.close()
            raise ExportFailed.from_os(error, self.path) from error
        except BaseException:
            folder.close()
            raise
        self._folder = folder
        return self

    def _opened(self) -> Folder:
        """A folder of its own to close, whoever holds the one that it was given."""
        if self._within is None:
            return open_root(posixpath.dirname(self.path) or b".")
        return Folder(os.dup(self._within.fd), self._within.path, self._within.gate)

    def write(self, piece: bytes | memoryview) -> int:
        """Take the next bytes; returns how many. Raises ExportFailed."""
        self._waiting += piece
        if len(self._waiting) >= _GATHERED_BYTES:
            self._write_waiting()
        return len(piece)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        folder, self._folder = self._folder, None
        assert folder is not None
        with folder:
            try:
                if error is None:
                    self._finish(folder)
                else:
                    self._discard(folder)
            except BaseException:
                self._discard(folder)
                raise

    def _refuse_taken(self, folder: Folder) -> None:
        """Early, so that nobody waits for a report that can only be refused."""
        try:
            os.stat(self._name, dir_fd=folder.fd, follow_symlinks=False)
        except FileNotFoundError:
            return
        if not self._overwrite:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))

    def _write_waiting(self) -> None:
        try:
            with memoryview(self._waiting) as view:
                write_all(self._fd, view, self._written_bytes)
        except OSError as error:
            raise ExportFailed.from_os(error, self.path) from error
        self._written_bytes += len(self._waiting)
        self._waiting.clear()

    def _finish(self, folder: Folder) -> None:
        self._write_waiting()
        try:
            if self._mode != _OURS_ONLY:
                os.fchmod(self._fd, self._mode)
            flush(self._fd)
            self._close()
            if self._overwrite:
                replace(folder, self._part, self._name)
            else:
                name_it(folder, self._part, self._name)
            flush_folder(folder)
        except OSError as error:
            raise ExportFailed.from_os(error, self.path) from error

    def _discard(self, folder: Folder) -> None:
        self._close()
        try:
            remove_file(folder, self._part)
        except OSError:
            return  # its name says what it is; the error that led here says the rest

    def _close(self) -> None:
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)


def read_small(path: bytes, limit_bytes: int) -> bytes:
    """A whole small file of ours. Raises as `read_small_and_state` does."""
    return read_small_and_state(path, limit_bytes)[0]


def read_small_and_state(path: bytes, limit_bytes: int) -> tuple[bytes, FileState]:
    """A small file, and what it is, from one descriptor: nobody can swap it between.

    Not through a symlink in its own place. Raises OSError, EFBIG when it holds more than
    `limit_bytes`, and SpecialFile.
    """
    with open_root(posixpath.dirname(path) or b".") as folder:
        fd = open_file(folder, posixpath.basename(path))
        try:
            buffer = bytearray(limit_bytes + 1)
            with memoryview(buffer) as view:
                length = read_into(fd, view, 0)
            if length > limit_bytes:
                raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
            return bytes(buffer[:length]), state_of(fd)
        finally:
            os.close(fd)
