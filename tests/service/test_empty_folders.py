"""`--remove-empty-folders`: after a move, folders that nothing is left in go, and no others."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ketter_gui.domain.options import Mode, Options
from ketter_gui.domain.status import TransferStatus
from ketter_gui.domain.views import TransferView
from ketter_gui.service.service import Service
from tests.builders import camera_card, drive, tree_of
from tests.disk.mounting import mounted, need_root
from tests.service.conftest import carried_out, request_for

ASKED = Options(remove_empty_folders=True)


@pytest.fixture(params=[1, 2], ids=["renamed", "copied"])
def shelves(request: pytest.FixtureRequest, tmp_path: Path) -> list[Path]:
    """To one place of the same volume a move renames, to two it copies."""
    return [drive(tmp_path, f"SHELF_{number}") for number in range(request.param)]


@pytest.fixture
def card(tmp_path: Path) -> Path:
    return camera_card(tmp_path).path


def moved(
    service: Service, card: Path, shelves: list[Path], options: Options = ASKED
) -> TransferView:
    return service.transfer(carried_out(service, request_for([card], shelves, Mode.MOVE, options)))


def test_emptied_folders_go_with_the_card_itself(
    service: Service, card: Path, shelves: list[Path]
) -> None:
    before = tree_of(card)
    view = moved(service, card, shelves)
    assert view.status is TransferStatus.COMPLETED, view.message
    assert not card.exists()
    for shelf in shelves:
        assert tree_of(shelf / "A001") == before
        assert (shelf / "A001" / "EMPTY").is_dir()
    gone = {
        line.item_path
        for line in service.timeline(view.id)
        if line.event == "SOURCE_DELETED" and line.result == "empty folder"
    }
    assert gone == {"A001/EMPTY", "A001/CONTENTS/CLIPS", "A001/CONTENTS", "A001"}
    assert view.originals_removed == (0 if len(shelves) == 1 else view.files_total)


def test_folders_stay_unless_asked(service: Service, card: Path, shelves: list[Path]) -> None:
    moved(service, card, shelves, Options())
    assert (card / "CONTENTS" / "CLIPS").is_dir()


def test_what_was_no_item_keeps_its_folder(
    service: Service, card: Path, shelves: list[Path]
) -> None:
    os.mkfifo(card / "CONTENTS" / "pipe")
    (card / "EMPTY" / ".DS_Store").write_bytes(b"litter")
    view = moved(service, card, shelves)
    assert view.status is TransferStatus.COMPLETED
    assert sorted(path.name for path in card.rglob("*")) == [
        ".DS_Store",
        "CONTENTS",
        "EMPTY",
        "pipe",
    ]


def test_an_original_that_is_kept_keeps_its_folders(
    service: Service, card: Path, shelves: list[Path]
) -> None:
    there = shelves[0] / "A001" / "CONTENTS" / "CLIPS"
    there.mkdir(parents=True)
    (there / "A001C000.mxf").write_bytes(b"different")
    view = moved(service, card, shelves)
    assert view.status is TransferStatus.FAILED
    assert [path.name for path in card.rglob("*") if path.is_file()] == ["A001C000.mxf"]
    assert not (card / "EMPTY").exists()


def test_what_is_mounted_in_a_source_is_emptied_and_stays(
    service: Service, tmp_path: Path, card: Path, shelves: list[Path]
) -> None:
    need_root()
    other = tmp_path / "other"
    other.mkdir()
    (other / "clip.mov").write_bytes(b"footage")
    with mounted(card / "EMPTY", "mount", "--bind", other, card / "EMPTY"):
        view = moved(service, card, shelves)
        assert view.status is TransferStatus.COMPLETED, view.message
        assert (card / "EMPTY").is_dir()
        assert os.listdir(other) == []


_DYING = """
import os, signal, sys
from pathlib import Path
from ketter_gui.domain.options import Mode, Options, Request
from ketter_gui.engine import remove_folders
from ketter_gui.service.service import Service
data, card, number, *shelves = sys.argv[1:]
whole, calls = remove_folders.remove_folder, []
def dying(*words):
    whole(*words)
    calls.append(words)
    if len(calls) == int(number):
        os.kill(os.getpid(), signal.SIGKILL)
remove_folders.remove_folder = dying
places = tuple(shelf.encode() for shelf in shelves)
options = Options(remove_empty_folders=True)
service = Service(Path(data))
transfer = service.create(Request((card.encode(),), places, Mode.MOVE, options))
service.wait(transfer, 60)
"""


@pytest.mark.parametrize("number", [1, 4], ids=["the first", "the card itself"])
def test_a_kill_after_a_folder_went_is_gone_on_from(
    data_dir: Path, card: Path, shelves: list[Path], number: int
) -> None:
    """Even when the chosen folder itself is gone: there is nothing left to do in it."""
    before = tree_of(card)
    words = [str(data_dir), str(card), str(number), *map(str, shelves)]
    done = subprocess.run([sys.executable, "-c", _DYING, *words], timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    assert card.exists() == (number == 1)
    with Service(data_dir) as service:
        (view,) = service.interrupted()
        service.resume(view.id)
        assert service.wait(view.id, 60)
        view = service.transfer(view.id)
        assert view.status is TransferStatus.COMPLETED, view.message
        assert service.verify_audit().entries > 0
    assert not card.exists()
    assert all(tree_of(shelf / "A001") == before for shelf in shelves)
