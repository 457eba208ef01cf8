"""What a manifest that came with the source says of one of its files, and what was found.

Compared in the one read; a difference is a failure of the source (design, §4).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

FASTEST_FIRST = ("xxh128", "xxh3", "xxh64", "blake3", "sha256", "sha1", "md5", "c4")
"""Where a manifest has several checksums of a file, one of them is computed: the transfer's
own if it is among them, else the fastest (GB/s on one core: xxHash 10 and more, BLAKE3 and
SHA-256 2, SHA-1 1.5, MD5 0.6, C4 0.5)."""


class Expected(NamedTuple):
    """A checksum of a file, as a manifest has it. `manifest` is the ledger's number of it,
    `name` its path as text, `when_us` when it was made (microseconds since the epoch)."""

    manifest: int
    name: str
    when_us: int
    algorithm: str
    value: str

    @property
    def date(self) -> str:
        """The day it was made, UTC, as `2026-05-03`."""
        return day_text(self.when_us)


class Compared(NamedTuple):
    """An expectation, and what the source's bytes gave instead, or just that."""

    expected: Expected
    found: str

    @property
    def is_equal(self) -> bool:
        """Whether the source still is what the manifest says."""
        return self.expected.value == self.found


def chosen(names: Sequence[str], own: Sequence[str]) -> tuple[str, ...]:
    """Which of a manifest's checksums of one file are compared: those that the transfer
    computes anyway, else the fastest that we know; none if we know none."""
    if at_hand := tuple(name for name in own if name in names):
        return at_hand
    return next(((name,) for name in FASTEST_FIRST if name in names), ())


def wanted(expected: Sequence[Expected], own: Sequence[str]) -> tuple[str, ...]:
    """The checksums to compute beside the transfer's own."""
    names = dict.fromkeys(one.algorithm for one in expected)
    return tuple(name for name in names if name not in own)


def compared(
    expected: Sequence[Expected], found: Sequence[tuple[str, str]]
) -> tuple[Compared, ...]:
    """Every expectation beside what was found. Raises KeyError when one was not computed."""
    values = dict(found)
    return tuple(Compared(one, values[one.algorithm]) for one in expected)


def day_text(when_us: int) -> str:
    """A day as `2026-05-03`, UTC."""
    return datetime.fromtimestamp(when_us // 1_000_000, UTC).date().isoformat()


# --- what came of it ---------------------------------------------------------------------------

_NAMED_AT_MOST = 3
"""So many manifests are named in a sentence; the sidecars of a card are counted."""

_CHAIN = "ascmhl_chain.xml"


class ManifestOutcome(NamedTuple):
    """What came of comparing with one manifest, or one history of them. `name` is its path
    as text; `problem` why it, or a part of it, was not compared."""

    name: str
    when_us: int
    listed: int
    equal: int
    different: int
    missing: int
    problem: str


class ManifestTotals(NamedTuple):
    """Files of a transfer, each counted once however many manifests speak of it."""

    equal: int = 0
    different: int = 0
    missing: int = 0


def outcome_sentences(outcomes: Sequence[ManifestOutcome], total: ManifestTotals) -> list[str]:
    """What has to be said of a transfer's manifests at its end, the worst first."""
    said = []
    if total.missing:
        what, are = ("1 file", "is") if total.missing == 1 else (f"{total.missing:,} files", "are")
        named = _named([one for one in outcomes if one.missing])
        said.append(
            f"The source is not complete: {what} of its {named} {are} not there. Do not format it."
        )
    if total.different:
        differ = "1 file of the source no longer matches its"
        if total.different > 1:
            differ = f"{total.different:,} files of the source no longer match its"
        said.append(f"{differ} {_named([one for one in outcomes if one.different])}.")
    problems = [one.problem for one in outcomes if one.problem]
    said += problems[:_NAMED_AT_MOST]
    if len(problems) > _NAMED_AT_MOST:
        more = len(problems) - _NAMED_AT_MOST
        said.append(f"{more:,} more of its manifests were not, or not wholly, compared.")
    if total.equal:
        match = "1 file matches" if total.equal == 1 else f"{total.equal:,} files match"
        said.append(f"{match} the source's {_named([one for one in outcomes if one.equal])}.")
    return said


def _named(outcomes: Sequence[ManifestOutcome]) -> str:
    """`manifest A001.mhl of 2026-05-03`. A chain only stands for the manifests it names."""
    some = [one for one in outcomes if not one.name.endswith(_CHAIN)] or outcomes
    if len(some) > _NAMED_AT_MOST:
        return f"{len(some):,} manifests"
    *names, last = [f"{one.name} of {day_text(one.when_us)}" for one in some]
    return f"manifests {', '.join(names)} and {last}" if names else f"manifest {last}"
