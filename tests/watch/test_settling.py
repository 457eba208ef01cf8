"""Since when nothing has changed, by a clock that nobody can set."""

from __future__ import annotations

from ketter_gui.watch.settling import Settling


def test_what_does_not_change_is_due_after_the_settle_time() -> None:
    settling = Settling(30)
    settling.seen(b"a", 1, 100.0)
    assert settling.due(129.9, 10) == []
    assert settling.due(130.0, 10) == [b"a"]


def test_a_change_begins_the_time_anew() -> None:
    settling = Settling(30)
    settling.seen(b"a", 1, 100.0)
    settling.seen(b"a", 2, 120.0)
    assert settling.due(130.0, 10) == []
    assert settling.next_due_s() == 150.0
    assert settling.due(150.0, 10) == [b"a"]


def test_seeing_the_same_again_changes_nothing() -> None:
    settling = Settling(30)
    settling.seen(b"a", 1, 100.0)
    settling.seen(b"a", 1, 129.0)
    assert settling.due(130.0, 10) == [b"a"]


def test_what_is_gone_is_never_due() -> None:
    settling = Settling(1)
    settling.seen(b"a", 1, 0.0)
    settling.seen(b"b", 1, 0.0)
    settling.forget(b"a")
    settling.keep_only({b"c"})
    assert len(settling) == 0
    assert settling.due(10.0, 10) == [] and settling.next_due_s() is None


def test_no_more_than_asked_for_is_due_at_once() -> None:
    settling = Settling(0)
    for number in range(5):
        settling.seen(b"%d" % number, 1, float(number))
    assert settling.due(10.0, 2) == [b"0", b"1"]
    assert settling.due(10.0, 9) == [b"2", b"3", b"4"]
