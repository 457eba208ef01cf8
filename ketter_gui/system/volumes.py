"""Which volumes there are, and where a path really is.

The interface; what a system knows is in a file of its own. All but `volumes` may block
on a volume that does not answer: never call them on the window's thread.
"""

from __future__ import annotations

import os
import sys

from ketter_gui.domain.errors import NotOnThisSystem
from ketter_gui.domain.items import Place
from ketter_gui.system.volume import Volume

__all__ = [
    "Volume",
    "file_system_of",
    "is_empty_mount_point",
    "locate",
    "mounted_inside",
    "space",
    "volumes",
]

if sys.platform == "linux":
    from ketter_gui.system import volumes_linux


def volumes() -> list[Volume]:
    """The mounted volumes that a person would choose from, by mount point.

    Real disks, cards, network volumes, FUSE, and memory file systems where people put
    them; always the ones that hold `/` and the home folder. Raises NotOnThisSystem.
    """
    if sys.platform == "linux":
        return volumes_linux.volumes()
    raise NotOnThisSystem(feature="The list of volumes")


def locate(path: bytes) -> Place:
    """The volume of a path, by identity, and the path inside it.

    Symlinks are resolved, and of a path that does not exist the nearest existing folder
    counts: two ways to one folder, through links or bind mounts, or by another spelling
    that the volume takes for the same, give one place. Can block. Raises NotOnThisSystem.
    """
    if sys.platform == "linux":
        return volumes_linux.locate(path)
    raise NotOnThisSystem(feature="Finding the volume of a path")


def mounted_inside(path: bytes) -> list[tuple[bytes, Place]]:
    """Everything that is mounted below a folder: where, and what place it is.

    Whoever takes the folder takes that as well. Touches no network volume. Raises
    NotOnThisSystem.
    """
    if sys.platform == "linux":
        return volumes_linux.mounted_inside(path)
    raise NotOnThisSystem(feature="Finding what is mounted inside a folder")


def places_of(volume: str, within: bytes) -> list[bytes]:
    """The paths that lead to a place of a volume now, however it is mounted: none while it
    is away. Of what is mounted over another, only the upper one counts. Can block. Raises
    NotOnThisSystem.
    """
    if sys.platform == "linux":
        return volumes_linux.places_of(volume, within)
    raise NotOnThisSystem(feature="Finding a volume by what it is")


def is_empty_mount_point(path: bytes) -> bool:
    """Whether a path is under `/media`, `/run/media` or `/Volumes` while nothing is
    mounted there or above it below that folder: a copy would fill the system's disk.

    Raises NotOnThisSystem.
    """
    if sys.platform == "linux":
        return volumes_linux.is_empty_mount_point(path)
    raise NotOnThisSystem(feature="Telling whether a drive is mounted")


def file_system_of(path: bytes) -> str:
    """The system's name for the kind of file system that a path is on, such as `exfat`;
    empty when it cannot be told. Can block. Raises NotOnThisSystem."""
    if sys.platform == "linux":
        return volumes_linux.file_system_of(path)
    raise NotOnThisSystem(feature="Telling file systems apart")


def space(path: bytes) -> tuple[int, int]:
    """(total, free for us) bytes of the volume that holds a path. Can block; raises OSError."""
    if not hasattr(os, "statvfs"):
        raise NotOnThisSystem(feature="Measuring free space")
    answer = os.statvfs(path)
    return answer.f_blocks * answer.f_frsize, answer.f_bavail * answer.f_frsize
