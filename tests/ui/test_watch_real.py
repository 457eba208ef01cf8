"""The Watch folders page on the real service: made in the sheet, taken, found in the history."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from ketter_gui.domain.options import Mode
from ketter_gui.domain.watching import WatchRules
from tests.ui.conftest import Desk
from tests.ui.test_window import drop


def let_go(desk: Desk, *paths: Path) -> None:
    page = desk.window.watch
    middle = page.mapTo(desk.window, page.rect().center())
    drop(desk.window, [os.fsencode(path) for path in paths], middle)
    desk.wait_calm()


def test_a_folder_is_tried_dry_watched_changed_and_removed(desk: Desk, tmp_path: Path) -> None:
    hot, target = tmp_path / "hot", tmp_path / "target"
    hot.mkdir()
    target.mkdir()
    (hot / "A001C001.mov").write_bytes(b"clip" * 1000)
    (hot / "A001C002.mov.part").write_bytes(b"half")
    window = desk.window
    window.side.places["watch"].click()
    assert window.watch.empty.isVisible()
    let_go(desk, hot)
    let_go(desk, target)
    sheet = window.watches.sheet
    assert sheet is not None
    desk.wait(sheet.save_button.isEnabled)
    sheet.ask_button.click()
    names = sheet.names
    desk.wait(lambda: bool(names.text()))
    assert names.text() == "A001C001.mov"  # and not what is still being written
    QTest.keyClick(sheet.sheet, Qt.Key.Key_Return)
    desk.wait(lambda: len(window.watch.cards) == 1)
    (view,) = desk.service.watch_folders()
    assert view.path.text == str(hot)
    assert view.rules.destinations == (os.fsencode(target),)
    card = window.watch.cards[view.id]

    card.switch.click()
    desk.wait(lambda: not desk.service.watch_folders()[0].is_on)

    QTest.keyClick(card, Qt.Key.Key_Return)
    sheet = window.watches.sheet
    assert sheet is not None
    sheet.mode.group.button(1).click()
    desk.wait(sheet.save_button.isEnabled)
    sheet.save_button.click()
    desk.wait(lambda: desk.service.watch_folders()[0].rules.mode is Mode.MOVE)
    now = desk.service.watch_folders()[0].rules
    assert replace(now, mode=Mode.COPY) == view.rules

    desk.wait(lambda: window.watches.sheet is None)
    window.watches._remove(view.id)
    desk.wait(window.watch.empty.isVisible)
    assert desk.service.watch_folders() == ()
    assert (hot / "A001C001.mov").exists()


def test_a_destination_inside_the_watch_folder_is_refused_beside_it(
    desk: Desk, tmp_path: Path
) -> None:
    hot = tmp_path / "hot"
    (hot / "out").mkdir(parents=True)
    desk.window.side.places["watch"].click()
    let_go(desk, hot)
    let_go(desk, hot / "out")
    sheet = desk.window.watches.sheet
    assert sheet is not None
    desk.wait(lambda: sheet.is_settled() and desk.window.background.is_idle())
    assert sheet.places.rows[0].problem.isVisible()
    assert not sheet.save_button.isEnabled()


def test_changing_nothing_keeps_the_volumes_of_its_destinations(desk: Desk, tmp_path: Path) -> None:
    hot, target = tmp_path / "hot", tmp_path / "target"
    hot.mkdir()
    target.mkdir()
    number = desk.service.add_watch(os.fsencode(hot), WatchRules((os.fsencode(target),)))
    desk.service.switch_watch(number, is_on=False)
    (before,) = desk.service.watch_folders()
    desk.window.side.places["watch"].click()
    desk.window.watches.poll()
    QTest.keyClick(desk.window.watch.cards[number], Qt.Key.Key_Return)
    sheet = desk.window.watches.sheet
    assert sheet is not None
    desk.wait(sheet.save_button.isEnabled)
    sheet.save_button.click()
    desk.wait(lambda: desk.window.watches.sheet is None)
    assert desk.service.watch_folders()[0].rules == before.rules
