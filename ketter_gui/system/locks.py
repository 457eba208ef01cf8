"""A lock that dies with its process, so that a dead owner can be told from a live one.

filelock's native lock, which is flock(2) on Linux and macOS and LockFileEx on Windows:
the system lets go of it when the process ends, however it ends. Of the library's
choices these are ours:

- the file stays when the lock is released: removing it would let two processes hold
  locks on two files of one name;
- no fall-back to a lock that is only a file, as that would outlive its process;
- one object is one lock: two objects on one file exclude each other in one process too,
  and it does not matter which thread releases it.

A lock is inherited by fork: a child made by `fork` without `exec` would keep it alive.
Ketter starts programs, which close it on exec, and never forks.
"""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from filelock import FileLock, Timeout

_OURS_ONLY: Final = 0o600
_PROBE_S: Final = 0.2
"""A process that asks `is_free` holds the lock for microseconds: that is waited out."""


class ProcessLock:
    """An exclusive lock on a file of its own, from `acquire` or `with` to `release`."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)
        self._lock = _native(self.path)

    def acquire(self) -> bool:
        """Take the lock; False when another process, or another object, holds it.

        Raises OSError when the file cannot be made or the file system has no locks; the
        folder must be there, as the library would make one that others may read.
        """
        os.stat(os.path.dirname(os.path.abspath(self.path)))
        try:
            self._lock.acquire(timeout=_PROBE_S, poll_interval=0.01)
        except Timeout:
            return False
        return True

    def release(self) -> None:
        """Let go. A second time does nothing."""
        self._lock.release(force=True)

    @property
    def is_held(self) -> bool:
        """Whether this object holds the lock."""
        return self._lock.is_locked

    def __enter__(self) -> Self:
        if not self.acquire():
            raise BlockingIOError(f"{self.path} is locked by another process")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def lock_of_user(name: str) -> ProcessLock:
    """A lock that all processes of this user share, whichever ledger they have. Raises OSError
    when there is no place for it."""
    import platformdirs

    folder = Path(platformdirs.user_state_dir("ketter", appauthor=False))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return ProcessLock(folder / f"{name}.lock")


def is_free(path: str | os.PathLike[str]) -> bool:
    """Whether nobody holds the lock on this file: its owner is dead, or there was none.

    Asked by taking the lock for a moment, without making the file, and without any
    effect on a process that holds it. Two that ask at the same moment may both be told
    False, never a wrong True. Raises OSError.
    """
    if not os.path.exists(path):
        return True
    lock = _native(os.fspath(path))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return False
    lock.release()
    return True


def _native(path: str) -> FileLock:
    return FileLock(path, mode=_OURS_ONLY, thread_local=False, fallback_to_soft=False)
