"""What the service shows to a window or a terminal: plain values, safe in any thread.

Times are microseconds since the epoch, UTC (0: not yet). Bytes of a transfer count
each destination: a 10 GB card on two drives is 20 GB of copying and 20 GB of proof.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ketter_gui.domain.errors import KetterError
from ketter_gui.domain.items import ItemKind, ReadBack
from ketter_gui.domain.names import TextPath
from ketter_gui.domain.options import Mode, Options
from ketter_gui.domain.status import CopyStatus, TransferStatus


@dataclass(frozen=True, slots=True)
class CopyView:
    """One item on one destination. `checksums` are (algorithm, value) as read back.

    `proof` is the earlier transfer that read it back, at `proven_us`, when it was there
    already and is unchanged since; None when its own transfer did.
    """

    destination: int
    status: CopyStatus
    checksums: tuple[tuple[str, str], ...] = ()
    read_back: ReadBack | None = None
    final_path: TextPath | None = None
    error_type: str = ""
    message: str = ""
    proof: int | None = None
    proven_us: int = 0

    @property
    def is_left_out(self) -> bool:
        """Its destination cannot hold it: nothing is there, and nothing was there before."""
        return self.status is CopyStatus.SKIPPED and bool(self.error_type)


@dataclass(frozen=True, slots=True)
class ItemView:
    """One item. `status` is the least advanced of its copies'.

    `copied_bytes` and `verified_bytes` are means over the destinations, so that each
    runs from 0 to `size_bytes`. `checksums` are those of the source, as the earlier
    transfer `read_in` read it, or as its own did (None).
    """

    id: int
    path: TextPath
    kind: ItemKind
    size_bytes: int
    status: CopyStatus
    copied_bytes: int
    verified_bytes: int
    checksums: tuple[tuple[str, str], ...] = ()
    copies: tuple[CopyView, ...] = ()
    message: str = ""
    read_in: int | None = None


@dataclass(frozen=True, slots=True)
class PlaceView:
    """A source or a destination of a transfer: its path and the name of its volume."""

    path: TextPath
    label: str
    files_verified: int = 0
    files_failed: int = 0


@dataclass(frozen=True, slots=True)
class TransferView:
    """One transfer as a row of the queue or of the history.

    `bytes_total` is known once `status` is past `preparing`; `seconds_left` is None
    while nobody can know. `files_renamed` moved within their volume: they are no second
    copy, and not among the verified; `is_within_volume`: all are to be. `copies_from_cache` could only be read back from the system's
    cache, which proves nothing about the drive. `is_here` tells that this process carries it out.
    """

    id: int
    name: str
    mode: Mode
    status: TransferStatus
    options: Options
    sources: tuple[PlaceView, ...]
    destinations: tuple[PlaceView, ...]
    files_total: int
    files_verified: int
    files_failed: int
    files_skipped: int
    bytes_total: int
    bytes_copied: int
    bytes_verified: int
    bytes_per_second: int
    seconds_left: int | None
    created_us: int
    started_us: int
    finished_us: int
    is_here: bool
    copies_from_cache: int = 0
    originals_removed: int = 0
    special_skipped: int = 0
    message: str = ""
    waits_for: int | None = None
    at_work: tuple[ItemView, ...] = ()
    failed: tuple[ItemView, ...] = ()
    files_renamed: int = 0
    bytes_renamed: int = 0
    is_within_volume: bool = False
    is_answering: bool = True
    """False while a call on one of its drives does not come back: its own, or one of the
    transfer that has the drive's lane."""
    copies_doubted: int = 0
    """Copies that were verified, and are not what they were, as a later check found."""
    is_hidden: bool = False
    """A person has put it out of sight."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything the queue page shows, at one moment. Newest transfer last.

    `revision` changes whenever anything in the ledger did.
    """

    transfers: tuple[TransferView, ...]
    bytes_per_second: int
    seconds_left: int | None
    signed_us: int
    revision: int


@dataclass(frozen=True, slots=True)
class VolumeView:
    """A mounted volume as a card. `kind` is a key of `limits.LANES` or `memory`.

    Both figures are 0 when it did not say in time how much room it has.
    """

    identity: str
    label: str
    path: bytes
    kind: str
    file_system: str
    is_read_only: bool
    total_bytes: int
    free_bytes: int


@dataclass(frozen=True, slots=True)
class SizeView:
    """What a source holds, as far as it has been counted."""

    files: int
    bytes: int
    is_complete: bool
    error: KetterError | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that keeps a request from starting, beside its cause.

    `about` is `source`, `destination` or `options`; `index` says which one.
    """

    about: str
    index: int
    error: KetterError


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One line of a transfer's timeline."""

    sequence: int
    time_us: int
    event: str
    item_path: str
    destination_path: str
    algorithm: str
    result: str
    message: str
    error_type: str = ""
    details: str = "{}"


NOT_KEPT: Final = "NotKept:"
"""How the error type of an entry begins that says what destinations could not hold."""


@dataclass(frozen=True, slots=True)
class AuditVerdict:
    """The outcome of verifying a chain: how many entries hold, and under which head."""

    entries: int
    first_sequence: int
    last_sequence: int
    chain: str
    head_hash: str
    signed_us: int
    key_id: str
    is_partial: bool
    pruned_to: int = 0
    """The last entry that was pruned before the first one here, at a signed checkpoint."""
    pruned_us: int = 0
    """When that checkpoint was signed; 0 when only an export tells of it."""
    unsigned: int = 0
    """Entries at the end of a ledger that no signed head covers yet: they follow from what was
    signed, but anybody could have written them."""


@dataclass(frozen=True, slots=True)
class ManifestWritten:
    """A manifest that a transfer left: its path as text, how many files it lists, and how
    many it could not."""

    path: str
    files: int
    left_out: int


@dataclass(frozen=True, slots=True)
class ReportVerdict:
    """A report that is what was signed: which transfer it is about, the entry at the end of
    the record then, when it was signed and with which key."""

    transfer: int
    sequence: int
    signed_us: int
    key_id: str


@dataclass(frozen=True, slots=True)
class HealthLine:
    """One finding of `doctor`: a name, whether it is well, and a sentence."""

    name: str
    is_well: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class ItemOutcome:
    """One copy that reached its end, as the audit has it; `event` is a `--json` word.

    Consecutive outcomes of one `path` belong to one item. `proof` says which earlier
    `transfer` read the copy back, and when (`proven`), where this one did not.
    """

    sequence: int
    event: str
    path: str
    path_form: str
    size_bytes: int
    checksums: dict[str, str]
    destination: str
    read_back: str
    error_type: str
    message: str
    proof: dict[str, object] | None = None
