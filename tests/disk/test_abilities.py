"""A destination is asked what names it can hold, and nothing is left of the question."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ketter_gui.disk.abilities import Probe, ask, probing
from ketter_gui.disk.folder import open_root
from ketter_gui.domain.holding import SPECIAL_BYTES, Holding
from tests.disk import mounting

TOKEN = "0badcafe"
PROBE = ".ketter-0badcafe.probe"


@contextmanager
def probe_in(place: Path) -> Iterator[Probe]:
    with open_root(os.fsencode(place)) as root, probing(root, TOKEN) as probe:
        yield probe


def holding_of(place: Path) -> Holding:
    there = sorted(os.listdir(place))
    with probe_in(place) as probe:
        found = ask(probe)
    assert sorted(os.listdir(place)) == there
    return found


def test_a_file_system_of_linux_holds_every_name(tmp_path: Path) -> None:
    with mounting.ext4(tmp_path) as place:
        found = holding_of(place)
    assert found.is_any_name_held
    assert (found.longest, found.is_utf16) == (255, False)


def test_btrfs_which_lists_late_what_was_made_holds_every_name(tmp_path: Path) -> None:
    with mounting.btrfs(tmp_path) as place:
        assert holding_of(place).is_any_name_held


def test_exfat_refuses_what_windows_does_and_folds_case(tmp_path: Path) -> None:
    with mounting.exfat(tmp_path) as place:
        found = holding_of(place)
    assert found.refused == SPECIAL_BYTES
    assert found.is_utf8_only and found.is_folding and found.is_utf16
    assert found.longest == 255
    assert found.problem("字".encode() * 255) == ""
    assert found.problem("😀".encode() * 128) == "256 characters long, 255 at the most"
    assert found.problem(b"CON") == ""


def test_ntfs_holds_more_than_windows_opens(tmp_path: Path) -> None:
    with mounting.ntfs(tmp_path) as place:
        found = holding_of(place)
    assert (found.refused, found.has_device_names, found.is_folding) == (b"", False, False)
    assert found.is_utf8_only and found.is_utf16


def test_ntfs_with_the_rules_of_windows_is_asked_too(tmp_path: Path) -> None:
    with mounting.ntfs(tmp_path, options="windows_names") as place:
        found = holding_of(place)
    assert found.refused == SPECIAL_BYTES
    assert found.has_device_names and found.loses_last_dot and found.loses_last_space


def test_fat_through_fuse_knows_ascii_only(tmp_path: Path) -> None:
    with mounting.fat(tmp_path) as place:
        found = holding_of(place)
    assert found.highest == 0x7F
    assert found.problem("é.mov".encode()) == "the character “é”"
    assert found.is_folding


def test_the_biggest_file_is_asked_without_writing_a_byte(tmp_path: Path) -> None:
    with mounting.ext2(tmp_path) as place:
        biggest = holding_of(place).largest_file_bytes
        assert 16 << 30 < biggest < 17 << 30
        with open(place / "sparse", "wb") as file:
            file.truncate(biggest)
            with pytest.raises(OSError, match="too large"):
                file.truncate(biggest + 4096)


def test_which_letters_are_one_is_asked_of_the_drive(tmp_path: Path) -> None:
    """exFAT's table of capitals is its own: no rule of ours knows it."""
    with mounting.exfat(tmp_path) as place, probe_in(place) as probe:
        assert probe.are_one(b"a.mov", b"A.MOV")
        assert probe.are_one("σ".encode(), "ς".encode())
        assert not probe.are_one("ß".encode(), b"ss")
        assert not probe.are_one("é".encode(), "e\u0301".encode())


def test_depth_is_tried_out_and_cleared_away(tmp_path: Path) -> None:
    deep = b"/".join([b"folder" * 40] * 200)
    with probe_in(tmp_path) as probe:
        assert probe.holds_path(deep)
        assert os.listdir(tmp_path / PROBE) == []


