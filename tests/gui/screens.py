"""Renders every screen, light and dark, to PNG files and one contact sheet.

    python -m tests.gui.screens OUTDIR [--readme]

Offscreen, in a fixed locale, font and size, from made-up values: two runs give equal
pictures. `--readme` also renews resources/help/screenshot.png.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.setdefault("TZ", "UTC")

from PySide6.QtCore import QEvent, QLocale, QPoint, QSettings, QSize, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter
from PySide6.QtWidgets import QApplication

from ketter_gui.domain.errors import DestinationReadOnly, SourceMissing
from ketter_gui.domain.options import Mode, Request
from ketter_gui.domain.resources import resource
from ketter_gui.domain.views import Problem
from ketter_gui.ui.application import make_application
from ketter_gui.ui.keep_sheet import KeepSheet
from ketter_gui.ui.look import make_look
from ketter_gui.ui.main_window import MainWindow
from tests.gui import sample_checks as checks
from tests.gui import sample_values as sample
from tests.gui import sample_watches as watched
from tests.gui.sample_service import SampleService

FULL = QSize(1280, 800)
Screen = tuple[str, SampleService, Callable[[MainWindow], None], QSize]


def screens() -> list[Screen]:
    """Every screen: its name, what the service has, what is done, and the window's size."""
    busy = (sample.running(), sample.waiting(), sample.failed())
    finished = (sample.done(), sample.moved(), sample.gone())
    two = Request((b"/media/A001",), (b"/media/RAID_A/Footage/Harbour", b"/media/SHUTTLE_02"))
    troubled = Request(
        (b"/media/A001", b"/home/mia/sound/day 12"),
        (b"/media/OLD_USB", b"/media/RAID_A"),
        Mode.MOVE,
    )
    problems = (
        Problem("source", 1, SourceMissing(b"/home/mia/sound/day 12")),
        Problem("destination", 0, DestinationReadOnly(b"/media/OLD_USB", errno=30)),
    )
    everything = (
        sample.running(),
        sample.waiting(),
        sample.paused(),
        sample.gone(),
        sample.interrupted(),
        sample.failed(),
        sample.done(),
        sample.moved(),
    )
    rare = (sample.silent(), sample.renamed(), sample.packed(), sample.from_cache())
    return [
        ("empty", SampleService(), _nothing, FULL),
        ("empty-no-drives", SampleService(connected=()), _nothing, FULL),
        ("drag-over", SampleService(), lambda w: w._light(QPoint(700, 400)), FULL),
        ("new-empty", SampleService(), lambda w: w.incoming.open_sheet() and None, FULL),
        ("new", SampleService(transfers=busy), lambda w: w.incoming.open_sheet(two) and None, FULL),
        (
            "new-problems",
            SampleService(transfers=busy, problems=problems),
            lambda w: w.incoming.open_sheet(troubled) and None,
            FULL,
        ),
        ("new-drag-over", SampleService(transfers=busy), lambda w: _drag_over_sheet(w, two), FULL),
        (
            "new-narrow",
            SampleService(transfers=busy),
            lambda w: w.incoming.open_sheet(two) and None,
            QSize(640, 600),
        ),
        ("queue", SampleService(transfers=busy), _select_item, FULL),
        ("done", SampleService(transfers=finished), _nothing, FULL),
        ("failed", SampleService(transfers=(sample.failed(), sample.done())), _nothing, FULL),
        ("every-state", SampleService(transfers=everything), _nothing, QSize(1280, 1000)),
        ("rare-states", SampleService(transfers=rare), _nothing, QSize(1280, 800)),
        (
            "interrupted",
            SampleService(transfers=(sample.interrupted(),), left_over=(sample.interrupted(),)),
            _nothing,
            FULL,
        ),
        (
            "cancel-asked",
            SampleService(transfers=busy),
            lambda w: w._confirm_cancel(sample.running()),
            FULL,
        ),
        ("leave-asked", SampleService(transfers=busy), lambda w: w.close() and None, FULL),
        ("history", SampleService(past=sample.history()), lambda w: w.show_place("history"), FULL),
        ("history-empty", SampleService(), lambda w: w.show_place("history"), FULL),
        ("history-nothing-found", SampleService(past=sample.history()), _find_nothing, FULL),
        ("history-filtered", SampleService(past=sample.history()), _filter, FULL),
        ("history-days", SampleService(past=sample.history()), _days, FULL),
        ("history-kept", SampleService(past=sample.history()), _keep, FULL),
        ("history-days-narrow", SampleService(past=sample.history()), _days, QSize(640, 560)),
        ("history-clips", SampleService(past=sample.history()), _find_clips, FULL),
        ("history-clips-empty", SampleService(past=sample.history()), _look_for_clips, FULL),
        ("history-chain", SampleService(past=sample.history()), _check_chain, FULL),
        (
            "history-chain-broken",
            SampleService(past=sample.history(), is_broken=True),
            _check_chain,
            FULL,
        ),
        *verify_screens(),
        *watch_screens(),
        ("all-files", SampleService(transfers=finished), lambda w: w.show_files(4), FULL),
        ("odd-names", SampleService(transfers=(sample.odd(),)), _select_item, FULL),
        ("narrow-1000", SampleService(transfers=busy), _nothing, QSize(1000, 700)),
        ("narrow-800", SampleService(transfers=busy), _nothing, QSize(800, 700)),
        (
            "narrow-560",
            SampleService(transfers=(sample.odd(), *finished)),
            _nothing,
            QSize(560, 700),
        ),
        (
            "history-narrow",
            SampleService(past=sample.history()),
            lambda w: w.show_place("history"),
            QSize(700, 600),
        ),
    ]


