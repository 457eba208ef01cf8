"""System calls that Python has no function for, by ctypes into libc.

Every function raises OSError with errno as Python's own would, tries again after EINTR,
and lets go of the GIL while it waits. Nothing here decides anything.

Only Linux: elsewhere `require_linux` raises NotOnThisSystem, and callers that have a
portable way ask `IS_LINUX` first.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from collections.abc import Callable
from typing import Any, Final

from ketter_gui.domain.errors import NotOnThisSystem

IS_LINUX: Final = sys.platform == "linux"

_RENAME_NOREPLACE: Final = 1
_AT_EMPTY_PATH: Final = 0x1000
_STATX_DIOALIGN: Final = 0x2000
_STATX_BTIME: Final = 0x800
_STATX_BYTES: Final = 256
_PROT_READ: Final = 1
_MAP_SHARED: Final = 1
_MAP_FAILED: Final = ctypes.c_void_p(-1).value
_STATFS_WORDS: Final = 32
_SYS_CACHESTAT: Final = 451
"""The same number on every architecture, as for all calls since Linux 5.1."""

_Function = Callable[..., Any]


def require_linux(feature: str) -> None:
    """Raises NotOnThisSystem anywhere but on Linux."""
    if not IS_LINUX:
        raise NotOnThisSystem(feature=feature)


class _Libc:
    """libc's functions, each looked up when it is first needed."""

    def __init__(self) -> None:
        self._library: ctypes.CDLL | None = None
        self._functions: dict[str, _Function] = {}

    def find(self, name: str, returns: Any, *takes: Any) -> _Function:
        """The function of this name; OSError with ENOSYS when libc has none."""
        if (found := self._functions.get(name)) is not None:
            return found
        require_linux(name)
        if self._library is None:
            self._library = ctypes.CDLL(None, use_errno=True)
        try:
            function = self._library[name]
        except AttributeError:
            raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS), name) from None
        function.restype = returns
        function.argtypes = list(takes)
        self._functions[name] = function
        return function


_libc = _Libc()
_int, _uint, _char_p = ctypes.c_int, ctypes.c_uint, ctypes.c_char_p
_void_p, _size_t, _off_t = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int64


def _raise() -> None:
    number = ctypes.get_errno()
    raise OSError(number, os.strerror(number))


def _zero(function: _Function, *arguments: object) -> None:
    """Call until it is not interrupted; anything but 0 raises OSError."""
    while function(*arguments) != 0:
        if ctypes.get_errno() != errno.EINTR:
            _raise()


def renameat2_noreplace(old_fd: int, old: bytes, new_fd: int, new: bytes) -> None:
    """renameat2(2) with RENAME_NOREPLACE: FileExistsError when `new` exists.

    EINVAL, ENOSYS or EOPNOTSUPP where the file system cannot promise that.
    """
    call = _libc.find("renameat2", _int, _int, _char_p, _int, _char_p, _uint)
    _zero(call, old_fd, old, new_fd, new, _RENAME_NOREPLACE)


def fallocate(fd: int, size_bytes: int) -> None:
    """Give a file this size and the blocks for it: the system call itself, mode 0.

    Never posix_fallocate(3): glibc's writes a byte into every block where the file
    system has no such call.
    """
    call = _libc.find("fallocate64", _int, _int, _int, _off_t, _off_t)
    _zero(call, fd, 0, 0, size_bytes)


def syncfs(fd: int) -> None:
    """Flush the whole file system that `fd` is on."""
    _zero(_libc.find("syncfs", _int, _int), fd)


def file_system_type(fd: int) -> int:
    """The f_type of fstatfs(2): which kind of file system holds an open file."""
    answer = (ctypes.c_long * _STATFS_WORDS)()
    _zero(_libc.find("fstatfs", _int, _int, _void_p), fd, answer)
    return int(answer[0]) & 0xFFFF_FFFF


