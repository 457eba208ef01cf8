"""The speed is smooth, and the time left is said only once it is known."""

from __future__ import annotations

from ketter_gui.queue.speed import SpeedMeter


def steady(seconds: int, bytes_per_second: int) -> SpeedMeter:
    meter = SpeedMeter(0.0)
    for second in range(1, seconds + 1):
        meter.update(float(second), second * bytes_per_second)
    return meter


def test_a_steady_speed_is_what_it_is() -> None:
    assert steady(20, 1000).bytes_per_second == 1000


def test_time_left_is_unknown_at_first_and_then_right() -> None:
    assert steady(2, 1000).seconds_left(5000) is None
    assert steady(10, 1000).seconds_left(5000) == 5


def test_a_burst_moves_the_speed_only_a_little() -> None:
    meter = steady(20, 1000)
    meter.update(20.25, 20 * 1000 + 2500)
    assert 1000 < meter.bytes_per_second < 1700


def test_a_pause_is_no_slowness() -> None:
    meter = steady(20, 1000)
    for second in range(21, 60):
        meter.restart(float(second), 20_000)
    meter.update(60.0, 21_000)
    assert meter.bytes_per_second == 1000


def test_standing_still_tends_to_nothing_and_an_unknown_end() -> None:
    meter = steady(10, 1000)
    for second in range(11, 80):
        meter.update(float(second), 10_000)
    assert meter.seconds_left(5000) is None
