"""A call that hangs on a dead mount hangs its own lane, and nothing else (DESIGN §4)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ketter_gui.domain import limits
from ketter_gui.domain.errors import DriveSilent
from ketter_gui.domain.options import Mode
from ketter_gui.domain.status import TransferStatus
from ketter_gui.queue import scheduler
from ketter_gui.service.service import Service
from tests.builders import drive, leftovers, payload, tree_of
from tests.cli.program import Ketter, ended, until
from tests.disk.mounting import tmpfs
from tests.faults.hanging import Hanging, hanging_volume
from tests.service.conftest import request_for

pytestmark = pytest.mark.root
_T = TransferStatus


@pytest.fixture
def share(tmp_path: Path) -> Iterator[Hanging]:
    """Mounted beside the cards and drives of a test, as in /media: whoever looks at what is
    beside them must not ask it."""
    with hanging_volume(tmp_path) as volume:
        yield volume


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a second without a sign of life is enough here."""
    monkeypatch.setattr(limits, "CALL_PATIENCE_S", 0.5)
    monkeypatch.setattr(limits, "FLUSH_PATIENCE_S", 0.5)
    monkeypatch.setattr(limits, "QUIT_PATIENCE_S", 0.5)
    monkeypatch.setattr(limits, "QUIT_FLUSH_PATIENCE_S", 0.5)
    monkeypatch.setattr(scheduler, "_TICK_S", 0.05)


def card(folder: Path, name: str, files: int = 400, size_bytes: int = 50_000) -> Path:
    path = folder / name
    path.mkdir()
    for number in range(files):
        (path / f"clip{number:04d}.mov").write_bytes(payload(size_bytes, number))
    return path


def hung(service: Service, share: Hanging, source: Path) -> int:
    """A transfer to the share, which stops answering when the first bytes have arrived."""
    transfer = service.create(request_for([source], [share.path]))
    until(lambda: service.transfer(transfer).bytes_copied > 0)
    share.stop()
    until(lambda: not service.transfer(transfer).is_answering)
    return transfer


def names_below(folder: Path) -> dict[bytes, tuple[int, int, int]]:
    """Every name with what it leads to, so that any write, name or removal shows."""
    found = {}
    for above, folders, files in os.walk(os.fsencode(folder)):
        for name in folders + files:
            answer = os.lstat(os.path.join(above, name))
            found[os.path.join(above, name)] = (
                answer.st_ino,
                answer.st_size if name in files else 0,
                answer.st_mtime_ns,
            )
    return found


def test_the_other_lanes_go_on_and_it_goes_on_silently_when_the_call_returns(
    data_dir: Path, tmp_path: Path, share: Hanging, impatient: None
) -> None:
    source = card(tmp_path, "A001")
    with tmpfs(tmp_path, "memory", "100m") as elsewhere, Service(data_dir) as service:
        other = card(elsewhere, "A002")
        one = hung(service, share, source)
        assert service.transfer(one).status in (_T.PREPARING, _T.RUNNING)
        two = service.create(request_for([other], [drive(elsewhere, "DRIVE")]))
        assert service.wait(two, 30)
        assert service.transfer(two).status is _T.COMPLETED
        assert service.transfer(two).is_answering
        assert not service.transfer(one).is_answering
        share.go_on()
        assert service.wait(one, 30)
        view = service.transfer(one)
        assert view.status is _T.COMPLETED
        assert view.is_answering
        assert tree_of(share.path / "A001") == tree_of(source)


def test_one_that_was_let_go_does_nothing_any_more_and_a_resume_completes_it(
    data_dir: Path, tmp_path: Path, share: Hanging, impatient: None
) -> None:
    source = card(tmp_path, "A001", files=1200)
    before = tree_of(source)
    with Service(data_dir) as service:
        transfer = hung(service, share, source)
        service.cancel(transfer)
        assert service.wait(transfer, 5)
        view = service.transfer(transfer)
        assert view.status is _T.INTERRUPTED
        assert isinstance(service.failure(transfer), DriveSilent)
        assert view.message == str(DriveSilent())
        left = names_below(source)
        lines = len(service.timeline(transfer))
        share.go_on()
        there = names_below(share.path)
        until(lambda: service.transfer(transfer).is_answering)
        # The one call that hung is carried out by the system, and may write once.
        assert names_below(share.path).keys() == there.keys()
        assert names_below(source) == left
        assert len(service.timeline(transfer)) == lines
        service.resume(transfer)
        assert service.wait(transfer, 30)
        assert service.transfer(transfer).status is _T.COMPLETED
        assert tree_of(share.path / "A001") == before
        assert leftovers(share.path) == []
        assert tree_of(source) == before
        service.verify_audit()


def test_the_lane_of_a_drive_that_answers_is_free_as_soon_as_it_is_let_go(
    data_dir: Path, tmp_path: Path, share: Hanging, impatient: None
) -> None:
    """A card that was to go to a dead share can be copied to a drive instead."""
    source = card(tmp_path, "A001")
    with Service(data_dir) as service:
        one = hung(service, share, source)
        two = service.create(request_for([source], [drive(tmp_path, "DRIVE")]))
        view = service.transfer(two)
        assert (view.status, view.waits_for, view.is_answering) == (_T.PENDING, one, False)
        service.cancel(one)
        assert service.wait(two, 30)
        assert service.transfer(two).status is _T.COMPLETED
        assert not service.transfer(one).is_answering


