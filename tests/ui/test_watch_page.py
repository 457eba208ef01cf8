"""The Watch folders page: one glance tells each folder's state, and everything is asked of
the service. The core is not there yet in these tests: views and answers are given by hand."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from ketter_gui.domain.errors import DestinationReadOnly, KetterError
from ketter_gui.domain.options import Mode
from ketter_gui.domain.views import Problem
from ketter_gui.domain.watching import Method, Unit, WatchRules, WatchState, WatchView, WouldTake
from ketter_gui.ui.look import Look
from ketter_gui.ui.main_window import MainWindow
from ketter_gui.ui.watch_fields import RuleFields
from ketter_gui.ui.watch_sheet import WatchSheet
from ketter_gui.ui.watch_text import (
    counts_line,
    next_line,
    plan,
    rules_line,
    short_place,
    watch_state,
)
from tests.gui import sample_watches as samples
from tests.gui.sample_service import SampleService
from tests.ui.test_window import drop

WAIT_MS = 10_000


@dataclass
class Written(SampleService):
    """Writes down what is asked of it, and answers as it was told to."""

    asked: list[tuple[object, ...]] = field(default_factory=list)
    refuses: KetterError | None = None

    def add_watch(self, path: bytes, rules: WatchRules) -> int:
        if self.refuses is not None:
            raise self.refuses
        self.asked.append(("add", path, rules))
        return 9

    def change_watch(self, watch: int, rules: WatchRules) -> None:
        self.asked.append(("change", watch, rules))

    def switch_watch(self, watch: int, *, is_on: bool) -> None:
        self.asked.append(("switch", watch, is_on))

    def restart_watch(self, watch: int) -> None:
        self.asked.append(("restart", watch))

    def look_now(self, watch: int) -> None:
        self.asked.append(("look", watch))

    def remove_watch(self, watch: int) -> None:
        self.asked.append(("remove", watch))
        self.watches = tuple(one for one in self.watches if one.id != watch)


@dataclass
class Watched:
    """A window on the page, and what it asks of."""

    window: MainWindow
    service: Written
    qtbot: QtBot

    def calm(self) -> None:
        def is_calm() -> bool:
            sheet = self.window.watches.sheet
            return self.window.background.is_idle() and (sheet is None or sheet.is_settled())

        self.qtbot.waitUntil(is_calm, timeout=WAIT_MS)

    def show(self, *views: WatchView) -> None:
        self.service.watches = views
        self.window.watches.poll()

    def sheet(self) -> WatchSheet:
        assert self.window.watches.sheet is not None
        return self.window.watches.sheet

    def drop(self, *paths: bytes) -> None:
        page = self.window.watch
        drop(self.window, list(paths), page.mapTo(self.window, page.rect().center()))


@pytest.fixture
def page(qtbot: QtBot, look: Look, settings: QSettings) -> Iterator[Watched]:
    service = Written(watches=samples.usual())
    window = MainWindow(look, service, settings)
    qtbot.addWidget(window)
    window.resize(1280, 800)
    window.show()
    window.begin()
    window.side.places["watch"].click()
    watched = Watched(window, service, qtbot)
    watched.calm()
    yield watched
    if isValid(window):  # pytest-qt may have taken it away already
        window.close_now()


@pytest.mark.parametrize("state", WatchState)
def test_every_state_has_a_shape_and_a_word_and_none_is_green(
    look: Look, state: WatchState
) -> None:
    view = samples.view(1, b"/a", state, WatchRules((b"/b",)))
    shown = watch_state(view, look.words)
    assert shown.icon and shown.word
    assert shown.token != "verified"


def test_shapes_and_words_tell_the_states_apart(look: Look) -> None:
    shown = [
        watch_state(samples.view(1, b"/a", one, WatchRules((b"/b",))), look.words)
        for one in WatchState
    ]
    assert len({one.icon for one in shown}) == len({one.word for one in shown}) == len(shown)


def test_the_rules_are_told_in_one_line(look: Look) -> None:
    rules = WatchRules((b"/media/RAID_A/Sound",), mode=Mode.MOVE, unit=Unit.FOLDER, settle_s=60)
    said = "Moves to RAID_A/Sound · settled after 1 min · whole folders"
    assert rules_line(rules, look.words) == said


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (b"/media/RAID_A/Footage/{date}/{watch}", "RAID_A/Footage"),
        (b"/media/RAID_A/day-{day}", "RAID_A"),
        (b"/", "/"),
    ],
)
def test_a_destination_is_named_by_what_comes_before_its_tokens(path: bytes, said: str) -> None:
    assert short_place(path) == said


def test_counts_say_nothing_of_what_is_nothing(look: Look) -> None:
    view = samples.view(1, b"/a", WatchState.IDLE, WatchRules((b"/b",)))
    assert counts_line(view, look.words) == "Nothing taken yet"
    view = replace(view, files_waiting=1, files_ready=2, files_taken=1, bytes_taken=5_000_000)
    assert counts_line(view, look.words) == "1 waiting · 2 ready · 1 file taken, 5\xa0MB"


def test_the_next_look_is_told_and_why_there_is_nothing_but_looks(look: Look) -> None:
    view = replace(
        samples.view(1, b"/a", WatchState.IDLE, WatchRules((b"/b",))),
        scanned_us=40_000_000,
        next_scan_us=60_000_000,
    )
    said = next_line(view, look.words, now_us=48_000_000)
    assert said == "Looks through everything again in 12 s"
    scans = next_line(replace(view, method=Method.SCANS), look.words, now_us=48_000_000)
    assert scans == "Looks every 20 s, since this drive tells nothing of what is new"
    off = replace(view, state=WatchState.OFF)
    assert next_line(off, look.words, now_us=48_000_000) == ""


def test_a_move_says_that_originals_go_only_after_the_copies_were_read_back(look: Look) -> None:
    said = plan("in", WatchRules((b"/media/B",), mode=Mode.MOVE), look.words)
    assert said.endswith("is copied to B and read back from there; then the original is removed.")


def test_a_card_says_why_it_stopped_and_starts_again(page: Watched) -> None:
    card = page.window.watch.cards[4]
    assert "5 transfers failed in a row" in card.accessibleDescription()
    assert card.restart.isVisible()
    card.restart.click()
    page.calm()
    assert page.service.asked == [("restart", 4)]
    page.show(*samples.usual()[:3], replace(samples.usual()[3], state=WatchState.IDLE, message=""))
    assert not card.restart.isVisible()


def test_the_side_list_tells_from_afar_that_one_needs_a_person(page: Watched) -> None:
    place = page.window.side.places["watch"]
    assert place.accessibleName() == "Watch folders, 1 need attention"
    page.show(*samples.usual()[:3])
    assert place.accessibleName() == "Watch folders, 3"


def test_the_keyboard_reaches_everything_of_a_card(page: Watched) -> None:
    card = page.window.watch.cards[1]
    assert QApplication.focusWidget() is card
    QTest.keyClick(card, Qt.Key.Key_Space)
    page.calm()
    assert page.service.asked == [("switch", 1, False)]
    QTest.keyClick(card, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is card.switch
    QTest.keyClick(card.switch, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is card.more


def test_what_the_service_refused_to_switch_is_shown_as_it_is(page: Watched) -> None:
    card = page.window.watch.cards[1]
    card.switch.click()
    page.calm()  # the service of this test has it on still
    assert card.switch.isChecked()


def test_cards_and_the_keyboard_stay_while_others_come_and_go(page: Watched) -> None:
    card = page.window.watch.cards[2]
    card.switch.setFocus()
    page.show(*samples.usual()[1:], samples.failing()[0])
    assert list(page.window.watch.cards) == [2, 3, 4, 5]
    assert page.window.watch.cards[2] is card
    assert QApplication.focusWidget() is card.switch


def test_a_watch_folder_is_removed_only_after_a_question(page: Watched) -> None:
    actions = {a.data(): a for a in page.window.watch.cards[2].menu().actions() if a.data()}
    actions["look"].trigger()
    actions["remove"].trigger()
    page.calm()
    assert page.service.asked == [("look", 2)]
    assert page.window.banner.has_focus_in("remove-watch")
    focus = QApplication.focusWidget()
    assert focus is not None and focus.accessibleName() == "Keep it"
    QTest.keyClick(focus, Qt.Key.Key_Backtab)
    danger = QApplication.focusWidget()
    assert danger is not None and danger.accessibleName() == "Remove"
    QTest.keyClick(danger, Qt.Key.Key_Return)
    page.calm()
    assert page.service.asked == [("look", 2), ("remove", 2)]
    assert list(page.window.watch.cards) == [1, 3, 4]
    assert QApplication.focusWidget() is page.window.watch.cards[1]


def test_keeping_it_gives_the_keyboard_back_to_its_card(page: Watched) -> None:
    QTest.keyClick(page.window.watch.cards[3], Qt.Key.Key_Delete)
    focus = QApplication.focusWidget()
    assert focus is not None
    QTest.keyClick(focus, Qt.Key.Key_Return)
    page.calm()
    assert page.service.asked == []
    assert QApplication.focusWidget() is page.window.watch.cards[3]


def test_a_folder_dropped_on_the_page_is_watched_byte_for_byte(page: Watched) -> None:
    page.drop(b"/media/A\xff001")
    page.drop(b"/media/B\xff")
    page.calm()
    sheet = page.sheet()
    assert sheet.save_button.isEnabled()
    QTest.keyClick(sheet.sheet, Qt.Key.Key_Return)
    page.calm()
    (asked,) = page.service.asked
    assert asked[:2] == ("add", b"/media/A\xff001")
    assert asked[2] == WatchRules((b"/media/B\xff",))
    assert page.window.watches.sheet is None


def test_saving_without_a_change_keeps_every_rule(page: Watched) -> None:
    rules = WatchRules(
        (b"/media/RAID_A/{date}",),
        settle_s=7.5,
        sentinel="*.mhl",
        max_failures=4,
        max_runtime_s=90.5,
        quiet_h=2.5,
        is_once=True,
    )
    page.show(replace(samples.usual()[0], rules=rules))
    QTest.keyClick(page.window.watch.cards[1], Qt.Key.Key_Return)
    page.calm()
    page.sheet().save_button.click()
    page.calm()
    assert page.service.asked == [("change", 1, rules)]


def test_a_problem_stands_beside_its_cause_and_keeps_it_from_being_saved(page: Watched) -> None:
    error = DestinationReadOnly(b"/media/OLD_USB", errno=30)
    page.service.watch_problems = (Problem("destination", 1, error),)
    page.drop(b"/media/A001")
    page.sheet().add_destinations((b"/media/RAID_A", b"/media/OLD_USB"))
    page.calm()
    first, second = page.sheet().places.rows
    assert not first.problem.isVisible()
    assert "/media/OLD_USB" in second.problem.text() and second.problem.isVisible()
    assert not page.sheet().save_button.isEnabled()
    page.service.watch_problems = ()
    first.remove.click()
    assert not second.problem.isVisible()  # until it was checked in its new place
    page.calm()
    assert page.sheet().save_button.isEnabled()


def test_what_the_service_refuses_is_said_in_the_sheet(page: Watched) -> None:
    page.service.refuses = DestinationReadOnly(b"/media/RAID_A", errno=30)
    page.drop(b"/media/A001")
    page.drop(b"/media/RAID_A")
    page.calm()
    page.sheet().save_button.click()
    page.calm()
    assert "cannot be written to" in page.sheet().sentence.text()


def test_a_refusal_after_the_sheet_was_left_is_told_in_the_window(
    page: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()

    def add_watch(path: bytes, rules: WatchRules) -> int:
        gate.wait(WAIT_MS / 1000)
        raise DestinationReadOnly(b"/media/RAID_A", errno=30)

    monkeypatch.setattr(page.service, "add_watch", add_watch)
    page.drop(b"/media/A001")
    page.drop(b"/media/RAID_A")
    page.calm()
    page.sheet().save_button.click()
    QTest.keyClick(page.sheet(), Qt.Key.Key_Escape)
    gate.set()
    page.calm()
    assert page.window.banner.says("error")


def test_the_dry_run_names_what_would_be_taken(page: Watched) -> None:
    page.drop(b"/media/A001")
    page.drop(b"/media/RAID_A")
    page.calm()
    sheet = page.sheet()
    sheet.ask_button.click()
    page.calm()
    assert sheet.would.text() == "These 312 files (8.4\xa0GB) would be taken now."
    assert sheet.names.text().splitlines()[0] == "day 12/A001C001_0324.mov"
    assert sheet.names.text().endswith("and 306 more")
    sheet.fields.unit.group.button(1).click()
    assert not sheet.would.isVisible()  # it was about other rules


def test_leaving_the_sheet_stops_the_dry_run(
    page: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, stopped = threading.Event(), threading.Event()

    def would_take(
        path: bytes, rules: WatchRules, stop: threading.Event, watch: int | None = None
    ) -> WouldTake:
        begun.set()
        if stop.wait(WAIT_MS / 1000):
            stopped.set()
        return WouldTake(0, 0, ())

    monkeypatch.setattr(page.service, "would_take", would_take)
    page.drop(b"/media/A001")
    page.drop(b"/media/RAID_A")
    page.calm()
    page.sheet().ask_button.click()
    assert begun.wait(WAIT_MS / 1000)
    QTest.keyClick(page.sheet(), Qt.Key.Key_Escape)
    assert stopped.wait(WAIT_MS / 1000)


def test_without_any_there_is_one_thing_to_do(page: Watched) -> None:
    page.show()
    assert page.window.watch.empty.isVisible()
    page.window._light(QPoint(700, 400))
    assert page.window.watch.empty._title.text() == "Let go to watch it"
    page.window._light(None)
    page.window.watch.empty.new_button.click()
    assert not page.sheet().save_button.isEnabled()


def test_dropped_elsewhere_a_folder_is_a_transfer(page: Watched, tmp_path: Path) -> None:
    page.window.show_place("queue")
    drop(page.window, [os.fsencode(tmp_path)], QPoint(700, 400))
    page.calm()
    assert page.window.incoming.sheet is not None
    assert page.window.watches.sheet is None


def test_a_card_leads_to_the_history_of_its_folder_and_back_to_all(page: Watched) -> None:
    actions = {a.data(): a for a in page.window.watch.cards[2].menu().actions()}
    actions["history"].trigger()
    page.calm()
    filters = page.window.history.filters
    assert page.window.history.isVisible()
    assert filters.query("").watch == 2
    assert filters.watch_button.isVisible() and filters.watch_button.text() == " Only of Sound"
    filters.watch_button.click()
    page.calm()
    assert filters.query("").watch is None
    assert not filters.watch_button.isVisible()


def test_other_destinations_keep_every_rule_that_has_a_field(look: Look) -> None:
    rules = WatchRules((b"/a",), settle_s=7.5, sentinel="done", max_runtime_s=90.5, quiet_h=2.5)
    fields = RuleFields(look)
    fields.show_rules(rules)
    assert fields.rules((b"/b",), Mode.COPY) == replace(rules, destinations=(b"/b",))