def verify_screens() -> list[Screen]:
    """The Verify page, from empty to crowded."""
    troubled, two = checks.troubled(), (b"/media/RAID_A/day 12", b"/media/SHUTTLE_02/day 12")
    folder = (b"/media/RAID_A/Footage/Harbour/A001_0324",)
    running = checks.troubled(done=0.62)
    return [
        ("verify-empty", SampleService(), lambda w: w.show_place("verify"), FULL),
        ("verify-drag-over", SampleService(), _hold_over_verify, FULL),
        ("verify-refused", SampleService(), lambda w: _verify(w, folder), FULL),
        ("verify-running", SampleService(checked=running), lambda w: _verify(w, folder), FULL),
        ("verify-equal", SampleService(checked=checks.equal()), lambda w: _verify(w, folder), FULL),
        ("verify-found", SampleService(checked=troubled), lambda w: _verify(w, folder), FULL),
        ("verify-two", SampleService(checked=troubled), lambda w: _verify(w, two), FULL),
        ("verify-gone", SampleService(checked=checks.gone()), lambda w: _verify(w, folder), FULL),
        (
            "verify-crowded",
            SampleService(checked=checks.crowded()),
            lambda w: _verify(w, folder),
            FULL,
        ),
        (
            "verify-narrow",
            SampleService(checked=troubled),
            lambda w: _verify(w, two),
            QSize(640, 600),
        ),
        ("verify-empty-narrow", SampleService(), lambda w: w.show_place("verify"), QSize(560, 560)),
    ]


def watch_screens() -> list[Screen]:
    """The Watch folders page, from empty to crowded, and its sheet."""
    usual = SampleService(watches=watched.usual())
    long = (b"/media/RAID_A/Footage/{date}/{watch}", b"/media/SHUTTLE_02/{year}/{month}")
    refused = (
        Problem("source", 0, SourceMissing(b"/home/mia/Ingest/Sound")),
        Problem("destination", 0, DestinationReadOnly(b"/media/OLD_USB", errno=30)),
    )
    return [
        ("watch-empty", SampleService(), lambda w: w.show_place("watch"), FULL),
        ("watch-drag-over", SampleService(), _hold_over_watches, FULL),
        ("watch", usual, lambda w: w.show_place("watch"), FULL),
        (
            "watch-crowded",
            SampleService(watches=watched.crowded()),
            lambda w: w.show_place("watch"),
            FULL,
        ),
        (
            "watch-failing",
            SampleService(watches=watched.failing()),
            lambda w: w.show_place("watch"),
            FULL,
        ),
        ("watch-narrow", usual, lambda w: w.show_place("watch"), QSize(640, 600)),
        ("watch-remove-asked", usual, _remove_watch, FULL),
        ("watch-new-empty", usual, lambda w: _new_watch(w, None, ()), FULL),
        ("watch-new", usual, lambda w: _new_watch(w, b"/home/mia/Ingest/Sound", long), FULL),
        (
            "watch-new-problems",
            SampleService(watches=watched.usual(), watch_problems=refused),
            lambda w: _new_watch(w, b"/home/mia/Ingest/Sound", (b"/media/OLD_USB",), dry=False),
            FULL,
        ),
        ("watch-edit-more", usual, _edit_watch, QSize(1280, 900)),
    ]


def _hold_over_watches(window: MainWindow) -> None:
    window.show_place("watch")
    settle(window)
    window._light(QPoint(700, 400))


def _remove_watch(window: MainWindow) -> None:
    window.show_place("watch")
    assert window.watches is not None
    window.watches.act("remove", watched.usual()[1])


def _new_watch(
    window: MainWindow, folder: bytes | None, places: tuple[bytes, ...], *, dry: bool = True
) -> None:
    window.show_place("watch")
    assert window.watches is not None
    sheet = window.watches.open_new(folder)
    sheet.add_destinations(places)
    settle(window, 0.3)
    if dry:
        sheet.ask_what_now()


def _edit_watch(window: MainWindow) -> None:
    window.show_place("watch")
    assert window.watches is not None
    window.watches.act("edit", watched.usual()[1])
    sheet = window.watches.sheet
    assert sheet is not None
    sheet.fields.more.click()
    settle(window, 0.3)


def _verify(window: MainWindow, paths: tuple[bytes, ...]) -> None:
    window.show_place("verify")
    window.verify.take(paths)
    settle(window)
    window.verifying._look_at_all()


