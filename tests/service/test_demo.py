"""The made-up card: real enough to show what Ketter does with real ones."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from ketter_gui.domain.errors import DestinationReadOnly
from ketter_gui.service.demo import make_demo
from ketter_gui.service.resolve import resolve
from tests.builders import leftovers, tree_of


def names_of(card: bytes) -> list[bytes]:
    return [os.path.basename(path) for path in tree_of(Path(os.fsdecode(card)))]


def test_it_is_a_request_that_could_start_at_once(tmp_path: Path) -> None:
    request = make_demo(tmp_path)
    assert resolve(request).problems == []
    assert [os.path.basename(path) for path in request.sources] == [b"A001"]
    assert [os.path.basename(path) for path in request.destinations] == [b"DRIVE_A", b"DRIVE_B"]
    for drive in request.destinations:
        assert os.listdir(drive) == []


def test_everything_lies_in_one_new_folder_of_our_own(tmp_path: Path) -> None:
    first, second = make_demo(tmp_path), make_demo(tmp_path)
    assert first.sources != second.sources
    for request in (first, second):
        folder = os.path.dirname(request.sources[0])
        assert os.path.dirname(folder) == os.fsencode(tmp_path)
        assert {os.path.dirname(path) for path in request.destinations} == {folder}
        assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700


def test_the_card_has_clips_sidecars_folders_a_link_and_odd_names(tmp_path: Path) -> None:
    (card,) = make_demo(tmp_path).sources
    names = names_of(card)
    clips = [name for name in names if name.endswith(b".mxf")]
    sizes = [os.path.getsize(os.path.join(card, b"CONTENTS/CLIPS", name)) for name in clips]
    assert len(clips) == 5
    assert all(4_000_000 <= size <= 12_000_000 for size in sizes)
    for kind in (b".xml", b".XML", b".json", b".txt"):
        assert any(name.endswith(kind) for name in names)
    assert os.listdir(os.path.join(card, b"REPORT/EMPTY")) == []
    assert os.path.islink(os.path.join(card, b"LATEST"))
    assert os.path.isfile(os.path.join(card, b"LATEST"))
    assert any(name.startswith(b"-") for name in names)
    assert any(name.endswith(b" ") for name in names)
    assert any(b"\n" in name for name in names)
    assert any(not is_utf8(name) for name in names)
    assert any("🎬".encode() in name for name in names)


def is_utf8(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True


def test_the_bytes_are_the_same_every_time_and_all_different(tmp_path: Path) -> None:
    cards = [Path(os.fsdecode(make_demo(tmp_path).sources[0])) for _ in range(2)]
    first, second = (tree_of(card) for card in cards)
    assert first == second
    clips = [checksum for name, checksum in first.items() if name.endswith(b".mxf")]
    assert len(set(clips)) == len(clips)
    assert leftovers(tmp_path) == []


def test_it_is_made_where_temporary_things_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert make_demo().sources[0].startswith(os.fsencode(tmp_path))


def test_a_temporary_folder_that_is_not_there_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "gone"))
    monkeypatch.setenv("TEMP", str(tmp_path))
    assert make_demo().sources[0].startswith(os.fsencode(tmp_path))


def test_a_folder_that_cannot_be_written_to_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DestinationReadOnly, match="gone cannot be written to"):
        make_demo(tmp_path / "gone")
