"""When a file was made: with its inode, that tells a renamed file from a new one."""

from __future__ import annotations

import sys

if sys.platform == "linux":
    from ketter_gui.disk import _linux


def born_ns(fd: int) -> int:
    """When an open file was made, in nanoseconds since the epoch; 0 where nobody knows."""
    if sys.platform != "linux":
        return 0
    try:
        return _linux.born_ns(fd)
    except OSError:
        return 0
