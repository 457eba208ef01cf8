"""A move within a drive is never green in the window: there is no second copy."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QLocale

from ketter_gui.domain.events import AuditEvent
from ketter_gui.domain.options import Mode
from ketter_gui.domain.status import CopyStatus, TransferStatus
from ketter_gui.domain.views import AuditLine, TransferView
from ketter_gui.ui.bars import item_parts, transfer_parts
from ketter_gui.ui.questions import cancel_question, interrupted_question
from ketter_gui.ui.queue_text import facts
from ketter_gui.ui.states import item_state, transfer_state
from ketter_gui.ui.timeline import told
from ketter_gui.ui.words import Words
from tests.gui import sample_values as sample

T = TransferStatus
WORDS = Words(QLocale("en_GB"))


def moved(
    status: TransferStatus = T.COMPLETED, *, renamed: int = 890, verified: int = 0
) -> TransferView:
    total = 118 * sample.GB
    return sample.transfer(
        7,
        "A001",
        status,
        mode=Mode.MOVE,
        destinations=(sample.place("RAID_A", verified=verified),),
        files_renamed=renamed,
        files_verified=verified,
        bytes_total=total,
        bytes_copied=total * (renamed + verified) // 890,
        bytes_renamed=total * renamed // 890,
        bytes_verified=total * verified // 890,
        is_within_volume=True,
        started_us=1,
        finished_us=2,
    )


def test_it_is_done_and_not_green() -> None:
    state = transfer_state(moved())
    assert (state.word, state.token) == ("Moved, no second copy", "second")
    copied, verified, failed = transfer_parts(moved())
    assert (copied, verified, failed) == (1.0, 0.0, 0.0)


def test_in_part_it_is_green_only_as_far_as_it_was_proven() -> None:
    view = moved(renamed=445, verified=445)
    assert transfer_state(view).token == "second"
    copied, verified, _ = transfer_parts(view)
    assert (copied, round(verified, 2)) == (1.0, 0.5)
    assert "445 moved without a second copy" in facts(view, WORDS)
    assert "445 verified" in facts(view, WORDS)


def test_an_item_that_was_renamed_fills_its_bar_without_green() -> None:
    item = replace(sample.running().at_work[0], status=CopyStatus.RENAMED, verified_bytes=0)
    assert item_parts(item) == (1.0, 0.0, 0.0)
    assert item_state(item).token != "verified"


def test_its_line_says_that_there_is_no_second_copy() -> None:
    said = facts(moved(), WORDS)
    assert "moved within the drive, no second copy" in said
    assert "removed" not in said
    assert "verified" not in said


@pytest.mark.parametrize("status", [T.PAUSED, T.INTERRUPTED, T.WAITING])
def test_a_stopped_one_says_how_many_are_in_their_new_place(status: TransferStatus) -> None:
    view = moved(status, renamed=12)
    assert "12 of 890 files in their new place, nothing lost" in facts(view, WORDS)


def test_while_the_last_are_renamed_nothing_is_being_verified() -> None:
    view = replace(moved(T.RUNNING, renamed=880), bytes_copied=118 * sample.GB)
    assert transfer_state(view).word == "Running"


def test_what_is_asked_about_it_is_true_of_renamed_files() -> None:
    def nothing() -> None:
        """Not pressed."""

    notice = cancel_question(moved(T.RUNNING, renamed=12), nothing, nothing)
    assert "stay in their new place" in notice.text
    notice = interrupted_question((moved(T.INTERRUPTED, renamed=12),), WORDS, nothing)
    assert "whole, in its old place or in its new one" in notice.text
    assert "verified" not in notice.text


def test_the_timeline_tells_a_rename_once() -> None:
    lines = [
        AuditLine(
            1, 1, AuditEvent.CHECKSUM_CALCULATED.value, "A001/c.mov", "", "sha256", "SOURCE", ""
        ),
        AuditLine(
            2,
            2,
            AuditEvent.ITEM_RENAMED.value,
            "A001/c.mov",
            "/media/RAID_A/A001/c.mov",
            "sha256",
            "FINAL: renamed, no second copy",
            "",
        ),
    ]
    (said,) = told(lines)
    assert said.whole() == "c.mov moved to RAID_A, no second copy"
    assert said.token != "verified"
