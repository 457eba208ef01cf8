"""The history: every transfer there ever was, and whether the audit holds."""

from __future__ import annotations

import sys
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QVBoxLayout, QWidget

from ketter_gui.domain.errors import KetterError
from ketter_gui.domain.search import SHORTEST, FoundItem
from ketter_gui.domain.settings import Settings
from ketter_gui.domain.status import TransferStatus
from ketter_gui.domain.views import AuditVerdict, TransferView
from ketter_gui.ui import clips
from ketter_gui.ui.asked import Asked
from ketter_gui.ui.background import Background
from ketter_gui.ui.banner import Banner, Notice, error_notice
from ketter_gui.ui.buttons import Button
from ketter_gui.ui.export import Export
from ketter_gui.ui.history_filters import HistoryFilters
from ketter_gui.ui.keep_sheet import KeepSheet
from ketter_gui.ui.look import Look
from ketter_gui.ui.paged import Column, PagedModel
from ketter_gui.ui.parts import IconView, column, label, set_text
from ketter_gui.ui.past_actions import Deed, PastActions, past_menu
from ketter_gui.ui.queue_text import card_bytes, place_names
from ketter_gui.ui.states import State, transfer_state
from ketter_gui.ui.table import Table
from ketter_gui.ui.words import Words

_SEARCH_AFTER_MS = 180


