"""What is offered as a destination, and what never is."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QSettings

from ketter_gui.domain.views import VolumeView
from ketter_gui.service.demo import make_demo
from ketter_gui.ui.offers import remember, remembered
from tests.builders import drive
from tests.ui.conftest import Desk

_DISK = VolumeView("fs-root", "", b"/", "ssd", "ext4", False, 10**12, 10**11)


def test_a_demo_leaves_no_destination_behind(desk: Desk, tmp_path: Path) -> None:
    sheet = desk.window.incoming.open_sheet(make_demo(tmp_path))
    desk.wait_calm()
    sheet.start()
    desk.wait(lambda: desk.window.incoming.sheet is None)
    again = desk.window.incoming.open_sheet()
    desk.wait_calm()
    assert again.draft.destinations() == ()
    again.leave()


def test_a_demo_card_copied_elsewhere_is_not_remembered(desk: Desk, tmp_path: Path) -> None:
    demo = make_demo(tmp_path)
    sheet = desk.window.incoming.open_sheet()
    sheet.draft.add_sources(demo.sources)
    sheet.to_half.add((os.fsencode(drive(tmp_path, "A")),))
    desk.wait_calm()
    sheet.start()
    desk.wait(lambda: desk.window.incoming.sheet is None)
    again = desk.window.incoming.open_sheet()
    desk.wait_calm()
    assert again.draft.destinations() == ()
    again.leave()


def test_drives_of_a_demo_take_no_place_among_the_remembered(settings: QSettings) -> None:
    remember(settings, (b"/mnt/RAID",), (_DISK,))
    remember(settings, (b"/tmp/ketter-demo-12ab/DRIVE_A",), (_DISK,))
    assert remembered(settings, (_DISK,)) == (b"/mnt/RAID",)


def test_a_demo_remembered_by_an_older_version_is_not_offered(settings: QSettings) -> None:
    line = "fs-root\tplain\t"
    paths = ("/tmp/ketter-demo-12ab/DRIVE_A", "/mnt/RAID")
    settings.setValue("destinations/last", "\n".join(line + path for path in paths))
    assert remembered(settings, (_DISK,)) == (b"/mnt/RAID",)
