"""`--hard-links`: names of one file stay names of one file where the drive can, each of them
verified by the proof of that very file; and a move of such files leaves none behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ketter_gui.domain.options import Mode
from ketter_gui.domain.status import TransferStatus
from ketter_gui.service.service import Service
from tests.builders import drive, leftovers, payload, tree_of
from tests.cli.program import Ketter
from tests.disk import mounting
from tests.disk.mounting import need_root
from tests.faults.nasty import SHOT_NS
from tests.faults.test_faithful import told

MIB = 1024 * 1024


@pytest.fixture
def ketter(tmp_path: Path) -> Ketter:
    return Ketter(tmp_path / "data")


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """Three names of a small file in two folders, two of a big one, and one of its own."""
    folder = tmp_path / "card"
    (folder / "a" / "deep").mkdir(parents=True)
    (folder / "b").mkdir()
    (folder / "a" / "clip.mov").write_bytes(payload(300_000, 1))
    os.utime(folder / "a" / "clip.mov", ns=(SHOT_NS, SHOT_NS))
    os.setxattr(folder / "a" / "clip.mov", "user.reel", b"A001")
    os.link(folder / "a" / "clip.mov", folder / "a" / "deep" / "again.mov")
    os.link(folder / "a" / "clip.mov", folder / "b" / "third.mov")
    (folder / "b" / "big.mov").write_bytes(payload(5 * MIB, 2))
    os.link(folder / "b" / "big.mov", folder / "b" / "other name.mov")
    (folder / "b" / "alone.mov").write_bytes(payload(1000, 3))
    return folder


SMALL = ("a/clip.mov", "a/deep/again.mov", "b/third.mov")
BIG = ("b/big.mov", "b/other name.mov")


def _inodes(root: Path, names: tuple[str, ...]) -> set[int]:
    return {(root / name).stat().st_ino for name in names}


@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs", "tmpfs", "ntfs"])
def test_names_of_one_file_stay_so(ketter: Ketter, tmp_path: Path, card: Path, kind: str) -> None:
    need_root()
    with mounting.of(kind, tmp_path) as volume:
        done = ketter("copy", card, "--to", volume / "to", "--hard-links", "--json")
        assert done.code == 0, done.err
        copy = volume / "to" / "card"
        assert tree_of(copy) == tree_of(card)
        for names in (SMALL, BIG):
            assert len(_inodes(copy, names)) == 1
            assert (copy / names[0]).stat().st_nlink == len(names)
        assert leftovers(volume) == []
    assert "hard links" not in told(done)
    verified = {one["path"]: one["checksums"] for one in done.items()}
    assert len({str(verified[f"card/{name}"]) for name in SMALL}) == 1
    assert done.objects[-1]["verified"] == 6
    assert ketter("audit", "verify").code == 0


def test_each_name_is_a_whole_copy_unless_asked(ketter: Ketter, tmp_path: Path, card: Path) -> None:
    done = ketter("copy", card, "--to", tmp_path / "to", "--json")
    assert done.code == 0
    assert len(_inodes(tmp_path / "to" / "card", SMALL)) == 3
    assert told(done) == {}


def test_where_there_are_no_links_the_files_are_copied_whole_and_told(
    ketter: Ketter, tmp_path: Path, card: Path
) -> None:
    with mounting.exfat(tmp_path) as volume, mounting.ext4(tmp_path) as other:
        options = ("--to", volume / "to", "--to", other / "to", "--hard-links", "--json")
        done = ketter("copy", card, *options)
        assert done.code == 0, done.err
        assert told(done)["hard links"] == 3
        for root in (volume, other):
            assert tree_of(root / "to" / "card") == tree_of(card)
        assert len(_inodes(other / "to" / "card", SMALL)) == 1
        assert len(_inodes(volume / "to" / "card", SMALL)) == 3


@pytest.mark.parametrize("options", [(), ("--hard-links",)], ids=["whole", "linked"])
def test_a_move_removes_every_name(
    ketter: Ketter, tmp_path: Path, card: Path, options: tuple[str, ...]
) -> None:
    """Removing one name changes the ctime of the others: that is no change of the file."""
    before = tree_of(card)
    to = drive(tmp_path, "DRIVE_A"), drive(tmp_path, "DRIVE_B")
    done = ketter("move", card, "--to", to[0], "--to", to[1], *options, "--json")
    assert done.code == 0, done.err
    assert tree_of(card) == {}
    assert done.objects[-1]["originals_removed"] == 6
    for root in to:
        assert tree_of(root / "card") == before
        assert len(_inodes(root / "card", SMALL)) == (1 if options else 3)
        assert leftovers(root) == []


@pytest.mark.parametrize("options", [(), ("--hard-links",)], ids=["whole", "linked"])
def test_a_move_within_a_volume_keeps_the_names_of_one_file(
    ketter: Ketter, tmp_path: Path, card: Path, options: tuple[str, ...]
) -> None:
    """They are renamed, each of them: nothing has to be linked."""
    before, inodes = tree_of(card), _inodes(card, SMALL)
    done = ketter("move", card, "--to", tmp_path / "to", *options)
    assert done.code == 0, done.err
    assert tree_of(tmp_path / "to" / "card") == before
    assert tree_of(card) == {}
    assert _inodes(tmp_path / "to" / "card", SMALL) == inodes


def test_what_stands_in_the_way_of_the_first_name_does_not_keep_the_others(
    ketter: Ketter, tmp_path: Path, card: Path
) -> None:
    taken = tmp_path / "to" / "card" / "a" / "clip.mov"
    taken.parent.mkdir(parents=True)
    taken.write_bytes(b"somebody else's")
    done = ketter("copy", card, "--to", tmp_path / "to", "--hard-links", "--json")
    assert done.code == 1
    assert taken.read_bytes() == b"somebody else's"
    copy = tmp_path / "to" / "card"
    for name in SMALL[1:]:
        assert (copy / name).read_bytes() == (card / name).read_bytes()
    assert taken.stat().st_nlink == 1
    assert told(done)["hard links"] == 2
    assert len(_inodes(copy, BIG)) == 1


def test_a_second_run_adds_the_name_that_is_new(ketter: Ketter, tmp_path: Path, card: Path) -> None:
    to = tmp_path / "to"
    assert ketter("copy", card, "--to", to, "--hard-links").code == 0
    os.link(card / SMALL[0], card / "b" / "z fourth.mov")
    done = ketter("copy", card, "--to", to, "--hard-links", "--json")
    assert done.code == 0
    assert told(done) == {}
    assert len(_inodes(to / "card", (*SMALL, "b/z fourth.mov"))) == 1
    assert tree_of(to / "card") == tree_of(card)


def test_names_that_were_whole_copies_already_are_told(
    ketter: Ketter, tmp_path: Path, card: Path
) -> None:
    to = tmp_path / "to"
    assert ketter("copy", card, "--to", to).code == 0
    done = ketter("copy", card, "--to", to, "--hard-links", "--json")
    assert done.code == 0
    assert told(done) == {"hard links": 3}


def test_room_is_asked_for_once_where_links_can_be_kept(ketter: Ketter, tmp_path: Path) -> None:
    card = tmp_path / "card"
    card.mkdir()
    (card / "clip.mov").write_bytes(payload(15 * MIB, 1))
    for number in range(6):
        os.link(card / "clip.mov", card / f"name {number}.mov")
    with mounting.ext4(tmp_path) as volume, mounting.exfat(tmp_path) as without:
        assert ketter("copy", card, "--to", volume / "to").code == 2
        assert ketter("copy", card, "--to", without / "to", "--hard-links").code == 2
        assert leftovers(volume) + leftovers(without) == []
        done = ketter("copy", card, "--to", volume / "to", "--hard-links", "--json")
        assert done.code == 0, done.err
        assert (volume / "to" / "card" / "clip.mov").stat().st_nlink == 7


# --- killed between any two steps ----------------------------------------------------------

_DYING = """
import importlib, os, signal, sys
from pathlib import Path
from ketter_gui.domain.options import Mode, Options, Request
from ketter_gui.service.service import Service
data, card, one, two, mode, step, moment, call = sys.argv[1:]
module_name, _, name = step.partition(":")
module = importlib.import_module(f"ketter_gui.engine.{module_name}")
whole = getattr(module, name)
calls = 0
def dying(*words, **named):
    global calls
    calls += 1
    if calls < int(call):
        return whole(*words, **named)
    if moment == "after":
        whole(*words, **named)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(module, name, dying)
