"""What comes into the window: dropped, pasted, chosen or asked for on the command line.

All of it ends in the new-transfer sheet, of which there is one at a time.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, QSettings, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from ketter_gui.domain.options import Request
from ketter_gui.ui.asked import Asked
from ketter_gui.ui.background import Background
from ketter_gui.ui.banner import Banner, Notice
from ketter_gui.ui.choose import choose_folder
from ketter_gui.ui.drop import paths_from
from ketter_gui.ui.look import Look
from ketter_gui.ui.new_transfer import NewTransfer


class Incoming(QObject):
    """Opens the sheet, and adds to it while it is open."""

    started = Signal(object)
    """The number of a transfer that was made in the sheet."""

    def __init__(
        self,
        look: Look,
        window: QWidget,
        service: Asked,
        background: Background,
        settings: QSettings,
        banner: Banner,
    ) -> None:
        super().__init__(window)
        self._look, self._window, self._service = look, window, service
        self._background, self._settings, self._banner = background, settings, banner
        self.sheet: NewTransfer | None = None

    def open_sheet(self, request: Request | None = None) -> NewTransfer:
        """The sheet, filled in as far as something is known."""
        if self.sheet is not None:
            if request is not None:
                self.sheet.fill(request)
            return self.sheet
        sheet = NewTransfer(
            self._look, self._window, self._service, self._background, self._settings
        )
        sheet.left.connect(self._on_left)
        sheet.started.connect(self.started)
        self.sheet = sheet
        if request is not None:
            sheet.fill(request)
        sheet.open(sheet.sheet if sheet.draft.sources() else sheet.from_half.add_button)
        return sheet

    def open_empty(self) -> None:
        """The sheet with nothing in it."""
        self.open_sheet()

    def take(self, paths: tuple[bytes, ...], point: QPoint | None = None) -> None:
        """Take what was dropped at a point of the window, pasted or chosen."""
        if not paths:
            return
        if self.sheet is not None and point is not None:
            self.sheet.take_drop(paths, point)
        else:
            self.open_sheet().draft.add_sources(paths)

    def paste(self) -> None:
        """Ctrl+V: files from a file manager, or their paths as text; destinations where the
        keyboard is in the half that says where to."""
        focus = QApplication.focusWidget()
        if isinstance(focus, QLineEdit):
            focus.paste()
            return
        paths = paths_from(QGuiApplication.clipboard().mimeData())
        to_half = self.sheet.to_half if self.sheet is not None else None
        if paths and focus and to_half and to_half.isAncestorOf(focus):
            to_half.add(paths)
        elif paths:
            self.take(paths)
        else:
            text = self.tr("There is no file or folder to paste.")
            self._banner.say(Notice("paste", text))

    def choose(self) -> None:
        """Ask for a card or a folder."""
        choose_folder(self._window, self.tr("Choose a card or folder"), self.take)

    def make_demo(self) -> None:
        """Make a card and two drives to try it on, and fill them in."""
        self._background.run(self._service.make_demo, self._fill)

    def close(self) -> None:
        """The window goes: stop counting."""
        if self.sheet is not None:
            self.sheet.draft.close()

    def _fill(self, request: Request) -> None:
        self.open_sheet(request)

    def _on_left(self) -> None:
        self.sheet = None