class HistoryPage(QWidget):
    """Search, the table, export, and the check of the chain."""

    selected = Signal(object)
    """The TransferView a person looks at, or None."""

    def __init__(
        self,
        look: Look,
        service: Asked,
        background: Background,
        banner: Banner,
        export: Export,
        past: PastActions,
    ) -> None:
        super().__init__()
        self._look, self._service, self._background = look, service, background
        self._banner, self._export, self._past = banner, export, past
        self._bom = sys.platform == "win32"  # where spreadsheets read no UTF-8 without it
        layout = column(self, margins=(0, 0, 16, 0), spacing=0)
        layout.addLayout(self._head())
        layout.addSpacing(10)
        self.filters = HistoryFilters(look)
        layout.addWidget(self.filters)
        layout.addSpacing(10)
        self.model: PagedModel[TransferView] = PagedModel(
            background, columns(look.words), lambda transfer: transfer.id, self
        )
        self.table = _PastTable(look, self.model, past, self.tr("Past transfers"))
        self.table.menu_asked.connect(self._show_menu)
        self.table.opened.connect(lambda row: past.ask(Deed.DETAILS, row, self))
        layout.addWidget(self.table, 1)
        self.found: PagedModel[FoundItem] = PagedModel(
            background, clips.columns(look.words), lambda one: one.item, self
        )
        self.clips = Table(look, self.found, self.tr("Clips of all transfers"))
        self.clips.looked_at.connect(self._on_clip)
        self.clips.hide()
        layout.addWidget(self.clips, 1)
        self._nothing = _Nothing(look)
        layout.addWidget(self._nothing, 1)
        self.table.looked_at.connect(self.selected)
        self.model.loaded.connect(self._show_loaded)
        self.found.loaded.connect(self._show_loaded)
        self.filters.changed.connect(self._search)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SEARCH_AFTER_MS)
        self._timer.timeout.connect(self._search)
        self.search.textChanged.connect(self._timer.start)
        self._search()

    def refresh(self) -> None:
        """The ledger has changed."""
        if self.filters.is_clips:
            return  # what was found stays, while a person looks at it
        self.model.refresh(self.table.first_seen())

    def current(self) -> TransferView | None:
        """The selected transfer."""
        row = self.table.current()
        return row if isinstance(row, TransferView) else None

    def check_chain(self) -> None:
        """Verify the whole audit, and say the verdict in words."""
        self.check.setEnabled(False)

        def holds(verdict: AuditVerdict) -> None:
            self.check.setEnabled(True)
            self._banner.say(self._verdict(verdict))

        def broken(error: KetterError) -> None:
            self.check.setEnabled(True)
            self._banner.say(error_notice(error, key="chain"))

        self._background.run(self._service.verify_audit, holds, broken)

    def _verdict(self, verdict: AuditVerdict) -> Notice:
        words = self._look.words
        entries = words.count(
            verdict.entries, self.tr("its one entry is"), self.tr("all %1 entries are")
        )
        text = self.tr("%1 as they were written.").replace("%1", entries)
        text = text[:1].upper() + text[1:]
        head = self.tr("Head %1").replace("%1", _short_hash(verdict.head_hash))
        return Notice(
            "chain",
            self.tr("The chain holds."),
            f"{text} {head}, {self._signed(verdict)}.",
            icon="chain",
        )

    def _signed(self, verdict: AuditVerdict) -> str:
        if not verdict.signed_us:
            return self.tr("not signed yet")
        words = self._look.words
        signed = self.tr("signed %1").replace("%1", words.day(verdict.signed_us))
        if not verdict.unsigned:
            return signed
        after = words.count(
            verdict.unsigned,
            self.tr("the last entry came after that"),
            self.tr("the last %1 entries came after that"),
        )
        return f"{signed}; {after}"

    def _head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setSpacing(8)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(label(self._look, self.tr("History"), role="page"))
        self._summary = label(self._look, tone="second")
        words.addWidget(self._summary)
        head.addLayout(words)
        head.addStretch(1)
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Find a transfer, card or drive"))
        self.search.setAccessibleName(self.tr("Search the history"))
        self.search.setClearButtonEnabled(True)
        self.search.setFont(self._look.theme.font("body"))
        self.search.setMinimumWidth(140)
        self.search.setMaximumWidth(260)
        self._search_action = self.search.addAction(
            self._look.icons.icon("search", "second"), QLineEdit.ActionPosition.LeadingPosition
        )
        self._look.theme.changed.connect(
            lambda: self._search_action.setIcon(self._look.icons.icon("search", "second"))
        )
        head.addWidget(self.search, 2)
        self.check = Button(
            self._look, self.tr("Check the chain"), icon="chain", act=self.check_chain
        )
        head.addWidget(self.check)
        self.export = Button(self._look, self.tr("Export…"), icon="export", act=self._offer_export)
        head.addWidget(self.export)
        return head

    def _offer_export(self) -> None:
        menu = QMenu(self)
        icons = self._look.icons
        everything = menu.addAction(icons.icon("export"), self.tr("The whole audit as CSV…"))
        everything.triggered.connect(lambda: self._export.ask(self, None, bom=self._bom))
        transfer = self.current()
        one = menu.addAction(icons.icon("export"), self.tr("The selected transfer as CSV…"))
        one.setEnabled(transfer is not None)
        one.triggered.connect(lambda: self._export.ask(self, transfer, bom=self._bom))
        since, until = self.filters.moments()
        part = menu.addAction(icons.icon("export"), self.tr("The audit of this period as CSV…"))
        part.setEnabled(bool(since))
        part.triggered.connect(
            lambda: self._export.ask(self, None, since=since, until=until, bom=self._bom)
        )
        menu.addSeparator()
        mark = menu.addAction(self.tr("With a byte order mark, for Excel"))
        mark.setCheckable(True)
        mark.setChecked(self._bom)
        mark.toggled.connect(self._set_bom)
        menu.addSeparator()
        keep = menu.addAction(icons.icon("history"), self.tr("How long the history is kept…"))
        keep.triggered.connect(self.ask_how_long)
        menu.popup(self.export.mapToGlobal(self.export.rect().bottomLeft()))

    def ask_how_long(self) -> None:
        """Have a person choose when what is old leaves the ledger."""
        self._background.run(self._service.settings, self._open_sheet)

    def _open_sheet(self, settings: Settings) -> None:
        sheet = KeepSheet(self._look, self.window(), self._service, self._background, settings)
        sheet.kept.connect(lambda _days: self.refresh())
        sheet.open(sheet.days)

    def _set_bom(self, is_wanted: bool) -> None:
        self._bom = is_wanted

    def _show_menu(self, transfer: TransferView, point: QPoint) -> None:
        past_menu(self, self._look, self._past, transfer, QMenu(self)).popup(point)

    def _search(self) -> None:
        text = self.search.text().strip()
        self.search.setPlaceholderText(
            self.tr("A part of its name, or checksum")
            if self.filters.is_clips
            else self.tr("Find a transfer, card or drive")
        )
        if self.filters.is_clips:
            clips.ask(self.found, self._service, text)
            return
        query = self.filters.query(text)
        service = self._service
        self.model.ask(
            lambda: service.history_count(query),
            lambda offset, limit: service.history(query, offset=offset, limit=limit),
        )

    def _show_loaded(self) -> None:
        if self.filters.is_clips:
            self._show_found()
            return
        count = self.model.rowCount()
        is_search = bool(self.search.text().strip()) or self.filters.is_set
        self.clips.hide()
        self.table.setVisible(count > 0)
        self._nothing.setVisible(count == 0 and self.model.is_loaded)
        self._nothing.say("search" if is_search else "history")
        words = self._look.words
        if is_search:
            summary = words.count(count, self.tr("1 transfer found"), self.tr("%1 transfers found"))
        else:
            summary = words.count(count, self.tr("1 transfer"), self.tr("%1 transfers"))
        set_text(self._summary, summary if count else "")
        if count and not self.table.currentIndex().isValid():
            self.table.selectRow(0)

    def _show_found(self) -> None:
        count = self.found.rowCount()
        is_asked = len(self.search.text().strip()) >= SHORTEST
        self.table.hide()
        self.clips.setVisible(count > 0)
        self._nothing.setVisible(count == 0 and (self.found.is_loaded or not is_asked))
        self._nothing.say("no clip" if is_asked else "clips")
        words = self._look.words
        found = words.count(count, self.tr("1 clip found"), self.tr("%1 clips found"))
        if count >= clips.SHOWN_AT_MOST:
            found = self.tr("The newest %1 clips").replace("%1", words.number(count))
        set_text(self._summary, found if count else "")

    def _on_clip(self, row: object) -> None:
        """Its transfer stands in the details."""
        if not isinstance(row, FoundItem):
            return
        number = row.transfer
        self._background.run(lambda: self._service.transfer(number), self.selected.emit)


