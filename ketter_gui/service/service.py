"""The object that is asked: it owns the ledger and the scheduler of this process."""

from __future__ import annotations

import logging
import os
import secrets
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final

from ketter_gui.domain.cross_check import CrossCheck
from ketter_gui.domain.errors import KetterError, TransferNotResumable
from ketter_gui.domain.events import AuditDraft, AuditEvent
from ketter_gui.domain.expected import ManifestReport
from ketter_gui.domain.items import ItemKind, Source
from ketter_gui.domain.moves import renamed_sources
from ketter_gui.domain.names import to_text
from ketter_gui.domain.news import Event, TransferWaits, WatchTook
from ketter_gui.domain.options import Options, Request
from ketter_gui.domain.retention import Pruned
from ketter_gui.domain.search import FoundItems, HistoryQuery
from ketter_gui.domain.settings import Settings
from ketter_gui.domain.status import LIVE, TransferStatus
from ketter_gui.domain.views import (
    AuditLine,
    AuditVerdict,
    HealthLine,
    ItemOutcome,
    ItemView,
    ManifestWritten,
    Problem,
    ReportVerdict,
    SizeView,
    Snapshot,
    TransferView,
    VolumeView,
)
from ketter_gui.domain.watching import WatchRules, WatchView, WouldTake
from ketter_gui.engine.counters import Counters
from ketter_gui.engine.plan import Plan
from ketter_gui.queue import promises
from ketter_gui.queue.books import Books
from ketter_gui.queue.lanes import needed
from ketter_gui.queue.runs import Run
from ketter_gui.queue.scheduler import Scheduler
from ketter_gui.queue.witness import Witness
from ketter_gui.service import (
    autostart,
    health,
    logs,
    record,
    repeat,
    retention,
    settings,
    show,
    watch_transfer,
)
from ketter_gui.service import watch_folders as watches
from ketter_gui.service.check import Check
from ketter_gui.service.checking import check_transfer
from ketter_gui.service.demo import make_demo
from ketter_gui.service.keeper import Keeper
from ketter_gui.service.measure import measure
from ketter_gui.service.mounted import Mounted
from ketter_gui.service.news import News, desktop_news
from ketter_gui.service.paths import are_folders, nearest, there
from ketter_gui.service.resolve import Resolved, first_refusal, resolve
from ketter_gui.service.showcase import Showcase
from ketter_gui.store import known, transfers
from ketter_gui.store import watch_folders as stored_watches
from ketter_gui.store.history import set_hidden
from ketter_gui.store.ledger import Ledger
from ketter_gui.store.records import NewTransfer, TransferRecord, Wish
from ketter_gui.store.transaction import Transaction
from ketter_gui.store.watch_folders import WatchRecord
from ketter_gui.system.volumes import locate, mounted_inside
from ketter_gui.watch.folder import name_of

if TYPE_CHECKING:
    from ketter_gui.service.watch_transfer import Batch
    from ketter_gui.service.watching import Watching

_log = logging.getLogger(__name__)
_EVERYTHING: Final = HistoryQuery()
_INTERRUPTED: Final = HistoryQuery(statuses=frozenset({TransferStatus.INTERRUPTED}))


