"""A path is bytes; as text it loses nothing and shows nothing that it is not."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ketter_gui.domain.names import (
    NAME_MAX_BYTES,
    OWN_NAME_MAX_BYTES,
    aside_name,
    is_part,
    is_probe,
    is_safe_relative,
    numbered_name,
    part_name,
    probe_name,
    to_bytes,
    to_text,
    to_texts,
)

paths = st.one_of(
    st.binary(max_size=60),
    st.text(max_size=30).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.text("\\x0123abcdef\u202e\n é", max_size=20).map(str.encode),
)
names = st.binary(min_size=1, max_size=NAME_MAX_BYTES).filter(
    lambda name: b"/" not in name and b"\0" not in name
)
tokens = st.text("0123456789abcdef", min_size=8, max_size=8)


@given(paths)
@example(b"\\x41")
@example(b"caf\xe9\\")
@example(b"\xed\xa0\x80")
def test_a_path_comes_back_from_its_text_byte_for_byte(path: bytes) -> None:
    text = to_text(path)
    assert to_bytes(text.text, text.form) == path


@given(st.lists(paths, max_size=4))
def test_several_paths_share_one_form_and_come_back(several: list[bytes]) -> None:
    texts, form = to_texts(*several)
    assert [to_bytes(text, form) for text in texts] == several


@given(paths, paths)
def test_two_paths_never_share_a_text(one: bytes, other: bytes) -> None:
    assert (to_text(one) == to_text(other)) == (one == other)


@given(paths)
def test_a_text_can_be_kept_anywhere_and_cannot_play_tricks(path: bytes) -> None:
    text = to_text(path).text
    text.encode("utf-8")
    assert json.loads(json.dumps(text)) == text
    assert not [c for c in text if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")]
    assert not set(text) & set("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@pytest.mark.parametrize(
    ("path", "text", "form"),
    [
        (b"DCIM/clip.mov", "DCIM/clip.mov", "plain"),
        (b"back\\slash", "back\\slash", "plain"),
        ("日本語 é".encode(), "日本語 é", "plain"),
        ("👩\u200d🚀".encode(), "👩\u200d🚀", "plain"),
        (b"caf\xe9", "caf\\xe9", "escaped"),
        (b"two\nlines", "two\\x0alines", "escaped"),
        (b"a\\b\n", "a\\\\b\\x0a", "escaped"),
        ("exe\u202ecod.mov".encode(), "exe\\xe2\\x80\\xaecod.mov", "escaped"),
    ],
)
def test_texts_are_as_documented(path: bytes, text: str, form: str) -> None:
    assert (to_text(path).text, to_text(path).form) == (text, form)


@pytest.mark.parametrize("text", ["\\", "\\y", "\\x4", "\\xZZ", "\\x0A", "a\\\\\\"])
def test_a_text_that_was_never_written_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an escaped path"):
        to_bytes(text, "escaped")


@given(names, tokens)
def test_a_part_and_a_name_set_aside_are_short_ours_and_told_apart(name: bytes, token: str) -> None:
    part, aside = part_name(name, token), aside_name(name, token)
    assert len(part) <= OWN_NAME_MAX_BYTES
    assert len(aside) <= OWN_NAME_MAX_BYTES
    assert is_part(part)
    assert not is_part(aside), "what was set aside is an original, never to be left out"
    assert len({part, aside, name}) == 3
    assert b"/" not in part + aside


@given(names, tokens, tokens)
def test_no_transfers_part_is_anothers(name: bytes, one: str, other: str) -> None:
    assert (part_name(name, one) == part_name(name, other)) == (one == other)


@pytest.mark.parametrize(
    ("name", "numbered"),
    [
        (b"clip.mov", b"clip (2).mov"),
        (b"clip", b"clip (2)"),
        (b".hidden", b".hidden (2)"),
        (b"a.b.c", b"a.b (2).c"),
        (b"\xff.x", b"\xff (2).x"),
    ],
)
def test_a_numbered_name_keeps_its_extension(name: bytes, numbered: bytes) -> None:
    assert numbered_name(name, 2) == numbered


@pytest.mark.parametrize("path", [b"a", b"a/b", b"..a/b..", b"...", b"\xff/\n"])
def test_a_path_below_stays_below(path: bytes) -> None:
    assert is_safe_relative(path)


@pytest.mark.parametrize(
    "path", [b"", b"/a", b"..", b"a/..", b"a/../b", b"./a", b"a//b", b"a/", b"a\0b"]
)
def test_a_path_that_may_lead_elsewhere_is_refused(path: bytes) -> None:
    assert not is_safe_relative(path)


def test_a_probe_is_known_as_ours_and_is_neither_a_part_nor_an_original() -> None:
    name = probe_name("0badcafe")
    assert name == b".ketter-0badcafe.probe"
    assert is_probe(name)
    assert not is_part(name)
    assert not is_probe(part_name(b"clip.probe", "0badcafe"))
    assert not is_probe(aside_name(b"clip.mov", "0badcafe"))
    assert not is_probe(b"space.probe")
