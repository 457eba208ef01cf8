"""The queue as a flat list: a transfer, then the items that it unfolds to.

A flat list keeps selection, keyboard and screen reader simple, and is cheap: a row
unfolds to at most `limits.SHOWN_ITEMS` items; all of them are a table elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import IntEnum
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from ketter_gui.domain.limits import SHOWN_ITEMS
from ketter_gui.domain.status import TransferStatus
from ketter_gui.domain.views import ItemView, TransferView
from ketter_gui.ui.states import WORKS, item_state, transfer_state

Index = QModelIndex | QPersistentModelIndex

ROW_ROLE = Qt.ItemDataRole.UserRole + 1
"""The `QueueRow` itself, for the delegate and the page."""


class RowKind(IntEnum):
    """What a row is."""

    TRANSFER = 0
    ITEM = 1
    MORE = 2


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One row. `item` for items only; `is_last` closes the card; `hidden` is what MORE counts."""

    kind: RowKind
    transfer: TransferView
    item: ItemView | None = None
    is_unfolded: bool = False
    is_last: bool = True
    hidden: int = 0

    @property
    def key(self) -> tuple[int, int, int]:
        """What stays the same while figures change."""
        return (self.transfer.id, int(self.kind), self.item.id if self.item else 0)


class QueueModel(QAbstractListModel):
    """Takes a snapshot's transfers and tells views only what changed."""

    resized = Signal()
    """A row needs another height: views lay themselves out again."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[QueueRow] = []
        self._transfers: tuple[TransferView, ...] = ()
        self._unfolded: dict[int, bool] = {}

    def show(self, transfers: tuple[TransferView, ...]) -> None:
        """Show these transfers: rows come, go or are repainted, and selections stay."""
        self._transfers = transfers
        new: list[QueueRow] = []
        for transfer in transfers:
            new += rows_of(transfer, is_unfolded=self.is_unfolded(transfer))
        self._bring_in(new)

    def is_unfolded(self, transfer: TransferView) -> bool:
        """As a person chose, else while there is something to see."""
        if not (transfer.at_work or transfer.failed):
            return False
        return self._unfolded.get(transfer.id, True)

    def unfold(self, transfer: int, *, is_unfolded: bool) -> None:
        """A person's choice for one transfer; kept while the window is open."""
        self._unfolded[transfer] = is_unfolded
        self.show(self._transfers)

    def row_of(self, transfer: int) -> int:
        """The row of a transfer, -1 when it is not there."""
        for row, entry in enumerate(self._rows):
            if entry.kind is RowKind.TRANSFER and entry.transfer.id == transfer:
                return row
        return -1

    def at(self, row: int) -> QueueRow:
        """One row."""
        return self._rows[row]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return _heard(row)
        return None

    def turn(self) -> None:
        """Repaint what moves: called by the poll while something is at work."""
        for position, row in enumerate(self._rows):
            state = item_state(row.item) if row.item else transfer_state(row.transfer)
            if state.moves:
                index = self.index(position)
                self.dataChanged.emit(index, index, [ROW_ROLE])

    def has_motion(self) -> bool:
        """Whether anything turns."""
        return any(row.transfer.status in WORKS for row in self._rows)

    def _bring_in(self, new: list[QueueRow]) -> None:
        old_keys = [row.key for row in self._rows]
        new_keys = [row.key for row in new]
        if old_keys != new_keys:
            self._move_rows(old_keys, new_keys, new)
        resized = False
        for position, (old, row) in enumerate(zip(self._rows, new, strict=True)):
            if old is row or old == row:
                continue
            resized = resized or _height_key(old) != _height_key(row)
            self._rows[position] = row
            index = self.index(position)
            self.dataChanged.emit(index, index, [ROW_ROLE])
        if resized:
            self.resized.emit()

    def _move_rows(
        self, old: list[tuple[int, int, int]], new: list[tuple[int, int, int]], rows: list[QueueRow]
    ) -> None:
        """Remove and insert the fewest ranges; the common head and tail are left alone."""
        head = _common(old, new)
        tail = _common(old[head:][::-1], new[head:][::-1])
        old_middle, new_middle = old[head : len(old) - tail], new[head : len(new) - tail]
        steps = SequenceMatcher(None, old_middle, new_middle, autojunk=False).get_opcodes()
        for tag, old_from, old_to, new_from, new_to in reversed(steps):
            if tag in {"delete", "replace"}:
                self.beginRemoveRows(QModelIndex(), head + old_from, head + old_to - 1)
                del self._rows[head + old_from : head + old_to]
                self.endRemoveRows()
            if tag in {"insert", "replace"}:
                first = head + old_from
                self.beginInsertRows(QModelIndex(), first, first + new_to - new_from - 1)
                self._rows[first:first] = rows[head + new_from : head + new_to]
                self.endInsertRows()


def rows_of(transfer: TransferView, *, is_unfolded: bool) -> list[QueueRow]:
    """A transfer's own row, and those that it unfolds to."""
    if not is_unfolded:
        return [QueueRow(RowKind.TRANSFER, transfer)]
    items = shown_items(transfer)
    hidden = transfer.files_total - len(items)
    rows = [QueueRow(RowKind.TRANSFER, transfer, is_unfolded=True, is_last=False)]
    rows += [QueueRow(RowKind.ITEM, transfer, item, is_last=False) for item in items]
    rows.append(QueueRow(RowKind.MORE, transfer, hidden=max(0, hidden)))
    return rows


def shown_items(transfer: TransferView) -> list[ItemView]:
    """Failed items first: they need somebody; then those at work, each once."""
    seen: dict[int, ItemView] = {item.id: item for item in transfer.failed}
    for item in transfer.at_work:
        seen.setdefault(item.id, item)
    return list(seen.values())[:SHOWN_ITEMS]


def is_over(transfer: TransferView) -> bool:
    """Nothing happens to it any more unless somebody asks."""
    return transfer.status in {
        TransferStatus.COMPLETED,
        TransferStatus.FAILED,
        TransferStatus.CANCELLED,
    }


def _height_key(row: QueueRow) -> tuple[bool, bool, str]:
    return (row.is_last, row.is_unfolded, row.item.message if row.item else "")


def _common(left: Sequence[object], right: Sequence[object]) -> int:
    length = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        length += 1
    return length


def _heard(row: QueueRow) -> str:
    """What a screen reader says, and what typing on the list searches."""
    if row.item is not None:
        message = f", {row.item.message}" if row.item.message else ""
        return f"{row.item.path.text}, {item_state(row.item).word}{message}"
    if row.kind is RowKind.MORE:
        return f"{row.transfer.name}, …"
    total = row.transfer.bytes_total
    done = row.transfer.bytes_verified + row.transfer.bytes_renamed
    percent = f", {done * 100 // total} %" if total else ""
    return f"{row.transfer.name}, {transfer_state(row.transfer).word}{percent}"
