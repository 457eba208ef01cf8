"""Watch folders: what a person chose, what is seen there, and what they are at the moment.

A watch folder takes each settled version of a file once (P6). Times ending in `_s` are
seconds, in `_us` microseconds since the epoch, UTC; 0 means not yet.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

from ketter_gui.domain.items import FileState
from ketter_gui.domain.names import TextPath
from ketter_gui.domain.options import Mode, OnConflict, Options

SETTLE_S: Final = 30.0
LONGEST_SETTLE_S: Final = 86_400.0
MOST_TAKEN: Final = 10_000
"""Files of one transfer where each file is taken for itself; a folder is one transfer."""

TEMPORARY: Final = (
    "*.part",
    "*.partial",
    "*.filepart",
    "*.tmp",
    "*.temp",
    "*.crdownload",
    "*.download",
    "*.opdownload",
    "*.aspx",
    "*.aspera-ckpt",
    "*.aspera-inprogress",
    "*.fasp",
    "*.in-progress",
    "*.inprogress",
    "*.uploading",
    "*.lock",
    "*.swp",
    "~*",
    "*~",
    ".~*",
    ".#*",
    "._*.part",
    ".rsync-*",
    ".syncthing.*",
)
"""Names that programs give to what they are still writing."""


class Unit(StrEnum):
    """What settles and is taken together: each file, or all that is in one folder of the
    watch folder, so that a card is only taken when it is there whole."""

    FILE = "file"
    FOLDER = "folder"


class WatchState(StrEnum):
    """What a watch folder is at the moment. `unreachable`: its folder or a destination is
    away, and it goes on by itself. `tripped`: it stopped itself, and says why."""

    OFF = "off"
    STARTING = "starting"
    IDLE = "idle"
    SETTLING = "settling"
    WORKING = "working"
    UNREACHABLE = "unreachable"
    TRIPPED = "tripped"


class Method(StrEnum):
    """How a watch folder learns of what is new: `events` of the system, with scans beside
    them, or scans alone."""

    EVENTS = "events"
    SCANS = "scans"


@dataclass(frozen=True, slots=True)
class WatchRules:
    """What a person chose for a watch folder.

    `destinations` may hold tokens, see `watch_tokens`. A file is settled when nothing about
    it has changed for `settle_s`. `sentinel` is a pattern: a folder is only taken when a
    file of such a name is in it. `temporary` are patterns of names that are never taken.
    `is_once`: it goes off when all that was there is taken. The breaker's limits are off at
    0: `max_cycles` scans, `max_failures` transfers that failed one after the other,
    `max_runtime_s`. After `quiet_h` hours without a new file it says so; 0 never does.
    `volumes` are those of the destinations when they were chosen: another one in their place
    is not written to.
    """

    destinations: tuple[bytes, ...]
    mode: Mode = Mode.COPY
    options: Options = field(default_factory=lambda: Options(on_conflict=OnConflict.RENAME))
    settle_s: float = SETTLE_S
    unit: Unit = Unit.FILE
    sentinel: str = ""
    temporary: tuple[str, ...] = TEMPORARY
    is_once: bool = False
    max_cycles: int = 0
    max_failures: int = 5
    max_runtime_s: float = 0.0
    quiet_h: float = 1.0
    volumes: tuple[str, ...] = ()


class Version(NamedTuple):
    """What tells a version of a file from the next one of the same path: a file that is
    replaced or written to again is another version. `inode` is 0 where they are invented."""

    size_bytes: int
    mtime_ns: int
    inode: int


def version_of(state: FileState, *, has_inodes: bool) -> Version:
    """The version that a file is now."""
    return Version(state.size_bytes, state.mtime_ns, state.inode if has_inodes else 0)


class Chosen(NamedTuple):
    """A file that is taken: its path below the watch folder, and which version of it. A folder
    that is taken with what is in it has none."""

    path: bytes
    version: Version | None


@dataclass(frozen=True, slots=True)
class WatchView:
    """A watch folder as a card. `files_waiting` are seen and not settled, `files_ready` wait
    for the transfer before theirs. `next_scan_us` is when it looks through everything again;
    `last_file` the newest that was taken. `where` tells which process watches it, empty: none.
    `note` is what keeps it from hearing of new files at once; `message` why it tripped, or
    what it waits for. `health` are sentences about what is not as it should be."""

    id: int
    path: TextPath
    name: str
    is_on: bool
    state: WatchState
    rules: WatchRules
    message: str = ""
    method: Method = Method.EVENTS
    note: str = ""
    health: tuple[str, ...] = ()
    where: str = ""
    is_here: bool = False
    files_seen: int = 0
    files_waiting: int = 0
    files_ready: int = 0
    files_taken: int = 0
    bytes_taken: int = 0
    last_file: str = ""
    last_taken_us: int = 0
    scanned_us: int = 0
    next_scan_us: int = 0
    scan_s: float = 0.0
    heartbeat_us: int = 0
    cycles: int = 0
    failures: int = 0
    transfer: int | None = None
    created_us: int = 0


class WouldTake(NamedTuple):
    """What a watch folder would take now: files and bytes, and the first of them."""

    files: int
    size_bytes: int
    first: tuple[str, ...]
