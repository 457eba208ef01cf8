"""What closing the window means, and what quitting means: two things.

Closing keeps Ketter working in the tray, if there is one and nobody has turned that off.
Where there is none, it ends Ketter while nothing is at work; else it asks once, and from
then on keeps the window minimised. Quitting asks whenever something is at work.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, QSettings, Signal
from PySide6.QtWidgets import QWidget

from ketter_gui.ui.leave_sheet import LeaveSheet
from ketter_gui.ui.look import Look
from ketter_gui.ui.polling import Polling
from ketter_gui.ui.states import WORKS

KEEPS_ON: Final = "desktop/keep-in-tray"
_TOLD_TRAY: Final = "desktop/told-of-tray"
_TOLD_MINIMISED: Final = "desktop/told-of-minimising"


class Leaving(QObject):
    """Asked by the window when it is closed; `window` is the one that asks back."""

    leave = Signal()
    """A person has said that it may end now."""

    show_asked = Signal()
    """The window is to come to the front: something is asked in it."""

    went_to_tray = Signal()
    """The window was closed into the tray for the first time: to be said once."""

    def __init__(self, look: Look, window: QWidget, settings: QSettings, polling: Polling) -> None:
        super().__init__(window)
        self._look, self._window, self._settings, self._polling = look, window, settings, polling
        self.sheet: LeaveSheet | None = None
        self._minimises = False
        self.has_tray: Callable[[], bool] = lambda: False
        self.watches: Callable[[], bool] = lambda: False
        """Whether a watch folder is on: that is work, too, though nothing moves now."""

    def closes(self) -> bool:
        """Whether the window may close, and Ketter end. If not, it went where it works on, or
        asks."""
        if self.has_tray() and self.keeps_on():
            self._window.hide()
            if not self._is_told(_TOLD_TRAY):
                self.went_to_tray.emit()
            return False
        if not self._works() and not self.watches():
            return True
        if self._is_told(_TOLD_MINIMISED):
            self._window.showMinimized()
        else:
            self._ask(minimises=True)
        return False

    def quit(self) -> None:
        """End Ketter; while something is at work, ask first, in the window."""
        if not self._works():
            self.leave.emit()
            return
        self.show_asked.emit()
        self._ask(minimises=False)

    def drop_outdated(self) -> None:
        """A question that has no meaning any more goes."""
        if self.sheet is not None and not self._works() and not self.watches():
            self._minimises = False
            self.sheet.leave()

    def keeps_on(self) -> bool:
        """Whether closing keeps Ketter in the tray."""
        return bool(self._settings.value(KEEPS_ON, defaultValue=True, type=bool))

    def told_of_tray(self) -> None:
        """It was said, and a person could see it."""
        self._settings.setValue(_TOLD_TRAY, True)

    def _works(self) -> bool:
        return self._polling.works()

    def _is_told(self, name: str) -> bool:
        return bool(self._settings.value(name, defaultValue=False, type=bool))

    def _ask(self, *, minimises: bool) -> None:
        if self.sheet is not None:
            return
        self._minimises = minimises
        count = sum(1 for one in self._polling.snapshot.transfers if one.status in WORKS)
        sheet = LeaveSheet(self._look, self._window, count, minimises=minimises)
        sheet.leave_asked.connect(self.leave)
        sheet.left.connect(self._stay)
        self.sheet = sheet
        sheet.open(sheet.stay_button)

    def _stay(self) -> None:
        self.sheet = None
        if self._minimises:
            self._settings.setValue(_TOLD_MINIMISED, True)
            self._window.showMinimized()
