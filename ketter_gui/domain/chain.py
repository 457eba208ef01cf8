"""The audit chain: the canonical bytes of an entry, and its hash.

An entry is a row of text cells, the columns of the audit CSV in their order. Its
canonical bytes are

    the JSON array of all cells but the last (`entry_hash`), each a string,
    written without spaces, ASCII only (everything else as \\uXXXX, lower case,
    surrogate pairs above U+FFFF), as Python's json.dumps does it

and `entry_hash` is the lower-case hex SHA-256 of them. The cell `previous_hash` is
the `entry_hash` of the entry before (64 zeros for the first), so that one changed
cell anywhere changes every hash after it. A row verifies alone as well.
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
