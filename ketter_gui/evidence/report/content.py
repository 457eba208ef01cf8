"""What a report says. All of it is text for people already, names in their shown form."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

LISTED_AT_MOST: Final = 50_000
"""Files in the list of a report; a page holds some forty. Of longer transfers the first ones
are listed, and the audit CSV has all: a list that nobody can turn the pages of proves nothing."""

PROBLEMS_AT_MOST: Final = 2_000


class Volume(NamedTuple):
    """A source or a destination, and what became of what is on it."""

    role: str
    label: str
    path: str
    device: str
    files: str
    size: str
    outcome: str
    tone: str


class Checksum(NamedTuple):
    """One value of one file. `whose` says whose bytes it is of, where that differs."""

    algorithm: str
    value: str
    whose: str = ""


class Listed(NamedTuple):
    """One file or link. `outcome` is a word or two in a `tone`, `notes` are sentences."""

    path: str
    size: str
    checksums: tuple[Checksum, ...]
    outcome: str
    tone: str
    notes: tuple[str, ...] = ()


class Happened(NamedTuple):
    """One entry of the audit."""

    sequence: int
    time: str
    event: str
    about: str


class Slice(NamedTuple):
    """So many bytes were verified from `start_s` on, seconds after the beginning."""

    start_s: float
    verified_bytes: int


@dataclass(frozen=True, slots=True)
class Seal:
    """The end of the ledger's chain when the report was made, and who signed it."""

    chain: str
    sequence: int
    entry_hash: str
    signature: str
    key_id: str
    public_key: str
    signed: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything, in the order in which it is told.

    `tone` is `verified`, `warn` or `fail`. `problems` and `files` are asked for their lines
    more than once, and hold none: a transfer may have a million. `slices` are `slice_s` long.
    `made_us` is the report's own time: the transfer's, so that it is the same each time.
    """

    number: int
    name: str
    headline: str
    tone: str
    sentences: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    volumes: tuple[Volume, ...]
    slices: tuple[Slice, ...]
    slice_s: float
    problems: Callable[[], Iterator[Listed]]
    problems_total: int
    files: Callable[[], Iterator[Listed]]
    files_total: int
    story: tuple[Happened, ...]
    story_total: int
    seal: Seal
    made_us: int
    version: str
