"""What destinations could not hold of a transfer, from the end of its story."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ketter_gui.domain.views import NOT_KEPT, AuditLine

if TYPE_CHECKING:
    from ketter_gui.service.service import Service

_LINES: Final = 64
"""Of a long story half of them are its end, where all of it is said."""


def not_kept(service: Service, transfer: int, after_sequence: int = 0) -> tuple[AuditLine, ...]:
    """One entry for each kind of thing: each run tells the whole, and the last one counts."""
    last = {
        line.error_type: line
        for line in service.timeline(transfer, limit=_LINES)
        if line.sequence > after_sequence and line.error_type.startswith(NOT_KEPT)
    }
    return tuple(last.values())
