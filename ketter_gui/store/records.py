"""What goes into the ledger and what comes out of it: plain, frozen values.

Times ending in `_us` are microseconds since the epoch, UTC; 0 means not yet. Paths are
bytes. `checksums` are (algorithm, hex) in the order that was asked for. What comes by the
million is a NamedTuple, which is made in a third of a frozen dataclass's time.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from ketter_gui.domain.chain import Head
from ketter_gui.domain.items import (
    Destination,
    FileState,
    Identity,
    Item,
    Loss,
    Place,
    ReadBack,
    Source,
)
from ketter_gui.domain.options import Mode, Options
from ketter_gui.domain.status import CopyStatus, TransferStatus

Checksums = tuple[tuple[str, str], ...]


class Wish(StrEnum):
    """What another process asks of a transfer's owner, who reads it every second."""

    NONE = ""
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"


class ClaimKind(StrEnum):
    """A move holds its source alone, copies share it."""

    EXCLUSIVE = "exclusive"
    SHARED = "shared"


class NewTransfer(NamedTuple):
    """A request whose sources and destinations were found to be sound.

    `token` is eight hex digits, random: it marks the transfer's part files. `inside` is
    what is mounted inside the sources: where, and what place it is. `watch` is the watch
    folder that makes it.
    """

    token: str
    name: str
    mode: Mode
    options: Options
    sources: tuple[Source, ...]
    destinations: tuple[Destination, ...]
    inside: tuple[tuple[bytes, Place], ...] = ()
    watch: int | None = None


class DestinationProgress(NamedTuple):
    """How far one destination is; files only, no folders."""

    files_verified: int = 0
    files_failed: int = 0
    bytes_verified: int = 0


class Progress(NamedTuple):
    """A transfer's figures, written once a second by its owner.

    Bytes count each destination. `destinations` is empty (they keep their figures) or
    has an entry for each.
    """

    bytes_copied: int = 0
    bytes_verified: int = 0
    files_verified: int = 0
    files_failed: int = 0
    files_skipped: int = 0
    bytes_per_second: int = 0
    special_skipped: int = 0
    copies_from_cache: int = 0
    originals_removed: int = 0
    destinations: tuple[DestinationProgress, ...] = ()
    files_renamed: int = 0
    bytes_renamed: int = 0


class TransferRecord(NamedTuple):
    """One transfer as the ledger has it. `owner` is None when no process carries it out;
    `copies_doubted` were verified, and found to be something else since."""

    id: int
    token: str
    name: str
    mode: Mode
    status: TransferStatus
    options: Options
    created_us: int
    started_us: int
    finished_us: int
    owner: int | None
    wish: Wish
    files_total: int
    bytes_total: int
    is_scanned: bool
    progress: Progress
    message: str
    waits_for: int | None
    sources: tuple[Source, ...]
    destinations: tuple[Destination, ...]
    copies_doubted: int = 0
    is_hidden: bool = False
    watch: int | None = None


class NewItem(NamedTuple):
    """What a scan found. With `error_type` it cannot be read: all its copies are failed.

    `data_bytes`: what it takes without its holes; None when it has none.
    """

    source: int
    path: bytes
    state: FileState
    error_type: str = ""
    message: str = ""
    data_bytes: int | None = None


class CopyRecord(NamedTuple):
    """One item on one destination.

    `identity` is that of the proven part; `final_path` is relative to the destination
    and empty until the copy has its name, or is about to get it by a rename: then both are
    set although nothing is proven. `proof` is the earlier transfer on whose proof, of
    `proven_us`, a skipped one rests; None when it was read in its own.
    """

    item: int
    destination: int
    status: CopyStatus
    identity: Identity | None = None
    final_path: bytes = b""
    checksums: Checksums = ()
    read_back: ReadBack | None = None
    proven_us: int = 0
    error_type: str = ""
    message: str = ""
    proof: int | None = None


class ItemRecord(NamedTuple):
    """One item with all its copies. `checksums` are the source's, as it was read.

    `set_aside` is the name that the source file wears, or may wear, between its two
    steps of deletion. `read_in` is the earlier transfer that read the source, which is
    unchanged since; None when its own did.
    """

    item: Item
    checksums: Checksums = ()
    set_aside: bytes | None = None
    is_removed: bool = False
    copies: tuple[CopyRecord, ...] = ()
    read_in: int | None = None


class SourceRow(NamedTuple):
    """The source's bytes were read: its checksums, and the state in which it was read
    (None: the one that the ledger has)."""

    item: int
    checksums: Checksums
    state: FileState | None = None


class RecalledRow(NamedTuple):
    """The source was not read: it is in this state, as it was when `read_in` read it."""

    item: int
    checksums: Checksums
    state: FileState
    read_in: int


class ProvenRow(NamedTuple):
    """A part was read back and is equal. `proven_us` 0 means: at the time of writing."""

    item: int
    destination: int
    identity: Identity
    checksums: Checksums
    read_back: ReadBack | None
    proven_us: int = 0


class FinishedRow(NamedTuple):
    """A copy has its final name: `verified`, `renamed` or `copied`.

    Identity, checksums and read-back that are None or empty stay as they were proven.
    `ctime_ns` is that of the file as it was seen under its name.
    """

    item: int
    destination: int
    final_path: bytes
    status: CopyStatus = CopyStatus.VERIFIED
    identity: Identity | None = None
    checksums: Checksums = ()
    read_back: ReadBack | None = None
    ctime_ns: int | None = None


class RenameRow(NamedTuple):
    """A source file is about to be renamed to `final_path`, and is known by `identity`."""

    item: int
    destination: int
    final_path: bytes
    identity: Identity


class SkippedRow(NamedTuple):
    """The destination already had it and is equal: it was read, or is unchanged since the
    transfer `proof` read it back at `proven_us`. `proven_us` 0 means: at the time of writing.
    """

    item: int
    destination: int
    final_path: bytes
    identity: Identity | None
    checksums: Checksums
    read_back: ReadBack | None
    ctime_ns: int | None = None
    proof: int | None = None
    proven_us: int = 0


class LeftOutRow(NamedTuple):
    """A copy that its destination cannot hold: skipped, and why. Nothing is proven."""

    item: int
    destination: int
    error_type: str
    message: str


class LossRow(NamedTuple):
    """What a destination could not keep of an item: more of it than was known before."""

    item: int
    destination: int
    loss: Loss


class EndedRow(NamedTuple):
    """A copy failed or was cancelled."""

    item: int
    destination: int
    status: CopyStatus
    error_type: str = ""
    message: str = ""


class AsideRow(NamedTuple):
    """The name that a source file is about to wear; None gives its own name back."""

    item: int
    name: bytes | None


class Count(NamedTuple):
    """Copies of one destination in one status, and the bytes of their items."""

    destination: int
    status: CopyStatus
    copies: int
    size_bytes: int


class LossCount(NamedTuple):
    """How many copies on one destination lost just this."""

    destination: int
    loss: Loss
    copies: int


class SignedHead(NamedTuple):
    """An end of the chain with its signature (hex) and the key that made it."""

    head: Head
    signature: str
    key_id: str
    signed_us: int
