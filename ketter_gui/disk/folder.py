"""Open folders: the chosen roots, and what lies below them, reached link by link.

    open_root         the folder a person chose; symlinks on the way to it are his choice
    Tree              a root and the folders below it, each opened from the one above
    entries, look     what is in a folder; what a name is

A Tree belongs to one thread. It keeps at most `limits.OPEN_FOLDERS` descriptors; an
older one is let go of, and closed as soon as nobody holds its Folder any more, so that
a Folder in hand is never closed under its user.

An open folder is the folder that was found there, wherever it is moved meanwhile. So
`Tree.forget` before anything that rests on where a path leads *now*.
"""

from __future__ import annotations

import errno
import os
import posixpath
import stat
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from types import TracebackType
from typing import Final, Self
from weakref import WeakSet

from ketter_gui.disk.gate import Gate
from ketter_gui.disk.state import bare, identity_of, special_kind, state_from
from ketter_gui.domain import limits
from ketter_gui.domain.errors import NameTaken, NotContained, NotOnThisSystem, SpecialFile
from ketter_gui.domain.items import FileState
from ketter_gui.domain.names import is_safe_relative

__all__ = [
    "Folder",
    "Tree",
    "entries",
    "identity_of",
    "leads_to",
    "lend_write",
    "look",
    "names_in",
    "open_or_make_root",
    "open_root",
    "ordered_names",
    "state_and_access",
    "state_of",
    "states",
]

_FOLDER_FLAGS: Final = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
_BELOW_FLAGS: Final = _FOLDER_FLAGS | getattr(os, "O_NOFOLLOW", 0)
_IN_THE_WAY: Final = frozenset({errno.ELOOP, errno.ENOTDIR})
_OURS_ONLY: Final = 0o700
"""New folders: nobody else may look or swap anything until they get their own mode."""


