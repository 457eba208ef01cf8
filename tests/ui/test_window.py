"""The main job through the window, by keyboard and by drop, on real files."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QWidget,
)

from ketter_gui.domain.errors import NotEnoughBesideOthers
from ketter_gui.domain.items import ItemKind
from ketter_gui.domain.options import CHECKSUM_LABELS, Mode, Options
from ketter_gui.domain.status import TransferStatus
from ketter_gui.queue.known import was_at_rest
from ketter_gui.ui.actions import Verb
from ketter_gui.ui.destination_card import DestinationCard
from ketter_gui.ui.queue_model import RowKind
from ketter_gui.ui.queue_text import chip, facts
from tests.builders import camera_card, drive, odd_card, tree_of
from tests.ui.conftest import Desk, request_for

LEFT = Qt.MouseButton.LeftButton
PLAIN = Qt.KeyboardModifier.NoModifier


def focused() -> QWidget:
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


def drop(window: QWidget, paths: list[bytes], point: QPoint) -> None:
    """What the platform sends when files are let go over the window."""
    mime = QMimeData()
    lines = b"".join(b"file://" + _quoted(path) + b"\r\n" for path in paths)
    mime.setData("text/uri-list", lines)
    enter = QDragEnterEvent(point, Qt.DropAction.CopyAction, mime, LEFT, PLAIN)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(
        window, QDropEvent(QPointF(point), Qt.DropAction.CopyAction, mime, LEFT, PLAIN)
    )


def _quoted(path: bytes) -> bytes:
    from urllib.parse import quote_from_bytes

    return quote_from_bytes(path).encode()


def arrived(source: Path, destination: Path) -> bool:
    return tree_of(destination / source.name) == tree_of(source)


def test_drop_enter_done(desk: Desk, tmp_path: Path) -> None:
    card, drives = camera_card(tmp_path), [drive(tmp_path, "A"), drive(tmp_path, "B")]
    drop(desk.window, [os.fsencode(card.path)], QPoint(600, 400))
    sheet = desk.window.incoming.sheet
    assert sheet is not None
    desk.wait_calm()
    point = sheet.to_half.mapTo(desk.window, QPoint(60, 60))
    drop(desk.window, [os.fsencode(path) for path in drives], point)
    desk.wait_calm()
    assert sheet.draft.destinations() == tuple(os.fsencode(path) for path in drives)
    QTest.keyClick(focused(), Qt.Key.Key_Return)
    desk.wait(lambda: desk.window.incoming.sheet is None)
    desk.wait_status(1, TransferStatus.COMPLETED)
    assert all(arrived(card.path, path) for path in drives)
    assert desk.service.verify_audit().entries > 0


def test_every_checksum_can_be_chosen_and_does_the_proof(desk: Desk, tmp_path: Path) -> None:
    card, to = camera_card(tmp_path), drive(tmp_path, "A")
    sheet = desk.window.incoming.open_sheet(request_for([card.path], [to]))
    desk.wait_calm()
    choices = sheet.from_half.checksum
    offered = {choices.itemData(at): choices.itemText(at) for at in range(choices.count())}
    assert offered == CHECKSUM_LABELS
    assert choices.value() == "sha256"
    choices.setCurrentIndex(choices.findData("c4"))
    choices.activated.emit(choices.currentIndex())
    desk.wait_calm()
    sheet.start()
    desk.wait(lambda: desk.window.incoming.sheet is None)
    desk.wait_status(1, TransferStatus.COMPLETED)
    files = [one for one in desk.service.items(1) if one.kind is ItemKind.FILE]
    assert files
    for one in files:
        ((name, value),) = one.checksums
        assert name == "c4"
        assert len(value) == 90
        assert one.copies[0].checksums == one.checksums


def test_what_is_to_stay_free_is_chosen_in_the_sheet_and_shown_on_the_drive(
    desk: Desk, tmp_path: Path
) -> None:
    card, to = camera_card(tmp_path), drive(tmp_path, "A")
    sheet = desk.window.incoming.open_sheet(request_for([card.path], [to]))
    desk.wait_calm()
    choices = sheet.from_half.reserve
    assert choices.value() == "0"
    assert "stay free" not in sheet.rest.text()
    choices.setCurrentIndex(choices.findData(str(10**9)))
    choices.activated.emit(choices.currentIndex())
    desk.wait_calm()
    assert sheet.draft.request().options.reserve_bytes == 10**9
    assert "At least 1\N{NO-BREAK SPACE}GB stay free on each drive." in sheet.rest.text()
    more_than_any_drive = Options(reserve_bytes=1 << 60)
    sheet.from_half.choose(replace(sheet.draft.request(), options=more_than_any_drive))
    assert choices.value() == str(1 << 60)
    choices.activated.emit(choices.currentIndex())
    desk.wait_calm()
    assert sheet.start_button.isEnabled()
    sheet.start()
    desk.wait(lambda: desk.window.incoming.sheet is None)
    desk.wait_status(1, TransferStatus.FAILED)
    assert isinstance(desk.service.failure(1), NotEnoughBesideOthers)
    assert not any(to.iterdir())


def test_a_speed_limit_is_chosen_in_the_sheet_and_said(desk: Desk, tmp_path: Path) -> None:
    card, to = camera_card(tmp_path), drive(tmp_path, "A")
    sheet = desk.window.incoming.open_sheet(request_for([card.path], [to]))
    choices = sheet.from_half.limit
    assert choices.value() == "0"
    assert "No faster" not in sheet.rest.text()
    choices.setCurrentIndex(choices.findData(str(10**8)))
    choices.activated.emit(choices.currentIndex())
    assert "No faster than 100\N{NO-BREAK SPACE}MB/s." in sheet.rest.text()
    desk.wait_calm()
    sheet.start()
    desk.wait(lambda: desk.window.incoming.sheet is None)
    desk.wait_status(1, TransferStatus.COMPLETED)
    assert desk.service.transfer(1).options.limit_bytes_per_s == 10**8


def test_names_that_are_not_text_arrive_byte_for_byte(desk: Desk, tmp_path: Path) -> None:
    card, to = odd_card(tmp_path), drive(tmp_path, "A")
    odd = [path for path in tree_of(card.path) if path.startswith(b"caf")]
    drop(desk.window, [os.path.join(os.fsencode(card.path), odd[0])], QPoint(600, 400))
    sheet = desk.window.incoming.sheet
    assert sheet is not None
    sheet.to_half.add((os.fsencode(to),))
    desk.wait_calm()
    sheet.start()
    desk.wait(lambda: desk.window.incoming.sheet is None)
    desk.wait_status(1, TransferStatus.COMPLETED)
    assert odd[0] in tree_of(to)


def test_a_transfer_is_started_by_keyboard_alone(desk: Desk, tmp_path: Path) -> None:
    card, to = camera_card(tmp_path), drive(tmp_path, "A")
    QGuiApplication.clipboard().setText(str(card.path))
    QTest.keyClick(desk.window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    sheet = desk.window.incoming.sheet
    assert sheet is not None
    desk.wait_calm()
    QTest.keyClick(focused(), Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert [one.path for one in sheet.draft.sources()] == [os.fsencode(card.path)]
    sheet.to_half.add((os.fsencode(to),))  # the system's own dialog would do this
    sheet.draft.set_destination(os.fsencode(to), is_chosen=False)
    desk.wait_calm()
    assert not sheet.start_button.isEnabled()
    wanted = os.fsencode(to)
    reached = tab_until(
        sheet, lambda widget: isinstance(widget, DestinationCard) and widget.offer.path == wanted
    )
    QTest.keyClick(reached, Qt.Key.Key_Space)
    desk.wait_calm()
    assert sheet.start_button.isEnabled()
    QTest.keyClick(reached, Qt.Key.Key_Return)
    desk.wait(lambda: desk.window.incoming.sheet is None)
    desk.wait_status(1, TransferStatus.COMPLETED)
    assert arrived(card.path, to)


def tab_until(sheet: QWidget, is_there: object) -> QWidget:
    assert callable(is_there)
    for _ in range(40):
        focus = focused()
        assert sheet.isAncestorOf(focus), "the keyboard left the sheet"
        if is_there(focus):
            return focus
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    raise AssertionError("Tab does not lead there")


def test_tab_goes_round_inside_the_sheet(desk: Desk) -> None:
    sheet = desk.window.incoming.open_sheet()
    desk.wait_calm()
    seen = []
    for _ in range(30):
        focus = focused()
        assert focus is sheet.sheet or sheet.isAncestorOf(focus)
        seen.append(focus)
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    assert {
        sheet.from_half.add_button,
        sheet.to_half.other_button,
        sheet.cancel_button,
        sheet.from_half.conflict,
    } <= set(seen)
    QTest.keyClick(focused(), Qt.Key.Key_Escape)
    assert desk.window.incoming.sheet is None


def test_problems_stand_beside_their_cause_and_hold_up_start(desk: Desk, tmp_path: Path) -> None:
    card = camera_card(tmp_path)
    sheet = desk.window.incoming.open_sheet(
        request_for([card.path, tmp_path / "gone"], [card.path / "EMPTY", drive(tmp_path, "A")])
    )
    desk.wait_calm()
    gone = sheet.from_half.column.cards[os.fsencode(tmp_path / "gone")]
    assert "does not exist" in gone._problem.text()
    inside = sheet.to_half.column.cards[os.fsencode(card.path / "EMPTY")]
    assert "inside the source" in inside.accessibleDescription()
    assert not sheet.start_button.isEnabled()
    assert "does not exist" in sheet.strong.text()
    assert "One more is marked above." in sheet.rest.text()
    sheet.draft.remove_source(os.fsencode(tmp_path / "gone"))
    sheet.draft.set_destination(os.fsencode(card.path / "EMPTY"), is_chosen=False)
    desk.wait_calm()
    assert sheet.start_button.isEnabled()
    sheet.leave()


def test_a_manifest_can_be_asked_for(desk: Desk, tmp_path: Path) -> None:
    card, to = camera_card(tmp_path, clips=1), drive(tmp_path, "A")
    sheet = desk.window.incoming.open_sheet(request_for([card.path], [to]))
    desk.wait_calm()
    choices = sheet.from_half.manifest
    assert choices.value() == ""
    choices.setCurrentIndex(choices.findData("ascmhl"))
    choices.activated.emit(choices.currentIndex())
    desk.wait_calm()
    sheet.start()
    desk.wait(lambda: desk.window.incoming.sheet is None)
    desk.wait_status(1, TransferStatus.COMPLETED)
    (written,) = desk.service.manifests_written(1)
    assert Path(written.path).parent == to / card.path.name / "ascmhl"
    (item,) = [one for one in desk.service.items(1) if one.path.text.endswith(".mxf")]
    assert [name for name, _ in item.checksums] == ["sha256", "xxh128"]


def test_the_keyboard_never_goes_behind_an_open_sheet(desk: Desk, tmp_path: Path) -> None:
    """As when something was dragged here from another program: the window becomes active
    only then, and Qt gives the keyboard to the first of its buttons."""
    card = camera_card(tmp_path, clips=1)
    sheet = desk.window.incoming.open_sheet(request_for([card.path], [drive(tmp_path, "A")]))
    desk.wait_calm()
    was = focused()
    assert was is sheet.sheet
    desk.window.bar.new.setFocus(Qt.FocusReason.ActiveWindowFocusReason)
    assert focused() is was
    QTest.keyClick(focused(), Qt.Key.Key_Return)
    desk.wait(lambda: desk.window.incoming.sheet is None)
    desk.wait_status(1, TransferStatus.COMPLETED)


def test_the_first_problem_is_scrolled_into_sight(desk: Desk, tmp_path: Path) -> None:
    cards = [camera_card(tmp_path, name=f"A{number:03d}", clips=1) for number in range(12)]
    sources = [card.path for card in cards]
    sheet = desk.window.incoming.open_sheet(request_for(sources, [drive(tmp_path, "A")]))
    desk.wait_calm()
    cards_shown = sheet.from_half.column
    assert cards_shown.verticalScrollBar().value() == 0
    sheet.draft.add_sources((os.fsencode(tmp_path / "gone"),))
    desk.wait_calm()
    gone = cards_shown.cards[os.fsencode(tmp_path / "gone")]
    # Where a long path makes its sentence taller than the half, as much as there is room for.
    room = cards_shown.viewport().height() - 8
    desk.wait(lambda: gone.visibleRegion().boundingRect().height() >= min(gone.height(), room))
    cards_shown.verticalScrollBar().setValue(0)
    sheet.draft.changed.emit()
    desk.wait_calm()
    assert cards_shown.verticalScrollBar().value() == 0  # a person may scroll away
    sheet.leave()


def test_what_is_pasted_over_the_right_half_is_a_destination(desk: Desk, tmp_path: Path) -> None:
    to = drive(tmp_path, "A")
    QGuiApplication.clipboard().setText(str(to))
    sheet = desk.window.incoming.open_sheet()
    desk.wait_calm()
    sheet.to_half.other_button.setFocus()
    QTest.keyClick(focused(), Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert sheet.draft.destinations() == (os.fsencode(to),)
    assert not sheet.draft.sources()
    sheet.leave()


def test_what_was_chosen_last_is_ticked_next_time(desk: Desk, tmp_path: Path) -> None:
    card, to = camera_card(tmp_path), drive(tmp_path, "A")
    sheet = desk.window.incoming.open_sheet(request_for([card.path], [to]))
    desk.wait_calm()
    sheet.start()
    desk.wait(lambda: desk.window.incoming.sheet is None)
    desk.wait_status(1, TransferStatus.COMPLETED)
    again = desk.window.incoming.open_sheet()
    desk.wait_calm()
    assert again.draft.destinations() == (os.fsencode(to),)
    again.leave()


def test_a_refusal_is_said_in_the_sheet(desk: Desk, tmp_path: Path) -> None:
    card, to = camera_card(tmp_path), drive(tmp_path, "A")
    sheet = desk.window.incoming.open_sheet(request_for([card.path], [to]))
    desk.wait_calm()
    to.rmdir()
    to.write_text("a file now")
    sheet.start()
    desk.wait(lambda: "is not a folder" in sheet.strong.text())
    assert desk.window.incoming.sheet is sheet
    sheet.leave()


def test_pause_resume_and_cancel_by_keyboard(desk: Desk, tmp_path: Path) -> None:
    card = camera_card(tmp_path, clips=4, clip_bytes=40_000_000)
    number = desk.service.create(request_for([card.path], [drive(tmp_path, "A")]))
    desk.window.polling.poll()
    desk.window.queue.select(number)
    view = desk.window.queue.view
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Space)
    desk.wait_status(number, TransferStatus.PAUSED)
    QTest.keyClick(view, Qt.Key.Key_Delete)
    assert desk.window.banner.says("cancel")
    QTest.keyClick(focused(), Qt.Key.Key_Return)
    assert not desk.window.banner.says("cancel")  # Enter keeps
    assert focused() is view
    QTest.keyClick(view, Qt.Key.Key_Delete)
    QTest.keyClick(focused(), Qt.Key.Key_Backtab)
    QTest.keyClick(focused(), Qt.Key.Key_Return)
    desk.wait_status(number, TransferStatus.CANCELLED)
    assert not desk.window.banner.says("cancel")


def test_the_details_show_both_checksums_and_what_happened(desk: Desk, tmp_path: Path) -> None:
    card = camera_card(tmp_path)
    number = desk.service.create(
        request_for([card.path], [drive(tmp_path, "A"), drive(tmp_path, "B")])
    )
    desk.wait_status(number, TransferStatus.COMPLETED)
    desk.window.queue.select(number)
    desk.window.show_files(number)
    desk.wait(lambda: desk.window.files.model.rowCount() > 0)
    desk.wait_calm()
    table = desk.window.files.table
    clip = next(
        row
        for row in range(table.model().rowCount())
        if table.model().index(row, 1).data().endswith("A001C000.mxf")
    )
    table.selectRow(clip)
    expected = tree_of(card.path)[b"CONTENTS/CLIPS/A001C000.mxf"]
    names = [w.accessibleName() for w in desk.window.details._checksums.findChildren(QWidget)]
    assert sum(expected in name for name in names) == 3  # source and two drives
    desk.wait(lambda: "Completed" in desk.window.details.timeline.accessibleDescription())
    told = desk.window.details.timeline.accessibleDescription()
    assert "and 6 more verified; " in told
    assert "4 folders made; " in told


def test_the_details_name_the_proof_of_what_was_not_read_again(desk: Desk, tmp_path: Path) -> None:
    card, to = camera_card(tmp_path, clips=1), drive(tmp_path, "A")
    newest = max(path.lstat().st_ctime_ns for path in card.path.rglob("*"))
    while not was_at_rest(newest, time.time_ns() // 1000):
        pass
    for _ in range(2):
        number = desk.service.create(request_for([card.path], [to]))
        desk.wait_status(number, TransferStatus.COMPLETED)
    desk.window.queue.select(2)
    desk.window.show_files(2)
    desk.wait(lambda: desk.window.files.model.rowCount() > 0)
    desk.wait_calm()
    shown = [one.text() for one in desk.window.details._checksums.findChildren(QLabel)]
    assert "as transfer 1 read it, unchanged since" in shown
    assert any(
        text.startswith("unchanged since it was verified (") and text.endswith(", transfer 1)")
        for text in shown
    )


def test_a_folder_has_no_checksum_and_a_file_is_looked_at_first(desk: Desk, tmp_path: Path) -> None:
    card = camera_card(tmp_path)
    number = desk.service.create(request_for([card.path], [drive(tmp_path, "A")]))
    desk.wait_status(number, TransferStatus.COMPLETED)
    desk.window.show_files(number)
    table, details = desk.window.files.table, desk.window.details
    desk.wait(lambda: table.currentIndex().isValid())
    desk.wait_calm()
    kinds = [item.kind for item in desk.service.items(number)]
    first = kinds.index(ItemKind.FILE)
    assert first > 0
    assert table.currentIndex().row() == first
    table.selectRow(kinds.index(ItemKind.FOLDER))
    told = [one.text() for one in details._checksums._body.findChildren(QLabel)]
    assert told == ["A folder has no checksum."]


def test_the_history_is_searched_and_the_chain_is_checked(desk: Desk, tmp_path: Path) -> None:
    for name in ("A001", "B002"):
        card = camera_card(tmp_path, name=name, clips=1)
        number = desk.service.create(request_for([card.path], [drive(tmp_path, f"to-{name}")]))
        desk.wait_status(number, TransferStatus.COMPLETED)
    desk.window.show_place("history")
    history = desk.window.history
    desk.wait(lambda: history.model.rowCount() == 2)
    history.search.setText("b00")
    desk.wait(lambda: history.model.rowCount() == 1)
    desk.wait(lambda: getattr(history.current(), "name", "") == "B002")
    history.search.setText("nothing like it")
    desk.wait(history._nothing.isVisible)
    history.check_chain()
    desk.wait(lambda: desk.window.banner.says("chain"))
    out = tmp_path / "audit.csv"
    desk.window.export.write(os.fsencode(out), None)
    desk.wait(lambda: desk.window.banner.says("export"))
    assert out.read_bytes().startswith(b"format,")
    assert out.with_name("audit.csv.sig").exists()


def test_a_failed_file_is_told_in_words_and_tried_again(desk: Desk, tmp_path: Path) -> None:
    card, to = camera_card(tmp_path), drive(tmp_path, "A")
    (to / "A001" / "CONTENTS" / "CLIPS").mkdir(parents=True)
    taken = to / "A001" / "CONTENTS" / "CLIPS" / "A001C001.mxf"
    taken.write_bytes(b"something else")
    number = desk.service.create(request_for([card.path], [to]))
    desk.wait_status(number, TransferStatus.FAILED)
    desk.window.queue.select(number)
    model = desk.window.queue.model
    rows = [model.at(row) for row in range(model.rowCount())]
    failed = next(row for row in rows if row.kind is RowKind.ITEM)
    assert failed.item is not None
    assert "already exists there and is different" in failed.item.message
    taken.unlink()
    desk.window.actions_of_transfers.ask(Verb.RETRY, desk.service.transfer(number))
    desk.wait_status(number, TransferStatus.COMPLETED)
    assert arrived(card.path, to)


def test_a_move_says_that_originals_go_and_removes_them(desk: Desk, tmp_path: Path) -> None:
    card, to, other = camera_card(tmp_path), drive(tmp_path, "A"), drive(tmp_path, "B")
    before = tree_of(card.path)
    sheet = desk.window.incoming.open_sheet(request_for([card.path], [to, other]))
    sheet.mode.choose("move")
    sheet.draft.set_mode(Mode.MOVE)
    desk.wait_calm()
    assert "removed" in sheet.rest.text()
    sheet.start()
    desk.wait(lambda: desk.window.incoming.sheet is None)
    desk.wait_status(1, TransferStatus.COMPLETED)
    assert tree_of(to / "A001") == tree_of(other / "A001") == before
    assert not tree_of(card.path)


def test_a_move_within_its_drive_is_said_to_be_no_second_copy(desk: Desk, tmp_path: Path) -> None:
    card, to = camera_card(tmp_path), drive(tmp_path, "A")
    sheet = desk.window.incoming.open_sheet(request_for([card.path], [to]))
    sheet.mode.choose("move")
    sheet.draft.set_mode(Mode.MOVE)
    desk.wait_calm()
    assert "within its drive" in sheet.strong.text()
    assert "no second copy" in sheet.rest.text()
    assert "verified with" not in sheet.strong.text()
    sheet.start()
    desk.wait(lambda: desk.window.incoming.sheet is None)
    desk.wait_status(1, TransferStatus.COMPLETED)
    view, words = desk.service.transfer(1), desk.window._look.words
    assert "no second copy" in chip(view, words).word
    assert "no second copy" in facts(view, words)
    assert view.files_verified == 0
    assert not tree_of(card.path)


def test_quitting_while_something_works_asks_first(desk: Desk, tmp_path: Path) -> None:
    card = camera_card(tmp_path, clips=4, clip_bytes=60_000_000)
    number = desk.service.create(request_for([card.path], [drive(tmp_path, "A")]))
    desk.wait(lambda: desk.service.transfer(number).status is TransferStatus.RUNNING)
    desk.window.polling.poll()
    desk.window.close()
    assert desk.window.isVisible()
    sheet = desk.window.leaving.sheet
    assert sheet is not None
    assert focused() is sheet.stay_button
    QTest.keyClick(sheet.stay_button, Qt.Key.Key_Return)
    assert desk.window.leaving.sheet is None
    desk.service.cancel(number)
    desk.wait_status(number, TransferStatus.CANCELLED)


def test_every_control_has_a_name(desk: Desk, tmp_path: Path) -> None:
    card = camera_card(tmp_path)
    number = desk.service.create(request_for([card.path], [drive(tmp_path, "A")]))
    desk.wait_status(number, TransferStatus.COMPLETED)
    desk.window.incoming.open_sheet(request_for([card.path], [drive(tmp_path, "B")]))
    desk.wait_calm()
    controls = (QAbstractButton, QAbstractItemView, QComboBox, QLineEdit)
    nameless = [
        f"{type(widget).__name__} in {type(widget.parent()).__name__}"
        for widget in desk.window.findChildren(QWidget)
        if isinstance(widget, controls)
        and widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        and not widget.accessibleName()
    ]
    assert not nameless


def test_the_side_list_and_the_details_fold_when_the_window_is_narrow(
    desk: Desk, tmp_path: Path
) -> None:
    card = camera_card(tmp_path, clips=1)
    number = desk.service.create(request_for([card.path], [drive(tmp_path, "A")]))
    desk.wait_status(number, TransferStatus.COMPLETED)
    desk.window.queue.select(number)
    assert desk.window.details.isVisible()
    desk.window.resize(1000, 700)
    assert not desk.window.details.isVisible()
    QTest.keyClick(desk.window, Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    assert desk.window.details.isVisible()
    desk.window.resize(800, 700)
    assert desk.window.side.width() < 100


def test_a_sentence_keeps_all_its_lines_when_the_window_gets_narrower(
    desk: Desk, tmp_path: Path
) -> None:
    card, to = camera_card(tmp_path), drive(tmp_path, "A")
    taken = to / "A001" / "CONTENTS" / "CLIPS" / "A001C001.mxf"
    taken.parent.mkdir(parents=True)
    taken.write_bytes(b"something else")
    number = desk.service.create(request_for([card.path], [to]))
    desk.wait_status(number, TransferStatus.FAILED)
    view = desk.window.queue.view
    index = desk.window.queue.model.index(1)
    wide = view.visualRect(index).height()
    desk.window.resize(600, 800)
    desk.wait(lambda: view.visualRect(index).height() > wide)


def test_web_pages_are_not_taken(desk: Desk) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl("https://example.com/clip.mov")])
    enter = QDragEnterEvent(QPoint(600, 400), Qt.DropAction.CopyAction, mime, LEFT, PLAIN)
    enter.ignore()
    QApplication.sendEvent(desk.window, enter)
    assert not enter.isAccepted()
    assert desk.window.incoming.sheet is None


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_window_changes_its_look_while_it_is_open(desk: Desk, theme: str) -> None:
    desk.window._look.theme.force(theme)
    image = desk.window.grab().toImage()
    assert image.pixelColor(4, 300) == desk.window._look.theme.colour("background")
    desk.window._look.theme.force("light")
