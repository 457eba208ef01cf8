"""After a crash: what was proven is found again, under whatever name it had got."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ketter_gui.disk.state import state_from
from ketter_gui.domain.errors import Mismatch, NameTaken
from ketter_gui.domain.items import Item
from ketter_gui.domain.names import aside_name, part_name
from ketter_gui.domain.options import Mode, OnConflict, Options
from ketter_gui.domain.status import CopyStatus
from ketter_gui.engine import commit
from ketter_gui.engine import journal as told
from ketter_gui.engine.plan import Earlier, Work, opened
from ketter_gui.engine.recover import restore_names
from tests.builders import leftovers, payload
from tests.engine.conftest import Transfer, make_transfer


class Crash(BaseException):
    """Nothing catches it, as nothing catches SIGKILL."""


def crashed(transfer: Transfer, monkeypatch: pytest.MonkeyPatch, *, is_named: bool) -> Work:
    """Carry out until a copy is proven, or has its name and nobody wrote that down."""

    def crash(*_args: object) -> None:
        raise Crash

    with monkeypatch.context() as patch:
        for step in ("_flush_folders",) if is_named else ("name_it", "replace"):
            patch.setattr(commit, step, crash)
        with pytest.raises(Crash):
            transfer.run()
    (proven,) = transfer.journal.of(told.CopyProven)
    read = transfer.journal.of(told.SourceRead)[-1]
    earlier = Earlier(0, CopyStatus.PROVEN, proven.identity, proven.checksums, proven.read_back)
    item = Item(1, 0, transfer.plan.sources[0].name, read.state)
    return Work(item, (earlier,), read.checksums)


@pytest.mark.parametrize("is_named", [True, False])
@pytest.mark.parametrize(
    ("policy", "there"),
    [
        (OnConflict.OVERWRITE, {"clip.mov": b"new!"}),
        (OnConflict.RENAME, {"clip.mov": b"old!", "clip (2).mov": b"new!"}),
    ],
)
def test_what_was_proven_beside_another_file_is_not_copied_again(
    tmp_path: Path,
    drives: list[Path],
    monkeypatch: pytest.MonkeyPatch,
    policy: OnConflict,
    there: dict[str, bytes],
    is_named: bool,
) -> None:
    source = tmp_path / "clip.mov"
    source.write_bytes(b"new!")
    (drives[0] / "clip.mov").write_bytes(b"old!")
    options = Options(on_conflict=policy)
    work = crashed(
        make_transfer([source], drives[:1], options=options), monkeypatch, is_named=is_named
    )
    second = make_transfer([source], drives[:1], options=options)
    second.run([work], is_resumed=True)
    assert second.journal.kinds() == ["CopyVerified"]
    assert {path.name: path.read_bytes() for path in drives[0].iterdir()} == there


def test_a_copy_with_two_links_after_a_crash_keeps_its_name_alone(
    tmp_path: Path, drives: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where names are given by link and unlink, a crash may come between the two."""
    source = tmp_path / "clip.mov"
    source.write_bytes(b"clip")
    work = crashed(make_transfer([source], drives[:1]), monkeypatch, is_named=False)
    (part,) = drives[0].iterdir()
    os.link(part, drives[0] / "clip.mov")
    second = make_transfer([source], drives[:1])
    second.run([work], is_resumed=True)
    assert second.journal.kinds() == ["CopyVerified"]
    assert os.listdir(drives[0]) == ["clip.mov"]


def test_an_original_with_two_links_after_a_crash_keeps_its_name_alone(
    tmp_path: Path, drives: list[Path]
) -> None:
    source = tmp_path / "clip.mov"
    source.write_bytes(b"clip")
    aside = aside_name(b"clip.mov", "0badcafe")
    os.link(source, tmp_path / os.fsdecode(aside))
    transfer = make_transfer([source], drives[:1], Mode.MOVE)
    with opened(transfer.plan, transfer.journal, transfer.counters, transfer.control) as bench:
        (item,) = transfer.scanned(bench)
        restore_names(bench, [(item, aside)])
    (kept,) = transfer.journal.of(told.SourceKept)
    assert kept.error is None
    assert kept.state is not None
    assert leftovers(tmp_path) == []
    assert source.read_bytes() == b"clip"


