"""One file, folder or symlink of a transfer, where it comes from and where it goes.

What is made for every file is a NamedTuple, which takes a third of a frozen dataclass's
time to make.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from enum import IntFlag, StrEnum
from typing import NamedTuple


class ItemKind(StrEnum):
    """What an item is; everything else on a disk is left out by name."""

    FILE = "file"
    FOLDER = "folder"
    SYMLINK = "symlink"


class Medium(StrEnum):
    """Where the bytes of a volume live: decides what a read-back can prove."""

    STORAGE = "storage"
    SERVER = "server"
    MEMORY = "memory"


class ReadBack(StrEnum):
    """How a copy was read back (P1).

    `storage`: direct, or its pages were seen gone. `server`: reopened over the network
    with the client's cache dropped. `memory`: a file system that lives there. `cache`:
    the system would not let go, so this proves nothing about the drive.
    """

    STORAGE = "storage"
    SERVER = "server"
    MEMORY = "memory"
    CACHE = "cache"


class Loss(IntFlag):
    """What a destination could not keep of one item: found out by asking it.

    A number of the ledger: what is here once keeps its value. Times that are not kept at
    all differ by two seconds or more; `TIMES_TO_…` are those of a coarser clock.
    """

    NONE = 0
    TIMES = 1
    TIMES_TO_MICROSECOND = 2
    TIMES_TO_SECOND = 4
    TIMES_TO_TWO_SECONDS = 8
    MODE = 16
    OWNER = 32
    XATTRS = 64
    ACCESS_LIST = 128
    HOLES = 256
    HARD_LINK = 512
    SYMLINK = 1024
    ATOMIC_NAME = 2048


class FileState(NamedTuple):
    """What `lstat` says of a name; two equal states are the same, unchanged thing.

    Sizes in bytes, times in nanoseconds since the epoch. `mode` is st_mode. `links` is how
    many names the file has, `allocated_bytes` what it takes on its volume (-1: not known).
    """

    kind: ItemKind
    size_bytes: int
    mtime_ns: int
    ctime_ns: int
    device: int
    inode: int
    mode: int
    uid: int
    gid: int
    links: int = 1
    allocated_bytes: int = -1

    @property
    def is_sparse(self) -> bool:
        """Whether it takes less room than it is long, by a page or more: it has holes, or is
        compressed. Small files may lie among their own metadata and take none at all."""
        return 0 <= self.allocated_bytes <= self.size_bytes - 4096

    def is_unchanged_from(self, earlier: FileState) -> bool:
        """Size, mtime, ctime and inode are the same. Not the device number: it changes
        on a remount."""
        return (
            self.kind is earlier.kind
            and self.size_bytes == earlier.size_bytes
            and self.mtime_ns == earlier.mtime_ns
            and self.ctime_ns == earlier.ctime_ns
            and self.inode == earlier.inode
        )

    def is_known_as(self, earlier: FileState) -> bool:
        """Whether a ledger that has written down `earlier` need not write this one: it
        keeps all but the room that a file takes, and of its names the most there were."""
        return self[:9] == earlier[:9] and self.links <= earlier.links

    def is_renamed_from(self, earlier: FileState) -> bool:
        """Everything but ctime is the same: a rename, and nothing else, may have happened."""
        return (
            self.kind is earlier.kind
            and self.size_bytes == earlier.size_bytes
            and self.mtime_ns == earlier.mtime_ns
            and self.inode == earlier.inode
        )


class Identity(NamedTuple):
    """What a proven part is known by after a crash: inode, size and mtime.

    Not ctime, which a rename changes, and not the device number, which a remount
    changes. Where inodes are invented (FAT) it does not match, and the copy is read
    again instead.
    """

    inode: int
    size_bytes: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a path really is: its volume, and the path inside that volume.

    `volume` is the identity (file-system and partition UUID, or share), never a device
    number. Two paths to one folder, through symlinks or bind mounts, have one place.
    `devices` are the physical devices behind it, `kind` a key of `limits.LANES`.
    """

    volume: str
    within: bytes
    medium: Medium
    devices: tuple[str, ...]
    label: str = ""
    kind: str = "unknown"


@dataclass(frozen=True, slots=True)
class Source:
    """One chosen file or folder. `name` is what it is called at the destination; empty when
    what is in a folder arrives there, and the folder itself does not.

    `root` is the folder that is opened; everything in it is reached by descriptors.
    A folder source is its own root; a file or symlink source is reached from its parent.
    """

    index: int
    path: bytes
    name: bytes
    kind: ItemKind
    place: Place

    @property
    def root(self) -> bytes:
        """The folder that is opened for it."""
        return self.path if self.kind is ItemKind.FOLDER else posixpath.dirname(self.path)

    def inside(self, item_path: bytes) -> bytes:
        """An item's path below `root`; empty for a folder source itself."""
        if self.kind is not ItemKind.FOLDER:
            return posixpath.basename(self.path)
        return item_path[len(self.name) + 1 :] if self.name else item_path

    def item_path(self, inside: bytes) -> bytes:
        """The item's path of something below a folder source."""
        return b"%s/%s" % (self.name, inside) if self.name else inside


@dataclass(frozen=True, slots=True)
class Destination:
    """One chosen folder that receives copies."""

    index: int
    path: bytes
    place: Place


class Item(NamedTuple):
    """`path` is relative to every destination and starts with its source's name.

    `id` is the ledger's. `state` is what the scan saw.
    """

    id: int
    source: int
    path: bytes
    state: FileState

    @property
    def kind(self) -> ItemKind:
        """What it is."""
        return self.state.kind

    @property
    def name(self) -> bytes:
        """Its bare name."""
        return self.path.rpartition(b"/")[2]

    @property
    def parent(self) -> bytes:
        """The folder it lies in, relative to a destination; empty for the top level. Paths of
        items hold no doubled or trailing slash, so that this is enough, and five times as
        fast as `posixpath`: it is asked seven times for each file."""
        return self.path.rpartition(b"/")[0]
