"""Ask a destination what names it can hold, instead of guessing from its type.

Names are tried out in a folder of our own, `.ketter-<token>.probe`, in the destination's
root: empty files, made with O_EXCL and removed one by one, so that nobody else's name is
ever near. What a killed process leaves is known by its name and its emptiness: the same
transfer removes it when it goes on, any other one after an hour.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from ketter_gui.disk.folder import Folder
from ketter_gui.disk.holes import hollow
from ketter_gui.disk.state import bare
from ketter_gui.domain.holding import ANY_CHARACTER, NO_LIMIT_BYTES, SPECIAL_BYTES, Holding
from ketter_gui.domain.limits import MIB
from ketter_gui.domain.names import probe_name

_FOLDER_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_DIRECTORY", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
)
_FILE_FLAGS: Final = (
    os.O_WRONLY
    | os.O_CREAT
    | os.O_EXCL
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
)
_AGAIN_AFTER_S: Final = (0.0, 0.05, 0.2, 0.5)
_OURS_ONLY_FOLDER: Final = 0o700
_OURS_ONLY: Final = 0o600
_OURS: Final = re.compile(rb"\.ketter-[0-9a-f]{8}\.probe")
_LEFT_BEHIND_S: Final = 3600
"""No probe takes longer, even on a slow share."""

_TROUBLE: Final = frozenset(
    {
        errno.EIO,
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EROFS,
        errno.ENODEV,
        errno.ENXIO,
        errno.ENOTCONN,
        errno.ESTALE,
        errno.EHOSTDOWN,
        errno.ETIMEDOUT,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOMEM,
        errno.EINTR,
    }
)
"""What is no answer to whether a name can be held. exFAT says ENOENT, ntfs-3g EINVAL,
fusefat EPERM."""

_A_TIME_NS: Final = 1_700_000_000 * 10**9
_CLOCK_STEP_NS: Final = 2 * 10**9
_USUAL_NAME: Final = 255
_LETTERS: Final = ("é", "字", "😀")
_HIGHEST: Final = (0x7F, 0xFF, 0xFFFF, ANY_CHARACTER)


class Probe:
    """An empty folder of ours in which names are tried out. See `probing`."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def holds(self, name: bytes) -> bool:
        """Whether a file can have this name, and keeps it. Raises OSError for trouble of
        another kind."""
        if not self._make(name):
            return False
        try:
            there = _listed(self._fd)
            return len(there) == 1 and (there[0] == name or _is_same_text(there[0], name))
        finally:
            self.clear()

    def are_one(self, one: bytes, other: bytes) -> bool:
        """Whether these two names lead to the same file here. Raises OSError."""
        if not self._make(one):
            return False
        try:
            os.stat(bare(other), dir_fd=self._fd, follow_symlinks=False)
        except OSError as error:
            if error.errno in _TROUBLE:
                raise
            return False
        finally:
            self.clear()
        return True

    def holds_path(self, path: bytes) -> bool:
        """Whether folders as deep, and a path as long, as this one can be made."""
        names = path.split(b"/")
        step = b"d" * max(1, min(_USUAL_NAME, len(path) // len(names) - 1))
        fd = os.dup(self._fd)
        try:
            for _ in names:
                os.mkdir(step, _OURS_ONLY_FOLDER, dir_fd=fd)
                below = os.open(step, _FOLDER_FLAGS, dir_fd=fd)
                os.close(fd)
                fd = below
        except OSError as error:
            if error.errno in _TROUBLE:
                raise
            return False
        finally:
            os.close(fd)
            self.clear()
        return True

    def largest_file(self) -> int:
        """The size of the biggest file, as far as the kernel knows it: it lets nobody seek
        beyond (lseek(2)), which writes nothing. FUSE does not tell. Raises OSError."""
        self._make(b"size")
        fd = os.open(b"size", os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0), dir_fd=self._fd)
        try:
            held, not_held = 0, NO_LIMIT_BYTES + 1
            while not_held - held > 1:
                middle = (held + not_held) // 2
                if _can_seek(fd, middle):
                    held = middle
                else:
                    not_held = middle
            return held
        finally:
            os.close(fd)
            self.clear()

    def holds_holes(self) -> bool:
        """Whether files here may have holes, which take no room. Raises OSError."""
        self._make(b"hole")
        fd = os.open(b"hole", os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0), dir_fd=self._fd)
        try:
            return hollow(fd, MIB)
        finally:
            os.ftruncate(fd, 0)
            os.close(fd)
            self.clear()

    def holds_links(self) -> bool:
        """Whether a file here may have two names. Raises OSError."""
        self._make(b"one")
        try:
            os.link(b"one", b"two", src_dir_fd=self._fd, dst_dir_fd=self._fd)
        except OSError as error:
            if error.errno in _TROUBLE:
                raise
            return False
        finally:
            self.clear()
        return True

    def holds_link_times(self) -> bool:
        """Whether a symlink has times of its own, and setting them leaves alone what it
        leads to: through sshfs they, and the owner, would be set on that, wherever it is.
        Tried with a link that leads nowhere. Raises OSError."""
        os.symlink(b"nowhere", b"link", dir_fd=self._fd)
        try:
            os.utime(b"link", ns=(_A_TIME_NS, _A_TIME_NS), dir_fd=self._fd, follow_symlinks=False)
            now = os.stat(b"link", dir_fd=self._fd, follow_symlinks=False)
            return abs(now.st_mtime_ns - _A_TIME_NS) <= _CLOCK_STEP_NS
        except OSError as error:
            if error.errno in _TROUBLE:
                raise
            return False
        finally:
            os.unlink(b"link", dir_fd=self._fd)

    def _make(self, name: bytes) -> bool:
        try:
            fd = os.open(bare(name), _FILE_FLAGS, _OURS_ONLY, dir_fd=self._fd)
        except OSError as error:
            if error.errno in _TROUBLE:
                raise
            return False
        os.close(fd)
        return True

    def clear(self) -> None:
        """Remove everything in our folder, as it is called there now."""
        _empty(self._fd)


