"""What evidence tests arrange: a chain of entries, a key, an export."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ketter_gui.domain.chain import COLUMNS, GENESIS, Head, Row, chained, entry_hash, head_of
from ketter_gui.domain.events import AuditDraft, AuditEvent
from ketter_gui.evidence import heads
from ketter_gui.evidence.keys import SigningKey

CHAIN = "c0ffee" * 5 + "00"


@dataclass(frozen=True)
class Signed:
    """A signed head as the ledger keeps it."""

    head: Head
    signature: str
    key_id: str
    signed_us: int


def draft(number: int, message: str = "", transfer: int | None = None) -> AuditDraft:
    return AuditDraft(
        f"2026-03-01T12:00:00.{number:06d}Z",
        AuditEvent.CHECKSUM_VERIFIED,
        transfer,
        mode="copy",
        item_path=f"DCIM/clip {number}.mov",
        size_bytes=str(number),
        algorithm="sha256",
        message=message,
    )


def chain_of(drafts: Iterable[AuditDraft], chain: str = CHAIN) -> list[Row]:
    head = Head(chain, 0, GENESIS)
    rows = []
    for one in drafts:
        row = chained(head, one)
        rows.append(row)
        head = head_of(row)
    return rows


def some_rows(count: int = 12) -> list[Row]:
    """Entries of transfers 1, 2 and 3 in turn, some with text that CSV must quote."""
    words = ['plain, "quoted"', "two\r\nlines", "=1+1", "-2", "'", "", "日本語 \u00e9", "\ttab"]
    return chain_of(
        draft(number, words[number % len(words)], number % 3 + 1) for number in range(count)
    )


def end_of(rows: Sequence[Row]) -> Head:
    return head_of(rows[-1]) if rows else Head(CHAIN, 0, GENESIS)


def signed(key: SigningKey, head: Head, at_us: int = 5) -> Signed:
    return Signed(head, heads.sign(key, head, at_us), key.key_id, at_us)


def rehashed(row: Row, **cells: str) -> Row:
    """A row with other cells, and the hash that fits them: what a careful forger writes."""
    values = list(row)
    for name, value in cells.items():
        values[COLUMNS.index(name)] = value
    values[-1] = entry_hash(values)
    return tuple(values)


def rewritten(rows: Sequence[Row], at: int, **cells: str) -> list[Row]:
    """History with one entry changed and all hashes after it made to fit."""
    head = head_of(rows[at - 1]) if at else Head(rows[0][1], 0, GENESIS)
    out = list(rows[:at])
    for number, row in enumerate(rows[at:], at):
        new = rehashed(row, previous_hash=head.entry_hash, **(cells if number == at else {}))
        out.append(new)
        head = head_of(new)
    return out


def path_in(folder: Path, name: str = "audit.csv") -> bytes:
    return bytes(folder / name)
