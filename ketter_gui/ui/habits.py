"""Two habits that a person chooses: start at login, and keep on in the tray when closed.

One tick each, shown in the window's menu and in the tray's: whichever is used, both are
right.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QSettings, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from ketter_gui.domain.errors import KetterError, NotOnThisSystem
from ketter_gui.ui.asked import Asked
from ketter_gui.ui.background import Background
from ketter_gui.ui.leaving import KEEPS_ON, Leaving


class Habits(QObject):
    """The two ticks. What is asked of the desktop is asked in the background."""

    not_changed = Signal()
    """It did not work; the error is told through the background's `went_wrong`."""

    def __init__(
        self,
        service: Asked,
        background: Background,
        leaving: Leaving,
        settings: QSettings,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._service, self._background = service, background
        self._leaving, self._settings = leaving, settings
        self.keeps_on = QAction(self.tr("Closing keeps Ketter in the tray"), self)
        self.keeps_on.setCheckable(True)
        self.keeps_on.triggered.connect(self._keep_on)
        self.at_login = QAction(self.tr("Start at login, in the tray"), self)
        self.at_login.setCheckable(True)
        self.at_login.setEnabled(False)  # until it is known
        self.at_login.triggered.connect(self._start_at_login)
        self.show_ticks()

    def actions(self) -> list[QAction]:
        """For a menu, in their order."""
        return [self.keeps_on, self.at_login]

    def read(self) -> None:
        """Set the ticks as things are: the desktop has a list of its own for what it starts."""
        self.show_ticks()
        self._background.run(self._service.starts_at_login, self._show_login, self._not_known)

    def show_ticks(self) -> None:
        """Where there is no tray, nothing can be kept in it."""
        self.keeps_on.setChecked(self._leaving.keeps_on())
        self.keeps_on.setEnabled(self._leaving.has_tray())

    def _keep_on(self, is_on: bool) -> None:
        self._settings.setValue(KEEPS_ON, is_on)

    def _start_at_login(self, is_on: bool) -> None:
        self.at_login.setEnabled(False)
        self._background.run(
            lambda: self._service.start_at_login(is_on=is_on),
            lambda _nothing: self.read(),
            self._not_changed,
        )

    def _show_login(self, is_on: bool) -> None:
        self.at_login.setChecked(is_on)
        self.at_login.setEnabled(True)

    def _not_known(self, error: KetterError) -> None:
        """No tick that may be wrong; and no switch where there is nothing to switch."""
        self.at_login.setChecked(False)
        self.at_login.setEnabled(not isinstance(error, NotOnThisSystem))

    def _not_changed(self, error: KetterError) -> None:
        self.read()
        self.not_changed.emit()
        self._background.went_wrong.emit(error)
