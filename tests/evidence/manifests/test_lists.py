"""Checksum lists as the usual tools write them, and as strangers do."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketter_gui.domain.errors import ManifestDamaged
from ketter_gui.evidence.manifests.entries import Entry, Found, Refused, Value
from ketter_gui.evidence.manifests.kinds import kind_of
from ketter_gui.evidence.manifests.reading import read

MD5 = "d41d8cd98f00b204e9800998ecf8427e"
SHA1 = "da39a3ee5e6b4b0d3255bfef95601890afd80709"
SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def found_in(name: bytes, text: bytes) -> list[Found]:
    kind = kind_of(name)
    assert kind is not None
    return list(read(name, kind, [text]))


def entry(path: bytes, algorithm: str, value: str) -> Entry:
    return Entry(path, (Value(algorithm, value),))


@pytest.mark.parametrize(
    ("name", "line", "path", "algorithm", "value"),
    [
        (b"a.md5", f"{MD5}  clip.mov", b"clip.mov", "md5", MD5),
        (b"a.md5", f"{MD5} *clip.mov", b"clip.mov", "md5", MD5),
        (b"a.MD5", f"{MD5.upper()} *clip.mov", b"clip.mov", "md5", MD5),
        (b"MD5SUMS", f"{MD5}  ./Clips/clip.mov", b"Clips/clip.mov", "md5", MD5),
        (b"md5sums.txt", f"{MD5} clip.mov", b"clip.mov", "md5", MD5),
        (b"a.md5", f"{MD5}   leading space", b" leading space", "md5", MD5),
        (b"a.md5", f"{MD5}  trailing ", b"trailing ", "md5", MD5),
        (b"a.sha1", f"{SHA1}  clip.mov", b"clip.mov", "sha1", SHA1),
        (b"SHA256SUMS", f"{SHA256}  clip.mov", b"clip.mov", "sha256", SHA256),
        (b"a.sha256", f"SHA256 (clip (1).mov) = {SHA256}", b"clip (1).mov", "sha256", SHA256),
        (b"a.md5", f"MD5 (clip.mov) = {MD5}", b"clip.mov", "md5", MD5),
        (b"a.md5", f"SHA256 (clip.mov) = {SHA256}", b"clip.mov", "sha256", SHA256),
        (b"a.b3", f"{SHA256}  clip.mov", b"clip.mov", "blake3", SHA256),
        (b"a.xxh64", "ef46db3751d8e999  clip.mov", b"clip.mov", "xxh64", "ef46db3751d8e999"),
        (b"a.xxhsum", "ef46db3751d8e999  clip.mov", b"clip.mov", "xxh64", "ef46db3751d8e999"),
        (b"a.xxh128", f"{MD5}  clip.mov", b"clip.mov", "xxh128", MD5),
        (b"a.xxh", f"{MD5}  clip.mov", b"clip.mov", "xxh128", MD5),
        (b"a.xxh", "XXH3_ef46db3751d8e999  clip.mov", b"clip.mov", "xxh3", "ef46db3751d8e999"),
        (b"a.xxh", "XXH3 (c) = ef46db3751d8e999", b"c", "xxh3", "ef46db3751d8e999"),
        (b"a.xxh", "XXH64_LE (c) = 99e9d85137db46ef", b"c", "xxh64", "ef46db3751d8e999"),
        (b"a.xxh", "02cc5d05  clip.mov", b"clip.mov", "xxh32", "02cc5d05"),
        (b"Clips/clip.mov.md5", MD5, b"clip.mov", "md5", MD5),
        (b"a.md5", f"\\{MD5}  a\\\\b\\nc\\r", b"a\\b\nc\r", "md5", MD5),
        (b"a.md5", f"{MD5}  a\\b", b"a\\b", "md5", MD5),
    ],
)
def test_a_line_is_read_as_its_tool_meant_it(
    name: bytes, line: str, path: bytes, algorithm: str, value: str
) -> None:
    assert found_in(name, line.encode()) == [entry(path, algorithm, value)]
    assert found_in(name, b"\xef\xbb\xbf# made by hand\r\n\r\n" + line.encode() + b"\r\n") == [
        entry(path, algorithm, value)
    ]


def test_names_are_bytes() -> None:
    assert found_in(b"a.md5", MD5.encode() + b"  caf\xe9.mov\n") == [
        entry(b"caf\xe9.mov", "md5", MD5)
    ]


@pytest.mark.parametrize(
    "path", [b"../x", b"/etc/passwd", b"a/../../x", b"..", b"C:\\card\\x", b"a\0b", b"."]
)
def test_a_path_out_of_the_folder_is_refused_by_its_name(path: bytes) -> None:
    assert found_in(b"a.md5", MD5.encode() + b"  " + path + b"\n") == [
        Refused(path, "leads out of the manifest's folder")
    ]


def test_a_value_that_is_none_is_refused() -> None:
    refused = found_in(b"a.md5", f"MD5 (clip.mov) = {SHA1}\n{MD5}  b\n".encode())
    assert refused == [Refused(b"clip.mov", "has a value that is no md5"), entry(b"b", "md5", MD5)]


def test_a_line_that_is_none_is_handed_on_beside_the_others() -> None:
    text = f"Checksums of May\n{MD5}  b\n\\{MD5}  odd\\escape\n".encode()
    first, second, third = found_in(b"a.md5", text)
    assert first == Refused(b"Checksums of May", "is no line of a checksum list")
    assert second == entry(b"b", "md5", MD5)
    assert isinstance(third, Refused)


@pytest.mark.parametrize("text", [b"no checksum at all\n", b"x\n" * 5000, os.urandom(9999)])
def test_what_is_no_list_at_all_is_damaged(text: bytes) -> None:
    with pytest.raises(ManifestDamaged):
        found_in(b"a.md5", text)


def test_a_line_without_an_end_is_refused_before_it_fills_the_memory() -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield bytes(100_000)

    kind = kind_of(b"a.md5")
    assert kind is not None
    with pytest.raises(ManifestDamaged, match="longer than any path"):
        list(read(b"a.md5", kind, endless()))


def test_an_empty_list_says_nothing() -> None:
    assert found_in(b"a.md5", b"") == found_in(b"a.md5", b"\n# nothing\n") == []


@given(st.binary(max_size=300), st.integers(1, 50))
def test_any_bytes_are_read_or_refused_however_they_are_cut(text: bytes, cut: int) -> None:
    kind = kind_of(b"a.md5")
    assert kind is not None
    outcomes = []
    for pieces in ([text], [text[at : at + cut] for at in range(0, len(text), cut)]):
        try:
            outcomes.append(list(read(b"a.md5", kind, pieces)))
        except ManifestDamaged as error:
            outcomes.append([str(error)])  # type: ignore[list-item]
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize("style", [(), ("--tag",), ("--binary",)], ids=str)
@pytest.mark.parametrize("tool", ["md5sum", "sha1sum", "sha256sum"])
def test_what_coreutils_write_is_read(tmp_path: Path, tool: str, style: tuple[str, ...]) -> None:
    if not shutil.which(tool):
        pytest.skip(f"{tool} is not installed")
    names = [b"plain.mov", b"caf\xe9.mov", b"back\\slash", b"new\nline", b"two  spaces", b"(x) = y"]
    for name in names:
        with open(os.path.join(os.fsencode(tmp_path), name), "wb") as file:
            file.write(name)
    done = subprocess.run([tool, *style, "--", *names], cwd=tmp_path, capture_output=True)
    algorithm = tool.removesuffix("sum")
    assert found_in(b"list." + algorithm.encode(), done.stdout) == [
        entry(name, algorithm, hashlib.new(algorithm, name).hexdigest()) for name in names
    ]


def test_a_list_of_a_hundred_thousand_is_read_flat_and_fast() -> None:
    def pieces(count: int) -> Iterator[bytes]:
        for first in range(0, count, 1000):
            yield b"".join(
                b"%032x  Clips/%05d/clip %d.mov\n" % (number, number // 100, number)
                for number in range(first, first + 1000)
            )

    kind = kind_of(b"MD5SUMS")
    assert kind is not None
    started = time.process_time()
    tracemalloc.start()
    count = sum(isinstance(one, Entry) for one in read(b"MD5SUMS", kind, pieces(100_000)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 100_000
    assert peak < 2_000_000
    assert time.process_time() - started < 20
