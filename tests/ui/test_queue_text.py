"""The sentences on a transfer's card."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QLocale
from pytestqt.qtbot import QtBot

from ketter_gui.ui.queue_text import chip, facts, retry_text, said_below
from ketter_gui.ui.states import transfer_state
from ketter_gui.ui.words import Words
from tests.gui import sample_values as sample


@pytest.fixture
def words(qtbot: QtBot) -> Words:
    return Words(QLocale("en_GB"))


def test_what_was_there_already_is_counted_once(words: Words) -> None:
    transfer = replace(
        sample.failed(), files_total=5, files_verified=4, files_skipped=4, files_failed=1
    )
    assert chip(transfer, words).word == "1 of 5 failed"
    assert " · 4 files verified · " in facts(transfer, words)


def test_what_was_there_already_does_not_hide_what_was_not_verified(words: Words) -> None:
    transfer = replace(sample.done(), files_total=10, files_verified=6, files_skipped=4)
    assert transfer_state(transfer).token == "warn"


def test_what_came_back_from_the_cache_is_not_told_as_proven(words: Words) -> None:
    transfer = sample.from_cache()
    assert chip(transfer, words).word == "Read back from the cache"
    assert chip(transfer, words).token == "warn"
    assert "do not format the card" in said_below(transfer)
    assert not said_below(sample.done())


def test_folders_that_failed_are_not_told_as_files_of_the_total(words: Words) -> None:
    assert chip(sample.packed(), words).word == "320 failed"
    assert retry_text(sample.packed(), words) == "Retry"
    assert retry_text(replace(sample.failed(), files_total=5, files_failed=1), words) == (
        "Retry 1 file"
    )


@pytest.mark.parametrize(("count", "text"), [(1, "1 left out"), (1200, "1,200 left out")])
def test_what_was_left_out_is_told(words: Words, count: int, text: str) -> None:
    for transfer in (sample.done(), sample.moved(), sample.failed()):
        assert "left out" not in facts(transfer, words)
        assert f" · {text} · " in facts(replace(transfer, special_skipped=count), words)


def test_a_process_that_is_gone_is_not_told_twice(words: Words) -> None:
    assert not said_below(replace(sample.interrupted(), message="Its process is gone."))
