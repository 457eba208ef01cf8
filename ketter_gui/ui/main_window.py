"""Puts the parts of the window together and lets them hear of each other.

Nothing here waits for a disk: `polling` asks for snapshots, `background` does the rest.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, QSettings, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ketter_gui.domain.errors import KetterError
from ketter_gui.domain.options import Request
from ketter_gui.domain.status import TransferStatus
from ketter_gui.domain.views import ItemView, Snapshot, TransferView
from ketter_gui.domain.watching import WatchView
from ketter_gui.ui.actions import Actions
from ketter_gui.ui.asked import Asked
from ketter_gui.ui.background import Background
from ketter_gui.ui.banner import Banner, error_notice
from ketter_gui.ui.details_pane import DetailsPane
from ketter_gui.ui.dropping import Dropping, Target
from ketter_gui.ui.export import Export
from ketter_gui.ui.files_page import FilesPage
from ketter_gui.ui.habits import Habits
from ketter_gui.ui.history_page import HistoryPage
from ketter_gui.ui.incoming import Incoming
from ketter_gui.ui.leave_sheet import QUIT_KEYS
from ketter_gui.ui.leaving import Leaving
from ketter_gui.ui.look import Look
from ketter_gui.ui.past_actions import PastActions, past_menu
from ketter_gui.ui.polling import Polling
from ketter_gui.ui.questions import OpenQuestions
from ketter_gui.ui.queue_page import QueuePage
from ketter_gui.ui.side_list import SideList
from ketter_gui.ui.status_line import StatusLine
from ketter_gui.ui.timeline import LINES
from ketter_gui.ui.top_bar import TopBar
from ketter_gui.ui.verify_again import VerifyAgain
from ketter_gui.ui.verify_page import VerifyPage
from ketter_gui.ui.verify_runs import Run
from ketter_gui.ui.watch_page import WatchPage
from ketter_gui.ui.watch_text import NEEDS_A_PERSON
from ketter_gui.ui.watches import Watches

_T = TransferStatus


class MainWindow(QWidget):
    """The whole window. `closed` tells that it may be forgotten."""

    closed = Signal()

    def __init__(self, look: Look, service: Asked, settings: QSettings) -> None:
        super().__init__()
        self._look, self._service, self._settings = look, service, settings
        self.background = Background(self)
        self.actions_of_transfers = Actions(service, self.background)
        self.polling = Polling(service, self)
        self.leaving = Leaving(look, self, settings, self.polling)
        self.habits = Habits(service, self.background, self.leaving, settings, self)
        self._may_close = self._is_over = False
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

    def begin(self, request: Request | None = None) -> None:
        """Start polling; offer what was interrupted, and what the command line asked for."""
        self.polling.start()
        self.watches.start()
        (self.queue.view if self.polling.snapshot.transfers else self).setFocus()
        self.background.run(self._service.interrupted, self._offer_interrupted)
        if request is not None and (request.sources or request.destinations):
            self.incoming.open_sheet(request)

    def come_to_front(self) -> None:
        """Be seen: somebody clicked on a notification."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    # --- what a person asks for ---

    def show_place(self, name: str) -> None:
        """Go to one of the places of the side list."""
        self.side.show_place(name)
        page = {
            "queue": self.queue,
            "watch": self.watch,
            "history": self.history,
            "verify": self.verify,
        }[name]
        self.stack.setCurrentWidget(page)
        if page is self.verify:
            self._look_at(None, None)
            self.verify.come()
        elif page is self.watch:
            self._look_at(None, None)
            self.watch.come()
        elif page is self.history:
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

    def show_again(self) -> None:
        """To the front, from wherever it went: the tray, or the task bar."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def show_transfer(self, number: int) -> None:
        """One transfer: in the queue while it is there, else with all its files."""
        if any(one.id == number for one in self.polling.snapshot.transfers):
            self.show_place("queue")
            self.queue.select(number)
        else:
            self.show_files(number)

    # --- how it is put together ---

    def _build(self) -> None:
        look = self._look
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.bar = TopBar(look, self.habits.actions())
        self.side = SideList(look)
        self.status = StatusLine(look)
        self.banner = Banner(look)
        self._questions = OpenQuestions(self.banner)
        self.export = Export(look, self._service, self.background, self.banner)
        self.verifying = VerifyAgain(look, self._service, self.background, self.banner)
        self.past = PastActions(
            look, self._service, self.background, self.banner, self.export, self.verifying
        )
        self.incoming = Incoming(
            look, self, self._service, self.background, self._settings, self.banner
        )
        self.queue = QueuePage(look, self.actions_of_transfers)
        self.history = HistoryPage(
            look, self._service, self.background, self.banner, self.export, self.past
        )
        self.verify = VerifyPage(look, self.background, self.verifying, self.past.reveal)
        self.watch = WatchPage(look)
        self.watches = self._make_watches()
        self.files = FilesPage(look, self._service, self.background)
        self.details = DetailsPane(look, self.actions_of_transfers)
        self.stack = QStackedWidget()
        for page in (self.queue, self.watch, self.history, self.verify, self.files):
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

    def _make_watches(self) -> Watches:
        watches = Watches(self._look, self, self._service, self.background, self.banner)
        watches.changed.connect(self._show_watches)
        watches.open_asked.connect(self.past.reveal.show)
        watches.history_asked.connect(self._show_history_of)
        watches.answered.connect(self.watch.come)
        self.watch.asked.connect(watches.act)
        self.watch.new_asked.connect(watches.open_empty)
        return watches

    def _show_history_of(self, view: WatchView) -> None:
        self.history.search.clear()
        self.history.filters.show_watch(view.id, view.name)
        self.show_place("history")

    def _show_watches(self, views: tuple[WatchView, ...]) -> None:
        self.watch.show_views(views)
        troubled = sum(view.state in NEEDS_A_PERSON for view in views)
        self.side.show_watches(len(views), troubled=troubled)

    def _connect(self) -> None:
        self._dropping.held.connect(self._light)
        self._dropping.let_go.connect(self._on_let_go)
        self.incoming.started.connect(self._started)
        self.bar.new_asked.connect(self.incoming.open_empty)
        self.bar.pause_asked.connect(self.actions_of_transfers.pause_all)
        self.bar.resume_asked.connect(self.actions_of_transfers.resume_all)
        self.bar.details_asked.connect(self._turn_details)
        self.side.place_chosen.connect(self.show_place)
        self.verifying.is_shown = self.verify.isVisible
        self.verifying.show_asked.connect(self._show_check)
        self.verifying.changed.connect(self._count_checks)
        self.queue.empty.choose_asked.connect(self.incoming.choose)
        self.queue.empty.demo_asked.connect(self.incoming.make_demo)
        self.queue.selected.connect(self._on_queue_selected)
        self.queue.files_asked.connect(self.show_files)
        self.history.selected.connect(self._on_history_selected)
        self.files.selected.connect(self._on_file_selected)
        self.files.left.connect(lambda: self.show_place(self._came_from))
        self.details.files_asked.connect(self.show_files)
        self.details.verify_asked.connect(self.verifying.ask)
        self.details.more_asked.connect(self._show_more)
        self.past.files_asked.connect(self.show_files)
        self.past.repeat_ready.connect(self.incoming.open_sheet)
        self.past.hidden_changed.connect(self.history.refresh)
        self.verifying.ended.connect(self.polling.poll)
        self.details.export_asked.connect(lambda transfer: self.export.ask(self, transfer))
        self.actions_of_transfers.cancel_wanted.connect(self._confirm_cancel)
        self.actions_of_transfers.done.connect(self.polling.poll)
        self.polling.changed.connect(self._show)
        self.polling.ticked.connect(self.queue.turn)
        self.polling.ledger_changed.connect(self._read_ledger)
        self.polling.volumes_due.connect(self._read_volumes)
        self.polling.failed.connect(self._say_ledger_error)
        self.background.went_wrong.connect(self.banner.say_error)
        self.leaving.leave.connect(self.close_now)
        self.leaving.show_asked.connect(self.show_again)
        self.habits.not_changed.connect(self.show_again)
        self.bar.quit_asked.connect(self.leaving.quit)
        self.bar.menu.aboutToShow.connect(self.habits.read)
        self._came_from = "queue"

    def _show_check(self, run: Run) -> None:
        self.verify.show_run(run)
        self.show_place("verify")

    def _count_checks(self) -> None:
        self.side.places["verify"].show_count(self.verifying.checks())

    def _shortcuts(self) -> None:
        for keys, act in (
            (QKeySequence.StandardKey.New, self.incoming.open_empty),
            (QKeySequence.StandardKey.Open, lambda: self._taker().choose()),
            (QKeySequence.StandardKey.Paste, lambda: self._taker().paste()),
            (QKeySequence.StandardKey.Find, self._find),
            (QKeySequence(QUIT_KEYS), self.leaving.quit),
            (QKeySequence("Ctrl+I"), self._turn_details),
            (QKeySequence("Ctrl+1"), lambda: self.show_place("queue")),
            (QKeySequence("Ctrl+2"), lambda: self.show_place("history")),
            (QKeySequence("Ctrl+3"), lambda: self.show_place("verify")),
            (QKeySequence("Ctrl+4"), self._go_to_watches),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(act)

    def _go_to_watches(self) -> None:
        self.show_place("watch")

    def _restyle(self) -> None:
        self.setStyleSheet(self._look.theme.style_sheet())
        self.update()

    # --- what is shown ---

    def _show(self, snapshot: Snapshot) -> None:
        self.banner.take_back("ledger")
        self._drop_outdated(snapshot)
        self.queue.show_snapshot(snapshot)
        self.status.show_snapshot(snapshot)
        statuses = {transfer.status for transfer in snapshot.transfers}
        can_pause = bool(statuses & {_T.PENDING, _T.PREPARING, _T.RUNNING, _T.WAITING})
        self.bar.show_work(works=can_pause, paused=_T.PAUSED in statuses)
        over = {_T.COMPLETED, _T.CANCELLED}
        self.side.show_count(sum(1 for t in snapshot.transfers if t.status not in over))
        self._fold()

    def _read_volumes(self) -> None:
        self.background.run(self._service.volumes, self.side.show_volumes, lambda _error: None)

    def _say_ledger_error(self, error: KetterError) -> None:
        if not self.banner.says("ledger"):
            self.banner.say(error_notice(error, key="ledger"))

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

    def _show_more(self, transfer: TransferView, point: QPoint) -> None:
        past_menu(self, self._look, self.past, transfer, QMenu(self)).popup(point)

    # --- asking back ---

    def _confirm_cancel(self, transfer: TransferView) -> None:
        actions = self.actions_of_transfers
        self._questions.ask_cancel(
            transfer, lambda: actions.cancel_now(transfer.id), self.queue.view.setFocus
        )

    def _offer_interrupted(self, transfers: tuple[TransferView, ...]) -> None:
        if transfers:
            actions = self.actions_of_transfers
            resume = partial(actions.resume_these, transfers)
            self._questions.offer_resume(transfers, self._look.words, resume)

    def _drop_outdated(self, snapshot: Snapshot) -> None:
        """A question whose transfer is over meanwhile would be answered for nothing."""
        if self._questions.drop_outdated(snapshot.transfers):
            self.queue.view.setFocus()
        self.leaving.drop_outdated()

    def _started(self, number: int) -> None:
        self.show_place("queue")
        self.polling.poll()
        self.queue.select(number)
        self.queue.view.setFocus()

    def _find(self) -> None:
        self.show_place("history")
        self.history.search.setFocus()
        self.history.search.selectAll()

    def _on_let_go(self, paths: tuple[bytes, ...], point: QPoint) -> None:
        if self._is_for_watches():
            self.watches.take(paths)
        elif self.incoming.sheet is None and self.verify.takes(point):
            self.verify.take(paths)
        else:
            self.incoming.take(paths, point)
        self.activateWindow()

    def _light(self, point: QPoint | None) -> None:
        lit = point is not None
        if self.incoming.sheet is not None:
            self.incoming.sheet.light(point)
            return
        if self._is_for_watches():
            shows_itself = self.watch.light(lit=lit)
            self._target.light(lit=lit and not shows_itself, text=self.tr("Let go to watch it"))
            return
        if self._light_verify(point):
            return
        is_empty = self.stack.currentWidget() is self.queue and self.queue.empty.isVisible()
        self.queue.empty.light(lit=lit and is_empty)
        self._target.light(lit=lit and not is_empty)

    def _is_for_watches(self) -> bool:
        """Whether what is dropped now is for a watch folder."""
        if self.incoming.sheet is not None:
            return False
        return self.watches.sheet is not None or self.watch.isVisible()

    def _light_verify(self, point: QPoint | None) -> bool:
        """Whether what is held is over the page that verifies it."""
        is_over = point is not None and self.verify.takes(point)
        shows_itself = self.verify.light(lit=is_over)
        if is_over:
            self._target.light(lit=not shows_itself, text=self.tr("Let go to verify it"))
        return is_over

    def _taker(self) -> VerifyPage | Incoming | Watches:
        """Pasting and choosing are for the page that verifies or watches while it is shown, and
        else for a new transfer."""
        if self._is_for_watches():
            return self.watches
        for_verify = self.incoming.sheet is None and self.verify.isVisible()
        return self.verify if for_verify else self.incoming

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

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._may_close and not self.leaving.closes():
            event.ignore()
            return
        self._end()
        event.accept()

    def close_now(self) -> None:
        """Without asking: the system ends the session, or a person has said so."""
        if self._is_over:
            return
        self._may_close = True
        self.close()
        self._end()  # a window that was never shown gets no event

    def _end(self) -> None:
        if self._is_over:
            return
        self._is_over = True
        self.polling.stop()
        self._settings.setValue("window/geometry", self.saveGeometry())
        self.watches.close()
        self.incoming.close()
        self.background.close()
        self.closed.emit()
