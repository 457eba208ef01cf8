"""A table of any length: rows are read from the service a page at a time, when seen.

Sorting and filtering are the ledger's business. Reading happens in the background; a
row that has not come yet is empty for a moment.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from ketter_gui.ui.background import Background, Job
from ketter_gui.ui.states import State

Index = QModelIndex | QPersistentModelIndex
T = TypeVar("T")

PAGE = 200
_KEPT_PAGES = 40

ROW_ROLE = Qt.ItemDataRole.UserRole + 1
STATE_ROLE = Qt.ItemDataRole.UserRole + 2
COLUMN_ROLE = Qt.ItemDataRole.UserRole + 3


@dataclass(frozen=True, slots=True)
class Column(Generic[T]):
    """A column as data: its title, its width (0: what is left), and how to read a row."""

    title: str
    width: int
    text: Callable[[T], str]
    token: Callable[[T], str] = lambda _row: "text"
    state: Callable[[T], State] | None = None
    is_right: bool = False
    is_strong: bool = False
    is_path: bool = False
    is_fixed: bool = False
    hides_below: int = 0
    """The table's width below which the column gives its room to others."""


class PagedModel(QAbstractTableModel, Generic[T]):
    """Rows behind two questions: how many, and these please."""

    loaded = Signal()
    """A count or a page has come."""

    def __init__(
        self,
        background: Background,
        columns: Sequence[Column[T]],
        key: Callable[[T], int],
        parent: QObject | None = None,
        *,
        only_grows: bool = False,
    ) -> None:
        """`only_grows`: rows come at the end, and none changes: whoever looks at one is not
        disturbed by more."""
        super().__init__(parent)
        self._only_grows = only_grows
        self.columns = tuple(columns)
        self._background = background
        self._key = key
        self._count = 0
        self._pages: OrderedDict[int, tuple[T, ...]] = OrderedDict()
        self._asked: dict[int, Job] = {}
        self._refresh_job: Job | None = None
        self._ask_count: Callable[[], int] = lambda: 0
        self._ask_page: Callable[[int, int], tuple[T, ...]] = lambda _offset, _limit: ()
        self.is_loaded = False

    def ask(self, count: Callable[[], int], page: Callable[[int, int], tuple[T, ...]]) -> None:
        """Show other rows: forget these, and ask anew."""
        self.beginResetModel()
        self._forget_jobs()
        self._pages.clear()
        self._count = 0
        self.is_loaded = False
        self._ask_count, self._ask_page = count, page
        self.endResetModel()
        self.refresh(0)

    def refresh(self, first_seen: int) -> None:
        """Ask again for the count and the pages in view; what is shown stays until then."""
        if self._refresh_job is not None:
            return
        wanted = sorted({max(0, first_seen) // PAGE, max(0, first_seen) // PAGE + 1})
        ask_count, ask_page = self._ask_count, self._ask_page

        def read() -> tuple[int, dict[int, tuple[T, ...]]]:
            count = ask_count()
            pages = [page for page in wanted if page * PAGE < count]
            return count, {page: ask_page(page * PAGE, PAGE) for page in pages}

        self._refresh_job = self._background.run(read, self._on_refreshed)

    def row(self, position: int) -> T | None:
        """A row, or None while its page is on the way."""
        page = position // PAGE
        rows = self._pages.get(page)
        if rows is None:
            self._fetch(page)
            return None
        offset = position - page * PAGE
        return rows[offset] if offset < len(rows) else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else self._count

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        column = self.columns[index.column()]
        if role == COLUMN_ROLE:
            return column
        row = self.row(index.row())
        if row is None:
            return "…" if role == Qt.ItemDataRole.DisplayRole and index.column() == 1 else None
        if role == ROW_ROLE:
            return row
        if role == STATE_ROLE:
            return column.state(row) if column.state else None
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            if column.state and not column.text(row):
                shown = role == Qt.ItemDataRole.DisplayRole
                return "" if shown else column.state(row).word
            return column.text(row)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.is_right else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None

    def position_of(self, key: int) -> int:
        """Where a row that has been read is, else -1."""
        for page, rows in self._pages.items():
            for offset, row in enumerate(rows):
                if self._key(row) == key:
                    return page * PAGE + offset
        return -1

    def _fetch(self, page: int) -> None:
        if page in self._asked:
            return
        ask_page = self._ask_page

        def came(rows: tuple[T, ...]) -> None:
            self._asked.pop(page, None)
            self._keep(page, rows)
            self._tell_changed(page)
            self.loaded.emit()

        self._asked[page] = self._background.run(lambda: ask_page(page * PAGE, PAGE), came)

    def _tell_changed(self, page: int) -> None:
        """A page may come when its rows are gone already."""
        first, last = page * PAGE, min(self._count, (page + 1) * PAGE) - 1
        if first <= last:
            corner = self.index(last, len(self.columns) - 1)
            self.dataChanged.emit(self.index(first, 0), corner)

    def _keep(self, page: int, rows: tuple[T, ...]) -> None:
        self._pages[page] = rows
        self._pages.move_to_end(page)
        while len(self._pages) > _KEPT_PAGES:
            self._pages.popitem(last=False)

    def _on_refreshed(self, result: tuple[int, dict[int, tuple[T, ...]]]) -> None:
        count, pages = result
        self._refresh_job = None
        self.is_loaded = True
        if self._only_grows and self._count and count >= self._count:
            self._grow(count, pages)
        elif count != self._count:
            self.beginResetModel()
            self._forget_jobs()
            self._pages.clear()
            self._count = count
            for page, rows in pages.items():
                self._keep(page, rows)
            self.endResetModel()
        else:
            for page, rows in pages.items():
                if self._pages.get(page) != rows:
                    self._keep(page, rows)
                    self._tell_changed(page)
        self.loaded.emit()

    def _grow(self, count: int, pages: dict[int, tuple[T, ...]]) -> None:
        """The last page may have been short: it is read again when it is looked at."""
        if count == self._count:
            return
        short = self._count // PAGE
        self.beginInsertRows(QModelIndex(), self._count, count - 1)
        self._count = count
        self._pages.pop(short, None)
        if (job := self._asked.pop(short, None)) is not None:
            job.forget()
        for page, rows in pages.items():
            self._keep(page, rows)
        self.endInsertRows()
        self._tell_changed(short)

    def _forget_jobs(self) -> None:
        for job in self._asked.values():
            job.forget()
        self._asked.clear()
        if self._refresh_job is not None:
            self._refresh_job.forget()
            self._refresh_job = None
