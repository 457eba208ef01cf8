"""Two days, and all between them: of this machine's clock, both taken whole."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from PySide6.QtCore import QDate, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QPaintEvent, QTextCharFormat
from PySide6.QtWidgets import QDateEdit, QHBoxLayout, QLineEdit, QWidget

from ketter_gui.ui.buttons import paint_arrow
from ketter_gui.ui.look import Look
from ketter_gui.ui.parts import label

_ROUND_IT_PX = 48
_A_MONTH = timedelta(days=30)


class Day(QDateEdit):
    """A field for one day, with a calendar and an arrow of ours."""

    def __init__(self, look: Look, name: str, day: date) -> None:
        super().__init__(QDate(day.year, day.month, day.day))
        self._look = look
        self.setFont(look.theme.font("body"))
        self.setAccessibleName(name)
        self.setDisplayFormat("d MMM yyyy")  # in figures alone, 4/5 is two days
        self.setCalendarPopup(True)
        for inner in (*self.findChildren(QLineEdit), *self.calendarWidget().findChildren(QWidget)):
            inner.setAccessibleName(name)
        for weekday in (Qt.DayOfWeek.Saturday, Qt.DayOfWeek.Sunday):
            # Red is what failed.
            self.calendarWidget().setWeekdayTextFormat(weekday, QTextCharFormat())
        self.setKeyboardTracking(False)  # a day that is half typed is not asked for
        self.setMinimumWidth(self.fontMetrics().horizontalAdvance("30 MMM 2000") + _ROUND_IT_PX)
        look.theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        paint_arrow(self, self._look)


class DateRange(QWidget):
    """`changed` when another day is chosen. The first day is never after the last."""

    changed = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        today = _today()
        self.first = Day(look, self.tr("The first day"), today - _A_MONTH)
        self.last = Day(look, self.tr("The last day"), today)
        for words, field in ((self.tr("From"), self.first), (self.tr("to"), self.last)):
            name = label(look, words)
            name.setBuddy(field)
            row.addWidget(name)
            row.addWidget(field)
        row.addStretch(1)
        self.first.dateChanged.connect(self._turned)
        self.last.dateChanged.connect(self._turned)

    def moments_us(self) -> tuple[int, int]:
        """The beginning of the first day, and the end of the last: microseconds since the
        epoch."""
        return _midnight_us(_day(self.first)), _midnight_us(_day(self.last) + timedelta(days=1))

    def _turned(self) -> None:
        if self.last.date() < self.first.date():
            is_first = self.sender() is self.first
            chosen, other = (self.first, self.last) if is_first else (self.last, self.first)
            with QSignalBlocker(other):  # one change is told once
                other.setDate(chosen.date())
        self.changed.emit()


def midnight_us(days_ago: int) -> int:
    """The beginning of a day, so many days before today."""
    return _midnight_us(_today() - timedelta(days=days_ago))


def moment_text(moment_us: int) -> str:
    """A moment in ISO 8601; empty for none."""
    return datetime.fromtimestamp(moment_us / 1_000_000, UTC).isoformat() if moment_us else ""


def _day(field: Day) -> date:
    chosen = field.date()
    return date(chosen.year(), chosen.month(), chosen.day())


def _today() -> date:
    return datetime.now().astimezone().date()


def _midnight_us(day: date) -> int:
    """Of the clock that hangs here, on that day: summer time is another zone."""
    return int(datetime.combine(day, time.min).astimezone().timestamp()) * 1_000_000