@contextmanager
def probing(root: Folder, token: str) -> Iterator[Probe]:
    """A folder to try names out in, gone at the end. Raises OSError when there cannot be
    one: no room, no permission, or a drive in trouble."""
    name = probe_name(token)
    _remove(root, name)
    os.mkdir(name, _OURS_ONLY_FOLDER, dir_fd=root.fd)
    try:
        fd = os.open(name, _FOLDER_FLAGS, dir_fd=root.fd)
        try:
            _remove_left_behind(root, name, os.fstat(fd).st_mtime)
            yield Probe(fd)
        finally:
            os.close(fd)
    finally:
        _remove_patiently(root, name)


def ask(probe: Probe) -> Holding:
    """What names a file system holds. Some twenty names are tried, more only where one of
    them is refused: 1 ms on ext4, 20 ms on exFAT through FUSE. Raises OSError."""
    is_utf16 = probe.holds("é".encode() * _USUAL_NAME)
    return Holding(
        refused=_refused_bytes(probe),
        has_device_names=not all(map(probe.holds, (b"CON", b"COM1", b"aux.txt"))),
        loses_last_dot=not probe.holds(b"a."),
        loses_last_space=not probe.holds(b"a "),
        is_utf8_only=not probe.holds(b"caf\xe9"),
        highest=_highest(probe),
        longest=_USUAL_NAME if is_utf16 else _longest(probe),
        is_utf16=is_utf16,
        is_folding=any(
            probe.are_one(one.encode(), other.encode())
            for one, other in (("a", "A"), ("é", "É"), ("é", "e\u0301"))
        ),
        largest_file_bytes=probe.largest_file(),
    )


def _refused_bytes(probe: Probe) -> bytes:
    """All at once first; one by one only where that is refused."""
    if probe.holds(b"a" + SPECIAL_BYTES + b"a"):
        return b""
    return bytes(one for one in SPECIAL_BYTES if not probe.holds(b"a%ca" % one))


