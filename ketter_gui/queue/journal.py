"""The engine's events become rows and audit entries, in the order in which they happened.

Events are gathered and handed to the ledger's writer in runs; `commit` waits until all
of them are durable. Translating happens on the writer's thread, so that the thread that
copies only appends to a list.

Owner: the transfer's thread, and the threads of its pump.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence
from typing import Any, Final

from ketter_gui.disk.gate import LetGo
from ketter_gui.domain.events import AuditEvent
from ketter_gui.domain.items import ItemKind
from ketter_gui.domain.names import to_texts
from ketter_gui.domain.status import CopyStatus
from ketter_gui.engine import journal as told
from ketter_gui.engine.plan import Plan
from ketter_gui.engine.slots import Slots
from ketter_gui.queue.books import Books
from ketter_gui.queue.entries import Entries
from ketter_gui.store import copies, items, losses
from ketter_gui.store.checked import record_link_targets
from ketter_gui.store.expected import ComparedRow, record_compared
from ketter_gui.store.records import (
    AsideRow,
    EndedRow,
    FinishedRow,
    LeftOutRow,
    LossRow,
    NewItem,
    ProvenRow,
    RecalledRow,
    RenameRow,
    SkippedRow,
    SourceRow,
)
from ketter_gui.store.transaction import Transaction

_FINAL: Final = {
    ItemKind.FILE: "FINAL: equal",
    ItemKind.FOLDER: "FINAL: folder made",
    ItemKind.SYMLINK: "FINAL: link made",
}
"""Folders and links have no bytes to compare: the audit must not say that they are equal."""

_THERE: Final = "FINAL: equal, was there already"
_STILL_THERE: Final = "FINAL: was there already, unchanged since it was verified"

_GATHERED_AT_MOST: Final = 1000


class LedgerJournal:
    """Implements the engine's `Journal` for one transfer.

    Closed when the transfer is let go of while its thread hangs: what was told before that
    is written, and whoever tells more is sent away.
    """

    def __init__(self, books: Books, plan: Plan, slots: Slots | None = None) -> None:
        self._books = books
        self._plan = plan
        self._slots = slots or Slots()
        self._entries = Entries(books.witness, plan)
        self._lock = threading.Lock()
        self._gathered: list[told.Event] = []
        self._is_closed = False
        self._others: list[LedgerJournal] = []

    def record(self, event: told.Event) -> None:
        """Take an event; returns at once. Raises LetGo when it is closed."""
        with self._lock:
            self._check()
            self._gathered.append(event)
            if len(self._gathered) >= _GATHERED_AT_MOST:
                self._hand_over()

    def pass_on(self) -> None:
        """Hand over what was recorded: it is written before what others record from now
        on. Raises LetGo when it is closed."""
        with self._lock:
            self._check()
            self._hand_over()

    def beside(self) -> LedgerJournal:
        """The same transfer's journal for another thread, so that runs of one kind stay
        long; closed with this one."""
        other = LedgerJournal(self._books, self._plan, self._slots)
        with self._lock:
            other._is_closed = self._is_closed
            self._others.append(other)
        return other

    def commit(self) -> None:
        """Return when all recorded events are durable. Raises LetGo when it is closed."""
        self.commit_later()()

    def commit_later(self) -> Callable[[], None]:
        """Have them made durable while this thread does something else; what is returned
        waits for that, and raises as `commit`."""
        self.pass_on()
        wait = self._books.ledger.barrier_later()

        def waited() -> None:
            wait()
            self._check()

        return waited

    def close(self) -> None:
        """Hand over what was told so far, which has happened, and take no more."""
        with self._lock:
            self._is_closed = True
            self._hand_over()
            others = list(self._others)
        for other in others:
            other.close()

    def _check(self) -> None:
        if self._is_closed:
            raise LetGo

    def _hand_over(self) -> None:
        """With the lock in hand: nothing that was told before `close` may come after it."""
        events, self._gathered = self._gathered, []
        if events:
            self._books.ledger.submit(lambda tx: self._write(tx, events))

    def _write(self, tx: Transaction, events: Sequence[told.Event]) -> None:
        """On the ledger's thread. It takes its turn with the loops over small files, as it
        keeps a window from painting like them – but they wait for it, too."""
        with self._slots.held():
            for kind, run in itertools.groupby(events, key=type):
                _WRITERS[kind](self, tx, list(run))

    # --- one kind of event each ------------------------------------------------------------

    def _found(self, tx: Transaction, events: list[told.ItemsFound]) -> None:
        for event in events:
            new = [
                NewItem(
                    found.source,
                    found.path,
                    found.state,
                    found.error.kind if found.error else "",
                    str(found.error) if found.error else "",
                    found.data_bytes,
                )
                for found in event.items
            ]
            items.add_items(tx, self._plan.transfer, new, is_again=event.is_again)
            tx.chain(
                [
                    self._entries.failure(AuditEvent.ITEM_FAILED, found.error, found.path)
                    for found in event.items
                    if found.error
                ]
            )

    def _left_out(self, tx: Transaction, events: list[told.LeftOut]) -> None:
        tx.chain(
            [
                self._entries.failure(
                    AuditEvent.ITEM_SKIPPED, event.error, event.path, result="left out"
                )
                for event in events
            ]
        )

    def _started(self, tx: Transaction, events: list[told.CopiesStarted]) -> None:
        for event in events:
            copies.mark_copying(tx, event.copies)

    def _source_read(self, tx: Transaction, events: list[told.SourceRead]) -> None:
        items.record_source_checksums(
            tx,
            [
                SourceRow(one.item, one.checksums, None if one.is_known else one.state)
                for one in events
            ],
        )
        compared = [
            ComparedRow(
                one.item,
                said.expected.manifest,
                said.expected.algorithm,
                said.expected.value,
                said.is_equal,
            )
            for one in events
            for said in one.compared
        ]
        if compared:
            record_compared(tx, compared)
        tx.chain(list(self._entries.source_read(events)))

    def _source_recalled(self, tx: Transaction, events: list[told.SourceRecalled]) -> None:
        """Nothing was read, so nothing is chained: the entry of the skip says whence."""
        items.record_recalled(
            tx, [RecalledRow(one.item, one.checksums, one.state, one.read_in) for one in events]
        )

    def _link_read(self, tx: Transaction, events: list[told.LinkRead]) -> None:
        record_link_targets(tx, events)

    def _proven(self, tx: Transaction, events: list[told.CopyProven]) -> None:
        copies.record_proven(
            tx,
            [
                ProvenRow(one.item, one.destination, one.identity, one.checksums, one.read_back)
                for one in events
            ],
        )

    def _verified(self, tx: Transaction, events: list[told.CopyVerified]) -> None:
        copies.record_verified(
            tx,
            [
                FinishedRow(one.item, one.destination, one.final_path, ctime_ns=one.ctime_ns)
                for one in events
            ],
        )
        tx.chain(
            [
                self._entries.verdict(AuditEvent.CHECKSUM_VERIFIED, one, _FINAL[one.kind])
                for one in events
            ]
        )

    def _verified_anew(self, tx: Transaction, events: list[told.CopyVerifiedAnew]) -> None:
        copies.record_verified_anew(
            tx,
            [
                FinishedRow(
                    one.verified.item,
                    one.verified.destination,
                    one.verified.final_path,
                    identity=one.identity,
                    checksums=one.verified.checksums,
                    read_back=one.verified.read_back,
                )
                for one in events
            ],
        )
        told_again = [one.verified for one in events]
        tx.chain(
            [
                self._entries.verdict(AuditEvent.CHECKSUM_VERIFIED, one, _FINAL[one.kind])
                for one in told_again
            ]
        )

    def _to_be_renamed(self, tx: Transaction, events: list[told.RenamePlanned]) -> None:
        copies.record_to_be_renamed(
            tx,
            [RenameRow(one.item, one.destination, one.final_path, one.identity) for one in events],
        )

    def _renamed(self, tx: Transaction, events: list[told.CopyRenamed]) -> None:
        renamed = CopyStatus.RENAMED
        copies.record_verified(
            tx, [FinishedRow(one.item, one.destination, one.final_path, renamed) for one in events]
        )
        tx.chain([self._entries.renamed(one) for one in events])

    def _skipped(self, tx: Transaction, events: list[told.CopySkipped]) -> None:
        copies.record_skipped(
            tx,
            [
                SkippedRow(
                    one.item,
                    one.destination,
                    one.final_path,
                    one.identity,
                    one.checksums,
                    one.read_back,
                    one.ctime_ns,
                    one.proof,
                    one.proven_us,
                )
                for one in events
            ],
        )
        tx.chain(
            [
                self._entries.verdict(
                    AuditEvent.ITEM_SKIPPED, one, _THERE if one.proof is None else _STILL_THERE
                )
                for one in events
            ]
        )

    def _copy_left_out(self, tx: Transaction, events: list[told.CopyLeftOut]) -> None:
        losses.record_left_out(
            tx,
            [
                LeftOutRow(one.item, one.destination, one.error.kind, str(one.error))
                for one in events
            ],
        )
        tx.chain(
            [
                self._entries.failure(
                    AuditEvent.ITEM_SKIPPED, one.error, one.path, one.destination, result="left out"
                )
                for one in events
            ]
        )

    def _not_kept(self, tx: Transaction, events: list[told.NotKept]) -> None:
        losses.record_losses(tx, [LossRow(one.item, one.destination, one.loss) for one in events])

    def _ended(self, tx: Transaction, events: list[told.CopyEnded]) -> None:
        copies.record_failed(
            tx,
            [
                EndedRow(one.item, one.destination, one.status, one.error.kind, str(one.error))
                for one in events
            ],
        )
        tx.chain(
            [
                self._entries.failure(
                    AuditEvent.ITEM_FAILED,
                    one.error,
                    one.path,
                    one.destination,
                    result=one.status.value,
                )
                for one in events
                if one.status is CopyStatus.FAILED
            ]
        )

    def _reset(self, tx: Transaction, events: list[told.CopyReset]) -> None:
        copies.reset_copies(tx, [(one.item, one.destination) for one in events])

    def _tried_again(self, tx: Transaction, events: list[told.TriedAgain]) -> None:
        tx.chain(
            [
                self._entries.failure(
                    AuditEvent.ERROR,
                    one.error,
                    one.path,
                    one.destination,
                    result=f"tried again, {one.tries + 1} of {one.tries_at_most}",
                )
                for one in events
            ]
        )

    def _set_aside(self, tx: Transaction, events: list[told.SourceSetAside]) -> None:
        items.set_aside(tx, [AsideRow(one.item, one.aside) for one in events])
        tx.chain(
            [
                self._entries.draft(
                    AuditEvent.SOURCE_SET_ASIDE,
                    one.path,
                    {"aside": to_texts(one.aside)[0][0]},
                )
                for one in events
            ]
        )

    def _deleted(self, tx: Transaction, events: list[told.SourceDeleted]) -> None:
        items.mark_removed(tx, [one.item for one in events])
        tx.chain(
            [
                self._entries.draft(
                    AuditEvent.SOURCE_DELETED,
                    one.path,
                    size_bytes=str(one.size_bytes),
                    result=_how_it_went(one),
                )
                for one in events
            ]
        )

    def _kept(self, tx: Transaction, events: list[told.SourceKept]) -> None:
        items.set_aside(tx, [AsideRow(one.item, None) for one in events])
        items.record_states(tx, [(one.item, one.state) for one in events if one.state is not None])
        kept = [(one, one.error) for one in events if one.error is not None]
        tx.chain(
            [
                self._entries.failure(
                    AuditEvent.ITEM_FAILED, error, one.path, result="original kept"
                )
                for one, error in kept
            ]
        )

    def _noted(self, tx: Transaction, events: list[told.Noted]) -> None:
        tx.chain(
            [
                self._books.witness.draft(
                    AuditEvent.ERROR,
                    self._plan.transfer,
                    {"count": one.count},
                    mode=self._plan.mode.value,
                    error_type=one.error_type,
                    message=one.message,
                )
                for one in events
            ]
        )


def _how_it_went(one: told.SourceDeleted) -> str:
    if one.kind is ItemKind.FOLDER:
        return "empty folder"
    return "found gone after an interruption" if one.was_found_gone else ""


_WRITERS: Final[dict[type, Callable[[LedgerJournal, Transaction, list[Any]], None]]] = {
    told.ItemsFound: LedgerJournal._found,
    told.LeftOut: LedgerJournal._left_out,
    told.CopiesStarted: LedgerJournal._started,
    told.SourceRead: LedgerJournal._source_read,
    told.SourceRecalled: LedgerJournal._source_recalled,
    told.LinkRead: LedgerJournal._link_read,
    told.CopyProven: LedgerJournal._proven,
    told.CopyVerified: LedgerJournal._verified,
    told.CopyVerifiedAnew: LedgerJournal._verified_anew,
    told.RenamePlanned: LedgerJournal._to_be_renamed,
    told.CopyRenamed: LedgerJournal._renamed,
    told.CopySkipped: LedgerJournal._skipped,
    told.CopyLeftOut: LedgerJournal._copy_left_out,
    told.NotKept: LedgerJournal._not_kept,
    told.CopyEnded: LedgerJournal._ended,
    told.CopyReset: LedgerJournal._reset,
    told.TriedAgain: LedgerJournal._tried_again,
    told.SourceSetAside: LedgerJournal._set_aside,
    told.SourceDeleted: LedgerJournal._deleted,
    told.SourceKept: LedgerJournal._kept,
    told.Noted: LedgerJournal._noted,
}
