"""The thread of one watch folder: look, let settle, take, follow the transfer, rest.

Owner of its `FolderWatch` and of everything in here; others only `wake` it, hand it a newer
record, or read its figures. A drive that hangs keeps this thread and no other.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final, Protocol

from ketter_gui.disk.canary import show_canary
from ketter_gui.disk.folder import open_root
from ketter_gui.domain.errors import ClaimHeld, KetterError, NoSuchTransfer, TransferNotResumable
from ketter_gui.domain.names import to_text
from ketter_gui.domain.options import Request
from ketter_gui.domain.status import LIVE, TransferStatus
from ketter_gui.domain.watch_errors import WatchFolderAway
from ketter_gui.domain.watching import MOST_TAKEN, Method, Version, WatchState
from ketter_gui.queue.witness import now_us
from ketter_gui.service.watch_transfer import Batch, next_batch, request_for
from ketter_gui.store import taken
from ketter_gui.store.ledger import Ledger
from ketter_gui.store.transaction import Transaction
from ketter_gui.store.watch_folders import WatchRecord
from ketter_gui.system.file_systems import GRANTS_LEASES_ITSELF, KEEPS_INODES, NETWORK
from ketter_gui.system.inotify import most_watches, watches_in_use
from ketter_gui.system.volumes import file_system_of, locate
from ketter_gui.watch.breaker import Breaker, retry_after_s
from ketter_gui.watch.events import Events
from ketter_gui.watch.folder import FolderWatch, Settled, SettledFile
from ketter_gui.watch.hints import Hints
from ketter_gui.watch.looking import Look
from ketter_gui.watch.periods import ScanCosts, next_period_s

_log = logging.getLogger(__name__)

_REST_S: Final = 10.0
_AWAY_S: Final = 3.0
_REFUSED_S: Final = 15.0
_FOLLOW_S: Final = 5.0
"""The end of a transfer wakes its watcher; this is for one that ends elsewhere, or hangs."""
_CANARY_S: Final = 3.0
_SLEPT_S: Final = 5.0
_TURN_S: Final = 0.2
_SPARE_WATCHES: Final = 8
"""Folders that were just made may not be watched yet when the watches are counted."""


class Hands(Protocol):
    """What a watcher asks the service for."""

    def create_taken(self, record: WatchRecord, request: Request, batch: Batch) -> int:
        """Make a transfer, and write down in the same transaction what it takes."""

    def resume(self, transfer: int) -> None:
        """Go on with what was interrupted, or try again what failed."""


@dataclass(frozen=True, slots=True)
class Shop:
    """What all watchers of a process share."""

    ledger: Ledger
    events: Events
    costs: ScanCosts
    hands: Hands
    trip: Callable[[WatchRecord, str], None]
    """Write down that a watch folder has tripped, and why, and tell of it."""
    away: Callable[[WatchRecord, str], None]
    """That it does not reach something, and what."""
    finished: Callable[[WatchRecord], None]
    """That one that takes once has taken everything."""


class Watcher:
    """Start it once; `stop` and `join` end it."""

    def __init__(self, shop: Shop, record: WatchRecord, *, is_once: bool = False) -> None:
        self.record = record
        self.is_done = False
        self._shop = shop
        self._is_once = is_once or record.rules.is_once
        self._stopping = threading.Event()
        self._woken = threading.Event()
        self._hints = Hints(self._woken.set)
        self._folder: FolderWatch | None = None
        self._method = Method.EVENTS
        self._note = ""
        self._ready: list[Settled] = []
        self._running: list[int] = []
        self._past: set[int] = set()
        """Transfers from before: that they failed then does not count now."""
        self._retries: dict[int, tuple[float, int]] = {}
        self._breaker = Breaker(time.monotonic())
        self._scan_at_s = 0.0
        self._period_s = 0.0
        self._scanned_us = 0
        self._scanned_s = 0.0
        self._must_scan = False
        self._try_at_s = 0.0
        self._checked_s = 0.0
        self._problem = ""
        self._waits = ""
        """What its transfer waits for, such as a drive that is away."""
        self.is_tripped = False
        self._awake_s = _clock_gap()
        self._known_wishes = record.wishes
        self._thread = threading.Thread(
            target=self._run, name=f"ketter-watch-{record.id}", daemon=True
        )

    def start(self) -> None:
        """Begin: what is there already is seen as new, unless it was taken before."""
        self._thread.start()

    def stop(self) -> None:
        """No more after this turn."""
        self._stopping.set()
        self._woken.set()

    def join(self, wait_s: float) -> bool:
        """Whether the thread has ended; one that hangs on a dead drive is left behind."""
        self._thread.join(wait_s)
        return not self._thread.is_alive()

    def ended(self, transfer: int) -> None:
        """A transfer of this process is over: perhaps it is its own."""
        if transfer in self._running:
            self._woken.set()

    def renew(self, record: WatchRecord) -> None:
        """The ledger has a newer record: other rules, or the wish to look at once."""
        self.record = record
        self._woken.set()

    def figures(self) -> dict[str, object]:
        """What others are shown; read from any thread."""
        folder = self._folder
        return {
            "state": self._state().value,
            "message": self._problem or self._waits,
            "method": self._method.value,
            "note": self._note,
            "files_seen": folder.last.files_seen if folder else 0,
            "waiting": folder.waiting if folder else 0,
            "ready": sum(len(one.files) for one in list(self._ready)),
            "scanned_us": self._scanned_us,
            "next_scan_us": self._next_scan_us(),
            "scan_ms": round(folder.scan_s * 1000) if folder else 0,
            "cycles": self._breaker.cycles,
            "failures": self._breaker.failures,
            "missed": _missed(folder.last) if folder else [],
            "transfer": self._running[0] if self._running else 0,
        }

    def _state(self) -> WatchState:
        if self.is_tripped:
            return WatchState.TRIPPED
        if self._problem or self._waits:
            return WatchState.UNREACHABLE
        if self._running:
            return WatchState.WORKING
        folder = self._folder
        if folder is None or not self._scanned_us:
            return WatchState.STARTING
        return WatchState.SETTLING if folder.waiting or self._ready else WatchState.IDLE

    def _next_scan_us(self) -> int:
        if not self._scanned_us or not self._scan_at_s:
            return 0
        return now_us() + round(max(self._scan_at_s - time.monotonic(), 0) * 1_000_000)

    # --- the loop --------------------------------------------------------------------------

    def _run(self) -> None:
        self._adopt()
        while not self._stopping.is_set():
            self._woken.clear()
            self._guarded_turn()
            if self.is_done or self.is_tripped:
                break
            self._woken.wait(self._rest_s())
        self._shop.events.unwatch(self._hints)
        self._shop.costs.forget(self.record.id)

    def _guarded_turn(self) -> None:
        try:
            self._turn(time.monotonic())
        except KetterError as error:
            is_new, self._problem = not self._problem, str(error)
            if is_new:
                self._shop.away(self.record, error.sentences()[0])
            self._try_at_s = time.monotonic() + (
                _AWAY_S if isinstance(error, WatchFolderAway) else _REFUSED_S
            )
            if isinstance(error, WatchFolderAway):
                self._forget_folder()
        except Exception as error:
            _log.exception("watch folder %d stumbled", self.record.id)
            self._problem = f"Something went wrong that Ketter did not foresee: {error}."
            self._try_at_s = time.monotonic() + _REFUSED_S
            self._breaker.note_end(is_good=False)
            with contextlib.suppress(KetterError):
                self._trip_if_needed(time.monotonic())

    def _turn(self, now_s: float) -> None:
        self._heed_wishes()
        self._follow(now_s)
        self._trip_if_needed(now_s)
        if self.is_tripped:
            return
        if not self._has_work(now_s):
            return
        self._check_place()
        self._checked_s = now_s
        folder = self._opened(now_s)
        self._look(folder, now_s)
        # Never more in hand than the next two transfers; the rest settles on.
        if sum(len(one.files) for one in self._ready) < MOST_TAKEN:
            self._ready += folder.settle(now_s, MOST_TAKEN)
        self._take(folder, now_s)
        if now_s >= self._try_at_s or not self._ready:
            self._problem = ""
        self._finish_if_once(folder)

    def _has_work(self, now_s: float) -> bool:
        """Whether it is worth asking the drive anything: with fifty watch folders, one that
        asks without need keeps the others waiting."""
        if self._folder is None or self._problem or self._hints.is_lost:
            return True
        if self._must_scan and now_s >= self._scan_at_s:
            return True
        if self._ready and not self._running:
            return True
        at_s = [self._scan_at_s, self._checked_s + _REST_S, self._hints.due_s()]
        at_s.append(self._folder.next_due_s())
        return self._is_once or any(one is not None and one <= now_s for one in at_s)

    def _rest_s(self) -> float:
        now_s = time.monotonic()
        due = [now_s + _REST_S]
        if self._running:
            due.append(now_s + _FOLLOW_S)
        if self._problem:
            due.append(max(self._try_at_s, now_s + 1.0))
        elif self._folder is not None:
            due += [one for one in (self._hints.due_s(), self._folder.next_due_s()) if one]
            due.append(self._scan_at_s)
        due += [at_s for at_s, _ in self._retries.values()]
        return max(min(due) - now_s, 0.01)

    # --- the folder ------------------------------------------------------------------------

    def _heed_wishes(self) -> None:
        if self.record.wishes == self._known_wishes:
            return
        self._known_wishes = self.record.wishes
        self._is_once = self._is_once or self.record.rules.is_once
        self._forget_folder()  # its rules may be others
        self._try_at_s = 0.0

    def _check_place(self) -> None:
        """Raises WatchFolderAway when the path leads to another folder than the one chosen."""
        try:
            place = locate(self.record.path)
        except OSError as error:
            raise WatchFolderAway(self.record.path, errno=error.errno) from error
        if (place.volume, place.within) != (self.record.volume, self.record.within):
            raise WatchFolderAway(self.record.path)

    def _forget_folder(self) -> None:
        self._shop.events.unwatch(self._hints)
        self._folder = None
        self._ready.clear()
        self._scanned_us = 0

    def _opened(self, now_s: float) -> FolderWatch:
        if self._folder is None:
            kind = file_system_of(self.record.path)
            self._folder = FolderWatch(
                self.record.path,
                self.record.rules,
                self._known,
                has_inodes=kind in KEEPS_INODES,
                cannot_tell_writers=kind in GRANTS_LEASES_ITSELF,
            )
            self._choose_method(kind)
            self._scan_at_s, self._period_s = now_s, 0.0
        return self._folder

    def _known(self, folder: bytes) -> dict[bytes, set[Version]]:
        watch = self.record.id
        return self._shop.ledger.read(lambda database: taken.taken_in(database, watch, folder))

    def _choose_method(self, kind: str) -> None:
        """Events where they come, else scans alone, and why."""
        self._method, self._note = Method.SCANS, ""
        if kind in NETWORK or kind.startswith("fuse"):
            self._note = (
                f"This volume ({kind}) does not tell of what others change on it, nor whether "
                "they still write."
                if kind in NETWORK
                else f"This volume ({kind}) does not tell of what changes on it."
            )
            return
        try:
            self._shop.events.watch(self.record.path, self._hints)
        except OSError as error:
            self._note = _limit_note(error.strerror or str(error))
            return
        if self._hears_canary():
            self._method = Method.EVENTS
            return
        self._shop.events.unwatch(self._hints)
        self._note = "This volume does not tell of what changes on it."

    def _hears_canary(self) -> bool:
        """Whether the system tells of a folder that we make for a moment. Where we may not
        write, it is believed."""
        try:
            with open_root(self.record.path) as root:
                show_canary(root, secrets.token_hex(4))
        except OSError:
            return True
        until_s = time.monotonic() + _CANARY_S
        while time.monotonic() < until_s and not self._stopping.is_set():
            if self._hints.due_s() is not None:
                return True
            time.sleep(0.01)
        return False

    def _look(self, folder: FolderWatch, now_s: float) -> None:
        if self._method is Method.EVENTS and not self._shop.events.is_alive(self._hints):
            self._choose_method(file_system_of(self.record.path))
            self._scan_at_s = now_s
        gap_s = _clock_gap()
        self._must_scan |= gap_s - self._awake_s > _SLEPT_S
        self._awake_s = gap_s
        due_s = self._hints.due_s()
        if self._hints.is_lost or (due_s is not None and now_s >= due_s):
            paths, is_lost = self._hints.take()
            self._must_scan |= is_lost
            if not is_lost:
                folder.look_at(paths, now_s)
        if self._must_scan or now_s >= self._scan_at_s:
            self._scan_in_turn(folder, now_s)

    def _scan_in_turn(self, folder: FolderWatch, now_s: float) -> None:
        """Look through everything, unless another one does just now, or it would be too soon
        for what all of them take by now."""
        costs = self._shop.costs
        soonest_s = self._scanned_s + costs.least_period_s()
        if self._scanned_us and not self._must_scan and now_s < soonest_s:
            self._scan_at_s = soonest_s
            return
        if not costs.take_turn(self.record.id, now_s):
            self._scan_at_s = now_s + _TURN_S
            return
        try:
            self._scan(folder, now_s)
        finally:
            costs.give_turn(self.record.id)

    def _scan(self, folder: FolderWatch, now_s: float) -> None:
        is_new = folder.look_at_all(now_s)
        self._must_scan = False
        self._scanned_s = time.monotonic()
        self._breaker.note_cycle()
        self._scanned_us = now_us()
        self._shop.costs.note(self.record.id, folder.scan_s)
        if self._method is Method.EVENTS:
            self._count_watches(folder)
        is_idle = not is_new and not self._running
        self._period_s = next_period_s(
            self._period_s, self._method, self._shop.costs.least_period_s(), is_idle=is_idle
        )
        self._scan_at_s = self._scanned_s + self._period_s

    def _count_watches(self, folder: FolderWatch) -> None:
        """watchdog passes over subfolders that the kernel refuses to watch."""
        wanted = self._shop.events.note_folders(self._hints, folder.last.folders_seen)
        in_use = watches_in_use()
        if in_use is None or wanted <= in_use + _SPARE_WATCHES:
            return
        self._shop.events.unwatch(self._hints)
        self._method = Method.SCANS
        self._note = _limit_note(f"of {wanted:,} folders it watches {in_use:,}")

    # --- transfers -------------------------------------------------------------------------

    def _adopt(self) -> None:
        """What an earlier process left behind: its transfers go on."""
        try:
            watch = self.record.id
            left = self._shop.ledger.read(lambda one: taken.open_transfers(one, watch))
        except KetterError as error:
            _log.warning("watch folder %d begins without its past: %s", self.record.id, error)
            return
        self._running = left
        self._past = set(left)

    def _follow(self, now_s: float) -> None:
        """Write down what became of the transfers that have stopped, and try again."""
        self._waits = ""
        for transfer in list(self._running):
            status, message = self._status(transfer)
            if status is TransferStatus.WAITING:
                self._waits = message
            if status in LIVE:
                continue
            if status is TransferStatus.INTERRUPTED:
                self._resume(transfer, now_s)
                continue
            self._running.remove(transfer)
            self._note_end(transfer, status, now_s)
        due = [one for one, (at_s, _) in self._retries.items() if at_s <= now_s]
        if due and not self._running:
            tries = self._retries[due[0]][1]
            self._retries[due[0]] = now_s + retry_after_s(tries + 1), tries
            self._resume(due[0], now_s)

    def _status(self, transfer: int) -> tuple[TransferStatus, str]:
        """Its own; of one that retention has removed, that nothing more comes of it."""
        try:
            found = self._shop.ledger.transfer(transfer)
        except NoSuchTransfer:
            return TransferStatus.CANCELLED, ""
        return found.status, found.message

    def _note_end(self, transfer: int, status: TransferStatus, now_s: float) -> None:
        settle = partial(taken.settle_outcomes, transfer=transfer)
        outcome = self._shop.ledger.transact(settle)
        if outcome.given_back:  # nobody tells of it a second time
            self._must_scan, self._scan_at_s = True, now_s
        is_good = not (status is TransferStatus.FAILED and outcome.still_open)
        if status is not TransferStatus.CANCELLED and transfer not in self._past:
            self._breaker.note_end(is_good=is_good)
        if is_good:
            self._retries.pop(transfer, None)
            return
        tries = self._retries.get(transfer, (0.0, 0))[1] + 1
        self._retries[transfer] = now_s + retry_after_s(tries), tries

    def _resume(self, transfer: int, now_s: float) -> None:
        if now_s < self._try_at_s:
            return
        try:
            self._shop.hands.resume(transfer)
        except TransferNotResumable:
            pass  # a person was faster: it is followed like any other
        except (ClaimHeld, OSError) as error:
            _log.info("transfer %d is tried again later: %s", transfer, error)
            self._try_at_s = now_s + _REFUSED_S
            return
        self._past.discard(transfer)
        if transfer not in self._running:
            self._running.append(transfer)

    def _is_renamed(self, folder: FolderWatch, settled: Settled) -> bool:
        """Whether it was delivered under another name, and only renamed since."""
        olds = [self._old_name(folder, file) for file in settled.files]
        if not olds or None in olds:
            return False
        watch = self.record.id

        def write(tx: Transaction) -> None:
            for file, old in zip(settled.files, olds, strict=True):
                if old is not None:
                    row = taken.TakenFile(file.chosen, file.born_ns)
                    taken.take_renamed(tx, watch, row, old)

        self._shop.ledger.transact(write)
        folder.hand_over([settled])
        return True

    def _old_name(self, folder: FolderWatch, file: SettledFile) -> int | None:
        """The transfer that delivered this very file, when its name of then is free."""
        version = file.chosen.version
        if version is None or not file.born_ns:
            return None
        watch = self.record.id
        found = self._shop.ledger.read(
            lambda database: taken.delivered_as(database, watch, version, file.born_ns)
        )
        if found is None or folder.has(file.chosen._replace(path=found[0])):
            return None
        return found[1]

    def _take(self, folder: FolderWatch, now_s: float) -> None:
        """Make the next transfer, if something is ready and the one before is at its end."""
        if not self._ready or self._running or now_s < self._try_at_s:
            return
        if self._stopping.is_set():  # it hung meanwhile, and is another watcher's by now
            return
        record = self.record
        batch = next_batch(record, self._ready)
        # Only now, when the transfer before is at its end, is it known what that delivered.
        kept = tuple(one for one in batch.settled if not self._is_renamed(folder, one))
        if len(kept) < len(batch.settled):
            self._drop(batch.settled, kept)
        if not kept:
            self._woken.set()
            return
        batch = batch._replace(settled=kept)
        try:
            request = request_for(record, batch, datetime.now())  # noqa: DTZ005 - a place's day
            transfer = self._shop.hands.create_taken(record, request, batch)
        except OSError as error:
            raise WatchFolderAway(record.path, errno=error.errno) from error
        self._running.append(transfer)
        self._problem = ""
        folder.hand_over(batch.settled)
        self._drop(batch.settled, ())

    def _drop(self, some: Sequence[Settled], kept: Sequence[Settled]) -> None:
        """These are ready no more, but for those that are kept."""
        gone = {one.key for one in some} - {one.key for one in kept}
        self._ready = [one for one in self._ready if one.key not in gone]

    # --- stopping by itself ----------------------------------------------------------------

    def _trip_if_needed(self, now_s: float) -> None:
        reason = self._breaker.reason(self.record.rules, now_s)
        if not reason or self._running:
            return
        self._shop.trip(self.record, reason)
        self.is_tripped = True

    def _finish_if_once(self, folder: FolderWatch) -> None:
        if not self._is_once or not self._scanned_us:
            return
        if folder.waiting or self._ready or self._running:
            return  # but not for what failed: that is told, and may be tried again by hand
        self.is_done = True
        self._shop.finished(self.record)


def _missed(seen: Look) -> list[str]:
    """What nothing is taken from, in sentences: the first of each kind, and how many."""
    found = []
    for paths, what, why in (
        (seen.unreadable, "cannot be read", "nothing in it is taken"),
        (seen.foreign, "is another volume", "it is not watched"),
    ):
        if paths:
            more = f", and {len(paths) - 1:,} more like it" if len(paths) > 1 else ""
            found.append(f"{to_text(paths[0]).text} {what}{more}: {why}.")
    return found


def _limit_note(problem: str) -> str:
    most = most_watches()
    if most is None:
        return f"The system does not tell of everything that changes here ({problem})."
    return (
        f"The system watches no more folders for us ({problem}). It watches {most:,} at the "
        f"most; this line raises that: sudo sysctl fs.inotify.max_user_watches={most * 4}"
    )


def _clock_gap() -> float:
    """How much longer this machine has been on than awake, in seconds."""
    if not hasattr(time, "CLOCK_BOOTTIME"):
        return 0.0
    return time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)
