"""Painting text that may not fit: files keep their beginning and their ending, other names
are shortened in the middle, sentences wrap."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QFontMetricsF, QPainter

from ketter_gui.ui.theme import Theme

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_LONGEST = 4096
"""PATH_MAX: nothing longer is ever measured."""
_NUMBERED = 8
"""So many letters tell clips apart, `A001C003`: the ending goes before one of them does."""
_LONGEST_ENDING = 5
"""With more letters it is a part of the name."""


def elided(metrics: QFontMetricsF, text: str, width: float, *, end: bool = False) -> str:
    """Shortened in the middle, or at its end for sentences."""
    mode = Qt.TextElideMode.ElideRight if end else Qt.TextElideMode.ElideMiddle
    return metrics.elidedText(text[:_LONGEST], mode, max(0.0, width))


def elided_name(metrics: QFontMetricsF, name: str, width: float) -> str:
    """A file's name, shortened at the end of its stem: clips are told apart by the numbers at
    their beginning, `A001C003….mxf`."""
    name = name[:_LONGEST]
    if metrics.horizontalAdvance(name) <= width:
        return name
    stem, dot, ending = name.rpartition(".")
    tail = f".{ending}" if dot and stem and len(ending) <= _LONGEST_ENDING else ""
    room = width - metrics.horizontalAdvance(tail)
    if not tail or room < metrics.horizontalAdvance(f"{name[:_NUMBERED]}…"):
        return elided(metrics, name, width, end=True)
    return elided(metrics, name.removesuffix(tail), room, end=True) + tail


def wrapped_height(font: QFont, text: str, width: int) -> int:
    """How high a sentence is in a width."""
    flags = Qt.TextFlag.TextWordWrap
    return QFontMetrics(font).boundingRect(0, 0, max(40, width), 10_000, flags, text).height()


def paint_path(painter: QPainter, rect: QRectF, path: str, theme: Theme) -> None:
    """A path on one line: its folders recede, its file's name stays readable longest."""
    folder, slash, name = path.rpartition("/")
    metrics = QFontMetricsF(painter.font())
    shown_name = elided_name(metrics, name, rect.width())
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
