"""Settings: typed, refused in words, and known by one spelling."""

from __future__ import annotations

import dataclasses

import pytest

from ketter_gui.domain import settings
from ketter_gui.domain.settings import ALL, Settings, as_text, checked, settings_of
from ketter_gui.domain.settings_errors import SettingRefused, SettingUnknown


def test_every_setting_is_a_field_and_every_field_a_setting() -> None:
    assert {one.field for one in ALL.values()} == {one.name for one in dataclasses.fields(Settings)}


@pytest.mark.parametrize("name", ALL)
def test_a_default_is_a_value_that_can_be_set_and_comes_back(name: str) -> None:
    text = as_text(Settings(), name)
    assert checked(name, text) == text
    assert settings_of({name: text}) == Settings()


@pytest.mark.parametrize(
    ("name", "word", "kept"),
    [
        ("history.keep_days", "090", "90"),
        ("history.keep_days", "off", "0"),
        ("history.archive", "/mnt/archive/", "/mnt/archive"),
        ("history.archive", "", "off"),
        ("audit.sign_minutes", " 5 ", "5"),
    ],
)
def test_a_value_has_one_spelling(name: str, word: str, kept: str) -> None:
    assert checked(name, word) == kept


@pytest.mark.parametrize(
    ("name", "word", "wanted"),
    [
        ("history.keep_days", "-1", "whole number of days from 0 to 36,500"),
        ("history.keep_days", "1_0", "whole number of days"),
        ("history.keep_days", "٣", "whole number of days"),
        ("history.keep_days", "9" * 30, "whole number of days"),
        ("history.archive", "archive", "whole path of a folder"),
        ("history.archive", "/mnt/\udcff", "not UTF-8"),
        ("audit.sign_minutes", "0", "whole number of minutes from 1 to 1,440"),
    ],
)
def test_a_value_that_is_none_is_refused_with_what_is_wanted(
    name: str, word: str, wanted: str
) -> None:
    with pytest.raises(SettingRefused, match=wanted):
        checked(name, word)


def test_a_name_that_is_none_is_refused_with_those_that_are() -> None:
    with pytest.raises(SettingUnknown, match=r"history\.keep_days"):
        settings.known("history.keep")


def test_what_another_version_left_in_the_ledger_is_passed_over() -> None:
    texts = {"history.keep_days": "for ever", "colour": "red", "audit.sign_minutes": "3"}
    assert settings_of(texts) == Settings(audit_sign_minutes=3)
