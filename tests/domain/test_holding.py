"""What a name may be on which file system, and which names might be one."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketter_gui.domain.holding import FOR_WINDOWS, Holding, folded

paths = st.one_of(
    st.binary(max_size=40),
    st.text(max_size=30).map(lambda one: one.encode("utf-8", "surrogatepass")),
)


@pytest.mark.parametrize(
    "name",
    [
        b"a:b.mov",
        b"what?.mov",
        b"back\\slash",
        b"tab\t",
        b"CON",
        b"con.tar.gz",
        b"Aux .txt",
        b"NUL",
        b"COM1",
        b"lpt9.mov",
        "COM²".encode(),
        b"ends with dot.",
        b"ends with space ",
        b"caf\xe9.mov",
        b"x" * 256,
        "😀".encode() * 128,
    ],
)
def test_windows_would_not_open(name: bytes) -> None:
    assert FOR_WINDOWS.problem(name)


@pytest.mark.parametrize(
    "name",
    [
        b"A001C001.mxf",
        b"CONTENTS",
        b"COM0",
        b"COM10.mov",
        b"auxiliary.mov",
        b".hidden",
        b" leading space",
        "日本語 clip.mov".encode(),
        "字".encode() * 255,
        b"x" * 255,
    ],
)
def test_windows_would_open(name: bytes) -> None:
    assert FOR_WINDOWS.problem(name) == ""


@given(st.binary(min_size=1, max_size=255))
def test_a_file_system_of_linux_refuses_nothing(name: bytes) -> None:
    assert Holding().is_any_name_held
    assert Holding().problem(name) == ""


def test_a_reason_is_a_few_words_that_hide_nothing() -> None:
    assert FOR_WINDOWS.problem(b"a:b") == "the character “:”"
    assert FOR_WINDOWS.problem(b"a\x1bb") == "the control character 0x1b"
    assert Holding(longest=143).problem(b"x" * 144) == "144 bytes long, 143 at the most"
    assert Holding(highest=0xFFFF).problem("😀".encode()) == "the character “😀”"


@given(paths)
def test_every_way_to_write_a_path_in_other_letters_is_folded_to_one(path: bytes) -> None:
    one = folded(path)
    assert folded(one) == one
    try:
        text = path.decode()
    except UnicodeDecodeError:
        return
    for form in ("NFC", "NFD"):
        assert folded(unicodedata.normalize(form, text).encode()) == one
    assert folded(text.casefold().encode()) == one


@pytest.mark.parametrize(
    ("one", "other"),
    [("A.MOV", "a.mov"), ("É", "e\u0301"), ("Straße", "STRASSE"), ("σας", "ΣΑΣ"), ("\u212a", "k")],
)
def test_names_that_some_drive_takes_for_one_are_folded_to_one(one: str, other: str) -> None:
    assert folded(one.encode()) == folded(other.encode())


def test_folding_never_joins_what_only_looks_alike() -> None:
    different = [b"a.mov", b"b.mov", b"a_mov", "а.mov".encode(), b"\xe9", b"\xc9", "é".encode()]
    assert len({folded(one) for one in different}) == len(different)
