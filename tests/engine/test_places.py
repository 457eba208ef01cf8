"""Sources and destinations that move, vanish or are swapped while Ketter works."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest

from ketter_gui.domain.errors import VolumeGone
from ketter_gui.engine import journal as told
from ketter_gui.engine.plan import opened
from tests.builders import payload, tree_of
from tests.disk.mounting import tmpfs
from tests.engine.conftest import Transfer, make_transfer


def card(folder: Path) -> Path:
    path = folder / "card"
    path.mkdir()
    for number in range(3):
        (path / f"{number}.mov").write_bytes(payload(5_000_000, number))
    return path


def act_after_the_first(transfer: Transfer, act: object) -> None:
    def on(event: told.Event) -> None:
        if isinstance(event, told.CopyVerified) and event.path == b"card/0.mov":
            assert callable(act)
            act()

    transfer.journal.on = on


def test_nothing_is_verified_at_a_path_that_leads_elsewhere_by_now(
    tmp_path: Path, drives: list[Path]
) -> None:
    transfer = make_transfer([card(tmp_path)], drives[:1])
    act_after_the_first(transfer, lambda: drives[0].rename(tmp_path / "RENAMED"))
    with pytest.raises(VolumeGone):
        transfer.run()
    paths = [one.path for one in transfer.journal.of(told.CopyVerified)]
    assert paths == [b"card", b"card/0.mov"]


def test_a_destination_renamed_between_proof_and_record_is_noticed(
    tmp_path: Path, drives: list[Path]
) -> None:
    source = tmp_path / "clip.mov"
    source.write_bytes(b"clip")
    transfer = make_transfer([source], drives[:1])

    def on(event: told.Event) -> None:
        if isinstance(event, told.CopyProven):
            drives[0].rename(tmp_path / "RENAMED")

    transfer.journal.on = on
    with pytest.raises(VolumeGone):
        transfer.run()
    assert transfer.journal.of(told.CopyVerified) == []


def test_another_card_in_the_readers_place_is_not_taken_for_the_source(
    tmp_path: Path, drives: list[Path]
) -> None:
    source = card(tmp_path)
    transfer = make_transfer([source], drives[:1])

    def swap() -> None:
        source.rename(tmp_path / "first card")
        source.mkdir()
        (source / "1.mov").write_bytes(b"another card's")

    act_after_the_first(transfer, swap)
    with pytest.raises(VolumeGone):
        transfer.run()
    there = {path.name: path.read_bytes() for path in (drives[0] / "card").iterdir()}
    # The second may have been on its way: then it is the first card's, by descriptor.
    first = {f"{number}.mov": payload(5_000_000, number) for number in range(2)}
    assert set(there) in ({"0.mov"}, set(first))
    assert all(first[name] == whole for name, whole in there.items())


def test_another_volume_at_a_sources_path_is_refused_at_the_start(
    tmp_path: Path, drives: list[Path]
) -> None:
    transfer = make_transfer([card(tmp_path)], drives[:1])
    with tmpfs(tmp_path, "card"), pytest.raises(VolumeGone):
        transfer.run()


def test_a_destination_that_was_taken_away_is_not_made_anew(
    tmp_path: Path, drives: list[Path]
) -> None:
    transfer = make_transfer([card(tmp_path)], drives[:1])
    drives[0].rmdir()
    plan = transfer.plan
    with (
        pytest.raises(VolumeGone),
        opened(plan, transfer.journal, transfer.counters, transfer.control, may_make=False),
    ):
        pass
    assert not drives[0].exists()


def test_more_files_than_descriptors_can_be_sources(tmp_path: Path, drives: list[Path]) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    paths = [folder / f"{number:03d}.mov" for number in range(200)]
    for number, path in enumerate(paths):
        path.write_bytes(payload(100, number))
    transfer = make_transfer(paths, drives[:1])
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) + 100, hard))
    try:
        transfer.run()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert tree_of(drives[0]) == tree_of(folder)
