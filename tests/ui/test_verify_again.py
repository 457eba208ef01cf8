"""“Verify again” in the window: begun with a button, told in the page, kept in the timeline."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from ketter_gui.domain.options import Options, Pack
from ketter_gui.domain.status import TransferStatus
from ketter_gui.ui.states import transfer_state
from ketter_gui.ui.timeline import told
from tests.builders import camera_card, drive
from tests.ui.conftest import Desk, request_for

KEY = "verify-1"


def copied(desk: Desk, tmp_path: Path, options: Options | None = None) -> Path:
    card, place = camera_card(tmp_path), drive(tmp_path, "RAID")
    request = request_for([card.path], [place])
    if options is not None:
        request = replace(request, options=options)
    transfer = desk.service.create(request)
    desk.wait_status(transfer, TransferStatus.COMPLETED)
    desk.window.show_place("history")
    desk.wait(desk.window.details.isVisible)
    desk.wait_calm()
    return place


def pressed(desk: Desk) -> str:
    """Press the button with the keyboard; what the page says at the end."""
    desk.window.banner.take_back(KEY)
    desk.window.details.verify.setFocus()
    QTest.keyClick(desk.window.details.verify, Qt.Key.Key_Space)
    desk.wait(lambda: desk.window.verifying.is_at_work(1) or desk.window.banner.says(KEY))
    desk.wait(lambda: not desk.window.verifying.is_at_work(1) and desk.window.banner.says(KEY))
    return "\n".join(one.text() for one in desk.window.banner.findChildren(QLabel))


def shown(desk: Desk) -> str:
    desk.window.polling.poll()
    return "\n".join(one.text() for one in desk.window.details.findChildren(QLabel))


def test_equal_copies_are_said_to_be_what_they_were(desk: Desk, tmp_path: Path) -> None:
    copied(desk, tmp_path)
    assert desk.window.details.verify.isVisible()
    assert "Every copy of A001 is what it was: 7 read again and equal." in pressed(desk)
    lines = [line.whole() for line in told(desk.service.timeline(1))]
    assert lines[-1] == "Verified again on RAID: 7 equal"


def test_a_copy_that_is_gone_is_named(desk: Desk, tmp_path: Path) -> None:
    place = copied(desk, tmp_path)
    victim = next(path for path in sorted((place / "A001").rglob("*")) if path.is_file())
    before = victim.read_bytes()
    victim.unlink()
    said = pressed(desk)
    assert "Not every copy of A001 is what it was." in said
    assert "1 missing." in said
    assert victim.name in said
    view = desk.service.transfer(1)
    assert transfer_state(view).word == "Changed"
    assert transfer_state(view).token == "fail"
    (row,) = desk.service.snapshot().transfers
    assert transfer_state(row).word == "Changed"
    desk.wait(lambda: "7 verified once" in shown(desk))
    victim.write_bytes(before)
    assert "Every copy of A001 is what it was" in pressed(desk)
    (row,) = desk.service.snapshot().transfers
    assert transfer_state(row).word == "Verified"


def test_what_was_packed_is_verified_like_anything_else(desk: Desk, tmp_path: Path) -> None:
    place = copied(desk, tmp_path, Options(pack=Pack.ZIP))
    assert "Every copy of A001 is what it was: 7 read again and equal." in pressed(desk)
    (place / "A001.zip").unlink()
    said = pressed(desk)
    assert "Not every copy of A001 is what it was." in said
    assert "7 missing." in said
    assert "A001.zip" in said


def test_a_folder_that_others_brought_is_held_against_its_manifest(
    desk: Desk, tmp_path: Path
) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / "clip.mov").write_bytes(b"clip")
    md5 = hashlib.md5(b"clip", usedforsecurity=False).hexdigest()
    (folder / "sums.md5").write_text(f"{md5}  clip.mov\n")
    path = os.fsencode(folder)
    key = f"verify-{path!r}"

    def said() -> str:
        desk.wait(lambda: desk.window.banner.says(key))
        desk.wait(lambda: not desk.window.verifying.checks())
        return "\n".join(one.text() for one in desk.window.banner.findChildren(QLabel))

    desk.window.verifying.ask_folder(path)
    assert "theirs is what it should be: 1 read and equal." in said()
    (folder / "clip.mov").write_bytes(b"clap")
    desk.window.banner.take_back(key)
    desk.window.verifying.ask_folder(path)
    assert "Not everything in theirs is what it should be." in said()
    twin = tmp_path / "twin"
    twin.mkdir()
    both = f"verify-{path!r}-{os.fsencode(twin)!r}"
    desk.window.verifying.ask_two(path, os.fsencode(twin))
    desk.wait(lambda: desk.window.banner.says(both) and not desk.window.verifying.checks())
    desk.window.verifying.ask_folder(os.fsencode(twin))
    gone = f"verify-{os.fsencode(twin)!r}"
    desk.wait(lambda: desk.window.banner.says(gone))
    labels = "\n".join(one.text() for one in desk.window.banner.findChildren(QLabel))
    assert "There is no manifest in" in labels
