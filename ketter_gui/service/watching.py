"""The watch folders of this process: one thread each, and one that looks after them.

The one that looks after them wakes every second: it takes over what is on and has no owner,
passes on what other processes have asked for, lets go of what was switched off, and once in
a while writes down for others what its watchers see.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Collection
from contextlib import ExitStack, suppress
from typing import Final

from ketter_gui.domain.errors import KetterError
from ketter_gui.domain.events import AuditDraft, AuditEvent
from ketter_gui.domain.names import to_text
from ketter_gui.domain.news import Event, WatchTripped, WatchUnreachable
from ketter_gui.domain.watch_errors import WatchedElsewhere
from ketter_gui.queue.witness import Witness
from ketter_gui.service.watcher import Hands, Shop, Watcher
from ketter_gui.store import watch_folders
from ketter_gui.store.ledger import Ledger
from ketter_gui.store.transaction import Transaction
from ketter_gui.store.watch_folders import WatchRecord
from ketter_gui.system.locks import ProcessLock, lock_of_user
from ketter_gui.watch.events import Events
from ketter_gui.watch.folder import name_of
from ketter_gui.watch.periods import ScanCosts

_log = logging.getLogger(__name__)

_LOOK_S: Final = 1.0
_BEAT_S: Final = 30.0
_CHANGED_BEAT_S: Final = 5.0
_JOIN_S: Final = 5.0


class Watching:
    """Start it once, close it before the scheduler. `only` are the watch folders to take, or
    all that are on; with `is_once` each takes what is there, and is done."""

    def __init__(
        self,
        ledger: Ledger,
        witness: Witness,
        hands: Hands,
        tell: Callable[[Event], None],
        *,
        only: Collection[int] | None = None,
        is_once: bool = False,
    ) -> None:
        self._ledger = ledger
        self._witness = witness
        self._only = only
        self._is_once = is_once
        self._events = Events()
        self._tell = tell
        self._shop = Shop(
            ledger, self._events, ScanCosts(), hands, self._tripped, self._away, self._finished
        )
        self._lock = threading.Lock()  # guards the three tables below
        self._watchers: dict[int, Watcher] = {}
        self._held: dict[int, ExitStack] = {}
        self._elsewhere: dict[int, str] = {}
        self._seen_version = -1
        self._beaten: dict[int, tuple[float, dict[str, object]]] = {}
        self._stopping = threading.Event()
        self._woken = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ketter-watching", daemon=True)

    def start(self) -> None:
        """Begin with all that are on."""
        self._thread.start()

    def wake(self) -> None:
        """A watch folder was added, switched, or given other rules."""
        self._seen_version = -1
        self._woken.set()

    def ended(self, transfer: int) -> None:
        """A transfer of this process is over."""
        with self._lock:
            watchers = list(self._watchers.values())
        for one in watchers:
            one.ended(transfer)

    def close(self, wait_s: float) -> None:
        """Stop taking; what runs is the scheduler's business."""
        self._stopping.set()
        self._woken.set()
        with self._lock:
            watchers = list(self._watchers.values())
        until_s = time.monotonic() + wait_s
        for one in watchers:
            one.stop()
        if self._thread.is_alive():
            self._thread.join(wait_s)
        for one in watchers:  # some may hang on dead drives: all of them share the time
            self._let_go(one, max(until_s - time.monotonic(), 0.05))
        self._events.close()

    def figures(self) -> dict[int, dict[str, object]]:
        """What the watchers of this process see, by watch folder."""
        with self._lock:
            found = {number: one.figures() for number, one in self._watchers.items()}
            for number, message in self._elsewhere.items():
                found[number] = {"state": "unreachable", "message": message}
        return found

    def are_done(self) -> bool:
        """Whether all of `only` have taken what there was."""
        with self._lock:
            if self._only is None:
                return False
            done = {number for number, one in self._watchers.items() if one.is_done}
        return done >= set(self._only)

    # --- the loop --------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._woken.clear()
            try:
                self._look_after()
            except KetterError as error:
                _log.warning("the watch folders could not be looked after: %s", error)
            except Exception:  # the next look may find things better
                _log.exception("whoever looks after the watch folders stumbled")
            self._woken.wait(_LOOK_S)

    def _look_after(self) -> None:
        version = self._ledger.data_version()
        if version != self._seen_version or self._elsewhere:
            self._seen_version = version
            self._follow_ledger()
        self._beat()

    def _follow_ledger(self) -> None:
        records = {one.id: one for one in self._ledger.read(watch_folders.watch_folders)}
        with self._lock:
            watchers = dict(self._watchers)
        for number, watcher in list(watchers.items()):
            record = records.get(number)
            if record is None or not self._is_wanted(record) or watcher.is_tripped:
                self._let_go(watcher, _JOIN_S)
                watchers.pop(number)
            elif record.wishes != watcher.record.wishes:
                watcher.renew(record)
        with self._lock:
            for number in self._elsewhere.keys() - {
                n for n, r in records.items() if self._is_wanted(r)
            }:
                del self._elsewhere[number]
        for number, record in records.items():
            if number not in watchers and self._is_wanted(record) and not record.tripped:
                self._take_up(record)

    def _is_wanted(self, record: WatchRecord) -> bool:
        if self._only is not None:
            return record.id in self._only
        return record.is_on

    def _take_up(self, record: WatchRecord) -> None:
        if record.owner not in (None, self._ledger.owner):
            return
        held = ExitStack()
        try:
            held.enter_context(_lock_of(record))
        except BlockingIOError:
            with self._lock:
                self._elsewhere[record.id] = str(WatchedElsewhere(record.path))
            return
        except OSError as error:  # a home that is read-only: then no other ledger is there either
            _log.warning("watch folder %d has no lock: %s", record.id, error)

        def write(tx: Transaction) -> bool:
            if not watch_folders.claim(tx, record.id):
                return False
            tx.chain([self._draft(AuditEvent.WATCH_STARTED, record)])
            return True

        if not self._ledger.transact(write):
            held.close()
            return
        watcher = Watcher(self._shop, record, is_once=self._is_once)
        with self._lock:
            self._elsewhere.pop(record.id, None)
            self._watchers[record.id] = watcher
            self._held[record.id] = held
        watcher.start()

    def _let_go(self, watcher: Watcher, wait_s: float) -> None:
        number = watcher.record.id
        with self._lock:
            if self._watchers.pop(number, None) is None:
                return
            held = self._held.pop(number)
        watcher.stop()
        if not watcher.join(wait_s):
            _log.warning("watch folder %d does not answer; it is left behind", number)
        record = watcher.record

        def write(tx: Transaction) -> None:
            watch_folders.beat(tx, number, watcher.figures())
            watch_folders.let_go(tx, number)
            tx.chain([self._draft(AuditEvent.WATCH_STOPPED, record)])

        with suppress(KetterError):
            self._ledger.transact(write)
        held.close()

    def _beat(self) -> None:
        now_s = time.monotonic()
        due: dict[int, dict[str, object]] = {}
        for number, figures in self.figures().items():
            at_s, earlier = self._beaten.get(number, (-_BEAT_S, {}))
            is_changed = _steady(figures) != _steady(earlier)
            if now_s - at_s >= (_CHANGED_BEAT_S if is_changed else _BEAT_S):
                due[number] = figures
        if not due:
            return

        def write(tx: Transaction) -> None:
            for number, figures in due.items():
                watch_folders.beat(tx, number, figures)

        self._ledger.transact(write)
        for number, figures in due.items():
            self._beaten[number] = now_s, figures

    # --- what watchers tell ----------------------------------------------------------------

    def _tripped(self, record: WatchRecord, reason: str) -> None:
        draft = self._draft(AuditEvent.WATCH_TRIPPED, record)._replace(message=reason)

        def write(tx: Transaction) -> None:
            watch_folders.trip(tx, record.id, reason)
            tx.chain([draft])

        self._ledger.transact(write)
        _log.warning("watch folder %d has tripped: %s", record.id, reason)
        self._tell(WatchTripped(record.id, _name(record), reason))

    def _away(self, record: WatchRecord, reason: str) -> None:
        _log.warning("watch folder %d: %s", record.id, reason)
        self._tell(WatchUnreachable(record.id, _name(record), reason))

    def _finished(self, record: WatchRecord) -> None:
        if record.rules.is_once:
            self._ledger.transact(lambda tx: watch_folders.switch(tx, record.id, is_on=False))

    def _draft(self, event: AuditEvent, record: WatchRecord) -> AuditDraft:
        path = to_text(record.path)
        return self._witness.draft(
            event,
            None,
            {"watch": record.id, "volume": record.volume},
            source_path=path.text,
            path_form=path.form,
        )


def _name(record: WatchRecord) -> str:
    return to_text(name_of(record.path)).text


def _steady(figures: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in figures.items() if name != "next_scan_us"}


def _lock_of(record: WatchRecord) -> ProcessLock:
    """A lock by what the folder is, whichever ledger it is in: two that watch one folder would
    both take its files. Not in the folder itself, which may be read-only and must stay
    possible to eject. Raises OSError when there is no place for it."""
    digest = hashlib.sha256(record.volume.encode() + b"\0" + record.within).hexdigest()[:32]
    return lock_of_user(f"watch-{digest}")
