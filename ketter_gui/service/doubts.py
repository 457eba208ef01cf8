"""What the checks of a transfer found, from the audit entries that tell of it."""

from __future__ import annotations

import json
from typing import Final, NamedTuple

from ketter_gui.domain.chain import COLUMNS
from ketter_gui.domain.checking import BAD
from ketter_gui.domain.events import AuditEvent

_AT: Final = {name: index for index, name in enumerate(COLUMNS)}
_BAD: Final = frozenset(verdict.value for verdict in BAD)


class Doubt(NamedTuple):
    """A copy that is not what was verified: texts as the audit has them."""

    item: str
    path: str
    verdict: str
    why: str


class Doubts:
    """All that are known by now, each once."""

    def __init__(self, found: list[Doubt]) -> None:
        self.found = tuple({one.path: one for one in found}.values())
        self._verdicts = {one.item: one.verdict for one in self.found}

    def verdict(self, item: str) -> str:
        """What a copy of this item was found to be, or of a folder or archive that it lies
        in; empty when all are what they were."""
        while item:
            if item in self._verdicts:
                return self._verdicts[item]
            item = item.rpartition("/")[0]
        return ""

    def is_at(self, root: str) -> bool:
        """Whether one of them lies at this destination; its path ends with a slash."""
        return any(one.path.startswith(root) for one in self.found)


class DoubtReader:
    """Entries are read in their order. A check tells its findings, and then, once for each
    place, that it has ended. One that read everything replaces what was found before; one
    that was stopped takes nothing back."""

    def __init__(self) -> None:
        self._found: list[Doubt] = []
        self._before = 0
        self._ended: set[str] = set()

    def read(self, row: tuple[str, ...]) -> None:
        """One entry of the transfer's."""
        if row[_AT["event"]] != AuditEvent.REVERIFIED.value:
            return
        place, result = row[_AT["destination_path"]], row[_AT["result"]]
        if item := row[_AT["item_path"]]:
            self._go_on_to_next()
            if result in _BAD:
                why = str(json.loads(row[_AT["details"]]).get("why", ""))
                self._found.append(Doubt(item, place, result, why))
            return
        if place in self._ended:  # the next one found nothing
            self._go_on_to_next()
        if not self._ended and result == "whole":
            del self._found[: self._before]
        self._ended.add(place)

    def doubts(self) -> Doubts:
        """After the last entry."""
        return Doubts(self._found)

    def _go_on_to_next(self) -> None:
        if self._ended:
            self._ended = set()
            self._before = len(self._found)
