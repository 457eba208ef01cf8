"""What the tray says and does, apart from the desktop that shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtGui import QAction, QColor
from pytestqt.qtbot import QtBot

from ketter_gui.domain.status import TransferStatus
from ketter_gui.domain.views import Snapshot, TransferView
from ketter_gui.ui.desktop import Desktop
from ketter_gui.ui.look import Look
from ketter_gui.ui.tray import untagged
from ketter_gui.ui.tray_icon import tray_pixmap
from ketter_gui.ui.tray_state import Mood, Ring, TrayState, Watching, WatchRow, tray_state
from tests.builders import camera_card, drive
from tests.gui import sample_values as sample
from tests.ui.conftest import Desk, request_for


def row(name: str, *, is_on: bool = True, **more: Any) -> WatchRow:
    return WatchRow(hash(name), name, is_on, **more)


def state_of(look: Look, *transfers: TransferView, folders: tuple[WatchRow, ...] = ()) -> TrayState:
    return tray_state(Snapshot(transfers, 0, 240, 0, 1), look.words, folders)


# --- what is said -----------------------------------------------------------------------------


def test_nothing_at_work_is_calm_and_has_no_ring(look: Look) -> None:
    assert state_of(look) == TrayState(Mood.CALM, None, ("Nothing at work",))
    watched = state_of(look, folders=(row("a"), row("b"), row("c", is_on=False)))
    assert watched.lines == ("Watching 2 folders",)


def test_the_ring_is_what_was_read_back_and_never_full_while_work_goes_on(look: Look) -> None:
    done = replace(sample.running(), bytes_copied=1000, bytes_verified=1000, bytes_total=1000)
    assert state_of(look, done).ring == Ring(99, 99)
    half = replace(done, bytes_verified=380, bytes_copied=550)
    assert state_of(look, half).ring == Ring(55, 38)
    assert "38\N{NO-BREAK SPACE}% verified, 4 min left" in state_of(look, half).lines[0]


def test_what_was_only_renamed_is_not_called_verified(look: Look) -> None:
    moved = replace(
        sample.running(),
        bytes_total=1000,
        bytes_copied=0,
        bytes_verified=0,
        bytes_renamed=500,
        is_within_volume=True,
    )
    state = state_of(look, moved)
    assert state.ring == Ring(50, 0)
    assert "50\N{NO-BREAK SPACE}% done" in state.lines[0]
    assert "verified" not in state.lines[0]


def test_a_failure_is_said_before_the_work_that_goes_on(look: Look) -> None:
    state = state_of(look, sample.running(), sample.failed())
    assert state.mood is Mood.ATTENTION
    assert state.ring is not None
    assert state.lines[0] == "SOUND_DAY12 needs you"
    assert state.lines[1].startswith("A001_0324: ")


@pytest.mark.parametrize(
    "transfer",
    [
        sample.failed(),
        sample.gone(),
        sample.interrupted(),
        sample.silent(),
        replace(sample.done(), files_failed=1),
        replace(sample.done(), copies_doubted=1),
    ],
    ids=["failed", "waiting", "interrupted", "silent", "partly", "doubted"],
)
def test_whatever_needs_a_person_gets_attention(look: Look, transfer: TransferView) -> None:
    assert state_of(look, transfer).mood is Mood.ATTENTION
    assert "needs you" in state_of(look, transfer).lines[0]


def test_a_tripped_folder_comes_before_everything(look: Look) -> None:
    state = state_of(look, sample.failed(), folders=(row("exports", is_tripped=True),))
    assert state.mood is Mood.TRIPPED
    assert state.lines[0] == "exports was stopped by its guard"


def test_a_tip_is_never_read_as_markup() -> None:
    assert untagged("<b>A</b> & <img src=x>") == "‹b›A‹/b› & ‹img src=x›"


# --- what is drawn ----------------------------------------------------------------------------


def luminance(colour: QColor) -> float:
    parts = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (colour.redF(), colour.greenF(), colour.blueF())
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


@pytest.mark.parametrize("size", [16, 22, 32])
@pytest.mark.parametrize("mood", list(Mood))
def test_the_sign_is_readable_whatever_colour_the_panel_has(
    look: Look, mood: Mood, size: int
) -> None:
    """What is bright lies on the icon's own dark ground: 4.5 : 1 (WCAG) needs no panel."""
    image = tray_pixmap(look.theme, look.icons, mood, Ring(60, 30), size).toImage()
    inside = range(size // 4, size - size // 4)
    found = [image.pixelColor(x, y) for x in inside for y in inside]
    assert all(colour.alpha() == 255 for colour in found)
    light = max(luminance(colour) for colour in found)
    dark = min(luminance(colour) for colour in found)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_every_state_has_a_picture_of_its_own_without_its_colours(look: Look) -> None:
    seen = set()
    states = [(mood, ring) for mood in Mood for ring in (None, Ring(), Ring(50, 0), Ring(99, 50))]
    for mood, ring in states:
        image = tray_pixmap(look.theme, look.icons, mood, ring, 16).toImage()
        grey = image.convertToFormat(image.Format.Format_Grayscale8)
        seen.add(bytes(grey.constBits()))
    assert len(seen) == len(states)


def test_the_icon_does_not_change_with_the_look_of_the_windows(look: Look) -> None:
    light = tray_pixmap(look.theme, look.icons, Mood.CALM, Ring(50, 20), 22).toImage()
    look.theme.force("dark")
    assert tray_pixmap(look.theme, look.icons, Mood.CALM, Ring(50, 20), 22).toImage() == light


# --- what the menu does -----------------------------------------------------------------------


@pytest.fixture
def folders() -> list[WatchRow]:
    return [
        WatchRow(1, "to_lab", is_on=True, text="watching"),
        WatchRow(2, "R&D", is_on=False, text="off"),
        WatchRow(3, "exports", is_on=False, is_tripped=True, text="stopped"),
    ]


@pytest.fixture
def desktop(
    desk: Desk, look: Look, settings: QSettings, folders: list[WatchRow]
) -> Iterator[Desktop]:
    def turn(number: int, is_on: bool) -> None:
        folders[number - 1] = replace(folders[number - 1], is_on=is_on, is_tripped=False)

    watching = Watching(lambda: folders, turn, lambda number: turn(number, True))
    desktop = Desktop(look, desk.service, desk.window, settings, watching)
    desktop.start()
    desk.wait_calm()
    yield desktop
    desk.wait_calm()


def texts(desktop: Desktop) -> list[str]:
    actions = desktop.tray.menu.actions()
    return [one.text() for one in actions if not one.isSeparator() and one.isVisible()]


def action(desktop: Desktop, text: str) -> QAction:
    return next(one for one in desktop.tray.menu.actions() if text in one.text())


def test_a_result_is_listed_and_a_click_shows_it_in_the_window(
    desk: Desk, desktop: Desktop, tmp_path: Path
) -> None:
    number = desk.service.create(
        request_for([camera_card(tmp_path).path], [drive(tmp_path, "A"), drive(tmp_path, "B")])
    )
    desk.wait_status(number, TransferStatus.COMPLETED)
    desk.wait(lambda: any("– Verified, Today" in text for text in texts(desktop)))
    desk.window.show_place("history")
    desk.window.hide()
    action(desktop, "– Verified").trigger()
    assert desk.window.isVisible()
    row = desk.window.queue.current()
    assert row is not None
    assert row.transfer.id == number


def test_a_watch_folder_has_a_switch(desk: Desk, desktop: Desktop, folders: list[WatchRow]) -> None:
    assert texts(desktop)[1:3] == ["to_lab – watching", "R&&D – off"]
    assert not action(desktop, "R&&D").isChecked()
    action(desktop, "R&&D").trigger()
    desk.wait(lambda: folders[1].is_on)
    desk.wait_calm()
    assert action(desktop, "R&&D").isChecked()


def test_without_watch_folders_there_is_no_section_for_them(
    desk: Desk, look: Look, settings: QSettings
) -> None:
    plain = Desktop(look, desk.service, desk.window, settings)
    plain.start()
    desk.wait_calm()
    assert texts(plain) == [
        *("Nothing at work", "Pause all", "Open Ketter"),
        *("Closing keeps Ketter in the tray", "Start at login, in the tray", "Quit Ketter"),
    ]
    separators = [one for one in plain.tray.menu.actions() if one.isSeparator() and one.isVisible()]
    assert len(separators) == 3


def test_pause_all_and_go_on(desk: Desk, desktop: Desktop, tmp_path: Path) -> None:
    assert not desktop.tray.menu.pause.isEnabled()
    card = camera_card(tmp_path, clips=2, clip_bytes=60_000_000)
    number = desk.service.create(request_for([card.path], [drive(tmp_path, "A")]))
    desk.service.pause(number)
    desk.wait_status(number, TransferStatus.PAUSED)
    desk.wait(lambda: desktop.tray.menu.pause.text() == "Go on")
    desktop.tray.menu.pause.trigger()
    desk.wait_status(number, TransferStatus.COMPLETED)


def test_quit_in_the_menu_ends_it_when_nothing_is_at_work(
    qtbot: QtBot, desk: Desk, desktop: Desktop
) -> None:
    desk.window.hide()
    with qtbot.waitSignal(desk.window.closed):
        desktop.tray.menu.quit.trigger()


def test_a_folder_that_its_guard_has_stopped_has_a_restart(
    desk: Desk, desktop: Desktop, folders: list[WatchRow]
) -> None:
    assert desktop.tray.state.mood is Mood.TRIPPED
    assert not action(desktop, "exports – stopped").isChecked()
    action(desktop, "Restart exports").trigger()
    desk.wait(lambda: folders[2].is_on)
    desk.wait_calm()
    assert not any("Restart" in text for text in texts(desktop))
    desk.wait(lambda: desktop.tray.state.mood is Mood.CALM)


def test_watch_folders_that_are_on_are_work_when_the_window_is_closed(
    desk: Desk, desktop: Desktop
) -> None:
    desk.window.close()
    assert desk.window.leaving.sheet is not None
