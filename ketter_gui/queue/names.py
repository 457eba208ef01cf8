"""The ledger's answers to what the preflight asks of a transfer's names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ketter_gui.domain.holding import PendingItem, folded
from ketter_gui.store import names
from ketter_gui.store.ledger import Ledger

_PAGE = 5000
"""Items read at a time; memory stays flat."""


@dataclass(frozen=True, slots=True)
class LedgerNames:
    """Implements the engine's `Names` for one transfer."""

    ledger: Ledger
    transfer: int

    def pending(self, destination: int) -> Iterator[PendingItem]:
        """What a destination has still to receive, in the order of the scan."""
        after = 0
        while page := self._page(destination, after):
            yield from page
            after = page[-1].id

    def alike(self, destination: int) -> Iterator[tuple[PendingItem, ...]]:
        """Groups of items whose folded paths are equal."""
        groups = self.ledger.read(
            lambda database: names.alike(database, self.transfer, destination, folded)
        )
        for group in groups:
            yield tuple(self._items(group))

    def longest_path(self) -> bytes:
        """The longest of all paths."""
        return self.ledger.read(lambda database: names.longest_path(database, self.transfer))

    def was_noted(self, error_type: str) -> bool:
        """Whether this was told of the transfer before."""
        return self.ledger.read(
            lambda database: names.was_noted(database, self.transfer, error_type)
        )

    def _page(self, destination: int, after: int) -> list[PendingItem]:
        return self.ledger.read(
            lambda database: names.pending_items(
                database, self.transfer, destination, after_id=after, limit=_PAGE
            )
        )

    def _items(self, group: list[int]) -> list[PendingItem]:
        return self.ledger.read(lambda database: names.some_items(database, group))
