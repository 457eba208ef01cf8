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
