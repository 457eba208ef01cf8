"""The menu of the tray: the state in a line, watch folders, results, and the few verbs.

Only plain actions: many desktops draw this menu themselves, from a description that knows
text, icons and ticks. It is changed in place, since it may be open.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from ketter_gui.domain.views import TransferView
from ketter_gui.ui.look import Look
from ketter_gui.ui.states import transfer_state
from ketter_gui.ui.tray_state import Mood, TrayState, WatchRow, short

RESULTS: Final = 5
_MOST_FOLDERS: Final = 24
_SIGNS: Final = {
    Mood.CALM: ("check", "second"),
    Mood.ATTENTION: ("triangle", "warn"),
    Mood.TRIPPED: ("triangle", "fail"),
}


def tr(text: str) -> str:
    """A sentence of this module in the window's language."""
    return QCoreApplication.translate("Tray", text)


class TrayMenu(QMenu):
    """Says what was chosen; whoever made it acts."""

    open_asked = Signal()
    quit_asked = Signal()
    pause_asked = Signal()
    resume_asked = Signal()
    result_asked = Signal(object)
    """The number of a transfer."""

    folder_turned = Signal(object, bool)
    """The id of a watch folder, and whether it is to be on."""

    restart_asked = Signal(object)
    """The id of a watch folder."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self._folders: list[QAction] = []
        self._restarts: list[QAction] = []
        self._results: list[QAction] = []
        self._state: TrayState | None = None
        self._works = self._paused = False
        self.setAccessibleName("Ketter")
        self._lines: list[QAction] = []
        self._before_folders = self.addSeparator()
        self._before_restarts = self.addSeparator()
        self._before_restarts.setVisible(False)
        self._before_results = self.addSeparator()
        self._before_verbs = self.addSeparator()
        self._before_results.setVisible(False)
        self._before_verbs.setVisible(False)
        self.pause = self.addAction("")
        self.pause.triggered.connect(self._turn)
        self.open = self.addAction(tr("Open Ketter"))
        self.open.triggered.connect(self.open_asked)
        self.addSeparator()
        self.quit = self.addAction(tr("Quit Ketter"))
        self.quit.triggered.connect(self.quit_asked)
        look.theme.changed.connect(self._tint)
        self.show_work(works=False, paused=False)
        self._tint()

    def add_habits(self, habits: Sequence[QAction]) -> None:
        """Ticks that the window has, too, before the end of the menu."""
        self.insertActions(self.quit, habits)
        self.insertSeparator(self.quit)

    def show_state(self, state: TrayState) -> None:
        """At the top: what there is to know, what matters most first."""
        self._state = state
        self._renew(self._lines, len(state.lines), self._before_folders)
        for action, line in zip(self._lines, state.lines, strict=True):
            action.setText(plain(line))
        self._tint()

    def show_work(self, *, works: bool, paused: bool) -> None:
        """“Pause all” while something can be paused, “Go on” while all left is paused."""
        self._works, self._paused = works, paused
        self.pause.setText(tr("Go on") if paused and not works else tr("Pause all"))
        self.pause.setEnabled(works or paused)
        self._tint()

    def show_folders(self, folders: Sequence[WatchRow]) -> None:
        """Each with its switch, and what was stopped by its guard with its restart; whoever has
        more folders has a page for them."""
        folders = folders[:_MOST_FOLDERS]
        tripped = [one for one in folders if one.is_tripped]
        self._renew(self._folders, len(folders), self._before_restarts)
        self._renew(self._restarts, len(tripped), self._before_results)
        for action, row in zip(self._folders, folders, strict=True):
            name = short(row.name)
            action.setText(plain(f"{name} – {row.text}" if row.text else name))
            action.setCheckable(True)
            action.setChecked(row.is_on)
            action.triggered.disconnect()
            action.triggered.connect(lambda is_on, n=row.id: self.folder_turned.emit(n, is_on))
        for action, row in zip(self._restarts, tripped, strict=True):
            action.setText(plain(tr("Restart %1").replace("%1", short(row.name))))
            action.setIcon(self._look.icons.icon("retry"))
            action.triggered.disconnect()
            action.triggered.connect(lambda _on=False, n=row.id: self.restart_asked.emit(n))
        self._before_results.setVisible(bool(self._folders))

    def show_results(self, results: Sequence[TransferView]) -> None:
        """The last ones that ended, the newest first."""
        self._renew(self._results, len(results[:RESULTS]), self._before_verbs)
        for action, transfer in zip(self._results, results, strict=False):
            state, when = transfer_state(transfer), self._look.words.day(transfer.finished_us)
            said = f"{short(transfer.name)} – {state.word}"
            action.setText(plain(f"{said}, {when}" if when else said))
            action.setIcon(self._look.icons.icon(state.icon, state.token))
            action.triggered.disconnect()
            action.triggered.connect(
                lambda _checked=False, number=transfer.id: self.result_asked.emit(number)
            )
        self._before_verbs.setVisible(bool(self._results))

    def _renew(self, actions: list[QAction], count: int, before: QAction) -> None:
        while len(actions) > count:
            gone = actions.pop()
            self.removeAction(gone)
            gone.deleteLater()
        while len(actions) < count:
            action = QAction(self)
            action.triggered.connect(self.open_asked)
            self.insertAction(before, action)
            actions.append(action)

    def _turn(self) -> None:
        if self._paused and not self._works:
            self.resume_asked.emit()
        else:
            self.pause_asked.emit()

    def _tint(self) -> None:
        icon = self._look.icons.icon
        for position, action in enumerate(self._lines):
            action.setIcon(icon(*self._sign(position)))
        self.pause.setIcon(icon("play" if self._paused and not self._works else "pause"))
        self.open.setIcon(icon("queue"))
        self.quit.setIcon(icon("close"))

    def _sign(self, position: int) -> tuple[str, str]:
        """The first line has the mood's sign; work has its own, wherever it is said."""
        mood, ring = (self._state.mood, self._state.ring) if self._state else (Mood.CALM, None)
        is_last = position == len(self._lines) - 1
        if ring is not None and is_last:
            return "half", "accent"
        return _SIGNS[mood] if position == 0 or ring is None else _SIGNS[Mood.ATTENTION]


def plain(text: str) -> str:
    """Text of a menu as it is: an ampersand would underline what follows it."""
    return text.replace("&", "&&")
