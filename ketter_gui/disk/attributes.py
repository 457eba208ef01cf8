"""Whether a file has what only a file system can hold: attributes and access lists."""

from __future__ import annotations

import os
import sys
from typing import Final

_THEIRS: Final = ("user.", "system.posix_acl_access", "security.capability")


def has_attributes(fd: int) -> bool:
    """Whether an open file has extended attributes or an access list of its own."""
    if sys.platform != "linux":
        return False
    try:
        names = os.listxattr(fd)
    except OSError:
        return False  # the file system has none
    return any(name.startswith(_THEIRS) for name in names)
