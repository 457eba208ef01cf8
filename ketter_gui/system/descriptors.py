"""How many files this process may hold open, and how many of them one task should."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import Final

if sys.platform != "win32":  # there is no such limit there
    import resource

_ENOUGH: Final = 8192
"""What the limit is raised to: some dozens of transfers side by side."""

_SHARE: Final = 32
"""A task takes at most one in so many: a transfer has four such windows open at a time, and
several transfers, a window and a ledger share the rest."""

_AT_LEAST: Final = 4


def allow_more() -> None:
    """Raise this process's own limit as far as it may: 256 on macOS and 1024 on Linux are
    meant for programs that call select(2), and neither Qt nor Python does."""
    if sys.platform == "win32":
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _ENOUGH if hard == resource.RLIM_INFINITY else min(_ENOUGH, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def at_once(wanted: int) -> int:
    """So many files for one task at a time as are `wanted`, or as the limit leaves it."""
    if sys.platform == "win32":
        return wanted
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return wanted
    return max(_AT_LEAST, min(wanted, soft // _SHARE))
