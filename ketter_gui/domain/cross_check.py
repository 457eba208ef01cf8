"""What comes of comparing the ledger's working tables with its audit.

The tables are not chained: they change while Ketter works, and whoever can write to the
file can make a failed copy in them a verified one. The audit cannot be changed unnoticed,
and says of every copy what became of it; so the two are held against each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SHOWN_AT_MOST: Final = 100
"""Differences that are kept; all are counted."""


@dataclass(frozen=True, slots=True)
class Difference:
    """`item` is a path in text form, empty for the transfer itself; `sequence` the entry
    that says otherwise, 0 when there is none."""

    transfer: int
    item: str
    words: str
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class CrossCheck:
    """`at_work` and `pruned` transfers were not compared: they change, or the entries that
    told of them are in an archive."""

    transfers: int
    copies: int
    at_work: int
    pruned: int
    count: int
    differences: tuple[Difference, ...]
