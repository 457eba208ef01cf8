from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketter_gui.checksums import c4
from ketter_gui.checksums.registry import Algorithm, algorithm, known
from ketter_gui.domain.errors import UnknownChecksum
from ketter_gui.domain.options import Options

ALL = [algorithm(name) for name in known()]

ASKED = 251
"""BLAKE3's vectors repeat the bytes 0 … 250."""


def blake3_input(length: int) -> bytes:
    return bytes(number % ASKED for number in range(length))


# Published vectors: FIPS 180-4 and RFC 3174, RFC 1321, `xxhsum -H1 -H3 -H2`, BLAKE3's
# test_vectors.json, and for C4 those of its authors' own library.
KNOWN_VALUES = [
    ("sha256", b"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("sha256", b"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ("sha1", b"", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    ("sha1", b"abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
    (
        "sha1",
        b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "84983e441c3bd26ebaae4aa1f95129e5e54670f1",
    ),
    ("md5", b"", "d41d8cd98f00b204e9800998ecf8427e"),
    ("md5", b"abc", "900150983cd24fb0d6963f7d28e17f72"),
    ("md5", b"message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
    ("xxh64", b"", "ef46db3751d8e999"),
    ("xxh64", b"abc", "44bc2cf5ad770999"),
    ("xxh3", b"", "2d06800538d394c2"),
    ("xxh3", b"abc", "78af5f94892f3950"),
    ("xxh128", b"", "99aa06d3014798d86001c324468d497f"),
    ("xxh128", b"abc", "06b05ab6733a618578af5f94892f3950"),
    ("blake3", b"", "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"),
    (
        "blake3",
        blake3_input(1025),
        "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444",
    ),
    (
        "blake3",
        blake3_input(7169),
        "a003fc7a51754a9b3c7fae0367ab3d782dccf28855a03d435f8cfe74605e7817",
    ),
    (
        "c4",
        b"",
        "c459dsjfscH38cYeXXYogktxf4Cd9ibshE3BHUo6a58hBXmRQdZrAkZzsWcbWtDg5oQstpDuni4Hirj75GEmTc1sFT",
    ),
    (
        "c4",
        b"foo",
        "c45xZeXwMSpqXjpDumcHMA6mhoAmGHkUo7r9WmN2UgSEQzj9KjgseaQdkEJ11fGb5S1WEENcV3q8RFWwEeVpC7Fjk2",
    ),
    (
        "c4",
        b"alfa",
        "c43zYcLni5LF9rR4Lg4B8h3Jp8SBwjcnyyeh4bc6gTPHndKuKdjUWx1kJPYhZxYt3zV6tQXpDs2shPsPYjgG81wZM1",
    ),
    (
        "c4",
        b"foxtrot",
        "c427CsZdfUAHyQBS3hxDFrL9NqgKeRuKkuSkxuYTm26XG7AKAWCjViDuMhHaMmQBkvuHnsxojetbQU1DdxHjzyQw8r",
    ),
]


@pytest.mark.parametrize(("name", "content", "value"), KNOWN_VALUES)
def test_values_are_those_of_the_standards(name: str, content: bytes, value: str) -> None:
    hasher = algorithm(name).new()
    hasher.update(content)
    assert hasher.hexdigest() == value


def test_a_c4_has_ninety_letters_however_small_its_number_is() -> None:
    assert c4.written(bytes(64)) == "c4" + "1" * 88
    assert c4.written(bytes(63) + b"\x3a") == "c4" + "1" * 86 + "21"
    assert c4.written(b"\xff" * 64) == (
        "c467rpwLCuS5DGA8KGZXKsVQ7dnPb9goRLoKfgGbLfQg9WoLUgNY77E2jT11fem3coV9nAkguBACzrU1iyZM4B8roQ"
    )


def test_the_default_comes_first_and_all_of_the_design_are_there() -> None:
    assert known() == ("sha256", "sha1", "md5", "xxh64", "xxh3", "xxh128", "blake3", "c4")
    assert Options().checksums == known()[:1]
    assert {one.name for one in ALL} == {name for name, _, _ in KNOWN_VALUES}


@pytest.mark.parametrize("name", ["sha257", "", "SHA256", "md4", "xxh3 "])
def test_an_unknown_name_lists_the_known_ones(name: str) -> None:
    with pytest.raises(UnknownChecksum) as caught:
        algorithm(name)
    assert caught.value.facts == {"name": name, "known": ", ".join(known())}
    assert "sha256" in str(caught.value)


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_an_algorithm_has_its_own_name_and_one_for_people(one: Algorithm) -> None:
    assert algorithm(one.name) is one
    assert one.label
    assert one.label != one.name


@given(st.lists(st.binary(max_size=200), max_size=10))
def test_pieces_do_not_matter_and_values_are_text_of_their_family(pieces: list[bytes]) -> None:
    for one in ALL:
        by_pieces, at_once = one.new(), one.new()
        for piece in pieces:
            by_pieces.update(memoryview(bytearray(piece)))
        at_once.update(b"".join(pieces))
        value = by_pieces.hexdigest()
        assert value == at_once.hexdigest()
        if one.name == "c4":
            assert len(value) == 90
            assert value.startswith("c4")
            assert not set(value) & set("0OIl")
        else:
            assert value == value.lower()
            assert bytes.fromhex(value)


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_two_checksums_do_not_know_each_other(one: Algorithm) -> None:
    first, second = one.new(), one.new()
    first.update(b"first")
    assert second.hexdigest() == one.new().hexdigest()
    before = first.hexdigest()
    first.update(b"more")
    assert first.hexdigest() != before


@pytest.mark.parametrize(
    ("name", "program"),
    [
        ("sha256", "sha256sum"),
        ("sha1", "sha1sum"),
        ("md5", "md5sum"),
        ("xxh64", "xxh64sum"),
        ("xxh128", "xxh128sum"),
    ],
)
def test_values_are_those_of_other_programs(name: str, program: str, tmp_path: Path) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"needs {program}")
    content = bytes(range(256)) * 1000
    (tmp_path / "clip").write_bytes(content)
    told = subprocess.run(
        [program, tmp_path / "clip"], capture_output=True, text=True, check=True
    ).stdout
    hasher = algorithm(name).new()
    hasher.update(content)
    assert told.split()[0] == hasher.hexdigest()
