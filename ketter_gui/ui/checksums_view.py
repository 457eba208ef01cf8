"""The selected item: its checksum at the source and on each drive, and how it was read back."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from ketter_gui.domain.items import ItemKind
from ketter_gui.domain.options import CHECKSUM_LABELS
from ketter_gui.domain.status import PROOF, CopyStatus
from ketter_gui.domain.views import CopyView, ItemView, TransferView
from ketter_gui.ui.buttons import icon_button
from ketter_gui.ui.look import Look
from ketter_gui.ui.parts import ElidedLabel, IconView, column, label
from ketter_gui.ui.queue_text import place_names
from ketter_gui.ui.states import State, copy_state, read_back_words

_NAMES_PX = 100


class ChecksumsView(QWidget):
    """Monospace, shortened in the middle, and copied whole by one click."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._shown: tuple[object, ...] = ()
        self._layout = column(self, spacing=4)
        self._body = QWidget()
        self._layout.addWidget(self._body)

    def show_item(self, transfer: TransferView, item: ItemView) -> None:
        """Show an item's checksums; nothing is rebuilt while nothing changed."""
        shown = (
            transfer.id,
            transfer.destinations,
            item.id,
            item.checksums,
            item.copies,
            item.status,
            item.read_in,
        )
        if shown == self._shown:
            return
        self._shown = shown
        self._layout.removeWidget(self._body)
        self._body.hide()
        self._body.deleteLater()
        is_file = item.kind is ItemKind.FILE
        self._body = self._make(transfer, item) if is_file else self._make_without(item)
        self._layout.addWidget(self._body)

    def _make(self, transfer: TransferView, item: ItemView) -> QWidget:
        body = QWidget()
        grid = QGridLayout(body)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(5)
        grid.setColumnMinimumWidth(0, _NAMES_PX)
        grid.setColumnStretch(1, 1)
        names = place_names(transfer)
        at = 0
        for algorithm, value in item.checksums or ((transfer.options.checksums[0], ""),):
            word = CHECKSUM_LABELS.get(algorithm, algorithm)
            source = self.tr("%1 source").replace("%1", word)
            grid.addWidget(self._name(source), at, 0)
            grid.addLayout(self._source(item, value, source), at, 1)
            at += 1
            for copy in item.copies:
                name = names[copy.destination]
                grid.addWidget(self._name(name), at, 0, Qt.AlignmentFlag.AlignTop)
                grid.addLayout(self._copy(copy, algorithm, value, name), at, 1)
                at += 1
        return body

    def _make_without(self, item: ItemView) -> QWidget:
        """Folders and links have no bytes to prove; what failed is told all the same."""
        body = QWidget()
        layout = column(body, spacing=5)
        text = self.tr("A link has no checksum.")
        if item.kind is ItemKind.FOLDER:
            text = self.tr("A folder has no checksum.")
        layout.addWidget(label(self._look, text, role="small", tone="second", wraps=True))
        for copy in item.copies:
            if copy.message and (copy.status is CopyStatus.FAILED or copy.is_left_out):
                tone = "warn" if copy.is_left_out else "fail"
                why = label(self._look, copy.message, role="small", tone=tone, wraps=True)
                layout.addWidget(why)
        return body

    def _name(self, text: str) -> QWidget:
        name = ElidedLabel(self._look, text, role="small", tone="second")
        name.setFixedSize(_NAMES_PX, 24)
        return name

    def _source(self, item: ItemView, value: str, name: str) -> QVBoxLayout:
        box = QVBoxLayout()
        box.setSpacing(0)
        box.addLayout(self._value(value, self.tr("not read yet"), name))
        if item.read_in is not None:
            text = self.tr("as transfer %1 read it, unchanged since")
            text = text.replace("%1", str(item.read_in))
            box.addWidget(label(self._look, text, role="small", tone="second", wraps=True))
        return box

    def _copy(self, copy: CopyView, algorithm: str, source: str, name: str) -> QVBoxLayout:
        box = QVBoxLayout()
        box.setSpacing(0)
        value = dict(copy.checksums).get(algorithm, "")
        state = copy_state(copy)
        is_proven = copy.status in PROOF and value == source and bool(value)
        box.addLayout(
            self._value(value, state.word, name, state if is_proven or not value else None)
        )
        how = read_back_words(copy) if copy.proof is None else self._proof_words(copy)
        if how:
            box.addWidget(label(self._look, how, role="small", tone="second", wraps=True))
        if copy.message and copy.status is CopyStatus.FAILED:
            box.addWidget(label(self._look, copy.message, role="small", tone="fail", wraps=True))
        return box

    def _proof_words(self, copy: CopyView) -> str:
        """It was not read by this transfer: who did, and when."""
        when = self._look.words.day(copy.proven_us)
        text = self.tr("unchanged since it was verified (%1, transfer %2)")
        return text.replace("%1", when).replace("%2", str(copy.proof))

    def _value(
        self, value: str, instead: str, name: str, state: State | None = None
    ) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(4)
        if state is not None:
            line.addWidget(IconView(self._look, state.icon, state.token, size=15))
        if not value:
            line.addWidget(label(self._look, instead, role="small", tone="second"))
            line.addStretch(1)
            return line
        shown = ElidedLabel(self._look, value)
        shown.setFont(self._look.theme.fixed_font())
        shown.setAccessibleName(f"{name} {value}")
        line.addWidget(shown, 1)
        clipboard = QGuiApplication.clipboard()
        copy = icon_button(
            self._look,
            "copy",
            self.tr("Copy the checksum of %1").replace("%1", name),
            lambda: clipboard.setText(value),
        )
        line.addWidget(copy)
        return line
