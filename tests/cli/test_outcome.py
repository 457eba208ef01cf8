"""What is said at the end, for every way a transfer can come to rest."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from ketter_gui.cli.arguments import Common
from ketter_gui.cli.figures import Stretch, figures_of
from ketter_gui.cli.follow import Ending
from ketter_gui.cli.outcome import told
from ketter_gui.cli.progress import state_of
from ketter_gui.cli.words import about, counted, lasting, listed
from ketter_gui.domain.errors import Cancelled, KetterError, NotEnoughSpace, VolumeGone
from ketter_gui.domain.items import ItemKind
from ketter_gui.domain.names import TextPath
from ketter_gui.domain.options import Mode, Options
from ketter_gui.domain.status import CopyStatus, TransferStatus
from ketter_gui.domain.views import CopyView, ItemOutcome, ItemView, PlaceView, TransferView

S = TransferStatus


def place(path: str) -> PlaceView:
    return PlaceView(TextPath(path, "plain"), path)


CARD = TransferView(
    id=12,
    name="A001",
    mode=Mode.COPY,
    status=S.COMPLETED,
    options=Options(),
    sources=(place("/cards/A001"),),
    destinations=(place("/a"), place("/b")),
    files_total=459,
    files_verified=459,
    files_failed=0,
    files_skipped=0,
    bytes_total=236_000_000_000,
    bytes_copied=236_000_000_000,
    bytes_verified=236_000_000_000,
    bytes_per_second=800_000_000,
    seconds_left=None,
    created_us=1,
    started_us=1,
    finished_us=2,
    is_here=True,
)
STRETCH = Stretch(312.0, 118_000_000_000)


def said(
    view: TransferView = CARD,
    failure: KetterError | None = None,
    common: Common | None = None,
    **more: object,
) -> tuple[int, list[str]]:
    ending = Ending(view, failure, STRETCH, **more)  # type: ignore[arg-type]
    return ending.exit_code, told(ending, common or Common())


def changed(**changes: object) -> TransferView:
    return dataclasses.replace(CARD, **changes)  # type: ignore[arg-type]


def test_a_card_that_is_verified() -> None:
    code, (line,) = said()
    assert code == 0
    assert line == (
        "459 files, 118 GB: verified in 2 places (/a and /b) in 5 min 12 s, 378 MB/s. "
        "Originals are kept. Transfer 12."
    )


def test_one_place_is_named_without_counting() -> None:
    _, (line,) = said(changed(destinations=(place("/a"),), bytes_total=118_000_000_000))
    assert line.startswith("459 files, 118 GB: verified in /a in 5 min 12 s")


def test_a_proof_from_the_cache_is_said_plainly() -> None:
    code, lines = said(changed(copies_from_cache=2))
    assert code == 0
    assert lines[1].startswith("Careful: the system would not let go of its cache")
    assert "do not format the card" in lines[1]


def test_what_was_left_out_is_named_and_what_does_not_fit_is_counted() -> None:
    note = ItemOutcome(
        5, "item.skipped", "A001/pipe", "plain", 0, {}, "", "", "SpecialFile",
        "A001/pipe is a FIFO and was left out. It was not opened; everything else goes on.",
    )  # fmt: skip
    _, lines = said(changed(special_skipped=3), notes=(note,))
    assert "3 FIFOs, sockets or devices were left out." in lines[0]
    assert lines[1:] == [f"  {note.message}", "  and 2 more were left out."]


def test_a_move_counts_the_originals_that_are_gone() -> None:
    _, (line,) = said(changed(mode=Mode.MOVE, originals_removed=459))
    assert "Originals are removed (459); their folders stay." in line


WITHIN = {
    "mode": Mode.MOVE,
    "destinations": (place("/a"),),
    "bytes_total": 118_000_000_000,
    "bytes_copied": 118_000_000_000,
    "is_within_volume": True,
}


def test_a_move_within_a_volume_is_said_to_be_no_second_copy() -> None:
    view = changed(
        files_verified=0,
        files_renamed=459,
        bytes_verified=0,
        bytes_renamed=118_000_000_000,
        **WITHIN,
    )
    code, (line,) = said(view)
    assert code == 0
    assert line == (
        "459 files, 118 GB: moved within the volume to /a in 5 min 12 s, 378 MB/s. They were read "
        "once and renamed; no second copy was made. Folders stay. Transfer 12."
    )
    assert "verified" not in line


def test_a_move_that_renamed_a_part_of_the_files_tells_them_apart() -> None:
    view = changed(files_verified=59, files_renamed=400, originals_removed=59, **WITHIN)
    _, (line,) = said(view)
    assert "400 moved within the volume to /a, 59 verified there" in line
    assert "What was moved was read once and renamed; no second copy was made." in line
    assert "Originals are removed (59); their folders stay." in line


def test_a_move_within_a_volume_that_failed_or_stopped_claims_no_proof() -> None:
    failed = changed(status=S.FAILED, files_verified=0, files_failed=1, files_renamed=458, **WITHIN)
    _, lines = said(failed)
    assert lines[0].startswith("1 of 459 files failed; 458 moved, 0 verified in /a.")
    stopped = changed(status=S.INTERRUPTED, files_verified=0, files_renamed=12, **WITHIN)
    _, (line,) = said(stopped)
    assert "12 of 459 files moved to their place, 0 verified." in line


def test_while_files_are_renamed_they_are_read_and_moved_and_nothing_is_verified() -> None:
    view = changed(status=S.RUNNING, bytes_verified=0, bytes_renamed=59_000_000_000, **WITHIN)
    assert state_of(view).startswith("59.0 GB moved, 118 GB read of 118 GB")
    assert figures_of(view).percent == 50


def test_a_move_that_kept_some_says_which_and_why() -> None:
    kept = ItemOutcome(
        9, "item.failed", "A001/c.mxf", "plain", 0, {}, "", "", "ProofTooWeak",
        "The original /cards/A001/c.mxf was kept: its copy could only be read back from memory.",
    )  # fmt: skip
    view = changed(mode=Mode.MOVE, status=S.FAILED, originals_removed=458, message="1 was kept.")
    code, lines = said(view, notes=(kept,))
    assert code == 1
    assert "458 originals removed, 1 kept." in lines[0]
    assert lines[1] == f"  {kept.message}"


def test_failures_are_listed_once_each_with_how_to_go_on() -> None:
    message = "/b/A001/c.mxf could not be written: Input/output error."
    copies = (
        CopyView(0, CopyStatus.FAILED, message=message),
        CopyView(1, CopyStatus.FAILED, message=message),
    )
    item = ItemView(
        1, TextPath("A001/c.mxf", "plain"), ItemKind.FILE, 9, CopyStatus.FAILED, 0, 0, (), copies
    )
    view = changed(status=S.FAILED, files_failed=2, files_verified=457)
    code, lines = said(view, failed=(item,), common=Common(Path("/d d")))
    assert code == 1
    assert lines[0].startswith("2 of 459 files failed; 457 verified in 2 places (/a and /b).")
    assert lines[1:] == [
        f"  {message}",
        "  and 1 more: “ketter history show 12 --data-dir '/d d'” lists them all.",
        "“ketter resume 12 --data-dir '/d d'” tries again what failed, and only that.",
    ]


def test_folders_that_failed_are_not_counted_as_files_and_one_reason_is_said_once() -> None:
    copies = (CopyView(0, CopyStatus.FAILED, message="/a/A001.zip already exists there."),)
    kinds = (ItemKind.FOLDER, ItemKind.FILE, ItemKind.FILE)
    items = tuple(
        ItemView(
            number,
            TextPath(f"A001/{number}", "plain"),
            kind,
            9,
            CopyStatus.FAILED,
            0,
            0,
            (),
            copies,
        )
        for number, kind in enumerate(kinds)
    )
    view = changed(status=S.FAILED, files_total=2, files_failed=3, files_verified=0)
    _, lines = said(view, failed=items)
    assert lines[0].startswith("2 of 2 files and 1 folder or link failed; 0 verified in ")
    assert lines[1:] == [
        "  /a/A001.zip already exists there.",
        "“ketter resume 12” tries again what failed, and only that.",
    ]
    _, lines = said(changed(status=S.FAILED, files_failed=52, files_total=51), failed=items)
    assert lines[0].startswith("52 files, folders or links failed; ")
    _, lines = said(changed(status=S.FAILED, files_failed=1), failed=items[:1])
    assert lines[0].startswith("1 folder or link failed; 459 verified in ")


@pytest.mark.parametrize(
    ("status", "failure", "code", "words"),
    [
        (S.FAILED, NotEnoughSpace(b"/a", needed="2 TB", free="1 TB", short="1 TB"), 2, "needs"),
        (S.WAITING, VolumeGone(b"/a"), 3, "“ketter resume 12” carries on."),
        (S.CANCELLED, Cancelled(), 3, "was cancelled"),
        (S.INTERRUPTED, None, 3, "without copying again what is verified"),
        (S.RUNNING, None, 3, "“ketter resume 12”"),
    ],
)
def test_every_other_end_is_one_sentence_and_its_exit_code(
    status: S, failure: KetterError | None, code: int, words: str
) -> None:
    found, lines = said(changed(status=status, files_verified=120), failure)
    assert found == code
    assert len(lines) == 1
    assert words in lines[0]
    if code == 3:
        assert "120 of 459 files are verified." in lines[0]


def test_stopped_before_the_first_proof() -> None:
    _, (line,) = said(changed(status=S.INTERRUPTED, files_verified=0))
    assert line.startswith("Transfer 12 was stopped. No file is verified yet. “ketter resume 12”")


def test_progress_is_never_full_and_unknown_is_not_zero() -> None:
    view = changed(status=S.RUNNING)
    assert figures_of(view).percent == 99
    assert state_of(view).endswith("estimating")
    assert "0 bytes/s" not in state_of(changed(status=S.RUNNING, bytes_per_second=0))
    assert "transfer 11" in state_of(changed(status=S.PENDING, waits_for=11))
    assert "459 files so far" in state_of(changed(status=S.PREPARING))
    assert "paused" in state_of(changed(status=S.PAUSED))


def test_figures_in_words() -> None:
    assert [lasting(s) for s in (0.04, 9.96, 59.6, 312, 12_000)] == [
        "0.0 s",
        "10 s",
        "1 min 0 s",
        "5 min 12 s",
        "3 h 20 min",
    ]
    assert [about(s) for s in (None, 0, 42, 240, 12_000)] == [
        "estimating",
        "about 1 s left",
        "about 42 s left",
        "about 4 min left",
        "about 3 h 20 min left",
    ]
    assert [counted(n, "file") for n in (0, 1, 12_345)] == ["0 files", "1 file", "12,345 files"]
    assert [listed(t) for t in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
