"""What the destination has already: looked at, flushed, read, and never believed by its name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ketter_gui.disk.flushing import flush_volume
from ketter_gui.disk.folder import Folder
from ketter_gui.domain.errors import CopyIsOriginal, SourceIsNewer
from ketter_gui.domain.items import ReadBack
from ketter_gui.domain.options import Mode, OnConflict, Options
from ketter_gui.engine import existing
from ketter_gui.engine import journal as told
from ketter_gui.engine.read_back import KeptFile
from tests.builders import leftovers, payload
from tests.disk.mounting import ext4, mounted, need
from tests.engine.conftest import make_transfer


@pytest.mark.parametrize("policy", [OnConflict.SKIP, OnConflict.OVERWRITE, OnConflict.RENAME])
def test_a_hard_link_to_the_source_is_no_copy_of_it(
    tmp_path: Path, drives: list[Path], policy: OnConflict
) -> None:
    source = tmp_path / "clip.mov"
    source.write_bytes(b"footage")
    os.link(source, drives[0] / "clip.mov")
    transfer = make_transfer([source], drives, Mode.MOVE, Options(on_conflict=policy))
    transfer.run()
    (ended,) = transfer.journal.of(told.CopyEnded)
    assert isinstance(ended.error, CopyIsOriginal)
    assert source.read_bytes() == b"footage"
    assert os.path.samefile(source, drives[0] / "clip.mov")
    assert sorted(os.listdir(drives[0])) == ["clip.mov"]


def test_a_source_mounted_at_its_destination_is_no_copy_of_itself(
    tmp_path: Path, drives: list[Path]
) -> None:
    need("mount", package="mount")
    card = tmp_path / "card"
    card.mkdir()
    (card / "clip.mov").write_bytes(b"footage")
    place = drives[0] / "card"
    with mounted(place, "mount", "--bind", card, place):
        transfer = make_transfer([card], drives[:1])
        transfer.run()
        assert transfer.journal.of(told.CopySkipped) == []
        (ended,) = transfer.journal.of(told.CopyEnded)
        assert isinstance(ended.error, CopyIsOriginal)


def test_what_is_there_is_flushed_before_it_is_read(
    tmp_path: Path, drives: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that copied it a moment ago may have left it in memory, name and all."""
    source = tmp_path / "card"
    source.mkdir()
    flushes: list[int] = []
    read = KeptFile.read

    def flushing(root: Folder) -> bool:
        flushes.append(root.fd)
        return flush_volume(root)

    with ext4(tmp_path) as disk:
        (disk / "card").mkdir()
        for number in range(40):
            for folder in (source, disk / "card"):
                (folder / f"{number}.mov").write_bytes(payload(100_000, number))

        def reading(kept: KeptFile, *args: Any) -> told.Checksums:
            assert flushes or kept.state.device == source.stat().st_dev
            return read(kept, *args)

        monkeypatch.setattr(existing, "flush_volume", flushing)
        monkeypatch.setattr(KeptFile, "read", reading)
        transfer = make_transfer([source], [disk])
        transfer.run()
    skipped = transfer.journal.of(told.CopySkipped)
    assert len(skipped) == 40
    assert {one.read_back for one in skipped} == {ReadBack.STORAGE}
    assert len(flushes) == 1


def test_bytes_of_a_file_that_is_not_equal_are_not_counted_as_verified(
    tmp_path: Path, drives: list[Path]
) -> None:
    source = tmp_path / "clip.mov"
    source.write_bytes(payload(100_000, 1))
    (drives[0] / "clip.mov").write_bytes(payload(100_000, 2))
    transfer = make_transfer([source], drives[:1])
    transfer.run()
    assert transfer.counters.destinations[0].verified_bytes == 0


def test_a_source_that_changes_between_two_copies_is_never_proven_twice(
    tmp_path: Path, drives: list[Path]
) -> None:
    """One destination has it already; then the source changes before it is copied to the
    other: two copies that differ must not both count."""
    source = tmp_path / "clip.mov"
    source.write_bytes(b"old take")
    (drives[0] / "clip.mov").write_bytes(b"old take")
    transfer = make_transfer([source], drives)

    def change(event: told.Event) -> None:
        if isinstance(event, told.CopySkipped):
            source.write_bytes(b"new take")

    transfer.journal.on = change
    transfer.run()
    (ended,) = transfer.journal.of(told.CopyEnded)
    assert isinstance(ended.error, SourceIsNewer)
    assert not (drives[1] / "clip.mov").exists()
    assert leftovers(tmp_path) == []
