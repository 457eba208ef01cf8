"""Two transfers never move the same source, nor a parent or child of it: in two processes, by
whatever path, through links, bind mounts, subvolumes, and mounts inside a source."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ketter_gui.domain.errors import (
    ClaimHeld,
    DestinationInsideSource,
    RefusedError,
    SourcesOverlap,
)
from ketter_gui.domain.options import Mode
from ketter_gui.domain.status import TransferStatus
from ketter_gui.service.service import Service
from tests.builders import drive
from tests.disk.mounting import (
    btrfs,
    exfat,
    ext4,
    loop_device,
    mounted,
    need,
    need_root,
    subvolume,
)
from tests.service.conftest import carried_out, request_for

_HOLDING = """
import sys, threading
from pathlib import Path
from ketter_gui.domain.errors import ClaimHeld
from ketter_gui.domain.options import Mode, Request
from ketter_gui.queue import worker
from ketter_gui.service.service import Service
data, mode, shelf, *sources = sys.argv[1:]
worker._work = lambda *_: threading.Event().wait()  # as long as a terabyte
service = Service(Path(data))
if sources[0] == "--at-once":
    del sources[0]
    print("ready", flush=True)
    sys.stdin.readline()
try:
    paths = tuple(path.encode("utf-8", "surrogateescape") for path in sources)
    print(service.create(Request(paths, (shelf.encode(),), Mode(mode))), flush=True)
except ClaimHeld as error:
    print(f"held by {error.facts['transfer']}", flush=True)