class Folder:
    """One open folder. `path` is for words and errors only, never joined for access.

    Closed by `close`, at the end of a `with`, or when nobody holds it any more. With a
    gate, nothing can be done in it any more once that is shut.
    """

    __slots__ = ("__weakref__", "_fd", "gate", "path")

    def __init__(self, fd: int, path: bytes, gate: Gate | None = None) -> None:
        self._fd = fd
        self.path = path
        self.gate = gate

    @property
    def fd(self) -> int:
        """Its descriptor, for one call at a time; -1 when it is closed. Raises LetGo."""
        if self.gate is not None:
            self.gate.check()
        return self._fd

    @property
    def identity(self) -> tuple[int, int]:
        """(st_dev, st_ino): which folder this is, as long as it stays mounted."""
        answer = os.fstat(self.fd)
        return answer.st_dev, answer.st_ino

    def words_for(self, name: bytes) -> bytes:
        """The path of something in it, to be shown to people."""
        return posixpath.join(self.path, name)

    def close(self) -> None:
        """Close its descriptor; a second time does nothing."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __del__(self) -> None:
        with suppress(OSError, AttributeError):
            self.close()


def open_root(path: bytes, gate: Gate | None = None) -> Folder:
    """Open a folder that a person chose. Raises OSError; NotADirectoryError for a file."""
    if os.open not in os.supports_dir_fd:
        raise NotOnThisSystem(feature="Opening files from an open folder")
    return Folder(os.open(path, _FOLDER_FLAGS), path, gate)


def leads_to(path: bytes, folder: Folder) -> bool:
    """Whether a path that a person chose still leads to this open folder: not when it was
    renamed, removed or unmounted, or another one is in its place. Raises OSError when that
    cannot be told."""
    try:
        answer = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    return (answer.st_dev, answer.st_ino) == folder.identity


def open_or_make_root(path: bytes, gate: Gate | None = None) -> Folder:
    """The same, making the last folder of the path when only that one is missing.

    It gets the usual mode (0777 less the umask), and its name is flushed before it is
    used. Raises FileNotFoundError when the folder above it is missing as well.
    """
    with suppress(FileNotFoundError):
        return open_root(path, gate)
    above, name = posixpath.split(path.rstrip(b"/"))
    with open_root(above or b".", gate) as parent:
        with suppress(FileExistsError):
            os.mkdir(bare(name), 0o777, dir_fd=parent.fd)
        with suppress(OSError):
            os.fsync(parent.fd)
        return Folder(os.open(name, _FOLDER_FLAGS, dir_fd=parent.fd), path, gate)


class Tree:
    """A root, owned, and the folders below it. Paths are relative, `b""` is the root."""

    def __init__(self, root: Folder) -> None:
        self.root = root
        self._open: OrderedDict[bytes, Folder] = OrderedDict()
        self._given: WeakSet[Folder] = WeakSet()
        self._missing: set[bytes] = set()

    def folder(self, relative: bytes) -> Folder:
        """The folder of that path, never through a link.

        Owned by the tree: use it at once, do not close it. Raises NotContained when a
        link or a file is in the way, FileNotFoundError when it is not there; that it is
        not is remembered until it is made here, or `forget`.
        """
        if not relative:
            return self.root
        if (known := self._known(relative)) is not None:
            return known
        if relative in self._missing:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        try:
            above, name = self._above(relative)
            return self._keep(relative, self._open_below(above, name))
        except FileNotFoundError:
            self._missing.add(relative)
            raise

    def make(self, relative: bytes) -> tuple[Folder, bool]:
        """The same, making what is missing, for us alone (0700).

        True when the last one was made here. A folder that is there is merged into.
        Raises NotContained for a link in the way, NameTaken for a file.
        """
        if not relative:
            return self.root, False
        if (known := self._known(relative)) is not None:
            return known, False
        self._missing.discard(relative)
        above, name = self._above(relative, make=True)
        is_new = True
        try:
            _make_folder(above, name)
        except FileExistsError:
            is_new = False
        return self._keep(relative, self._open_below(above, name, taken=NameTaken)), is_new

    def split(self, path: bytes) -> tuple[Folder, bytes]:
        """The folder that holds `path`, and its bare name there. Raises like `folder`."""
        if not is_safe_relative(path):
            raise NotContained(path)
        above, _, name = path.rpartition(b"/")
        return self.folder(above), name

    def again(self) -> Tree:
        """The same root for another thread: opened anew, so that a write-back that fails
        is reported to each of the two (syncfs(2)). Raises OSError."""
        root = self.root
        fd = os.open(b".", _FOLDER_FLAGS, dir_fd=root.fd)
        return Tree(Folder(fd, root.path, root.gate))

    def forget(self) -> None:
        """Let go of every folder but the root, so that the next use walks the way again
        and finds what was swapped, moved or removed meanwhile.
        """
        self._open.clear()
        self._missing.clear()

    def close(self) -> None:
        """Close the root and every folder that was got from here. An error that is still
        about holds the frames that it came through, and with them what they had open: a
        drive with one open folder cannot be unmounted."""
        self.forget()
        for folder in list(self._given):
            folder.close()
        self.root.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _known(self, relative: bytes) -> Folder | None:
        if (known := self._open.get(relative)) is not None:
            self._open.move_to_end(relative)
        return known

    def _above(self, relative: bytes, *, make: bool = False) -> tuple[Folder, bytes]:
        """Walk to the folder that holds the last name, from the deepest one still open."""
        if not is_safe_relative(relative):
            raise NotContained(relative)
        names = relative.split(b"/")
        depth = len(names) - 1
        while depth and b"/".join(names[:depth]) not in self._open:
            depth -= 1
        folder = self.folder(b"/".join(names[:depth]))
        for reached in range(depth + 1, len(names)):
            path = b"/".join(names[:reached])
            if make:
                folder, _ = self.make(path)
            else:
                folder = self._keep(path, self._open_below(folder, names[reached - 1]))
        return folder, names[-1]

    def _open_below(
        self,
        above: Folder,
        name: bytes,
        taken: type[NotContained | NameTaken] = NotContained,
    ) -> Folder:
        words = above.words_for(name)
        try:
            return Folder(os.open(name, _BELOW_FLAGS, dir_fd=above.fd), words, above.gate)
        except OSError as error:
            if error.errno not in _IN_THE_WAY:
                raise
            raise (NotContained if _is_link(above, name) else taken)(words) from error

    def _keep(self, relative: bytes, folder: Folder) -> Folder:
        self._open[relative] = folder
        self._given.add(folder)
        if len(self._open) > limits.OPEN_FOLDERS:
            self._open.popitem(last=False)
        return folder


def _make_folder(above: Folder, name: bytes) -> None:
    try:
        os.mkdir(name, _OURS_ONLY, dir_fd=above.fd)
    except PermissionError:
        if not lend_write(above):
            raise
        os.mkdir(name, _OURS_ONLY, dir_fd=above.fd)


def lend_write(folder: Folder) -> bool:
    """Let ourselves write in a folder of our own whose mode forbids it; False when that is
    not the reason. A card's folders are often read-only, and so are the copies of them:
    whoever adds to one gives it its mode again when all is in it. Raises OSError."""
    answer = os.fstat(folder.fd)
    mode = stat.S_IMODE(answer.st_mode)
    if answer.st_uid != os.geteuid() or mode & _OURS_ONLY == _OURS_ONLY:
        return False
    os.fchmod(folder.fd, mode | _OURS_ONLY)
    return True


def _is_link(folder: Folder, name: bytes) -> bool:
    try:
        mode = os.stat(name, dir_fd=folder.fd, follow_symlinks=False).st_mode
    except OSError:
        return True  # it changes under our eyes: the careful answer
    return stat.S_ISLNK(mode)


def entries(folder: Folder) -> Iterator[tuple[bytes, FileState | None, str]]:
    """Everything in a folder, sorted by the bytes of its names; see `states`. The first
    names are read at once. Raises OSError, and so does going on."""
    return states(folder, ordered_names(folder))


def states(folder: Folder, names: Iterable[bytes]) -> Iterator[tuple[bytes, FileState | None, str]]:
    """What these names of a folder are, one by one: names alone take a seventh of the memory.

    `(name, state, "")`, or `(name, None, "FIFO" | "socket" | "device")` for what holds
    no footage. Links are looked at, never followed; a name that vanishes meanwhile is
    left out. Raises OSError, at any of them.
    """
    for name in names:
        try:
            answer = os.stat(name, dir_fd=folder.fd, follow_symlinks=False)
        except FileNotFoundError:
            continue
        special = special_kind(answer.st_mode)
        yield name, None if special else state_from(answer), special


def names_in(folder: Folder) -> list[bytes]:
    """The names in a folder, sorted by their bytes, and nothing asked of what has them: a
    drive that is mounted there may not answer. Raises OSError."""
    return list(ordered_names(folder))


def ordered_names(folder: Folder) -> Iterator[bytes]:
    """The same one by one, with `limits.NAMES_AT_ONCE` of them in memory, or twice as many:
    a folder that has more is read again for the next ones. The first ones are read at once.
    Raises OSError, and so does going on."""
    return _and_further(folder, _names_after(folder, b""))


def _and_further(folder: Folder, names: list[bytes]) -> Iterator[bytes]:
    while names:
        yield from names
        if len(names) < limits.NAMES_AT_ONCE:
            return
        last = names[-1]
        names.clear()
        names = _names_after(folder, last)


def _names_after(folder: Folder, last: bytes) -> list[bytes]:
    most = limits.NAMES_AT_ONCE
    names: list[bytes] = []
    with os.scandir(folder.fd) as listing:
        for entry in listing:
            name = os.fsencode(entry.name)
            if name > last:
                names.append(name)
            if len(names) >= 2 * most:
                names.sort()
                del names[most:]
    names.sort()
    del names[most:]
    return names


def look(folder: Folder, name: bytes) -> FileState | None:
    """What a name is, without following it; None when there is no such name.

    Raises SpecialFile for a FIFO, a socket or a device, and OSError.
    """
    try:
        answer = os.stat(bare(name), dir_fd=folder.fd, follow_symlinks=False)
    except FileNotFoundError:
        return None
    if special := special_kind(answer.st_mode):
        raise SpecialFile(folder.words_for(name), kind=special)
    return state_from(answer)


def state_and_access(fd: int) -> tuple[FileState, int]:
    """What an open file is, and its access time in nanoseconds. Raises OSError."""
    answer = os.fstat(fd)
    return state_from(answer), answer.st_atime_ns


def state_of(fd: int) -> FileState:
    """What an open file or folder is. Raises OSError."""
    return state_from(os.fstat(fd))