def test_a_name_that_is_kept_as_another_one_is_not_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As kernels do with FAT, which takes `a.` and keeps `a`."""

    def lossy(path: bytes | str, *rest: int, dir_fd: int | None = None) -> int:
        shorter = path.rstrip(b".") if isinstance(path, bytes) and path != b"." else path
        return real(shorter, *rest, dir_fd=dir_fd)

    real = os.open
    with probe_in(tmp_path) as probe:
        monkeypatch.setattr(os, "open", lossy)
        assert probe.holds(b"a")
        assert not probe.holds(b"a.")


_DYING = """
import os, sys
from ketter_gui.disk.abilities import probing
from ketter_gui.disk.folder import open_root
with open_root(sys.argv[1].encode()) as root, probing(root, sys.argv[2]) as probe:
    probe._make(b"x"); probe._make(b"y")
    os.mkdir(b"d", dir_fd=probe._fd); os.mkdir(b"d/d", dir_fd=probe._fd)
    os.kill(os.getpid(), 9)
"""


def left_behind(place: Path, token: str) -> Path:
    words = [sys.executable, "-c", _DYING, str(place), token]
    assert subprocess.run(words, timeout=60).returncode == -signal.SIGKILL
    found = place / f".ketter-{token}.probe"
    assert sorted(os.listdir(found)) == ["d", "x", "y"]
    return found


def test_what_a_killed_process_left_goes_with_the_next_question_of_its_transfer(
    tmp_path: Path,
) -> None:
    left_behind(tmp_path, TOKEN)
    with probe_in(tmp_path) as probe:
        assert probe.holds(b"clip.mov")
    assert os.listdir(tmp_path) == []


def test_what_another_transfer_left_goes_when_it_is_old(tmp_path: Path) -> None:
    found = left_behind(tmp_path, "deadbeef")
    with probe_in(tmp_path):
        assert found.exists()
    long_ago = time.time() - 7200
    os.utime(found, (long_ago, long_ago))
    with probe_in(tmp_path):
        assert not found.exists()
    assert os.listdir(tmp_path) == []


def test_nothing_that_holds_a_byte_is_ever_removed(tmp_path: Path) -> None:
    theirs = tmp_path / ".ketter-deadbeef.probe"
    theirs.mkdir()
    (theirs / "thesis.txt").write_text("three years")
    (theirs / "link").symlink_to("thesis.txt")
    long_ago = time.time() - 7200
    os.utime(theirs, (long_ago, long_ago))
    with probe_in(tmp_path):
        pass
    assert (theirs / "thesis.txt").read_text() == "three years"
    assert (theirs / "link").is_symlink()
    (tmp_path / PROBE).symlink_to(theirs)
    with pytest.raises(OSError), probe_in(tmp_path):
        raise AssertionError("it was followed")
    assert (theirs / "thesis.txt").read_text() == "three years"


def test_a_drive_without_room_is_no_answer(tmp_path: Path) -> None:
    with mounting.tmpfs(tmp_path, size="1m") as place:
        subprocess.run(["mount", "-o", "remount,nr_inodes=3", str(place)], check=True)
        (place / "the last one").touch()
        with pytest.raises(OSError, match="No space left"), probe_in(place) as probe:
            ask(probe)
        (place / "the last one").unlink()
        assert os.listdir(place) == []


@pytest.mark.parametrize(
    ("kind", "has_times"),
    [("ext4", True), ("tmpfs", True), ("ntfs", True), ("exfat", False), ("sshfs", False)],
)
def test_whether_links_have_times_is_found_out_without_touching_a_target(
    tmp_path: Path, kind: str, has_times: bool
) -> None:
    with mounting.of(kind, tmp_path) as place:
        there = sorted(os.listdir(place))
        with probe_in(place) as probe:
            try:
                assert probe.holds_link_times() is has_times
            except OSError:
                assert kind == "exfat"  # no links at all
        assert sorted(os.listdir(place)) == there
