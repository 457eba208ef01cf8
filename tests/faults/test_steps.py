"""P2, P4 and P10: SIGKILL between any two steps, then resume: nothing lost, nothing doubled.

The process that is killed is a real one, and kills itself at the door of the named step.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ketter_gui.domain.options import Mode
from ketter_gui.domain.status import TransferStatus
from ketter_gui.service.service import Service
from tests.builders import camera_card, drive, leftovers, payload, tree_of

_STEPS = [
    "engine.scan:ordered_names",
    "queue.worker:_preflight",
    "engine.run:_start",
    "engine.parts:create_part",
    "engine.parts:allocate",
    "engine.copy:write_all",
    "engine.parts:carry",
    "engine.commit:flush_volume",
    "engine.run:verify_parts",
    "engine.run:prove",
    "engine.run:name_proven",
    "engine.commit:name_it",
    "engine.commit:_flush_folders",
    "engine.run:end_failed",
]
_MOVE_STEPS = [
    "engine.run:remove_sources",
    "engine.remove:set_aside",
    "engine.remove:_confirm",
    "engine.remove:remove_file",
]

_DYING = """
import importlib, os, signal, sys
from pathlib import Path
from ketter_gui.domain.options import Mode, Request
from ketter_gui.service.service import Service
data, card, one, two, mode, step, moment = sys.argv[1:]
module_name, _, name = step.partition(":")
module = importlib.import_module(f"ketter_gui.{module_name}")
whole = getattr(module, name)
def dying(*words, **named):
    if moment == "after":
        whole(*words, **named)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(module, name, dying)
service = Service(Path(data))
transfer = service.create(Request((card.encode(),), (one.encode(), two.encode()), Mode(mode)))
service.wait(transfer, 60)
"""


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize(
    ("mode", "step"),
    [(Mode.COPY, step) for step in _STEPS] + [(Mode.MOVE, step) for step in _MOVE_STEPS],
)
def test_a_kill_at_this_step_loses_nothing(
    data_dir: Path, tmp_path: Path, mode: Mode, step: str, moment: str
) -> None:
    card = camera_card(tmp_path, clips=10, clip_bytes=5000).path
    (card / "big.mov").write_bytes(payload(5_000_000, 1))
    before = tree_of(card)
    drives = [drive(tmp_path, "ONE"), drive(tmp_path, "TWO")]
    words = [str(path) for path in (data_dir, card, *drives)]
    process = subprocess.run(
        [sys.executable, "-c", _DYING, *words, mode.value, step, moment], timeout=60, check=False
    )
    assert process.returncode == -signal.SIGKILL
    with Service(data_dir) as service:
        (waiting,) = service.interrupted()
        service.resume(waiting.id)
        assert service.wait(waiting.id, 60)
        view = service.transfer(waiting.id)
        assert view.status is TransferStatus.COMPLETED, view.message
        assert view.files_verified == len(before)
        assert view.bytes_verified == view.bytes_copied == view.bytes_total
        assert service.verify_audit().entries > 0
    assert tree_of(drives[0] / "A001") == tree_of(drives[1] / "A001") == before
    assert tree_of(card) == ({} if mode is Mode.MOVE else before)
    assert leftovers(tmp_path) == []
