"""All files of one transfer, in a table that opens at once however many there are."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ketter_gui.domain.items import ItemKind
from ketter_gui.domain.views import ItemView, TransferView
from ketter_gui.ui.asked import Asked
from ketter_gui.ui.background import Background
from ketter_gui.ui.buttons import Button
from ketter_gui.ui.look import Look
from ketter_gui.ui.paged import PAGE, Column, PagedModel
from ketter_gui.ui.parts import ElidedLabel, column, label, set_text
from ketter_gui.ui.states import item_state, kind_word
from ketter_gui.ui.table import Table
from ketter_gui.ui.words import Words


class FilesPage(QWidget):
    """Lazy: rows are read when seen, from the ledger."""

    selected = Signal(object)
    """The ItemView a person looks at, or None."""

    left = Signal()

    def __init__(self, look: Look, service: Asked, background: Background) -> None:
        super().__init__()
        self._look, self._service = look, service
        self.transfer: TransferView | None = None
        layout = column(self, margins=(0, 0, 16, 0), spacing=0)
        layout.addLayout(self._head())
        layout.addSpacing(12)
        self.model: PagedModel[ItemView] = PagedModel(
            background, columns(look.words), lambda item: item.id, self
        )
        self.table = Table(look, self.model, self.tr("Files"))
        layout.addWidget(self.table, 1)
        self.table.looked_at.connect(self.selected)
        self.model.loaded.connect(self._show_loaded)

    def show_transfer(self, transfer: TransferView) -> None:
        """Open the files of a transfer."""
        self.transfer = transfer
        self._title.show_text(transfer.name)
        set_text(self._summary, "")
        self.only_failed.setVisible(transfer.files_failed > 0)
        self.only_failed.setChecked(False)
        self._ask()
        self.table.setFocus()

    def refresh(self, transfer: TransferView) -> None:
        """The ledger has changed."""
        self.transfer = transfer
        self.only_failed.setVisible(transfer.files_failed > 0 or self.only_failed.isChecked())
        self.model.refresh(self.table.first_seen())

    def _head(self) -> QVBoxLayout:
        head = QVBoxLayout()
        head.setSpacing(6)
        back = Button(
            self._look, self.tr("Back"), icon="left", kind="quiet", small=True, act=self.left.emit
        )
        self.back = back
        line = QHBoxLayout()
        line.setSpacing(10)
        line.addWidget(back)
        self._title = ElidedLabel(self._look, role="page")
        line.addWidget(self._title, 1)
        self.only_failed = Button(self._look, self.tr("Only what failed"), kind="toggle")
        self.only_failed.setCheckable(True)
        self.only_failed.toggled.connect(lambda _checked: self._ask())
        line.addWidget(self.only_failed)
        head.addLayout(line)
        self._summary = label(self._look, tone="second")
        head.addWidget(self._summary)
        return head

    def _ask(self) -> None:
        if self.transfer is None:
            return
        number, service = self.transfer.id, self._service
        only_failed = self.only_failed.isChecked()
        self.model.ask(
            lambda: service.items_count(number, only_failed=only_failed),
            lambda offset, limit: service.items(
                number, offset=offset, limit=limit, only_failed=only_failed
            ),
        )

    def _show_loaded(self) -> None:
        count = self.model.rowCount()
        words = self._look.words
        if self.only_failed.isChecked():
            text = words.count(count, self.tr("1 item failed"), self.tr("%1 items failed"))
        else:
            text = words.count(
                count, self.tr("1 item"), self.tr("%1 items, folders and links among them")
            )
        set_text(self._summary, text if self.model.is_loaded else "")
        if count and not self.table.currentIndex().isValid():
            self.table.selectRow(self._first_file(count))

    def _first_file(self, count: int) -> int:
        """A folder, which often comes first, has nothing to show: no checksum, no size."""
        rows = ((at, self.model.row(at)) for at in range(min(count, PAGE)))
        return next((at for at, row in rows if row and row.kind is ItemKind.FILE), 0)


def columns(words: Words) -> list[Column[ItemView]]:
    """The columns of the table of files."""
    return [
        Column(
            _tr("State"), 148, lambda i: item_state(i).word, lambda i: "second", state=item_state
        ),
        Column(_tr("Name"), 0, lambda i: i.path.text, is_path=True),
        Column(_tr("Size"), 92, lambda i: _size(i, words), lambda i: "second", is_right=True),
        Column(_tr("Checksum of the source"), 200, _checksum, is_fixed=True, hides_below=640),
    ]


def _size(item: ItemView, words: Words) -> str:
    return words.size(item.size_bytes) if item.kind is ItemKind.FILE else kind_word(item.kind)


def _checksum(item: ItemView) -> str:
    return item.checksums[0][1] if item.checksums else ""


def _tr(text: str) -> str:
    return QCoreApplication.translate("Files", text)
