"""Tables of any length open at once, and read only what is seen."""

from __future__ import annotations

import time

from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from ketter_gui.domain.views import ItemView
from ketter_gui.ui.background import Background
from ketter_gui.ui.files_page import FilesPage
from ketter_gui.ui.look import Look
from ketter_gui.ui.paged import PAGE, Column, PagedModel
from tests.gui import sample_values as sample
from tests.gui.sample_service import SampleService

COLUMNS: list[Column[int]] = [Column("Number", 0, str), Column("Twice", 80, lambda n: str(2 * n))]


def model_of(background: Background) -> PagedModel[int]:
    model = PagedModel(background, COLUMNS, lambda number: number)
    model.tester = QAbstractItemModelTester(  # type: ignore[attr-defined]
        model, QAbstractItemModelTester.FailureReportingMode.Fatal, model
    )
    return model


def test_a_page_is_read_once_and_only_when_it_is_seen(qtbot: QtBot) -> None:
    asked: list[int] = []

    def page(offset: int, limit: int) -> tuple[int, ...]:
        asked.append(offset)
        return tuple(range(offset, offset + limit))

    background = Background()
    model = PagedModel(background, COLUMNS, lambda number: number)
    model.ask(lambda: 1_000_000, page)
    qtbot.waitUntil(lambda: model.rowCount() == 1_000_000)
    assert set(asked) <= {0, PAGE}
    assert model.row(500_000) is None
    assert model.row(500_001) is None
    qtbot.waitUntil(lambda: model.row(500_000) == 500_000)
    assert asked.count(500_000) == 1


def test_a_refresh_keeps_what_is_shown_until_the_new_has_come(qtbot: QtBot) -> None:
    background = Background()
    model = model_of(background)
    model.ask(lambda: 3, lambda offset, limit: (1, 2, 3))
    qtbot.waitUntil(lambda: model.rowCount() == 3)
    with qtbot.assertNotEmitted(model.modelReset, wait=50):
        model.refresh(0)
        assert model.row(1) == 2


def test_a_new_question_forgets_the_answer_to_the_old_one(qtbot: QtBot) -> None:
    background = Background()
    model = model_of(background)

    def slow(offset: int, limit: int) -> tuple[int, ...]:
        time.sleep(0.1)
        return (7,)

    model.ask(lambda: 1, slow)
    model.ask(lambda: 2, lambda offset, limit: (1, 2))
    qtbot.waitUntil(background.is_idle)
    assert model.rowCount() == 2
    assert model.row(0) == 1


def test_a_hundred_thousand_files_open_in_an_instant(qtbot: QtBot, look: Look) -> None:
    service = SampleService(transfers=(sample.done(),), item_count=100_000)
    background = Background()
    page = FilesPage(look, service, background)
    qtbot.addWidget(page)
    page.resize(900, 700)
    page.show()
    started_s = time.perf_counter()
    page.show_transfer(sample.done())
    qtbot.waitUntil(lambda: page.model.rowCount() == 100_000)
    page.table.grab()
    opened_s = time.perf_counter() - started_s
    assert opened_s < 0.5  # a table takes some 0.03 s; a tree of as many rows freezes
    page.table.scrollToBottom()
    page.table.grab()
    qtbot.waitUntil(lambda: isinstance(page.model.row(99_999), ItemView))
