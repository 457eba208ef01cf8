"""The queue with nothing in it: one large target, one sentence, one way to try."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ketter_gui.ui.buttons import Button
from ketter_gui.ui.look import Look
from ketter_gui.ui.parts import Drawing, column, label

_GUTTER = 16
"""The content's right margin: pages reach the edge, for their scroll bars."""


class EmptyQueue(QWidget):
    """Friendly, and lit while something is dragged over the window."""

    choose_asked = Signal()
    demo_asked = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._is_lit = False
        look.theme.changed.connect(self.update)
        layout = column(self, margins=(0, 0, _GUTTER, 0), spacing=0)
        layout.addStretch(10)
        layout.addWidget(Drawing(look, "drop"), 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addSpacing(28)
        self._title = label(look, self.tr("Drop a card or folder here"), role="empty")
        layout.addWidget(self._title, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addSpacing(10)
        self._sentence = label(
            look,
            self.tr(
                "Ketter copies it to one or more drives, reads every copy back\n"
                "from the drive, and tells you when it is verified."
            ),
            role="lead",
            tone="second",
        )
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.addWidget(self._sentence, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addSpacing(22)
        layout.addLayout(self._buttons(look))
        layout.addSpacing(24)
        layout.addLayout(self._hint(look))
        layout.addStretch(11)

    def light(self, *, lit: bool) -> None:
        """Something is held over the window, or no longer."""
        if lit != self._is_lit:
            self._is_lit = lit
            self._title.setText(
                self.tr("Let go to choose where it goes")
                if lit
                else self.tr("Drop a card or folder here")
            )
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_target(
            painter, QRectF(self.rect()).adjusted(0, 0, -_GUTTER, 0), self._look, lit=self._is_lit
        )

    def _buttons(self, look: Look) -> QHBoxLayout:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        self.choose = Button(
            look, self.tr("Choose…"), icon="folder", kind="primary", act=self.choose_asked.emit
        )
        self.demo = Button(
            look, self.tr("Try it with a demo card"), icon="play", act=self.demo_asked.emit
        )
        buttons.addWidget(self.choose)
        buttons.addWidget(self.demo)
        buttons.addStretch(1)
        return buttons

    def _hint(self, look: Look) -> QHBoxLayout:
        hint = QHBoxLayout()
        hint.setSpacing(6)
        hint.addStretch(1)
        hint.addWidget(label(look, self.tr("or paste"), role="small", tone="second"))
        key = label(look, self.tr("Ctrl V"), role="small")
        key.setProperty("kind", "key")
        key.setAlignment(Qt.AlignmentFlag.AlignCenter)
        hint.addWidget(key)
        hint.addWidget(
            label(
                look, self.tr("what you copied in your file manager"), role="small", tone="second"
            )
        )
        hint.addStretch(1)
        return hint


def paint_target(painter: QPainter, rect: QRectF, look: Look, *, lit: bool) -> None:
    """A dashed frame: here is where things may be let go."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(look.theme.colour("accent" if lit else "line"), 2)
    pen.setDashPattern([3, 2.5])
    painter.setPen(pen)
    painter.setBrush(look.theme.colour("accent-soft") if lit else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 12, 12)
    painter.restore()
