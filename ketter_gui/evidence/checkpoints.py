"""Where a pruned chain goes on: the signed end of what was removed.

A checkpoint is the signed object (see `signed`)

    {"before_us": …, "chain": …, "entry_hash": …, "format": "ketter-checkpoint/1",
     "sequence": …}

It names the last entry that was pruned. The `previous_hash` of the first kept entry is
its `entry_hash`; while pruning is under way, earlier entries are still there, and must
lead to it. In the transaction that writes it, HISTORY_PRUNED is chained, and names the
same entry: each proves the other (see `Prunings`). No other signature will do: were a signed head enough, whoever cannot sign
could cut the beginning off at any of them. `before_us` is the moment before which what
ended was to go.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final, Protocol

from ketter_gui.domain.chain import COLUMNS, GENESIS, Head, Row
from ketter_gui.domain.errors import ChainBroken
from ketter_gui.domain.events import AuditEvent
from ketter_gui.evidence import signed
from ketter_gui.evidence.keys import SigningKey, TrustedKeys

FORMAT: Final = "ketter-checkpoint/1"
_SEQUENCE: Final = COLUMNS.index("sequence")
_EVENT: Final = COLUMNS.index("event")
_DETAILS: Final = COLUMNS.index("details")
_PREVIOUS: Final = COLUMNS.index("previous_hash")


class Checkpoint(Protocol):
    """A checkpoint as the ledger keeps it."""

    @property
    def head(self) -> Head:
        """The last entry that was pruned."""

    @property
    def before_us(self) -> int:
        """What ended before that was to go."""

    @property
    def signature(self) -> str:
        """64 bytes, hex."""

    @property
    def key_id(self) -> str:
        """The key that made it."""

    @property
    def signed_us(self) -> int:
        """When, in microseconds since the epoch, UTC."""


def sign(key: SigningKey, head: Head, before_us: int, at_us: int) -> str:
    """The signature of a checkpoint, hex, as the ledger keeps it."""
    signature: str = signed.sign(key, _members(head, before_us), at_us)["signature"]
    return signature


def newest(found: Iterable[Checkpoint], trusted: TrustedKeys, chain: str) -> Checkpoint | None:
    """The one that reaches furthest, once all were found to be signed. Raises ChainBroken."""
    last = None
    for one in sorted(found, key=lambda checkpoint: checkpoint.head.sequence):
        _check(one, trusted, chain)
        last = one
    return last


class Prunings:
    """All that was pruned of a chain: its checkpoints, and the entries that tell of them.

    Both were written in one transaction, so that each has the other: a checkpoint of which no
    entry tells was slipped in beside the chain, by somebody who has the key; and who takes
    one away leaves its entry. Only the entries of older prunings may be gone, with what the
    newest one pruned.
    """

    def __init__(self, found: Iterable[Checkpoint], trusted: TrustedKeys, chain: str) -> None:
        """Raises ChainBroken for a checkpoint that is not signed."""
        every = list(found)
        self.newest = newest(every, trusted, chain)
        self._known = {(one.head.sequence, one.head.entry_hash) for one in every}
        self._is_told = self.newest is None

    def meet(self, row: Row) -> None:
        """Look at an entry that holds. Raises ChainBroken for one whose checkpoint is not there."""
        if row[_EVENT] != AuditEvent.HISTORY_PRUNED:
            return
        told = json.loads(row[_DETAILS])
        end = (told.get("last_sequence"), told.get("last_hash"))
        if end not in self._known:
            words = f"it tells that entries up to {end[0]} were pruned, and there is no checkpoint"
            raise ChainBroken(sequence=int(row[_SEQUENCE]), damage=words)
        if self.newest is not None and end[0] == self.newest.head.sequence:
            self._is_told = True

    def check_all_met(self) -> None:
        """At the end of the chain. Raises ChainBroken."""
        if self.newest is not None and not self._is_told:
            raise ChainBroken(
                sequence=self.newest.head.sequence,
                damage="there is a checkpoint at it, and no entry tells that anything was pruned",
            )


def _check(one: Checkpoint, trusted: TrustedKeys, chain: str) -> None:
    key = trusted.get(one.key_id)
    if one.head.chain != chain:
        words = "its checkpoint is of another ledger"
    elif key is None:
        words = "its checkpoint is signed with a key that is not this ledger's"
    elif not signed.is_signed_by(
        {
            **_members(one.head, one.before_us),
            "key_id": one.key_id,
            "public_key": key.public_bytes_raw().hex(),
            "signature": one.signature,
            "signed_us": one.signed_us,
        },
        key,
    ):
        words = "its checkpoint was changed"
    else:
        return
    raise ChainBroken(sequence=one.head.sequence, damage=words)


def beginning(first: Row | None, chain: str, checkpoint: Head | None) -> Head:
    """What the first entry that is there must follow: GENESIS, the checkpoint, or, while
    pruning is under way, the entry before it that just went."""
    if checkpoint is None:
        return Head(chain, 0, GENESIS)
    if first is None or len(first) != len(COLUMNS):
        return checkpoint
    text = first[_SEQUENCE]
    if text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= checkpoint.sequence:
        if int(text) <= 1:
            return Head(chain, 0, GENESIS)
        return Head(chain, int(text) - 1, first[_PREVIOUS])
    return checkpoint


def _members(head: Head, before_us: int) -> dict[str, Any]:
    return {
        "before_us": before_us,
        "chain": head.chain,
        "entry_hash": head.entry_hash,
        "format": FORMAT,
        "sequence": head.sequence,
    }
