"""P2 and P5 for archives: SIGKILL between any two steps, a full drive, then going on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from ketter_gui.domain.errors import DiskFull
from ketter_gui.domain.limits import MIB
from ketter_gui.domain.options import Options, Pack
from ketter_gui.domain.status import TransferStatus
from ketter_gui.service.service import Service
from tests.builders import camera_card, drive, leftovers, payload, tree_of
from tests.disk.mounting import of, tmpfs
from tests.service.conftest import carried_out, request_for

_PACK_STEPS = [
    "engine.scan:ordered_names",
    "queue.worker:_preflight",
    "engine.pack:_start",
    "engine.pack:create_part",
    "engine.pack:allocate",
    "engine.pack_entries:read_into",
    "engine.zip_stream:pump",
    "engine.zip_stream:cut",
    "engine.pack:flush",
    "engine.pack:check_archive",
    "engine.pack_name:name_it",
    "engine.pack_name:flush_folder",
    "engine.pack_name:_verified",
    "engine.pack:_end_failed",
]
_ONCE = {"queue.worker:_preflight", "engine.pack:_start", "engine.pack:_end_failed"}
_UNPACK_STEPS = [
    "engine.unpack_scan:check_entries",
    "engine.unpack:_start",
    "engine.unpack:write_all",
    "engine.unpack:flush_parts",
    "engine.unpack:verify_parts",
    "engine.unpack:prove",
    "engine.commit:name_it",
    "engine.unpack:end_failed",
]

_DYING = """
import importlib, os, signal, sys
from pathlib import Path
from ketter_gui.domain.options import Manifest, Options, Pack, Request
from ketter_gui.service.service import Service
data, source, one, two, pack, step, moment, skipped = sys.argv[1:]
module_name, _, name = step.partition(":")
module = importlib.import_module(f"ketter_gui.{module_name}")
whole = getattr(module, name)
left = int(skipped)
def dying(*words, **named):
    global left
    if left:
        left -= 1
        return whole(*words, **named)
    if moment == "after":
        whole(*words, **named)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(module, name, dying)
