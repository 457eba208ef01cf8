"""What happened, in words that are true and that fit."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QDate, QLocale
from PySide6.QtGui import QFontMetricsF

from ketter_gui.domain.events import AuditEvent
from ketter_gui.domain.views import AuditLine
from ketter_gui.ui.look import Look
from ketter_gui.ui.text import elided_name
from ketter_gui.ui.timeline import told

_MADE = AuditEvent.CHECKSUM_VERIFIED
_CLIP = "A001C003_261124_R1KT.mxf"


def entry(event: AuditEvent, path: str, *, result: str = "", algorithm: str = "") -> AuditLine:
    return AuditLine(1, 1, event.value, path, f"/media/RAID/{path}", algorithm, result, "")


def said(*lines: AuditLine) -> list[str]:
    return [one.whole() for one in told(lines)]


@pytest.mark.parametrize(
    ("result", "one", "many"),
    [
        ("FINAL: folder made", "Folder bigcard made", "12 folders made"),
        ("FINAL: link made", "Link bigcard made", "12 links made"),
    ],
)
def test_what_was_made_is_not_called_in_place(result: str, one: str, many: str) -> None:
    assert said(entry(_MADE, "bigcard", result=result)) == [one]
    assert said(*(entry(_MADE, f"d/{n}", result=result) for n in range(12))) == [many]


def test_folders_made_between_files_become_one_line() -> None:
    lines = []
    for number in range(5):
        lines.append(entry(_MADE, f"d{number}", result="FINAL: folder made"))
        clip = f"d{number}/{number}.mxf"
        lines.append(entry(_MADE, clip, result="FINAL: equal", algorithm="sha256"))
    told_lines = said(*lines)
    assert told_lines[-2:] == ["5 folders made", "4.mxf verified on RAID"]
    assert not any("Folder" in one for one in told_lines)


def test_an_older_entry_of_a_folder_is_told_as_before() -> None:
    assert said(entry(_MADE, "bigcard", result="FINAL: equal")) == ["bigcard in place"]


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        (AuditEvent.SOURCE_SET_ASIDE, "6 originals set aside"),
        (AuditEvent.SOURCE_DELETED, "6 originals removed"),
    ],
)
def test_many_originals_are_counted(event: AuditEvent, sentence: str) -> None:
    assert said(*(entry(event, f"clip{n}.mxf") for n in range(6))) == [sentence]


def test_what_was_not_read_again_names_the_day_of_its_proof() -> None:
    details = '{"proof":{"proven":"2026-11-03T12:00:00.000000Z","transfer":7}}'
    line = replace(
        entry(AuditEvent.ITEM_SKIPPED, _CLIP, result="FINAL: was there already, …"),
        details=details,
    )
    day = QLocale().toString(QDate(2026, 11, 3), QLocale.FormatType.ShortFormat)
    assert said(line) == [f"{_CLIP} was on RAID already, verified on {day}"]
    many = [replace(line, item_path=f"{n}.mxf") for n in range(6)]
    assert said(*many) == ["0.mxf and 5 more were there already, verified before"]


def test_the_words_are_never_clipped(look: Look) -> None:
    metrics = QFontMetricsF(look.theme.font("small"))
    many = [
        entry(AuditEvent.ITEM_SKIPPED, f"{n}{_CLIP}", result="FINAL: equal, was there already")
        for n in range(6)
    ]
    one = entry(AuditEvent.SOURCE_SET_ASIDE, _CLIP * 4)
    for line in (*told(many), *told([one])):
        for width in (90, 140, 200, 260):
            fitted = line.fitted(metrics, width)
            shown = fitted.shown(metrics, width)
            assert fitted.wraps or metrics.horizontalAdvance(shown) <= width
            verb = line.sentence.rpartition("%1")[2]
            assert fitted.whole().endswith(verb)
            assert fitted.wraps or shown.endswith(verb)


def test_a_clip_keeps_its_number_and_its_ending(look: Look) -> None:
    metrics = QFontMetricsF(look.theme.font("small"))
    width = metrics.horizontalAdvance("A001C003_2…") + metrics.horizontalAdvance(".mxf") + 1
    assert elided_name(metrics, _CLIP, width) == "A001C003_2….mxf"
    assert elided_name(metrics, _CLIP, 1000) == _CLIP
    assert elided_name(metrics, _CLIP, width - 25).startswith("A001C003")
    no_ending = elided_name(metrics, "A001C003_261124_R1KT_without_an_ending", width)
    assert no_ending.startswith("A001C003")
    assert no_ending.endswith("…")


def test_what_was_verified_again_is_told_by_drive_and_by_file() -> None:
    counts = '{"changed":0,"equal":412,"missing":0,"unreadable":0}'
    drive = entry(AuditEvent.REVERIFIED, "", result="whole")
    whole = replace(drive, details=counts, destination_path="/media/RAID")
    assert said(whole) == ["Verified again on RAID: 412 equal"]
    stopped = replace(whole, result="not finished")
    assert said(stopped) == ["Verifying again on RAID was not finished"]
    assert said(entry(AuditEvent.REVERIFIED, _CLIP, result="missing")) == [
        f"{_CLIP} is missing on RAID"
    ]
    assert said(entry(AuditEvent.REVERIFIED, _CLIP, result="changed")) == [
        f"{_CLIP} was changed on RAID"
    ]
