"""What a transfer and a copy can be, and what each may become.

The two tables are the only source of truth; the ledger refuses whatever they do
not list. Copying and verifying of many items overlap, so they are statuses of a
copy, never of a transfer.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from ketter_gui.domain.errors import IllegalChange


class TransferStatus(StrEnum):
    """`paused`: a person asked. `waiting`: goes on by itself. `interrupted`: its process is gone."""

    PENDING = "pending"
    PREPARING = "preparing"
    RUNNING = "running"
    WAITING = "waiting"
    PAUSED = "paused"
    INTERRUPTED = "interrupted"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class CopyStatus(StrEnum):
    """The status of one item on one destination."""

    PENDING = "pending"
    COPYING = "copying"
    VERIFYING = "verifying"
    PROVEN = "proven"
    VERIFIED = "verified"
    RENAMED = "renamed"
    COPIED = "copied"
    SKIPPED = "skipped"
    FAILED = "failed"
    CANCELLED = "cancelled"


_T = TransferStatus
_C = CopyStatus

TRANSFER_CHANGES: Final[dict[TransferStatus, frozenset[TransferStatus]]] = {
    _T.PENDING: frozenset({_T.PREPARING, _T.PAUSED, _T.INTERRUPTED, _T.FAILED, _T.CANCELLED}),
    _T.PREPARING: frozenset(
        {_T.RUNNING, _T.WAITING, _T.PAUSED, _T.INTERRUPTED, _T.FAILED, _T.CANCELLED}
    ),
    _T.RUNNING: frozenset(
        {_T.WAITING, _T.PAUSED, _T.INTERRUPTED, _T.COMPLETED, _T.FAILED, _T.CANCELLED}
    ),
    _T.WAITING: frozenset(
        {_T.PENDING, _T.PREPARING, _T.RUNNING, _T.PAUSED, _T.INTERRUPTED, _T.FAILED, _T.CANCELLED}
    ),
    _T.PAUSED: frozenset(
        {_T.PENDING, _T.PREPARING, _T.RUNNING, _T.INTERRUPTED, _T.FAILED, _T.CANCELLED}
    ),
    _T.INTERRUPTED: frozenset({_T.PENDING, _T.CANCELLED}),
    _T.FAILED: frozenset({_T.PENDING}),
    _T.COMPLETED: frozenset(),
    _T.CANCELLED: frozenset(),
}

# `copying` may go straight to `proven`: within a batch the two stages are counters.
# Back to `pending` is the way of a resume or a retry; a proven copy takes it only when
# what had been proven is not there any more.
COPY_CHANGES: Final[dict[CopyStatus, frozenset[CopyStatus]]] = {
    _C.PENDING: frozenset({_C.COPYING, _C.SKIPPED, _C.FAILED, _C.CANCELLED}),
    _C.COPYING: frozenset(
        {_C.VERIFYING, _C.PROVEN, _C.RENAMED, _C.COPIED}
        | {_C.SKIPPED, _C.FAILED, _C.CANCELLED, _C.PENDING}
    ),
    _C.VERIFYING: frozenset({_C.PROVEN, _C.FAILED, _C.CANCELLED, _C.PENDING}),
    _C.PROVEN: frozenset({_C.VERIFIED, _C.FAILED, _C.CANCELLED, _C.PENDING}),
    _C.FAILED: frozenset({_C.PENDING}),
    _C.VERIFIED: frozenset(),
    _C.RENAMED: frozenset(),
    _C.COPIED: frozenset(),
    _C.SKIPPED: frozenset(),
    _C.CANCELLED: frozenset(),
}

LIVE: Final = frozenset({_T.PENDING, _T.PREPARING, _T.RUNNING, _T.WAITING, _T.PAUSED})
"""A transfer in one of these belongs to a living process."""

OVER: Final = frozenset({_T.COMPLETED, _T.CANCELLED})
"""A transfer in one of these never changes again."""

PROOF: Final = frozenset({_C.VERIFIED, _C.SKIPPED})
"""A copy in one of these was read from both sides and is equal: it counts as verified. A
symlink that its destination cannot hold is skipped as well, with no read-back: that proves
nothing (`proof.proves`), and lets no original go."""


UNFINISHED: Final = frozenset({_C.PENDING, _C.COPYING, _C.VERIFYING, _C.PROVEN})
"""A copy in one of these still has to be brought to an end."""


def check_transfer_change(transfer: int, old: TransferStatus, new: TransferStatus) -> None:
    """Raises IllegalChange unless the table has `old` → `new`."""
    if new not in TRANSFER_CHANGES[old]:
        raise IllegalChange(subject=f"transfer {transfer}", old=old.value, new=new.value)


def sources_of_copy_change(new: CopyStatus) -> tuple[CopyStatus, ...]:
    """The statuses from which a copy may become `new`; the ledger's UPDATE names them."""
    return tuple(old for old, allowed in COPY_CHANGES.items() if new in allowed)
