"""A process that writes to a ledger as a station does, for tests with several of them.

`python -m tests.store.writing_process DATA ROUNDS SEED [for-ever]` makes transfers of
random folders of one card, each claimed alone, brings each to its end, and prints what it
wrote as a line of JSON. With `for-ever` it never ends: it tells each round, to be killed.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

from ketter_gui.domain.errors import ClaimHeld
from ketter_gui.domain.events import AuditEvent
from ketter_gui.domain.options import Mode
from ketter_gui.domain.status import TransferStatus
from ketter_gui.store import (
    FinishedRow,
    Ledger,
    NewItem,
    NewTransfer,
    Transaction,
    Write,
    add_items,
    create_transfer,
    mark_copying,
    mark_removed,
    record_audit,
    record_proven,
    record_verified,
    set_status,
)
from ketter_gui.store.claims import overlap
from tests.store.building import become, entry, keys_of, proven, request, source, state

FOLDERS = [b"A", b"A/1", b"A/1/x", b"A/2", b"B", b"B/1", b""]
FILES = 25


def claimed(tx: Transaction, new: NewTransfer) -> int:
    """A transfer with its claims; fails when any two claims in the ledger overlap now."""
    transfer = create_transfer(tx, new)
    held = tx.execute("SELECT volume, within, transfer FROM claims").fetchall()
    for at, (volume, within, one) in enumerate(held):
        for other_volume, other_within, other in held[at + 1 :]:
            if one != other and volume == other_volume:
                assert not overlap(within, other_within), f"{one} and {other} hold one folder"
    tx.chain([entry(AuditEvent.TRANSFER_CREATED, transfer)])
    return transfer


def carry_out(ledger: Ledger, transfer: int) -> int:
    """Items, copies and their entries in batches; returns how many entries that were."""
    found = [NewItem(0, b"f%d" % number, state()) for number in range(FILES)]
    ledger.submit(lambda tx: add_items(tx, transfer, found))
    ledger.barrier()
    items = ledger.unfinished_items(transfer)
    ledger.submit(Write(mark_copying, keys_of(items)))
    for item in items:
        keys = keys_of([item])
        drafts = [entry(AuditEvent.CHECKSUM_VERIFIED, transfer)] * len(keys)
        ledger.submit(Write(record_proven, [proven(key) for key in keys]))
        ledger.submit(
            Write(record_verified, [FinishedRow(*key, b"f") for key in keys]),
            Write(record_audit, drafts),
        )
    ledger.submit(Write(mark_removed, [item.item.id for item in items]))
    ledger.barrier()
    assert ledger.unfinished_items(transfer) == []
    return len(items) * 2


def one_round(ledger: Ledger, chance: random.Random) -> int:
    """Try to take a folder; returns the entries written, 0 when another holds it."""
    new = request(source(chance.choice(FOLDERS)), mode=Mode.MOVE)
    try:
        transfer = ledger.transact(lambda tx: claimed(tx, new))
    except ClaimHeld:
        return 0
    become(ledger, transfer, TransferStatus.PREPARING, TransferStatus.RUNNING)
    entries = carry_out(ledger, transfer)

    def finish(tx: Transaction) -> None:
        set_status(tx, transfer, TransferStatus.COMPLETED)
        tx.chain([entry(AuditEvent.TRANSFER_COMPLETED, transfer)])

    ledger.transact(finish)
    return entries + 2


def main(data_dir: Path, rounds: int, seed: int, *, for_ever: bool) -> None:
    chance = random.Random(seed)
    entries = transfers = refused = 0
    with Ledger.open(data_dir) as ledger:
        while for_ever or transfers < rounds:
            written = one_round(ledger, chance)
            entries += written
            transfers += bool(written)
            refused += not written
            if for_ever:
                print(ledger.owner, flush=True)
    print(json.dumps({"entries": entries, "transfers": transfers, "refused": refused}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), for_ever=len(sys.argv) > 4)
