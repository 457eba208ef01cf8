"""Periods, retries and the breaker: plain rules, and their edges."""

from __future__ import annotations

import pytest

from ketter_gui.domain.watching import Method, WatchRules
from ketter_gui.watch.breaker import Breaker, retry_after_s
from ketter_gui.watch.periods import ScanCosts, next_period_s


def test_scans_back_off_while_nothing_comes_and_no_further_than_an_hour() -> None:
    period_s = 0.0
    seen = []
    for _ in range(9):
        period_s = next_period_s(period_s, Method.EVENTS, 0.0, is_idle=True)
        seen.append(period_s)
    assert seen[:4] == [60.0, 120.0, 240.0, 480.0] and seen[-1] == 3600.0
    assert next_period_s(period_s, Method.EVENTS, 0.0, is_idle=False) == 60.0


def test_where_scans_are_all_there_is_they_come_every_minute_at_least() -> None:
    period_s = 0.0
    for _ in range(9):
        period_s = next_period_s(period_s, Method.SCANS, 0.0, is_idle=True)
    assert period_s == 60.0
    assert next_period_s(period_s, Method.SCANS, 0.0, is_idle=False) == 5.0


def test_all_scans_together_take_a_hundredth_of_the_time() -> None:
    costs = ScanCosts()
    for watch in range(24):
        costs.note(watch, 0.5)
    assert costs.least_period_s() == 1200.0
    assert next_period_s(0.0, Method.SCANS, costs.least_period_s(), is_idle=False) == 1200.0
    costs.forget(0)
    assert costs.least_period_s() == 1150.0


def test_failures_in_a_row_trip_it_and_a_good_end_wipes_them_out() -> None:
    breaker = Breaker(0.0)
    rules = WatchRules((), max_failures=2)
    breaker.note_end(is_good=False)
    breaker.note_end(is_good=True)
    breaker.note_end(is_good=False)
    assert breaker.reason(rules, 0.0) == ""
    breaker.note_end(is_good=False)
    assert breaker.reason(rules, 0.0) == "2 transfers in a row have failed"


def test_cycles_and_the_time_trip_it_only_where_that_is_asked_for() -> None:
    breaker = Breaker(100.0)
    breaker.note_cycle()
    assert breaker.reason(WatchRules(()), 1e9) == ""
    assert "1 times" in breaker.reason(WatchRules((), max_cycles=1), 100.0)
    assert breaker.reason(WatchRules((), max_runtime_s=7200), 7299.0) == ""
    assert "2 h" in breaker.reason(WatchRules((), max_runtime_s=7200), 7300.0)
    assert "a transfer has failed" in _tripped_by_one()


def _tripped_by_one() -> str:
    breaker = Breaker(0.0)
    breaker.note_end(is_good=False)
    return breaker.reason(WatchRules((), max_failures=1), 0.0)


@pytest.mark.parametrize(("tries", "seconds"), [(1, 60), (2, 120), (5, 960), (90, 3600)])
def test_retries_wait_twice_as_long_each_time(tries: int, seconds: float) -> None:
    assert retry_after_s(tries) == seconds
