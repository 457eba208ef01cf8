"""What a volume has room for. Both calls can block on a volume that does not answer."""

from __future__ import annotations

import os
from typing import Final

from ketter_gui.disk.folder import Folder

_USUAL_NAME_BYTES: Final = 255


def free_bytes(folder: Folder) -> int:
    """Bytes that we may still write there (not those kept for root). Raises OSError."""
    answer = os.fstatvfs(folder.fd)
    return answer.f_bavail * answer.f_frsize


def name_limit(folder: Folder) -> int:
    """How many bytes one name may have there (statvfs(3) f_namemax). Raises OSError."""
    return os.fstatvfs(folder.fd).f_namemax or _USUAL_NAME_BYTES
