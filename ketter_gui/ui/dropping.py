"""What is held over the window, and let go: the whole window takes files and folders."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QDragMoveEvent, QDropEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ketter_gui.ui.drop import has_paths, paths_from
from ketter_gui.ui.empty_queue import paint_target
from ketter_gui.ui.look import Look


class Dropping(QObject):
    """Listens to a window's drags; always answers with a copy, so that no file manager
    takes it for a move and removes anything."""

    held = Signal(object)
    """The QPoint over which something is held, or None once it is not."""

    let_go = Signal(object, object)
    """The paths in bytes, and the QPoint."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QDragMoveEvent):  # entering is a move too
            if has_paths(event.mimeData()):
                event.setDropAction(Qt.DropAction.CopyAction)
                event.accept()
                self.held.emit(event.position().toPoint())
            else:
                event.ignore()
            return True
        if event.type() == QEvent.Type.DragLeave:
            self.held.emit(None)
            return True
        if isinstance(event, QDropEvent):
            self.held.emit(None)
            paths = paths_from(event.mimeData())
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.let_go.emit(paths, event.position().toPoint())
            return True
        return super().eventFilter(watched, event)


class Target(QWidget):
    """Lies over the content while something is held over the window."""

    def __init__(self, look: Look, content: QWidget) -> None:
        super().__init__(content)
        self._look = look
        self._content = content
        self._text = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def light(self, *, lit: bool, text: str = "") -> None:
        """Show it, or take it away; without a text it is about a new transfer."""
        self.setVisible(lit)
        self._text = text or self.tr("Let go to choose where it goes")
        if lit:
            self.setGeometry(self._content.rect())
            self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        rect = QRectF(self.rect()).adjusted(10, 10, -10, -10)
        painter.setOpacity(0.94)
        paint_target(painter, rect, self._look, lit=True)
        painter.setOpacity(1)
        painter.setPen(self._look.theme.colour("text"))
        painter.setFont(self._look.theme.font("page"))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self._text)