def _highest(probe: Probe) -> int:
    for letter, below in zip(_LETTERS, _HIGHEST, strict=False):
        if not probe.holds(letter.encode()):
            return below
    return ANY_CHARACTER


def _longest(probe: Probe) -> int:
    """The longest name in bytes; less than the usual on encrypted folders, for example."""
    if probe.holds(b"x" * _USUAL_NAME):
        return _USUAL_NAME
    held, not_held = 1, _USUAL_NAME
    while not_held - held > 1:
        middle = (held + not_held) // 2
        if probe.holds(b"x" * middle):
            held = middle
        else:
            not_held = middle
    return held


def _is_same_text(one: bytes, other: bytes) -> bool:
    """Equal but for composed and decomposed letters: kept in another form, and found by
    both."""
    try:
        texts = one.decode(), other.decode()
    except UnicodeDecodeError:
        return False
    return unicodedata.normalize("NFC", texts[0]) == unicodedata.normalize("NFC", texts[1])


def _can_seek(fd: int, size_bytes: int) -> bool:
    try:
        os.lseek(fd, size_bytes, os.SEEK_SET)
    except OSError as error:
        if error.errno in (errno.EINVAL, errno.EFBIG, errno.EOVERFLOW):
            return False
        raise
    return True


def _remove_left_behind(root: Folder, own: bytes, now_s: float) -> None:
    """Probes of processes that were killed. `now_s` is the drive's own clock."""
    for name in _probes_in(root):
        if name == own:
            continue
        with suppress(OSError):  # somebody else's business after all
            answer = os.stat(name, dir_fd=root.fd, follow_symlinks=False)
            if now_s - answer.st_mtime > _LEFT_BEHIND_S:
                _remove(root, name)


def _probes_in(root: Folder) -> list[bytes]:
    return [name for name in _listed(root.fd) if _OURS.fullmatch(name)]


def _listed(fd: int) -> list[bytes]:
    """What is in a folder now: btrfs lists through a descriptor only what was there when
    that was opened."""
    anew = os.open(".", _FOLDER_FLAGS, dir_fd=fd)
    try:
        return [os.fsencode(name) for name in os.listdir(anew)]
    finally:
        os.close(anew)


def _remove_patiently(root: Folder, name: bytes) -> None:
    """Through FUSE a file is closed, and its size known, some moments after it was closed
    here. What stays then is of a drive in trouble: the name says whose it is."""
    for wait_s in _AGAIN_AFTER_S:
        time.sleep(wait_s)
        with suppress(OSError):
            _remove(root, name)
            return


def _remove(root: Folder, name: bytes) -> None:
    """A probe, with the empty things in it; none there is well. Anything else in it stays,
    and so does the folder: OSError with ENOTEMPTY."""
    try:
        fd = os.open(name, _FOLDER_FLAGS, dir_fd=root.fd)
    except FileNotFoundError:
        return
    try:
        _empty(fd)
    finally:
        os.close(fd)
    os.rmdir(name, dir_fd=root.fd)


def _empty(fd: int) -> None:
    for one in _listed(fd):
        answer = os.stat(one, dir_fd=fd, follow_symlinks=False)
        if stat.S_ISREG(answer.st_mode) and answer.st_size == 0:
            os.unlink(one, dir_fd=fd)
        elif stat.S_ISDIR(answer.st_mode):
            _remove_steps(fd, one)


def _remove_steps(fd: int, name: bytes) -> None:
    """Folders in folders with nothing else in them: the one below is brought up beside the
    one above, which is then empty. No depth can be too much for that."""
    while True:
        inner = os.open(name, _FOLDER_FLAGS, dir_fd=fd)
        try:
            below = os.listdir(inner)
            if len(below) != 1:
                break
            beside = b"e" if name != b"e" else b"f"
            os.rename(below[0], beside, src_dir_fd=inner, dst_dir_fd=fd)
        finally:
            os.close(inner)
        os.rmdir(name, dir_fd=fd)
        name = beside
    os.rmdir(name, dir_fd=fd)
