"""What the engine tells, and to whom: the one seam between work and memory.

`record` is cheap and returns at once. `commit` returns when everything recorded so far
is durable; the engine calls it only where a promise needs it (P2, P4).

What is told of every file is a NamedTuple, made in a third of a frozen dataclass's time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from ketter_gui.domain.errors import KetterError
from ketter_gui.domain.expected import Compared
from ketter_gui.domain.items import FileState, Identity, ItemKind, Loss, ReadBack
from ketter_gui.domain.status import CopyStatus

Checksums = tuple[tuple[str, str], ...]
"""(algorithm, hex) in the order asked for; the first one decides."""


class Found(NamedTuple):
    """One thing in a source. With `error` it was seen but cannot be read. `data_bytes` is
    what a file with holes takes without them; None when it has none. `is_told`: it is a
    folder that was found before, and some of what is in it."""

    source: int
    path: bytes
    state: FileState
    error: KetterError | None = None
    data_bytes: int | None = None
    is_told: bool = False


class ItemsFound(NamedTuple):
    """Items of a scan, in the order in which they will be copied. `is_again`: of folders
    that could not be listed before, or not to their end; some of them may be known."""

    items: tuple[Found, ...]
    is_again: bool = False


class LeftOut(NamedTuple):
    """Something that is not copied: a FIFO, a socket, a device."""

    source: int
    path: bytes
    error: KetterError


class CopiesStarted(NamedTuple):
    """These copies will have part files from now on. `copies` are (item, destination)."""

    copies: tuple[tuple[int, int], ...]


class SourceRead(NamedTuple):
    """The source's bytes were read and hashed (SOURCE); `state` is what was read.

    `is_known`: the scan, or an earlier event of this item, has told this state already.
    `compared` is what the source's manifests say of it, beside what was found.
    """

    item: int
    path: bytes
    state: FileState
    checksums: Checksums
    duration_s: float
    is_known: bool = False
    compared: tuple[Compared, ...] = ()


class SourceRecalled(NamedTuple):
    """The source was not read: it is unchanged since the transfer `read_in` read it, and has
    these checksums. `state` is what it is now, and was then."""

    item: int
    state: FileState
    checksums: Checksums
    read_in: int


class LinkRead(NamedTuple):
    """What a symlink of the source leads to."""

    item: int
    target: bytes


class CopyProven(NamedTuple):
    """A part was read back and is equal. `identity` is how it is known after a crash."""

    item: int
    destination: int
    identity: Identity
    checksums: Checksums
    read_back: ReadBack | None


class CopyVerified(NamedTuple):
    """A proven part has its final name, durably (FINAL). `duration_s` is how long it was
    read back, `ctime_ns` the file's own under its name."""

    item: int
    destination: int
    path: bytes
    final_path: bytes
    size_bytes: int
    source_checksums: Checksums
    checksums: Checksums
    read_back: ReadBack | None
    duration_s: float
    kind: ItemKind = ItemKind.FILE
    ctime_ns: int | None = None


class CopyVerifiedAnew(NamedTuple):
    """A copy that was verified before is so in another place as well, and that is where it
    is from now on: the entry of an archive that was packed anew. `identity` is the file's
    that it is in."""

    verified: CopyVerified
    identity: Identity


class RenamePlanned(NamedTuple):
    """A source file is about to get this name at the destination by a rename, as soon as
    this is durable. `identity` is how it is known there after a crash."""

    item: int
    destination: int
    final_path: bytes
    identity: Identity


class CopyRenamed(NamedTuple):
    """A source file has its name at the destination, durably (FINAL). There is one file, as
    before: nothing was read back, and nothing is verified."""

    item: int
    destination: int
    path: bytes
    final_path: bytes
    size_bytes: int
    source_checksums: Checksums
    kind: ItemKind = ItemKind.FILE


class CopySkipped(NamedTuple):
    """The destination already had it, and it is equal. `proof` is the earlier transfer that
    read it back, at `proven_us`, and `source_read_in` the one that read the source; None
    for what was read by this one."""

    item: int
    destination: int
    path: bytes
    final_path: bytes
    identity: Identity | None
    size_bytes: int
    source_checksums: Checksums
    checksums: Checksums
    read_back: ReadBack | None
    duration_s: float
    ctime_ns: int | None = None
    proof: int | None = None
    proven_us: int = 0
    source_read_in: int | None = None


class CopyLeftOut(NamedTuple):
    """A destination cannot hold this item at all: a symlink on FAT. No failure, no proof."""

    item: int
    destination: int
    path: bytes
    error: KetterError


class NotKept(NamedTuple):
    """What a destination could not keep of an item, beside what was told before."""

    item: int
    destination: int
    loss: Loss


class CopyEnded(NamedTuple):
    """A copy failed or was cancelled."""

    item: int
    destination: int
    path: bytes
    status: CopyStatus
    error: KetterError


class CopyReset(NamedTuple):
    """A copy starts again: what had been begun, or proven, is not there any more."""

    item: int
    destination: int


class SourceSetAside(NamedTuple):
    """The source file is about to wear `aside`, beside its own name (P4, first step)."""

    item: int
    path: bytes
    aside: bytes


class SourceDeleted(NamedTuple):
    """The source file is gone; all its copies were confirmed first (P4, second step). Or a
    folder that was empty (`kind`), because a person asked for that.

    `was_found_gone`: a crash came between the removal and this record, or somebody else
    removed the file meanwhile.
    """

    item: int
    path: bytes
    size_bytes: int
    was_found_gone: bool = False
    kind: ItemKind = ItemKind.FILE


class SourceKept(NamedTuple):
    """The source file has its own name again, or never lost it. `error`: why, if it
    was to be removed. `state`: what it is now, if it is still what was read; giving its
    name back has changed its ctime."""

    item: int
    path: bytes
    error: KetterError | None
    state: FileState | None = None


@dataclass(frozen=True, slots=True)
class Noted:
    """Said once for a transfer: what a destination could not hold, and how often."""

    error_type: str
    message: str
    count: int


class TriedAgain(NamedTuple):
    """A copy that failed is begun once more. `tries` is how often it was begun before,
    `tries_at_most` how often it will be in all."""

    item: int
    destination: int
    path: bytes
    error: KetterError
    tries: int
    tries_at_most: int


Event = (
    ItemsFound
    | LeftOut
    | CopiesStarted
    | SourceRead
    | SourceRecalled
    | LinkRead
    | CopyProven
    | CopyVerified
    | CopyVerifiedAnew
    | RenamePlanned
    | CopyRenamed
    | CopySkipped
    | CopyLeftOut
    | NotKept
    | CopyEnded
    | CopyReset
    | TriedAgain
    | SourceSetAside
    | SourceDeleted
    | SourceKept
    | Noted
)


class Journal(Protocol):
    """Where the engine's events go."""

    def record(self, event: Event) -> None:
        """Take an event; returns at once."""

    def pass_on(self) -> None:
        """Have what was recorded written before anything that another thread records from
        now on; returns at once."""

    def beside(self) -> Journal:
        """The same transfer's journal for another thread."""

    def commit(self) -> None:
        """Return when all recorded events are durable.

        Raises LedgerError or WaitingError when they cannot be made so.
        """

    def commit_later(self) -> Callable[[], None]:
        """Have all recorded events made durable, and return at once; what is returned waits
        for it, and raises as `commit`."""
