"""What of the history is shown: transfers or clips, of which time, and in which state."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ketter_gui.domain.search import HistoryQuery
from ketter_gui.domain.status import TransferStatus
from ketter_gui.ui.buttons import Button, Choices
from ketter_gui.ui.date_range import DateRange, midnight_us, moment_text
from ketter_gui.ui.look import Look
from ketter_gui.ui.parts import plain_tip

_T = TransferStatus
_CLIPS: Final = "clips"
_HIDDEN: Final = "hidden"
_CHANGED: Final = "changed"
_BETWEEN: Final = "between"
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
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(8)
        row = QHBoxLayout()
        row.setSpacing(8)
        rows.addLayout(row)
        self._look, self._rows = look, rows
        self._dates: DateRange | None = None
        self._watch: int | None = None
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
                (_BETWEEN, self.tr("From … to …")),
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
        self.watch_button = Button(
            look, self.tr("Show all"), icon="close", small=True, act=self._clear_watch
        )
        self.watch_button.hide()
        self.clear_button = Button(
            look, self.tr("Clear filters"), kind="quiet", small=True, act=self.clear
        )
        for field in (self.what, self.period, self.state):
            field.activated.connect(self._turned)
            field.fit()
            row.addWidget(field)
        row.addWidget(self.watch_button)
        row.addWidget(self.clear_button)
        row.addStretch(1)
        self._turned()

    def dates(self) -> DateRange:
        """The two days of “From … to …”. Made when they are first wanted: their calendars
        would take 15 ms of every start."""
        if self._dates is None:
            self._dates = DateRange(self._look)
            self._dates.changed.connect(self.changed)
            self._rows.addWidget(self._dates)
        return self._dates

    @property
    def is_clips(self) -> bool:
        """Whether clips of all transfers are looked for."""
        return self.what.value() == _CLIPS

    @property
    def is_set(self) -> bool:
        """Whether some transfers may not be shown."""
        chosen = self.period.value() or self.state.value() or self._watch is not None
        return bool(chosen) and not self.is_clips

    def show_watch(self, watch: int, name: str) -> None:
        """Only what this watch folder made, of any time and in any state."""
        self._watch = watch
        self.watch_button.show_text(self.tr("Only of %1").replace("%1", name))
        heard = self.tr("Only of %1; press to show all").replace("%1", name)
        self.watch_button.setToolTip(plain_tip(heard))
        self.what.choose("transfers")
        self.period.choose("")
        self.state.choose("")
        self._turned()

    def moments_us(self) -> tuple[int, int]:
        """The beginning of the chosen period and its end, with whole days of this machine's
        clock; 0 where it has none."""
        period = self.period.value()
        if period == _BETWEEN:
            return self.dates().moments_us()
        return (midnight_us(int(period) - 1), 0) if period else (0, 0)

    def moments(self) -> tuple[str, str]:
        """The same in ISO 8601; empty for none."""
        since_us, until_us = self.moments_us()
        return moment_text(since_us), moment_text(until_us)

    def query(self, text: str) -> HistoryQuery:
        """Everything that was chosen, with this text."""
        state = self.state.value()
        since_us, until_us = self.moments_us()
        return HistoryQuery(
            text=text,
            statuses=_STATES.get(state, frozenset()),
            since_us=since_us,
            until_us=until_us,
            with_hidden=state == _HIDDEN,
            is_doubted=state == _CHANGED,
            watch=self._watch,
        )

    def clear(self) -> None:
        """Show all transfers again."""
        self.period.choose("")
        self.state.choose("")
        self._watch = None
        self._turned()

    def _clear_watch(self) -> None:
        self._watch = None
        self.what.setFocus()
        self._turned()

    def _turned(self) -> None:
        self.period.setVisible(not self.is_clips)
        self.state.setVisible(not self.is_clips)
        self.watch_button.setVisible(self._watch is not None and not self.is_clips)
        self.clear_button.setVisible(self.is_set)
        is_between = self.period.value() == _BETWEEN and not self.is_clips
        if is_between or self._dates is not None:
            self.dates().setVisible(is_between)
        self.changed.emit()
