"""Archives as bytes: what is written here, others read; what others write, is read here."""

from __future__ import annotations

import io
import os
import stat
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketter_gui.engine import zip_format as form
from ketter_gui.engine.zip_format import Entry
from ketter_gui.engine.zip_names import folded, name_problem
from ketter_gui.engine.zip_read import (
    BadArchive,
    EntryReader,
    Packed,
    data_offset,
    entries_of,
    find_directory,
)

_NAMES = st.lists(
    st.text(
        st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=20
    ),
    min_size=1,
    max_size=4,
).map(lambda names: "/".join(names).encode())


def archive_of(entries: list[tuple[Entry, bytes]]) -> bytes:
    """An archive with these entries, whose offsets are set here."""
    out, directory = io.BytesIO(), bytearray()
    for entry, data in entries:
        one = Entry(
            entry.name,
            len(data),
            entry.mode,
            entry.mtime_ns,
            out.tell(),
            zlib.crc32(data),
            entry.padding,
        )
        out.write(form.local_header(one) + data)
        directory += form.central_record(one)
    start = out.tell()
    out.write(directory + form.end_records(len(entries), start, len(directory)))
    return out.getvalue()


def read_back(path: Path) -> list[tuple[Packed, bytes]]:
    """Every entry with its bytes, as Ketter reads it."""
    fd = os.open(path, os.O_RDONLY)
    try:
        found = []
        for entry in entries_of(fd, find_directory(fd, path.stat().st_size)):
            buffer = bytearray(entry.size_bytes + 1)
            reader = EntryReader(fd, entry, data_offset(fd, entry))
            length = reader.fill(memoryview(buffer), 0)
            found.append((entry, bytes(buffer[:length])))
        return found
    finally:
        os.close(fd)


@given(
    files=st.dictionaries(
        _NAMES.filter(lambda name: not name_problem(name)), st.binary(max_size=300)
    ),
    mtime_ns=st.integers(0, 1 << 62),
)
def test_names_bytes_and_times_come_back_as_they_were(
    files: dict[bytes, bytes], mtime_ns: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    entries = [(Entry(name, 0, 0o100640, mtime_ns, 0), data) for name, data in files.items()]
    raw = archive_of(entries)
    path = tmp_path_factory.mktemp("zip") / "A001.zip"
    path.write_bytes(raw)
    found = read_back(path)
    assert {entry.name: data for entry, data in found} == files
    assert all(entry.mtime_ns == mtime_ns // 100 * 100 for entry, _ in found)
    assert all(entry.mode == 0o100640 for entry, _ in found)
    with zipfile.ZipFile(io.BytesIO(raw)) as other:
        assert other.testzip() is None
        assert {one.orig_filename.encode() for one in other.infolist()} == set(files)


@pytest.mark.parametrize("padded", [0, 6, 7, 4000, 4096, 4101])
def test_a_padded_header_is_exactly_as_long_as_it_was_asked_for(padded: int) -> None:
    plain = form.local_header(Entry(b"a", 5, 0o100644, 0, 0))
    header = form.local_header(Entry(b"a", 5, 0o100644, 0, 0, 0, padded))
    assert len(plain) == form.header_bytes(b"a", 5, 0)
    assert len(header) == len(plain) + padded


@given(st.integers(0, 1 << 40))
def test_padding_ends_a_header_at_a_whole_block(end: int) -> None:
    padding = form.padding_for(end)
    assert (end + padding) % form.BLOCK_BYTES == 0
    assert padding == 0 or padding >= 6


def test_numbers_beyond_32_bits_are_in_zip64_fields() -> None:
    big = Entry(b"big.mov", 6 << 30, 0o100644, 0, 5 << 30, 7)
    record = form.central_record(big)
    fixed = form.CENTRAL.unpack_from(record)
    assert fixed[8:10] == (form.FULL_32, form.FULL_32)
    assert fixed[16] == form.FULL_32
    with zipfile.ZipFile(io.BytesIO(record + form.end_records(1, 0, len(record)))) as other:
        (one,) = other.infolist()
        assert (one.file_size, one.compress_size, one.header_offset) == (6 << 30, 6 << 30, 5 << 30)


def test_more_entries_than_16_bits_count_have_a_zip64_end(tmp_path: Path) -> None:
    entries = [(Entry(b"%06d" % number, 0, 0o100644, 0, 0), b"") for number in range(65_600)]
    path = tmp_path / "many.zip"
    path.write_bytes(archive_of(entries))
    assert len(read_back(path)) == 65_600
    with zipfile.ZipFile(path) as other:
        assert len(other.infolist()) == 65_600


@pytest.mark.parametrize("seconds", [-(1 << 31), -1, 0, 315_532_799, 4_354_819_200, 1 << 33])
def test_a_time_outside_of_dos_years_is_kept_all_the_same(seconds: int, tmp_path: Path) -> None:
    path = tmp_path / "old.zip"
    mtime_ns = seconds * 1_000_000_000
    path.write_bytes(archive_of([(Entry(b"a", 0, 0o100644, mtime_ns, 0), b"")]))
    ((entry, _),) = read_back(path)
    assert entry.mtime_ns == mtime_ns
    with zipfile.ZipFile(path) as other:
        assert 1980 <= other.infolist()[0].date_time[0] <= 2107


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_archives_of_others_are_read(tmp_path: Path, method: int) -> None:
    path = tmp_path / "other.zip"
    with zipfile.ZipFile(path, "w", method) as other:
        other.writestr("a/b.txt", b"hello " * 1000)
        other.writestr("münchen.txt", b"")
        other.mkdir("a/empty")
        other.comment = b"PK\x05\x06 is not the end"
    found = read_back(path)
    assert [(entry.name, data) for entry, data in found] == [
        (b"a/b.txt", b"hello " * 1000),
        ("münchen.txt".encode(), b""),
        (b"a/empty", b""),
    ]
    assert found[2][0].is_folder


def test_a_name_in_the_old_code_page_becomes_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "old.zip"
    raw = archive_of([(Entry(b"caf\x82", 0, 0o100644, 0, 0), b"")])
    path.write_bytes(raw.replace(b"\x00\x08", b"\x00\x00"))  # without the flag for UTF-8
    ((entry, _),) = read_back(path)
    assert entry.name == "café".encode()


def test_an_archive_without_an_end_is_none(tmp_path: Path) -> None:
    path = tmp_path / "cut.zip"
    path.write_bytes(archive_of([(Entry(b"a", 0, 0o100644, 0, 0), b"footage")])[:-5])
    with pytest.raises(BadArchive, match="cut off"):
        read_back(path)


@given(_NAMES)
def test_what_may_be_packed_may_be_unpacked(name: bytes) -> None:
    """One rule for both: what it lets through leads nowhere but down."""
    if name_problem(name):
        return
    assert not os.path.isabs(name)
    assert not {b"", b".", b".."} & set(name.split(b"/"))


@pytest.mark.parametrize(
    ("one", "other"),
    [("a.MOV", "A.mov"), ("café", "cafe\u0301"), ("STRASSE", "straße"), ("Σ", "ς")],
)
def test_names_that_some_drive_takes_for_one_are_the_same(one: str, other: str) -> None:
    assert folded(one.encode()) == folded(other.encode())


def test_a_folder_says_so_to_dos_as_well() -> None:
    record = form.central_record(Entry(b"empty/", 0, stat.S_IFDIR | 0o755, 0, 0))
    assert form.CENTRAL.unpack_from(record)[15] == (stat.S_IFDIR | 0o755) << 16 | 0x10
