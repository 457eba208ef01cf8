"""The look of every table: rows of one height, states as shapes, names shortened in the
middle, columns that keep their width."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    Qt,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QFontMetricsF, QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from ketter_gui.ui.look import Look
from ketter_gui.ui.paged import COLUMN_ROLE, ROW_ROLE, STATE_ROLE, Column, PagedModel
from ketter_gui.ui.states import State
from ketter_gui.ui.text import elided, paint_path

Index = QModelIndex | QPersistentModelIndex
_PAD = 8

_KEPT_CELLS = 400
"""A screen full of them, and some more: about 12 MB."""

_Cell = tuple[int, int, int, int, bool, float]
"""The row's id, the column, its width and height, whether it is selected, pixels a point."""


class Table(QTableView):
    """A paged table; `looked_at` tells which row a person is on."""

    looked_at = Signal(object)

    menu_asked = Signal(object, QPoint)
    """The row that a context menu is wanted for, by pointer or key, and where on the screen."""

    opened = Signal(object)
    """A row was double-clicked."""

    def __init__(self, look: Look, model: PagedModel[Any], name: str) -> None:
        super().__init__()
        self._look = look
        self._model = model
        self.setAccessibleName(name)
        self.setModel(model)
        self.setItemDelegate(TableDelegate(look, model, self))
        self.setFont(look.theme.font("body"))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        height = look.theme.measure("row-table")
        self.verticalHeader().setDefaultSectionSize(height)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setFont(look.theme.font("small-strong"))
        header.setFixedHeight(height)
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.selectionModel().currentRowChanged.connect(lambda *_: self._tell())
        model.loaded.connect(self._tell)
        self.doubleClicked.connect(self._open)
        look.theme.changed.connect(self.viewport().update)

    def first_seen(self) -> int:
        """The first row in view."""
        return max(0, self.rowAt(0))

    def current(self) -> Any:
        """The row a person is on, or None."""
        index = self.currentIndex()
        return index.data(ROW_ROLE) if index.isValid() else None

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def fit(self) -> None:
        """Share the width: fixed columns keep theirs, the others divide what is left."""
        width = self.viewport().width()
        columns = self._model.columns
        shown = [c for c in columns if width >= c.hides_below]
        fixed = sum(c.width for c in shown)
        open_ones = [c for c in shown if not c.width]
        rest = max(80, (width - fixed) // max(1, len(open_ones)))
        for position, column in enumerate(columns):
            self.setColumnHidden(position, column not in shown)
            self.setColumnWidth(position, column.width or rest)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Beside the row, when a key asked for it."""
        is_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if is_key else self.indexAt(event.pos())
        row = index.data(ROW_ROLE) if index.isValid() else None
        if row is None:
            return
        rect = self.visualRect(self.model().index(index.row(), 1))
        point = self.viewport().mapToGlobal(rect.bottomLeft()) if is_key else event.globalPos()
        self.menu_asked.emit(row, point)

    def _open(self, index: QModelIndex) -> None:
        row = index.data(ROW_ROLE)
        if row is not None:
            self.opened.emit(row)

    def _tell(self) -> None:
        self.looked_at.emit(self.current())


class TableDelegate(QStyledItemDelegate):
    """Paints a cell as its column says, once: every call into Qt gives the interpreter's
    lock away, and beside two transfers of small files it has to be waited for each time. A
    cell whose row has not changed is one call."""

    def __init__(self, look: Look, model: PagedModel[Any], parent: QObject) -> None:
        super().__init__(parent)
        self._look = look
        self._model = model
        self._cells: OrderedDict[_Cell, tuple[Any, QPixmap]] = OrderedDict()
        look.theme.changed.connect(self._cells.clear)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = self._model.row(index.row())
        rect: QRect = option.rect
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if row is None:  # it is on its way
            self._paint_cell(painter, QRectF(rect), index, is_selected=is_selected)
            return
        ratio = painter.device().devicePixelRatioF()
        # The row is kept beside its picture: as long as it is, no other has its id.
        cell = (id(row), index.column(), rect.width(), rect.height(), is_selected, ratio)
        known = self._cells.get(cell)
        if known is None:
            picture = self._picture(painter, rect, index, is_selected=is_selected, ratio=ratio)
            known = self._cells[cell] = (row, picture)
            if len(self._cells) > _KEPT_CELLS:
                self._cells.popitem(last=False)
        painter.drawPixmap(rect.topLeft(), known[1])

    def _picture(
        self, painter: QPainter, rect: QRect, index: Index, *, is_selected: bool, ratio: float
    ) -> QPixmap:
        picture = QPixmap(rect.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        on_it = QPainter(picture)
        on_it.setRenderHints(painter.renderHints())
        on_it.setLayoutDirection(painter.layoutDirection())
        within = QRectF(0, 0, rect.width(), rect.height())
        self._paint_cell(on_it, within, index, is_selected=is_selected)
        on_it.end()
        return picture

    def _paint_cell(
        self, painter: QPainter, rect: QRectF, index: Index, *, is_selected: bool
    ) -> None:
        theme = self._look.theme
        column: Column[Any] = index.data(COLUMN_ROLE)
        painter.save()
        if is_selected:
            painter.fillRect(rect, theme.colour("accent-soft"))
        painter.fillRect(
            QRectF(rect.left(), rect.bottom() - 1, rect.width(), 1), theme.colour("line")
        )
        inner = rect.adjusted(_PAD, 0, -_PAD, 0)
        state = index.data(STATE_ROLE)
        if isinstance(state, State):
            box = QRectF(inner.left() + 2, rect.center().y() - 8.5, 17, 17)
            self._look.icons.paint(painter, box, state.icon, state.token)
            inner.setLeft(box.right() + 7)
        self._paint_text(painter, inner, column, index)
        painter.restore()

    def _paint_text(
        self, painter: QPainter, rect: QRectF, column: Column[Any], index: Index
    ) -> None:
        text = index.data(Qt.ItemDataRole.DisplayRole)
        if not text:
            return
        theme = self._look.theme
        role = "body-strong" if column.is_strong else "body"
        painter.setFont(theme.fixed_font() if column.is_fixed else theme.font(role))
        row = index.data(ROW_ROLE)
        if column.is_path:
            paint_path(painter, rect, str(text), theme)
            return
        painter.setPen(theme.colour(column.token(row) if row is not None else "second"))
        is_name = column.is_strong or column.is_fixed
        metrics = QFontMetricsF(painter.font())
        shown = elided(metrics, str(text), rect.width(), end=not is_name)
        side = Qt.AlignmentFlag.AlignRight if column.is_right else Qt.AlignmentFlag.AlignLeft
        painter.drawText(rect, side | Qt.AlignmentFlag.AlignVCenter, shown)
