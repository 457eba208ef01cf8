"""What the engine counts while it works; whoever wants to show it polls.

Bytes are added by `add`, since one batch is made while the one before is proven: two
threads count for one destination. Every other field has one writer at a time. Readers
take what they see: a number may be a chunk old, never wrong.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field


@dataclass(slots=True)
class DestinationCounters:
    """Bytes and files of one destination. Bytes only grow. What was renamed within its
    volume counts as copied, never as verified."""

    copied_bytes: int = 0
    verified_bytes: int = 0
    files_verified: int = 0
    files_failed: int = 0
    files_skipped: int = 0
    renamed_bytes: int = 0
    files_renamed: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def add(self, *, copied_bytes: int = 0, verified_bytes: int = 0) -> None:
        """Count bytes, from any thread; negative ones take back what came to nothing."""
        with self._lock:
            self.copied_bytes += copied_bytes
            self.verified_bytes += verified_bytes


@dataclass(slots=True)
class AtWork:
    """One item in hand. Lists have an entry for each destination."""

    item: int
    path: bytes
    size_bytes: int
    copied_bytes: list[int]
    verified_bytes: list[int]
    is_verifying: bool = False


@dataclass(slots=True)
class Counters:
    """One transfer's figures. Totals are of the whole transfer, `destinations` too:
    a resumed one starts with what was verified before. `copies_from_cache` counts
    copies that could only be read back from the system's cache; `originals_kept` source
    files of a move whose copies are proven and that could not be removed all the same."""

    destinations: list[DestinationCounters]
    files_total: int = 0
    bytes_total: int = 0
    special_skipped: int = 0
    litter_skipped: int = 0
    copies_from_cache: int = 0
    originals_removed: int = 0
    originals_kept: int = 0
    at_work: dict[int, AtWork] = field(default_factory=dict)

    @classmethod
    def for_destinations(cls, count: int) -> Counters:
        """Counters at nothing."""
        return cls([DestinationCounters() for _ in range(count)])

    def forget_scan(self) -> None:
        """Back to nothing before sources are listed from their beginning again."""
        self.files_total = self.bytes_total = self.special_skipped = self.litter_skipped = 0

    def forget_work(self) -> None:
        """Back to nothing before what is done is counted again. The lists stay the same:
        others look at them."""
        self.originals_kept = 0
        self.at_work.clear()
        for one in self.destinations:
            one.copied_bytes = one.verified_bytes = one.renamed_bytes = 0
            one.files_verified = one.files_failed = one.files_skipped = one.files_renamed = 0

    def begin(self, item: int, path: bytes, size_bytes: int) -> AtWork:
        """Show an item as at work."""
        count = len(self.destinations)
        work = AtWork(item, path, size_bytes, [0] * count, [0] * count)
        self.at_work[item] = work
        return work
