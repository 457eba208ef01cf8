r"""The audit chain: the canonical bytes of an entry, its hash, and what it must follow.

This page and an export are enough to check one with another program; one that was
written from it alone is kept beside the tests (`tests/evidence/independent.py`).

**Cells.** An entry is a row of 26 text cells, the columns of the audit CSV in the order
of `COLUMNS`; none is missing, an empty one is the empty text. Numbers are decimal digits
without leading zeros. In a CSV (RFC 4180: UTF-8, perhaps after a byte order mark EF BB
BF, comma, `"` doubled inside quotes, lines end with CR LF) the first line holds the
names of the columns, and a cell that begins with `'` had that one character put before
it: take exactly one away before anything else.

**Canonical bytes** of the first 25 cells (all but `entry_hash`), ASCII throughout:

    5B                          [
    for each cell, in order:
        2C                      ,   before each but the first
        22                      "
        its characters          as below
        22                      "
    5D                          ]

and nothing else: no space, no newline, no end mark. Of a cell's characters

    "  U+0022                   5C 22            \"
    \  U+005C                   5C 5C            \\
    U+0008 U+0009 U+000A        5C then 62 74 6E  \b \t \n
    U+000C U+000D               5C then 66 72     \f \r
    other U+0020 to U+007E      that one byte; `/` and `'` too
    all others up to U+FFFF     5C 75 and four hex digits, lower case: \u001f \u00e9
    above U+FFFF                two such, the UTF-16 surrogates, high one first (RFC 8259 §7)

They are the JSON array of the cells as Python writes it with
`json.dumps(cells, ensure_ascii=True, separators=(",", ":"))`. Text is not normalised:
U+00E9 and U+0065 U+0301 are both an é, and differ.

**Hash.** `entry_hash` is the SHA-256 of these bytes, as 64 hex digits in lower case. It
covers all other cells, so that any row verifies alone.

**Chain.** `format` is `ketter-audit/1`, `chain` 32 hex digits that name one ledger and
are the same in all its rows. `sequence` counts from 1 with no gap, and `previous_hash`
is the `entry_hash` of the entry before; of entry 1 it is 64 zeros. One changed cell
changes every hash after it. Of a ledger that was pruned the first entry follows
the checkpoint (`evidence.checkpoints`); an export's signature says what its first entry
follows (`evidence.audit_csv`), and one transfer's rows follow nothing: each holds alone.

**Example.** The error of transfer 7 that Zoë saw on st"1, its `message` two lines, its
`details` {"version":"1.0"}, the first entry of its chain, gives these 293 bytes, here on
four lines, and with them the `entry_hash`
`723ef9e0c002b2633918687babdd5edda704eb8435846bb564ec183209c29439`:

    ["ketter-audit/1","c0ffeec0ffeec0ffeec0ffeec0ffee00","1","2026-03-01T12:00:00.000000Z",
    "ERROR","7","","Zo\u00eb","st\"1","A001/=1.mov","plain","","","","","","","","","","","",
    "two\nlines \ud83d\ude00","{\"version\":\"1.0\"}",
    "0000000000000000000000000000000000000000000000000000000000000000"]

The chain covers the audit and nothing else. The ledger's working tables (transfers,
items, copies) are what Ketter works with, change while it works and are not chained:
what they say of a checksum or an outcome is worth what the audit says of it. `ketter
audit verify --deep` compares the two; exports and signatures are of the audit alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from json.encoder import encode_basestring_ascii as _quoted
from typing import Final

from ketter_gui.domain.events import AuditDraft

FORMAT: Final = "ketter-audit/1"
GENESIS: Final = "0" * 64

COLUMNS: Final = (
    "format",
    "chain",
    "sequence",
    "time_utc",
    "event",
    "transfer_id",
    "mode",
    "user",
    "host",
    "item_path",
    "path_form",
    "source_path",
    "destination_path",
    "size_bytes",
    "algorithm",
    "source_checksum",
    "destination_checksum",
    "read_back",
    "result",
    "duration_s",
    "speed_bytes_per_s",
    "error_type",
    "message",
    "details",
    "previous_hash",
    "entry_hash",
)

Row = tuple[str, ...]
"""One entry as its cells, in the order of COLUMNS."""

_SEQUENCE = COLUMNS.index("sequence")
_PREVIOUS = COLUMNS.index("previous_hash")
_HASH = COLUMNS.index("entry_hash")
_canonical = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), sort_keys=True).encode


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain. `sequence` 0 with GENESIS is an empty one."""

    chain: str
    sequence: int
    entry_hash: str