class Service:
    """Everything one can ask for. Methods that say so may wait for a disk: a window
    calls those from a thread of its own."""

    def __init__(self, data_dir: Path, *, is_verbose: bool = False) -> None:
        """Open the ledger in `data_dir`, making both when they are missing.

        Raises LedgerError and WaitingError (LedgerBusy, DiskFull).
        """
        self.data_dir = data_dir
        self.ledger = Ledger.open(data_dir)
        try:
            self._log_handler = logs.log_to(data_dir, is_verbose=is_verbose)
            self._witness = Witness.here()
            self._news: News | None = None
            self._books = Books(self.ledger, self._witness)
            self._scheduler = Scheduler(self._books, self._ended, self._waits)
        except BaseException:
            self.ledger.close()
            raise
        self._watching: Watching | None = None
        self._showcase = Showcase(self.ledger, self._scheduler)
        self._mounted = Mounted()
        self._checks: list[Check] = []
        self._keeper = Keeper(self.ledger, data_dir, self._witness)
        self._keeper.start()

    # --- before a transfer -----------------------------------------------------------------

    def check(self, request: Request) -> tuple[Problem, ...]:
        """What keeps this request from starting, beside its cause. May wait for disks."""
        return tuple(resolve(request).problems)

    def renamed(self, request: Request) -> frozenset[int]:
        """The sources, by index, whose files a move would only rename: they are on the volume
        of the one destination. May wait for disks."""
        found = resolve(request)
        if found.problems:
            return frozenset()
        return renamed_sources(
            request.mode, found.sources, found.destinations, request.options.pack
        )

    def measure(
        self,
        path: bytes,
        stop: threading.Event,
        report: Callable[[SizeView], None],
        options: Options | None = None,
    ) -> SizeView:
        """Count what a source holds, or what of it is wanted; `report` is called from this
        thread. Waits for disks."""
        return measure(path, stop, report, options or Options())

    def request_of(self, transfer: int) -> Request:
        """What an earlier transfer was asked for, to ask for it again; `check` names what is
        not there. May wait for disks. Raises NoSuchTransfer."""
        return repeat.request_of(self.ledger, transfer)

    def there(self, path: bytes) -> bytes:
        """The path, when something is there to be shown. May wait for a disk. Raises
        NotThere."""
        return there(path)

    def nearest(self, path: bytes) -> bytes:
        """The path, or the nearest folder above it that is there. May wait for a disk. Raises
        NotThere."""
        return nearest(path)

    def are_folders(self, paths: Sequence[bytes]) -> tuple[bool, ...]:
        """Which of these are folders now. May wait for a disk."""
        return are_folders(paths)

    def volumes(self) -> tuple[VolumeView, ...]:
        """What is mounted and could be a source or a destination. A drive that does not
        answer within a second has no figures."""
        return self._mounted.views()

    def make_demo(self) -> Request:
        """A made-up card and two drives in a temporary folder, as a request."""
        return make_demo()

    # --- a transfer ------------------------------------------------------------------------

    def create(self, request: Request) -> int:
        """Put a transfer into the ledger, with its claims, and queue it; returns its number.

        May wait for disks. Raises RefusedError before anything is touched, ClaimHeld.
        """
        request = replace(request, options=request.options.with_manifest_checksums())
        resolved = resolve(request)
        first_refusal(resolved.problems)
        new = NewTransfer(
            token=secrets.token_hex(4),
            name=_name(resolved.sources),
            mode=request.mode,
            options=request.options,
            sources=tuple(resolved.sources),
            destinations=tuple(resolved.destinations),
            inside=resolved.all_inside(),
        )
        return self._create(resolved, new, _nothing_else)

    def create_taken(self, record: WatchRecord, request: Request, batch: Batch) -> int:
        """The same for what has settled in a watch folder: in one transaction with it, what it
        takes is written down as taken (P6)."""
        resolved = resolve(request)
        first_refusal(resolved.problems)
        new = NewTransfer(
            token=secrets.token_hex(4),
            name=watch_transfer.transfer_name(record, batch),
            mode=request.mode,
            options=request.options,
            sources=tuple(resolved.sources),
            destinations=tuple(resolved.destinations),
            inside=resolved.all_inside(),
            watch=record.id,
        )
        return self._create(resolved, new, partial(watch_transfer.write_taken, record, batch))

    def _create(
        self, resolved: Resolved, new: NewTransfer, also: Callable[[Transaction, int], None]
    ) -> int:
        def write(tx: Transaction) -> int:
            transfer = transfers.create_transfer(tx, new)
            also(tx, transfer)
            tx.chain([self._created(transfer, new)])
            return transfer

        transfer = self.ledger.transact(write)
        places = [one.place for one in resolved.sources]
        places += [one.place for one in resolved.destinations]
        self._queue(self.ledger.transfer(transfer), needed(places), is_resumed=False)
        return transfer

    def resume(self, transfer: int) -> None:
        """Go on with what was paused here, or take over what was interrupted or failed.

        Raises NoSuchTransfer, TransferNotResumable, ClaimHeld.
        """
        if self._scheduler.resume(transfer):
            return
        found = self.ledger.transfer(transfer)
        if found.status in LIVE and found.owner != self.ledger.owner:
            self._wish(transfer, Wish.RESUME)
            return
        if found.status not in (TransferStatus.INTERRUPTED, TransferStatus.FAILED):
            raise TransferNotResumable(transfer=transfer, status=found.status.value)
        # Its drives are asked for first: whoever hangs here has taken nothing over yet.
        paths = [one.path for one in found.sources] + [one.path for one in found.destinations]
        wanted = needed([locate(path) for path in paths])
        inside = [
            one
            for source in found.sources
            if source.kind is ItemKind.FOLDER
            for one in mounted_inside(source.path)
        ]
        self.ledger.transact(lambda tx: transfers.reset_for_resume(tx, transfer, inside))
        self._queue(self.ledger.transfer(transfer), wanted, is_resumed=True)

    def retry(self, transfer: int) -> None:
        """Try what failed again; what is verified is not copied again."""
        self.resume(transfer)

    def pause(self, transfer: int) -> None:
        """Hold a transfer at its next chunk, in whichever process it runs."""
        if not self._scheduler.pause(transfer):
            self._wish(transfer, Wish.PAUSE)

    def cancel(self, transfer: int) -> None:
        """End a transfer, going back to the last proof; one that was interrupted too."""
        if self._scheduler.cancel(transfer):
            return
        found = self.ledger.transfer(transfer)
        if found.status is TransferStatus.INTERRUPTED:
            self.ledger.transact(lambda tx: transfers.take_over(tx, transfer))
            run = _run(found, {}, is_resumed=True)
            run.control.cancel()
            self._scheduler.submit(run)
        else:
            self._wish(transfer, Wish.CANCEL)

    def pause_all(self) -> None:
        """Hold everything that runs here."""
        for run in self._scheduler.runs():
            self._scheduler.pause(run.transfer)

    def resume_all(self) -> None:
        """Go on with everything that was paused here."""
        for run in self._scheduler.runs():
            self._scheduler.resume(run.transfer)

    def interrupted(self) -> tuple[TransferView, ...]:
        """Transfers whose process is gone: to be offered at start."""
        records = self.ledger.transfers(_INTERRUPTED)
        return tuple(show.transfer_view(found, None) for found in records)

    def wait(self, transfer: int, timeout_s: float) -> bool:
        """True as soon as a transfer is at rest in this process: over, or waiting."""
        return self._scheduler.wait(transfer, timeout_s)

    def hangs(self, transfer: int) -> bool:
        """Whether a transfer that was asked to stop gives no sign of life: not to be waited
        for."""
        return self._scheduler.hangs(transfer)

    def failure(self, transfer: int) -> KetterError | None:
        """Why a transfer of this process was refused, failed as a whole, or waits."""
        run = self._scheduler.run_of(transfer)
        return run.failure if run else None

    # --- showing ---------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """The queue at this moment. Cheap: a query of what lives, and counters."""
        return self._showcase.snapshot()

    def transfer(self, transfer: int) -> TransferView:
        """One transfer. Raises NoSuchTransfer."""
        return self._showcase.transfer(transfer)

    def history(
        self, query: HistoryQuery = _EVERYTHING, *, offset: int = 0, limit: int = 200
    ) -> tuple[TransferView, ...]:
        """Those transfers, newest first."""
        return self._showcase.history(query, offset=offset, limit=limit)

    def history_count(self, query: HistoryQuery = _EVERYTHING) -> int:
        """How many of them there are."""
        return self.ledger.transfer_count(query)

    def find_items(self, text: str, *, offset: int = 0, limit: int = 50) -> FoundItems:
        """Files of all transfers by a part of their name or the beginning of a checksum, the
        newest first. Takes seconds after much has ended. Raises TooShort."""
        from ketter_gui.service import search

        return search.find_items(self.ledger, text, offset=offset, limit=limit)

    def hide(self, transfer: int) -> None:
        """Put a transfer that is at its end out of sight; the audit keeps it. Raises
        NoSuchTransfer and NotHidden."""
        self.ledger.transact(lambda tx: set_hidden(tx, transfer, is_hidden=True))

    def show_again(self, transfer: int) -> None:
        """Have it in the history again. Raises NoSuchTransfer."""
        self.ledger.transfer(transfer)
        self.ledger.transact(lambda tx: set_hidden(tx, transfer, is_hidden=False))

    def items(
        self, transfer: int, *, offset: int = 0, limit: int = 200, only_failed: bool = False
    ) -> tuple[ItemView, ...]:
        """A page of a transfer's items with all their copies."""
        found = self.ledger.transfer(transfer)
        return show.items(self.ledger, found, offset=offset, limit=limit, only_failed=only_failed)

    def items_count(self, transfer: int, *, only_failed: bool = False) -> int:
        """How many items a transfer has."""
        return self.ledger.item_count(transfer, only_failed=only_failed)

    def not_read_again(self, transfer: int) -> int:
        """How many files were there already, and unchanged since an earlier transfer."""
        return self.ledger.read(lambda database: known.files_recalled(database, transfer))

    def timeline(self, transfer: int, *, limit: int = 200) -> tuple[AuditLine, ...]:
        """What happened to a transfer, oldest first; of long ones the beginning and the end."""
        return record.timeline(self.ledger, transfer, limit)

    def outcomes(self, transfer: int, after_sequence: int) -> tuple[ItemOutcome, ...]:
        """Copies that reached their end, durably, after an entry of the audit."""
        return record.outcomes(self.ledger, transfer, after_sequence)

    def manifests_written(self, transfer: int) -> tuple[ManifestWritten, ...]:
        """The manifests that a transfer left at its destinations when it came to its end."""
        return record.manifests_written(self.ledger, transfer)

    def manifests(self, transfer: int) -> ManifestReport:
        """What came of the manifests that came with a transfer's sources, once it rests."""
        return promises.report(self.ledger, transfer)

    # --- watch folders -----------------------------------------------------------------------

    def start_watching(
        self, *, only: Collection[int] | None = None, is_once: bool = False
    ) -> Watching:
        """Watch, in threads of this process, what is on and watched by no other; `only` these,
        whether they are on or not. With `is_once` each takes what is there."""
        from ketter_gui.service.watching import Watching

        self._watching = Watching(
            self.ledger, self._witness, self, self._tell, only=only, is_once=is_once
        )
        self._watching.start()
        return self._watching

    def watch_folders(self) -> tuple[WatchView, ...]:
        """All watch folders, oldest first. Cheap."""
        live = {} if self._watching is None else self._watching.figures()
        found = []
        for one in self.ledger.read(stored_watches.watch_folders):
            is_here = one.id in live
            is_others = one.owner not in (None, self.ledger.owner)
            where = self._owner_text(one.owner or 0) if is_others else ""
            figures = live.get(one.id)
            found.append(watches.view(one, figures, where, is_here=is_here))
        return tuple(found)

    def _owner_text(self, owner: int) -> str:
        return self.ledger.read(lambda database: stored_watches.owner_text(database, owner))

    def check_watch(
        self, path: bytes, rules: WatchRules, watch: int | None = None
    ) -> tuple[Problem, ...]:
        """What keeps a folder from being watched by these rules, beside its cause; `watch` is
        one that is to be changed. May wait for disks."""
        return watches.check(self.ledger, path, rules, watch)

    def would_take(
        self,
        path: bytes,
        rules: WatchRules,
        stop: threading.Event,
        watch: int | None = None,
    ) -> WouldTake:
        """What a watch folder would take of what is there now. Waits for disks. Raises
        SourceUnreadable."""
        return watches.would_take(self.ledger, path, rules, stop, watch)

    def add_watch(self, path: bytes, rules: WatchRules) -> int:
        """Have a new watch folder, switched on; returns its number. May wait for disks. Raises
        RefusedError."""
        first_refusal(self.check_watch(path, rules))
        place, rules = locate(path), watches.prepared(rules)
        path = os.path.normpath(path)
        number = self.ledger.transact(lambda tx: stored_watches.add(tx, path, place, rules))
        self._wake_watching()
        return number

    def change_watch(self, watch: int, rules: WatchRules) -> None:
        """Give it other rules. May wait for disks. Raises RefusedError."""
        record = self.ledger.read(lambda database: stored_watches.watch_folder(database, watch))
        first_refusal(self.check_watch(record.path, rules, watch))
        rules = watches.prepared(rules)
        self.ledger.transact(lambda tx: stored_watches.set_rules(tx, watch, rules))
        self._wake_watching()

    def switch_watch(self, watch: int, *, is_on: bool) -> None:
        """Switch it on or off, whichever process watches it. Raises NoSuchWatchFolder."""
        self.ledger.transact(lambda tx: stored_watches.switch(tx, watch, is_on=is_on))
        self._wake_watching()

    def restart_watch(self, watch: int) -> None:
        """Go on after it has tripped. Raises NoSuchWatchFolder."""
        self.switch_watch(watch, is_on=True)

    def look_now(self, watch: int) -> None:
        """Have it looked through at once. Raises NoSuchWatchFolder."""
        self.ledger.transact(lambda tx: stored_watches.wish_look(tx, watch))
        self._wake_watching()

    def remove_watch(self, watch: int) -> None:
        """Watch it no more; its transfers and their history stay. Raises NoSuchWatchFolder."""
        self.ledger.transact(lambda tx: stored_watches.remove(tx, watch))
        self._wake_watching()

    def _wake_watching(self) -> None:
        if self._watching is not None:
            self._watching.wake()

    # --- evidence --------------------------------------------------------------------------

    def export_audit(
        self,
        path: bytes,
        *,
        transfer: int | None = None,
        since: str = "",
        bom: bool = False,
        overwrite: bool = False,
        until: str = "",
    ) -> AuditVerdict:
        """Write the audit as CSV with its signature beside it. Raises ExportFailed."""
        self._sign()
        return record.export(
            self.ledger,
            self.data_dir,
            path,
            transfer=transfer,
            since=since,
            until=until,
            bom=bom,
            overwrite=overwrite,
        )

    def write_report(self, transfer: int, path: bytes) -> None:
        """Write the PDF report of a transfer, and its signature beside it. Raises
        NoSuchTransfer and ExportFailed."""
        from ketter_gui.service import report

        view = self.transfer(transfer)
        self._sign()
        report.write(self.ledger, self.data_dir, transfer, view, path)

    def verify_report(self, path: bytes) -> ReportVerdict | None:
        """Check a report with its signature; None for a file that is no PDF. Raises
        EvidenceError."""
        from ketter_gui.service import report

        return report.verify(self.data_dir, path)

    def verify_audit(self) -> AuditVerdict:
        """Check the ledger's whole chain and all signed heads. Raises EvidenceError."""
        return record.verify_ledger(self.ledger, self.data_dir)

    def cross_check(self) -> CrossCheck:
        """Compare the working tables with the audit, once that was found to hold. May take
        minutes."""
        from ketter_gui.service import cross_check

        return cross_check.cross_check(self.ledger)

    def verify_export(self, path: bytes, head: bytes | None = None) -> AuditVerdict:
        """Check an exported CSV with its signature. Raises EvidenceError."""
        return record.verify_export(self.data_dir, path, head)

    def compare_head(self, path: bytes) -> AuditVerdict:
        """Check the ledger against a signed head that left the machine earlier."""
        return record.compare_head(self.ledger, self.data_dir, path)

    def rotate_key(self) -> tuple[str, str]:
        """Begin to sign with a new key; returns the ids of the old one and the new one."""
        return record.rotate_key(self.ledger, self.data_dir, self._witness)

    def prune_history(self, days: int, archive: bytes | None = None) -> Pruned:
        """Remove what is older than so many days, as retention does; first write its entries
        to a new file, if one is named, or into the folder of the settings. May take minutes.

        Raises ExportFailed and ChainBroken: then nothing is removed.
        """
        folder = None if archive is not None else self.settings().history_archive
        return retention.prune(
            self.ledger,
            self.data_dir,
            self._witness,
            days=days,
            archive=archive,
            archive_folder=folder,
        )

    def verify_again(self, transfer: int) -> Check:
        """Read all verified copies of a transfer again, from where they are kept; begins at
        once, in a thread of its own. Raises NoSuchTransfer and NothingToVerify."""
        check = check_transfer(self.ledger, self._witness, transfer, self._sign)
        self._checks.append(check)
        return check

    def verify_folder(self, path: bytes, manifest: bytes | None = None) -> Check:
        """Read what manifests state of a folder, whoever wrote them, and hold its files against
        that. `path` may be a manifest itself; without `manifest`, all that are in the folder
        or beside it count. Raises NoManifest, NothingListed and NoSuchFolder."""
        from ketter_gui.service.checking_folders import check_folder  # and all that reads XML

        check = check_folder(self.ledger, self._witness, path, manifest, self._sign)
        self._checks.append(check)
        return check

    def compare_folders(self, left: bytes, right: bytes) -> Check:
        """Read two folders and tell where the right one differs from the left one. Raises
        NotTwoFolders and NoSuchFolder."""
        from ketter_gui.service.checking_folders import compare_folders

        check = compare_folders(self.ledger, self._witness, left, right, self._sign)
        self._checks.append(check)
        return check

    def doctor(self) -> tuple[HealthLine, ...]:
        """Whether everything that Ketter needs is well. May wait for disks."""
        return health.examine(self)

    # --- settings --------------------------------------------------------------------------

    def settings(self) -> Settings:
        """The settings as they are now, whichever process set them."""
        return settings.read(self.ledger)

    def change_setting(self, name: str, value: str) -> Settings:
        """Set one, by its name and as text. Raises SettingUnknown and SettingRefused."""
        return settings.change(self.ledger, self._witness, name, value)

    def tell_news(self, on_open: Callable[[], None] | None = None) -> None:
        """From now on tell the desktop what becomes of the transfers of this process, as far
        as the settings have it; `on_open` is called in another thread when a person clicks on
        such a notice."""
        if self._news is None:
            self._news = desktop_news(self.settings, on_open)

    def starts_at_login(self) -> bool:
        """Whether the desktop starts Ketter at login. Raises AutostartNotChanged and
        NotOnThisSystem."""
        return autostart.starts_at_login()

    def start_at_login(self, *, is_on: bool) -> None:
        """Have the desktop start Ketter at login, in the tray and on this ledger, or no more.
        Raises AutostartNotChanged, AutostartNotText and NotOnThisSystem."""
        autostart.start_at_login(self.data_dir, is_on=is_on)

    # --- the end ---------------------------------------------------------------------------

    def stop(self) -> None:
        """Ask everything that runs here to stop at its next chunk, resumable."""
        self._scheduler.stop()

    def close(self, wait_s: float = 20.0) -> None:
        """Stop and let go. What hangs on a dead drive is left behind, interrupted."""
        for check in self._checks:
            check.stop()
        if self._watching is not None:
            self._watching.close(min(wait_s, 5.0))
        self._scheduler.close(wait_s)
        for check in self._checks:
            check.wait(wait_s)
        self._keeper.close(wait_s)
        if self._news is not None:
            self._news.close()
        self.ledger.close()
        logs.stop_logging(self._log_handler)

    def __enter__(self) -> Service:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # --- inside ----------------------------------------------------------------------------

    def _queue(self, found: TransferRecord, wanted: dict[str, int], *, is_resumed: bool) -> None:
        run = _run(found, wanted, is_resumed=is_resumed)
        if is_resumed:
            self._books.recount(run)
        self._scheduler.submit(run)

    def _wish(self, transfer: int, wish: Wish) -> None:
        self.ledger.transfer(transfer)
        self.ledger.transact(lambda tx: transfers.set_wish(tx, transfer, wish))

    def _created(self, transfer: int, new: NewTransfer) -> AuditDraft:
        details: dict[str, object] = {
            "sources": [to_text(one.path).text for one in new.sources],
            "destinations": [to_text(one.path).text for one in new.destinations],
            "volumes": [one.place.volume for one in new.destinations],
            "checksums": list(new.options.checksums),
            "verify": new.options.verify.value,
            "remove_empty_folders": new.options.remove_empty_folders,
            "on_conflict": new.options.on_conflict.value,
            "reserve_bytes": new.options.reserve_bytes,
            "hard_links": new.options.hard_links,
            "symlinks": new.options.symlinks.value,
            "include": list(new.options.include),
            "exclude": list(new.options.exclude),
            "limit_bytes_per_s": new.options.limit_bytes_per_s,
            "read_again": new.options.read_again,
            "pack": new.options.pack.value,
        }
        return self._witness.draft(
            AuditEvent.TRANSFER_CREATED, transfer, details, mode=new.mode.value
        )

    def _ended(self, run: Run) -> None:
        """A transfer is over: sign the head, so that what it proved is sealed."""
        if self._watching is not None:
            self._watching.ended(run.transfer)
        try:
            self._sign()
        except KetterError as error:
            _log.error("the head was not signed after transfer %d: %s", run.transfer, error)
        try:
            if self._news is not None:
                self._tell_end(self._news, run.transfer)
        except KetterError as error:
            _log.warning("the end of transfer %d was not told: %s", run.transfer, error)

    def _waits(self, run: Run) -> None:
        """A transfer waits, again or for the first time, and tries again by itself."""
        if self._news is not None and run.failure is not None:
            name = self.ledger.transfer(run.transfer).name
            self._news.tell(TransferWaits(run.transfer, name, run.failure.sentences()[0]))

    def _tell(self, event: Event) -> None:
        if self._news is not None:
            self._news.tell(event)

    def _tell_end(self, news: News, transfer: int) -> None:
        """The files of a watch folder are told of together, not one transfer after another."""
        view, watch = self.transfer(transfer), self.ledger.transfer(transfer).watch
        is_whole = view.status is TransferStatus.COMPLETED and not view.files_failed
        if watch is None or not is_whole or view.copies_from_cache:
            news.ended(view)
            return
        path = self.ledger.read(lambda one: stored_watches.path_of(one, watch))
        name = to_text(name_of(path)).text
        news.tell(WatchTook(watch, name, view.files_verified))

    def _sign(self) -> None:
        record.sign_head(self.ledger, self.data_dir, self._witness)


def _run(found: TransferRecord, wanted: dict[str, int], *, is_resumed: bool) -> Run:
    plan = Plan(found.id, found.token, found.mode, found.options, found.sources, found.destinations)
    return Run(plan, wanted, Counters.for_destinations(len(found.destinations)), is_resumed)


def _name(sources: list[Source]) -> str:
    first = to_text(sources[0].name).text
    return first if len(sources) == 1 else f"{first} and {len(sources) - 1} more"


def _nothing_else(_tx: Transaction, _transfer: int) -> None:
    """What a person asks for needs nothing more written down."""
