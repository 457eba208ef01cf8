"""The ledger: transfers, items, copies, audit, claims, on SQLite through peewee.

    data_folder   where the file lies, and for whom
    connection    its settings, and SQLite's errors in words
    migrations    the schema, step by step from one; models: what it is now
    ledger        the open ledger; what others call
    writer        the one thread that writes: batches, barrier, transactions
    transaction   one BEGIN IMMEDIATE, in which entries are chained
    transfers, places, items, copies, audit, claims, owners, heads
                  one table each: writing functions that take a Transaction, and queries
    known         what earlier transfers read and proved, found again by where it is
    expected      what manifests say of items: three tables of their own
    records       the values that go in and come out
    columns       how values lie in columns

Several processes share one ledger. SQL is in this room only.
"""

from ketter_gui.store.audit import record_audit
from ketter_gui.store.claims import release_claims
from ketter_gui.store.copies import (
    cancel_copies,
    mark_copying,
    mark_verifying,
    record_failed,
    record_proven,
    record_skipped,
    record_to_be_renamed,
    record_verified,
    reset_copies,
)
from ketter_gui.store.heads import record_signed
from ketter_gui.store.items import (
    add_items,
    forget_items,
    mark_removed,
    record_source_checksums,
    set_aside,
)
from ketter_gui.store.ledger import Ledger
from ketter_gui.store.records import (
    AsideRow,
    Checksums,
    ClaimKind,
    CopyRecord,
    Count,
    DestinationProgress,
    EndedRow,
    FinishedRow,
    ItemRecord,
    NewItem,
    NewTransfer,
    Progress,
    ProvenRow,
    RenameRow,
    SignedHead,
    SkippedRow,
    SourceRow,
    TransferRecord,
    Wish,
)
from ketter_gui.store.transaction import Transaction
from ketter_gui.store.transfers import (
    create_transfer,
    reset_for_resume,
    set_message,
    set_progress,
    set_status,
    set_totals,
    set_waits_for,
    set_wish,
    take_over,
)
from ketter_gui.store.writer import Step, Write

__all__ = [
    "AsideRow",
    "Checksums",
    "ClaimKind",
    "CopyRecord",
    "Count",
    "DestinationProgress",
    "EndedRow",
    "FinishedRow",
    "ItemRecord",
    "Ledger",
    "NewItem",
    "NewTransfer",
    "Progress",
    "ProvenRow",
    "RenameRow",
    "SignedHead",
    "SkippedRow",
    "SourceRow",
    "Step",
    "Transaction",
    "TransferRecord",
    "Wish",
    "Write",
    "add_items",
    "cancel_copies",
    "create_transfer",
    "forget_items",
    "mark_copying",
    "mark_removed",
    "mark_verifying",
    "record_audit",
    "record_failed",
    "record_proven",
    "record_signed",
    "record_skipped",
    "record_source_checksums",
    "record_to_be_renamed",
    "record_verified",
    "release_claims",
    "reset_copies",
    "reset_for_resume",
    "set_aside",
    "set_message",
    "set_progress",
    "set_status",
    "set_totals",
    "set_waits_for",
    "set_wish",
    "take_over",
]
