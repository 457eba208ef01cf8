"""The history's menu and keys, on a real window, a real ledger and real files."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest
from PySide6.QtCore import QDate, QObject, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QMenu

from ketter_gui.domain.status import TransferStatus
from ketter_gui.ui.buttons import Button, Choices
from ketter_gui.ui.draft import Draft
from ketter_gui.ui.keep_sheet import KeepSheet
from ketter_gui.ui.past_actions import Deed
from ketter_gui.ui.reveal import url_of
from tests.builders import camera_card, drive
from tests.ui.conftest import Desk, request_for


def opened(desk: Desk, tmp_path: Path) -> Path:
    """A finished transfer in the history, with the keyboard on its row."""
    place = drive(tmp_path, "RAID")
    number = desk.service.create(request_for([camera_card(tmp_path).path], [place]))
    desk.wait_status(number, TransferStatus.COMPLETED)
    desk.window.show_place("history")
    desk.wait(lambda: desk.window.history.current() is not None)
    desk.wait_calm()
    return place


def said(desk: Desk) -> str:
    return "\n".join(one.text() for one in desk.window.banner.findChildren(QLabel))


def sheet_draft(desk: Desk) -> Draft:
    """What the sheet was filled with, once it is open."""
    desk.wait(lambda: desk.window.incoming.sheet is not None)
    assert desk.window.incoming.sheet is not None
    return desk.window.incoming.sheet.draft


class Opened(QObject):
    """Stands where the system's file manager would be asked."""

    def __init__(self) -> None:
        super().__init__()
        self.urls: list[QUrl] = []

    @Slot(QUrl)
    def take(self, url: QUrl) -> None:
        self.urls.append(url)


