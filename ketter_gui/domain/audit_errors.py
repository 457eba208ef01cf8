"""What can be wrong with the audit beside its chain; in the manner of `errors`."""

from __future__ import annotations

from ketter_gui.domain.errors import EvidenceError


class TablesDiffer(EvidenceError):
    """The ledger's tables say something else than its audit, which holds."""

    what = "The ledger's tables do not say what its audit says in {count}: they were altered."
    safe = "The audit holds, and is what was recorded; nothing was changed."
    todo = (
        "Rely on the audit (“ketter audit export”) and not on the history, and verify the copies "
        "again from a manifest or from their sources."
    )
