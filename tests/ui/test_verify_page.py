"""The Verify page: dropped there, verified there, told there; elsewhere a drop is a transfer."""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ketter_gui.domain.checking import Verdict
from ketter_gui.store.transaction import Transaction
from ketter_gui.ui.background import Background
from ketter_gui.ui.banner import Banner
from ketter_gui.ui.look import Look
from ketter_gui.ui.reveal import Reveal
from ketter_gui.ui.verify_findings import Findings, short_names
from ketter_gui.ui.verify_runs import Run, What
from tests.gui import sample_checks
from tests.gui.sample_service import SampleService
from tests.ui.conftest import Desk
from tests.ui.test_window import drop


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Somebody's folder with a checksum list."""
    made = tmp_path / "theirs"
    (made / "CLIPS").mkdir(parents=True)
    lines = []
    for name in ("CLIPS/one.mov", "CLIPS/two.mov", "notes.txt"):
        (made / name).write_bytes(name.encode())
        lines.append(f"{hashlib.sha256(name.encode()).hexdigest()}  {name}\n")
    (made / "SHA256SUMS").write_text("".join(lines))
    return made


def opened(desk: Desk) -> Desk:
    desk.window.side.places["verify"].click()
    assert desk.window.verify.isVisible()
    return desk


def let_go(desk: Desk, point: QPoint, *paths: Path) -> None:
    drop(desk.window, [os.fsencode(path) for path in paths], point)
    desk.wait_calm()


def on_page(desk: Desk) -> QPoint:
    page = desk.window.verify
    return page.mapTo(desk.window, page.rect().center())


def ended(desk: Desk) -> str:
    """Wait for the check that is shown; what is said of it."""
    page = desk.window.verify
    desk.wait(lambda: page.run is not None and page.run.is_over)
    desk.wait_calm()
    return f"{page.card.title.text()} {page.card.text.text()}"


def rows(desk: Desk) -> list[tuple[str, str]]:
    model = desk.window.verify.findings.model
    found = [model.row(at) for at in range(model.rowCount())]
    return [(one.verdict.value, Path(one.path.text).name) for one in found if one]


def test_a_folder_let_go_over_the_page_is_verified_there_and_nowhere_else(
    desk: Desk, folder: Path
) -> None:
    page = opened(desk).window.verify
    assert QApplication.focusWidget() is page.empty.folder
    let_go(desk, on_page(desk), folder)
    assert "theirs is what it should be: 3 read and equal." in ended(desk)
    assert "3 equal · read from" in page.card.text.text()
    assert desk.window.incoming.sheet is None
    assert not desk.window.banner.isVisible(), "the page says it all"
    assert not page.findings.isVisible()
    assert QApplication.focusWidget() is page.card.again
    (folder / "CLIPS" / "one.mov").unlink()
    (folder / "stranger.txt").touch()
    (folder / "notes.txt").write_bytes(b"NOTES.TXT")
    QTest.keyClick(page.card.again, Qt.Key.Key_Space)
    desk.wait(lambda: page.findings.model.rowCount() == 3)
    assert "Not everything in theirs is what it should be." in ended(desk)
    assert "1 equal, 1 missing, 1 changed, 1 extra" in page.card.text.text()
    assert rows(desk) == [
        ("missing", "one.mov"),
        ("changed", "notes.txt"),
        ("extra", "stranger.txt"),
    ]


def test_a_folder_let_go_beside_the_page_is_a_new_transfer(desk: Desk, folder: Path) -> None:
    opened(desk)
    let_go(desk, desk.window.side.mapTo(desk.window, QPoint(80, 500)), folder)
    assert desk.window.incoming.sheet is not None
    assert desk.window.verify.run is None
    desk.window.incoming.sheet.leave()
    desk.window.show_place("queue")
    let_go(desk, QPoint(600, 400), folder)
    assert desk.window.incoming.sheet is not None


def test_two_folders_are_compared_and_every_finding_says_what_to_do(
    desk: Desk, folder: Path, tmp_path: Path
) -> None:
    twin = tmp_path / "twin"
    shutil.copytree(folder, twin)
    (twin / "CLIPS" / "one.mov").write_bytes(b"clips/ONE.mov")
    (twin / "CLIPS" / "two.mov").unlink()
    page = opened(desk).window.verify
    let_go(desk, on_page(desk), folder, twin)
    assert "The second folder is not what the first one is." in ended(desk)
    assert page.title.whole_text() == "twin"
    table, strip = page.findings.table, page.findings.strip
    assert QApplication.focusWidget() is table
    assert strip.path.whole_text() == str(twin / "CLIPS" / "two.mov")
    assert "Missing: It is in" in strip.why.text()
    assert "Copy it again from the first folder" in strip.todo.text()
    QTest.keyClick(table, Qt.Key.Key_Down)
    QTest.keySequence(table, "Ctrl+C")
    assert QGuiApplication.clipboard().text() == str(twin / "CLIPS" / "one.mov")
    assert "Do not rely on it." in strip.todo.text()
    assert strip.copy.accessibleName() and strip.reveal.accessibleName() == "Show in file manager"
    page.findings.filters.buttons[Verdict.MISSING].click()
    desk.wait(lambda: rows(desk) == [("missing", "two.mov")])
    page.card.other_way.click()
    assert "All that is in the first" not in ended(desk)
    desk.wait(lambda: page.title.whole_text() == "theirs" and page.run is not None)
    ended(desk)
    assert ("extra", "two.mov") in rows(desk)
    shown = [page.others.itemText(at) for at in range(page.others.count())]
    assert shown == ["theirs · not equal", "twin · not equal"]


