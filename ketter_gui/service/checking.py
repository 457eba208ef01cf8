"""Verify again: all copies of a transfer, against what the ledger knows of them.

The copies are read, never written. What is not as it was is an entry of the audit, and no
later transfer takes it for a proof any more.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from functools import partial
from typing import Final

from ketter_gui.disk.folder import Tree, open_root
from ketter_gui.domain.checking import (
    BAD,
    EXTRAS_TOLD,
    Finding,
    NothingToVerify,
    PlaceChecked,
    Verdict,
)
from ketter_gui.domain.errors import NoSuchTransfer, VolumeGone, WaitingError
from ketter_gui.domain.events import AuditDraft, AuditEvent
from ketter_gui.domain.items import Destination, Item, ItemKind
from ketter_gui.domain.names import TextPath, to_text
from ketter_gui.domain.options import Pack
from ketter_gui.domain.status import PROOF, CopyStatus
from ketter_gui.engine.checking import Checked, Proven, begin, beside, compare
from ketter_gui.engine.hands import Hands
from ketter_gui.engine.places import found_again
from ketter_gui.engine.plan import Plan, check_place
from ketter_gui.engine.read_back import KeptFile
from ketter_gui.queue.witness import Witness
from ketter_gui.service import retention
from ketter_gui.service.check import Check, Subject
from ketter_gui.store import checked as ledger_checked
from ketter_gui.store import known, transfers
from ketter_gui.store.ledger import Ledger
from ketter_gui.store.records import CopyRecord, ItemRecord, TransferRecord
from ketter_gui.store.transaction import Transaction

_PAGE: Final = 1000
_TOLD_TOGETHER: Final = 500
_AHEAD: Final = 32
"""So many copies are opened and asked for before the first of them is read: a drive that is
asked for one small file after the other takes longer (measured)."""

_ONCE_PROVEN: Final = PROOF | {CopyStatus.RENAMED}
_Begun = tuple[ItemRecord, Proven, Checked | KeptFile]
_AllBegun = Generator[_Begun, None, None]
_log = logging.getLogger(__name__)


def check_transfer(
    ledger: Ledger, witness: Witness, transfer: int, sign: Callable[[], None]
) -> Check:
    """Begin; `sign` seals what was told at the end. Raises NoSuchTransfer and
    NothingToVerify."""
    found = ledger.transfer(transfer)
    if retention.is_going(ledger, transfer):  # and half its items may have gone already
        raise NoSuchTransfer(transfer=transfer)
    files, size_bytes = ledger.read(
        partial(ledger_checked.once_proven, transfer=transfer, statuses=_ONCE_PROVEN)
    )
    if not files:
        raise NothingToVerify(transfer=str(transfer))
    if found.options.pack is Pack.ZIP:
        size_bytes = _archive_bytes(ledger, found)
    places = tuple(PlaceChecked(to_text(one.path)) for one in found.destinations)
    of_transfer = _OfTransfer(ledger, witness, found, sign)
    subject = Subject(transfer, found.name, files, size_bytes)
    return Check(subject, places, of_transfer.check_all, of_transfer.tell_end)


def _archive_bytes(ledger: Ledger, found: TransferRecord) -> int:
    """An archive is read whole, with its headers; that of a source stands beside its folder."""
    roots = [source.name for source in found.sources]
    records = ledger.read(partial(ledger_checked.items_at, transfer=found.id, paths=roots))
    copies = [copy for record in records for copy in record.copies]
    return sum(copy.identity.size_bytes for copy in copies if copy.identity)


class _OfTransfer:
    """The work itself; `_check` is set as it begins."""

    _check: Check

    def __init__(
        self, ledger: Ledger, witness: Witness, found: TransferRecord, sign: Callable[[], None]
    ) -> None:
        self._ledger, self._witness, self._found, self._sign = ledger, witness, found, sign

    def check_all(self, check: Check) -> None:
        """All destinations, one after the other."""
        self._check = check
        found = self._found
        plan = Plan(
            found.id, found.token, found.mode, found.options, found.sources, found.destinations
        )
        with Hands() as hands:
            for destination in found_again(plan).destinations:
                self._check.places[destination.index].path = to_text(destination.path)
                try:
                    self._check_destination(destination, hands)
                except WaitingError as error:  # the other drives are checked all the same
                    check.set_error(error)
                except OSError as error:
                    check.set_error(VolumeGone(destination.path, errno=error.errno))

    def _check_destination(self, destination: Destination, hands: Hands) -> None:
        check_place(destination.path, destination.place)
        with Tree(open_root(destination.path, self._check.control.gate)) as tree:
            if self._found.options.pack is Pack.ZIP:
                self._check_archives(tree, destination, hands)
            else:
                self._check_place(tree, destination, hands)

    def _check_archives(self, tree: Tree, destination: Destination, hands: Hands) -> None:
        from ketter_gui.service.checking_packed import check_archives  # and all that reads ZIP

        draft, found = self._finding_draft, self._found
        check_archives(
            self._ledger, found.id, found.sources, tree, destination, self._check, hands, draft
        )

    def _check_place(self, tree: Tree, destination: Destination, hands: Hands) -> None:
        place = self._check.places[destination.index]
        renamed: set[bytes] = set()  # few have another name than at their source

        def counted(piece: memoryview, _offset: int) -> None:
            place.bytes_read += len(piece)

        with closing(self._begun(tree, destination, place)) as all_begun:
            for record, proven, begun in all_begun:
                if proven.path != record.item.path:
                    renamed.add(proven.path)
                if isinstance(begun, KeptFile):
                    checked = compare(tree, proven, begun, hands, self._check.control, counted)
                else:
                    checked = begun
                if proven.kind is ItemKind.FILE or checked.verdict is not Verdict.EQUAL:
                    place.counts[checked.verdict] += 1
                if checked.how is not None:
                    place.read_back[checked.how.value] += 1
                if checked.verdict in BAD:
                    self._tell(tree, destination, record, proven, checked)
        self._look_beside(tree, destination, renamed)

    def _look_beside(self, tree: Tree, destination: Destination, renamed: set[bytes]) -> None:
        """In the folders that the transfer brought; what lies around them is not its business."""
        counts = self._check.places[destination.index].counts

        def is_known(paths: Sequence[bytes]) -> set[bytes]:
            query = partial(ledger_checked.paths_known, transfer=self._found.id, paths=paths)
            return self._ledger.read(query) | renamed.intersection(paths)

        told: list[AuditDraft] = []
        for folder in self._folders(destination.index):
            for path, checked in beside(tree, folder, is_known, self._check.control):
                counts[checked.verdict] += 1
                whole = to_text(tree.root.words_for(path))
                self._check.note(Finding(checked.verdict, whole, checked.why))
                if counts[checked.verdict] <= EXTRAS_TOLD:
                    told.append(self._finding_draft(to_text(path), whole, checked))
            if len(told) >= _TOLD_TOGETHER:
                self._chain(told)
                told = []
        self._chain(told)

    def _folders(self, destination: int) -> Iterator[bytes]:
        """Those of the transfer that are there, page by page."""
        after: Item | None = None
        while page := self._ledger.folders_deepest_first(self._found.id, after=after, limit=_PAGE):
            for record in page:
                copy = _copy_on(record, destination)
                if copy is not None and copy.status in _ONCE_PROVEN:
                    yield copy.final_path or record.item.path
            after = page[-1].item

    def _chain(self, drafts: list[AuditDraft]) -> None:
        if drafts:
            self._ledger.transact(lambda tx: tx.chain(drafts))

    def _begun(self, tree: Tree, destination: Destination, place: PlaceChecked) -> _AllBegun:
        """What was verified there, looked at some ahead of what is read."""
        ahead: deque[_Begun] = deque()
        try:
            for record, proven in self._proven(destination.index, place):
                self._check.control.checkpoint()
                ahead.append((record, proven, begin(tree, destination.place.medium, proven)))
                if len(ahead) > _AHEAD:
                    yield ahead.popleft()
            while ahead:
                self._check.control.checkpoint()
                yield ahead.popleft()
        finally:
            for _, _, begun in ahead:
                if isinstance(begun, KeptFile):
                    begun.close()

    def _proven(self, destination: int, place: PlaceChecked) -> Iterator[tuple[ItemRecord, Proven]]:
        """What was verified there, page by page, in the order of the scan."""
        after = 0
        while page := self._ledger.items(self._found.id, after_id=after, limit=_PAGE):
            links = [one.item.id for one in page if one.item.kind is ItemKind.SYMLINK]
            targets = self._ledger.read(partial(ledger_checked.link_targets, items=links))
            for record in page:
                copy = _copy_on(record, destination)
                if copy is None:
                    continue
                checksums = copy.checksums or record.checksums
                is_file = record.item.kind is ItemKind.FILE
                was_left_out = copy.status not in _ONCE_PROVEN or bool(copy.error_type)
                target = targets.get(record.item.id, b"")
                is_link = record.item.kind is ItemKind.SYMLINK
                if was_left_out or (is_file and not checksums) or (is_link and not target):
                    place.unproven += is_file
                    continue
                state = record.item.state
                mtime_ns = copy.identity.mtime_ns if copy.identity else state.mtime_ns
                path = copy.final_path or record.item.path
                proven = Proven(path, state.kind, state.size_bytes, mtime_ns, checksums, target)
                yield record, proven
            after = page[-1].item.id

    # --- what is told ---

    def _tell(
        self,
        tree: Tree,
        destination: Destination,
        record: ItemRecord,
        proven: Proven,
        checked: Checked,
    ) -> None:
        """In the audit, and no proof any more, at once: whoever pulls the plug keeps that."""
        whole = to_text(tree.root.words_for(proven.path))
        self._check.note(Finding(checked.verdict, whole, checked.why))
        draft = self._finding_draft(to_text(record.item.path), whole, checked)
        doubt = partial(known.doubt_copies, place=destination.place, path=proven.path)

        def write(tx: Transaction) -> None:
            doubt(tx)
            tx.chain([draft])

        self._ledger.transact(write)

    def _finding_draft(self, item: TextPath, whole: TextPath, checked: Checked) -> AuditDraft:
        return self._draft(
            {"why": checked.why},
            item_path=item.text,
            path_form=item.form,
            destination_path=whole.text,
            read_back=checked.how.value if checked.how else "",
            result=checked.verdict.value,
        )

    def tell_end(self, check: Check) -> None:
        """One entry a destination, whatever the end was."""
        view = check.view()
        drafts = [
            self._draft(
                place_details(place),
                destination_path=place.path.text,
                result="whole" if view.is_whole else "not finished",
                duration_s=f"{view.seconds:.3f}",
            )
            for place in check.places
        ]
        bad = sum(place.counts[verdict] for place in check.places for verdict in BAD)

        def write(tx: Transaction) -> None:
            transfers.set_doubted(tx, self._found.id, bad, is_all=view.is_whole)
            tx.chain(drafts)

        self._ledger.transact(write)
        self._sign()

    def _draft(self, details: dict[str, object], **cells: str) -> AuditDraft:
        return self._witness.draft(AuditEvent.REVERIFIED, self._found.id, details, **cells)


def _copy_on(record: ItemRecord, destination: int) -> CopyRecord | None:
    return next((one for one in record.copies if one.destination == destination), None)


def place_details(place: PlaceChecked) -> dict[str, object]:
    """What an entry says of a place that was checked."""
    counts: dict[str, object] = {verdict.value: place.counts[verdict] for verdict in Verdict}
    return counts | {
        "unproven": place.unproven,
        "bytes_read": place.bytes_read,
        "read_back": dict(place.read_back),
    }
