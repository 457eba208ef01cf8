"""ASC MHL, its chain and classic MHL; and XML from strangers."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Iterator

import pytest

from ketter_gui.domain.errors import ManifestDamaged
from ketter_gui.evidence.manifests.entries import Dated, Entry, Found, Refused, Value
from ketter_gui.evidence.manifests.kinds import Format, kind_of
from ketter_gui.evidence.manifests.mhl import time_of
from ketter_gui.evidence.manifests.reading import read
from tests.evidence.manifests.samples import (
    C4,
    MD5,
    asc_hash,
    ascmhl,
    chain,
    classic,
    classic_hash,
)


def found_in(name: bytes, text: str | bytes, cut: int = 1 << 20) -> list[Found]:
    kind = kind_of(name)
    assert kind is not None
    raw = text.encode() if isinstance(text, str) else text
    return list(read(name, kind, [raw[at : at + cut] for at in range(0, len(raw), cut)]))


DAY = 1_777_802_400_000_000
"""2026-05-03 12:00 in Berlin."""


def test_dates_carry_their_offset_or_are_utc() -> None:
    assert time_of("2026-05-03T12:00:00+02:00") == time_of("2026-05-03T10:00:00Z") == DAY
    assert time_of("2026-05-03T10:00:00.000001") == DAY + 1
    assert time_of("in May") is None


@pytest.mark.parametrize("cut", [1, 7, 1 << 20])
def test_asc_mhl_gives_paths_sizes_values_and_dates(cut: int) -> None:
    text = ascmhl(
        asc_hash("Clips/ä &amp; b.mov", md5=MD5, c4=C4, size=5),
        asc_hash("new.txt", previous="old.txt", xxh64="EF46DB3751D8E999"),
        references={"Sub/ascmhl/0001_Sub.mhl": C4},
    )
    assert found_in(b"ascmhl/0001_A.mhl", text, cut) == [
        Dated(DAY),
        Entry("Clips/ä & b.mov".encode(), (Value("md5", MD5), Value("c4", C4)), 5, DAY),
        Entry(b"new.txt", (Value("xxh64", "ef46db3751d8e999"),), None, DAY, b"old.txt"),
        Entry(b"Sub/ascmhl/0001_Sub.mhl", (Value("c4", C4),)),
    ]


def test_the_hash_of_a_folder_is_no_files() -> None:
    folder = f"<directoryhash><path>Clips</path><content><md5>{MD5}</md5></content></directoryhash>"
    assert found_in(b"ascmhl/0001_A.mhl", ascmhl(folder)) == [Dated(DAY)]


def test_what_lies_in_metadata_is_no_files() -> None:
    hidden = "<metadata><hash><path>x</path></hash><path>y</path></metadata>"
    one = asc_hash("a", md5=MD5).replace("</hash>", hidden + "</hash>")
    found = found_in(b"ascmhl/0001_A.mhl", ascmhl(one))
    assert [each.path for each in found if isinstance(each, Entry)] == [b"a"]


def test_a_value_that_failed_is_marked() -> None:
    text = ascmhl(asc_hash("a", md5=MD5).replace('action="original"', 'action="failed"'))
    _, entry = found_in(b"ascmhl/0002_A.mhl", text)
    assert isinstance(entry, Entry) and entry.values == (Value("md5", MD5, is_failed=True),)


def test_the_chain_names_its_generations() -> None:
    kind = kind_of(b"A001/ascmhl/ascmhl_chain.xml")
    assert kind is not None and (kind.format, kind.base) == (Format.CHAIN, b"A001/ascmhl")
    assert found_in(b"A001/ascmhl/ascmhl_chain.xml", chain({"0001_A.mhl": C4})) == [
        Entry(b"0001_A.mhl", (Value("c4", C4),))
    ]


def test_classic_mhl_has_three_kinds_of_xxhash() -> None:
    text = classic(
        classic_hash("a.mov", 3, "md5", MD5),
        classic_hash("b.mov", 4, "xxhash64be", "ef46db3751d8e999"),
        classic_hash("c.mov", 5, "xxhash64", "99e9d85137db46ef"),
        classic_hash("d.mov", 6, "xxhash", "02cc5d05"),
    )
    assert found_in(b"A001.mhl", text) == [
        Dated(DAY),
        Entry(b"a.mov", (Value("md5", MD5),), 3, DAY),
        Entry(b"b.mov", (Value("xxh64", "ef46db3751d8e999"),), 4, DAY),
        Entry(b"c.mov", (Value("xxh64", "ef46db3751d8e999"),), 5, DAY),
        Entry(b"d.mov", (Value("xxh32", "02cc5d05"),), 6, DAY),
    ]


def test_a_hash_of_a_kind_that_nobody_knows_is_told() -> None:
    _, entry = found_in(b"A001.mhl", classic(classic_hash("a.mov", 3, "tiger", "ab" * 24)))
    assert isinstance(entry, Entry) and entry.values == (Value("tiger", "ab" * 24),)


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a/../../b", "C:\\x"])
def test_a_path_out_of_the_folder_is_refused_by_its_name(path: str) -> None:
    _, refused, entry = found_in(
        b"ascmhl/0001_A.mhl", ascmhl(asc_hash(path, md5=MD5), asc_hash("b", md5=MD5))
    )
    assert isinstance(refused, Refused) and refused.path == path.encode()
    assert isinstance(entry, Entry)


def test_an_entry_without_a_path_or_with_a_wrong_value_is_refused() -> None:
    text = ascmhl(f"<hash><md5>{MD5}</md5></hash>", asc_hash("a", md5="zz"))
    assert [type(one) for one in found_in(b"ascmhl/0001_A.mhl", text)] == [Dated, Refused, Refused]


BOMB = """<?xml version="1.0"?><!DOCTYPE h [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;">]>
<hashlist version="2.0"><hashes><hash><path>&b;</path></hash></hashes></hashlist>"""
OUTSIDE = """<!DOCTYPE h [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<hashlist version="2.0"><hashes><hash><path>&x;</path></hash></hashes></hashlist>"""
DTD_ONLY = '<!DOCTYPE hashlist SYSTEM "http://127.0.0.1:9/x.dtd"><hashlist version="2.0"/>'


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (BOMB, "document type"),
        (OUTSIDE, "document type"),
        (DTD_ONLY, "document type"),
        ("", "no element found"),
        ("not xml", "syntax error"),
        ("<html/>", "no MHL"),
        (ascmhl(asc_hash("a", md5=MD5))[:-30], "no element found|unclosed token"),
        (ascmhl(asc_hash("&unknown;", md5=MD5)), "undefined entity"),
        ("<hashlist>" + "<a>" * 100, "too deep"),
        ("<hashlist><a>" + "x" * 100_000, "text in it is too long"),
        ("<hashlist><a " + "x" * 400_000, "too long"),
        ("<hashlist><!--" + "x" * 400_000, "too long"),
    ],
    ids=range(12),
)
def test_hostile_or_broken_xml_is_refused_in_words(text: str, problem: str) -> None:
    with pytest.raises(ManifestDamaged, match=problem):
        found_in(b"A001.mhl", text)


def test_an_endless_tag_costs_neither_time_nor_memory() -> None:
    """Up to expat 2.5 it would be read from its beginning with each piece."""
    fed = 0

    def endless() -> Iterator[bytes]:
        nonlocal fed
        yield b"<hashlist><hash "
        while True:
            fed += 1
            yield b"a" * 65_536

    kind = kind_of(b"A001.mhl")
    assert kind is not None
    with pytest.raises(ManifestDamaged):
        list(read(b"A001.mhl", kind, endless()))
    assert fed < 10


def test_a_hundred_thousand_entries_are_read_flat_and_fast() -> None:
    head, tail = ascmhl("@").split("@")

    def pieces() -> Iterator[bytes]:
        yield head.encode()
        for number in range(100_000):
            yield asc_hash(f"Clips/{number}.mov", md5=f"{number:032x}").encode()
        yield tail.encode()

    kind = kind_of(b"ascmhl/0001_A.mhl")
    assert kind is not None
    started = time.process_time()
    tracemalloc.start()
    count = sum(isinstance(one, Entry) for one in read(b"ascmhl/0001_A.mhl", kind, pieces()))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 100_000
    assert peak < 2_000_000
    assert time.process_time() - started < 40


@pytest.mark.parametrize(
    ("path", "base"),
    [
        (b"A001/ascmhl/0001_A001_2026.mhl", b"A001"),
        (b"A001/Clips/clips.mhl", b"A001/Clips"),
        (b"A001/SHA256SUMS", b"A001"),
        (b"A001/sub/x.MD5", b"A001/sub"),
        (b"x.sha256", b""),
    ],
)
def test_where_the_paths_of_a_manifest_begin(path: bytes, base: bytes) -> None:
    kind = kind_of(path)
    assert kind is not None and kind.base == base


@pytest.mark.parametrize("path", [b"clip.mov", b"md5", b".md5", b"A001/ascmhl", b"x.xml", b"mhl"])
def test_what_is_no_manifest(path: bytes) -> None:
    assert kind_of(path) is None
