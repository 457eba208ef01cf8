"""Packing and unpacking, chosen in the new-transfer sheet."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from ketter_gui.domain.options import Pack
from ketter_gui.domain.status import TransferStatus
from tests.builders import camera_card, drive, tree_of
from tests.ui.conftest import Desk, request_for


def test_a_folder_is_packed_and_the_sheet_says_under_which_name(desk: Desk, tmp_path: Path) -> None:
    card, to = camera_card(tmp_path), drive(tmp_path, "DRIVE")
    sheet = desk.window.incoming.open_sheet(request_for([card.path], [to]))
    desk.wait_calm()
    assert "A001.zip" not in sheet.strong.text()
    QTest.keyClick(sheet.from_half.pack, Qt.Key.Key_Down)
    desk.wait_calm()
    assert sheet.draft.request().options.pack is Pack.ZIP
    assert " as A001.zip" in sheet.strong.text()
    sheet.start()
    desk.wait(lambda: desk.window.incoming.sheet is None)
    desk.wait_status(1, TransferStatus.COMPLETED)
    with zipfile.ZipFile(to / "A001.zip") as archive:
        assert archive.testzip() is None
    assert tree_of(card.path)


def test_a_file_that_cannot_be_packed_is_marked_before_start(desk: Desk, tmp_path: Path) -> None:
    clip, to = tmp_path / "clip.mov", drive(tmp_path, "DRIVE")
    clip.write_bytes(b"footage")
    sheet = desk.window.incoming.open_sheet(request_for([clip], [to]))
    desk.wait_calm()
    sheet.from_half.pack.choose(Pack.ZIP.value)
    sheet.draft.set_pack(Pack.ZIP)
    desk.wait_calm()
    assert not sheet.start_button.isEnabled()
    assert "packs folders" in sheet.from_half.column.cards[os.fsencode(clip)]._problem.text()
    sheet.leave()
