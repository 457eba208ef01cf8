"""Those who are told: lines for logs, objects for programs."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from ketter_gui.cli import json_lines, progress
from ketter_gui.cli.arguments import Common
from ketter_gui.cli.follow import Ending, Telling, teller
from ketter_gui.domain.status import TransferStatus
from ketter_gui.domain.views import ItemOutcome
from tests.cli.test_outcome import CARD, STRETCH, said

RUNNING = dataclasses.replace(
    CARD,
    status=TransferStatus.RUNNING,
    bytes_copied=150_000_000_000,
    bytes_verified=100_000_000_000,
    seconds_left=240,
)


def outcome(number: int, path: str, destination: str, **more: Any) -> ItemOutcome:
    fields: dict[str, Any] = {
        "sequence": number,
        "event": "item.verified",
        "path": path,
        "path_form": "plain",
        "size_bytes": 9,
        "checksums": {"sha256": "ab"},
        "destination": destination,
        "read_back": "storage",
        "error_type": "",
        "message": "",
    }
    return ItemOutcome(**{**fields, **more})


def printed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_copies_of_one_item_find_each_other_across_others(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = json_lines.JsonLines()
    lines.started(CARD)
    printed(capsys)
    lines.outcomes((outcome(1, "a", "/a/a", event="item.skipped"), outcome(2, "b", "/a/b")))
    assert printed(capsys) == []
    lines.outcomes((outcome(3, "a", "/b/a"),))
    (item,) = printed(capsys)
    assert (item["event"], item["path"]) == ("item.verified", "a")
    assert [one["status"] for one in item["destinations"]] == ["skipped", "verified"]
    lines.finished(Ending(CARD, None, STRETCH))
    alone, last = printed(capsys)
    assert (alone["path"], len(alone["destinations"])) == ("b", 1)
    assert last["event"] == "transfer.finished"


def test_an_item_that_is_left_behind_is_told_before_too_many_are_held(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a resume, items may have one copy left to be made: they are not kept for ever."""
    monkeypatch.setattr(json_lines, "_HELD_ITEMS", 3)
    lines = json_lines.JsonLines()
    lines.outcomes(())
    lines.started(CARD)
    printed(capsys)
    lines.outcomes(tuple(outcome(number, f"c{number}", "/a/c") for number in range(5)))
    assert [one["path"] for one in printed(capsys)] == ["c0", "c1"]


def test_what_is_about_the_item_itself_is_told_at_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = json_lines.JsonLines()
    lines.started(CARD)
    printed(capsys)
    lines.outcomes(
        (outcome(1, "x", "", event="item.failed", error_type="ReadFailed", message="No."),)
    )
    (item,) = printed(capsys)
    assert (item["event"], item["error_type"], item["destinations"]) == (
        "item.failed",
        "ReadFailed",
        [],
    )


def test_progress_is_of_the_card_and_at_most_twice_a_second(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = json_lines.JsonLines()
    lines.started(CARD)
    printed(capsys)
    for _ in range(10):
        lines.at_work(RUNNING)
    (told,) = printed(capsys)
    assert told["bytes"] == 118_000_000_000
    assert told["bytes_verified"] == 50_000_000_000
    assert told["bytes_per_second"] == 400_000_000
    assert told["seconds_left"] == 240


def test_a_log_gets_a_line_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = progress.in_words(Common())  # no terminal here
    lines.started(RUNNING)
    lines.at_work(RUNNING)
    assert len(capsys.readouterr().out.splitlines()) == 1
    monkeypatch.setattr(progress, "_LINE_EVERY_S", 0.0)
    lines.at_work(RUNNING)
    assert capsys.readouterr().out == (
        "42 %: 50.0 GB verified, 75.0 GB copied of 118 GB, 400 MB/s, about 4 min left\n"
    )
    lines.at_work(RUNNING)
    assert capsys.readouterr().out == "", "a line without news"
    lines.stopping()
    assert capsys.readouterr().err.startswith("Stopping: what is verified stays verified")


def test_quiet_tells_failures_only(capsys: pytest.CaptureFixture[str]) -> None:
    silent = teller(Telling(Common(), is_quiet=True))
    assert isinstance(silent, progress.Silent)
    for say in (silent.started, silent.at_work):
        say(CARD)
    silent.finished(Ending(CARD, None, STRETCH))
    assert capsys.readouterr() == ("", "")
    failed = dataclasses.replace(CARD, status=TransferStatus.FAILED, files_failed=1)
    silent.finished(Ending(failed, None, STRETCH))
    assert capsys.readouterr().err.startswith("1 of 459 files failed")


def test_a_transfer_of_many_sources_is_opened_in_one_line() -> None:
    many = dataclasses.replace(CARD, sources=CARD.sources * 5)
    assert progress.opening(many) == ("Transfer 12: copying /cards/A001 and 4 more to /a and /b.")


def test_nothing_failed_that_is_a_file_is_still_told() -> None:
    """A folder or a link that failed: the files are well, the transfer is not."""
    view = dataclasses.replace(CARD, status=TransferStatus.FAILED, message="1 copy failed.")
    code, lines = said(view)
    assert code == 1
    assert lines[0].startswith("459 files, 118 GB: not everything went well. 1 copy failed.")
