"""What is told: in exact words, together when it comes together, and never a flood."""

from __future__ import annotations

import pytest

from ketter_gui.domain.news import (
    Desk,
    Event,
    TransferDone,
    TransferFailed,
    TransferWaits,
    Urgency,
    WatchTook,
    WatchTripped,
    WatchUnreachable,
    notice,
)


@pytest.mark.parametrize(
    ("events", "title", "body", "urgency"),
    [
        ([TransferDone(1, "A001", 1)], "A001 is done", "1 file is verified.", "normal"),
        ([TransferDone(1, "A001", 1204)], "A001 is done", "1,204 files are verified.", "normal"),
        (
            [TransferDone(1, "A001", 3, 1)],
            "A001 is done",
            "3 files are verified; 1 more is in place, without being verified.",
            "normal",
        ),
        (
            [TransferDone(1, "A001", 0, 2)],
            "A001 is done",
            "2 files are in place, without being verified.",
            "normal",
        ),
        (
            [TransferFailed(1, "A001", 1)],
            "A001: 1 item failed",
            "1 item failed and is named in Ketter.",
            "critical",
        ),
        (
            [TransferFailed(1, "A001", 0, "The drive is gone.")],
            "A001 failed",
            "The drive is gone.",
            "critical",
        ),
        (
            [TransferDone(n, f"A{n}", 1) for n in range(1, 4)] + [TransferFailed(4, "B", 2)],
            "3 transfers are done, 1 failed",
            "Failed: B",
            "critical",
        ),
        (
            [TransferDone(1, "A", 1), TransferFailed(2, "B", 2)],
            "1 transfer is done, 1 failed",
            "Failed: B",
            "critical",
        ),
        (
            [TransferDone(n, f"A{n}", 1) for n in range(1, 6)],
            "5 transfers are done",
            "A1, A2, A3 and 2 more",
            "normal",
        ),
        (
            [TransferFailed(1, "A", 1), TransferFailed(2, "B", 1)],
            "2 transfers failed",
            "Failed: A, B",
            "critical",
        ),
        (
            [TransferFailed(1, "A", 1), TransferDone(1, "A", 9)],
            "A is done",
            "9 files are verified.",
            "normal",
        ),
        (
            [TransferWaits(1, "A", "The drive X is not there.")],
            "A waits",
            "The drive X is not there. It goes on by itself.",
            "normal",
        ),
        ([WatchTook(1, "In", 1)], "Watch folder In", "1 file was taken and verified.", "low"),
        (
            [WatchTook(1, "In", 5), WatchTook(1, "In", 7)],
            "Watch folder In",
            "12 files were taken and verified.",
            "low",
        ),
        (
            [WatchTripped(1, "In", "5 failures in a row.")],
            "Watch folder In has stopped",
            "5 failures in a row. It takes nothing until you start it again.",
            "critical",
        ),
        (
            [WatchUnreachable(1, "In", "/mnt/raid is not there.")],
            "Watch folder In does not reach its destination",
            "/mnt/raid is not there.",
            "critical",
        ),
    ],
)
def test_a_notice_says_exactly_what_happened(
    events: list[Event], title: str, body: str, urgency: str
) -> None:
    told = notice("key", events)
    assert (told.title, told.body, told.urgency) == (title, body, Urgency(urgency))


def test_a_burst_is_one_bubble_that_grows_and_a_later_one_has_its_own() -> None:
    desk = Desk()
    desk.take(TransferDone(1, "A", 1), 100.0)
    (first,) = desk.due(100.0)
    desk.take(TransferDone(2, "B", 1), 101.0)
    desk.take(TransferFailed(3, "C", 1), 102.0)
    assert desk.due(109.9) == () and desk.due_s() == 110.0
    (second,) = desk.due(110.0)
    assert second.key == first.key
    assert second.title == "2 transfers are done, 1 failed"
    assert desk.due_s() is None
    desk.take(TransferDone(4, "D", 1), 120.0)
    (third,) = desk.due(120.0)
    assert third.key != first.key, "it would take the failure away before it is read"
    assert third.title == "D is done"


def test_files_of_a_watch_folder_are_gathered_over_a_minute_each_folder_for_itself() -> None:
    desk = Desk()
    for second in range(50):
        desk.take(WatchTook(1, "In", 2), float(second))
    desk.take(WatchTook(2, "Out", 1), 50.0)
    assert desk.due(59.9) == ()
    assert [one.body for one in desk.due(60.0)] == ["100 files were taken and verified."]
    assert [one.title for one in desk.due(110.0)] == ["Watch folder Out"]


def test_what_is_critical_is_told_at_once() -> None:
    desk = Desk()
    desk.take(WatchTook(1, "In", 2), 0.0)
    desk.take(WatchTripped(1, "In", "Why."), 1.0)
    assert [one.urgency for one in desk.due(1.0)] == [Urgency.CRITICAL]


def test_a_transfer_that_tries_again_and_again_is_told_to_wait_once() -> None:
    desk = Desk()
    for second in range(0, 100, 5):
        desk.take(TransferWaits(1, "A", "Full."), float(second))
    assert len(desk.due(100.0)) == 1 and desk.due_s() is None
    desk.take(TransferDone(1, "A", 1), 101.0)
    desk.take(TransferWaits(1, "A", "Full."), 102.0)
    assert [one.title for one in desk.due(102.0)] == ["A is done", "A waits"]