def test_a_folder_goes_with_the_manifest_that_is_let_go_with_it(
    desk: Desk, folder: Path, tmp_path: Path
) -> None:
    """Only what that one says counts: it names one file of three."""
    page = opened(desk).window.verify
    digest = hashlib.sha256(b"notes.txt").hexdigest()
    manifest = folder / "one of them.sha256"
    manifest.write_text(f"{digest}  notes.txt\n")
    let_go(desk, on_page(desk), folder, manifest)
    ended(desk)
    assert page.run is not None and page.run.check is not None
    assert page.run.check.view().count(Verdict.EQUAL) == 1


def test_what_has_no_manifest_is_refused_in_the_page_and_can_be_compared(
    desk: Desk, tmp_path: Path
) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    page = opened(desk).window.verify
    let_go(desk, on_page(desk), bare)
    assert "There is no manifest in" in ended(desk)
    assert page.card.compare.isVisible()
    assert page.card.again.text().strip() == "Try again"
    page.new.click()
    assert page.empty.isVisible()
    QGuiApplication.clipboard().setText("nothing to verify")
    QTest.keySequence(desk.window, "Ctrl+V")
    assert desk.window.banner.says("paste")


def test_a_check_is_stopped_by_keyboard_and_counted_at_the_side(desk: Desk, folder: Path) -> None:
    """Held up at its end, where it waits for the ledger."""
    entered, may_go = threading.Event(), threading.Event()

    def hold(_tx: Transaction) -> None:
        entered.set()
        may_go.wait(30)

    page = opened(desk).window.verify
    holder = threading.Thread(target=desk.service.ledger.transact, args=(hold,))
    holder.start()
    try:
        assert entered.wait(30)
        page.take((os.fsencode(folder),))
        desk.wait(page.card.stop.isVisible)
        assert desk.window.side.places["verify"].accessibleName() == "Verify, 1"
        assert page.card.bar.isVisible()
        assert "compared" in page.card.text.text()
        desk.wait(lambda: QApplication.focusWidget() is page.card.stop)
        QTest.keyClick(page.card.stop, Qt.Key.Key_Return)
    finally:
        may_go.set()
        holder.join(30)
    ended(desk)
    assert desk.window.side.places["verify"].accessibleName() == "Verify"


def test_what_was_begun_elsewhere_is_told_there_and_shown_here(desk: Desk, folder: Path) -> None:
    (folder / "notes.txt").unlink()
    desk.window.verifying.ask_folder(os.fsencode(folder))
    key = f"verify-{os.fsencode(folder)!r}"
    desk.wait(lambda: desk.window.banner.says(key) and not desk.window.verifying.checks())
    (run,) = desk.window.verifying.runs()
    desk.window.verifying.show_asked.emit(run)
    assert desk.window.verify.isVisible()
    assert not desk.window.banner.says(key)
    desk.wait(lambda: rows(desk) == [("missing", "notes.txt")])
    assert QApplication.focusWidget() is desk.window.verify.findings.table


def test_a_hundred_thousand_findings_open_at_once_and_more_disturb_nobody(
    qtbot: QtBot, look: Look
) -> None:
    check = sample_checks.crowded(100_000)
    background = Background()
    reveal = Reveal(SampleService(), background, Banner(look))
    findings = Findings(look, background, reveal)
    qtbot.addWidget(findings)
    findings.resize(900, 600)
    findings.show()
    run = Run("key", "all", What.COPIES, lambda: check, check=check)
    findings.show_run(run)
    qtbot.waitUntil(lambda: findings.model.rowCount() == 100_001 and background.is_idle())
    table = findings.table
    table.scrollToBottom()
    table.selectRow(99_999)
    qtbot.waitUntil(lambda: table.current() is not None)
    looked_at = table.current()
    sample_checks.with_findings(check, (Verdict.CHANGED, "/media/RAID_A/Footage/y", "why"))
    check.kept.note(looked_at)
    findings.refresh()
    qtbot.waitUntil(lambda: findings.model.rowCount() == 100_002 and background.is_idle())
    assert table.current() is looked_at
    assert findings.filters.buttons[Verdict.CHANGED].isVisible()
    assert findings.filters.more.whole_text().startswith("1 more was found")


def test_places_are_told_apart_by_what_they_have_not_in_common() -> None:
    assert short_names(["/media/A/Footage", "/media/B/Footage"]) == {
        "/media/A/Footage": "A",
        "/media/B/Footage": "B",
    }
    assert short_names(["/media/A", "/mnt/B"]) == {"/media/A": "A", "/mnt/B": "B"}
    assert short_names([]) == {}