def direct_io_alignment(fd: int) -> tuple[int, int] | None:
    """(memory, offset) alignment in bytes that statx(2) gives for direct I/O.

    None: this kernel or file system does not say (Linux before 6.1), or says that the
    file has no direct I/O.
    """
    answer = ctypes.create_string_buffer(_STATX_BYTES)
    call = _libc.find("statx", _int, _int, _char_p, _int, _uint, _void_p)
    _zero(call, fd, b"", _AT_EMPTY_PATH, _STATX_DIOALIGN, answer)
    told = int.from_bytes(answer.raw[0:4], sys.byteorder)
    memory = int.from_bytes(answer.raw[152:156], sys.byteorder)
    offset = int.from_bytes(answer.raw[156:160], sys.byteorder)
    if not told & _STATX_DIOALIGN or not memory or not offset:
        return None
    return memory, offset


def born_ns(fd: int) -> int:
    """When an open file was made, in nanoseconds since the epoch, by statx(2); 0 where the
    kernel or the file system does not keep that. Nobody can set it."""
    answer = ctypes.create_string_buffer(_STATX_BYTES)
    call = _libc.find("statx", _int, _int, _char_p, _int, _uint, _void_p)
    _zero(call, fd, b"", _AT_EMPTY_PATH, _STATX_BTIME, answer)
    if not int.from_bytes(answer.raw[0:4], sys.byteorder) & _STATX_BTIME:
        return 0
    seconds = int.from_bytes(answer.raw[80:88], sys.byteorder, signed=True)
    return seconds * 1_000_000_000 + int.from_bytes(answer.raw[88:92], sys.byteorder)


def pages_in_memory(fd: int, offset: int, size_bytes: int) -> int:
    """How many pages of a piece of a file mincore(2) says are in memory.

    `offset` is a multiple of the page size, `size_bytes` at least 1. The piece is
    mapped for the question only, which reads nothing. Since Linux 5.2 a caller who
    neither owns the file nor may write it is told that every page is in memory.
    """
    map_it = _libc.find("mmap64", _void_p, _void_p, _size_t, _int, _int, _int, _off_t)
    ask = _libc.find("mincore", _int, _void_p, _size_t, _void_p)
    unmap = _libc.find("munmap", _int, _void_p, _size_t)
    pages = -(-size_bytes // os.sysconf("SC_PAGE_SIZE"))
    address = map_it(None, size_bytes, _PROT_READ, _MAP_SHARED, fd, offset)
    if address == _MAP_FAILED:
        _raise()
    try:
        answer = ctypes.create_string_buffer(pages)
        _zero(ask, address, size_bytes, answer)
        return pages - answer.raw.count(0)
    finally:
        unmap(address, size_bytes)


def cached_pages(fd: int) -> int:
    """How many pages of an open file are in memory: cachestat(2), Linux 6.5 and later.

    One call instead of the three that mincore(2) needs. OSError with ENOSYS where there is
    none, with EPERM for a file that we neither own nor may write. An overlay answers for
    its own mapping, which is empty, and not for the real file's (measured).
    """
    call = _libc.find("syscall", ctypes.c_long, ctypes.c_long, _int, _void_p, _void_p, _uint)
    whole = (ctypes.c_uint64 * 2)(0, 0)  # from the beginning to the end
    answer = (ctypes.c_uint64 * 5)()  # cached, dirty, in write-back, evicted, recently evicted
    _zero(call, _SYS_CACHESTAT, fd, whole, answer, 0)
    return int(answer[0])


def same_bytes(one: memoryview, other: memoryview) -> bool:
    """Whether two writable buffers of one length hold the same, by memcmp(3): comparing
    memoryviews goes byte by byte, and holds the interpreter's lock meanwhile."""
    if not IS_LINUX:
        return bytes(one) == bytes(other)
    size = len(one)
    buffer_of = (ctypes.c_char * size).from_buffer
    compare = _libc.find("memcmp", _int, _void_p, _void_p, _size_t)
    return size == len(other) and compare(buffer_of(one), buffer_of(other), size) == 0