def test_what_was_let_go_cannot_begin_again_before_its_thread_has_returned(
    data_dir: Path, tmp_path: Path, share: Hanging, impatient: None
) -> None:
    """Whatever came next on that drive would hang as well."""
    source = card(tmp_path, "A001")
    with Service(data_dir) as service:
        transfer = hung(service, share, source)
        service.cancel(transfer)
        assert service.wait(transfer, 5)
        done = threading.Event()

        def resume() -> None:  # asks where its drives are: that hangs as well
            service.resume(transfer)
            done.set()

        threading.Thread(target=resume, daemon=True).start()
        assert not done.wait(0.3)
        assert service.transfer(transfer).status is _T.INTERRUPTED
        share.go_on()
        assert done.wait(5)
        assert service.wait(transfer, 30)
        assert service.transfer(transfer).status is _T.COMPLETED


@pytest.mark.parametrize("mode", [Mode.COPY, Mode.MOVE])
def test_a_thread_that_hung_at_the_source_touches_neither_side_when_it_returns(
    data_dir: Path, tmp_path: Path, share: Hanging, impatient: None, mode: Mode
) -> None:
    source, target = card(share.path, "A001", 2300, 5000), drive(tmp_path, "DRIVE")
    before = tree_of(source)
    with Service(data_dir) as service:
        transfer = service.create(request_for([source], [target], mode))
        if mode is Mode.MOVE:  # some originals are on their way out
            until(lambda: service.transfer(transfer).originals_removed)
        else:
            until(lambda: service.transfer(transfer).bytes_copied)
        share.stop()
        until(lambda: not service.transfer(transfer).is_answering)
        service.cancel(transfer)
        assert service.wait(transfer, 5)
        there, lines = names_below(target), len(service.timeline(transfer, limit=10_000))
        share.go_on()
        left = names_below(source)
        until(lambda: service.transfer(transfer).is_answering)
        assert names_below(target) == there
        assert names_below(source) == left
        assert len(service.timeline(transfer, limit=10_000)) == lines
        service.resume(transfer)
        assert service.wait(transfer, 30)
        assert service.transfer(transfer).status is _T.COMPLETED
        assert tree_of(target / "A001") == before
        assert tree_of(source) == (before if mode is Mode.COPY else {})
        assert leftovers(target) == leftovers(share.path) == []


def test_closing_does_not_wait_for_it(
    data_dir: Path, tmp_path: Path, share: Hanging, impatient: None
) -> None:
    source = card(tmp_path, "A001")
    service = Service(data_dir)
    transfer = hung(service, share, source)
    started = time.monotonic()
    service.close()
    assert time.monotonic() - started < 5
    with Service(data_dir) as again:
        assert [view.id for view in again.interrupted()] == [transfer]
        assert again.transfer(transfer).message == str(DriveSilent())
        share.go_on()
        again.resume(transfer)
        assert again.wait(transfer, 30)
        assert again.transfer(transfer).status is _T.COMPLETED
    assert tree_of(share.path / "A001") == tree_of(source)


def test_one_dead_mount_hides_no_other_volume(data_dir: Path, share: Hanging) -> None:
    with Service(data_dir) as service:
        path = os.fsencode(share.path)
        assert any(one.path == path and one.total_bytes for one in service.volumes())
        share.stop()
        asking = []
        for _ in range(3):
            started = time.monotonic()
            views = {one.path: one for one in service.volumes()}
            assert time.monotonic() - started < 3
            assert views[path].total_bytes == 0
            assert views[b"/"].total_bytes > 0
            asking.append([one for one in threading.enumerate() if one.name == "ketter-room"])
        assert asking[0] == asking[-1]  # one thread, however often the window looks
        share.go_on()
        until(lambda: any(one.path == path and one.total_bytes for one in service.volumes()))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_line_ends_within_seconds_and_can_be_resumed(
    tmp_path: Path, share: Hanging, number: signal.Signals
) -> None:
    source, ketter = card(tmp_path, "A001", files=1500), Ketter(tmp_path / "data")
    with ketter.started("copy", source, "--to", share.path) as running:
        until(lambda: list(share.path.glob("A001/*")), running)
        share.stop()
        running.send_signal(number)
        started = time.monotonic()
        until(lambda: _is_over(running))
        assert time.monotonic() - started < 15
        share.go_on()
        done = ended(running)
    assert done.code == 3, done.err
    assert "“ketter resume 1 --data-dir " in done.err
    assert ketter("history", "--json").objects[0]["status"] == "interrupted"
    done = ketter("resume", "1")
    assert done.code == 0, done.err
    assert tree_of(share.path / "A001") == tree_of(source)
    assert leftovers(share.path) == []


def test_ctrl_c_ends_it_while_it_looks_at_a_dead_mount(tmp_path: Path, share: Hanging) -> None:
    source, ketter = card(tmp_path, "A001", files=1), Ketter(tmp_path / "data")
    share.stop()
    with ketter.started("copy", source, "--to", share.path / "new") as running:
        until(lambda: _is_asking(running.pid), running)
        running.send_signal(signal.SIGINT)
        done = ended(running)
    assert done.code == 3
    assert done.err.startswith("A drive that was named does not answer. Nothing was begun.")


def _is_over(running: subprocess.Popen[bytes]) -> bool:
    """Whether the program has ended as far as it can: a request that the share has read and
    not answered keeps what is left of a process, by the kernel's rules, whatever it does."""
    if running.poll() is not None:
        return True
    state = Path(f"/proc/{running.pid}/stat").read_text().rpartition(")")[2].split()[0]
    return state == "Z"


def _is_asking(pid: int) -> bool:
    """Whether the program has started the thread that looks at the mounts."""
    tasks = Path(f"/proc/{pid}/task")
    return any("request_wait" in (task / "wchan").read_text() for task in tasks.iterdir())


if sys.platform != "linux":
    pytest.skip("FUSE", allow_module_level=True)
