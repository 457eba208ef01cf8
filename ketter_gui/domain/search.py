"""What can be looked for in the history, and what is found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from ketter_gui.domain.errors import RefusedError
from ketter_gui.domain.names import TextPath
from ketter_gui.domain.options import Mode
from ketter_gui.domain.status import CopyStatus, TransferStatus

SHORTEST: Final = 3
"""So many characters of a clip's name are needed: the index knows three at a time."""


@dataclass(frozen=True, slots=True)
class HistoryQuery:
    """Which transfers. What is empty or zero does not matter.

    `text` is looked for in names, and in the paths and labels of sources and destinations,
    upper and lower case being one in ASCII; it may be a transfer's number. `volume` is a
    volume's identity, or a part of its label or path. `since_us` and `until_us` are about
    when a transfer was created: from the first on, and before the second. `is_doubted`: only
    those with copies that are not what they were. Hidden ones only `with_hidden`. `watch`: only
    those that this watch folder made.
    """

    text: str = ""
    statuses: frozenset[TransferStatus] = frozenset()
    mode: Mode | None = None
    since_us: int = 0
    until_us: int = 0
    volume: str = ""
    with_hidden: bool = False
    is_doubted: bool = False
    watch: int | None = None


class FoundCopy(NamedTuple):
    """Where a found clip went: the whole path, once it has its name, and what became of it."""

    path: TextPath
    status: CopyStatus


class FoundItem(NamedTuple):
    """A file or link of an earlier transfer; `when_us` is when that ended, or began."""

    transfer: int
    transfer_name: str
    item: int
    path: TextPath
    size_bytes: int
    when_us: int
    checksums: tuple[tuple[str, str], ...]
    copies: tuple[FoundCopy, ...]


class FoundItems(NamedTuple):
    """A page of them, the newest first. Not `is_whole`: the index did not reach to the end of
    the ledger yet, and some may be missing."""

    items: tuple[FoundItem, ...]
    is_whole: bool


class TooShort(RefusedError):
    """Too few letters to look for a clip."""

    what = "“{text}” is too short to look for."
    safe = "Nothing was touched."
    todo = "Give at least {shortest} characters of the name, or eight of a checksum."


class NotHidden(RefusedError):
    """A transfer that is not at its end."""

    what = "Transfer {transfer} has not come to its end."
    safe = "Nothing was touched."
    todo = "Cancel it first, or let it end; then it can be put out of sight."
