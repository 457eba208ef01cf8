"""Small rules over plain values: sizes, sources, items."""

from __future__ import annotations

import pytest

from ketter_gui.domain.items import FileState, Item, ItemKind, Medium, Place, Source
from ketter_gui.domain.sizes import size_text

PLACE = Place("v", b"", Medium.STORAGE, ())
STATE = FileState(ItemKind.FILE, 10, 1, 2, 3, 4, 0o644, 5, 6)


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (6_100_000_000, "6.1 GB"),
        (99_940_000, "99.9 MB"),
        (99_960_000, "100 MB"),
        (999_400_000_000, "999 GB"),
        (999_600_000_000, "1.0 TB"),
        (4_000_000_000_000_000_000, "4000 PB"),
    ],
)
def test_sizes_are_as_drives_are_sold(size_bytes: int, text: str) -> None:
    assert size_text(size_bytes) == text


def test_a_folder_is_its_own_root_and_a_file_is_reached_from_its_parent() -> None:
    folder = Source(0, b"/mnt/card/A001", b"A001", ItemKind.FOLDER, PLACE)
    file = Source(0, b"/mnt/card/a.mov", b"a.mov", ItemKind.FILE, PLACE)
    assert (folder.root, file.root) == (b"/mnt/card/A001", b"/mnt/card")
    assert (folder.inside(b"A001"), folder.inside(b"A001/x/y")) == (b"", b"x/y")
    assert file.inside(b"a.mov") == b"a.mov"


def test_a_source_under_another_name_is_reached_under_its_own() -> None:
    volume = Source(0, b"/", b"CARD", ItemKind.FOLDER, PLACE)
    assert volume.inside(b"CARD/DCIM/a") == b"DCIM/a"


def test_an_items_name_and_parent_are_its_paths() -> None:
    item = Item(1, 0, b"A001/x/y.mov", STATE)
    assert (item.name, item.parent, item.kind) == (b"y.mov", b"A001/x", ItemKind.FILE)
    assert Item(1, 0, b"A001", STATE).parent == b""


@pytest.mark.parametrize(
    ("change", "is_same"),
    [
        ({}, True),
        ({"device": 99}, True),
        ({"mode": 0o600}, True),
        ({"size_bytes": 11}, False),
        ({"mtime_ns": 9}, False),
        ({"ctime_ns": 9}, False),
        ({"inode": 9}, False),
        ({"kind": ItemKind.SYMLINK}, False),
    ],
)
def test_a_file_is_unchanged_when_what_writing_changes_is(
    change: dict[str, object], is_same: bool
) -> None:
    assert STATE._replace(**change).is_unchanged_from(STATE) == is_same  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "is_known"),
    [
        ({}, True),
        ({"allocated_bytes": 4096}, True),
        ({"links": 0}, True),
        ({"links": 2}, False),
        *(({name: 99}, False) for name in ("size_bytes", "mtime_ns", "ctime_ns", "device")),
        *(({name: 99}, False) for name in ("inode", "mode", "uid", "gid")),
        ({"kind": ItemKind.SYMLINK}, False),
    ],
)
def test_a_state_need_not_be_written_again_when_all_that_is_kept_of_it_is_the_same(
    change: dict[str, object], is_known: bool
) -> None:
    assert STATE._replace(**change).is_known_as(STATE) == is_known  # type: ignore[arg-type]
