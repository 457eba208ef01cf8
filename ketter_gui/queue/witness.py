"""Who, where and when: the first columns of every audit entry."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from ketter_gui import __version__
from ketter_gui.domain.chain import canonical_json
from ketter_gui.domain.errors import KetterError
from ketter_gui.domain.events import AuditDraft, AuditEvent
from ketter_gui.domain.names import to_text
from ketter_gui.domain.times import utc_text
from ketter_gui.system.identity import host, user


def now_us() -> int:
    """Microseconds since the epoch, UTC."""
    return time.time_ns() // 1000


@dataclass(frozen=True, slots=True)
class Witness:
    """The person and the machine that entries speak of."""

    user: str
    host: str
    version: str = __version__

    @classmethod
    def here(cls) -> Witness:
        """This process."""
        return cls(to_text(user().encode("utf-8", "surrogateescape")).text, host())

    def draft(
        self,
        event: AuditEvent,
        transfer: int | None = None,
        details: Mapping[str, object] | None = None,
        **cells: str,
    ) -> AuditDraft:
        """An entry of now. `cells` are further columns by their names."""
        return AuditDraft(
            time_utc=utc_text(now_us()),
            event=event,
            transfer_id=transfer,
            user=self.user,
            host=self.host,
            details=canonical_json({"version": self.version, **(details or {})}),
            **cells,
        )

    def failure(
        self, event: AuditEvent, error: KetterError, transfer: int | None = None, **cells: str
    ) -> AuditDraft:
        """An entry that tells of an error, with its errno and facts."""
        details: dict[str, object] = dict(error.facts)
        if error.errno is not None:
            details["errno"] = error.errno
        draft = self.draft(event, transfer, details, **cells)
        return draft._replace(error_type=error.kind, message=str(error))
