"""The small pieces that every place of the window is made of."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import (
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ketter_gui.ui.look import Look
from ketter_gui.ui.states import State


def label(
    look: Look, text: str = "", *, role: str = "body", tone: str = "text", wraps: bool = False
) -> QLabel:
    """Plain text in one of the sizes and tones; names never become markup."""
    widget = QLabel(text)
    widget.setTextFormat(Qt.TextFormat.PlainText)
    widget.setFont(look.theme.font(role))
    widget.setWordWrap(wraps)
    if wraps:
        widget.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    set_property(widget, "tone", tone)
    return widget


def set_property(widget: QWidget, name: str, value: object) -> None:
    """Set what the style sheet looks at, and let it look again."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)


def set_text(widget: QLabel, text: str) -> None:
    """Set a text only when it changed: labels are polled four times a second."""
    if widget.text() != text:
        widget.setText(text)


def line(*, upright: bool = False) -> QFrame:
    """A hairline."""
    widget = QFrame()
    widget.setProperty("kind", "upright" if upright else "line")
    return widget


def frame(kind: str) -> QFrame:
    """A framed area the style sheet knows by its kind."""
    widget = QFrame()
    widget.setProperty("kind", kind)
    return widget


def column(
    parent: QWidget, *, margins: tuple[int, int, int, int] = (0, 0, 0, 0), spacing: int = 0
) -> QVBoxLayout:
    """A column without the toolkit's own margins."""
    layout = QVBoxLayout(parent)
    layout.setContentsMargins(*margins)
    layout.setSpacing(spacing)
    return layout


def row(*, spacing: int = 8) -> QHBoxLayout:
    """A row without the toolkit's own margins."""
    layout = QHBoxLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    return layout


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

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.isEnabled():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._look.theme.font("small"))
        width = QFontMetrics(painter.font()).horizontalAdvance(self._key) + 12
        box = QRectF(self.width() - width - 12.5, self.height() / 2 - 9, width, 18)
        painter.setPen(QPen(self._look.theme.colour("on-accent"), 1))
        painter.setOpacity(0.85)
        painter.drawRoundedRect(box, 4, 4)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._key)


def icon_button(look: Look, icon: str, name: str, act: Callable[[], None] | None = None) -> Button:
    """A square button without words: its name is heard and shown as a tip."""
    button = Button(look, "", icon=icon, kind="quiet", act=act)
    button.setProperty("square", True)
    button.setAccessibleName(name)
    button.setToolTip(name)
    return button


class IconView(QWidget):
    """An icon that stands beside words and carries no meaning of its own."""

    def __init__(self, look: Look, icon: str, token: str = "second", *, size: int = 18) -> None:
        super().__init__()
        self._look = look
        self._icon = icon
        self._token = token
        self.setFixedSize(size, size)
        look.theme.changed.connect(self.update)

    def show_icon(self, icon: str, token: str) -> None:
        """Change the drawing or its colour."""
        if (icon, token) != (self._icon, self._token):
            self._icon, self._token = icon, token
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._look.icons.paint(painter, QRectF(self.rect()), self._icon, self._token)


class ElidedLabel(QLabel):
    """One line, shortened in the middle; the whole text is its tip and its accessible name."""

    def __init__(
        self,
        look: Look,
        text: str = "",
        *,
        role: str = "body",
        tone: str = "text",
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideMiddle,
    ) -> None:
        super().__init__()
        self._mode = mode
        self._whole = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(look.theme.font(role))
        self.setProperty("tone", tone)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(24)
        self.show_text(text)

    def show_text(self, text: str) -> None:
        """Show another text."""
        if text != self._whole:
            self._whole = text
            self.setAccessibleName(text)
            self._shorten()

    def whole_text(self) -> str:
        """The text as it was given."""
        return self._whole

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        return QSize(metrics.horizontalAdvance(self._whole) + 2, metrics.height() + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(24, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._shorten()

    def _shorten(self) -> None:
        shown = QFontMetrics(self.font()).elidedText(self._whole, self._mode, max(1, self.width()))
        if shown != self.text():
            self.setText(shown)
        self.setToolTip(plain_tip(self._whole) if shown != self._whole else "")


def plain_tip(text: str) -> str:
    """A tip that stays plain text: Qt reads whatever looks like markup as markup."""
    if "<" not in text:
        return text
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace("\n", "<br>")
    return f"<qt>{escaped}</qt>"


def keep_gutter(area: QScrollArea, layout: QVBoxLayout, gutter: int) -> None:
    """Let the scroll bar stand in the right margin, so that nothing moves when it comes."""

    def fit(_least: int = 0, most: int = 0) -> None:
        bar = area.verticalScrollBar().sizeHint().width() if most else 0
        margins = layout.contentsMargins()
        margins.setRight(max(0, gutter - bar))
        layout.setContentsMargins(margins)

    area.verticalScrollBar().rangeChanged.connect(fit)
    fit()


class Pill(QWidget):
    """A state in a rounded chip: shape, word, colour."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._state = State("ring", "", "second")
        self.setFont(look.theme.font("small"))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        look.theme.changed.connect(self.update)

    def show_state(self, state: State) -> None:
        """Show another state."""
        if state != self._state:
            self._state = state
            self.setAccessibleName(state.word)
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        width = QFontMetrics(self.font()).horizontalAdvance(self._state.word)
        return QSize(width + 36, 22)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_pill(painter, QRectF(self.rect()), self._look, self._state)


def paint_pill(painter: QPainter, rect: QRectF, look: Look, state: State) -> None:
    """The chip itself, for widgets and delegates; an empty icon leaves only the word."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.theme.colour(state.soft))
    painter.drawRoundedRect(rect, rect.height() / 2, rect.height() / 2)
    left = rect.left() + 10
    if state.icon:
        side = 14.0
        box = QRectF(left - 1, rect.center().y() - side / 2, side, side)
        look.icons.paint(painter, box, state.icon, state.token)
        left += side + 4
    painter.setPen(QPen(look.theme.colour(state.token)))
    painter.setFont(look.theme.font("small"))
    painter.drawText(
        QRectF(left, rect.top(), rect.right() - left, rect.height()),
        Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
        state.word,
    )
    painter.restore()


def pill_width(look: Look, state: State) -> float:
    """How wide `paint_pill` needs to be."""
    text = QFontMetrics(look.theme.font("small")).horizontalAdvance(state.word)
    return text + 20 + (18 if state.icon else 0)


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


class Choices(QComboBox):
    """A drop-down with an arrow of ours."""

    def __init__(self, look: Look, name: str, choices: list[tuple[str, str]]) -> None:
        super().__init__()
        self._look = look
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

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        box = QRectF(self.width() - 26, self.height() / 2 - 7, 14, 14)
        self._look.icons.paint(painter, box, "down", "second")

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # scrolling past must not change a choice
