"""Verifying again: what copies are now, beside what they were when they were proven."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

from ketter_gui.domain.errors import KetterError, RefusedError
from ketter_gui.domain.names import TextPath


class Verdict(StrEnum):
    """What became of a copy. `extra` is what is there and was not copied there."""

    EQUAL = "equal"
    CHANGED = "changed"
    MISSING = "missing"
    UNREADABLE = "unreadable"
    EXTRA = "extra"


BAD: Final = (Verdict.MISSING, Verdict.CHANGED, Verdict.UNREADABLE)
"""What makes a copy no copy any more."""

FINDINGS_SHOWN: Final = 200
"""So many stand in one view of a check; the others are asked for by the page."""

FINDINGS_KEPT: Final = 100_000
"""So many of each verdict are kept for people, about 35 MB; their number always is."""

TOLD_IN_ORDER: Final = (Verdict.MISSING, Verdict.CHANGED, Verdict.UNREADABLE, Verdict.EXTRA)
"""What is worse, or easier to miss, comes first."""

EXTRAS_TOLD: Final = 10_000
"""So many extras of a destination stand in the audit one by one; their number always does."""


class Finding(NamedTuple):
    """Something that is not as it was: where it is, and why it is called that."""

    verdict: Verdict
    path: TextPath
    why: str


@dataclass(slots=True)
class PlaceChecked:
    """One destination of a transfer. Counts are of files; `read_back` says how many were
    read how: `storage`, `server`, `memory`, or `cache`, which proves nothing of the drive.
    `unproven` were never verified there, so that there is nothing to compare."""

    path: TextPath
    counts: Counter[Verdict] = field(default_factory=Counter)
    read_back: Counter[str] = field(default_factory=Counter)
    unproven: int = 0
    bytes_read: int = 0


@dataclass(frozen=True, slots=True)
class CheckView:
    """A check at one moment. Bytes and files count each destination; `files_total` is known
    from the beginning. `is_whole`: it came to its end, and nobody stopped it."""

    transfer: int
    name: str
    files_total: int
    files_done: int
    bytes_total: int
    bytes_done: int
    places: tuple[PlaceChecked, ...]
    findings: tuple[Finding, ...]
    seconds: float
    is_whole: bool
    is_all_shown: bool = True
    """Whether `findings` has all of them."""

    def count(self, verdict: Verdict) -> int:
        """How many there are in all places."""
        return sum(place.counts[verdict] for place in self.places)

    @property
    def is_proven(self) -> bool:
        """Whether all that was verified once is so again, read from where it is kept."""
        is_equal = not any(self.count(verdict) for verdict in BAD)
        return self.is_whole and is_equal and not self.from_cache

    @property
    def from_cache(self) -> int:
        """How many files could only be read from the system's cache."""
        return sum(place.read_back["cache"] for place in self.places)


class CheckBroken(KetterError):
    """A bug: a check ended for a reason that nobody foresaw."""

    what = "Verifying {name} ended with an error of Ketter’s own: {problem}."
    safe = "Nothing was written. What was found until then is in the audit."
    todo = "The log has the details: “ketter doctor” says where it is."


class NoSuchFolder(RefusedError):
    """Nothing is there to be verified."""

    what = "There is no folder and no manifest at {path}."
    safe = "Nothing was read."
    todo = "Check its name, and that its drive is connected."


class NoManifest(RefusedError):
    """A folder that nobody has left a manifest in."""

    what = "There is no manifest in {path} or beside it that Ketter can read."
    safe = "Nothing was read."
    todo = (
        "Name the manifest itself, compare with another folder (“--against OTHER”), or give a "
        "transfer's number."
    )


class NothingListed(RefusedError):
    """A manifest without one file of the folder."""

    what = "What the manifests say is about no file below {path}."
    safe = "Nothing was read."
    todo = "Check whether it is the folder that they belong to."


class NotTwoFolders(RefusedError):
    """Two folders of which one is the other, or in it."""

    what = "{path} and {other} are not two folders: one is the other, or in it."
    safe = "Nothing was read."
    todo = "Choose two folders that lie apart."


class NothingToVerify(RefusedError):
    """A transfer without one verified copy."""

    what = "Transfer {transfer} has no verified copy that could be verified again."
    safe = "Nothing was read."
    todo = "“ketter history show {transfer}” tells what became of it."
