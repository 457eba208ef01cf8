"""A sheet inside the window: the rest is dimmed, and the keyboard stays in the sheet."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QApplication, QFrame, QGraphicsDropShadowEffect, QWidget

from ketter_gui.ui.look import Look
from ketter_gui.ui.parts import frame

_EDGE = 24


class Overlay(QWidget):
    """Covers its parent and holds one sheet in the middle. Esc leaves."""

    left = Signal()

    def __init__(self, look: Look, parent: QWidget, *, width: int) -> None:
        super().__init__(parent)
        self._look = look
        self._width = width
        self._window = parent
        self._focus_before = QApplication.focusWidget()
        self._focus: QWidget | None = None
        self.sheet: QFrame = frame("sheet")
        self.sheet.setParent(self)
        self.sheet.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._shade()
        look.theme.changed.connect(self._shade)
        parent.installEventFilter(self)
        self._application = QApplication.instance()
        if isinstance(self._application, QApplication):
            self._application.focusChanged.connect(self._keep_focus)
        self.setGeometry(parent.rect())
        self.setAccessibleName(self.tr("Sheet"))

    def open(self, focus: QWidget | None = None) -> None:
        """Show it on top and put the keyboard into it."""
        self.place()
        self.show()
        self.raise_()
        self._focus = focus or self._first()
        self._focus.setFocus(Qt.FocusReason.PopupFocusReason)

    def leave(self) -> None:
        """Close it and give the keyboard back to where it was."""
        if isinstance(self._application, QApplication):
            self._application.focusChanged.disconnect(self._keep_focus)
        self.hide()
        self.left.emit()
        if self._focus_before is not None:
            try:
                self._focus_before.setFocus(Qt.FocusReason.PopupFocusReason)
            except RuntimeError:  # that widget is gone meanwhile
                self._focus_before = None
        self.deleteLater()

    def _keep_focus(self, _old: QWidget | None, new: QWidget | None) -> None:
        """Back into the sheet. Of a window that was not active when it opened – something was
        dragged to it from another one – Qt gives the keyboard to the first of its buttons
        when it becomes active; Enter would press that, behind the sheet."""
        if new is None or not self.isVisible():
            return
        if self.isAncestorOf(new):
            self._focus = new
        elif new.window() is self._window.window() and not _in_overlay(new):
            self._inside().setFocus(Qt.FocusReason.OtherFocusReason)

    def _inside(self) -> QWidget:
        """Where the keyboard was last, if that is still there."""
        try:
            if self._focus is not None and takes_focus(self._focus):
                return self._focus
        except RuntimeError:  # that widget is gone meanwhile
            self._focus = None
        return self._first()

    def place(self) -> None:
        """In the middle, a little above it, and never larger than the window."""
        width = min(self._width, self.width() - 2 * _EDGE)
        wanted = self.sheet.sizeHint().height()
        if self.sheet.hasHeightForWidth():
            wanted = max(wanted, self.sheet.heightForWidth(width))
        height = min(wanted, self.height() - 2 * _EDGE)
        top = max(_EDGE, (self.height() - height) // 2 - (self.height() - height) // 6)
        self.sheet.setGeometry(QRect((self.width() - width) // 2, top, width, height))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window and event.type() == QEvent.Type.Resize:
            self.setGeometry(self._window.rect())
        return super().eventFilter(watched, event)

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: A002 - Qt's name
        """Tab goes round inside the sheet."""
        focus = QApplication.focusWidget()
        start: QWidget = focus if focus is not None and self.isAncestorOf(focus) else self.sheet
        reason = Qt.FocusReason.TabFocusReason if next else Qt.FocusReason.BacktabFocusReason
        widget: QWidget | None = start
        while widget is not None:
            widget = widget.nextInFocusChain() if next else widget.previousInFocusChain()
            if widget is start:
                break
            if widget is not None and self.isAncestorOf(widget) and takes_tab(widget):
                widget.setFocus(reason)
                break
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), self._look.theme.colour("dim"))

    def _first(self) -> QWidget:
        for widget in self.sheet.findChildren(QWidget):
            if takes_tab(widget):
                return widget
        return self.sheet

    def _shade(self) -> None:
        shadow = QGraphicsDropShadowEffect(self.sheet)
        shadow.setBlurRadius(36)
        shadow.setOffset(0, 10)
        shadow.setColor(QColor(self._look.theme.colour("shadow")))
        self.sheet.setGraphicsEffect(shadow)
        self.setPalette(QPalette(self._look.theme.palette()))


def _in_overlay(widget: QWidget) -> bool:
    above: QWidget | None = widget
    while above is not None and not isinstance(above, Overlay):
        above = above.parentWidget()
    return above is not None


def takes_focus(widget: QWidget) -> bool:
    """Whether it could have the keyboard now."""
    policy = widget.focusPolicy()
    return policy != Qt.FocusPolicy.NoFocus and widget.isVisible() and widget.isEnabled()


def takes_tab(widget: QWidget) -> bool:
    """Whether Tab may stop at a widget."""
    policy = widget.focusPolicy()
    return bool(policy & Qt.FocusPolicy.TabFocus) and widget.isVisible() and widget.isEnabled()