def canonical_json(value: object) -> str:
    """JSON with sorted keys and no spaces, ASCII only: one text for one value."""
    return _canonical(value)


def canonical_bytes(cells: Sequence[str]) -> bytes:
    """A JSON array of strings, byte for byte as json.dumps writes it without spaces.

    Nearly always there is nothing to escape but in the last cells (details are JSON), and
    putting quotes between the others is all. For an entry, of which there are two for each
    file, json.dumps takes 2.6 µs, this 1.3.
    """
    plain = '","'.join(cells[:-2])
    if (
        plain
        and plain.isascii()
        and plain.isprintable()
        and "\\" not in plain
        and plain.count('"') == 2 * len(cells) - 6  # those that were just put there
    ):
        text = f'["{plain}",{_quoted(cells[-2])},{_quoted(cells[-1])}]'
    else:
        text = f"[{','.join(map(_quoted, cells))}]"
    return text.encode("ascii")


def entry_hash(cells: Sequence[str]) -> str:
    """The hash over the canonical bytes of all cells but `entry_hash` itself."""
    return sha256(canonical_bytes(cells[:_HASH])).hexdigest()


def chained(head: Head, draft: AuditDraft) -> Row:
    """The draft as the row that follows `head`."""
    return all_chained(head, (draft,))[0]


def all_chained(head: Head, drafts: Iterable[AuditDraft]) -> list[Row]:
    """The drafts as the rows that follow `head`, in their order."""
    rows: list[Row] = []
    sequence, previous = head.sequence, head.entry_hash
    for draft in drafts:
        sequence += 1
        cells = _cells(head.chain, sequence, draft, previous)
        previous = sha256(canonical_bytes(cells)).hexdigest()
        rows.append((*cells, previous))
    return rows


def _cells(chain: str, sequence: int, draft: AuditDraft, previous: str) -> Row:
    """All cells but `entry_hash`."""
    return (
        FORMAT,
        chain,
        str(sequence),
        draft.time_utc,
        str(draft.event),  # its value, in a fifth of the time that `.value` takes
        "" if draft.transfer_id is None else str(draft.transfer_id),
        draft.mode,
        draft.user,
        draft.host,
        draft.item_path,
        draft.path_form,
        draft.source_path,
        draft.destination_path,
        draft.size_bytes,
        draft.algorithm,
        draft.source_checksum,
        draft.destination_checksum,
        draft.read_back,
        draft.result,
        draft.duration_s,
        draft.speed_bytes_per_s,
        draft.error_type,
        draft.message,
        draft.details,
        previous,
    )


def head_of(row: Row) -> Head:
    """The head of a chain that ends with `row`."""
    return Head(row[1], int(row[_SEQUENCE]), row[_HASH])


def damage(row: Row, before: Head | None) -> str:
    """What is wrong with `row` after `before`, in words; empty when nothing is.

    With `before` None only the row itself is checked: the first row of a partial export.
    """
    if len(row) != len(COLUMNS):
        return f"it has {len(row)} columns instead of {len(COLUMNS)}"
    if row[0] != FORMAT:
        return f"its format is “{row[0]}”, not “{FORMAT}”"
    if entry_hash(row) != row[_HASH]:
        return "its values were changed"
    if before is None:
        return ""
    if row[1] != before.chain:
        return "it belongs to another ledger"
    if row[_SEQUENCE] != str(before.sequence + 1):
        return f"entry {before.sequence + 1} was expected here: entries were removed or reordered"
    if row[_PREVIOUS] != before.entry_hash:
        return "it does not follow the entry before it: entries were inserted, removed or changed"
    return ""
