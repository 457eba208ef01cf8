"""One timer asks the service four times a second, and tells what has changed."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from ketter_gui.domain.errors import KetterError
from ketter_gui.domain.views import Snapshot
from ketter_gui.ui.asked import Asked
from ketter_gui.ui.states import WORKS

_POLL_MS = 250
_VOLUMES_EVERY = 20
_LEDGER_EVERY = 4
"""Polls: tables and timelines are read again at most once a second."""


class Polling(QObject):
    """Asks on the window's thread: a snapshot never waits for a disk."""

    changed = Signal(object)
    """The new Snapshot, when it is another than the one before."""

    ticked = Signal()
    """After every poll: a step for what turns."""

    ledger_changed = Signal()
    """What was read from the ledger may be out of date."""

    volumes_due = Signal()
    """Time to look which volumes are connected."""

    failed = Signal(object)
    """The KetterError for which there was no snapshot."""

    def __init__(self, service: Asked, parent: QObject) -> None:
        super().__init__(parent)
        self._service = service
        self.snapshot = Snapshot((), 0, None, 0, 0)
        self._seen_revision = -1
        self._polls = 0
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self.poll)

    def start(self) -> None:
        """Ask now, and from now on."""
        self.poll()
        self._timer.start()

    def stop(self) -> None:
        """Ask no more."""
        self._timer.stop()

    def works(self) -> bool:
        """Whether something is at work."""
        return any(transfer.status in WORKS for transfer in self.snapshot.transfers)

    def poll(self) -> None:
        """Ask once."""
        try:
            snapshot = self._service.snapshot()
        except KetterError as error:
            self.failed.emit(error)
            return
        self._polls += 1
        if snapshot != self.snapshot:
            self.snapshot = snapshot
            self.changed.emit(snapshot)
        self.ticked.emit()
        is_stale = snapshot.revision != self._seen_revision or self.works()
        if is_stale and self._polls % _LEDGER_EVERY == 1:
            self._seen_revision = snapshot.revision
            self.ledger_changed.emit()
        if self._polls % _VOLUMES_EVERY == 1:
            self.volumes_due.emit()
