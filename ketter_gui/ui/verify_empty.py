"""The Verify page with nothing in it: what it is for, and three ways to begin."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from ketter_gui.ui.buttons import Button
from ketter_gui.ui.empty_queue import paint_target
from ketter_gui.ui.look import Look
from ketter_gui.ui.parts import Drawing, column, label

_GUTTER = 16
_SENTENCE_PX = 600


class VerifyEmpty(QWidget):
    """Lit while something is held over it."""

    folder_asked = Signal()
    manifest_asked = Signal()
    two_asked = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._is_lit = False
        look.theme.changed.connect(self.update)
        layout = column(self, margins=(24, 0, 24 + _GUTTER, 0), spacing=0)
        centre = Qt.AlignmentFlag.AlignHCenter
        layout.addStretch(10)
        layout.addWidget(Drawing(look, "compare"), 0, centre)
        layout.addSpacing(28)
        self._title = label(look, role="empty", wraps=True)
        self._title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.addWidget(self._title)
        layout.addSpacing(10)
        sentence = _words(
            look,
            self.tr(
                "Ketter reads every file from its drive and holds it against the manifests in the "
                "folder or beside it. Drop two folders to compare them."
            ),
            "lead",
        )
        sentence.setMaximumWidth(_SENTENCE_PX)
        layout.addLayout(_centred(sentence))
        layout.addSpacing(22)
        layout.addLayout(self._buttons(look))
        layout.addSpacing(24)
        hint = self.tr(
            "ASC MHL, classic MHL, checksum lists. What Ketter copied is verified again "
            "from the history."
        )
        layout.addWidget(_words(look, hint, "small"))
        layout.addStretch(11)
        self.light(lit=False)

    def light(self, *, lit: bool) -> None:
        """Something is held over it, or no longer."""
        self._is_lit = lit
        self._title.setText(
            self.tr("Let go to verify it") if lit else self.tr("Drop a folder or a manifest here")
        )
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        rect = QRectF(self.rect()).adjusted(0, 0, -_GUTTER, 0)
        paint_target(QPainter(self), rect, self._look, lit=self._is_lit)

    def _buttons(self, look: Look) -> QHBoxLayout:
        self.folder = Button(
            look,
            self.tr("A folder…"),
            icon="folder",
            kind="primary",
            act=self.folder_asked.emit,
        )
        self.manifest = Button(
            look, self.tr("A manifest…"), icon="files", act=self.manifest_asked.emit
        )
        self.two = Button(look, self.tr("Two folders…"), icon="folder", act=self.two_asked.emit)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        for button in (self.folder, self.manifest, self.two):
            buttons.addWidget(button)
        buttons.addStretch(1)
        return buttons


def _words(look: Look, text: str, role: str) -> QLabel:
    words = label(look, text, role=role, tone="second", wraps=True)
    words.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return words


def _centred(widget: QWidget) -> QHBoxLayout:
    """As wide as it may be, in the middle."""
    layout = QHBoxLayout()
    layout.addStretch(1)
    layout.addWidget(widget, 100)
    layout.addStretch(1)
    return layout