service = Service(Path(data))
options = Options(pack=Pack(pack), manifests=(Manifest.LIST,))
transfer = service.create(
    Request((source.encode(),), (one.encode(), two.encode()), options=options)
)
service.wait(transfer, 60)
"""


def card_of(tmp_path: Path) -> Path:
    card = camera_card(tmp_path, clips=10, clip_bytes=5000).path
    (card / "big.mov").write_bytes(payload(5_000_000, 1))
    return card


def killed(
    data_dir: Path, source: Path, drives: list[Path], pack: Pack, step: str, moment: str, skip: int
) -> None:
    words = [str(path) for path in (data_dir, source, *drives)]
    process = subprocess.run(
        [sys.executable, "-c", _DYING, *words, pack.value, step, moment, str(skip)],
        timeout=60,
        check=False,
    )
    assert process.returncode == -signal.SIGKILL


def resumed(data_dir: Path, files: int) -> None:
    with Service(data_dir) as service:
        (waiting,) = service.interrupted()
        service.resume(waiting.id)
        assert service.wait(waiting.id, 60)
        view = service.transfer(waiting.id)
        assert view.status is TransferStatus.COMPLETED, view.message
        assert view.files_verified == files
        assert view.bytes_verified == view.bytes_copied == view.bytes_total
        assert service.verify_audit().entries > 0


def check_list(place: Path) -> bool:
    """What `sha256sum` says of the one list that a copy left there."""
    (name,) = place.glob("*.sha256")
    words = ["sha256sum", "-c", "--strict", "--quiet", name.name]
    return subprocess.run(words, cwd=place, check=False).returncode == 0


@pytest.mark.parametrize(
    ("step", "moment", "skip"),
    [(step, moment, 0) for step in _PACK_STEPS for moment in ("before", "after")]
    + [(step, "after", 1) for step in _PACK_STEPS if step not in _ONCE],
)
def test_a_kill_while_packing_loses_nothing(
    data_dir: Path, tmp_path: Path, step: str, moment: str, skip: int
) -> None:
    card = card_of(tmp_path)
    drives = [drive(tmp_path, "ONE"), drive(tmp_path, "TWO")]
    killed(data_dir, card, drives, Pack.ZIP, step, moment, skip)
    for place in drives:
        for archive in place.glob("*.zip"):
            with zipfile.ZipFile(archive) as opened:  # what has a name is whole
                assert opened.testzip() is None
    resumed(data_dir, len(tree_of(card)))
    for place in drives:
        assert sorted(path.suffix for path in place.iterdir()) == [".sha256", ".zip"]
        assert check_list(place)
        with zipfile.ZipFile(place / "A001.zip") as opened:
            assert opened.testzip() is None
            assert len(opened.namelist()) == len(list(card.rglob("*")))
    assert (drives[0] / "A001.zip").read_bytes() == (drives[1] / "A001.zip").read_bytes()
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", _UNPACK_STEPS)
def test_a_kill_while_unpacking_loses_nothing(
    data_dir: Path, tmp_path: Path, step: str, moment: str
) -> None:
    card = card_of(tmp_path)
    archive = tmp_path / "A001.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        for path in sorted(card.rglob("*")):
            made.write(path, path.relative_to(card))
    drives = [drive(tmp_path, "ONE"), drive(tmp_path, "TWO")]
    killed(data_dir, archive, drives, Pack.UNZIP, step, moment, 0)
    resumed(data_dir, len(tree_of(card)))
    assert tree_of(drives[0] / "A001") == tree_of(drives[1] / "A001") == tree_of(card)
    assert leftovers(tmp_path) == []


def test_a_cancelled_transfer_gives_a_proven_archive_its_name(
    data_dir: Path, tmp_path: Path
) -> None:
    drives = [drive(tmp_path, "ONE"), drive(tmp_path, "TWO")]
    killed(data_dir, card_of(tmp_path), drives, Pack.ZIP, "engine.pack_name:name_it", "after", 0)
    with Service(data_dir) as service:
        (waiting,) = service.interrupted()
        service.cancel(waiting.id)
        assert service.wait(waiting.id, 60)
        assert service.transfer(waiting.id).status is TransferStatus.CANCELLED
    for place in drives:
        with zipfile.ZipFile(place / "A001.zip") as opened:
            assert opened.testzip() is None
    assert leftovers(tmp_path) == []


@pytest.mark.root
@pytest.mark.parametrize("pack", [Pack.ZIP, Pack.UNZIP])
def test_a_drive_that_fills_up_is_waited_for(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack: Pack
) -> None:
    monkeypatch.setattr("ketter_gui.queue.scheduler._TRY_AGAIN_S", 0.1)
    card = drive(tmp_path, "A001")
    for number in range(6):
        (card / f"{number}.mov").write_bytes(payload(400_000, number))
    source = card
    if pack is Pack.UNZIP:
        source = tmp_path / "A001.zip"
        with zipfile.ZipFile(source, "w") as made:
            for path in sorted(card.iterdir()):
                made.write(path, path.name)
    with tmpfs(tmp_path, size="4m") as place, Service(data_dir) as service:
        other = drive(tmp_path, "OTHER")
        theirs = place / "theirs"

        def fill(*_: object) -> None:
            theirs.write_bytes(bytes(3 * MIB))

        where = "pack.create_part" if pack is Pack.ZIP else "unpack.create_parts"
        module, _, name = where.partition(".")
        plain = getattr(sys.modules[f"ketter_gui.engine.{module}"], name)

        def filling(*words: object) -> object:
            fill()
            return plain(*words)

        with monkeypatch.context() as patch:
            patch.setattr(f"ketter_gui.engine.{where}", filling)
            request = request_for([source], [place, other], options=Options(pack=pack))
            transfer = carried_out(service, request)
            assert isinstance(service.failure(transfer), DiskFull)
        assert service.transfer(transfer).status is TransferStatus.WAITING
        assert leftovers(place) == []
        theirs.unlink()
        until = time.monotonic() + 30
        while service.transfer(transfer).status is not TransferStatus.COMPLETED:
            assert time.monotonic() < until, service.transfer(transfer).message
            service.wait(transfer, 0.2)
        if pack is Pack.UNZIP:
            assert tree_of(place / "A001") == tree_of(other / "A001") == tree_of(card)
        else:
            with zipfile.ZipFile(place / "A001.zip") as opened:
                assert opened.testzip() is None
                assert len(opened.namelist()) == 6


@pytest.mark.root
@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs", "exfat", "ntfs", "fat", "tmpfs"])
def test_archives_arrive_whole_on_every_file_system(
    data_dir: Path, tmp_path: Path, kind: str
) -> None:
    """With and without direct I/O, atomic names, modes and room given beforehand."""
    card = card_of(tmp_path)
    with of(kind, tmp_path) as place, Service(data_dir) as service:
        packed = request_for([card], [place], options=Options(pack=Pack.ZIP))
        first = service.transfer(carried_out(service, packed))
        assert first.status is TransferStatus.COMPLETED, first.message
        with zipfile.ZipFile(place / "A001.zip") as opened:
            assert opened.testzip() is None
        unpacked = request_for([place / "A001.zip"], [place], options=Options(pack=Pack.UNZIP))
        second = service.transfer(carried_out(service, unpacked))
        assert second.status is TransferStatus.COMPLETED, second.message
        assert tree_of(place / "A001") == tree_of(card)
        assert leftovers(place) == []


def test_no_descriptor_is_left_open_by_archives_that_fail(data_dir: Path, tmp_path: Path) -> None:
    card = card_of(tmp_path)
    place = drive(tmp_path, "ONE")
    (tmp_path / "bad.zip").write_bytes(b"PK\x03\x04 no archive")
    with Service(data_dir) as service:
        before = 0
        for number in range(20):
            (card / "big.mov").chmod(0o600)
            with open(os.path.join(os.fsencode(card), b"caf\xe9.mov"), "wb") as file:
                file.write(b"x")
            packed = request_for([card], [place], options=Options(pack=Pack.ZIP))
            carried_out(service, packed)
            carried_out(
                service,
                request_for([tmp_path / "bad.zip"], [place], options=Options(pack=Pack.UNZIP)),
            )
            if number == 4:
                before = len(os.listdir("/proc/self/fd"))
        assert len(os.listdir("/proc/self/fd")) <= before + 2