sys.stdin.readline()
"""


def _started(
    data_dir: Path, mode: Mode, shelf: Path, *sources: Path | str
) -> subprocess.Popen[str]:
    words = [str(data_dir), mode.value, str(shelf), *map(str, sources)]
    return subprocess.Popen(
        [sys.executable, "-c", _HOLDING, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@contextmanager
def held(
    data_dir: Path, mode: Mode, shelf: Path, *sources: Path
) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """Another process that has a transfer of these sources at work, and is stopped."""
    process = _started(data_dir, mode, shelf, *sources)
    try:
        number = int(_line(process))
        process.send_signal(signal.SIGSTOP)
        yield number, process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def shelves(tmp_path: Path) -> list[Path]:
    return [drive(tmp_path, "SHELF_A"), drive(tmp_path, "SHELF_B")]


@pytest.fixture
def card(tmp_path: Path) -> Path:
    path = tmp_path / "card"
    (path / "DCIM" / "100").mkdir(parents=True)
    (path / "DCIM" / "100" / "clip.mov").write_bytes(b"footage")
    return path


def refused(data_dir: Path, source: Path, shelf: Path, mode: Mode = Mode.MOVE) -> RefusedError:
    """What is said to whoever wants this source too."""
    with Service(data_dir) as service, pytest.raises(RefusedError) as caught:
        service.create(request_for([source], [shelf], mode))
    return caught.value


def allowed(data_dir: Path, source: Path, shelf: Path, mode: Mode = Mode.MOVE) -> None:
    with Service(data_dir) as service:
        transfer = carried_out(service, request_for([source], [shelf], mode))
        assert service.transfer(transfer).status is TransferStatus.COMPLETED


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("below", ["", "DCIM", "DCIM/100", "DCIM/100/clip.mov"])
def test_what_another_process_moves_is_held_with_all_above_and_below(
    data_dir: Path, card: Path, shelves: list[Path], below: str, mode: Mode
) -> None:
    with held(data_dir, Mode.MOVE, shelves[0], card / "DCIM" / "100") as (number, _):
        error = refused(data_dir, card / below, shelves[1], mode)
        assert isinstance(error, ClaimHeld)
        assert error.facts["transfer"] == number
    assert (card / "DCIM" / "100" / "clip.mov").exists()


def test_what_another_process_copies_may_be_copied_and_not_moved(
    data_dir: Path, card: Path, shelves: list[Path]
) -> None:
    with held(data_dir, Mode.COPY, shelves[0], card / "DCIM"):
        assert isinstance(refused(data_dir, card, shelves[1]), ClaimHeld)
        allowed(data_dir, card, shelves[1], Mode.COPY)


def test_a_file_is_held_by_itself_and_its_neighbours_are_not(
    data_dir: Path, card: Path, shelves: list[Path]
) -> None:
    (card / "DCIM" / "100" / "clip.mov.xml").write_bytes(b"sidecar")
    clip = card / "DCIM" / "100" / "clip.mov"
    with held(data_dir, Mode.MOVE, shelves[0], clip):
        assert isinstance(refused(data_dir, clip, shelves[1]), ClaimHeld)
        assert isinstance(refused(data_dir, card, shelves[1]), ClaimHeld)
        allowed(data_dir, clip.with_suffix(".mov.xml"), shelves[1])


def test_of_two_processes_that_begin_at_once_one_gets_the_source(
    data_dir: Path, card: Path, shelves: list[Path]
) -> None:
    Service(data_dir).close()
    processes = [
        _started(data_dir, Mode.MOVE, shelf, "--at-once", source)
        for shelf, source in zip(shelves * 2, [card, card / "DCIM"] * 2, strict=True)
    ]
    try:
        assert [_line(process) for process in processes] == ["ready"] * 4
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        said = [_line(process) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    (winner,) = (one for one in said if one.isdigit())
    assert sorted(said) == sorted([winner, *[f"held by {winner}"] * 3])


def test_what_a_dead_process_moved_stays_held_until_it_is_cancelled(
    data_dir: Path, card: Path, shelves: list[Path]
) -> None:
    with held(data_dir, Mode.MOVE, shelves[0], card) as (number, process):
        process.kill()
        process.wait()
        error = refused(data_dir, card / "DCIM", shelves[1])
        assert isinstance(error, ClaimHeld)
        with Service(data_dir) as service:
            (view,) = service.interrupted()
            assert view.id == number
            service.cancel(number)
            assert service.wait(number, 20)
        allowed(data_dir, card / "DCIM", shelves[1])


# --- by another path -----------------------------------------------------------------------


def by_symlink(card: Path, tmp_path: Path) -> Path:
    (tmp_path / "link").symlink_to(card.parent)
    return tmp_path / "link" / card.name


def by_dots(card: Path, _tmp_path: Path) -> Path:
    return card / "DCIM" / ".." / "DCIM" / "."


@pytest.mark.parametrize("other_way", [by_symlink, by_dots])
def test_another_way_of_writing_a_path_is_the_same_source(
    data_dir: Path,
    tmp_path: Path,
    card: Path,
    shelves: list[Path],
    other_way: Callable[[Path, Path], Path],
) -> None:
    with held(data_dir, Mode.MOVE, shelves[0], card):
        assert isinstance(refused(data_dir, other_way(card, tmp_path), shelves[1]), ClaimHeld)


@pytest.mark.parametrize(
    ("bound", "below"),
    [("", ""), ("", "DCIM/100/clip.mov"), ("DCIM", ""), ("DCIM/100", "clip.mov")],
)
def test_a_bind_mount_is_the_same_source(
    data_dir: Path, tmp_path: Path, card: Path, shelves: list[Path], bound: str, below: str
) -> None:
    need_root()
    other = tmp_path / "other"
    with (
        mounted(other, "mount", "--bind", card / bound, other),
        held(data_dir, Mode.MOVE, shelves[0], card / "DCIM"),
    ):
        assert isinstance(refused(data_dir, other / below, shelves[1]), ClaimHeld)


def test_a_file_that_is_mounted_over_another_is_the_same_source(
    data_dir: Path, tmp_path: Path, card: Path, shelves: list[Path]
) -> None:
    need_root()
    other = tmp_path / "other.mov"
    other.touch()
    done = subprocess.run(["mount", "--bind", card / "DCIM/100/clip.mov", other], check=False)
    if done.returncode:
        pytest.skip("cannot mount a file here")
    try:
        with held(data_dir, Mode.MOVE, shelves[0], card / "DCIM"):
            assert isinstance(refused(data_dir, other, shelves[1]), ClaimHeld)
    finally:
        subprocess.run(["umount", other], check=False)


def test_a_volume_that_is_mounted_twice_is_one(
    data_dir: Path, tmp_path: Path, shelves: list[Path]
) -> None:
    need("mkfs.ext4", "losetup", package="e2fsprogs")
    image = tmp_path / "image"
    with image.open("wb") as file:
        file.truncate(64 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-F", image], check=True)
    one, two = tmp_path / "one", tmp_path / "two"
    with (
        loop_device(image) as device,
        mounted(one, "mount", device, one),
        mounted(two, "mount", device, two),
    ):
        (one / "DCIM").mkdir()
        (one / "DCIM" / "clip.mov").write_bytes(b"footage")
        with held(data_dir, Mode.MOVE, shelves[0], one / "DCIM"):
            assert isinstance(refused(data_dir, two / "DCIM" / "clip.mov", shelves[1]), ClaimHeld)
            assert isinstance(refused(data_dir, two, shelves[1]), ClaimHeld)


def test_a_subvolume_is_reached_by_its_own_mount_and_from_above(
    data_dir: Path, tmp_path: Path, shelves: list[Path]
) -> None:
    with btrfs(tmp_path) as place:
        subvolume(place / "cards")
        (place / "cards" / "A001").mkdir()
        (place / "cards" / "A001" / "clip.mov").write_bytes(b"footage")
        device = _device_of(place)
        own = tmp_path / "own"
        with (
            mounted(own, "mount", "-o", "subvol=cards", device, own),
            held(data_dir, Mode.MOVE, shelves[0], own / "A001"),
        ):
            for path in (place / "cards", place / "cards" / "A001" / "clip.mov", place):
                assert isinstance(refused(data_dir, path, shelves[1]), ClaimHeld)


def _device_of(place: Path) -> str:
    done = subprocess.run(
        ["findmnt", "-n", "-o", "SOURCE", place], check=True, capture_output=True, text=True
    )
    return done.stdout.strip().partition("[")[0]


# --- what is mounted inside a source -------------------------------------------------------


def test_a_volume_that_is_mounted_inside_a_source_is_held_with_it(
    data_dir: Path, tmp_path: Path, card: Path, shelves: list[Path]
) -> None:
    """What lies below a source is moved, whatever it is mounted from."""
    with ext4(tmp_path) as other:
        (other / "CLIPS").mkdir()
        (other / "CLIPS" / "clip.mov").write_bytes(b"more footage")
        (other / "else").mkdir()
        inside = card / "inside"
        with mounted(inside, "mount", "--bind", other / "CLIPS", inside):
            with held(data_dir, Mode.MOVE, shelves[0], card) as (number, _):
                for path in (other / "CLIPS" / "clip.mov", other / "CLIPS", other):
                    error = refused(data_dir, path, shelves[1])
                    assert isinstance(error, ClaimHeld)
                    assert error.facts["transfer"] == number
                allowed(data_dir, other / "else", shelves[1])
            with held(data_dir / "second", Mode.MOVE, shelves[0], other / "CLIPS"):
                assert isinstance(refused(data_dir / "second", card, shelves[1]), ClaimHeld)


def test_a_retry_holds_what_is_mounted_inside_its_source_too(
    data_dir: Path, tmp_path: Path, card: Path, shelves: list[Path]
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "clip.mov").write_bytes(b"more footage")
    (shelves[0] / "card").write_bytes(b"in the way")
    need_root()
    inside = card / "inside"
    with mounted(inside, "mount", "--bind", other, inside), Service(data_dir) as service:
        transfer = carried_out(service, request_for([card], [shelves[0]], Mode.MOVE))
        assert service.transfer(transfer).status is TransferStatus.FAILED
        with held(data_dir, Mode.MOVE, shelves[1], other), pytest.raises(ClaimHeld):
            service.retry(transfer)


def test_one_request_has_no_source_twice_by_way_of_a_mount(
    data_dir: Path, tmp_path: Path, card: Path, shelves: list[Path]
) -> None:
    need_root()
    other = tmp_path / "other"
    (other / "deeper").mkdir(parents=True)
    inside = card / "inside"
    with mounted(inside, "mount", "--bind", other, inside), Service(data_dir) as service:
        for sources in ([card, other / "deeper"], [other, card]):
            with pytest.raises(SourcesOverlap):
                service.create(request_for(sources, [shelves[0]]))
        with pytest.raises(DestinationInsideSource):
            service.create(request_for([card], [other / "deeper"]))


# --- names that a volume takes for one -----------------------------------------------------


def test_another_spelling_that_the_volume_takes_for_the_same_is_the_same_source(
    data_dir: Path, tmp_path: Path, shelves: list[Path]
) -> None:
    """exFAT, as nearly every camera writes it, does not tell a from A."""
    with exfat(tmp_path) as place:
        (place / "DCIM" / "Élan").mkdir(parents=True)
        (place / "DCIM" / "Élan" / "Clip.mov").write_bytes(b"footage")
        with held(data_dir, Mode.MOVE, shelves[0], place / "DCIM"):
            for path in ("dcim", "Dcim/élan", "dcim/ÉLAN/CLIP.MOV"):
                assert (place / path).exists()
                assert isinstance(refused(data_dir, place / path, shelves[1]), ClaimHeld)


def test_where_a_and_A_are_two_they_are_two_sources(
    data_dir: Path, tmp_path: Path, shelves: list[Path]
) -> None:
    for name in ("card", "CARD"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "clip.mov").write_bytes(name.encode())
    with held(data_dir, Mode.MOVE, shelves[0], tmp_path / "card"):
        allowed(data_dir, tmp_path / "CARD", shelves[1])


def test_names_that_are_no_text_are_told_apart_by_their_bytes(
    data_dir: Path, tmp_path: Path, shelves: list[Path]
) -> None:
    one, two = (tmp_path / os.fsdecode(name) for name in (b"caf\xe9", b"caf\xc9"))
    for path in (one, two):
        path.mkdir()
    with held(data_dir, Mode.MOVE, shelves[0], one):
        assert isinstance(refused(data_dir, one, shelves[1]), ClaimHeld)
        allowed(data_dir, two, shelves[1])
