"""The queue: what runs, waits, failed and is done."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QMenu, QWidget

from ketter_gui.domain.views import ItemView, Snapshot, TransferView
from ketter_gui.ui.actions import Actions, Verb, possible
from ketter_gui.ui.empty_queue import EmptyQueue
from ketter_gui.ui.look import Look
from ketter_gui.ui.parts import column, label, set_text
from ketter_gui.ui.queue_delegate import QueueDelegate
from ketter_gui.ui.queue_model import ROW_ROLE, QueueModel, QueueRow, RowKind
from ketter_gui.ui.queue_text import queue_summary

_TURN_DEGREES = 45


class QueuePage(QWidget):
    """A list of cards, or the drop target when there is none."""

    selected = Signal(object, object)
    """The TransferView and the ItemView (or None) that a person looks at."""

    files_asked = Signal(object)

    def __init__(self, look: Look, actions: Actions) -> None:
        super().__init__()
        self._look = look
        self._actions = actions
        layout = column(self, spacing=0)
        self.empty = EmptyQueue(look)
        layout.addWidget(self.empty, 1)
        self._head = QWidget()
        head = column(self._head, margins=(0, 0, 0, 14), spacing=2)
        head.addWidget(label(look, self.tr("Queue"), role="page"))
        self._summary = label(look, tone="second")
        head.addWidget(self._summary)
        layout.addWidget(self._head)
        self.model = QueueModel(self)
        self.delegate = QueueDelegate(look, self)
        self.view = _QueueView(self.model, self.delegate, actions)
        self.view.setAccessibleName(self.tr("Transfers"))
        layout.addWidget(self.view, 1)
        self.model.resized.connect(self.view.scheduleDelayedItemsLayout)
        self.view.menu_asked.connect(self._show_menu)
        self.view.fold_asked.connect(self._fold)
        self.view.files_asked.connect(self.files_asked)
        self.delegate.unfold_asked.connect(
            lambda number, unfolded: self.model.unfold(number, is_unfolded=unfolded)
        )
        self.delegate.retry_asked.connect(self._retry)
        self.delegate.files_asked.connect(self.files_asked)
        self.view.selectionModel().currentChanged.connect(lambda *_: self._tell())
        look.theme.changed.connect(self.view.viewport().update)
        self.show_snapshot(Snapshot((), 0, None, 0, 0))

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Repaint what changed; keep what a person has selected."""
        self.model.show(snapshot.transfers)
        has_any = bool(snapshot.transfers)
        self.empty.setVisible(not has_any)
        self._head.setVisible(has_any)
        self.view.setVisible(has_any)
        set_text(self._summary, queue_summary(snapshot.transfers, self._look.words))
        if has_any and not self.view.currentIndex().isValid():
            self.select(snapshot.transfers[0].id)
        else:
            self._tell()

    def turn(self) -> None:
        """A step of whatever turns."""
        if self.model.has_motion() and self._look.theme.wants_motion():
            self.delegate.turn_degrees = (self.delegate.turn_degrees + _TURN_DEGREES) % 360
            self.model.turn()

    def select(self, transfer: int) -> None:
        """Select a transfer and bring it into view."""
        row = self.model.row_of(transfer)
        if row >= 0:
            index = self.model.index(row)
            self.view.selectionModel().setCurrentIndex(
                index, QItemSelectionModel.SelectionFlag.ClearAndSelect
            )
            self.view.scrollTo(index)

    def current(self) -> QueueRow | None:
        """The selected row."""
        return self.view.current_row()

    def _tell(self) -> None:
        row = self.current()
        transfer: TransferView | None = row.transfer if row else None
        item: ItemView | None = row.item if row else None
        self.selected.emit(transfer, item)

    def _retry(self, number: int) -> None:
        row = self.model.row_of(number)
        if row >= 0:
            self._actions.ask(Verb.RETRY, self.model.at(row).transfer)

    def _fold(self, unfolded: bool) -> None:
        row = self.current()
        if row is not None:
            self.model.unfold(row.transfer.id, is_unfolded=unfolded)
            if not unfolded:
                self.select(row.transfer.id)

    def _show_menu(self, point: QPoint) -> None:
        row = self.current()
        if row is not None:
            menu = transfer_menu(self, self._look, self._actions, row.transfer)
            menu.addSeparator()
            action = menu.addAction(self._look.icons.icon("files"), self.tr("All files…"))
            action.triggered.connect(lambda: self.files_asked.emit(row.transfer.id))
            menu.exec(point)


class _QueueView(QListView):
    """The keys of the queue: Space, Delete, Left and Right, Enter."""

    menu_asked = Signal(QPoint)
    fold_asked = Signal(bool)
    files_asked = Signal(object)

    def __init__(self, model: QueueModel, delegate: QueueDelegate, actions: Actions) -> None:
        super().__init__()
        self._actions = actions
        self.setModel(model)
        self.setItemDelegate(delegate)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setMouseTracking(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(
            lambda point: self.menu_asked.emit(self.viewport().mapToGlobal(point))
        )
        self.verticalScrollBar().setSingleStep(24)

    def current_row(self) -> QueueRow | None:
        """The selected row."""
        index = self.currentIndex()
        row = index.data(ROW_ROLE) if index.isValid() else None
        return row if isinstance(row, QueueRow) else None

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.scheduleDelayedItemsLayout()  # sentences wrap differently now

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self.current_row()
        if row is None:
            super().keyPressEvent(event)
            return
        match event.key():
            case Qt.Key.Key_Space:
                can = possible(row.transfer)
                self._actions.ask(Verb.PAUSE if Verb.PAUSE in can else Verb.RESUME, row.transfer)
            case Qt.Key.Key_Delete:
                self._actions.ask(Verb.CANCEL, row.transfer)
            case Qt.Key.Key_Left | Qt.Key.Key_Right:
                is_forward = (event.key() == Qt.Key.Key_Right) != self.isRightToLeft()
                self.fold_asked.emit(is_forward)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if row.kind is not RowKind.TRANSFER:
                self.files_asked.emit(row.transfer.id)
            case _:
                super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index: QModelIndex = self.indexAt(event.position().toPoint())
        row = index.data(ROW_ROLE) if index.isValid() else None
        if isinstance(row, QueueRow) and row.kind is RowKind.TRANSFER:
            self.fold_asked.emit(not row.is_unfolded)
        super().mouseDoubleClickEvent(event)


def transfer_menu(parent: QWidget, look: Look, actions: Actions, transfer: TransferView) -> QMenu:
    """What one can do to a transfer, as a context menu."""
    menu = QMenu(parent)
    can = possible(transfer)
    for verb, icon, text, key in (
        (Verb.PAUSE, "pause", parent.tr("Pause"), "Space"),
        (Verb.RESUME, "play", parent.tr("Resume"), "Space"),
        (Verb.RETRY, "retry", parent.tr("Retry what failed"), ""),
        (Verb.CANCEL, "close", parent.tr("Cancel…"), "Del"),
    ):
        if verb in can:
            action = menu.addAction(look.icons.icon(icon), f"{text}\t{key}" if key else text)
            action.triggered.connect(lambda _checked=False, v=verb: actions.ask(v, transfer))
    return menu
