"""The history of one watch folder: only where the ledger can be asked for it."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, Final

from ketter_gui.domain.search import HistoryQuery

_FIELD: Final = "watch"
CAN_ASK: Final = _FIELD in {one.name for one in fields(HistoryQuery)}
"""Whether a query can name a watch folder. What cannot be asked for is not offered."""


def of_watch(query: HistoryQuery, watch: int | None) -> HistoryQuery:
    """The same query, of what this watch folder made; None leaves it as it is."""
    if watch is None or not CAN_ASK:
        return query
    more: dict[str, Any] = {_FIELD: watch}
    return replace(query, **more)
