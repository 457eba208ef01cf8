"""What the newest check of a transfer found, from the entries that tell of it."""

from __future__ import annotations

import json
from typing import Final, NamedTuple

from ketter_gui.domain.chain import COLUMNS
from ketter_gui.domain.checking import BAD
from ketter_gui.domain.events import AuditEvent

KEPT: Final = 2000
"""So many are remembered one by one: as many as a report lists."""

_AT: Final = {name: index for index, name in enumerate(COLUMNS)}
_BAD: Final = frozenset(verdict.value for verdict in BAD)


class Doubt(NamedTuple):
    """A copy that is not what was verified: texts as the audit has them."""

    item: str
    path: str
    verdict: str
    why: str


class Doubts:
    """Entries are read in their order. A check tells its findings, and then, once for each
    place, that it has ended; one that was not finished takes nothing back."""

    def __init__(self) -> None:
        self.found: list[Doubt] = []
        self.total = 0
        self._ended: set[str] = set()
        self._items: set[str] = set()
        self._earlier: list[Doubt] = []
        self._earlier_total = 0

    def read(self, row: tuple[str, ...]) -> None:
        """One entry of the transfer's."""
        if row[_AT["event"]] != AuditEvent.REVERIFIED.value:
            return
        place, result = row[_AT["destination_path"]], row[_AT["result"]]
        if row[_AT["item_path"]]:
            if self._ended:
                self._begin()
            if result in _BAD:
                self._add(row)
            return
        if place in self._ended and result == "whole":
            self._begin()
        if result != "whole":
            self._keep_earlier()
        self._ended.add(place)

    def is_about(self, item: str) -> bool:
        """Whether a copy of this item, or of a folder or archive that it lies in, is one."""
        while item:
            if item in self._items:
                return True
            item = item.rpartition("/")[0]
        return False

    def is_at(self, root: str) -> bool:
        """Whether one of them lies at this destination; its path ends with a slash."""
        return any(one.path.startswith(root) for one in self.found)

    def _begin(self) -> None:
        self._earlier, self._earlier_total = self.found, self.total
        self.found, self.total = [], 0
        self._ended, self._items = set(), set()

    def _keep_earlier(self) -> None:
        """What an earlier check found, and this one may not have come to."""
        again = {one.path for one in self.found}
        earlier = [one for one in self._earlier if one.path not in again]
        self.total += self._earlier_total - (len(self._earlier) - len(earlier))
        self.found = [*earlier, *self.found][:KEPT]
        self._items.update(one.item for one in earlier)
        self._earlier, self._earlier_total = [], 0

    def _add(self, row: tuple[str, ...]) -> None:
        self.total += 1
        if len(self.found) < KEPT:
            why = str(json.loads(row[_AT["details"]]).get("why", ""))
            path = row[_AT["destination_path"]]
            self._items.add(row[_AT["item_path"]])
            self.found.append(Doubt(row[_AT["item_path"]], path, row[_AT["result"]], why))
