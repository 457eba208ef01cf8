"""From a service to a window and to an exit code.

Order: application → look → window → signals of the system → event loop. The caller
closes the service afterwards: what still works is then interrupted and can be resumed.
"""

from __future__ import annotations

import gc
import logging
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from PySide6.QtCore import QEvent, QObject, QSettings, QSocketNotifier, Signal
from PySide6.QtWidgets import QApplication

from ketter_gui.domain.options import Request
from ketter_gui.ui.asked import Asked
from ketter_gui.ui.collecting import rarely_collected
from ketter_gui.ui.desktop import Desktop
from ketter_gui.ui.look import make_look
from ketter_gui.ui.main_window import MainWindow
from ketter_gui.ui.tray_folders import watching_of

_log = logging.getLogger(__name__)


class _Clicked(QObject):
    """Brings a click on a notification from its thread to the window's."""

    opened = Signal()


def open_window(
    service: Asked,
    request: Request | None = None,
    *,
    argv: Sequence[str] | None = None,
    settings: QSettings | None = None,
    tell_news: Callable[[Callable[[], None]], None] | None = None,
    in_tray: bool = False,
) -> int:
    """Open the window, with a new transfer filled in from `request`, or only the icon in the
    tray; returns the exit code. `tell_news` is the service's: it is handed what brings the
    window to the front."""
    application = make_application(sys.argv[:1] if argv is None else argv)
    look = make_look(application)
    application.setPalette(look.theme.palette())
    look.theme.changed.connect(lambda: application.setPalette(look.theme.palette()))
    application.setFont(look.theme.font("body"))
    application.setWindowIcon(look.icons.application())
    settings = settings or QSettings()
    window = MainWindow(look, service, settings)
    desktop = Desktop(look, service, window, settings, watching_of(service))
    # By `closed` alone: a quit of Qt's own would arrive after the loop and stop the next one.
    application.setQuitOnLastWindowClosed(False)
    window.closed.connect(application.quit)
    if isinstance(application, KetterApplication):
        application.ends.connect(window.close_now)
    desktop.start(in_tray=in_tray and request is None)
    window.begin(request)
    clicked = _Clicked(window)
    clicked.opened.connect(window.come_to_front)
    if tell_news is not None:
        tell_news(clicked.opened.emit)
    with rarely_collected(), _ended_by_signals(window):
        code = application.exec()
    window.deleteLater()
    application.processEvents()
    gc.collect()  # while the application lives, so that nothing is freed after it
    return code


class KetterApplication(QApplication):
    """Tells when the system wants it to end. Qt then closes all windows, and gives up when one
    refuses: a window that only hides itself in the tray would hold up the end of a session."""

    ends = Signal()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Quit:
            self.ends.emit()
        return super().event(event)


def make_application(argv: Sequence[str]) -> QApplication:
    """The application, or the one that a test has made already."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    application = KetterApplication(list(argv) or ["ketter"])
    application.setApplicationName("Ketter")
    application.setOrganizationName("Ketter")
    application.setDesktopFileName("ketter")
    application.setStyle("Fusion")
    return application


@contextmanager
def _ended_by_signals(window: MainWindow) -> Iterator[None]:
    """SIGINT and SIGTERM close the window without asking.

    Python runs its handlers only between byte codes, so an idle event loop would never
    see them: the interpreter writes to a socket that Qt listens to.
    """
    if sys.platform == "win32":
        yield
        return
    reader, writer = socket.socketpair()
    reader.setblocking(False)
    writer.setblocking(False)
    wakeup = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in kept:
        signal.signal(number, lambda *_: None)
    notifier = QSocketNotifier(reader.fileno(), QSocketNotifier.Type.Read)

    def arrived() -> None:
        numbers = set(reader.recv(64))
        if numbers & {int(number) for number in kept}:
            _log.info("asked by a signal to end")
            window.close_now()

    notifier.activated.connect(arrived)
    try:
        yield
    finally:
        notifier.setEnabled(False)
        signal.set_wakeup_fd(wakeup)
        for number, handler in kept.items():
            signal.signal(number, handler)
        reader.close()
        writer.close()
