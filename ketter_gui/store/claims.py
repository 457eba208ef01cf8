"""Claims: the hold of a transfer on its sources, over all processes.

A move claims its sources `exclusive`, a copy `shared`. Two claims are in each other's
way when they are on one volume, one path is the other or lies above it, and at least
one of them is exclusive. They are compared as bytes inside their volume, so that two
mounts of one volume are one; what is mounted inside a source is claimed with it. A
transfer keeps its claims until it has ended.
"""

from __future__ import annotations

from collections.abc import Sequence

from ketter_gui.domain.errors import ClaimHeld
from ketter_gui.domain.items import Place, Source
from ketter_gui.domain.options import Mode
from ketter_gui.store import models
from ketter_gui.store.records import ClaimKind
from ketter_gui.store.transaction import Transaction


def kind_for(mode: Mode) -> ClaimKind:
    """How a transfer of this mode holds its sources."""
    return ClaimKind.EXCLUSIVE if mode is Mode.MOVE else ClaimKind.SHARED


def take_claims(
    tx: Transaction,
    transfer: int,
    mode: Mode,
    sources: Sequence[Source],
    inside: Sequence[tuple[bytes, Place]] = (),
) -> None:
    """Claim all sources, and all that is mounted inside them (its path and its place), or
    nothing. Raises ClaimHeld with the other transfer."""
    kind = kind_for(mode)
    wanted = [(source.path, source.place) for source in sources] + list(inside)
    for path, place in wanted:
        _refuse_held(tx, transfer, kind, path, place)
    for _, place in wanted:
        tx.execute(
            "INSERT INTO claims (transfer, volume, within, kind) VALUES (?,?,?,?)"
            " ON CONFLICT (transfer, volume, within) DO UPDATE SET kind = excluded.kind",
            (transfer, place.volume, _within(place), kind.value),
        )


def release_claims(tx: Transaction, transfer: int) -> None:
    """Let go of everything that this transfer claimed."""
    models.Claim.delete().where(models.Claim.transfer == transfer).execute(tx.database)


def _refuse_held(
    tx: Transaction, transfer: int, kind: ClaimKind, path: bytes, place: Place
) -> None:
    held = tx.execute(
        "SELECT claims.within, claims.kind, claims.transfer, transfers.mode"
        " FROM claims JOIN transfers ON transfers.id = claims.transfer"
        " WHERE claims.volume = ? AND claims.transfer <> ?",
        (place.volume, transfer),
    ).fetchall()
    wanted = _within(place)
    for within, other_kind, other, mode in held:
        if ClaimKind.EXCLUSIVE not in (kind, ClaimKind(other_kind)):
            continue
        if overlap(wanted, bytes(within)):
            raise ClaimHeld(path, transfer=other, mode=mode)


def overlap(one: bytes, other: bytes) -> bool:
    """Whether two paths in one volume are the same, or one lies above the other.

    Without leading or trailing slashes; empty is the volume's own root.
    """
    shorter, longer = sorted((one, other), key=len)
    return not shorter or shorter == longer or longer.startswith(shorter + b"/")


def _within(place: Place) -> bytes:
    return place.within.strip(b"/")
