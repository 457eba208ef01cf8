"""Watch folders as the tray shows them, from the service."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from ketter_gui.domain.watching import WatchState, WatchView
from ketter_gui.ui.asked import Asked
from ketter_gui.ui.tray_state import Watching, WatchRow


def tr(text: str) -> str:
    """A sentence of this module in the window's language."""
    return QCoreApplication.translate("TrayFolders", text)


def watching_of(service: Asked) -> Watching:
    """The way from the tray to the watch folders."""

    def turn(watch: int, is_on: bool) -> None:
        service.switch_watch(watch, is_on=is_on)

    return Watching(
        lambda: [row_of(view) for view in service.watch_folders()], turn, service.restart_watch
    )


def row_of(view: WatchView) -> WatchRow:
    """A watch folder as a line of the menu."""
    is_tripped = view.state is WatchState.TRIPPED
    return WatchRow(
        id=view.id,
        name=view.name,
        is_on=view.is_on and not is_tripped,
        is_tripped=is_tripped,
        is_attention=view.state is WatchState.UNREACHABLE,
        text=_words(view),
    )


def _words(view: WatchView) -> str:
    words = {
        WatchState.OFF: tr("off"),
        WatchState.STARTING: tr("starting"),
        WatchState.IDLE: tr("nothing new"),
        WatchState.SETTLING: tr("settling"),
        WatchState.WORKING: tr("copying"),
        WatchState.UNREACHABLE: tr("not reachable"),
        WatchState.TRIPPED: tr("stopped"),
    }
    return words[view.state]
