"""Buttons and choices, in the few kinds that the window has."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QButtonGroup, QComboBox, QFrame, QHBoxLayout, QPushButton, QWidget

from ketter_gui.ui.look import Look


class Button(QPushButton):
    """A push button with an icon of ours; `kind` is `plain`, `primary`, `quiet`, `link`…"""

    def __init__(
        self,
        look: Look,
        text: str,
        *,
        icon: str = "",
        kind: str = "plain",
        act: Callable[[], None] | None = None,
        small: bool = False,
    ) -> None:
        super().__init__(_beside(icon, text))
        self._look = look
        self._icon = icon
        self._kind = kind
        self.setProperty("kind", kind)
        self.setProperty("small", small)
        self.setFont(look.theme.font("body-medium"))
        self.setIconSize(QSize(18, 18))
        self.setAccessibleName(text)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self._tint()
        look.theme.changed.connect(self._tint)
        if act is not None:
            self.clicked.connect(lambda _checked=False: act())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses what has the focus; by itself the toolkit does so in dialogs only."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.click()
        else:
            super().keyPressEvent(event)

    def show_icon(self, icon: str) -> None:
        """Another drawing, for instance when the button's meaning turned."""
        if icon != self._icon:
            self._icon = icon
            self._tint()

    def show_text(self, text: str) -> None:
        """Another word, seen and heard."""
        if text != self.accessibleName():
            self.setText(_beside(self._icon, text))
            self.setAccessibleName(text)

    def _tint(self) -> None:
        if self._icon:
            token = {"primary": "on-accent", "quiet": "second", "place": "second", "danger": "fail"}
            self.setIcon(self._look.icons.icon(self._icon, token.get(self._kind, "text")))


def _beside(icon: str, text: str) -> str:
    """The toolkit puts 4 px between icon and text; a space makes it the 8 we want."""
    return f" {text}" if icon and text else text


class KeyButton(Button):
    """The button that a key presses too, with the key drawn inside."""

    def __init__(self, look: Look, text: str, key: str, act: Callable[[], None]) -> None:
        super().__init__(look, text, kind="primary", act=act)
        self._key = key
        self.setProperty("key", True)
        key_px = QFontMetrics(look.theme.font("small")).horizontalAdvance(key)
        text_px = QFontMetrics(self.font()).horizontalAdvance(text)
        self.setMinimumWidth(18 + text_px + 20 + key_px + 26)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._look.theme.font("small"))
        width = QFontMetrics(painter.font()).horizontalAdvance(self._key) + 12
        box = QRectF(self.width() - width - 12.5, self.height() / 2 - 9, width, 18)
        token = "on-accent" if self.isEnabled() else "second"
        painter.setPen(QPen(self._look.theme.colour(token), 1))
        painter.setOpacity(0.85 if self.isEnabled() else 0.5)
        painter.drawRoundedRect(box, 4, 4)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._key)


def icon_button(look: Look, icon: str, name: str, act: Callable[[], None] | None = None) -> Button:
    """A square button without words: its name is heard and shown as a tip."""
    button = Button(look, "", icon=icon, kind="quiet", act=act)
    button.setProperty("square", True)
    button.setAccessibleName(name)
    button.setToolTip(name)
    return button


class Segments(QFrame):
    """A choice between few: side by side, one pressed."""

    def __init__(self, look: Look, name: str, choices: list[tuple[str, str]]) -> None:
        super().__init__()
        self.setProperty("kind", "segments")
        self.setAccessibleName(name)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2, 2, 2, 2)
        layout.setSpacing(2)
        self.group = QButtonGroup(self)
        self._values: list[str] = []
        for value, text in choices:
            button = QPushButton(text)
            button.setCheckable(True)
            button.setProperty("kind", "segment")
            button.setFont(look.theme.font("body-medium"))
            button.setAccessibleName(text)
            self.group.addButton(button, len(self._values))
            self._values.append(value)
            layout.addWidget(button)
        self.group.button(0).setChecked(True)

    def value(self) -> str:
        """The pressed one."""
        return self._values[self.group.checkedId()]

    def choose(self, value: str) -> None:
        """Press one."""
        self.group.button(self._values.index(value)).setChecked(True)


_ROUND_CHOICES_PX = 54
"""What a choice has at both sides of its text: its edge, and its arrow."""


def paint_arrow(field: QWidget, look: Look) -> None:
    """The arrow of a field that opens something below it, at its right end."""
    box = QRectF(field.width() - 26, field.height() / 2 - 7, 14, 14)
    look.icons.paint(QPainter(field), box, "down", "second")


class Choices(QComboBox):
    """A drop-down with an arrow of ours."""

    def __init__(self, look: Look, name: str, choices: list[tuple[str, str]]) -> None:
        super().__init__()
        self._look = look
        self.setProperty("kind", "choices")
        self.setFont(look.theme.font("body"))
        self.setAccessibleName(name)
        self.view().setAccessibleName(name)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        for value, text in choices:
            self.addItem(text, value)
        look.theme.changed.connect(self.update)

    def value(self) -> str:
        """The chosen one."""
        return str(self.currentData())

    def choose(self, value: str) -> None:
        """Choose one; what is not offered is left alone."""
        index = self.findData(value)
        if index >= 0:
            self.setCurrentIndex(index)

    def fit(self) -> None:
        """Never narrower than its longest choice."""
        texts = [self.itemText(at) for at in range(self.count())]
        widest = max(map(self.fontMetrics().horizontalAdvance, texts), default=0)
        self.setMinimumWidth(widest + _ROUND_CHOICES_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        paint_arrow(self, self._look)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # scrolling past must not change a choice
