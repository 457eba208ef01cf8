"""One watch folder: what comes out of it as settled."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ketter_gui.domain.watch_errors import WatchFolderAway
from ketter_gui.domain.watching import WatchRules
from ketter_gui.watch.folder import FolderWatch, name_of


def watched(root: Path, *, cannot_tell_writers: bool = False) -> FolderWatch:
    rules = WatchRules((), settle_s=1.0)
    return FolderWatch(
        os.fsencode(root),
        rules,
        lambda _folder: {},
        has_inodes=True,
        cannot_tell_writers=cannot_tell_writers,
    )


def test_a_writer_holds_a_file_up_where_the_system_can_tell(tmp_path: Path) -> None:
    with (tmp_path / "a.mov").open("w"):
        here, shared = watched(tmp_path), watched(tmp_path, cannot_tell_writers=True)
        for one in (here, shared):
            one.look_at_all(0.0)
        assert here.settle(1.0, 10) == [] and here.next_due_s() == 2.0
        # The client of a share refuses leases for reasons of its own: nothing would be taken.
        assert [one.key for one in shared.settle(1.0, 10)] == [b"a.mov"]
    assert [one.key for one in here.settle(2.0, 10)] == [b"a.mov"]


def test_a_hint_from_elsewhere_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.mov").write_text("a")
    one = watched(tmp_path)
    one.look_at({os.fsencode(tmp_path), b"/elsewhere/b"}, 0.0)
    assert one.waiting == 0
    one.look_at({os.fsencode(tmp_path / "a.mov")}, 0.0)
    assert one.waiting == 1


def test_what_goes_before_it_settles_is_forgotten(tmp_path: Path) -> None:
    (tmp_path / "a.mov").write_text("a")
    one = watched(tmp_path)
    one.look_at_all(0.0)
    (tmp_path / "a.mov").unlink()
    assert one.settle(1.0, 10) == [] and one.waiting == 0


def test_a_folder_that_is_gone_is_away(tmp_path: Path) -> None:
    with pytest.raises(WatchFolderAway):
        watched(tmp_path / "gone").look_at_all(0.0)


def test_a_watch_folder_is_called_by_its_last_name() -> None:
    assert name_of(b"/media/A001/") == b"A001" and name_of(b"/") == b"/"