def _hold_over_verify(window: MainWindow) -> None:
    window.show_place("verify")
    settle(window)
    window._light(QPoint(700, 400))


def _nothing(window: MainWindow) -> None:
    """The window as it opens."""


def _select_item(window: MainWindow) -> None:
    window.queue.view.setCurrentIndex(window.queue.model.index(1))


def _drag_over_sheet(window: MainWindow, request: Request) -> None:
    window.incoming.open_sheet(request)
    settle(window)
    window._light(QPoint(900, 300))


def _filter(window: MainWindow) -> None:
    window.show_place("history")
    window.history.filters.period.choose("30")
    window.history.filters.period.activated.emit(0)
    settle(window, 0.3)


def _days(window: MainWindow) -> None:
    window.show_place("history")
    window.history.filters.period.choose("between")
    window.history.filters.period.activated.emit(0)
    settle(window, 0.3)


def _keep(window: MainWindow) -> None:
    window.show_place("history")
    window.history.ask_how_long()
    settle(window, 0.3)
    sheet = window.findChild(KeepSheet)
    assert sheet is not None
    sheet.days.choose("90")
    sheet.archive_to(b"/media/RAID_A/Ketter archive")
    settle(window, 0.3)


def _look_for_clips(window: MainWindow) -> None:
    window.show_place("history")
    window.history.filters.what.choose("clips")
    window.history.filters.what.activated.emit(1)
    settle(window, 0.3)


def _find_clips(window: MainWindow) -> None:
    _look_for_clips(window)
    window.history.search.setText("A001")
    settle(window, 0.5)


def _find_nothing(window: MainWindow) -> None:
    window.show_place("history")
    window.history.search.setText("A404")
    settle(window, 0.3)


def _check_chain(window: MainWindow) -> None:
    window.show_place("history")
    settle(window)
    window.history.check_chain()


def settle(window: MainWindow, at_least_s: float = 0.0) -> None:
    """Until everything asked for in the background has arrived and been painted."""
    started_s = time.monotonic()
    calm = 0
    while calm < 3 or time.monotonic() - started_s < at_least_s:
        QApplication.processEvents()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        time.sleep(0.005)
        is_settled = window.background.is_idle()
        if window.incoming.sheet is not None:
            is_settled = is_settled and window.incoming.sheet.draft.is_settled()
        calm = calm + 1 if is_settled else 0


def render(screen: Screen, theme: str, settings: QSettings) -> QImage:
    """One screen in one theme."""
    _name, service, act, size = screen
    application = make_application(["ketter"])
    application.setFont(QFont("DejaVu Sans", 9))
    look = make_look(application, forced=theme, locale=QLocale("en_GB"))
    application.setPalette(look.theme.palette())
    application.setFont(look.theme.font("body"))
    window = MainWindow(look, service, settings)
    window.resize(size)
    window.show()
    window.begin()
    settle(window)
    act(window)
    settle(window)
    image = window.grab().toImage()
    window.close_now()
    window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return image


def contact_sheet(images: dict[str, QImage], columns: int = 4) -> QImage:
    """All pictures on one page, each under its name."""
    cell, label = QSize(640, 400), 26
    rows = math.ceil(len(images) / columns)
    page = QImage(
        columns * (cell.width() + 16) + 16,
        rows * (cell.height() + label + 16) + 16,
        QImage.Format.Format_RGB32,
    )
    page.fill(QColor("#808080"))
    painter = QPainter(page)
    painter.setPen(QColor("#ffffff"))
    for number, (name, image) in enumerate(images.items()):
        left = 16 + number % columns * (cell.width() + 16)
        top = 16 + number // columns * (cell.height() + label + 16)
        painter.drawText(left, top + 16, name)
        small = image.scaled(
            cell, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        painter.drawImage(left, top + label, small)
    painter.end()
    return page


def main() -> int:
    """Render all, or those whose names are given."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("outdir", type=Path)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--readme", action="store_true")
    arguments = parser.parse_args()
    arguments.outdir.mkdir(parents=True, exist_ok=True)
    images: dict[str, QImage] = {}
    with tempfile.TemporaryDirectory() as folder:
        for screen in screens():
            if arguments.only and screen[0] not in arguments.only:
                continue
            for theme in ("light", "dark"):
                ini = Path(folder) / f"{screen[0]}-{theme}.ini"
                settings = QSettings(str(ini), QSettings.Format.IniFormat)
                name = f"{screen[0]}-{theme}"
                images[name] = render(screen, theme, settings)
                images[name].save(str(arguments.outdir / f"{name}.png"))
    if arguments.readme:
        from tests.gui.readme_picture import picture

        shot = Path(str(resource("help/screenshot.png")))
        shot.parent.mkdir(parents=True, exist_ok=True)
        picture().save(str(shot))
    contact_sheet(images).save(str(arguments.outdir / "contact-sheet.png"))
    print(f"{len(images)} pictures in {arguments.outdir}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
