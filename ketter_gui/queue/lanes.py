"""A device's slots: how many transfers it serves side by side without losing speed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ketter_gui.domain import limits
from ketter_gui.domain.items import Place


def needed(places: Iterable[Place]) -> dict[str, int]:
    """The devices that a transfer needs, with each one's number of slots.

    A device that is source and destination at once is needed once.
    """
    return {
        device: limits.LANES.get(place.kind, limits.LANES["unknown"])
        for place in places
        for device in place.devices
    }


class Lanes:
    """Slots in use. Not thread-safe: the scheduler's lock guards it."""

    def __init__(self) -> None:
        self._in_use: Counter[str] = Counter()

    def take(self, wanted: dict[str, int]) -> bool:
        """Take a slot on every device, or on none."""
        if any(self._in_use[device] >= slots for device, slots in wanted.items()):
            return False
        self._in_use.update(wanted.keys())
        return True

    def give(self, wanted: dict[str, int]) -> None:
        """Hand the slots back."""
        self._in_use.subtract(wanted.keys())

    def busy(self, wanted: dict[str, int]) -> set[str]:
        """The devices that have no slot left for this transfer."""
        return {device for device, slots in wanted.items() if self._in_use[device] >= slots}
