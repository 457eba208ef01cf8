"""The look of every table: rows of one height, states as shapes, names shortened in the
middle, columns that keep their width."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRectF, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPen, QResizeEvent
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


class Table(QTableView):
    """A paged table; `looked_at` tells which row a person is on."""

    looked_at = Signal(object)

    def __init__(self, look: Look, model: PagedModel[Any], name: str) -> None:
        super().__init__()
        self._look = look
        self._model = model
        self.setAccessibleName(name)
        self.setModel(model)
        self.setItemDelegate(TableDelegate(look, self))
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

    def _tell(self) -> None:
        self.looked_at.emit(self.current())


class TableDelegate(QStyledItemDelegate):
    """Paints a cell as its column says."""

    def __init__(self, look: Look, parent: QObject) -> None:
        super().__init__(parent)
        self._look = look

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme = self._look.theme
        column: Column[Any] = index.data(COLUMN_ROLE)
        rect = QRectF(option.rect)
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, theme.colour("accent-soft"))
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
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
