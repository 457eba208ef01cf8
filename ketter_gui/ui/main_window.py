"""Puts the parts of the window together and lets them hear of each other.

One timer asks for a snapshot four times a second; nothing here waits for a disk.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLineEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ketter_gui.domain.errors import KetterError
from ketter_gui.domain.options import Request
from ketter_gui.domain.status import TransferStatus
from ketter_gui.domain.views import ItemView, Snapshot, TransferView
from ketter_gui.ui.actions import Actions
from ketter_gui.ui.asked import Asked
from ketter_gui.ui.background import Background
from ketter_gui.ui.banner import Banner, Notice, error_notice
from ketter_gui.ui.choose import choose_folder
from ketter_gui.ui.details_pane import DetailsPane
from ketter_gui.ui.drop import paths_from
from ketter_gui.ui.dropping import Dropping, Target
from ketter_gui.ui.export import Export
from ketter_gui.ui.files_page import FilesPage
from ketter_gui.ui.history_page import HistoryPage
from ketter_gui.ui.leave_sheet import LeaveSheet
from ketter_gui.ui.look import Look
from ketter_gui.ui.new_transfer import NewTransfer
from ketter_gui.ui.questions import cancel_question, interrupted_question
from ketter_gui.ui.queue_page import QueuePage
from ketter_gui.ui.side_list import SideList
from ketter_gui.ui.states import WORKS
from ketter_gui.ui.status_line import StatusLine
from ketter_gui.ui.timeline import LINES
from ketter_gui.ui.top_bar import TopBar

_POLL_MS = 250
_VOLUMES_EVERY_POLLS = 20
_LEDGER_EVERY_POLLS = 4
"""Tables and timelines are read again at most once a second."""

_T = TransferStatus


class MainWindow(QWidget):
    """The whole window. `closed` tells that it may be forgotten."""

    closed = Signal()

    def __init__(self, look: Look, service: Asked, settings: QSettings) -> None:
        super().__init__()
        self._look, self._service, self._settings = look, service, settings
        self.background = Background(self)
        self.actions_of_transfers = Actions(service, self.background)
        self.sheet: NewTransfer | None = None
        self._leave_sheet: LeaveSheet | None = None
        self._snapshot = Snapshot((), 0, None, 0, 0)
        self._seen_revision = -1
        self._polls = 0
        self._may_close = False
        self._wants_details: bool | None = None
        self._is_narrow: bool | None = None
        self.setObjectName("window")
        self.setWindowTitle("Ketter")
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setMinimumSize(560, 420)
        self._build()
        self._connect()
        self._shortcuts()
        self._restyle()
        look.theme.changed.connect(self._restyle)
        self._restore()
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self.poll)

    def begin(self, request: Request | None = None) -> None:
        """Start polling; offer what was interrupted, and what the command line asked for."""
        self.poll()
        self._timer.start()
        (self.queue.view if self._snapshot.transfers else self).setFocus()
        self.background.run(self._service.interrupted, self._offer_interrupted)
        if request is not None and (request.sources or request.destinations):
            self.open_sheet(request)

    # --- what a person asks for ---

    def open_sheet(self, request: Request | None = None) -> NewTransfer:
        """The new-transfer sheet, filled in as far as something is known."""
        if self.sheet is None:
            sheet = NewTransfer(self._look, self, self._service, self.background, self._settings)
            sheet.left.connect(self._sheet_left)
            sheet.started.connect(self._started)
            self.sheet = sheet
            if request is not None:
                sheet.fill(request)
            sheet.open(sheet.add_button if not sheet.draft.sources() else sheet.sheet)
        elif request is not None:
            self.sheet.fill(request)
        return self.sheet

    def take(self, paths: tuple[bytes, ...], point: QPoint | None = None) -> None:
        """Take what was dropped or pasted."""
        if not paths:
            return
        if self.sheet is not None and point is not None:
            self.sheet.take_drop(paths, point)
        elif self.sheet is not None:
            self.sheet.add_sources(paths)
        else:
            self.open_sheet().add_sources(paths)

    def _on_let_go(self, paths: tuple[bytes, ...], point: QPoint) -> None:
        self.take(paths, point)
        self.activateWindow()

    def paste(self) -> None:
        """Ctrl+V: files from a file manager, or their paths as text."""
        focus = QApplication.focusWidget()
        if isinstance(focus, QLineEdit):
            focus.paste()
            return
        mime = QGuiApplication.clipboard().mimeData()
        paths = paths_from(mime)
        if paths:
            self.take(paths)
        else:
            self.banner.say(
                Notice("paste", self.tr("There is no file or folder to paste."), icon="info")
            )

    def show_place(self, name: str) -> None:
        """Go to the queue or to the history."""
        self.side.show_place(name)
        page = {"queue": self.queue, "history": self.history}[name]
        self.stack.setCurrentWidget(page)
        if page is self.history:
            self.history.refresh()
            self.history.table.setFocus()
            self._look_at(self.history.current(), None)
        else:
            self.queue.view.setFocus()
            row = self.queue.current()
            self._look_at(row.transfer if row else None, row.item if row else None)

    def show_files(self, number: int) -> None:
        """The table of all files of a transfer."""
        self._came_from = "history" if self.stack.currentWidget() is self.history else "queue"

        def show(transfer: TransferView) -> None:
            self.stack.setCurrentWidget(self.files)
            self.files.show_transfer(transfer)
            self._look_at(transfer, None)

        self.background.run(lambda: self._service.transfer(number), show)

    def poll(self) -> None:
        """Ask once, repaint what changed."""
        try:
            snapshot = self._service.snapshot()
        except KetterError as error:
            if not self.banner.says("ledger"):
                self.banner.say(error_notice(error, key="ledger"))
            return
        self.banner.take_back("ledger")
        self._polls += 1
        if snapshot != self._snapshot:
            self._show(snapshot)
        self.queue.turn()
        has_changed = snapshot.revision != self._seen_revision or self._works(snapshot)
        if has_changed and self._polls % _LEDGER_EVERY_POLLS == 1:
            self._seen_revision = snapshot.revision
            self._read_ledger()
        if self._polls % _VOLUMES_EVERY_POLLS == 1:
            self.background.run(self._service.volumes, self.side.show_volumes, lambda _error: None)

    # --- how it is put together ---

    def _build(self) -> None:
        look = self._look
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.bar = TopBar(look)
        self.side = SideList(look)
        self.status = StatusLine(look)
        self.banner = Banner(look)
        self.export = Export(look, self._service, self.background, self.banner)
        self.queue = QueuePage(look, self.actions_of_transfers)
        self.history = HistoryPage(look, self._service, self.background, self.banner, self.export)
        self.files = FilesPage(look, self._service, self.background)
        self.details = DetailsPane(look, self.actions_of_transfers)
        self.stack = QStackedWidget()
        for page in (self.queue, self.history, self.files):
            self.stack.addWidget(page)
        content = QWidget()
        content.setObjectName("content")
        inside = QVBoxLayout(content)
        inside.setContentsMargins(16, 16, 0, 16)
        inside.setSpacing(12)
        inside.addWidget(self.banner)
        inside.addWidget(self.stack, 1)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.side)
        middle.addWidget(content, 1)
        middle.addWidget(self.details)
        self.details.setFixedWidth(look.theme.measure("details"))
        for widget in (self.bar, self.status):
            widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        layout.addWidget(self.bar)
        layout.addLayout(middle, 1)
        layout.addWidget(self.status)
        self._target = Target(look, content)
        self._dropping = Dropping(self)

    def _connect(self) -> None:
        self._dropping.held.connect(self._light)
        self._dropping.let_go.connect(self._on_let_go)
        self.bar.new_asked.connect(self._open_new)
        self.bar.pause_asked.connect(self.actions_of_transfers.pause_all)
        self.bar.resume_asked.connect(self.actions_of_transfers.resume_all)
        self.bar.details_asked.connect(self._turn_details)
        self.side.place_chosen.connect(self.show_place)
        self.queue.empty.choose_asked.connect(self._choose_source)
        self.queue.empty.demo_asked.connect(self._make_demo)
        self.queue.selected.connect(self._on_queue_selected)
        self.queue.files_asked.connect(self.show_files)
        self.history.selected.connect(self._on_history_selected)
        self.files.selected.connect(self._on_file_selected)
        self.files.left.connect(lambda: self.show_place(self._came_from))
        self.details.files_asked.connect(self.show_files)
        self.details.export_asked.connect(lambda transfer: self.export.ask(self, transfer))
        self.actions_of_transfers.cancel_wanted.connect(self._confirm_cancel)
        self.actions_of_transfers.done.connect(self.poll)
        self.background.went_wrong.connect(self.banner.say_error)
        self._came_from = "queue"

    def _shortcuts(self) -> None:
        for keys, act in (
            (QKeySequence.StandardKey.New, self._open_new),
            (QKeySequence.StandardKey.Open, self._choose_source),
            (QKeySequence.StandardKey.Paste, self.paste),
            (QKeySequence.StandardKey.Find, self._find),
            (QKeySequence.StandardKey.Quit, self.close),
            (QKeySequence("Ctrl+I"), self._turn_details),
            (QKeySequence("Ctrl+1"), lambda: self.show_place("queue")),
            (QKeySequence("Ctrl+2"), lambda: self.show_place("history")),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(act)

    def _restyle(self) -> None:
        self.setStyleSheet(self._look.theme.style_sheet())
        self.update()

    # --- what is shown ---

    def _show(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self.queue.show_snapshot(snapshot)
        self.status.show_snapshot(snapshot)
        statuses = {transfer.status for transfer in snapshot.transfers}
        can_pause = bool(statuses & {_T.PENDING, _T.PREPARING, _T.RUNNING, _T.WAITING})
        self.bar.show_work(works=can_pause, paused=_T.PAUSED in statuses)
        over = {_T.COMPLETED, _T.CANCELLED}
        self.side.show_count(sum(1 for t in snapshot.transfers if t.status not in over))
        self._fold()

    def _read_ledger(self) -> None:
        page = self.stack.currentWidget()
        if page is self.history:
            self.history.refresh()
        transfer = self.details.transfer()
        if page is self.files and transfer is not None:
            self._refresh_files(transfer.id)
        self._read_timeline()

    def _refresh_files(self, number: int) -> None:
        def show(transfer: TransferView) -> None:
            self.files.refresh(transfer)

        self.background.run(lambda: self._service.transfer(number), show)

    def _read_timeline(self) -> None:
        transfer = self.details.transfer()
        if transfer is None or not self.details.isVisible():
            return
        number = transfer.id
        self.background.run(
            lambda: self._service.timeline(number, limit=LINES),
            lambda lines: self.details.show_timeline(number, lines),
        )

    def _on_queue_selected(self, transfer: TransferView | None, item: ItemView | None) -> None:
        if self.stack.currentWidget() is self.queue:
            self._look_at(transfer, item)

    def _on_history_selected(self, transfer: TransferView | None) -> None:
        if self.stack.currentWidget() is self.history:
            self._look_at(transfer, None)

    def _on_file_selected(self, item: ItemView | None) -> None:
        if self.stack.currentWidget() is self.files and self.files.transfer is not None:
            self._look_at(self.files.transfer, item)

    def _look_at(self, transfer: TransferView | None, item: ItemView | None) -> None:
        before = self.details.transfer()
        self.details.show_transfer(transfer, item)
        self._fold()
        if transfer is not None and (before is None or before.id != transfer.id):
            self._read_timeline()

    # --- asking back ---

    def _confirm_cancel(self, transfer: TransferView) -> None:
        actions = self.actions_of_transfers
        question = cancel_question(
            transfer, lambda: actions.cancel_now(transfer.id), self.queue.view.setFocus
        )
        self.banner.say(question, takes_focus=True)

    def _offer_interrupted(self, transfers: tuple[TransferView, ...]) -> None:
        if transfers:
            actions = self.actions_of_transfers
            resume = partial(actions.resume_these, transfers)
            self.banner.say(interrupted_question(transfers, self._look.words, resume))

    def _started(self, number: int) -> None:
        self.show_place("queue")
        self.poll()
        self.queue.select(number)
        self.queue.view.setFocus()

    def _sheet_left(self) -> None:
        self.sheet = None

    def _make_demo(self) -> None:
        self.background.run(self._service.make_demo, self._fill_sheet)

    def _open_new(self) -> None:
        self.open_sheet()

    def _fill_sheet(self, request: Request) -> None:
        self.open_sheet(request)

    def _choose_source(self) -> None:
        choose_folder(self, self.tr("Choose a card or folder"), self.take)

    def _find(self) -> None:
        self.show_place("history")
        self.history.search.setFocus()
        self.history.search.selectAll()

    def _light(self, point: QPoint | None) -> None:
        lit = point is not None
        if self.sheet is not None:
            self.sheet.light(point)
            return
        is_empty = self.stack.currentWidget() is self.queue and self.queue.empty.isVisible()
        self.queue.empty.light(lit=lit and is_empty)
        self._target.light(lit=lit and not is_empty)

    # --- width, state, end ---

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold()

    def _fold(self) -> None:
        measure = self._look.theme.measure
        is_narrow = self.width() < measure("fold-details")
        if is_narrow != self._is_narrow:  # what a person chose holds until the width turns
            self._is_narrow = is_narrow
            self._wants_details = None
        wants = self._wants_details if self._wants_details is not None else not is_narrow
        has_any = self.details.transfer() is not None
        self.details.setVisible(wants and has_any)
        self.bar.details.setVisible(has_any)
        is_folded = self.width() < measure("fold-side")
        self.side.fold(folded=is_folded)
        self.bar.fold(folded=is_folded, width=self.side.width())

    def _turn_details(self) -> None:
        self._wants_details = not self.details.isVisible()
        self._fold()
        self._read_timeline()

    def _restore(self) -> None:
        geometry = self._settings.value("window/geometry")
        if geometry is None or not self.restoreGeometry(geometry):
            self.resize(1280, 800)

    @staticmethod
    def _works(snapshot: Snapshot) -> bool:
        return any(transfer.status in WORKS for transfer in snapshot.transfers)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._works(self._snapshot) and not self._may_close:
            event.ignore()
            self._ask_before_leaving()
            return
        self._timer.stop()
        self._settings.setValue("window/geometry", self.saveGeometry())
        if self.sheet is not None:
            self.sheet.draft.close()
        self.background.close()
        self.closed.emit()
        event.accept()

    def close_now(self) -> None:
        """Without asking: the system ends the session, or a person has said so."""
        self._may_close = True
        self.close()

    def _ask_before_leaving(self) -> None:
        if self._leave_sheet is not None:
            return
        count = sum(1 for t in self._snapshot.transfers if t.status in WORKS)
        sheet = LeaveSheet(self._look, self, count)
        sheet.leave_asked.connect(self.close_now)
        sheet.left.connect(self._stay)
        self._leave_sheet = sheet
        sheet.open(sheet.stay_button)

    def _stay(self) -> None:
        self._leave_sheet = None
