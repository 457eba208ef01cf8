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
    as text; `problem` why it, or a part of it, was not compared; `examples` are the first
    of the files that are missing."""

    name: str
    when_us: int
    listed: int
    equal: int
    different: int
    missing: int
    problem: str
    examples: tuple[str, ...] = ()


class ManifestTotals(NamedTuple):
    """Files of a transfer, each counted once however many manifests speak of it."""

    equal: int = 0
    different: int = 0
    missing: int = 0


class ManifestReport(NamedTuple):
    """What came of all manifests that came with a transfer's sources."""

    outcomes: tuple[ManifestOutcome, ...] = ()
    total: ManifestTotals = ManifestTotals()

    def sentences(self) -> list[str]:
        """What has to be said of it at the end, the worst first."""
        return [*self._missing(), *self._different(), *self._problems(), *self._equal()]

    def _missing(self) -> list[str]:
        count = self.total.missing
        if not count:
            return []
        some = [one for one in self.outcomes if one.missing]
        examples = [path for one in some for path in one.examples][:_NAMED_AT_MOST]
        which = examples_text(tuple(dict.fromkeys(examples)), count)
        what, are = ("1 file", "is") if count == 1 else (f"{count:,} files", "are")
        gone = f"{what} of its {_named(some)} {are} not there: {which}"
        return [f"The source is not complete: {gone}. Do not format it."]

    def _different(self) -> list[str]:
        """Each file says itself which generation it differs from."""
        count = self.total.different
        if not count:
            return []
        manifests = sum(bool(one.different) for one in self.outcomes)
        its = "its manifest" if manifests == 1 else "its manifests"
        if count == 1:
            return [f"1 file of the source no longer matches {its}."]
        return [f"{count:,} files of the source no longer match {its}."]

    def _problems(self) -> list[str]:
        problems = [one.problem for one in self.outcomes if one.problem]
        said = problems[:_NAMED_AT_MOST]
        if more := len(problems) - len(said):
            said.append(f"{more:,} more of its manifests were not, or not wholly, compared.")
        return said

    def _equal(self) -> list[str]:
        count = self.total.equal
        if not count:
            return []
        match = "1 file matches" if count == 1 else f"{count:,} files match"
        return [f"{match} the source's {_named([one for one in self.outcomes if one.equal])}."]


NO_MANIFESTS = ManifestReport()
"""Of a transfer whose sources came without any."""


def examples_text(examples: Sequence[str], count: int) -> str:
    """`a.mov, b.mov and 5 more`."""
    more = count - len(examples)
    return ", ".join(examples) + (f" and {more:,} more" if more else "")


def _named(outcomes: Sequence[ManifestOutcome]) -> str:
    """`manifest A001.mhl of 2026-05-03`. A chain only stands for the manifests it names."""
    some = [one for one in outcomes if not one.name.endswith(_CHAIN)] or outcomes
    if len(some) > _NAMED_AT_MOST:
        return f"{len(some):,} manifests"
    *names, last = [f"{one.name} of {day_text(one.when_us)}" for one in some]
    return f"manifests {', '.join(names)} and {last}" if names else f"manifest {last}"
