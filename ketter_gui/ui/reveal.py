"""Showing a file or folder in the system's file manager; never through a shell."""

from __future__ import annotations

import os
import sys
from urllib.parse import quote

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

from ketter_gui.domain.errors import KetterError
from ketter_gui.domain.history_errors import NotThere
from ketter_gui.ui.asked import Asked
from ketter_gui.ui.background import Background
from ketter_gui.ui.banner import Banner, error_notice

_NAME = "org.freedesktop.FileManager1"
_ANSWERS_WITHIN_MS = 3000


class Reveal(QObject):
    """Looks off this thread whether it is there; what is not is said in a sentence."""

    def __init__(self, service: Asked, background: Background, banner: Banner) -> None:
        super().__init__()
        self._service, self._background, self._banner = service, background, banner

    def show(self, path: bytes) -> None:
        """Show this one, selected in its folder where the file manager can do so."""
        self._background.run(lambda: self._service.there(path), self._open, self._refused)

    def show_near(self, path: bytes) -> None:
        """Show this one, or the nearest folder above it that is there: of what is missing, or
        lies in an archive."""
        self._background.run(lambda: self._service.nearest(path), self._open, self._refused)

    def _open(self, path: bytes) -> None:
        if sys.platform != "linux" or not self._ask_file_manager(path):
            self._open_folder(path)

    def _ask_file_manager(self, path: bytes) -> bool:
        """Whether one was asked over D-Bus; when it does not answer, the folder is opened."""
        from PySide6 import QtDBus  # only here: a window that reveals nothing never loads it

        bus = QtDBus.QDBusConnection.sessionBus()
        if not bus.isConnected():
            return False
        message = QtDBus.QDBusMessage.createMethodCall(
            _NAME, "/org/freedesktop/FileManager1", _NAME, "ShowItems"
        )
        message.setArguments([[url_of(path).toString(_ENCODED)], ""])
        watcher = QtDBus.QDBusPendingCallWatcher(bus.asyncCall(message, _ANSWERS_WITHIN_MS), self)

        def answered(call: QtDBus.QDBusPendingCallWatcher) -> None:
            if call.isError():
                self._open_folder(path)
            call.deleteLater()

        watcher.finished.connect(answered)
        return True

    def _open_folder(self, path: bytes) -> None:
        """The folder that it lies in: opening the file itself would start a program."""
        above = os.path.dirname(path.rstrip(b"/")) or b"/"
        if not QDesktopServices.openUrl(url_of(above)):
            self._banner.say(error_notice(NoFileManager(path), key="reveal"))

    def _refused(self, error: KetterError) -> None:
        self._banner.say(error_notice(error, key="reveal"))


class NoFileManager(NotThere):
    """The system has no program that shows folders."""

    what = "No file manager answered for {path}."
    todo = "“Copy path” takes the path to the clipboard."


_ENCODED = QUrl.ComponentFormattingOption.FullyEncoded


def url_of(path: bytes) -> QUrl:
    """A path as a URL, byte for byte."""
    return QUrl.fromEncoded(b"file://" + quote(path).encode())
