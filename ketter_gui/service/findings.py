"""What a check has found so far, kept for people to page through."""

from __future__ import annotations

from ketter_gui.domain.checking import (
    FINDINGS_KEPT,
    FINDINGS_SHOWN,
    TOLD_IN_ORDER,
    Finding,
    Verdict,
)


class Findings:
    """Written by the check's thread alone, read by any: lists only grow. Each verdict has room
    of its own, so that a hundred thousand strangers hide no file that is missing."""

    def __init__(self) -> None:
        self._by_verdict: dict[Verdict, list[Finding]] = {one: [] for one in TOLD_IN_ORDER}
        self._in_order: list[Finding] = []
        self._told = 0

    def note(self, finding: Finding) -> None:
        """Keep it, if there is room."""
        self._told += 1
        of_its_kind = self._by_verdict[finding.verdict]
        if len(of_its_kind) < FINDINGS_KEPT:
            of_its_kind.append(finding)
            self._in_order.append(finding)

    @property
    def told(self) -> int:
        """How many there were, kept or not."""
        return self._told

    def first(self) -> tuple[Finding, ...]:
        """The first ones, as they came."""
        return tuple(self._in_order[:FINDINGS_SHOWN])

    def count(self, verdict: Verdict | None = None) -> int:
        """How many are kept; of one verdict, if one is named."""
        return len(self._in_order if verdict is None else self._by_verdict[verdict])

    def page(
        self, verdict: Verdict | None, offset: int, limit: int, *, is_grouped: bool = False
    ) -> tuple[Finding, ...]:
        """Some of them: as they came, or all of one verdict behind all of another."""
        if verdict is not None:
            return tuple(self._by_verdict[verdict][offset : offset + limit])
        if not is_grouped:
            return tuple(self._in_order[offset : offset + limit])
        found: list[Finding] = []
        for some in self._by_verdict.values():
            start = max(0, offset)
            found += some[start : start + limit - len(found)]
            offset -= len(some)
        return tuple(found)
