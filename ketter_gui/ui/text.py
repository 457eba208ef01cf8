"""Painting text that may not fit: names are shortened in the middle, sentences wrap."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QFontMetricsF, QPainter

from ketter_gui.ui.theme import Theme

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_LONGEST = 4096
"""PATH_MAX: nothing longer is ever measured."""


def elided(metrics: QFontMetricsF, text: str, width: float, *, end: bool = False) -> str:
    """Shortened in the middle, or at its end for sentences."""
    mode = Qt.TextElideMode.ElideRight if end else Qt.TextElideMode.ElideMiddle
    return metrics.elidedText(text[:_LONGEST], mode, max(0.0, width))


def wrapped_height(font: QFont, text: str, width: int) -> int:
    """How high a sentence is in a width."""
    flags = Qt.TextFlag.TextWordWrap
    return QFontMetrics(font).boundingRect(0, 0, max(40, width), 10_000, flags, text).height()


def paint_path(painter: QPainter, rect: QRectF, path: str, theme: Theme) -> None:
    """A path on one line: its folders recede, its file's name stays readable longest."""
    folder, slash, name = path.rpartition("/")
    metrics = QFontMetricsF(painter.font())
    shown_name = elided(metrics, name, rect.width())
    name_width = metrics.horizontalAdvance(shown_name)
    shown_folder = ""
    if slash:
        left = rect.width() - name_width
        whole = f"{folder}/"
        if metrics.horizontalAdvance(whole) <= left:
            shown_folder = whole
        elif left > metrics.horizontalAdvance("…/") + 24:
            shown_folder = elided(metrics, folder, left - metrics.horizontalAdvance("/")) + "/"
    painter.setPen(theme.colour("second"))
    painter.drawText(rect, _LEFT, shown_folder)
    painter.setPen(theme.colour("text"))
    offset = metrics.horizontalAdvance(shown_folder)
    painter.drawText(rect.adjusted(offset, 0, 0, 0), _LEFT, shown_name)
