"""How many folders the kernel watches for us, and how many it would.

watchdog passes over a subfolder that the kernel refuses to watch; only the kernel's own count
shows it (proc(5), `fdinfo` of an inotify descriptor has a line for each watch).
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

_INOTIFY = "anon_inode:inotify"
_LIMIT = Path("/proc/sys/fs/inotify/max_user_watches")


def watches_in_use() -> int | None:
    """Watches of this process; None where there is no such thing."""
    found = 0
    try:
        descriptors = os.listdir("/proc/self/fd")
    except OSError:
        return None
    for descriptor in descriptors:
        with suppress(OSError):
            if os.readlink(f"/proc/self/fd/{descriptor}") == _INOTIFY:
                lines = Path(f"/proc/self/fdinfo/{descriptor}").read_text().splitlines()
                found += sum(line.startswith("inotify wd:") for line in lines)
    return found


def most_watches() -> int | None:
    """How many this user may have; None where there is no such limit."""
    try:
        return int(_LIMIT.read_text())
    except (OSError, ValueError):
        return None
