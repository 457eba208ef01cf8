"""The line at the bottom: how fast, how long, how much, and whether the audit is signed."""

from __future__ import annotations

from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ketter_gui.domain.status import TransferStatus
from ketter_gui.domain.views import Snapshot
from ketter_gui.ui.look import Look
from ketter_gui.ui.parts import label, set_text
from ketter_gui.ui.queue_text import card_bytes
from ketter_gui.ui.states import WORKS


class StatusLine(QWidget):
    """Rewritten at most as often as the window polls; its figures keep their place."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.setObjectName("status-line")
        self.setFixedHeight(look.theme.measure("row-table") + 2)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 0, 16, 0)
        layout.setSpacing(20)
        self._speed = label(look, role="small-strong")
        self._left = label(look, role="small-strong")
        self._much = label(look, role="small", tone="second")
        self._signed = label(look, role="small", tone="second")
        metrics = QFontMetrics(self._speed.font())
        self._speed.setMinimumWidth(metrics.horizontalAdvance("000.0 MB/s"))
        layout.addWidget(self._speed)
        layout.addWidget(self._left)
        layout.addWidget(self._much)
        layout.addStretch(1)
        layout.addWidget(self._signed)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Say what the whole program does now."""
        words = self._look.words
        works = [t for t in snapshot.transfers if t.status in WORKS]
        self._speed.setVisible(bool(works))
        self._left.setVisible(bool(works))
        if works:
            set_text(self._speed, words.speed(snapshot.bytes_per_second))
            set_text(self._left, words.left(snapshot.seconds_left))
            verified = sum(t.bytes_verified // max(1, len(t.destinations)) for t in works)
            renamed = sum(t.bytes_renamed for t in works)  # each has one destination
            total = sum(card_bytes(t) for t in works)
            done = self.tr("%1 done") if renamed else self.tr("%1 verified")
            much = done.replace("%1", words.size_of(verified + renamed, total))
            set_text(self._much, much if total else self.tr("counting"))
        else:
            set_text(self._much, self._idle(snapshot))
        signed = words.clock(snapshot.signed_us) if snapshot.signed_us else ""
        set_text(self._signed, self.tr("Audit signed %1").replace("%1", signed) if signed else "")

    def _idle(self, snapshot: Snapshot) -> str:
        statuses = {t.status for t in snapshot.transfers}
        if TransferStatus.WAITING in statuses or TransferStatus.PENDING in statuses:
            return self.tr("Waiting")
        if TransferStatus.PAUSED in statuses:
            return self.tr("Paused")
        return self.tr("Nothing running")
