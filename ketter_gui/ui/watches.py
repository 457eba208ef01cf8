"""Watch folders in the window: asks for them once a second, and carries out what a person
wants of one."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from ketter_gui.domain.errors import KetterError
from ketter_gui.domain.names import to_bytes
from ketter_gui.domain.watching import WatchView
from ketter_gui.ui.asked import WatchAsked
from ketter_gui.ui.background import Background
from ketter_gui.ui.banner import Banner, Choice, Notice, error_notice
from ketter_gui.ui.choose import choose_folder
from ketter_gui.ui.drop import paths_from
from ketter_gui.ui.look import Look
from ketter_gui.ui.watch_sheet import WatchSheet

_POLL_MS = 1000


class Watches(QObject):
    """`changed` after every look, since what a card says of time goes on."""

    changed = Signal(object)
    """A tuple of WatchView."""

    open_asked = Signal(object)
    """The path of a folder that is to be shown in the file manager."""

    history_asked = Signal(object)
    """A WatchView whose transfers are to be shown."""

    answered = Signal(int)
    """The watch folder that was asked about: the keyboard is free again."""

    def __init__(
        self,
        look: Look,
        window: QWidget,
        service: WatchAsked,
        background: Background,
        banner: Banner,
    ) -> None:
        super().__init__(window)
        self._look, self._window, self._service = look, window, service
        self._background, self._banner = background, banner
        self.sheet: WatchSheet | None = None
        self._asked_about: int | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self.poll)

    def start(self) -> None:
        """Look now, and from now on."""
        self.poll()
        self._timer.start()

    def close(self) -> None:
        """The window goes."""
        self._timer.stop()
        if self.sheet is not None:
            self.sheet.let_go()

    def poll(self) -> None:
        """Look once."""
        try:
            views = self._service.watch_folders()
        except KetterError as error:
            if not self._banner.says("watch-ledger"):
                self._banner.say(error_notice(error, key="watch-ledger"))
            return
        self._banner.take_back("watch-ledger")
        if self._asked_about is not None and self._asked_about not in {v.id for v in views}:
            self._banner.take_back("remove-watch")
            self._asked_about = None
        self.changed.emit(views)

    def open_new(self, folder: bytes | None = None) -> WatchSheet:
        """The sheet for another one, with its folder if that is known."""
        if self.sheet is None:
            self._open(None)
        assert self.sheet is not None
        if folder is not None:
            self.sheet.set_folder(folder)
        return self.sheet

    def open_empty(self) -> None:
        """The sheet with nothing in it."""
        self.open_new()

    def choose(self) -> None:
        """Ask for a folder, and open the sheet with it."""
        choose_folder(self._window, self.tr("Choose a folder to watch"), self.take)

    def paste(self) -> None:
        """Ctrl+V: a folder from a file manager, or its path as text."""
        focus = QApplication.focusWidget()
        if isinstance(focus, QLineEdit):
            focus.paste()
            return
        paths = paths_from(QGuiApplication.clipboard().mimeData())
        if paths:
            self.take(paths)
        else:
            self._banner.say(Notice("paste", self.tr("There is no folder to paste.")))

    def take(self, paths: tuple[bytes, ...]) -> None:
        """What was let go over the page, or over its sheet: the first is watched, or receives
        copies when the sheet has its folder already."""
        if not paths:
            return
        if self.sheet is not None and self.sheet.folder is not None:
            self.sheet.add_destinations(paths)
        else:
            self.open_new(paths[0])

    def act(self, what: str, view: WatchView) -> None:
        """Carry out what a card asked for."""
        number, service = view.id, self._service
        match what:
            case "on" | "off":
                self._run(lambda: service.switch_watch(number, is_on=what == "on"))
            case "restart":
                self._run(lambda: service.restart_watch(number))
            case "look":
                self._run(lambda: service.look_now(number))
            case "edit":
                self._open(view)
            case "remove":
                self._ask_remove(view)
            case "open":
                self.open_asked.emit(to_bytes(view.path.text, view.path.form))
            case "history":
                self.history_asked.emit(view)

    def _open(self, view: WatchView | None) -> None:
        if self.sheet is not None:
            return
        self.sheet = WatchSheet(self._look, self._window, self._service, self._background, view)
        self.sheet.left.connect(self._on_left)
        self.sheet.saved.connect(self.poll)
        self.sheet.open(self.sheet.first_field())

    def _on_left(self) -> None:
        self.sheet = None

    def _ask_remove(self, view: WatchView) -> None:
        self._asked_about = view.id
        title = self.tr("Remove the watch folder %1?").replace("%1", view.name)
        text = self.tr(
            "It is no longer watched. No file is touched, neither there nor at the destinations, "
            "and its transfers stay in the history."
        )
        choices = (
            Choice(self.tr("Remove"), lambda: self._remove(view.id), "danger"),
            Choice(self.tr("Keep it"), lambda: self._keep(view.id)),
        )
        notice = Notice("remove-watch", title, text, "warn", "triangle", choices)
        self._banner.say(notice, takes_focus=True)

    def _keep(self, number: int) -> None:
        self._asked_about = None
        self.answered.emit(number)

    def _remove(self, number: int) -> None:
        self._asked_about = None
        self._run(lambda: self._service.remove_watch(number))
        self.answered.emit(number)

    def _run(self, work: Callable[[], None]) -> None:
        self._background.run(work, lambda _none: self.poll(), self._failed)

    def _failed(self, error: KetterError) -> None:
        self._banner.say(error_notice(error, key="watch"))
        self.poll()
