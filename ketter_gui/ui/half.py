"""What the two halves of the new-transfer sheet have in common: a title with a button, and
a column of cards that scrolls."""

from __future__ import annotations

from typing import Generic, TypeVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from ketter_gui.ui.look import Look
from ketter_gui.ui.parts import column, keep_gutter, label

GUTTER = 16
"""At the right of the cards, for the scroll bar: cards keep their width beside it."""

W = TypeVar("W", bound=QWidget)


def half_layout(half: QWidget) -> QVBoxLayout:
    """The column of a half; the half can be lit while something is held over it."""
    half.setProperty("kind", "half")
    half.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    return column(half, margins=(24, 14, 24 - GUTTER, 14), spacing=8)


def title_row(look: Look, text: str, button: QPushButton) -> QHBoxLayout:
    """A half's title, and at its right the button that adds by hand."""
    layout = QHBoxLayout()
    layout.setContentsMargins(0, 0, GUTTER, 0)
    layout.addWidget(label(look, text, role="body-strong"))
    layout.addStretch(1)
    layout.addWidget(button)
    return layout


class CardColumn(QScrollArea, Generic[W]):
    """Cards by path, below each other; a sentence while there is none."""

    def __init__(self, look: Look, empty: str) -> None:
        super().__init__()
        self.cards: dict[bytes, W] = {}
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumHeight(150)
        inside = QWidget()
        inside.setObjectName("scrolled")
        self._layout = column(inside, spacing=8)
        self.empty: QLabel = label(look, empty, tone="second", wraps=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setMinimumHeight(72)
        self._layout.addWidget(self.empty)
        self._layout.addStretch(1)
        self._wanted: bytes | None = None
        self._left_at = 0
        self._laid_out = QTimer(self)
        self._laid_out.setSingleShot(True)
        self._laid_out.timeout.connect(self._scroll)
        self.verticalScrollBar().rangeChanged.connect(self._scroll_on)
        self.setWidget(inside)
        keep_gutter(self, self._layout, GUTTER)

    def put(self, path: bytes, card: W, position: int) -> None:
        """A card at its position; one that is there already is moved."""
        self.cards[path] = card
        self._layout.insertWidget(position, card)
        self.empty.hide()

    def drop(self, path: bytes) -> None:
        """Take a card away."""
        card = self.cards.pop(path)
        self._layout.removeWidget(card)
        card.hide()
        card.deleteLater()
        self.empty.setVisible(not self.cards)

    def reveal(self, path: bytes) -> None:
        """Scroll to a card once it has its new height: it is about to grow by a sentence."""
        self._wanted = path
        self._laid_out.start(0)

    def _scroll(self) -> None:
        card = self.cards.get(self._wanted) if self._wanted is not None else None
        if card is not None:
            self.ensureWidgetVisible(card, 0, 8)
        self._left_at = self.verticalScrollBar().value()

    def _scroll_on(self) -> None:
        """Sentences may be laid out later still; unless a person has scrolled meanwhile."""
        if self._wanted is not None and self.verticalScrollBar().value() == self._left_at:
            self._laid_out.start(0)
