"""The words of the audit trail, and an entry before it is chained."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class AuditEvent(StrEnum):
    """Every event that the audit knows (design, §3)."""

    TRANSFER_CREATED = "TRANSFER_CREATED"
    TRANSFER_STARTED = "TRANSFER_STARTED"
    CHECKSUM_CALCULATED = "CHECKSUM_CALCULATED"
    CHECKSUM_VERIFIED = "CHECKSUM_VERIFIED"
    ITEM_RENAMED = "ITEM_RENAMED"
    ITEM_SKIPPED = "ITEM_SKIPPED"
    ITEM_FAILED = "ITEM_FAILED"
    SOURCE_SET_ASIDE = "SOURCE_SET_ASIDE"
    SOURCE_DELETED = "SOURCE_DELETED"
    TRANSFER_PAUSED = "TRANSFER_PAUSED"
    TRANSFER_RESUMED = "TRANSFER_RESUMED"
    TRANSFER_INTERRUPTED = "TRANSFER_INTERRUPTED"
    TRANSFER_COMPLETED = "TRANSFER_COMPLETED"
    TRANSFER_FAILED = "TRANSFER_FAILED"
    TRANSFER_CANCELLED = "TRANSFER_CANCELLED"
    REVERIFIED = "REVERIFIED"
    WATCH_STARTED = "WATCH_STARTED"
    WATCH_STOPPED = "WATCH_STOPPED"
    WATCH_TRIPPED = "WATCH_TRIPPED"
    HISTORY_PRUNED = "HISTORY_PRUNED"
    KEY_CREATED = "KEY_CREATED"
    KEY_CHANGED = "KEY_CHANGED"
    SETTINGS_CHANGED = "SETTINGS_CHANGED"
    ERROR = "ERROR"


class AuditDraft(NamedTuple):
    """An audit entry before the ledger gives it its number and its hashes.

    Its fields are the columns from `time_utc` to `details`, in their order. A tuple: two
    of them are made for every file.

    Every field is the text of its CSV cell, except `transfer_id` (None: not about one
    transfer). `details` is canonical JSON (`chain.canonical_json`). Times are UTC with
    microseconds and `Z`.
    """

    time_utc: str
    event: AuditEvent
    transfer_id: int | None = None
    mode: str = ""
    user: str = ""
    host: str = ""
    item_path: str = ""
    path_form: str = "plain"
    source_path: str = ""
    destination_path: str = ""
    size_bytes: str = ""
    algorithm: str = ""
    source_checksum: str = ""
    destination_checksum: str = ""
    read_back: str = ""
    result: str = ""
    duration_s: str = ""
    speed_bytes_per_s: str = ""
    error_type: str = ""
    message: str = ""
    details: str = "{}"
