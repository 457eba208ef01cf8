from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest
import xxhash
from hypothesis import given
from hypothesis import strategies as st

from ketter_gui.checksums.registry import Algorithm, algorithm, known
from ketter_gui.domain.errors import UnknownChecksum

ALL = [algorithm(name) for name in known()]

# FIPS 180-4's own examples; xxHash's from `xxhsum -H2`.
KNOWN_VALUES = [
    ("sha256", b"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("sha256", b"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ("xxh128", b"", "99aa06d3014798d86001c324468d497f"),
    ("xxh128", b"abc", "06b05ab6733a618578af5f94892f3950"),
]


@pytest.mark.parametrize(("name", "content", "value"), KNOWN_VALUES)
def test_values_are_those_of_the_standards(name: str, content: bytes, value: str) -> None:
    hasher = algorithm(name).new()
    hasher.update(content)
    assert hasher.hexdigest() == value


def test_the_default_comes_first() -> None:
    assert known()[0] == "sha256"
    assert set(known()) >= {"sha256", "xxh128"}


@pytest.mark.parametrize("name", ["sha257", "", "SHA256", "md5", "xxh3 "])
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
def test_pieces_do_not_matter_and_values_are_hex_text(pieces: list[bytes]) -> None:
    for one in ALL:
        by_pieces, at_once = one.new(), one.new()
        for piece in pieces:
            by_pieces.update(memoryview(bytearray(piece)))
        at_once.update(b"".join(pieces))
        value = by_pieces.hexdigest()
        assert value == at_once.hexdigest()
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


@given(st.binary(max_size=500))
def test_values_are_those_of_the_libraries(content: bytes) -> None:
    sha, xxh = algorithm("sha256").new(), algorithm("xxh128").new()
    sha.update(content)
    xxh.update(content)
    assert sha.hexdigest() == hashlib.sha256(content).hexdigest()
    assert xxh.hexdigest() == xxhash.xxh3_128_hexdigest(content)


@pytest.mark.parametrize(("name", "program"), [("sha256", "sha256sum"), ("xxh128", "xxh128sum")])
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
