"""Patterns mean what their page says, for every name that a disk can hold."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketter_gui.domain.filters import Filter, filter_of


def _filter(include: tuple[str, ...] = (), exclude: tuple[str, ...] = ()) -> Filter:
    found = filter_of(include, exclude)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("pattern", "path", "is_of"),
    [
        ("*.mov", b"a.mov", True),
        ("*.mov", b"deep/er/a.mov", True),
        ("*.mov", b"a.MOV", False),
        ("*.mov", b"a.mov.part", False),
        ("*.mov", b".mov", True),
        ("a?c", b"abc", True),
        ("a?c", "aéc".encode(), True),
        ("a?c", b"a\xffc", True),
        ("a?c", b"a/c", False),
        ("[ab]1", b"b1", True),
        ("[!ab]1", b"c1", True),
        ("[!ab]1", b"a1", False),
        ("[a-c]1", b"b1", True),
        ("[]x]1", b"]1", True),
        ("[^a]", b"^", True),
        ("[^a]", b"b", False),
        ("[ab", b"[ab", True),
        ("[z-a]", b"-", True),
        ("[a--]", b"-", True),
        ("[[a]", b"[", True),
        ("[&&~~||]", b"~", True),
        ("a.b", b"axb", False),
        ("(x)+", b"(x)+", True),
        ("two\nlines", b"two\nlines", True),
        ("*", b"two\nlines", True),
        ("/a.mov", b"a.mov", True),
        ("/a.mov", b"deep/a.mov", False),
        ("CLIPS/*.mov", b"CLIPS/a.mov", True),
        ("CLIPS/*.mov", b"CLIPS/deep/a.mov", False),
        ("CLIPS/*.mov", b"x/CLIPS/a.mov", False),
        ("CLIPS/**", b"CLIPS/deep/a.mov", True),
        ("**/a.mov", b"a.mov", True),
        ("**/x/a.mov", b"deep/x/a.mov", True),
    ],
)
def test_a_pattern_is_of_these_names(pattern: str, path: bytes, is_of: bool) -> None:
    assert _filter(include=(pattern,)).wants_file(path) is is_of
    assert _filter(exclude=(pattern,)).wants_file(path) is not is_of
    assert _filter(exclude=(pattern,)).wants_folder(path) is not is_of


def test_a_slash_at_the_end_means_folders_only() -> None:
    found = _filter(exclude=("PROXY/", "deep/cache/"))
    assert not found.wants_folder(b"x/PROXY")
    assert found.wants_file(b"x/PROXY")
    assert not found.wants_folder(b"deep/cache")
    assert found.wants_folder(b"cache")


def test_what_is_excluded_is_not_wanted_even_when_included() -> None:
    found = _filter(include=("*.mov", "*.wav"), exclude=("test*",))
    assert found.wants_file(b"clip.mov")
    assert found.wants_file(b"clip.wav")
    assert not found.wants_file(b"test.mov")
    assert not found.wants_file(b"notes.txt")
    assert found.wants_folder(b"any folder")


def test_without_patterns_there_is_no_filter() -> None:
    assert filter_of((), ()) is None


@given(st.binary(min_size=1, max_size=12).filter(lambda name: not set(name) & {0, 47}))
def test_every_name_is_of_itself_when_it_has_no_signs(name: bytes) -> None:
    text = os.fsdecode(name)
    if not set(text) & set("*?["):
        assert _filter(include=(text,)).wants_file(b"deep/" + name)
    assert _filter(include=("*",)).wants_file(name)
