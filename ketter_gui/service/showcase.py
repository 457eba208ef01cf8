"""Transfers as they are shown: from the ledger, and from the counters of what runs here.

A window asks four times a second, on the thread that paints, for a queue that may hold a
thousand: what has not changed is neither read nor made again.
"""

from __future__ import annotations

from dataclasses import dataclass

from ketter_gui.domain import limits
from ketter_gui.domain.errors import NoSuchTransfer
from ketter_gui.domain.search import HistoryQuery
from ketter_gui.domain.status import LIVE, OVER, TransferStatus
from ketter_gui.domain.views import ItemView, Snapshot, TransferView
from ketter_gui.queue.runs import Figures, Run
from ketter_gui.queue.scheduler import Scheduler
from ketter_gui.service import show
from ketter_gui.store import history, transfers
from ketter_gui.store.ledger import Ledger
from ketter_gui.store.records import TransferRecord

_QUEUE_LENGTH = 1000
_QUEUED = HistoryQuery(
    statuses=frozenset({*LIVE, TransferStatus.INTERRUPTED, TransferStatus.FAILED})
)


@dataclass(frozen=True, slots=True)
class _Lanes:
    """Who waits for whom, and who has a drive that does not answer."""

    waits_for: dict[int, int]
    unanswered: frozenset[int]


class Showcase:
    """Views of transfers. What it keeps between two calls is only to save work: two
    threads that ask at once may do some of it twice."""

    def __init__(self, ledger: Ledger, scheduler: Scheduler) -> None:
        self._ledger = ledger
        self._scheduler = scheduler
        self._seen_revision = -1
        self._seen_records: tuple[TransferRecord, ...] = ()
        self._signed_us = 0
        self._over: dict[int, TransferRecord] = {}
        self._idle_views: dict[
            int, tuple[Run | None, tuple[TransferRecord, int | None, bool], TransferView]
        ] = {}
        self._failed_views: dict[
            int, tuple[tuple[int, TransferStatus, int], tuple[ItemView, ...]]
        ] = {}

    def snapshot(self) -> Snapshot:
        """The queue at this moment. Cheap: a query of what lives, and counters."""
        revision = self._ledger.data_version()
        lanes = self._lanes()
        views = tuple(self._view(found, lanes) for found in self._queued(revision))
        running = [one for one in views if one.status is TransferStatus.RUNNING]
        left = [one.seconds_left for one in running]
        return Snapshot(
            transfers=views,
            bytes_per_second=sum(one.bytes_per_second for one in running),
            seconds_left=max(known) if left and (known := [one for one in left if one]) else None,
            signed_us=self._signed_us,
            revision=revision,
        )

    def transfer(self, transfer: int) -> TransferView:
        """One transfer. Raises NoSuchTransfer."""
        return self._view(self._ledger.transfer(transfer), self._lanes())

    def history(
        self, query: HistoryQuery, *, offset: int = 0, limit: int = 200
    ) -> tuple[TransferView, ...]:
        """Those transfers, newest first."""
        lanes = self._lanes()
        return tuple(
            self._view(found, lanes)
            for found in self._ledger.transfers(query, offset=offset, limit=limit)
        )

    def _queued(self, revision: int) -> tuple[TransferRecord, ...]:
        """What lives, what waits to be resumed or retried, and what ended in this session;
        oldest first. Read only when the ledger has changed."""
        if revision != self._seen_revision:
            records = self._ledger.transfers(_QUEUED, limit=_QUEUE_LENGTH)
            ours = {run.transfer for run in self._scheduler.runs()} - {one.id for one in records}
            ours -= self._ledger.read(history.hidden)
            doubted = self._ledger.read(transfers.doubted)
            records += [
                one._replace(copies_doubted=doubted.get(number, 0))
                for number in ours
                if (one := self._ended_record(number))
            ]
            self._seen_records = tuple(sorted(records, key=lambda one: one.id))
            signed = self._ledger.last_signed()
            self._signed_us = signed.signed_us if signed else 0
            self._seen_revision = revision
        return self._seen_records

    def _ended_record(self, transfer: int) -> TransferRecord | None:
        """What has ended for good is read once: in a long session there is much of it. Only
        a later check of its copies may change it. None for what was pruned."""
        found = self._over.get(transfer)
        if found is None:
            try:
                found = self._ledger.transfer(transfer)
            except NoSuchTransfer:
                return None
            if found.status in OVER:
                self._over[transfer] = found
        return found

    def _lanes(self) -> _Lanes:
        return _Lanes(self._scheduler.waits_for(), self._scheduler.unanswered())

    def _view(self, found: TransferRecord, lanes: _Lanes) -> TransferView:
        """Made anew only for what is at work, or has changed: a queue of a thousand is
        asked for four times a second, on the thread that paints."""
        run = self._scheduler.run_of(found.id)
        if run is not None and run.is_started and not run.is_over:
            return self._new_view(found, run.figures(), lanes)
        seen = (found, lanes.waits_for.get(found.id), found.id in lanes.unanswered)
        known = self._idle_views.get(found.id)
        if known is not None and known[0] is run and known[1] == seen:
            return known[2]
        view = self._new_view(found, run.figures() if run else None, lanes)
        self._idle_views[found.id] = (run, seen, view)
        return view

    def _new_view(
        self, found: TransferRecord, figures: Figures | None, lanes: _Lanes
    ) -> TransferView:
        return show.transfer_view(
            found,
            figures,
            waits_for=lanes.waits_for.get(found.id),
            failed=self._failed_items(found, figures.files_failed if figures else None),
            is_answering=found.id not in lanes.unanswered,
        )

    def _failed_items(self, found: TransferRecord, seen: int | None) -> tuple[ItemView, ...]:
        """Read from the ledger only when their number has changed, or all ended anew."""
        count = found.progress.files_failed if seen is None else seen
        if count == 0 and found.status is not TransferStatus.FAILED:
            return ()
        key = (count, found.status, found.finished_us)
        known = self._failed_views.get(found.id)
        if known is None or known[0] != key:
            views = show.items(
                self._ledger, found, offset=0, limit=limits.SHOWN_ITEMS, only_failed=True
            )
            known = self._failed_views[found.id] = (key, views)
        return known[1]
