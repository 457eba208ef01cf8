"""A copy is all that its source was: bytes, names, times, modes, owners, attributes, access
lists, links and empty folders; and what a drive cannot hold is told, once, with a count.

The whole program copies the nastiest tree to real file systems, and everything about
every item is compared.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.builders import leftovers
from tests.cli.program import Done, Ketter
from tests.disk import mounting
from tests.disk.mounting import need, need_root
from tests.faults.nasty import SHOT_NS, attributes, lost_in, nasty_tree


@pytest.fixture
def ketter(tmp_path: Path) -> Ketter:
    return Ketter(tmp_path / "data")


def told(done: Done) -> dict[str, int]:
    """What was said not to be kept, and of how many items."""
    last: dict[str, Any] = done.objects[-1]
    assert last["event"] == "transfer.finished"
    found = {one["what"]: one["count"] for one in last["not_kept"]}
    assert len(found) == len(last["not_kept"]), "said more than once"
    return found


def noted(ketter: Ketter, tmp_path: Path) -> dict[str, int]:
    """The same as the audit has it."""
    table = tmp_path / "audit.csv"
    assert ketter("audit", "export", table).code == 0
    lines = table.read_text().splitlines()
    found = [line for line in lines if ",NotKept:" in line]
    return {
        line.split(",NotKept:")[1].split(",")[0]: int(line.split('""count"":')[1].split(",")[0])
        for line in found
    }


@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs", "tmpfs"])
def test_everything_about_a_tree_arrives(ketter: Ketter, tmp_path: Path, kind: str) -> None:
    need_root()
    source = nasty_tree(tmp_path)
    with mounting.of(kind, tmp_path) as drive:
        done = ketter("copy", source, "--to", drive / "to", "--json")
        assert done.code == 0, done.err
        assert lost_in(source, drive / "to" / source.name) == {}
        assert leftovers(drive) == []
    assert told(done) == {}
    assert noted(ketter, tmp_path) == {}


@pytest.mark.parametrize(
    ("kind", "names", "counts"),
    [
        ("exfat", "utf-16", {"times rounded", "permissions", "owner", "attributes"}),
        ("fat", "ascii", {"times rounded", "permissions", "owner", "attributes"}),
        ("ntfs", "utf-16", {"times rounded", "permissions", "owner"}),
        ("sshfs", "any", {"times rounded", "times", "owner", "attributes"}),
    ],
)
def test_what_a_drive_cannot_hold_is_told_once_and_the_transfer_completes(
    ketter: Ketter, tmp_path: Path, kind: str, names: str, counts: set[str]
) -> None:
    source = nasty_tree(tmp_path, names=names)
    outside = (tmp_path / "outside").stat()
    with mounting.of(kind, tmp_path) as drive:
        done = ketter("copy", source, "--to", drive / "to", "--json")
        assert done.code == 0, done.err
        lost = {what: len(paths) for what, paths in lost_in(source, drive / "to" / "NASTY").items()}
        assert leftovers(drive) == []
    said = told(done)
    assert said == noted(ketter, tmp_path)
    assert said.keys() - {"atomic names"} == counts | {"access lists", "symlinks"}
    assert said.pop("symlinks") == lost.pop("missing")
    assert said.pop("times rounded") + said.pop("times", 0) == lost.pop("times")
    said.pop("atomic names", None)
    assert said == lost
    # Through sshfs, the times and the owner of a link are set on what it leads to.
    assert (tmp_path / "outside").stat() == outside


def test_a_person_is_told_in_the_terminal_what_was_not_kept(ketter: Ketter, tmp_path: Path) -> None:
    source = nasty_tree(tmp_path, names="ascii")
    with mounting.exfat(tmp_path) as drive:
        done = ketter("copy", source, "--to", drive / "to")
        assert done.code == 0
        assert f"{drive}/to could not keep the permissions of 27 items." in done.out + done.err
        assert "cannot hold were left out: 6 items." in done.out + done.err
        assert "differ by less than a second" in done.out + done.err
        shown = ketter("history", "show", "1").out
        assert f"  not kept  {drive}/to could not keep the permissions of 27 items." in shown
        after_link = shown.split("NASTY/dangling (link)\n")[1].splitlines()[0]
        assert after_link.split()[-2:] == ["left", "out"]  # and not "already there"


def test_losses_of_an_interrupted_run_are_told_by_the_next(ketter: Ketter, tmp_path: Path) -> None:
    source = nasty_tree(tmp_path, names="ascii")
    with mounting.exfat(tmp_path) as drive:
        whole = told(ketter("copy", source, "--to", drive / "whole", "--json"))
        target = drive / "to" / "NASTY" / "deep" / "er" / "est"
        target.mkdir(parents=True)
        (target / "clip.mov").write_bytes(b"something else")
        done = ketter("copy", source, "--to", drive / "to", "--json")
        assert done.code == 1
        (target / "clip.mov").unlink()
        done = ketter("resume", "2", "--json")
        assert done.code == 0, done.err
        assert told(done) == whole


def test_links_that_a_drive_cannot_hold_stay_in_a_move(ketter: Ketter, tmp_path: Path) -> None:
    need_root()
    card = tmp_path / "card"
    card.mkdir()
    (card / "clip.mov").write_bytes(b"bytes")
    (card / "link").symlink_to("clip.mov")
    with mounting.exfat(tmp_path) as drive, mounting.ext4(tmp_path) as other:
        (other / "to").mkdir()
        done = ketter("move", card, "--to", drive / "to", "--to", other / "to", "--json")
        # what exfat-fuse has read back proves nothing: the file stays as well, and is told
        assert told(done)["symlinks"] == 1
        assert os.readlink(card / "link") == "clip.mov"
        assert os.readlink(other / "to" / "card" / "link") == "clip.mov"
        failed = [one for one in done.items() if one["event"] == "item.failed"]
        assert [one["path"] for one in failed] == ["card/clip.mov"]


def test_without_root_the_owner_is_lost_and_told(tmp_path: Path) -> None:
    """The program drops the right to give files away, which is what keeps others from it."""
    need("setpriv", package="util-linux")
    source = nasty_tree(tmp_path)
    less = "--bounding-set=-chown,-fowner,-fsetid,-sys_admin,-setfcap"
    ketter = Ketter(tmp_path / "data", before=("setpriv", less))
    done = ketter("copy", source, "--to", tmp_path / "to", "--json")
    assert done.code == 0, done.err
    lost = lost_in(source, tmp_path / "to" / source.name)
    assert lost.pop("attributes")  # trusted.* is for root only, and not seen by others
    assert {what: len(paths) for what, paths in lost.items()} == told(done)
    assert set(lost) == {"owner", "permissions"}
    assert lost["permissions"] <= lost["owner"]  # setuid of another owner would lend his rights
    for folder, _, names in os.walk(os.fsencode(tmp_path / "to")):
        for name in names:
            mode = os.lstat(os.path.join(folder, name)).st_mode
            owner = os.lstat(os.path.join(folder, name)).st_uid
            assert not mode & 0o4000 or owner == os.lstat(_there(source, folder, name)).st_uid


def _there(source: Path, folder: bytes, name: bytes) -> bytes:
    inside = folder.split(b"/to/NASTY", 1)[1].lstrip(b"/")
    return os.path.join(os.fsencode(source), inside, name)


def test_an_immutable_source_is_copied_and_stays_in_a_move(ketter: Ketter, tmp_path: Path) -> None:
    need("chattr", package="e2fsprogs")
    with mounting.ext4(tmp_path) as volume:
        card = volume / "card"
        card.mkdir()
        clip = card / "clip.mov"
        clip.write_bytes(b"bytes")
        os.setxattr(clip, "user.reel", b"A001")
        os.utime(clip, ns=(SHOT_NS, SHOT_NS))
        subprocess.run(["chattr", "+i", str(clip)], check=True)
        try:
            done = ketter("move", card, "--to", tmp_path / "to", "--json")
            assert done.code == 1
            assert clip.read_bytes() == b"bytes"
            assert lost_in(card, tmp_path / "to" / "card") == {}
            assert attributes(os.fsencode(tmp_path / "to/card/clip.mov"))["user.reel"] == b"A001"
            failed = [one for one in done.items() if one["event"] == "item.failed"]
            assert [one["path"] for one in failed] == ["card/clip.mov"]
        finally:
            subprocess.run(["chattr", "-i", str(clip)], check=True)


def test_symlinks_are_left_out_when_asked(ketter: Ketter, tmp_path: Path) -> None:
    card = tmp_path / "card"
    (card / "folder").mkdir(parents=True)
    (card / "clip.mov").write_bytes(b"bytes")
    (card / "link").symlink_to("clip.mov")
    (card / "folder" / "dangling").symlink_to("nowhere")
    (tmp_path / "alone").symlink_to("card")
    words = (card, tmp_path / "alone", "--to", tmp_path / "to", "--symlinks", "skip")
    done = ketter("move", *words, "--json")
    assert done.code == 0, done.err
    assert sorted(os.listdir(tmp_path / "to" / "card")) == ["clip.mov", "folder"]
    assert os.listdir(tmp_path / "to" / "card" / "folder") == []
    assert os.listdir(tmp_path / "to") == ["card"]
    assert told(done) == {"skipped symlinks": 3} == noted(ketter, tmp_path)
    skipped = [one["path"] for one in done.items() if one["event"] == "item.skipped"]
    assert sorted(skipped) == ["alone", "card/folder/dangling", "card/link"]
    for link in (card / "link", card / "folder" / "dangling", tmp_path / "alone"):
        assert link.is_symlink()  # what is not copied is not removed
    assert not (card / "clip.mov").exists()


def test_a_person_is_told_how_many_symlinks_were_left_out(ketter: Ketter, tmp_path: Path) -> None:
    (tmp_path / "card").mkdir()
    (tmp_path / "card" / "link").symlink_to("nowhere")
    done = ketter("copy", tmp_path / "card", "--to", tmp_path / "to", "--symlinks", "skip")
    assert done.code == 0
    assert (done.out + done.err).count("symbolic link was left out, as asked.") == 1
    done = ketter("copy", tmp_path / "card", "--to", tmp_path / "to", "--symlinks", "follow")
    assert done.code == 2
    assert "not built yet" in done.err


def test_a_move_of_links_that_a_drive_cannot_hold_completes(ketter: Ketter, tmp_path: Path) -> None:
    card = tmp_path / "card"
    card.mkdir()
    (card / "link").symlink_to("nowhere")
    with mounting.exfat(tmp_path) as drive:
        done = ketter("move", card, "--to", drive / "to", "--json")
        assert done.code == 0, done.err
        assert done.objects[-1]["status"] == "completed"
        assert told(done)["symlinks"] == 1
        assert os.readlink(card / "link") == "nowhere"
        assert ketter("resume", "1").code == 2
