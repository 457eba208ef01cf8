"""Retention in plain values: what was pruned, and what is kept back."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pruned:
    """What left the ledger: entries `first_sequence` to `last_sequence`, and `transfers` with
    all their items. `archive` is where the entries are now, None when they are gone.

    `kept_for` is the transfer that keeps further old entries from being pruned, since it
    is not over, or was not yet: 0 for none. `is_complete`: False when it was told to stop
    in between, and the next start goes on with it.
    """

    entries: int = 0
    transfers: int = 0
    first_sequence: int = 0
    last_sequence: int = 0
    archive: bytes | None = None
    kept_for: int = 0
    is_complete: bool = True
