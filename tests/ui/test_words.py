"""Figures as people read them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QDate, QDateTime, QLocale, QTime
from pytestqt.qtbot import QtBot

from ketter_gui.ui.words import Words

NBSP = "\N{NO-BREAK SPACE}"


@pytest.fixture
def words(qtbot: QtBot) -> Words:
    return Words(QLocale("en_GB"))


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (99_949, "99.9 kB"),
        (99_951, "100 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (6_100_000_000, "6.1 GB"),
        (118_000_000_000, "118 GB"),
        (31 * 10**12, "31.0 TB"),
        (10**18, "1,000 PB"),
    ],
)
def test_sizes_are_decimal_with_one_digit_under_100(
    words: Words, size_bytes: int, text: str
) -> None:
    assert words.size(size_bytes).replace(NBSP, " ") == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "1 s"),
        (40, "40 s"),
        (61, "1 min"),
        (242, "4 min"),
        (3600, "1 h"),
        (4800, "1 h 20 min"),
        (86_400, "1 day"),
        (183_600, "2 days 3 h"),
    ],
)
def test_durations_are_no_more_exact_than_they_can_be(
    words: Words, seconds: int, text: str
) -> None:
    assert words.duration(seconds) == text


def test_unknown_is_estimating_and_not_nothing(words: Words) -> None:
    assert words.left(None) == "estimating"


def test_percent_is_rounded_down_so_that_100_is_the_end(words: Words) -> None:
    assert words.percent(999).replace(NBSP, " ") == "99 %"


def test_a_time_left_becomes_a_time_of_day(words: Words) -> None:
    now = QDateTime(QDate(2026, 3, 24), QTime(18, 0))
    assert words.done_at(42 * 60, now=now) == "done at 18:42"


def test_figures_follow_the_locale(qtbot: QtBot) -> None:
    german = Words(QLocale("de_DE"))
    assert german.size(6_100_000_000).replace(NBSP, " ") == "6,1 GB"
    assert german.number(1204) == "1.204"
    assert german.size_brief(31 * 10**12).replace(NBSP, " ") == "31 TB"


def test_names_are_listed_as_people_do(words: Words) -> None:
    assert words.listed(("A",)) == "A"
    assert words.listed(("A", "B")) == "A and B"
    assert words.listed(("A", "B", "C")) == "A, B and C"
