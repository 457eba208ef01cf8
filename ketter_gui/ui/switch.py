"""A switch: on or off at once, told by the knob's side and not by colour alone."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from ketter_gui.ui.look import Look

_WIDTH, _HEIGHT = 34, 20


class Switch(QAbstractButton):
    """Space and Enter turn it; a person's turning is told by `clicked`."""

    def __init__(self, look: Look, name: str) -> None:
        super().__init__()
        self._look = look
        self.setCheckable(True)
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        look.theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH + 8, _HEIGHT + 8)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._look.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(4, 4, _WIDTH, _HEIGHT)
        if self.hasFocus():
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.drawRoundedRect(box.adjusted(-2.5, -2.5, 2.5, 2.5), 12.5, 12.5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("accent" if self.isChecked() else "hatch"))
        painter.drawRoundedRect(box, _HEIGHT / 2, _HEIGHT / 2)
        left = box.right() - _HEIGHT + 3 if self.isChecked() else box.left() + 3
        painter.setBrush(theme.colour("on-accent" if self.isChecked() else "surface"))
        painter.drawEllipse(QRectF(left, box.top() + 3, _HEIGHT - 6, _HEIGHT - 6))
