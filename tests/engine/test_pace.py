"""A limit is kept over time, apart for each drive, and never holds up a wish."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from ketter_gui.domain.errors import Cancelled
from ketter_gui.domain.limits import MIB
from ketter_gui.domain.options import Mode, Options
from ketter_gui.engine import pace as paces
from ketter_gui.engine.control import Control, Stopped
from ketter_gui.engine.pace import Pace, Paces
from tests.builders import payload, tree_of
from tests.engine.conftest import make_transfer


class Clock:
    """Time that passes only when somebody naps."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


class Napping(Control):
    """Naps on a clock of ours."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def nap(self, seconds: float) -> None:
        self._clock.now_s += seconds
        self.checkpoint()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_what_was_read_is_paid_for_before_more_is_read(clock: Clock) -> None:
    pace = Pace(10 * MIB, clock)
    assert pace.debt_s() == 0
    pace.charge(20 * MIB)
    assert pace.debt_s() == pytest.approx(2, abs=0.3)
    clock.now_s += 1
    assert pace.debt_s() == pytest.approx(1, abs=0.3)
    clock.now_s += 1
    assert pace.debt_s() == 0


def test_a_long_wait_for_something_else_saves_up_a_quarter_of_a_second(clock: Clock) -> None:
    pace = Pace(MIB, clock)
    clock.now_s += 3600
    pace.charge(2 * MIB)
    assert pace.debt_s() == pytest.approx(1.75)


@pytest.mark.parametrize("piece_bytes", [4096, 70_000, 4 * MIB])
def test_the_limit_holds_whatever_the_size_of_the_pieces(clock: Clock, piece_bytes: int) -> None:
    limited = Paces(8 * MIB, 1, Napping(clock), clock)
    started_s, done = clock.now_s, 0
    while done < 64 * MIB:
        limited.wait_to_read()
        limited.read(piece_bytes)
        done += piece_bytes
    assert clock.now_s - started_s == pytest.approx(8, rel=0.1)


def test_reading_and_each_reading_back_have_a_limit_of_their_own(clock: Clock) -> None:
    limited = Paces(MIB, 2, Napping(clock), clock)
    limited.read(10 * MIB)
    limited.read_back(1, 20 * MIB)
    started_s = clock.now_s
    limited.wait_to_read_back(0)
    assert clock.now_s == started_s
    limited.wait_to_read()
    assert clock.now_s - started_s == pytest.approx(10, abs=0.3)
    limited.wait_to_read_back()
    assert clock.now_s - started_s == pytest.approx(20, abs=0.3)


def test_a_handful_of_small_files_is_no_more_than_a_second_lets_through(clock: Clock) -> None:
    limited = Paces(10 * MIB, 1, Napping(clock), clock)
    assert limited.is_handful(3, 12 * MIB)
    assert not limited.is_handful(2, 8 * MIB)
    free = Paces(0, 1, Napping(clock), clock)
    assert not free.is_handful(63, 1 << 40)
    assert free.is_handful(64, 0)


@pytest.mark.parametrize("mode", [Mode.COPY, Mode.MOVE])
def test_a_few_small_files_keep_to_the_limit_as_well(
    tmp_path: Path, drives: list[Path], monkeypatch: pytest.MonkeyPatch, mode: Mode
) -> None:
    """Six files of a second each, read and read back: whoever takes all of them at once
    never waits."""
    card = tmp_path / "A001"
    card.mkdir()
    for number in range(6):
        (card / f"{number}.mov").write_bytes(payload(MIB, number))
    charged: list[int] = []
    in_one_go: list[int] = []

    def count_and_forget(_pace: Paces, _destination: int | None = None) -> None:
        in_one_go.append(sum(charged))
        charged.clear()

    monkeypatch.setattr(Pace, "charge", lambda _pace, size: charged.append(size))
    monkeypatch.setattr(Paces, "wait_to_read", count_and_forget)
    monkeypatch.setattr(Paces, "wait_to_read_back", count_and_forget)
    options = Options(limit_bytes_per_s=MIB)
    make_transfer([card], drives[:1], mode=mode, options=options).run()
    in_one_go.append(sum(charged))
    assert max(in_one_go) == MIB
    assert len(tree_of(drives[0] / "A001")) == 6


def test_without_a_limit_nobody_waits(clock: Clock) -> None:
    free = Paces(0, 2, Napping(clock), clock)
    free.read(1 << 60)
    free.read_back(1, 1 << 60)
    free.wait_to_read()
    free.wait_to_read_back()
    free.wait_to_read_back(1)
    assert clock.now_s == 1000


@pytest.mark.parametrize(("wish", "raised"), [("cancel", Cancelled), ("stop", Stopped)])
def test_a_wish_ends_the_waiting_at_once(wish: str, raised: type[Exception]) -> None:
    control = Control()
    limited = Paces(1, 1, control)
    limited.read(1_000_000_000)
    ended: list[BaseException] = []

    def wait() -> None:
        try:
            limited.wait_to_read()
        except raised as error:
            ended.append(error)

    waiting = threading.Thread(target=wait, daemon=True)
    waiting.start()
    getattr(control, wish)()
    waiting.join(10)
    assert [type(one) for one in ended] == [raised]


def test_whoever_waits_for_the_limit_is_not_taken_for_hung(monkeypatch: pytest.MonkeyPatch) -> None:
    control = Control()
    limited = Paces(1, 1, control)
    limited.read(1_000_000)
    monkeypatch.setattr("ketter_gui.domain.limits.CALL_PATIENCE_S", 0.0)
    monkeypatch.setattr(paces, "_SLICE_S", 1000.0)
    waiting = threading.Thread(target=_until_stopped, args=(limited,), daemon=True)
    waiting.start()
    while not control._waits:
        waiting.join(0.001)
    assert not control.is_silent
    control.stop()
    waiting.join(10)
    assert not waiting.is_alive()


def _until_stopped(limited: Paces) -> None:
    with pytest.raises(Stopped):
        limited.wait_to_read()


@pytest.mark.parametrize("size_bytes", [30_000, 9 * MIB])
def test_every_byte_of_a_copy_is_charged_once_to_each_side(
    tmp_path: Path, drives: list[Path], monkeypatch: pytest.MonkeyPatch, size_bytes: int
) -> None:
    """The real copy, small files and big ones, with a bucket that only counts."""
    card = tmp_path / "A001"
    card.mkdir()
    for number in range(3):
        (card / f"{number}.mov").write_bytes(payload(size_bytes, number))
    charged: list[int] = []
    monkeypatch.setattr(Pace, "charge", lambda _pace, size: charged.append(size))
    options = Options(limit_bytes_per_s=1)
    make_transfer([card], drives, options=options).run()
    assert sum(charged) == 3 * size_bytes * 3  # read once, and read back from two drives
    assert tree_of(drives[1] / "A001") == tree_of(card)
