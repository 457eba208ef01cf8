"""What happened to a transfer, in plain words and in the order it happened."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ketter_gui.domain.events import AuditEvent
from ketter_gui.domain.views import AuditLine
from ketter_gui.ui.look import Look
from ketter_gui.ui.plan_text import CHECKSUM_NAMES
from ketter_gui.ui.text import elided, wrapped_height

_ROW = 24
_DOT_LEFT = 64
_TEXT_LEFT = 82
_WRAPPED_EVENTS = {
    AuditEvent.ITEM_FAILED.value,
    AuditEvent.ERROR.value,
    AuditEvent.TRANSFER_FAILED.value,
}

LINES = 60
"""The newest that are shown; an export has them all."""


class Timeline(QWidget):
    """A line an event: when, a dot in the colour of its kind, what."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._lines: tuple[AuditLine, ...] = ()
        self._said: list[tuple[str, str, str, int]] = []
        self.setAccessibleName(self.tr("What happened"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        look.theme.changed.connect(self.update)

    def show_lines(self, lines: tuple[AuditLine, ...]) -> None:
        """Show these, the last of them below."""
        if lines != self._lines:
            self._lines = lines
            self._lay_out()

    def sizeHint(self) -> QSize:
        return QSize(200, sum(height for *_rest, height in self._said) or _ROW)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._lay_out()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._look.theme
        painter.setFont(theme.font("small"))
        metrics = QFontMetricsF(painter.font())
        top = 0.0
        for time, sentence, token, height in self._said:
            painter.setPen(theme.colour("second"))
            left, middle = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, top, _DOT_LEFT, _ROW), left | middle, time)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour(token))
            painter.drawEllipse(QRectF(_DOT_LEFT, top + _ROW / 2 - 3.5, 7, 7))
            painter.setPen(theme.colour("text"))
            text = QRectF(_TEXT_LEFT, top, self.width() - _TEXT_LEFT, height)
            if height > _ROW:
                wrap = Qt.TextFlag.TextWordWrap | left | Qt.AlignmentFlag.AlignTop
                painter.drawText(text.adjusted(0, 4, 0, 0), wrap, sentence)
            else:
                painter.drawText(text, left | middle, elided(metrics, sentence, text.width()))
            top += height

    def _lay_out(self) -> None:
        width = max(80, self.width() - _TEXT_LEFT)
        self._said = []
        for line in self._lines[-LINES:]:
            sentence, token = said(line)
            height = _ROW
            if line.event in _WRAPPED_EVENTS:
                height = max(_ROW, wrapped_height(self._look.theme.font("small"), sentence, width) + 8)
            self._said.append((self._look.words.clock_exact(line.time_us), sentence, token, height))
        self.setAccessibleDescription("; ".join(f"{t} {s}" for t, s, *_ in self._said))
        self.updateGeometry()
        self.update()


def said(line: AuditLine) -> tuple[str, str]:
    """An event as a sentence, and the colour of its dot."""
    item = line.item_path.rpartition("/")[2] or line.item_path
    match line.event:
        case AuditEvent.CHECKSUM_CALCULATED.value:
            name = CHECKSUM_NAMES.get(line.algorithm, line.algorithm)
            return _fill(_tr("%1 read, %2 calculated"), item, name), "accent"
        case AuditEvent.CHECKSUM_VERIFIED.value:
            return _fill(_tr("%1 verified on %2"), item, _place(line)), "verified"
        case AuditEvent.ITEM_SKIPPED.value:
            if line.result.startswith("FINAL"):
                return _fill(_tr("%1 was already on %2, equal"), item, _place(line)), "verified"
            return _fill(_tr("%1 left out"), item), "second"
        case AuditEvent.ITEM_FAILED.value:
            return line.message or _fill(_tr("%1 failed"), item), "fail"
        case AuditEvent.SOURCE_SET_ASIDE.value:
            return _fill(_tr("Original %1 set aside"), item), "second"
        case AuditEvent.SOURCE_DELETED.value:
            return _fill(_tr("Original %1 removed after proof"), item), "second"
        case AuditEvent.TRANSFER_FAILED.value:
            return line.message or _tr("Failed"), "fail"
        case AuditEvent.ERROR.value:
            return line.message or _tr("Something went wrong"), "warn"
    return _of_transfer().get(line.event, (line.message or line.event, "second"))


def _of_transfer() -> dict[str, tuple[str, str]]:
    return {
        AuditEvent.TRANSFER_CREATED.value: (_tr("Created"), "accent"),
        AuditEvent.TRANSFER_STARTED.value: (_tr("Started"), "accent"),
        AuditEvent.TRANSFER_PAUSED.value: (_tr("Paused"), "second"),
        AuditEvent.TRANSFER_RESUMED.value: (_tr("Resumed"), "accent"),
        AuditEvent.TRANSFER_INTERRUPTED.value: (_tr("Interrupted; nothing proven was lost"), "warn"),
        AuditEvent.TRANSFER_COMPLETED.value: (_tr("Completed"), "verified"),
        AuditEvent.TRANSFER_CANCELLED.value: (_tr("Cancelled; proven copies stay"), "second"),
    }


def _place(line: AuditLine) -> str:
    """The destination's folder: the path of the copy without the item's own part."""
    path = line.destination_path
    if line.item_path and path.endswith(line.item_path):
        path = path[: -len(line.item_path)].rstrip("/")
    return path.rpartition("/")[2] or path


def _fill(template: str, first: str, second: str = "") -> str:
    return template.replace("%2", second).replace("%1", first)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Timeline", text)
