"""What of the history is shown: transfers or clips, of which time, and in which state."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ketter_gui.domain.search import HistoryQuery
from ketter_gui.domain.status import TransferStatus
from ketter_gui.ui.buttons import Button, Choices
from ketter_gui.ui.look import Look

_T = TransferStatus
_ROUND_IT_PX: Final = 54
"""What a choice has at both sides of its text: its edge, and its arrow."""

_CLIPS: Final = "clips"
_HIDDEN: Final = "hidden"
_CHANGED: Final = "changed"
_STATES: Final = {
    "completed": frozenset({_T.COMPLETED}),
    "failed": frozenset({_T.FAILED}),
    "cancelled": frozenset({_T.CANCELLED}),
    "open": frozenset(_T) - {_T.COMPLETED, _T.FAILED, _T.CANCELLED},
}


class HistoryFilters(QWidget):
    """A row of choices; `changed` when another one is made."""

    changed = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.what = Choices(
            look,
            self.tr("What to look for"),
            [("transfers", self.tr("Transfers")), (_CLIPS, self.tr("Clips"))],
        )
        self.period = Choices(
            look,
            self.tr("Period"),
            [
                ("", self.tr("Any time")),
                ("1", self.tr("Today")),
                ("7", self.tr("The last 7 days")),
                ("30", self.tr("The last 30 days")),
                ("365", self.tr("The last year")),
            ],
        )
        self.state = Choices(
            look,
            self.tr("State"),
            [
                ("", self.tr("Any state")),
                ("completed", self.tr("Completed")),
                ("failed", self.tr("Failed")),
                (_CHANGED, self.tr("Changed since")),
                ("cancelled", self.tr("Cancelled")),
                ("open", self.tr("Not at its end")),
                (_HIDDEN, self.tr("Hidden ones too")),
            ],
        )
        self.clear_button = Button(
            look, self.tr("Clear filters"), kind="quiet", small=True, act=self.clear
        )
        for field in (self.what, self.period, self.state):
            field.activated.connect(self._turned)
            texts = [field.itemText(at) for at in range(field.count())]
            widest = max(map(field.fontMetrics().horizontalAdvance, texts))
            field.setMinimumWidth(widest + _ROUND_IT_PX)
            row.addWidget(field)
        row.addWidget(self.clear_button)
        row.addStretch(1)
        self._turned()

    @property
    def is_clips(self) -> bool:
        """Whether clips of all transfers are looked for."""
        return self.what.value() == _CLIPS

    @property
    def is_set(self) -> bool:
        """Whether some transfers may not be shown."""
        return bool(self.period.value() or self.state.value()) and not self.is_clips

    def since_us(self) -> int:
        """The beginning of the chosen period: midnight here, so many days ago; 0 for none."""
        days = self.period.value()
        if not days:
            return 0
        today = datetime.combine(datetime.now().astimezone().date(), time.min).astimezone()
        return int((today - timedelta(days=int(days) - 1)).timestamp() * 1_000_000)

    def since_text(self) -> str:
        """The same in ISO 8601, with the zone of this machine; empty for none."""
        moment_us = self.since_us()
        if not moment_us:
            return ""
        return datetime.fromtimestamp(moment_us / 1_000_000).astimezone().isoformat()

    def query(self, text: str) -> HistoryQuery:
        """Everything that was chosen, with this text."""
        state = self.state.value()
        return HistoryQuery(
            text=text,
            statuses=_STATES.get(state, frozenset()),
            since_us=self.since_us(),
            with_hidden=state == _HIDDEN,
            is_doubted=state == _CHANGED,
        )

    def clear(self) -> None:
        """Show all transfers again."""
        self.period.choose("")
        self.state.choose("")
        self._turned()

    def _turned(self) -> None:
        self.period.setVisible(not self.is_clips)
        self.state.setVisible(not self.is_clips)
        self.clear_button.setVisible(self.is_set)
        self.changed.emit()
