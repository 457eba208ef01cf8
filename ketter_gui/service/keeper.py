"""What has to happen by itself, whatever else goes on: heads on a period, and retention.

One thread a process. It wakes once a minute, reads the settings anew (another process may
have changed them) and does what is due:

    heads       entries that have waited `audit.sign_minutes` for a signature get one, so
                that a transfer of many hours is never hours ahead of its last signed head
    retention   once a day, when `history.keep_days` says so; and whatever an earlier
                pruning left half done, at the first look
    backup      a copy of the ledger, once a week
    search      the index of clips takes in what ended

At the first look only retention: a command that lives for a second needs no head for
what it found, and the cryptography takes longer to load than a small file to copy.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from ketter_gui.domain.errors import KetterError
from ketter_gui.queue.witness import Witness, now_us
from ketter_gui.service import record, retention, settings
from ketter_gui.store import backups, search_index
from ketter_gui.store.ledger import Ledger
from ketter_gui.store.retention import pruned_us, set_pruned

_LOOK_S: Final = 60.0
_WEEK_S: Final = 7 * 86_400
_INDEXING_S: Final = 20.0
_MINUTE_US: Final = 60_000_000

_log = logging.getLogger(__name__)


class Keeper:
    """Start it once, close it before the ledger."""

    def __init__(self, ledger: Ledger, data_dir: Path, witness: Witness) -> None:
        self._ledger = ledger
        self._data_dir = data_dir
        self._witness = witness
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ketter-keeper", daemon=True)

    def start(self) -> None:
        """Look at once, and every minute from then on."""
        self._thread.start()

    def close(self, wait_s: float) -> None:
        """Stop at the next batch; what is left is done the next time."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(wait_s)

    def _run(self) -> None:
        self._guarded(self.prune_if_due)
        while not self._stopping.wait(_LOOK_S):
            self._guarded(self.sign_if_due)
            self._guarded(self.prune_if_due)
            self._guarded(self.index)
            self._guarded(self.back_up_if_due)

    def _guarded(self, work: Callable[[], object]) -> None:
        try:
            work()
        except KetterError as error:
            _log.warning("the keeper of the record could not do its work: %s", error)
        except Exception:  # the next look may find things better
            _log.exception("the keeper of the record stumbled")

    def back_up_if_due(self) -> bool:
        """Once a week, so that a damaged ledger loses a week at most; whether it was."""
        age_s = backups.age_s(self._ledger.path)
        if age_s is not None and 0 <= age_s < _WEEK_S:
            return False
        if not self._ledger.head().sequence:
            return False
        self._ledger.back_up()
        return True

    def index(self) -> bool:
        """Take into the search index what ended since; whether that was all."""
        return search_index.keep_up(self._ledger, _INDEXING_S)

    def sign_if_due(self) -> bool:
        """Sign the head when entries have waited long enough; whether it was."""
        last = self._ledger.last_signed()
        head = self._ledger.head()
        if not head.sequence or (last is not None and head.sequence <= last.head.sequence):
            return False
        period_us = settings.read(self._ledger).audit_sign_minutes * _MINUTE_US
        if last is not None and now_us() - last.signed_us < period_us:
            return False
        record.sign_head(self._ledger, self._data_dir, self._witness)
        return True

    def prune_if_due(self) -> bool:
        """Prune when it is on and was not done today; whether it was."""
        if retention.is_unfinished(self._ledger):
            retention.finish(self._ledger, self._stopping.is_set)
        chosen = settings.read(self._ledger)
        since_us = now_us() - self._ledger.read(pruned_us)
        if not chosen.history_keep_days or 0 <= since_us < retention.DAY_US:
            return False
        pruned = retention.prune(
            self._ledger,
            self._data_dir,
            self._witness,
            days=chosen.history_keep_days,
            archive_folder=chosen.history_archive,
            stop=self._stopping.is_set,
        )
        if pruned.is_complete:
            self._ledger.transact(set_pruned)
        return True
