"""What a report believes of the checks of a transfer, entry by entry."""

from __future__ import annotations

from ketter_gui.domain.chain import Row, canonical_json
from ketter_gui.domain.events import AuditDraft, AuditEvent
from ketter_gui.service.doubts import DoubtReader, Doubts
from tests.evidence.building import chain_of


def finding(item: str, verdict: str = "changed") -> AuditDraft:
    return entry(item_path=item, destination_path=f"/a/{item}", result=verdict)


def end(place: str, result: str = "whole") -> AuditDraft:
    return entry(destination_path=place, result=result)


def entry(**cells: str) -> AuditDraft:
    return AuditDraft(
        "2026-03-01T12:00:00.000000Z",
        AuditEvent.REVERIFIED,
        1,
        details=canonical_json({"why": "other bytes"}),
        **cells,
    )


def doubted(*drafts: AuditDraft) -> Doubts:
    reader = DoubtReader()
    rows: list[Row] = chain_of(drafts)
    for row in rows:
        reader.read(row)
    return reader.doubts()


def test_the_newest_check_decides_and_one_that_found_nothing_clears() -> None:
    first = (finding("A/1"), finding("A/2", "missing"), end("/a"), end("/b"))
    doubts = doubted(*first)
    assert [one.item for one in doubts.found] == ["A/1", "A/2"]
    assert doubts.verdict("A/2") == "missing"
    assert not doubts.verdict("A/22")
    assert doubts.is_at("/a/")
    assert not doubts.is_at("/b/")
    assert [one.item for one in doubted(*first, finding("A/2"), end("/a")).found] == ["A/2"]
    assert not doubted(*first, end("/a"), end("/b")).found


def test_a_check_that_was_stopped_takes_nothing_back() -> None:
    first = (finding("A/1"), finding("A/2"), end("/a"))
    assert len(doubted(*first, end("/a", "not finished")).found) == 2
    doubts = doubted(*first, finding("A/2"), finding("A/3"), end("/a", "not finished"))
    assert sorted(one.item for one in doubts.found) == ["A/1", "A/2", "A/3"]
    assert doubts.verdict("A/1/inside") == "changed"
    whole = (finding("A/4"), end("/a"), end("/b"))
    after = doubted(*first, finding("A/2"), end("/a", "not finished"), *whole)
    assert [one.item for one in after.found] == ["A/4"]


def test_what_lies_beside_the_copies_is_no_doubt() -> None:
    assert not doubted(finding("A/x", "extra"), end("/a")).found
