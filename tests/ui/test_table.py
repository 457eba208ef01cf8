"""A cell is painted once: what it shows follows its row, its selection and its size."""

from __future__ import annotations

import gc

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from ketter_gui.ui.background import Background
from ketter_gui.ui.collecting import rarely_collected
from ketter_gui.ui.look import Look
from ketter_gui.ui.paged import Column, PagedModel
from ketter_gui.ui.table import Table


class Row:
    def __init__(self, number: int, text: str) -> None:
        self.number = number
        self.text = text


@pytest.fixture
def rows() -> list[Row]:
    return [Row(number, f"clip {number}") for number in range(50)]


@pytest.fixture
def table(qtbot: QtBot, look: Look, rows: list[Row]) -> Table:
    columns: list[Column[Row]] = [Column("Name", 0, lambda row: row.text)]
    background = Background()
    model: PagedModel[Row] = PagedModel(background, columns, lambda row: row.number)
    table = Table(look, model, "Rows")
    background.setParent(table)
    model.setParent(table)
    qtbot.addWidget(table)
    table.resize(400, 300)
    table.show()
    model.ask(lambda: len(rows), lambda offset, limit: tuple(rows[offset : offset + limit]))
    qtbot.waitUntil(lambda: model.row(0) is not None)
    return table


def picture(table: Table) -> QImage:
    return table.viewport().grab().toImage()


def test_a_row_that_is_read_anew_is_shown_anew(qtbot: QtBot, table: Table, rows: list[Row]) -> None:
    before = picture(table)
    assert picture(table) == before
    rows[0] = Row(0, "another clip")
    model = table.model()
    assert isinstance(model, PagedModel)
    model.refresh(0)
    qtbot.waitUntil(lambda: model.row(0) is rows[0])
    assert picture(table) != before


def test_a_line_is_between_two_rows(table: Table, look: Look) -> None:
    shown = picture(table)
    bottom = table.visualRect(table.model().index(0, 0)).bottom()
    ratio = shown.devicePixelRatio()
    colours = {shown.pixelColor(x, round(bottom * ratio)).name() for x in range(10, 300, 10)}
    assert colours == {look.theme.colour("line").name()}


def test_the_selection_shows_and_goes(table: Table) -> None:
    before = picture(table)
    table.selectRow(1)
    assert picture(table) != before
    table.clearSelection()
    table.setCurrentIndex(table.model().index(-1, -1))
    assert picture(table) == before


def test_another_look_paints_everything_anew(table: Table, look: Look) -> None:
    look.theme.force("light")
    light = picture(table)
    look.theme.force("dark")
    assert picture(table) != light
    look.theme.force("light")
    assert picture(table) == light
    look.theme.force(None)


def test_what_a_frame_must_not_wait_for_is_put_back_after_the_window() -> None:
    before = gc.get_threshold()
    with rarely_collected():
        assert gc.get_freeze_count() > 0
        assert gc.get_threshold() != before
    assert gc.get_freeze_count() == 0
    assert gc.get_threshold() == before
