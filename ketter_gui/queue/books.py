"""What the scheduler and its workers read from the ledger and write into it.

Every change of a transfer's status comes with its audit entry, in one transaction.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from typing import Protocol

from ketter_gui.disk.gate import LetGo
from ketter_gui.domain.errors import Cancelled, DriveSilent, KetterError, WaitingError
from ketter_gui.domain.events import AuditEvent
from ketter_gui.domain.items import Item, Loss
from ketter_gui.domain.moves import renamed_sources
from ketter_gui.domain.names import to_text
from ketter_gui.domain.options import Symlinks
from ketter_gui.domain.room import Need, Spares
from ketter_gui.domain.status import (
    LIVE,
    PROOF,
    TRANSFER_CHANGES,
    CopyStatus,
    TransferStatus,
)
from ketter_gui.domain.watching import Chosen
from ketter_gui.engine.plan import Earlier, Plan, Work
from ketter_gui.evidence.manifests.listed import Outcome
from ketter_gui.queue import promises
from ketter_gui.queue.runs import Run
from ketter_gui.queue.witness import Witness
from ketter_gui.store import copies, items, losses, names, taken, transfers
from ketter_gui.store.ledger import Ledger
from ketter_gui.store.records import CopyRecord, DestinationProgress, ItemRecord, Progress, Wish
from ketter_gui.store.transaction import Transaction

_PAGE = 2000
"""Items read from the ledger at a time: memory stays flat however long the list is."""


_NOT_LET_THROUGH = frozenset({TransferStatus.PENDING, TransferStatus.PREPARING})
"""Transfers whose preflight is still to come, or not at its end."""


_DONE = PROOF | {CopyStatus.RENAMED, CopyStatus.COPIED}
"""Copies that came to a good end."""


_BEGUN = (CopyStatus.COPYING, CopyStatus.VERIFYING)


class Unexpected(KetterError):
    """A fault of ours. The log has the traceback."""

    what = "Something went wrong that Ketter did not foresee ({kind_of})."
    safe = "Proven copies stay as they are; no original was removed without proof."
    todo = "Please report it with the log that “ketter doctor” names, and resume."


@dataclass(frozen=True, slots=True)
class Books:
    """The ledger, seen from the queue."""

    ledger: Ledger
    witness: Witness

    # --- a transfer's way ------------------------------------------------------------------

    def preparing(self, run: Run) -> None:
        """It has its lanes and a thread. Another try of what waits is no event, but its end."""
        run.stage = TransferStatus.PREPARING
        event = AuditEvent.TRANSFER_RESUMED if run.is_resumed else AuditEvent.TRANSFER_STARTED
        self._follow(run, None if run.waits_for else event)

    def running(self, run: Run) -> None:
        """Preflight has passed."""
        run.stage = TransferStatus.RUNNING
        self._follow(run, AuditEvent.TRANSFER_RESUMED if run.waits_for else None)
        run.waits_for = None

    def scanned(self, run: Run) -> None:
        """All items are in the ledger."""
        counters = run.counters

        def write(tx: Transaction) -> None:
            transfers.set_totals(tx, run.transfer, counters.files_total, counters.bytes_total)

        self._write(run, write)

    def scanned_again(self, run: Run) -> None:
        """The same, when some of them may have been counted before."""
        counters = run.counters
        first = [one for one in self.ledger.counts(run.transfer) if one.destination == 0]
        counters.files_total = sum(one.copies for one in first)
        counters.bytes_total = sum(one.size_bytes for one in first)
        self.scanned(run)

    def paused(self, run: Run) -> None:
        """A person asked."""
        with suppress(LetGo):
            self._follow(run, AuditEvent.TRANSFER_PAUSED)

    def resumed(self, run: Run) -> None:
        """After a pause: on with the work, or back into the queue."""
        with suppress(LetGo):
            self._follow(run, AuditEvent.TRANSFER_RESUMED)

    def waiting(self, run: Run, error: WaitingError) -> None:
        """For a volume, for room or for the ledger; `paused` if a person asked meanwhile.

        The audit is told once what it waits for: a drive may be away for a weekend.
        """
        run.stage = TransferStatus.WAITING
        what = (error.kind, error.path)

        def write(tx: Transaction) -> None:
            transfers.set_progress(tx, run.transfer, _progress(run))
            if _follow(tx, run):
                transfers.set_message(tx, run.transfer, str(error))
            if what != run.waits_for:
                event, mode = AuditEvent.ERROR, run.plan.mode.value
                tx.chain([self.witness.failure(event, error, run.transfer, mode=mode)])

        self._write(run, write)
        run.waits_for = what

    def interrupted(self, transfer: int) -> None:
        """This process is going away; the transfer can be resumed."""

        def write(tx: Transaction) -> None:
            if transfers.status(tx, transfer) not in LIVE:
                return
            transfers.set_status(tx, transfer, TransferStatus.INTERRUPTED)
            tx.chain([self.witness.draft(AuditEvent.TRANSFER_INTERRUPTED, transfer)])

        self.ledger.transact(write)

    def let_go(self, run: Run, error: DriveSilent) -> bool:
        """Its thread hangs, and nobody waits for it any more; the transfer can be resumed.
        False: it had come to its end after all."""

        def write(tx: Transaction) -> bool:
            if transfers.status(tx, run.transfer) not in LIVE:
                return False
            transfers.set_progress(tx, run.transfer, _progress(run))
            interrupted = TransferStatus.INTERRUPTED
            transfers.set_status(tx, run.transfer, interrupted, message=str(error))
            event, mode = AuditEvent.TRANSFER_INTERRUPTED, run.plan.mode.value
            tx.chain([self.witness.failure(event, error, run.transfer, mode=mode)])
            return True

        return self.ledger.transact(write)

    def cancelled(self, run: Run, error: Cancelled) -> None:
        """A person asked; what is proven stays."""
        self._close(run, TransferStatus.CANCELLED, AuditEvent.TRANSFER_CANCELLED, error)

    def failed(self, run: Run, error: KetterError) -> None:
        """The transfer as a whole."""
        self._close(run, TransferStatus.FAILED, AuditEvent.TRANSFER_FAILED, error)

    def ended(self, run: Run, left: Outcome) -> None:
        """All items have come to an end: completed, or failed if one of them did, or is
        not at its end after all, or a manifest that was to be left could not be written."""
        kept = run.counters.originals_kept
        failed, unfinished = self.not_done(run.transfer)
        manifests = promises.counted(self.ledger, run.transfer)
        sentences = [_outcome_words(failed, unfinished, kept), *manifests.sentences()]
        sentences += map(str, left.errors)
        message = " ".join(filter(None, sentences))
        about = promises.report_details(manifests) | left.details()
        if failed or unfinished or kept or manifests.total.missing or left.errors:
            event = AuditEvent.TRANSFER_FAILED
            self._end(run, TransferStatus.FAILED, event, message, about)
        else:
            event = AuditEvent.TRANSFER_COMPLETED
            self._end(run, TransferStatus.COMPLETED, event, message, about)

    def _close(
        self, run: Run, status: TransferStatus, event: AuditEvent, error: KetterError
    ) -> None:
        def write(tx: Transaction) -> None:
            transfers.set_progress(tx, run.transfer, _progress(run))
            _reach(tx, run.transfer, status, str(error))
            if status is TransferStatus.CANCELLED:
                copies.cancel_copies(tx, run.transfer)
            tx.chain([self.witness.failure(event, error, run.transfer, mode=run.plan.mode.value)])

        self._write(run, write)

    def _end(
        self,
        run: Run,
        status: TransferStatus,
        event: AuditEvent,
        message: str,
        about: Mapping[str, object],
    ) -> None:
        figures = run.figures()
        details: dict[str, object] = {
            **about,
            "destinations": [self._words(one.path) for one in run.plan.destinations],
            "files": figures.files_total,
            "files_verified": figures.files_verified,
            "files_renamed": figures.files_renamed,
            "files_failed": figures.files_failed,
            "files_skipped": figures.files_skipped,
            "special_skipped": figures.special_skipped,
            "copies_from_cache": figures.copies_from_cache,
            "originals_removed": figures.originals_removed,
        }
        record = self.ledger.transfer(run.transfer)
        seconds = max(time.time() - record.started_us / 1e6, 0.0)
        size_bytes = run.counters.bytes_total  # the card's, however many drives it went to
        speed = f"{size_bytes / seconds:.0f}" if seconds > 0 else ""

        def write(tx: Transaction) -> None:
            transfers.set_progress(tx, run.transfer, _progress(run))
            _reach(tx, run.transfer, status, message)
            draft = self.witness.draft(
                event,
                run.transfer,
                details,
                mode=run.plan.mode.value,
                size_bytes=str(size_bytes),
                duration_s=f"{seconds:.6f}",
                speed_bytes_per_s=speed,
                message=message,
            )
            tx.chain([draft])

        self._write(run, write)

    def _follow(self, run: Run, event: AuditEvent | None) -> None:
        """Have the ledger say where a run is, and chain the event, unless it has ended."""

        def write(tx: Transaction) -> None:
            if _follow(tx, run) and event is not None:
                tx.chain([self.witness.draft(event, run.transfer)])

        self._write(run, write)

    def _write(self, run: Run, write: Callable[[Transaction], None]) -> None:
        """What a run's own thread has to say: LetGo when the run is somebody else's by now.
        Asked where only one thread writes, so that nothing can come in between."""

        def checked(tx: Transaction) -> None:
            run.control.gate.check()
            write(tx)

        self.ledger.transact(checked)

    def recount(self, run: Run) -> None:
        """Set a resumed run's figures to what is done: what was begun and given up counts
        for nothing."""
        found = self.ledger.transfer(run.transfer)
        counters = run.counters
        counters.forget_work()
        counters.files_total = found.files_total
        counters.bytes_total = found.bytes_total
        counters.copies_from_cache = found.progress.copies_from_cache
        counters.originals_removed = found.progress.originals_removed
        counters.special_skipped = found.progress.special_skipped
        for one in self.ledger.counts(run.transfer):
            if one.status not in PROOF | {CopyStatus.RENAMED}:
                continue
            counter = counters.destinations[one.destination]
            counter.copied_bytes += one.size_bytes
            if one.status is CopyStatus.RENAMED:
                counter.renamed_bytes += one.size_bytes
                counter.files_renamed += one.copies
                continue
            counter.verified_bytes += one.size_bytes
            if one.status is CopyStatus.SKIPPED:
                counter.files_skipped += one.copies
            else:
                counter.files_verified += one.copies
        run.measure_from_here()

    # --- what other processes wish, and what this one tells them ---------------------------

    def progress(self, run: Run) -> None:
        """One row a second."""
        progress = _progress(run)
        self.ledger.submit(lambda tx: transfers.set_progress(tx, run.transfer, progress))

    def wishes(self) -> tuple[tuple[int, str], ...]:
        """What other processes ask of transfers that are at work here."""
        return tuple((transfer, wish.value) for transfer, wish in self.ledger.wishes().items())

    def wish_granted(self, transfer: int, wish: str) -> None:
        """Forget a wish, unless there is a newer one."""
        self.ledger.submit(lambda tx: transfers.forget_wish(tx, transfer, Wish(wish)))

    # --- reading ---------------------------------------------------------------------------

    def is_scanned(self, transfer: int) -> bool:
        """Whether all items are in the ledger."""
        return self.ledger.transfer(transfer).is_scanned

    def is_chosen(self, transfer: int) -> bool:
        """Whether a watch folder took its files, one by one; else a person chose its sources."""
        return self.ledger.transfer(transfer).watch is not None

    def chosen(self, transfer: int) -> Iterator[Chosen]:
        """The files that a watch folder took for this transfer, a page in memory."""
        after = b""
        while page := self.ledger.read(partial(taken.chosen, transfer=transfer, after=after)):
            yield from page
            after = page[-1].path

    def forget_items(self, run: Run) -> None:
        """A scan that was cut short starts again."""
        self._write(run, lambda tx: items.forget_items(tx, run.transfer))

    def not_done(self, transfer: int) -> tuple[int, int]:
        """Copies that failed, and those that never came to an end, of files, folders and
        links alike. There is no other way to `completed` than all of them done."""
        failed = unfinished = 0
        for one in self.ledger.counts(transfer, files_only=False):
            if one.status is CopyStatus.FAILED:
                failed += one.copies
            elif one.status not in _DONE:
                unfinished += one.copies
        return failed, unfinished

    def needs(
        self,
        transfer: int,
        units_bytes: Sequence[int],
        spares: Sequence[Spares] = (),
        *,
        renamed: Collection[int] = (),
        at_home: Collection[int] = (),
    ) -> list[Need]:
        """What each destination still has to receive, in units of its file system, where
        some of it may take no room: see `names.needs`."""
        return self.ledger.read(
            lambda database: names.needs(
                database, transfer, units_bytes, spares, renamed=renamed, at_home=at_home
            )
        )

    def reserved(self, transfer: int, units_bytes: Mapping[str, int]) -> dict[str, Need]:
        """What other transfers will still take on these volumes, each with its unit.

        Those that are older, and those that may have been let through already: of two that
        are checked at once and have no room together, the older one gets it. What was not
        scanned yet asks for its own room when it is.
        """
        taken: dict[str, Need] = defaultdict(Need)
        for other in self.ledger.live_transfers():
            is_later = other.id > transfer and other.status in _NOT_LET_THROUGH
            if other.id == transfer or not other.is_scanned or is_later:
                continue
            volumes = [one.place.volume for one in other.destinations]
            if units_bytes.keys().isdisjoint(volumes):
                continue
            renamed = renamed_sources(
                other.mode, other.sources, other.destinations, other.options.pack
            )
            units = [units_bytes.get(volume, 1) for volume in volumes]
            needs = self.needs(other.id, units, renamed=renamed)
            for volume, need in zip(volumes, needs, strict=True):
                taken[volume] += need
        return taken

    def works(self, plan: Plan) -> Iterator[Work]:
        """Items with an unfinished copy, or in a move with a source still to be removed; of
        files whose hard links are kept only the first names."""
        if plan.options.hard_links:
            return _works(self.ledger.unfinished_first_names, plan)
        return self.every_name(plan)

    def links(self, plan: Plan) -> Iterator[Work]:
        """The further names of files, each with the first one: when that is at its end."""
        after = 0
        while page := self.ledger.unfinished_links(plan.transfer, after_id=after, limit=_PAGE):
            for record, first in page:
                yield _work(record)._replace(first=_work(first) if first else None)
            after = page[-1][0].item.id

    def all_works(self, plan: Plan, source: int) -> Iterator[Work]:
        """All items of a source, finished or not."""
        after = 0
        while page := self.ledger.items(plan.transfer, source=source, after_id=after, limit=_PAGE):
            for record in page:
                yield _work(record)
            after = page[-1].item.id

    def every_name(self, plan: Plan) -> Iterator[Work]:
        """All of them, in the order of the scan: a rename needs no first name."""
        return _works(self.ledger.unfinished_items, plan)

    def folders(self, plan: Plan) -> Iterator[Item]:
        """All folders, deepest first."""
        last: Item | None = None
        while page := self.ledger.folders_deepest_first(plan.transfer, after=last, limit=_PAGE):
            for record in page:
                yield record.item
            last = page[-1].item

    def made_folders(self, plan: Plan) -> Iterator[Item]:
        """Folders that every destination has and whose source is still there, deepest first."""
        last: Item | None = None
        while page := self.ledger.folders_deepest_first(plan.transfer, after=last, limit=_PAGE):
            for record in page:
                is_made = all(copy.status in PROOF for copy in record.copies)
                if is_made and not record.is_removed:
                    yield record.item
            last = page[-1].item

    def is_all_done(self, plan: Plan) -> bool:
        """Whether every copy is at its good end, and no original waits to be removed."""
        if any(self.not_done(plan.transfer)) or self.set_aside(plan.transfer):
            return False
        return next(self.every_name(plan), None) is None

    def losses(self, transfer: int) -> list[tuple[int, Loss, int]]:
        """What destinations could not keep: (destination, all that was lost, copies)."""
        return [(one.destination, one.loss, one.copies) for one in self.ledger.losses(transfer)]

    def skipped_links(self, plan: Plan) -> int:
        """How many symlinks were left out, where that was asked for."""
        if plan.options.symlinks is not Symlinks.SKIP:
            return 0
        return self.ledger.read(lambda database: losses.skipped_links(database, plan.transfer))

    def unlisted(self, transfer: int) -> tuple[Item, ...]:
        """Folders that the scan could not list."""
        return tuple(record.item for record in self.ledger.unlisted_folders(transfer))

    def begun(self, transfer: int) -> list[Work]:
        """Items with copies that were begun and not proven."""
        return [_work(record) for record in self.ledger.items_with(transfer, _BEGUN)]

    def proven(self, transfer: int) -> list[Work]:
        """Items with copies that were proven, and have a name perhaps."""
        return [_work(record) for record in self.ledger.items_with(transfer, (CopyStatus.PROVEN,))]

    def set_aside(self, transfer: int) -> tuple[tuple[Item, bytes], ...]:
        """Source files that wear, or may wear, another name since a crash."""
        return tuple(
            (record.item, record.set_aside)
            for record in self.ledger.set_aside_items(transfer)
            if record.set_aside is not None
        )

    @staticmethod
    def _words(path: bytes) -> str:
        return to_text(path).text


def _reach(tx: Transaction, transfer: int, new: TransferStatus, message: str = "") -> None:
    """Bring a transfer to a status by steps that the table allows: whoever pauses or
    waits does not know what the work has come to meanwhile."""
    old = transfers.status(tx, transfer)
    if new not in TRANSFER_CHANGES[old]:
        for step in (TransferStatus.PREPARING, TransferStatus.RUNNING, TransferStatus.WAITING):
            if step in TRANSFER_CHANGES[old] and new in TRANSFER_CHANGES[step]:
                transfers.set_status(tx, transfer, step)
                break
    transfers.set_status(tx, transfer, new, message=message)


def _follow(tx: Transaction, run: Run) -> bool:
    """Write a run's stage, or `paused` while a person holds it. False: it has ended.

    Both are read here, where only one thread writes: whoever changed them comes here
    after that, so that the last one to come writes what is.
    """
    old = transfers.status(tx, run.transfer)
    new = TransferStatus.PAUSED if run.control.is_paused else run.stage
    if old not in LIVE:
        return False
    if new is not old:
        _reach(tx, run.transfer, new)
    return True


def _outcome_words(failed_copies: int, unfinished: int, kept: int) -> str:
    sentences = []
    if unfinished:
        what = "copy was" if unfinished == 1 else "copies were"
        sentences.append(f"{unfinished} {what} not finished; retry to go on.")
    if failed_copies == 1:
        sentences.append("1 copy failed; its original was kept.")
    elif failed_copies:
        sentences.append(f"{failed_copies} copies failed; their originals were kept.")
    if kept:
        what = "original was" if kept == 1 else "originals were"
        sentences.append(f"{kept} {what} kept although the copies are in place.")
    return " ".join(sentences)


class _Pages(Protocol):
    """A query of the ledger that is read in pages."""

    def __call__(self, transfer: int, *, after_id: int, limit: int) -> list[ItemRecord]:
        """The next page after an item."""


def _works(read: _Pages, plan: Plan) -> Iterator[Work]:
    after = 0
    while page := read(plan.transfer, after_id=after, limit=_PAGE):
        for record in page:
            yield _work(record)
        after = page[-1].item.id


def _work(record: ItemRecord) -> Work:
    return Work(record.item, tuple(map(_earlier, record.copies)), record.checksums)


def _earlier(copy: CopyRecord) -> Earlier:
    if copy.status is CopyStatus.PENDING and copy.identity is None and not copy.final_path:
        return _pending(copy.destination)
    return Earlier(
        copy.destination,
        copy.status,
        copy.identity,
        copy.checksums,
        copy.read_back,
        copy.final_path,
    )


@cache
def _pending(destination: int) -> Earlier:
    """One value for all that were never begun."""
    return Earlier(destination, CopyStatus.PENDING)


def _progress(run: Run) -> Progress:
    figures = run.figures()
    return Progress(
        bytes_copied=figures.bytes_copied,
        bytes_verified=figures.bytes_verified,
        files_verified=figures.files_verified,
        files_failed=figures.files_failed,
        files_skipped=figures.files_skipped,
        bytes_per_second=figures.bytes_per_second,
        special_skipped=figures.special_skipped,
        copies_from_cache=figures.copies_from_cache,
        originals_removed=figures.originals_removed,
        files_renamed=figures.files_renamed,
        bytes_renamed=figures.bytes_renamed,
        destinations=tuple(
            DestinationProgress(verified, failed, counter.verified_bytes)
            for (verified, failed), counter in zip(
                figures.per_destination, run.counters.destinations, strict=True
            )
        ),
    )