def test_a_file_that_took_the_place_of_a_named_copy_is_not_removed(
    tmp_path: Path, drives: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "clip.mov"
    source.write_bytes(b"clip")
    work = crashed(make_transfer([source], drives[:1]), monkeypatch, is_named=True)
    second = make_transfer([source], drives[:1])

    def swap() -> None:
        (drives[0] / "clip.mov").unlink()
        (drives[0] / "clip.mov").write_bytes(b"somebody else's")

    second.journal.on_commit = swap
    second.run([work], is_resumed=True)
    (ended,) = second.journal.of(told.CopyEnded)
    assert isinstance(ended.error, Mismatch)
    assert (drives[0] / "clip.mov").read_bytes() == b"somebody else's"


def test_a_part_that_was_swapped_after_it_was_read_back_gets_no_name(
    tmp_path: Path, drives: list[Path]
) -> None:
    source = tmp_path / "clip.mov"
    source.write_bytes(payload(1000, 1))
    transfer = make_transfer([source], drives[:1])

    def swap(event: told.Event) -> None:
        if isinstance(event, told.CopyProven):
            (part,) = drives[0].iterdir()
            part.unlink()
            part.write_bytes(payload(1000, 2))

    transfer.journal.on = swap
    transfer.run()
    (ended,) = transfer.journal.of(told.CopyEnded)
    assert isinstance(ended.error, Mismatch)
    assert os.listdir(drives[0]) == []


def test_a_folder_that_became_a_file_is_a_failure_not_a_copy(
    tmp_path: Path, drives: list[Path]
) -> None:
    source = tmp_path / "card"
    source.mkdir()
    transfer = make_transfer([source], drives[:1])

    def swap(event: told.Event) -> None:
        if isinstance(event, told.CopyProven):
            (drives[0] / "card").rmdir()
            (drives[0] / "card").write_text("a file")

    transfer.journal.on = swap
    transfer.run()
    (ended,) = transfer.journal.of(told.CopyEnded)
    assert isinstance(ended.error, NameTaken)


def test_a_copy_that_failed_for_good_is_not_begun_again_with_the_others(
    tmp_path: Path, drives: list[Path]
) -> None:
    """A move waits and goes on: one copy has failed, so that the original stays."""
    source = tmp_path / "clip.mov"
    source.write_bytes(b"clip")
    (drives[0] / "clip.mov").write_bytes(b"other")
    state = make_transfer([source], drives)
    state.run()
    (read,) = state.journal.of(told.SourceRead)
    (drives[1] / "clip.mov").unlink()
    earlier = (Earlier(0, CopyStatus.FAILED), Earlier(1, CopyStatus.PENDING))
    second = make_transfer([source], drives, Mode.MOVE)
    second.run([Work(Item(1, 0, b"clip.mov", read.state), earlier)], is_resumed=True)
    (started,) = second.journal.of(told.CopiesStarted)
    assert started.copies == ((1, 1),)
    assert source.read_bytes() == b"clip"
    assert leftovers(tmp_path) == []


def test_a_big_files_part_is_gone_on_with_after_its_beginning_was_compared(
    tmp_path: Path, drives: list[Path]
) -> None:
    whole = payload(20_000_000, 9)
    source = tmp_path / "clip.mov"
    source.write_bytes(whole)
    first = make_transfer([source], drives[:1])
    part = drives[0] / os.fsdecode(part_name(b"clip.mov", first.plan.token))
    part.write_bytes(whole[:9_000_000] + b"\0" * 14_000_000)  # longer than the source, too
    part.chmod(0o600)
    inode = part.stat().st_ino
    state = state_from(source.stat())
    work = Work(Item(1, 0, b"clip.mov", state), (Earlier(0, CopyStatus.COPYING),))
    first.run([work], is_resumed=True)
    assert (drives[0] / "clip.mov").read_bytes() == whole
    assert (drives[0] / "clip.mov").stat().st_ino == inode
    assert len(first.journal.of(told.CopyVerified)) == 1
    assert first.counters.destinations[0].copied_bytes == len(whole)
    assert leftovers(tmp_path) == []


def test_a_part_of_what_the_source_was_before_does_not_arrive(
    tmp_path: Path, drives: list[Path]
) -> None:
    source = tmp_path / "clip.mov"
    source.write_bytes(payload(9_000_000, 2))
    transfer = make_transfer([source], drives[:1])
    part = drives[0] / os.fsdecode(part_name(b"clip.mov", transfer.plan.token))
    part.write_bytes(payload(9_000_000, 1))
    state = state_from(source.stat())
    work = Work(Item(1, 0, b"clip.mov", state), (Earlier(0, CopyStatus.COPYING),))
    transfer.run([work], is_resumed=True)
    assert (drives[0] / "clip.mov").read_bytes() == payload(9_000_000, 2)
