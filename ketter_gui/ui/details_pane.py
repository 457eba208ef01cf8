"""One transfer at length: its drives, the selected item's proof, and what happened."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ketter_gui.domain.status import TransferStatus
from ketter_gui.domain.views import AuditLine, ItemView, PlaceView, TransferView
from ketter_gui.ui.actions import Actions, Verb, possible
from ketter_gui.ui.buttons import Button
from ketter_gui.ui.checksums_view import ChecksumsView
from ketter_gui.ui.look import Look
from ketter_gui.ui.parts import (
    ElidedLabel,
    IconView,
    Pill,
    column,
    keep_gutter,
    label,
    plain_tip,
    set_property,
    set_text,
)
from ketter_gui.ui.past_actions import can_verify
from ketter_gui.ui.queue_text import card_bytes, place_names
from ketter_gui.ui.states import transfer_state
from ketter_gui.ui.timeline import Timeline


class DetailsPane(QWidget):
    """Empty until a transfer is looked at."""

    files_asked = Signal(object)
    export_asked = Signal(object)
    verify_asked = Signal(object)
    more_asked = Signal(object, QPoint)
    """A TransferView whose other actions are wanted, and where on the screen."""

    def __init__(self, look: Look, actions: Actions) -> None:
        super().__init__()
        self._look, self._actions = look, actions
        self._transfer: TransferView | None = None
        self.setObjectName("details")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(self.tr("Details"))
        outer = column(self)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        outer.addWidget(area)
        self._inside = QWidget()
        self._inside.setObjectName("scrolled")
        area.setWidget(self._inside)
        layout = column(self._inside, margins=(16, 16, 16, 16), spacing=0)
        keep_gutter(area, layout, 16)
        layout.addLayout(self._build_head())
        layout.addSpacing(12)
        layout.addLayout(self._build_buttons())
        self._message = label(look, tone="second", wraps=True)
        self._message.setContentsMargins(0, 12, 0, 0)
        layout.addWidget(self._message)
        self._drives = self._section(layout, self.tr("Drives"))
        self._places = _Places(look)
        self._drives.addWidget(self._places)
        self._selected = self._section(layout, self.tr("Selected"))
        self._item_name = ElidedLabel(look, role="body")
        self._selected.addWidget(self._item_name)
        self._checksums = ChecksumsView(look)
        self._selected.addWidget(self._checksums)
        happened = self._section(layout, self.tr("What happened"))
        self.timeline = Timeline(look)
        happened.addWidget(self.timeline)
        layout.addStretch(1)
        self.show_transfer(None, None)

    def show_transfer(self, transfer: TransferView | None, item: ItemView | None) -> None:
        """Show this one; figures change in place."""
        is_other = (transfer.id if transfer else 0) != (self._transfer.id if self._transfer else 0)
        self._transfer = transfer
        self._inside.setVisible(transfer is not None)
        if transfer is None:
            return
        if is_other:
            self.timeline.show_lines(())
        words = self._look.words
        self._name.show_text(transfer.name)
        self._pill.show_state(transfer_state(transfer))
        self._about.show_text(self._sentence(transfer))
        message = "" if transfer.status is TransferStatus.INTERRUPTED else transfer.message
        set_text(self._message, message)
        self._message.setVisible(bool(message))
        self._places.show_places(transfer)
        self._show_buttons(transfer)
        self._selected_box.setVisible(item is not None)
        if item is not None:
            self._item_name.show_text(item.path.text.rpartition("/")[2] or item.path.text)
            self._item_name.setToolTip(plain_tip(item.path.text))
            self._checksums.show_item(transfer, item)
        self.export.setEnabled(transfer.created_us > 0)
        self.files.setEnabled(transfer.files_total > 0)
        self.setAccessibleDescription(f"{transfer.name}, {words.files(transfer.files_total)}")

    def show_timeline(self, transfer: int, lines: tuple[AuditLine, ...]) -> None:
        """What happened, once it was read; another transfer may be shown by now."""
        if self._transfer is not None and self._transfer.id == transfer:
            self.timeline.show_lines(lines)

    def transfer(self) -> TransferView | None:
        """The one that is shown."""
        return self._transfer

    def _build_head(self) -> QVBoxLayout:
        head = QVBoxLayout()
        head.setSpacing(3)
        line = QHBoxLayout()
        line.setSpacing(8)
        self._name = ElidedLabel(self._look, role="row")
        line.addWidget(self._name, 1)
        self._pill = Pill(self._look)
        line.addWidget(self._pill)
        head.addLayout(line)
        self._about = ElidedLabel(self._look, tone="second", mode=Qt.TextElideMode.ElideRight)
        head.addWidget(self._about)
        return head

    def _build_buttons(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(8)
        look = self._look
        self.pause = Button(look, self.tr("Pause"), icon="pause", act=self._pause_or_resume)
        self.retry = Button(look, self.tr("Retry"), icon="retry", act=lambda: self._ask(Verb.RETRY))
        self.cancel = Button(
            look, self.tr("Cancel…"), icon="close", act=lambda: self._ask(Verb.CANCEL)
        )
        self.files = Button(look, self.tr("All files…"), icon="files", act=self._ask_files)
        self.export = Button(look, self.tr("Export CSV…"), icon="export", act=self._ask_export)
        self.verify = Button(look, self.tr("Verify again"), icon="shield", act=self._ask_verify)
        self.verify.setToolTip(
            self.tr("Reads every copy again from its drive, and compares it with the checksums")
        )
        grid.addWidget(self.pause, 0, 0)
        grid.addWidget(self.retry, 0, 0, 1, 2)
        grid.addWidget(self.cancel, 0, 1)
        grid.addWidget(self.files, 1, 0)
        grid.addWidget(self.export, 1, 1)
        self.more = Button(look, self.tr("More…"), icon="down", act=self._ask_more)
        self.more.setToolTip(self.tr("Repeat, report, show in the file manager, and the rest"))
        grid.addWidget(self.verify, 2, 0)
        grid.addWidget(self.more, 2, 1)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        return grid

    def _section(self, layout: QVBoxLayout, title: str) -> QVBoxLayout:
        box = QWidget()
        inside = column(box, margins=(0, 18, 0, 0), spacing=6)
        inside.addWidget(label(self._look, title, role="small-strong", tone="second"))
        layout.addWidget(box)
        if title == self.tr("Selected"):
            self._selected_box = box
        return inside

    def _show_buttons(self, transfer: TransferView) -> None:
        can = possible(transfer)
        is_pausable = Verb.PAUSE in can
        self.pause.setVisible(is_pausable or Verb.RESUME in can)
        self.pause.show_text(self.tr("Pause") if is_pausable else self.tr("Resume"))
        self.pause.show_icon("pause" if is_pausable else "play")
        self.retry.setVisible(Verb.RETRY in can)
        self.cancel.setVisible(Verb.CANCEL in can)
        self.verify.setVisible(can_verify(transfer))

    def _sentence(self, transfer: TransferView) -> str:
        words = self._look.words
        parts = [
            self.tr("from %1").replace("%1", words.listed(tuple(s.label for s in transfer.sources)))
        ]
        if transfer.bytes_total:
            parts.append(words.size_brief(card_bytes(transfer)))
        if transfer.started_us:
            parts.append(self.tr("started %1").replace("%1", words.clock(transfer.started_us)))
        return " · ".join(parts)

    def _pause_or_resume(self) -> None:
        if self._transfer is not None:
            can = possible(self._transfer)
            self._ask(Verb.PAUSE if Verb.PAUSE in can else Verb.RESUME)

    def _ask(self, verb: Verb) -> None:
        if self._transfer is not None:
            self._actions.ask(verb, self._transfer)

    def _ask_files(self) -> None:
        if self._transfer is not None:
            self.files_asked.emit(self._transfer.id)

    def _ask_verify(self) -> None:
        if self._transfer is not None:
            self.verify_asked.emit(self._transfer)

    def _ask_more(self) -> None:
        if self._transfer is not None:
            corner = self.more.mapToGlobal(self.more.rect().bottomLeft())
            self.more_asked.emit(self._transfer, corner)

    def _ask_export(self) -> None:
        if self._transfer is not None:
            self.export_asked.emit(self._transfer)


class _Places(QWidget):
    """The destinations, each with what is verified there."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._rows: list[tuple[ElidedLabel, IconView, QLabel]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(6)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(0, 1)

    def show_places(self, transfer: TransferView) -> None:
        """Make as many rows as there are destinations, and fill them in."""
        while len(self._rows) < len(transfer.destinations):
            at = len(self._rows)
            row = (
                ElidedLabel(self._look),
                IconView(self._look, "ring", size=16),
                label(self._look),
            )
            for position, widget in enumerate(row):
                self._grid.addWidget(widget, at, position)
            self._rows.append(row)
        names = place_names(transfer)
        for at, (name, icon, count) in enumerate(self._rows):
            is_used = at < len(transfer.destinations)
            for widget in (name, icon, count):
                widget.setVisible(is_used)
            if is_used:
                place = transfer.destinations[at]
                name.show_text(names[at])
                name.setToolTip(plain_tip(place.path.text))
                self._show(icon, count, place, transfer)

    def _show(
        self, icon: IconView, count: QLabel, place: PlaceView, transfer: TransferView
    ) -> None:
        words, renamed = self._look.words, transfer.files_renamed
        if transfer.copies_doubted:  # which of them, the last check has told; green is none
            once = self.tr("%1 verified once").replace("%1", words.number(place.files_verified))
            icon.show_icon("triangle", "fail")
            set_text(count, once)
            set_property(count, "tone", "fail")
            return
        verified = self.tr("%1 verified").replace("%1", words.number(place.files_verified))
        if renamed:  # a move that renames has one destination
            moved = self.tr("%1 moved, no second copy").replace("%1", words.number(renamed))
            verified = f"{moved}, {verified}" if place.files_verified else moved
        if place.files_failed:
            failed = self.tr("%1 failed").replace("%1", words.number(place.files_failed))
            icon.show_icon("triangle", "fail")
            set_text(count, f"{failed}, {verified}")
            set_property(count, "tone", "fail")
        else:
            has_some = place.files_verified > 0
            is_green = has_some and not renamed
            shape = "shield" if is_green else "arrow" if renamed else "ring"
            icon.show_icon(shape, "verified" if is_green else "second")
            set_text(count, verified if has_some or renamed else self.tr("none verified yet"))
            set_property(count, "tone", "verified" if is_green else "second")
