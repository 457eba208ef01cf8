"""Read a file from where it is kept, not from the system's cache, and say how (P1)."""

from __future__ import annotations

import os
from types import TracebackType

from ketter_gui.disk.direct import BLOCK_BYTES
from ketter_gui.disk.folder import Folder, state_of
from ketter_gui.disk.readback import FileSystem, let_go, open_direct
from ketter_gui.disk.reading import ask_for, open_known, read_into
from ketter_gui.domain.items import Medium, ReadBack
from ketter_gui.engine.control import Control
from ketter_gui.engine.hashing import Hashing
from ketter_gui.engine.journal import Checksums
from ketter_gui.engine.pump import Eat, Ring, pump


class KeptFile:
    """An open file whose way past the cache is chosen, and not read yet.

    Big files are read by direct I/O where that is proven to bypass the cache; otherwise
    the pages are dropped and *seen* gone, so that whatever is read afterwards comes from
    the drive. Direct reads of small files take three times as long (measured), but where
    the system keeps the pages, or does not let us see them, they are the second try.

    `how` says what reading it proves, `fd` is the file for everything else. A context
    manager; opening raises OSError and SpecialFile. `root` is the open folder that it lies
    somewhere below, if that was asked for its file system: it need not be asked again.
    """

    def __init__(
        self,
        folder: Folder,
        name: bytes,
        medium: Medium,
        *,
        is_big: bool,
        root: FileSystem | None = None,
    ) -> None:
        self._direct: int | None = None
        self.fd, self.state = open_known(folder, name)
        try:
            is_there = root is not None and root.device == self.state.device
            file_system = root.kind if root is not None and is_there else None
            self.how = self._choose(folder, name, medium, file_system, is_big=is_big)
        except BaseException:
            self.close()
            raise

    def _choose(
        self, folder: Folder, name: bytes, medium: Medium, file_system: int | None, *, is_big: bool
    ) -> ReadBack:
        if is_big and self._opened_direct(folder, name):
            return _bypassed(medium)
        how = let_go(self.fd, self.state.size_bytes, medium, file_system)
        if how is ReadBack.CACHE and not is_big and self._opened_direct(folder, name):
            return _bypassed(medium)
        return how

    def _opened_direct(self, folder: Folder, name: bytes) -> bool:
        direct = open_direct(folder, name)
        if direct is None:
            return False
        if not os.path.sameopenfile(direct, self.fd):  # swapped since: not what we look at
            os.close(direct)
            return False
        self._direct = direct
        return True

    def ask_for(self) -> None:
        """Have the drive start on it; several at once, it waits less between them."""
        if self._direct is None:
            ask_for(self.fd)

    def read(
        self,
        algorithms: tuple[str, ...],
        buffer: memoryview,
        ring: Ring | None,
        control: Control,
        counted: Eat,
    ) -> Checksums:
        """Read all that it was when it was opened, once, and return its checksums. Raises
        OSError.

        With a ring, hashing runs beside reading. `counted` sees every piece.
        """
        hashing = Hashing(algorithms)
        fd = self.fd if self._direct is None else self._direct
        if ring is None:
            # Direct I/O takes whole blocks and ends short; else no second read is needed to
            # find the end.
            block_bytes = 1 if self._direct is None else BLOCK_BYTES
            _loop(fd, self.state.size_bytes, block_bytes, hashing, buffer, control, counted)
        else:
            pump(
                ring,
                lambda view, offset: read_into(fd, view, offset),
                [*hashing.eaters(), counted],
                control,
            )
        return hashing.checksums()

    def is_unchanged(self) -> bool:
        """Whether it is still as it was when it was opened."""
        return state_of(self.fd).is_unchanged_from(self.state)

    def close(self) -> None:
        """Close what was opened."""
        direct, self._direct = self._direct, None
        if direct is not None:
            os.close(direct)
        fd, self.fd = self.fd, -1
        if fd >= 0:
            os.close(fd)

    def __enter__(self) -> KeptFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _bypassed(medium: Medium) -> ReadBack:
    return ReadBack.SERVER if medium is Medium.SERVER else ReadBack.STORAGE


def _loop(
    fd: int,
    size_bytes: int,
    block_bytes: int,
    hashing: Hashing,
    buffer: memoryview,
    control: Control,
    counted: Eat,
) -> None:
    offset = 0
    while offset < size_bytes:
        control.check()
        left = size_bytes - offset
        piece = buffer[: min(len(buffer), left + -left % block_bytes)]
        length = read_into(fd, piece, offset)
        if length == 0:
            return
        hashing.update(piece[:length])
        counted(piece[:length], offset)
        offset += length
