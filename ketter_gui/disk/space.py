"""What a volume has room for. Can block on a volume that does not answer."""

from __future__ import annotations

import os
from typing import NamedTuple

from ketter_gui.disk.folder import Folder


class Room(NamedTuple):
    """What a file system can still take from us (not what it keeps for root).

    Bytes are given out in units: a file of one byte takes `unit_bytes`, 4 KiB on most
    drives, 128 KiB on a big exFAT card. None: it does not tell, or has no such limit.
    """

    free_bytes: int | None
    unit_bytes: int
    free_files: int | None


def room(folder: Folder) -> Room:
    """Ask the volume of a folder (statvfs(3)). Raises OSError.

    Units are f_frsize: NFS gives the size of its requests as f_bsize. Where free files
    and free units are one number, as exFAT through FUSE says, files are not counted.
    """
    answer = os.fstatvfs(folder.fd)
    unit_bytes = answer.f_frsize or answer.f_bsize or 1
    free_bytes = answer.f_bavail * unit_bytes if answer.f_blocks else None
    counts_files = free_bytes is not None and answer.f_files and answer.f_ffree != answer.f_bfree
    return Room(free_bytes, unit_bytes, answer.f_favail if counts_files else None)
