"""Findings are kept for people to page through, and none of one verdict hides another."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketter_gui.domain.checking import FINDINGS_SHOWN, TOLD_IN_ORDER, Finding, Verdict
from ketter_gui.domain.names import to_text
from ketter_gui.service import findings as module
from ketter_gui.service.findings import Findings
from ketter_gui.service.service import Service

FOUND = st.lists(st.sampled_from(TOLD_IN_ORDER), max_size=30)


def filled(verdicts: list[Verdict]) -> Findings:
    findings = Findings()
    for number, verdict in enumerate(verdicts):
        findings.note(Finding(verdict, to_text(b"%d" % number), "why"))
    return findings


@given(FOUND, st.integers(1, 12))
def test_pages_one_behind_the_other_are_everything_once_and_grouped(
    verdicts: list[Verdict], limit: int
) -> None:
    findings = filled(verdicts)

    def whole(verdict: Verdict | None, *, is_grouped: bool) -> list[Finding]:
        count = findings.count(verdict)
        return [
            one
            for offset in range(0, count + limit, limit)
            for one in findings.page(verdict, offset, limit, is_grouped=is_grouped)
        ]

    as_they_came = whole(None, is_grouped=False)
    assert [one.verdict for one in as_they_came] == verdicts
    by_verdict = [one for kind in TOLD_IN_ORDER for one in as_they_came if one.verdict is kind]
    assert whole(None, is_grouped=True) == by_verdict
    for kind in TOLD_IN_ORDER:
        assert whole(kind, is_grouped=False) == [one for one in by_verdict if one.verdict is kind]


def test_many_strangers_leave_room_for_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FINDINGS_KEPT", 300)
    findings = filled([Verdict.EXTRA] * 500 + [Verdict.MISSING])
    assert (findings.count(), findings.count(Verdict.MISSING), findings.told) == (301, 1, 501)
    assert len(findings.first()) == FINDINGS_SHOWN


def test_what_is_not_there_has_a_place_all_the_same(service: Service, tmp_path: Path) -> None:
    path, archive = os.fsencode(tmp_path), tmp_path / "A001.zip"
    archive.touch()
    assert service.nearest(path + b"/A001.zip/CLIPS/clip.mov") == os.fsencode(archive)
    assert service.nearest(path + b"/gone/clip.mov") == path
    assert service.nearest(path) == path
    assert service.are_folders((path, os.fsencode(archive), path + b"/gone")) == (
        True,
        False,
        False,
    )
