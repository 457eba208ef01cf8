"""The icon in the system's tray: there or not, and what it shows.

A tray can come late (the panel starts after Ketter at login) and go (the panel crashed), so
it is looked for again and again; some desktops have none at all. That it is *available* is
what counts: an icon that was shown says that it is visible even where there is no tray.
"""

from __future__ import annotations

import time
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QSystemTrayIcon, QWidget

from ketter_gui.domain.errors import KetterError
from ketter_gui.domain.search import HistoryQuery
from ketter_gui.domain.status import TransferStatus
from ketter_gui.domain.views import Snapshot, TransferView
from ketter_gui.ui.asked import Asked
from ketter_gui.ui.background import Background
from ketter_gui.ui.look import Look
from ketter_gui.ui.tray_icon import tray_icon
from ketter_gui.ui.tray_menu import RESULTS, TrayMenu
from ketter_gui.ui.tray_state import Mood, Ring, TrayState, Watching, WatchRow, tray_state

_LOOK_AGAIN_MS: Final = 3000
_ICON_EVERY_S: Final = 1.0
"""Many trays get a new icon as a picture over the bus: once a second is often enough."""

_T = TransferStatus
_ENDED: Final = HistoryQuery(statuses=frozenset({_T.COMPLETED, _T.FAILED, _T.CANCELLED}))
_CAN_PAUSE: Final = frozenset({_T.PENDING, _T.PREPARING, _T.RUNNING, _T.WAITING})


class Tray(QObject):
    """Shows what it is given. What a person chooses is told by `menu`, and by `open_asked`."""

    open_asked = Signal()
    came = Signal()
    gone = Signal()
    message_clicked = Signal()

    def __init__(
        self,
        look: Look,
        service: Asked,
        background: Background,
        parent: QWidget,
        watching: Watching | None = None,
    ) -> None:
        super().__init__(parent)
        self._look, self._service, self._background = look, service, background
        self._watching = watching
        self.menu = TrayMenu(look, parent)
        self.menu.open_asked.connect(self.open_asked)
        self.menu.folder_turned.connect(self._turn_folder)
        self.menu.restart_asked.connect(self._restart_folder)
        self.menu.aboutToShow.connect(self.refresh)
        self.icon: QSystemTrayIcon | None = None
        self._folders: tuple[WatchRow, ...] = ()
        self._snapshot = Snapshot((), 0, None, 0, 0)
        self._ended_key: object = None
        self._shown: tuple[Mood, Ring | None] | None = None
        self._shown_s = 0.0
        self.state = TrayState(Mood.CALM, None, ())
        self._again = QTimer(self)
        self._again.setInterval(_LOOK_AGAIN_MS)
        self._again.timeout.connect(self.look_again)
        look.theme.changed.connect(self._draw_anew)

    def start(self) -> None:
        """Look for a tray now, and from now on."""
        self.look_again()
        self._again.start()
        self.show_snapshot(self._snapshot)

    def stop(self) -> None:
        """Take the icon away; look no more."""
        self._again.stop()
        self._drop()

    def is_there(self) -> bool:
        """Whether the icon is in a tray that a person can see."""
        return self.icon is not None and QSystemTrayIcon.isSystemTrayAvailable()

    def watches(self) -> bool:
        """Whether a watch folder was on when they were last read."""
        return any(one.is_on for one in self._folders)

    def look_again(self) -> None:
        """Come into a tray that has come, and leave one that is gone."""
        is_available = QSystemTrayIcon.isSystemTrayAvailable()
        if is_available and self.icon is None:
            # A new one each time: which kind of tray an icon is for is decided when it is made.
            self.icon = QSystemTrayIcon(self)
            self.icon.setContextMenu(self.menu)
            self.icon.activated.connect(self._activated)
            self.icon.messageClicked.connect(self.message_clicked)
            self._draw_anew()
            self.icon.show()
            self.came.emit()
        elif not is_available and self.icon is not None:
            self._drop()
            self.gone.emit()

    def say(self, title: str, text: str) -> bool:
        """Show a message beside the icon; False where nobody would see it."""
        if self.icon is None or not self.is_there() or not QSystemTrayIcon.supportsMessages():
            return False
        self.icon.showMessage(untagged(title), untagged(text), self.icon.icon())
        return True

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """What everything together looks like now."""
        self._snapshot = snapshot
        key = tuple((one.id, one.status) for one in snapshot.transfers)
        if key != self._ended_key:
            self._ended_key = key
            self.refresh()
        self._show()

    def refresh(self) -> None:
        """Read results and watch folders again."""
        self._background.run(
            lambda: self._service.history(_ENDED, limit=RESULTS),
            self._show_results,
            lambda _error: None,  # the window says that the ledger does not answer
        )
        self.read_folders()

    def read_folders(self) -> None:
        """Read the watch folders again."""
        watching = self._watching
        if watching is not None:
            self._background.run(
                lambda: tuple(watching.folders()), self._show_folders, lambda _error: None
            )

    def _show_results(self, results: tuple[TransferView, ...]) -> None:
        self.menu.show_results(results)

    def _show_folders(self, folders: tuple[WatchRow, ...]) -> None:
        self._folders = folders
        if self._watching is not None:
            self.menu.show_folders(folders)
        self._show()

    def _turn_folder(self, number: int, is_on: bool) -> None:
        watching = self._watching
        if watching is not None:
            self._background.run(
                lambda: watching.turn(number, is_on),
                lambda _nothing: self.read_folders(),
                self._not_turned,
            )

    def _restart_folder(self, number: int) -> None:
        watching = self._watching
        if watching is not None:
            self._background.run(
                lambda: watching.restart(number),
                lambda _nothing: self.read_folders(),
                self._not_turned,
            )

    def _not_turned(self, error: KetterError) -> None:
        self.read_folders()  # the tick is as it was
        self._background.went_wrong.emit(error)

    def _show(self) -> None:
        statuses = {one.status for one in self._snapshot.transfers}
        self.menu.show_work(works=bool(statuses & _CAN_PAUSE), paused=_T.PAUSED in statuses)
        words = self._look.words
        state = tray_state(self._snapshot, words, self._folders)
        if state != self.state:
            self.state = state
            self.menu.show_state(state)
            self._show_tip()
        self._draw()

    def _draw(self) -> None:
        """Only what has changed, and what moves not too often; what begins or ends, at once."""
        wanted = (self.state.mood, self.state.ring)
        if self.icon is None or wanted == self._shown:
            return
        turned = self._shown is None or (
            wanted[0] is not self._shown[0] or (wanted[1] is None) != (self._shown[1] is None)
        )
        now_s = time.monotonic()
        if not turned and now_s - self._shown_s < _ICON_EVERY_S:
            return
        self._shown, self._shown_s = wanted, now_s
        self.icon.setIcon(tray_icon(self._look.theme, self._look.icons, *wanted))

    def _draw_anew(self) -> None:
        self._shown = None
        self._show_tip()
        self._draw()

    def _show_tip(self) -> None:
        if self.icon is not None:
            self.icon.setToolTip(untagged("\n".join(("Ketter", *self.state.lines))))

    def _drop(self) -> None:
        if self.icon is not None:
            self.icon.hide()
            self.icon.deleteLater()
            self.icon = None
            self._shown = None

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        how = QSystemTrayIcon.ActivationReason
        if reason in {how.Trigger, how.DoubleClick, how.MiddleClick}:
            self.open_asked.emit()


def untagged(text: str) -> str:
    """A tip without anything that some desktops would read as markup, and others not."""
    return text.replace("<", "‹").replace(">", "›")
