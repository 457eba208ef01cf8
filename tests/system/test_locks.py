from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ketter_gui.system.locks import ProcessLock, is_free

HOLDER = """
import sys, time
from ketter_gui.system.locks import ProcessLock
with ProcessLock(sys.argv[1]):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "owner.lock"


def test_a_lock_is_held_until_it_is_released(path: Path) -> None:
    lock = ProcessLock(path)
    assert lock.acquire()
    assert lock.is_held
    assert not is_free(path)
    lock.release()
    lock.release()
    assert not lock.is_held
    assert is_free(path)


def test_the_file_stays_and_is_ours(path: Path) -> None:
    with ProcessLock(path):
        pass
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_lock_without_a_file_is_free_and_asking_makes_none(path: Path) -> None:
    assert is_free(path)
    assert not path.exists()


def test_two_objects_exclude_each_other_in_one_process(path: Path) -> None:
    with ProcessLock(path):
        other = ProcessLock(path)
        assert not other.acquire()
        with pytest.raises(BlockingIOError, match="locked"), other:
            pass


def test_asking_does_not_harm_a_live_owner(path: Path) -> None:
    with ProcessLock(path) as lock:
        for _ in range(50):
            assert not is_free(path)
        assert lock.is_held
        assert not ProcessLock(path).acquire()


def test_any_thread_may_release(path: Path) -> None:
    lock = ProcessLock(path)
    lock.acquire()
    releaser = threading.Thread(target=lock.release)
    releaser.start()
    releaser.join()
    assert is_free(path)


def test_a_lock_dies_with_its_process(path: Path) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    try:
        assert owner.stdout.readline() == "held\n"
        assert not is_free(path)
        owner.send_signal(signal.SIGKILL)
        owner.wait(10)
        assert is_free(path)
        with ProcessLock(path):
            pass
    finally:
        owner.kill()
        owner.wait()
        owner.stdout.close()


def test_a_question_in_passing_does_not_keep_an_owner_out(path: Path) -> None:
    stop = threading.Event()
    path.touch()

    def ask() -> None:
        while not stop.is_set():
            is_free(path)

    asker = threading.Thread(target=ask)
    asker.start()
    try:
        for _ in range(20):
            with ProcessLock(path):
                pass
    finally:
        stop.set()
        asker.join()


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"."):
        ProcessLock(tmp_path / "missing" / "owner.lock").acquire()
    assert os.listdir(tmp_path) == []
