"""Paints the queue: cards with two-layer bars, and the items that they unfold to."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetricsF, QMouseEvent, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ketter_gui.domain.status import CopyStatus, TransferStatus
from ketter_gui.domain.views import ItemView
from ketter_gui.ui import queue_text
from ketter_gui.ui.bars import item_parts, paint_bar, transfer_parts
from ketter_gui.ui.look import Look
from ketter_gui.ui.parts import paint_pill, pill_width
from ketter_gui.ui.queue_model import ROW_ROLE, QueueRow, RowKind
from ketter_gui.ui.states import item_state, transfer_state
from ketter_gui.ui.text import elided, paint_path, wrapped_height

Index = QModelIndex | QPersistentModelIndex

GUTTER = 16
"""At the right of the cards, for the scroll bar."""

_GAP = 12
_PAD = 16
_ICON_LEFT = 18
_TEXT_LEFT = 46
_ITEM_TEXT_LEFT = 76
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class QueueDelegate(QStyledItemDelegate):
    """Knows how a row looks and where in it one can click; asks others to act."""

    unfold_asked = Signal(object, bool)
    retry_asked = Signal(object)
    files_asked = Signal(object)

    def __init__(self, look: Look, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.turn_degrees = 0

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        row: QueueRow = index.data(ROW_ROLE)
        width = _row_width(option)
        item_height = self._look.theme.measure("row-item")
        match row.kind:
            case RowKind.TRANSFER:
                height = self._look.theme.measure("row-transfer")
                height += self._sentence_height(queue_text.said_below(row.transfer), width - 62)
            case RowKind.ITEM:
                message = row.item.message if row.item else ""
                height = item_height + self._sentence_height(message, width - _ITEM_TEXT_LEFT - 80)
            case _:
                height = item_height + 8
        return QSize(width, height + (_GAP if row.is_last else 0))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: QueueRow = index.data(ROW_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = _card_rect(option)
        if row.is_last:
            rect.setHeight(rect.height() - _GAP)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        self._paint_card(painter, rect, row, is_selected=selected, has_focus=focused)
        match row.kind:
            case RowKind.TRANSFER:
                self._paint_transfer(painter, rect, row)
            case RowKind.ITEM:
                self._paint_item(painter, rect, row)
            case RowKind.MORE:
                self._paint_more(painter, rect, row)
        painter.restore()

    def editorEvent(
        self,
        event: QEvent,
        model: QAbstractItemModel,
        option: QStyleOptionViewItem,
        index: Index,
    ) -> bool:
        if not isinstance(event, QMouseEvent) or event.button() != Qt.MouseButton.LeftButton:
            return False
        if event.type() != QEvent.Type.MouseButtonRelease:
            return False
        row: QueueRow = index.data(ROW_ROLE)
        rect = _card_rect(option)
        point = event.position()
        if row.kind is RowKind.MORE:
            self.files_asked.emit(row.transfer.id)
            return True
        if row.kind is RowKind.TRANSFER:
            if self._retry_rect(rect, row).contains(point):
                self.retry_asked.emit(row.transfer.id)
                return True
            if _can_unfold(row) and _fold_rect(rect).contains(point):
                self.unfold_asked.emit(row.transfer.id, not row.is_unfolded)
                return True
        return False

    def _paint_card(
        self,
        painter: QPainter,
        rect: QRectF,
        row: QueueRow,
        *,
        is_selected: bool,
        has_focus: bool,
    ) -> None:
        theme = self._look.theme
        corner = theme.measure("corner-card")
        is_top = row.kind is RowKind.TRANSFER
        path = _card_path(
            rect.adjusted(0.5, 0.5, -0.5, -0.5 if row.is_last else 0.5),
            corner,
            round_top=is_top,
            round_bottom=row.is_last,
        )
        painter.setClipRect(rect)
        painter.fillPath(path, theme.colour("surface"))
        if is_selected and row.kind is not RowKind.TRANSFER:
            inner = rect.adjusted(6, 0, -6, 0)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("accent-soft"))
            painter.drawRoundedRect(inner, 6, 6)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.drawPath(path)
        if is_top and not row.is_last:
            painter.drawLine(
                QPointF(rect.left(), rect.bottom() - 0.5),
                QPointF(rect.right(), rect.bottom() - 0.5),
            )
        elif not is_top:  # no line between the rows of one card
            erase = QRectF(rect.left() + 1, rect.top(), rect.width() - 2, 1.5)
            painter.fillRect(erase, theme.colour("surface"))
            if is_selected:
                painter.fillRect(erase.adjusted(11, 0, -11, 0), theme.colour("accent-soft"))
        if is_selected and is_top:
            painter.setPen(QPen(theme.colour("accent"), 2 if has_focus else 1.2))
            painter.drawPath(
                _card_path(
                    rect.adjusted(1, 1, -1, -1),
                    corner - 1,
                    round_top=True,
                    round_bottom=row.is_last,
                )
            )
        painter.setClipping(False)

    def _paint_transfer(self, painter: QPainter, rect: QRectF, row: QueueRow) -> None:
        theme, words, transfer = self._look.theme, self._look.words, row.transfer
        state = transfer_state(transfer)
        line_height = QFontMetricsF(theme.font("body")).height() + 4
        first = QRectF(rect.left() + _TEXT_LEFT, rect.top() + 11, 0, line_height + 2)
        first.setRight(rect.right() - _PAD)
        second = QRectF(first.left(), first.bottom() + 1, first.width(), line_height)
        icon = QRectF(rect.left() + _ICON_LEFT, first.center().y() - 9, 18, 18)
        turn = self.turn_degrees if state.moves else 0
        self._look.icons.paint(painter, icon, state.icon, state.token, turn_degrees=turn)
        if _can_unfold(row):
            fold = QRectF(icon.left() + 3, second.center().y() - 6, 12, 12)
            self._look.icons.paint(painter, fold, "down" if row.is_unfolded else "right", "second")
        right = self._paint_headline(painter, first, row)
        self._paint_name(
            painter, QRectF(first.left(), first.top(), right - first.left(), first.height()), row
        )
        painter.setFont(theme.font("body"))
        painter.setPen(theme.colour("second"))
        remark = queue_text.remark(transfer, words)
        metrics = QFontMetricsF(painter.font())
        remark_width = min(metrics.horizontalAdvance(remark) + 2, second.width() * 0.55)
        painter.drawText(second, _RIGHT, elided(metrics, remark, remark_width, end=True))
        facts = elided(
            metrics, queue_text.facts(transfer, words), second.width() - remark_width - 16, end=True
        )
        painter.drawText(second, _LEFT, facts)
        copied, verified, failed = transfer_parts(transfer)
        bar = QRectF(first.left(), second.bottom() + 7, first.width(), 8)
        paint_bar(painter, bar, theme, copied=copied, verified=verified, failed=failed)
        self._paint_sentence(
            painter,
            queue_text.said_below(transfer),
            QRectF(bar.left(), bar.bottom() + 6, bar.width(), rect.bottom() - bar.bottom()),
        )

    def _paint_headline(self, painter: QPainter, line: QRectF, row: QueueRow) -> float:
        """The right end of the first line; returns where the name has to stop."""
        theme = self._look.theme
        button = self._retry_rect(
            QRectF(line.left() - _TEXT_LEFT, line.top() - 11, 0, 0), row, line.right()
        )
        if not button.isNull():
            painter.setPen(QPen(theme.colour("line"), 1))
            painter.setBrush(theme.colour("surface"))
            painter.drawRoundedRect(button, 6, 6)
            painter.setFont(theme.font("body-medium"))
            painter.setPen(theme.colour("text"))
            painter.drawText(
                button,
                Qt.AlignmentFlag.AlignCenter,
                queue_text.retry_text(row.transfer, self._look.words),
            )
            return button.left() - 12
        text = queue_text.headline(row.transfer, self._look.words)
        painter.setFont(theme.font("body-strong"))
        painter.setPen(theme.colour("text"))
        painter.drawText(line, _RIGHT, text)
        return line.right() - QFontMetricsF(painter.font()).horizontalAdvance(text) - 12

    def _paint_name(self, painter: QPainter, line: QRectF, row: QueueRow) -> None:
        theme = self._look.theme
        chip = queue_text.chip(row.transfer, self._look.words)
        chip_width = pill_width(self._look, chip)
        font = theme.font("row")
        metrics = QFontMetricsF(font)
        if metrics.horizontalAdvance(row.transfer.name) > line.width() - chip_width - 8:
            chip = queue_text.chip(row.transfer, self._look.words, short=True)
            chip_width = pill_width(self._look, chip)
        name = elided(metrics, row.transfer.name, max(40.0, line.width() - chip_width - 8))
        painter.setFont(font)
        painter.setPen(theme.colour("text"))
        painter.drawText(line, _LEFT, name)
        left = line.left() + metrics.horizontalAdvance(name) + 9
        if left + chip_width <= line.right() + 1:
            box = QRectF(left, line.center().y() - 11, chip_width, 22)
            paint_pill(painter, box, self._look, chip)

    def _paint_item(self, painter: QPainter, rect: QRectF, row: QueueRow) -> None:
        assert row.item is not None
        theme, words, item = self._look.theme, self._look.words, row.item
        state = item_state(item)
        height = theme.measure("row-item")
        line = QRectF(rect.left(), rect.top(), rect.width(), height)
        icon = QRectF(line.left() + 48, line.center().y() - 8, 16, 16)
        turn = self.turn_degrees if state.moves else 0
        self._look.icons.paint(painter, icon, state.icon, state.token, turn_degrees=turn)
        metrics = QFontMetricsF(theme.font("body"))
        word_width = max(92.0, metrics.horizontalAdvance("Verifying 100 %") + 4)
        bar_width = 150.0 if rect.width() > 640 else 72.0
        word_left = line.right() - _PAD - word_width
        bar = QRectF(word_left - 12 - bar_width, line.center().y() - 3, bar_width, 6)
        copied, verified, failed = item_parts(item)
        paint_bar(painter, bar, theme, copied=copied, verified=verified, failed=failed)
        painter.setFont(theme.font("body"))
        painter.setPen(theme.colour("second"))
        word = elided(metrics, _item_word(item, state.word, self._look), word_width, end=True)
        painter.drawText(QRectF(word_left, line.top(), word_width, height), _LEFT, word)
        size_width = 70.0 if rect.width() > 560 else 0.0
        size_left = bar.left() - 12 - size_width
        if size_width:
            size = words.size(item.size_bytes)
            painter.drawText(QRectF(size_left, line.top(), size_width, height), _RIGHT, size)
        text = QRectF(line.left() + _ITEM_TEXT_LEFT, line.top(), 0, height)
        text.setRight(size_left - 8)
        paint_path(painter, text, item.path.text, theme)
        below = QRectF(
            text.left(),
            line.bottom() - 2,
            rect.width() - _ITEM_TEXT_LEFT - 80,
            rect.bottom() - line.bottom(),
        )
        self._paint_sentence(painter, item.message, below)

    def _paint_more(self, painter: QPainter, rect: QRectF, row: QueueRow) -> None:
        theme = self._look.theme
        line = QRectF(
            rect.left() + _ITEM_TEXT_LEFT, rect.top(), rect.width(), theme.measure("row-item")
        )
        painter.setFont(theme.font("body"))
        painter.setPen(theme.colour("second"))
        more = self._look.words.count(row.hidden, self.tr("1 more file"), self.tr("%1 more files"))
        text = f"{more} · " if row.hidden else ""
        painter.drawText(line, _LEFT, text)
        left = line.left() + QFontMetricsF(painter.font()).horizontalAdvance(text)
        painter.setPen(theme.colour("accent"))
        painter.drawText(
            line.adjusted(left - line.left(), 0, 0, 0), _LEFT, self.tr("show all files")
        )

    def _paint_sentence(self, painter: QPainter, text: str, rect: QRectF) -> None:
        if not text:
            return
        painter.setFont(self._look.theme.font("body"))
        painter.setPen(self._look.theme.colour("second"))
        flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
        painter.drawText(rect, flags, text)

    def _sentence_height(self, text: str, width: int) -> int:
        if not text:
            return 0
        return wrapped_height(self._look.theme.font("body"), text, width) + 6

    def _retry_rect(self, rect: QRectF, row: QueueRow, right: float | None = None) -> QRectF:
        if row.transfer.status is not TransferStatus.FAILED:
            return QRectF()
        metrics = QFontMetricsF(self._look.theme.font("body-medium"))
        width = (
            metrics.horizontalAdvance(queue_text.retry_text(row.transfer, self._look.words)) + 26
        )
        end = rect.right() - _PAD if right is None else right
        return QRectF(end - width, rect.top() + 10.5, width, 27)


def _item_word(item: ItemView, word: str, look: Look) -> str:
    size = max(1, item.size_bytes)
    if item.status is CopyStatus.COPYING:
        return f"{word} {look.words.percent(min(999, item.copied_bytes * 1000 // size))}"
    if item.status is CopyStatus.VERIFYING:
        return f"{word} {look.words.percent(min(999, item.verified_bytes * 1000 // size))}"
    return word


def _row_width(option: QStyleOptionViewItem) -> int:
    """Cards keep their width whether a scroll bar is there or not: it has a gutter."""
    return int(option.widget.width()) - GUTTER


def _card_rect(option: QStyleOptionViewItem) -> QRectF:
    rect = QRectF(option.rect)
    rect.setWidth(_row_width(option))
    return rect


def _can_unfold(row: QueueRow) -> bool:
    return bool(row.transfer.at_work or row.transfer.failed)


def _fold_rect(rect: QRectF) -> QRectF:
    return QRectF(QRect(int(rect.left()), int(rect.top()), _TEXT_LEFT - 2, 70))


def _card_path(rect: QRectF, corner: float, *, round_top: bool, round_bottom: bool) -> QPainterPath:
    path = QPainterPath()
    if round_top and round_bottom:
        path.addRoundedRect(rect, corner, corner)
        return path
    top = corner if round_top else 0.0
    bottom = corner if round_bottom else 0.0
    path.moveTo(rect.left(), rect.top() + top)
    if top:
        path.arcTo(rect.left(), rect.top(), 2 * top, 2 * top, 180, -90)
    path.lineTo(rect.right() - top, rect.top())
    if top:
        path.arcTo(rect.right() - 2 * top, rect.top(), 2 * top, 2 * top, 90, -90)
    path.lineTo(rect.right(), rect.bottom() - bottom)
    if bottom:
        path.arcTo(
            rect.right() - 2 * bottom, rect.bottom() - 2 * bottom, 2 * bottom, 2 * bottom, 0, -90
        )
    path.lineTo(rect.left() + bottom, rect.bottom())
    if bottom:
        path.arcTo(rect.left(), rect.bottom() - 2 * bottom, 2 * bottom, 2 * bottom, 270, -90)
    path.closeSubpath()
    return path