service = Service(Path(data))
options = Options(hard_links=True)
to = one.encode(), two.encode()
transfer = service.create(Request((card.encode(),), to, Mode(mode), options))
service.wait(transfer, 60)
"""

# Which call it is: those of the first names come before.
_STEPS = [
    ("hard_links:make_hard_link", 1),
    ("hard_links:make_hard_link", 4),
    ("hard_links:_proven", 5),
    ("run:name_proven", 3),
]
_MOVE_STEPS = [("remove:set_aside", 2), ("remove:remove_file", 4), ("remove:remove_file", 5)]


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize(
    ("mode", "step", "call"),
    [(Mode.COPY, *step) for step in _STEPS] + [(Mode.MOVE, *step) for step in _MOVE_STEPS],
)
def test_a_kill_while_linking_loses_nothing(
    data_dir: Path, tmp_path: Path, card: Path, mode: Mode, step: str, call: int, moment: str
) -> None:
    before = tree_of(card)
    drives = [drive(tmp_path, "DRIVE_A"), drive(tmp_path, "DRIVE_B")]
    words = [*map(str, (data_dir, card, *drives)), mode.value, step, moment, str(call)]
    killed = subprocess.run([sys.executable, "-c", _DYING, *words], timeout=60, check=False)
    assert killed.returncode == -signal.SIGKILL
    with Service(data_dir) as service:
        (interrupted,) = service.interrupted()
        service.resume(interrupted.id)
        assert service.wait(interrupted.id, 60)
        view = service.transfer(interrupted.id)
        assert view.status is TransferStatus.COMPLETED, view.message
        assert view.files_verified == len(before)
        assert view.bytes_verified == view.bytes_copied == view.bytes_total
        assert service.verify_audit().entries > 0
    for to in drives:
        assert tree_of(to / "card") == before
        assert len(_inodes(to / "card", SMALL)) == 1
    assert tree_of(card) == ({} if mode is Mode.MOVE else before)
    assert leftovers(tmp_path) == []
