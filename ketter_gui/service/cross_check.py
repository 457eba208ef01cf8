"""Compare the working tables with the audit: `ketter audit verify --deep`.

The chain is verified first: what the audit says is what was recorded. Then, transfer by
transfer and in flat memory (`store.told`),

    the transfer    its mode, sources and destinations are those it was created with; it is
                    completed, failed or cancelled when its last entry says so, with the
                    figures of that entry
    each copy       it is verified, skipped or renamed when, and only when, the last entry on
                    it says so, with its checksums and how it was read back; one that failed
                    has an entry that says so
    each item       its checksums are those that were calculated; its original is gone when,
                    and only when, an entry says so
    all             no transfer, item or copy that the audit knows is missing, none is there
                    that it does not know

Not compared: what no entry tells (times, sizes, progress, messages, what a later check
doubted), transfers that are at work, and those whose entries were pruned.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from ketter_gui.domain.chain import COLUMNS, Row
from ketter_gui.domain.cross_check import SHOWN_AT_MOST, CrossCheck, Difference
from ketter_gui.domain.errors import NoSuchTransfer
from ketter_gui.domain.events import AuditEvent
from ketter_gui.domain.names import to_text
from ketter_gui.domain.search import HistoryQuery
from ketter_gui.domain.status import LIVE
from ketter_gui.service import record
from ketter_gui.service.cross_rules import (
    ENDS,
    GOOD,
    NO_ENTRY,
    Problem,
    facts_of,
    in_item,
    in_transfer,
)
from ketter_gui.store.audit import first_entry, transfers_told
from ketter_gui.store.ledger import Ledger
from ketter_gui.store.records import TransferRecord
from ketter_gui.store.retention import SignedCheckpoint, checkpoints
from ketter_gui.store.told import Told, ToldFact

_PAGE: Final = 1000
_AT: Final = {name: index for index, name in enumerate(COLUMNS)}
_STEPS: Final = frozenset(one.value for one in AuditEvent if one.name.startswith("TRANSFER_"))


@dataclass(slots=True)
class _Found:
    """What is found, as it goes on."""

    transfers: int = 0
    copies: int = 0
    at_work: int = 0
    pruned: int = 0
    count: int = 0
    differences: list[Difference] = field(default_factory=list)

    def add(self, transfer: int, item: str, problem: Problem) -> None:
        self.count += 1
        if len(self.differences) < SHOWN_AT_MOST:
            self.differences.append(Difference(transfer, item, *problem))

    def take(self, other: _Found) -> None:
        self.transfers += other.transfers
        self.copies += other.copies
        self.pruned += other.pruned
        self.count += other.count
        room = SHOWN_AT_MOST - len(self.differences)
        self.differences += other.differences[:room]


def cross_check(ledger: Ledger) -> CrossCheck:
    """Compare every transfer of a ledger whose chain was found to hold."""
    told = ledger.read(transfers_told)  # before the tables: a new transfer comes with its entry
    found = _Found()
    known: set[int] = set()
    offset = 0
    while page := ledger.transfers(HistoryQuery(with_hidden=True), offset=offset, limit=_PAGE):
        for transfer in page:
            if transfer.id not in known:
                known.add(transfer.id)
                _look(ledger, transfer, found)
        offset += len(page)
    pruned_to = max((one.head.sequence for one in _checkpoints(ledger)), default=0)
    for number, last in told:
        if number not in known and last > pruned_to:
            found.add(number, "", Problem("it is not there any more", last))
    return CrossCheck(
        found.transfers,
        found.copies,
        found.at_work,
        found.pruned,
        found.count,
        tuple(found.differences),
    )


def _look(ledger: Ledger, transfer: TransferRecord, found: _Found) -> None:
    """Compare one transfer, unless it changes meanwhile."""
    if transfer.status in LIVE and transfer.owner is not None:
        found.at_work += 1
        return
    before = ledger.read(lambda database: first_entry(database, ledger.chain))
    its = _Found()
    with Told() as told:
        _compare(ledger, transfer, told, its)
    if its.count and _has_changed(ledger, transfer):
        found.at_work += 1
    elif its.count and before != ledger.read(lambda database: first_entry(database, ledger.chain)):
        found.pruned += 1
    else:
        found.take(its)


def _has_changed(ledger: Ledger, transfer: TransferRecord) -> bool:
    try:
        now = ledger.transfer(transfer.id)
    except NoSuchTransfer:
        return True
    return (now.status, now.owner) != (transfer.status, transfer.owner)


def _checkpoints(ledger: Ledger) -> list[SignedCheckpoint]:
    return ledger.read(lambda database: checkpoints(database, ledger.chain))


def _compare(ledger: Ledger, transfer: TransferRecord, told: Told, its: _Found) -> None:
    created, last, end = _gather(ledger, transfer.id, told)
    if created is None:
        is_old = any(transfer.created_us < one.before_us for one in _checkpoints(ledger))
        if is_old:
            its.pruned += 1
        else:
            its.add(transfer.id, "", Problem(NO_ENTRY))
        return
    its.transfers += 1
    for problem in in_transfer(transfer, created, last, end):
        its.add(transfer.id, "", problem)
    roots = [one.path.rstrip(b"/") + b"/" for one in transfer.destinations]
    after = 0
    while page := ledger.items(transfer.id, after_id=after, limit=_PAGE):
        about = told.take([one.item.path for one in page])
        for one in page:
            its.copies += len(one.copies)
            for problem in in_item(one, about[one.item.path], roots):
                its.add(transfer.id, to_text(one.item.path).text, problem)
        after = page[-1].item.id
    for gone in told.left([one.value for one in GOOD], SHOWN_AT_MOST):
        words = f"it was {gone.status}, and is not there any more"
        its.add(transfer.id, to_text(gone.item).text, Problem(words, gone.sequence))


def _gather(ledger: Ledger, transfer: int, told: Told) -> tuple[Row | None, Row | None, Row | None]:
    """Read all that is told of a transfer; returns the entries of its creation, of its last
    step and, where that was its end, of that."""
    created: Row | None = None
    last: Row | None = None
    facts: list[ToldFact] = []
    for row in record.rows(ledger, transfer):
        event = row[_AT["event"]]
        if event == AuditEvent.TRANSFER_CREATED.value:
            created = row
        if event in _STEPS:
            last = row
        facts += facts_of(row)
        if len(facts) >= _PAGE:
            told.add(facts)
            facts = []
    told.add(facts)
    return created, last, last if last is not None and last[_AT["event"]] in ENDS else None