def test_a_row_is_copied_hidden_brought_back_and_repeated_by_keyboard(
    desk: Desk, tmp_path: Path
) -> None:
    place = opened(desk, tmp_path)
    history = desk.window.history
    QTest.keyClick(history.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == os.fspath(place)
    QTest.keyClick(history.table, Qt.Key.Key_Delete)
    desk.wait(lambda: history.model.rowCount() == 0)
    assert "The audit keeps it" in said(desk)
    (undo,) = (b for b in desk.window.banner.findChildren(Button) if b.accessibleName() == "Undo")
    QTest.keyClick(undo, Qt.Key.Key_Space)
    desk.wait(lambda: history.model.rowCount() == 1 and history.current() is not None)
    history.table.setFocus()
    QTest.keyClick(history.table, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    request = sheet_draft(desk).request()
    assert request.sources == (os.fsencode(tmp_path / "A001"),)
    assert request.destinations == (os.fsencode(place),)
    assert request.options == desk.service.transfer(1).options
    desk.wait_calm()


def test_repeating_names_the_source_that_is_gone(desk: Desk, tmp_path: Path) -> None:
    opened(desk, tmp_path)
    (tmp_path / "A001").rename(tmp_path / "elsewhere")
    desk.window.past.ask(Deed.REPEAT, desk.service.transfer(1), desk.window)
    draft = sheet_draft(desk)
    desk.wait(lambda: bool(draft.problems_of("source", 0)))
    assert "A001" in str(draft.problems_of("source", 0)[0])
    desk.wait_calm()


def test_a_copy_is_shown_in_the_file_manager_and_one_that_is_gone_is_said(
    desk: Desk, tmp_path: Path
) -> None:
    place = opened(desk, tmp_path)
    taker = Opened()
    # Its stub says bytes; it takes text only.
    QDesktopServices.setUrlHandler("file", taker, "take")  # type: ignore[arg-type]
    try:
        desk.window.past.reveal._open_folder(os.fsencode(place / "A001"))
        assert taker.urls == [url_of(os.fsencode(place))]
    finally:
        QDesktopServices.unsetUrlHandler("file")
    place.rename(tmp_path / "unplugged")
    desk.window.past.reveal.show(os.fsencode(place))
    desk.wait(lambda: "RAID is not there now." in said(desk))


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_the_menu_opens_by_key_and_a_report_is_written(desk: Desk, tmp_path: Path) -> None:
    opened(desk, tmp_path)
    QTest.keyClick(desk.window.details.more, Qt.Key.Key_Space)
    menus = [one for one in desk.window.findChildren(QMenu) if one.isVisible()]
    texts = "\n".join(action.text() for action in menus[0].actions())
    for word in ("Verify again", "Repeat…", "Show in file manager", "Copy path", "Report (PDF)…"):
        assert word in texts
    menus[0].close()
    target = tmp_path / "report.pdf"
    desk.window.past.write_report(os.fsencode(target), 1)
    desk.wait(lambda: "The report is written and signed." in said(desk))
    assert target.read_bytes()[:5] == b"%PDF-"


def test_a_url_keeps_every_byte() -> None:
    assert bytes(url_of(b"/a/caf\xe9 #1.mov").toEncoded().data()) == b"file:///a/caf%E9%20%231.mov"


def choose(field: Choices, value: str) -> None:
    field.choose(value)
    field.activated.emit(field.currentIndex())


def test_a_clip_is_found_and_its_transfer_stands_in_the_details(desk: Desk, tmp_path: Path) -> None:
    opened(desk, tmp_path)
    history = desk.window.history
    choose(history.filters.what, "clips")
    desk.wait(lambda: not history.clips.isVisible() and not history.table.isVisible())
    QTest.keyClicks(history.search, "C001.mxf")
    desk.wait(lambda: history.found.rowCount() == 1)
    texts = [history.found.index(0, column).data() for column in range(7)]
    assert texts[0] == "A001C001.mxf"
    assert texts[3] == "RAID"
    assert texts[-1] == "Verified"
    history.clips.selectRow(0)
    desk.wait(lambda: getattr(desk.window.details.transfer(), "id", 0) == 1)
    history.search.setText("nothing like it")
    desk.wait(lambda: history.found.rowCount() == 0 and history.found.is_loaded)
    choose(history.filters.what, "transfers")
    history.search.clear()
    desk.wait(history.table.isVisible)
    desk.wait_calm()


def test_the_history_is_narrowed_down_and_shown_whole_again(desk: Desk, tmp_path: Path) -> None:
    opened(desk, tmp_path)
    history = desk.window.history
    for state, count in (("failed", 0), ("completed", 1), ("changed", 0), ("open", 0)):
        choose(history.filters.state, state)
        desk.wait_calm()
        assert history.model.rowCount() == count, state
    assert history.filters.clear_button.isVisible()
    history.filters.clear()
    desk.wait(lambda: history.model.rowCount() == 1)
    choose(history.filters.period, "1")
    desk.wait_calm()
    assert history.model.rowCount() == 1
    desk.service.hide(1)
    history.refresh()
    desk.wait(lambda: history.model.rowCount() == 0)
    history.filters.clear()
    choose(history.filters.state, "hidden")
    desk.wait(lambda: history.model.rowCount() == 1)
    desk.wait_calm()


def test_the_days_between_two_are_shown_and_exported(desk: Desk, tmp_path: Path) -> None:
    opened(desk, tmp_path)
    history = desk.window.history
    filters, today = history.filters, QDate.currentDate()
    choose(filters.period, "between")
    dates = filters.dates()
    assert dates.isVisible()
    desk.wait_calm()
    assert history.model.rowCount() == 1
    dates.last.setDate(today.addDays(-1))
    desk.wait(lambda: history.model.rowCount() == 0)
    dates.first.setDate(today.addDays(1))
    assert dates.last.date() == today.addDays(1), "no first day after the last"
    dates.last.setDate(today)
    assert dates.first.date() == today
    desk.wait(lambda: history.model.rowCount() == 1)
    since, until = filters.moments()
    desk.window.export.write(bytes(tmp_path / "day.csv"), None, since=since, until=until)
    desk.wait((tmp_path / "day.csv.sig").exists)
    desk.wait_calm()
    with (tmp_path / "day.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert "TRANSFER_COMPLETED" in {row["event"] for row in rows}
    assert until in (tmp_path / "day.csv.sig").read_text()
    filters.clear()
    assert not dates.isVisible()
    desk.wait_calm()


def test_how_long_the_history_is_kept_is_chosen_with_its_archive(
    desk: Desk, tmp_path: Path
) -> None:
    opened(desk, tmp_path)
    desk.window.history.ask_how_long()
    sheet = sheet_of_keeping(desk)
    offered = [sheet.days.itemText(at) for at in range(sheet.days.count())]
    assert offered == ["For ever", "30 days", "90 days", "365 days"]
    assert not sheet.choose_button.isVisible()
    choose(sheet.days, "30")
    desk.wait_calm()
    assert sheet.choose_button.isVisible()
    sheet.archive_to(bytes(tmp_path / "archives"))
    assert str(tmp_path / "archives") in texts_of(sheet)
    QTest.mouseClick(sheet.keep_button, Qt.MouseButton.LeftButton)
    desk.wait(lambda: desk.service.settings().history_keep_days == 30)
    assert desk.service.settings().history_archive == bytes(tmp_path / "archives")
    desk.wait(lambda: desk.window.findChild(KeepSheet) is None)
    desk.wait_calm()


def test_what_cannot_be_kept_so_is_said_and_nothing_is_set(desk: Desk, tmp_path: Path) -> None:
    opened(desk, tmp_path)
    desk.window.history.ask_how_long()
    sheet = sheet_of_keeping(desk)
    choose(sheet.days, "30")
    sheet.archive_to(b"/no text \xff")
    QTest.mouseClick(sheet.keep_button, Qt.MouseButton.LeftButton)
    desk.wait(lambda: "its name is not UTF-8" in texts_of(sheet))
    assert desk.service.settings().history_keep_days == 0
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    desk.wait(lambda: desk.window.findChild(KeepSheet) is None)


def test_a_sheet_that_was_left_is_not_reached_by_what_comes_back(
    desk: Desk, tmp_path: Path
) -> None:
    opened(desk, tmp_path)
    desk.window.history.ask_how_long()
    sheet = sheet_of_keeping(desk)
    choose(sheet.days, "30")
    sheet.archive_to(b"/no text \xff")
    QTest.mouseClick(sheet.keep_button, Qt.MouseButton.LeftButton)
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    desk.wait(lambda: "its name is not UTF-8" in said(desk))
    desk.wait(lambda: desk.window.findChild(KeepSheet) is None)
    assert desk.service.settings().history_keep_days == 0
    desk.wait_calm()


def sheet_of_keeping(desk: Desk) -> KeepSheet:
    desk.wait(lambda: desk.window.findChild(KeepSheet) is not None)
    sheet = desk.window.findChild(KeepSheet)
    assert sheet is not None
    return sheet


def texts_of(sheet: KeepSheet) -> str:
    return "\n".join(one.text() for one in sheet.findChildren(QLabel) if one.isVisible())
