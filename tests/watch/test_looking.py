"""What a look sees of a watch folder: real files in a real folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ketter_gui.disk.folder import Tree, open_root
from ketter_gui.domain.options import Options, Symlinks
from ketter_gui.domain.watching import Unit, Version, WatchRules, version_of
from ketter_gui.watch.looking import Eye, Look


def looked(
    root: Path,
    rules: WatchRules | None = None,
    taken: dict[bytes, dict[bytes, set[Version]]] | None = None,
    paths: list[bytes] | None = None,
) -> Look:
    eye = Eye(
        rules or WatchRules(()), lambda folder: (taken or {}).get(folder, {}), has_inodes=True
    )
    with Tree(open_root(os.fsencode(root))) as tree:
        return eye.look_at_all(tree) if paths is None else eye.look_at(tree, paths)


def made(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def test_each_file_stands_for_itself(tmp_path: Path) -> None:
    made(tmp_path, "a.mov", "sub/b.mov")
    seen = looked(tmp_path)
    assert set(seen.piles) == {b"a.mov", b"sub/b.mov"}
    assert (seen.files_seen, seen.folders_seen) == (2, 2)


def test_what_is_still_being_written_by_its_name_is_not_taken(tmp_path: Path) -> None:
    made(tmp_path, "a.mov.part", "b.mov~", ".c.ketter-part", "d.crdownload", ".DS_Store", "e.mov")
    assert set(looked(tmp_path).piles) == {b"e.mov"}


def test_the_temporary_names_are_a_persons_choice(tmp_path: Path) -> None:
    made(tmp_path, "a.mov.part", "b.wip")
    assert set(looked(tmp_path, WatchRules((), temporary=("*.wip",))).piles) == {b"a.mov.part"}


def test_a_version_that_was_taken_is_passed_over_and_another_is_not(tmp_path: Path) -> None:
    made(tmp_path, "sub/a.mov", "sub/b.mov")
    state = looked(tmp_path).piles[b"sub/a.mov"].files[0].state
    known = {b"sub": {b"a.mov": {version_of(state, has_inodes=True)}}}
    assert set(looked(tmp_path, taken=known).piles) == {b"sub/b.mov"}
    made(tmp_path, "sub/a.mov")
    (tmp_path / "sub/a.mov").write_text("longer than it was")
    assert set(looked(tmp_path, taken=known).piles) == {b"sub/a.mov", b"sub/b.mov"}


def test_filters_are_kept(tmp_path: Path) -> None:
    made(tmp_path, "a.mov", "a.wav", "PROXY/b.mov")
    rules = WatchRules((), options=Options(include=("*.mov",), exclude=("PROXY/",)))
    assert set(looked(tmp_path, rules).piles) == {b"a.mov"}


def test_a_symlink_is_itself_and_is_never_followed(tmp_path: Path) -> None:
    made(tmp_path, "out/secret", "in/a")
    (tmp_path / "in/link").symlink_to("../out")
    assert set(looked(tmp_path / "in").piles) == {b"a", b"link"}
    rules = WatchRules((), options=Options(symlinks=Symlinks.SKIP))
    assert set(looked(tmp_path / "in", rules).piles) == {b"a"}


def test_a_folder_is_one_thing_and_differs_when_anything_in_it_does(tmp_path: Path) -> None:
    made(tmp_path, "CARD/DCIM/a.mov", "CARD/b.xml", "loose.mov")
    rules = WatchRules((), unit=Unit.FOLDER)
    seen = looked(tmp_path, rules)
    assert set(seen.piles) == {b"CARD", b"loose.mov"}
    assert {one.path for one in seen.piles[b"CARD"].files} == {b"CARD/DCIM/a.mov", b"CARD/b.xml"}
    before = seen.piles[b"CARD"].signature()
    (tmp_path / "CARD/new").mkdir()
    again = looked(tmp_path, rules, paths=[b"CARD/DCIM/a.mov"])
    assert set(again.piles) == {b"CARD"} and again.piles[b"CARD"].signature() != before


def test_a_temporary_name_holds_up_its_whole_folder(tmp_path: Path) -> None:
    made(tmp_path, "CARD/a.mov", "CARD/sub/b.mov.part", "OTHER/c.mov")
    seen = looked(tmp_path, WatchRules((), unit=Unit.FOLDER))
    assert seen.piles[b"CARD"].blocked == "b.mov.part"
    assert not seen.piles[b"OTHER"].blocked


def test_a_folder_waits_for_the_file_that_says_it_is_complete(tmp_path: Path) -> None:
    made(tmp_path, "CARD/a.mov", "loose.mov")
    rules = WatchRules((), unit=Unit.FOLDER, sentinel="*.mhl")
    assert looked(tmp_path, rules).piles[b"CARD"].blocked
    assert not looked(tmp_path, rules).piles[b"loose.mov"].blocked
    made(tmp_path, "CARD/ascmhl/0001.mhl")
    assert not looked(tmp_path, rules).piles[b"CARD"].blocked


def test_only_what_is_asked_for_is_looked_at(tmp_path: Path) -> None:
    made(tmp_path, "a/1", "a/2", "b/3", "c")
    seen = looked(tmp_path, paths=[b"a", b"c", b"gone", b"no/where"])
    assert set(seen.piles) == {b"a/1", b"a/2", b"c"}


def test_a_special_file_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert not looked(tmp_path).piles and not looked(tmp_path, paths=[b"pipe"]).piles


def test_a_watch_folder_that_is_gone_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        looked(tmp_path / "gone")