class _PastTable(Table):
    """The keys of the menu, without the menu."""

    def __init__(
        self, look: Look, model: PagedModel[TransferView], past: PastActions, name: str
    ) -> None:
        super().__init__(look, model, name)
        self._past = past

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self.current()
        if not isinstance(row, TransferView) or not self._past.on_key(event, row, self):
            super().keyPressEvent(event)


class _Nothing(QWidget):
    """What this place is for, while it is empty."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        layout = column(self, spacing=8)
        layout.addStretch(2)
        self._icon = IconView(look, "history", "second", size=36)
        self._title = label(look, role="page")
        self._text = label(look, tone="second")
        for widget in (self._icon, self._title, self._text):
            layout.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)
        self.say("history")
        self.hide()

    def say(self, why: str) -> None:
        """`history` has none, a `search` finds none, `clips` are still to be looked for, or
        there is `no clip` like that."""
        title, text = {
            "history": (
                self.tr("No transfers yet"),
                self.tr("Every transfer is kept here, with its checksums and what happened."),
            ),
            "search": (
                self.tr("Nothing found"),
                self.tr("Try a part of a card’s or a drive’s name, or clear the filters."),
            ),
            "clips": (
                self.tr("Find a clip in every transfer"),
                self.tr("Type three letters of its name, or the beginning of its checksum."),
            ),
            "no clip": (
                self.tr("No clip like that"),
                self.tr("Clips of transfers that are still at work are found when these end."),
            ),
        }[why]
        self._icon.show_icon("history" if why == "history" else "search", "second")
        set_text(self._title, title)
        set_text(self._text, text)


def columns(words: Words) -> list[Column[TransferView]]:
    """The columns of the history."""
    return [
        Column("", 38, lambda t: "", state=transfer_state),
        Column(_tr("Transfer"), 0, lambda t: t.name, is_strong=True),
        Column(
            _tr("From"),
            104,
            lambda t: words.listed(tuple(s.label for s in t.sources)),
            hides_below=790,
        ),
        Column(_tr("To"), 0, lambda t: ", ".join(place_names(t))),
        Column(
            _tr("Files"), 66, lambda t: words.number(t.files_total), is_right=True, hides_below=620
        ),
        Column(_tr("Size"), 80, lambda t: words.size(card_bytes(t)), is_right=True),
        Column(_tr("When"), 132, _when(words), lambda t: "second", hides_below=520),
        Column(_tr("Outcome"), 110, lambda t: _outcome(t, words), _outcome_token),
    ]


def _when(words: Words) -> Callable[[TransferView], str]:
    return lambda transfer: words.day(transfer.finished_us or transfer.created_us)


def _outcome(transfer: TransferView, words: Words) -> str:
    if transfer.files_failed:
        return _tr("%1 failed").replace("%1", words.number(transfer.files_failed))
    return transfer_state(transfer).word


def _outcome_token(transfer: TransferView) -> str:
    if transfer.files_failed or transfer.status is TransferStatus.FAILED:
        return "fail"
    state: State = transfer_state(transfer)
    return state.token


def _short_hash(value: str) -> str:
    return f"{value[:8]}…{value[-4:]}" if len(value) > 16 else value


def _tr(text: str) -> str:
    return QCoreApplication.translate("History", text)
