"""One transfer through the engine: what is on the disks afterwards, and in which order."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest

from ketter_gui.domain import limits
from ketter_gui.domain.errors import (
    Cancelled,
    DriveReturnsOtherBytes,
    Mismatch,
    NameExists,
    NameTaken,
)
from ketter_gui.domain.items import ItemKind, ReadBack
from ketter_gui.domain.options import Mode, OnConflict, Options
from ketter_gui.domain.status import CopyStatus
from ketter_gui.engine import journal as told
from tests.builders import camera_card, leftovers, odd_card, payload, tree_of
from tests.engine.conftest import make_transfer


def test_every_file_arrives_on_every_destination(tmp_path: Path, drives: list[Path]) -> None:
    card = camera_card(tmp_path)
    transfer = make_transfer([card.path], drives)
    transfer.run()
    for drive in drives:
        assert tree_of(drive / "A001") == card.files()
        assert (drive / "A001" / "EMPTY").is_dir()
        assert leftovers(drive) == []


def test_every_copy_is_read_back_past_the_cache(tmp_path: Path, drives: list[Path]) -> None:
    transfer = make_transfer([camera_card(tmp_path).path], drives)
    transfer.run()
    files = [one for one in transfer.journal.of(told.CopyVerified) if one.checksums]
    assert files
    assert {one.read_back for one in files} <= {ReadBack.STORAGE, ReadBack.MEMORY}
    assert all(one.checksums == one.source_checksums for one in files)


def test_proven_is_durable_before_any_name(tmp_path: Path, drives: list[Path]) -> None:
    """P2: at the moment of the commit after `proven`, no final name is there."""
    card = camera_card(tmp_path)
    transfer = make_transfer([card.path], drives)
    seen: list[bool] = []

    def look() -> None:
        if transfer.journal.of(told.CopyProven) and not transfer.journal.of(told.CopyVerified):
            named = [p for p in drives[0].rglob("*.mxf") if not p.name.startswith(".")]
            seen.append(bool(named))

    transfer.journal.on_commit = look
    transfer.run()
    assert seen == [False]


@pytest.mark.parametrize(
    "size",
    [
        0,
        1,
        limits.SMALL_FILE_BYTES,
        limits.SMALL_FILE_BYTES + 1,
        3 * limits.RING_BUFFER_BYTES + 4097,
    ],
)
def test_a_single_file_of_any_size_arrives(tmp_path: Path, drives: list[Path], size: int) -> None:
    source = tmp_path / "clip.mov"
    source.write_bytes(payload(size, 1))
    transfer = make_transfer([source], drives, options=Options(("sha256", "xxh128")))
    transfer.run()
    for drive in drives:
        assert (drive / "clip.mov").read_bytes() == source.read_bytes()
    verified = transfer.journal.of(told.CopyVerified)
    assert [name for name, _ in verified[0].checksums] == ["sha256", "xxh128"]
    assert transfer.counters.destinations[0].verified_bytes == size


def test_times_and_modes_are_carried(tmp_path: Path, drives: list[Path]) -> None:
    card = camera_card(tmp_path)
    clips = card.path / "CONTENTS" / "CLIPS"
    (clips / "A001C000.mxf").chmod(0o440)
    os.utime(clips, ns=(1_600_000_000_000_000_001, 1_600_000_000_000_000_001))
    make_transfer([card.path], drives).run()
    there = drives[0] / "A001" / "CONTENTS" / "CLIPS"
    assert there.stat().st_mtime_ns == 1_600_000_000_000_000_001
    clip = there / "A001C000.mxf"
    assert clip.stat().st_mtime_ns == (clips / "A001C000.mxf").stat().st_mtime_ns
    assert clip.stat().st_mode & 0o777 == 0o440


def test_odd_names_arrive_and_a_fifo_is_named_not_opened(
    tmp_path: Path, drives: list[Path]
) -> None:
    card = odd_card(tmp_path)
    transfer = make_transfer([card.path], drives)
    transfer.run()
    assert tree_of(drives[1] / "odd") == card.files()
    assert [one.error.facts["kind"] for one in transfer.journal.of(told.LeftOut)] == ["FIFO"]
    assert transfer.counters.special_skipped == 1


def test_a_move_removes_files_and_keeps_folders(tmp_path: Path, drives: list[Path]) -> None:
    card = camera_card(tmp_path)
    before = card.files()
    transfer = make_transfer([card.path], drives, Mode.MOVE)
    transfer.run()
    assert tree_of(drives[0] / "A001") == tree_of(drives[1] / "A001") == before
    assert card.files() == {}
    assert (card.path / "CONTENTS" / "CLIPS").is_dir()
    assert transfer.counters.originals_removed == len(before)


def test_a_move_keeps_the_source_when_one_destination_fails(
    tmp_path: Path, drives: list[Path]
) -> None:
    card = camera_card(tmp_path)
    before = card.files()
    (drives[1] / "A001").write_text("a file where a folder has to be")
    transfer = make_transfer([card.path], drives, Mode.MOVE)
    transfer.run()
    assert card.files() == before
    assert tree_of(drives[0] / "A001") == before
    assert transfer.journal.of(told.SourceDeleted) == []


def test_the_name_for_setting_aside_is_durable_before_it_is_worn(
    tmp_path: Path, drives: list[Path]
) -> None:
    source = tmp_path / "clip.mov"
    source.write_bytes(b"clip")
    transfer = make_transfer([source], drives, Mode.MOVE)
    seen: list[bool] = []

    def look() -> None:
        if transfer.journal.of(told.SourceSetAside) and not transfer.journal.of(told.SourceDeleted):
            seen.append(source.exists())

    transfer.journal.on_commit = look
    transfer.run()
    assert seen == [True]
    assert not source.exists()


def test_a_source_changed_after_it_was_read_is_not_removed(
    tmp_path: Path, drives: list[Path]
) -> None:
    source = tmp_path / "clip.mov"
    source.write_bytes(b"clip")
    transfer = make_transfer([source], drives, Mode.MOVE)

    def change(event: told.Event) -> None:
        if isinstance(event, told.SourceSetAside):
            source.write_bytes(b"another take")

    transfer.journal.on = change
    transfer.run()
    assert source.read_bytes() == b"another take"
    assert (drives[0] / "clip.mov").read_bytes() == b"clip"
    assert transfer.journal.of(told.SourceKept)[0].error is not None


def test_a_copy_that_vanished_before_deletion_keeps_the_original(
    tmp_path: Path, drives: list[Path]
) -> None:
    source = tmp_path / "clip.mov"
    source.write_bytes(b"clip")
    transfer = make_transfer([source], drives, Mode.MOVE)

    def lose(event: told.Event) -> None:
        if isinstance(event, told.SourceSetAside):
            (drives[1] / "clip.mov").unlink()

    transfer.journal.on = lose
    transfer.run()
    assert source.read_bytes() == b"clip"
    assert leftovers(tmp_path) == []


def _rot(path: Path) -> None:
    """Other bytes, and nothing to see from outside."""
    state = path.stat()
    with path.open("r+b") as file:
        file.seek(50_000)
        file.write(b"\xff\x00\xff")
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))


@pytest.mark.parametrize("size", [100_000, 5_000_000])
def test_a_part_that_comes_back_wrong_twice_names_the_drive(
    tmp_path: Path, drives: list[Path], size: int
) -> None:
    source = tmp_path / "clip.mov"
    source.write_bytes(payload(size, 7))
    transfer = make_transfer([source], drives)

    def on(event: told.Event) -> None:
        if isinstance(event, told.SourceRead):
            (part,) = drives[0].glob(".clip.mov.*.ketter-part")
            _rot(part)

    transfer.journal.on = on
    transfer.run()
    (again,) = transfer.journal.of(told.TriedAgain)
    assert isinstance(again.error, Mismatch)
    (ended,) = transfer.journal.of(told.CopyEnded)
    assert isinstance(ended.error, DriveReturnsOtherBytes)
    assert ended.destination == 0
    assert not (drives[0] / "clip.mov").exists()
    assert (drives[1] / "clip.mov").read_bytes() == source.read_bytes()
    assert [one.verified_bytes for one in transfer.counters.destinations] == [0, size]


@pytest.mark.parametrize("size", [100_000, 5_000_000])
def test_a_part_that_comes_back_wrong_once_is_copied_again(
    tmp_path: Path, drives: list[Path], size: int
) -> None:
    source = tmp_path / "clip.mov"
    source.write_bytes(payload(size, 7))
    transfer = make_transfer([source], drives)

    def on(event: told.Event) -> None:
        if isinstance(event, told.SourceRead) and not transfer.journal.of(told.TriedAgain):
            (part,) = drives[0].glob(".clip.mov.*.ketter-part")
            _rot(part)

    transfer.journal.on = on
    transfer.run()
    assert len(transfer.journal.of(told.TriedAgain)) == 1
    assert transfer.journal.of(told.CopyEnded) == []
    assert len(transfer.journal.of(told.CopyVerified)) == 2
    assert (drives[0] / "clip.mov").read_bytes() == source.read_bytes()
    assert [one.verified_bytes for one in transfer.counters.destinations] == [size, size]
    assert leftovers(tmp_path) == []


def test_what_is_already_there_and_identical_is_skipped_by_reading_it(
    tmp_path: Path, drives: list[Path]
) -> None:
    card = camera_card(tmp_path)
    make_transfer([card.path], drives).run()
    again = make_transfer([card.path], drives)
    again.run()
    skipped = again.journal.of(told.CopySkipped)
    assert len(skipped) == 2 * len(card.files())
    assert all(one.checksums == one.source_checksums for one in skipped)
    assert again.counters.destinations[0].verified_bytes == again.counters.bytes_total


@pytest.mark.parametrize(
    ("policy", "error", "there"),
    [
        (OnConflict.SKIP, NameTaken, {"clip.mov": b"old!"}),
        (OnConflict.FAIL, NameExists, {"clip.mov": b"old!"}),
        (OnConflict.OVERWRITE, None, {"clip.mov": b"new!"}),
        (OnConflict.RENAME, None, {"clip.mov": b"old!", "clip (2).mov": b"new!"}),
    ],
)
def test_a_different_file_of_that_name_is_treated_as_asked(
    tmp_path: Path,
    drives: list[Path],
    policy: OnConflict,
    error: type[Exception] | None,
    there: dict[str, bytes],
) -> None:
    source = tmp_path / "clip.mov"
    source.write_bytes(b"new!")
    (drives[0] / "clip.mov").write_bytes(b"old!")
    transfer = make_transfer([source], drives[:1], options=Options(on_conflict=policy))
    transfer.run()
    assert {path.name: path.read_bytes() for path in drives[0].iterdir()} == there
    ended = transfer.journal.of(told.CopyEnded)
    assert [type(one.error) for one in ended] == ([error] if error else [])


def test_cancelling_leaves_proven_copies_and_no_parts(tmp_path: Path, drives: list[Path]) -> None:
    card = tmp_path / "card"
    card.mkdir()
    for number in range(3):
        (card / f"{number}.mov").write_bytes(payload(limits.SMALL_FILE_BYTES + 1, number))
    transfer = make_transfer([card], drives)

    def stop(event: told.Event) -> None:
        if isinstance(event, told.CopyVerified) and event.path == b"card/1.mov":
            transfer.control.cancel()

    transfer.journal.on = stop
    with pytest.raises(Cancelled):
        transfer.run()
    assert (drives[0] / "card" / "1.mov").read_bytes() == (card / "1.mov").read_bytes()
    assert not (drives[0] / "card" / "2.mov").exists()
    assert leftovers(drives[0]) == leftovers(drives[1]) == []


def test_a_folder_swapped_for_a_link_is_not_followed(tmp_path: Path, drives: list[Path]) -> None:
    """P8: the destination's folder becomes a link to elsewhere before it is used."""
    card = camera_card(tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (drives[0] / "A001").symlink_to(elsewhere)
    transfer = make_transfer([card.path], drives)
    transfer.run()
    assert list(elsewhere.iterdir()) == []
    assert tree_of(drives[1] / "A001") == card.files()
    failed = {one.destination for one in transfer.journal.of(told.CopyEnded)}
    assert failed == {0}


def test_symlinks_stay_links(tmp_path: Path, drives: list[Path]) -> None:
    card = tmp_path / "card"
    card.mkdir()
    (card / "real").write_bytes(b"1")
    (card / "link").symlink_to("real")
    (card / "outside").symlink_to("/etc/passwd")
    make_transfer([card], drives).run()
    assert os.readlink(drives[0] / "card" / "link") == "real"
    assert os.readlink(drives[0] / "card" / "outside") == "/etc/passwd"


def test_no_descriptor_is_left_open(tmp_path: Path, drives: list[Path]) -> None:
    card = camera_card(tmp_path, clips=40)
    gc.collect()  # what other tests left to the collector
    before = len(os.listdir("/proc/self/fd"))
    make_transfer([card.path], drives).run()
    assert len(os.listdir("/proc/self/fd")) == before


def test_folders_and_links_are_items_with_copies(tmp_path: Path, drives: list[Path]) -> None:
    card = camera_card(tmp_path)
    transfer = make_transfer([card.path], drives)
    transfer.run()
    kinds = {
        one.state.kind for event in transfer.journal.of(told.ItemsFound) for one in event.items
    }
    assert kinds == {ItemKind.FILE, ItemKind.FOLDER}
    verified = [one for one in transfer.journal.of(told.CopyVerified) if one.path == b"A001"]
    assert len(verified) == 2


def test_a_proven_copy_is_named_not_copied_again(tmp_path: Path, drives: list[Path]) -> None:
    """A crash between `proven` and the name: the part is ours by its identity."""
    source = tmp_path / "clip.mov"
    source.write_bytes(payload(50_000, 3))
    first = make_transfer([source], drives[:1])

    def crash() -> None:
        if first.journal.of(told.CopyProven):
            raise KeyboardInterrupt

    first.journal.on_commit = crash
    with pytest.raises(KeyboardInterrupt):
        first.run()
    (proven,) = first.journal.of(told.CopyProven)
    (read,) = first.journal.of(told.SourceRead)
    from ketter_gui.domain.items import Item
    from ketter_gui.engine.plan import Earlier, Work

    earlier = Earlier(0, CopyStatus.PROVEN, proven.identity, proven.checksums, proven.read_back)
    item = Item(1, 0, b"clip.mov", read.state)
    second = make_transfer([source], drives[:1])
    second.run([Work(item, (earlier,), read.checksums)], is_resumed=True)
    assert second.journal.kinds() == ["CopyVerified"]
    assert (drives[0] / "clip.mov").read_bytes() == source.read_bytes()
    assert leftovers(drives[0]) == []
