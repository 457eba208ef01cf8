"""May it be deleted? One rule, in one place, over plain values (P1, P4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ketter_gui.domain.items import ReadBack
from ketter_gui.domain.status import PROOF, CopyStatus


@dataclass(frozen=True, slots=True)
class CopyProof:
    """What is known of one copy of an item."""

    status: CopyStatus
    read_back: ReadBack | None


def proves(read_back: ReadBack | None) -> bool:
    """Whether bytes read back in this way say something about where they are kept.

    `cache` does not: the bytes came from memory although they should live on a drive.
    """
    return read_back is not None and read_back is not ReadBack.CACHE


def may_delete_source(copies: Sequence[CopyProof], destinations: int) -> bool:
    """P4: every destination has a copy, each is proven, and each was really read back."""
    return len(copies) == destinations > 0 and all(
        copy.status in PROOF and proves(copy.read_back) for copy in copies
    )
