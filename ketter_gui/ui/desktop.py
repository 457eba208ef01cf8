"""Ketter on its desktop: the window, the icon in the tray, and how one leads to the other."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, QSettings, QTimer

from ketter_gui.domain.views import Snapshot
from ketter_gui.ui.asked import Asked
from ketter_gui.ui.banner import Notice
from ketter_gui.ui.look import Look
from ketter_gui.ui.main_window import MainWindow
from ketter_gui.ui.tray import Tray
from ketter_gui.ui.tray_state import Watching

_PANEL_COMES_WITHIN_MS: Final = 20_000
"""At login, Ketter and the panel with the tray start side by side."""

_CRASHED_PANEL_MS: Final = 10_000
"""A panel that crashed is back within seconds; after that, the window comes back instead."""

_TOLD_NO_TRAY: Final = "desktop/told-of-no-tray"


class Desktop(QObject):
    """Holds the tray of a window. The tray is never the only way in: whenever there is none,
    the window is shown, at least minimised."""

    def __init__(
        self,
        look: Look,
        service: Asked,
        window: MainWindow,
        settings: QSettings,
        watching: Watching | None = None,
    ) -> None:
        super().__init__(window)
        self._look, self._window, self._settings = look, window, settings
        self.tray = Tray(look, service, window.background, window, watching)
        window.leaving.has_tray = self.tray.is_there
        window.leaving.watches = self.tray.watches
        self._without = QTimer(self)
        self._without.setSingleShot(True)
        self._without.timeout.connect(self._show_itself)
        self.tray.menu.add_habits(window.habits.actions())
        self._connect()

    def start(self, *, in_tray: bool = False) -> None:
        """Show the window, or only the tray's icon; where no tray comes, the window minimised."""
        self.tray.start()
        self._window.habits.read()
        if not in_tray:
            self._window.show()
        elif not self.tray.is_there():
            self._without.start(_PANEL_COMES_WITHIN_MS)

    def _connect(self) -> None:
        window, tray, menu = self._window, self.tray, self.tray.menu
        window.polling.changed.connect(self._show)
        window.polling.ledger_changed.connect(tray.read_folders)
        window.closed.connect(tray.stop)
        window.leaving.went_to_tray.connect(self._say_where_it_went)
        tray.open_asked.connect(window.show_again)
        tray.came.connect(self._without.stop)
        tray.came.connect(window.habits.show_ticks)
        tray.gone.connect(window.habits.show_ticks)
        menu.aboutToShow.connect(window.habits.read)
        tray.gone.connect(self._lost)
        menu.quit_asked.connect(window.leaving.quit)
        menu.pause_asked.connect(window.actions_of_transfers.pause_all)
        menu.resume_asked.connect(window.actions_of_transfers.resume_all)
        menu.result_asked.connect(self._show_result)

    def _show(self, snapshot: Snapshot) -> None:
        self.tray.show_snapshot(snapshot)

    def _show_result(self, number: int) -> None:
        self._window.show_again()
        self._window.show_transfer(number)

    def _say_where_it_went(self) -> None:
        text = self.tr("It keeps working in the tray. A click on its icon opens it again.")
        if self.tray.say(self.tr("Ketter is still here"), text):
            self._window.leaving.told_of_tray()

    def _lost(self) -> None:
        if not self._window.isVisible():
            self._without.start(_CRASHED_PANEL_MS)

    def _show_itself(self) -> None:
        if self.tray.is_there() or self._window.isVisible():
            return
        self._window.showMinimized()
        if not self._settings.value(_TOLD_NO_TRAY, defaultValue=False, type=bool):
            self._settings.setValue(_TOLD_NO_TRAY, True)
            self._window.banner.say(
                Notice(
                    "no-tray",
                    self.tr("This desktop has no tray"),
                    self.tr("Ketter keeps working in this window instead, minimised."),
                )
            )
