"""What ledger tests arrange: requests, items, entries, and a look at the whole chain."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator

from ketter_gui.domain.chain import GENESIS, Head, Row, damage, head_of
from ketter_gui.domain.events import AuditDraft, AuditEvent
from ketter_gui.domain.items import (
    Destination,
    FileState,
    Identity,
    ItemKind,
    Medium,
    Place,
    ReadBack,
    Source,
)
from ketter_gui.domain.options import Mode, Options
from ketter_gui.domain.status import TransferStatus
from ketter_gui.store import (
    FinishedRow,
    ItemRecord,
    Ledger,
    NewItem,
    NewTransfer,
    ProvenRow,
    Write,
    add_items,
    create_transfer,
    mark_copying,
    record_proven,
    record_verified,
    set_status,
)

SHA = (("sha256", "ab" * 32),)


def place(volume: str, within: bytes = b"") -> Place:
    return Place(volume, within, Medium.STORAGE, (f"dev-{volume}",), volume.upper(), "ssd")


def source(within: bytes = b"DCIM", *, volume: str = "card", index: int = 0) -> Source:
    name = within.rpartition(b"/")[2] or b"card"
    return Source(index, b"/mnt/card/" + within, name, ItemKind.FOLDER, place(volume, within))


def request(
    *sources: Source,
    mode: Mode = Mode.COPY,
    destinations: int = 2,
    name: str = "A001",
    options: Options | None = None,
) -> NewTransfer:
    return NewTransfer(
        token=secrets.token_hex(4),
        name=name,
        mode=mode,
        options=options or Options(),
        sources=sources or (source(),),
        destinations=tuple(
            Destination(index, b"/mnt/drive%d" % index, place(f"drive{index}"))
            for index in range(destinations)
        ),
    )


def created(ledger: Ledger, new: NewTransfer | None = None) -> int:
    wanted = new or request()
    return ledger.transact(lambda tx: create_transfer(tx, wanted))


def running(ledger: Ledger, new: NewTransfer | None = None) -> int:
    transfer = created(ledger, new)
    become(ledger, transfer, TransferStatus.PREPARING, TransferStatus.RUNNING)
    return transfer


def become(ledger: Ledger, transfer: int, *statuses: TransferStatus) -> None:
    for status in statuses:
        ledger.transact(lambda tx, new=status: set_status(tx, transfer, new))  # type: ignore[misc]


def state(kind: ItemKind = ItemKind.FILE, *, size_bytes: int = 1000, inode: int = 7) -> FileState:
    return FileState(kind, size_bytes, 1_700_000_000_123_456_789, 2, 66, inode, 0o100644, 1, 2)


def with_items(ledger: Ledger, transfer: int, count: int) -> list[ItemRecord]:
    found = [NewItem(0, b"DCIM/%06d.mov" % number, state()) for number in range(count)]
    ledger.transact(lambda tx: add_items(tx, transfer, found))
    return ledger.items(transfer, limit=count)


def keys_of(items: Iterable[ItemRecord]) -> list[tuple[int, int]]:
    return [(copy.item, copy.destination) for item in items for copy in item.copies]


def proven(key: tuple[int, int]) -> ProvenRow:
    return ProvenRow(*key, Identity(9, 1000, 5), SHA, ReadBack.STORAGE)


def verify_all(ledger: Ledger, items: Iterable[ItemRecord]) -> None:
    keys = keys_of(items)
    ledger.submit(
        Write(mark_copying, keys),
        Write(record_proven, [proven(key) for key in keys]),
        Write(record_verified, [FinishedRow(*key, b"DCIM/final") for key in keys]),
    )
    ledger.barrier()


def entry(
    event: AuditEvent = AuditEvent.ERROR, transfer: int | None = None, **cells: str
) -> AuditDraft:
    return AuditDraft("2026-03-01T12:00:00.000000Z", event, transfer, **cells)


def all_rows(ledger: Ledger) -> Iterator[Row]:
    after = 0
    while page := ledger.audit_rows(after_sequence=after, limit=700):
        yield from page
        after = int(page[-1][2])


def length_of_unbroken_chain(ledger: Ledger) -> int:
    """Walks it all and fails at the first entry that does not follow."""
    head = Head(ledger.chain, 0, GENESIS)
    for row in all_rows(ledger):
        assert damage(row, head) == ""
        head = head_of(row)
    assert head == ledger.head()
    return head.sequence
