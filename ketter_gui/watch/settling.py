"""Since when nothing about a thing has changed, as this process saw it.

By the monotonic clock: a wall clock that jumps fools nobody, and a machine that sleeps does
not count as one that looked.
"""

from __future__ import annotations

import heapq
from typing import NamedTuple


class _Since(NamedTuple):
    signature: int
    since_s: float


class Settling:
    """Things by a key, each with the signature that it was last seen with."""

    def __init__(self, settle_s: float) -> None:
        self.settle_s = settle_s
        self._things: dict[bytes, _Since] = {}
        self._heap: list[tuple[float, bytes]] = []

    def seen(self, key: bytes, signature: int, now_s: float) -> None:
        """It looks like this; if it looked otherwise before, its time begins anew."""
        earlier = self._things.get(key)
        if earlier is None or earlier.signature != signature:
            self.begin(key, signature, now_s)

    def begin(self, key: bytes, signature: int, now_s: float) -> None:
        """Its time begins now."""
        self._things[key] = _Since(signature, now_s)
        heapq.heappush(self._heap, (now_s, key))

    def forget(self, key: bytes) -> None:
        """It is gone, or taken."""
        self._things.pop(key, None)

    def is_same(self, key: bytes, signature: int) -> bool:
        """Whether it still looks as it did."""
        found = self._things.get(key)
        return found is not None and found.signature == signature

    def keep_only(self, keys: set[bytes]) -> None:
        """Forget what a look at everything has not seen."""
        for key in [one for one in self._things if one not in keys]:
            del self._things[key]

    def due(self, now_s: float, most: int) -> list[bytes]:
        """What has not changed for long enough, the longest first."""
        found: list[bytes] = []
        while self._heap and len(found) < most and self._heap[0][0] + self.settle_s <= now_s:
            since_s, key = heapq.heappop(self._heap)
            thing = self._things.get(key)
            if thing is not None and thing.since_s == since_s:
                found.append(key)
        return found

    def next_due_s(self) -> float | None:
        """When something may be due next."""
        while self._heap:
            since_s, key = self._heap[0]
            thing = self._things.get(key)
            if thing is not None and thing.since_s == since_s:
                return since_s + self.settle_s
            heapq.heappop(self._heap)
        return None

    def __len__(self) -> int:
        return len(self._things)
