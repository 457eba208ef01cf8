"""The small pieces that every place of the window is made of."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import (
    QFontMetrics,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ketter_gui.ui.look import Look
from ketter_gui.ui.states import State

_DRAWING = QSize(104, 52)


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


class IconView(QWidget):
    """An icon that stands beside words and carries no meaning of its own."""

    def __init__(self, look: Look, icon: str, token: str = "second", *, size: int = 18) -> None:
        super().__init__()
        self._look = look
        self._icon = icon
        self._token = token
        self._degrees = 0
        self.setFixedSize(size, size)
        look.theme.changed.connect(self.update)

    def show_icon(self, icon: str, token: str) -> None:
        """Change the drawing or its colour."""
        if (icon, token) != (self._icon, self._token):
            self._icon, self._token = icon, token
            self._degrees = 0
            self.update()

    def turn(self, degrees: int) -> None:
        """Turn it on: it stands for something that moves."""
        self._degrees = (self._degrees + degrees) % 360
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, rect = QPainter(self), QRectF(self.rect())
        self._look.icons.paint(painter, rect, self._icon, self._token, turn_degrees=self._degrees)


class Drawing(QWidget):
    """The large drawing of an empty page."""

    def __init__(self, look: Look, name: str) -> None:
        super().__init__()
        self._look, self._name = look, name
        self.setFixedSize(_DRAWING)
        look.theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        ratio = self.devicePixelRatioF()
        picture = self._look.icons.picture(self._name, "accent", _DRAWING, ratio)
        QPainter(self).drawPixmap(0, 0, picture)


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
