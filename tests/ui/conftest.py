"""A real window on a real service, offscreen; nothing is replaced by a mock."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, QSettings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from ketter_gui.domain.options import Request
from ketter_gui.domain.status import TransferStatus
from ketter_gui.service.service import Service
from ketter_gui.ui.look import Look, make_look
from ketter_gui.ui.main_window import MainWindow

WAIT_MS = 20_000


@pytest.fixture
def look(qapp: QApplication) -> Look:
    qapp.setStyle("Fusion")
    return make_look(qapp, forced="light", locale=QLocale("en_GB"))


@pytest.fixture
def settings(tmp_path: Path) -> QSettings:
    return QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def service(data_dir: Path) -> Iterator[Service]:
    with Service(data_dir) as opened:
        yield opened


@dataclass
class Desk:
    """A window, its service, and ways to wait for facts."""

    window: MainWindow
    service: Service
    qtbot: QtBot

    def wait(self, fact: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(fact, timeout=WAIT_MS)

    def wait_calm(self) -> None:
        """Everything asked for in the background has come."""
        sheet = self.window.incoming.sheet
        self.wait(
            lambda: self.window.background.is_idle() and (sheet is None or sheet.draft.is_settled())
        )

    def wait_status(self, transfer: int, status: TransferStatus) -> None:
        self.wait(lambda: self.service.transfer(transfer).status is status)
        self.window.polling.poll()


@pytest.fixture
def desk(qtbot: QtBot, look: Look, settings: QSettings, service: Service) -> Iterator[Desk]:
    window = MainWindow(look, service, settings)
    qtbot.addWidget(window)
    window.resize(1280, 800)
    window.show()
    window.begin()
    desk = Desk(window, service, qtbot)
    desk.wait_calm()
    yield desk
    desk.wait_calm()
    if isValid(window):  # the events that made it calm may have taken it away
        window.close_now()


def request_for(sources: list[Path], destinations: list[Path]) -> Request:
    return Request(
        tuple(os.fsencode(path) for path in sources),
        tuple(os.fsencode(path) for path in destinations),
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The offscreen platform cannot tell a window's smallest size to anybody, nor bring one to
    the front, and says so."""
    for item in items:
        if "tests/ui" in str(item.path):
            item.add_marker(pytest.mark.qt_log_ignore("propagateSizeHints", r"raise\(\)"))
