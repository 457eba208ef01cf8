"""The picture in the README: a real window on a real service, while it copies."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from PySide6.QtCore import QLocale, QSettings
from PySide6.QtGui import QFont, QImage
from PySide6.QtWidgets import QApplication

from ketter_gui.domain.options import Request
from ketter_gui.domain.status import TransferStatus
from ketter_gui.service.service import Service
from ketter_gui.ui.application import make_application
from ketter_gui.ui.look import make_look
from ketter_gui.ui.main_window import MainWindow

_CLIP_BYTES = 300_000_000
_CLIPS = 8
_WAIT_S = 120.0


def picture() -> QImage:
    """A card that is done, and one that is half-way."""
    with tempfile.TemporaryDirectory(prefix="ketter-picture-") as folder:
        root = Path(folder)
        drives = [root / name for name in ("RAID_A", "SHUTTLE_02")]
        for path in drives:
            path.mkdir()
        _card(root / "A001", clips=3, clip_bytes=9_000_000)
        _card(root / "B002", clips=_CLIPS, clip_bytes=_CLIP_BYTES)
        with Service(root / "data") as service:
            return _taken(service, root, drives)


def _taken(service: Service, root: Path, drives: list[Path]) -> QImage:
    application = make_application(["ketter"])
    application.setFont(QFont("DejaVu Sans", 9))
    look = make_look(application, forced="light", locale=QLocale("en_GB"))
    application.setPalette(look.theme.palette())
    application.setFont(look.theme.font("body"))
    settings = QSettings(str(root / "window.ini"), QSettings.Format.IniFormat)
    window = MainWindow(look, service, settings)
    window.resize(1280, 800)
    window.show()
    window.begin()
    first = service.create(_request(root / "A001", drives))
    assert service.wait(first, _WAIT_S)
    second = service.create(_request(root / "B002", drives))
    deadline_s = time.monotonic() + _WAIT_S
    window.polling.poll()
    while time.monotonic() < deadline_s:
        application.processEvents()
        time.sleep(0.02)
        window.queue.select(second)
        view = service.transfer(second)
        is_half = view.bytes_verified > view.bytes_total * 0.45
        if (is_half and view.seconds_left) or view.status is TransferStatus.COMPLETED:
            break
    for _ in range(20):
        window.polling.poll()
        application.processEvents()
        time.sleep(0.01)
    image = window.grab().toImage()
    service.cancel(second)
    window.close_now()
    window.deleteLater()
    QApplication.processEvents()
    return image


def _card(folder: Path, *, clips: int, clip_bytes: int) -> None:
    inside = folder / "CONTENTS" / "CLIPS"
    inside.mkdir(parents=True)
    noise = os.urandom(1_000_000)
    for number in range(1, clips + 1):
        name = f"{folder.name}C{number:03d}_261124"
        with (inside / f"{name}.mxf").open("wb") as file:
            for _ in range(clip_bytes // len(noise)):
                file.write(noise)
        (inside / f"{name}.xml").write_text("<Clip/>\n")


def _request(source: Path, drives: list[Path]) -> Request:
    return Request((os.fsencode(source),), tuple(os.fsencode(path) for path in drives))
