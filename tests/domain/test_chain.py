"""The audit chain: documented bytes, and one damaged cell is one found cell."""

from __future__ import annotations

import hashlib
import json
import re

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from ketter_gui.domain import chain
from ketter_gui.domain.chain import (
    COLUMNS,
    FORMAT,
    GENESIS,
    Head,
    Row,
    all_chained,
    canonical_bytes,
    canonical_json,
    chained,
    damage,
    entry_hash,
    head_of,
)
from ketter_gui.domain.events import AuditDraft, AuditEvent

CHAIN = "c0ffee" * 5 + "00"
EMPTY = Head(CHAIN, 0, GENESIS)
NASTY = [
    "",
    '"',
    "\\",
    "\\u0000",
    "\0\n\t\x1f\x7f",
    "é",
    "\u2028",
    "😀",
    "\ud83d",
    "\udcff",
    "</script>",
]
PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))
OLD_ROW: Row = (
    *(FORMAT, CHAIN, "42", "2026-03-24T14:02:11.000042Z", "CHECKSUM_VERIFIED", "12", "move"),
    *("Jürgen \u202e", 'st"1', "DCIM/\\x01é😀.mov", "escaped", "/card/DCIM", "/drive/DCIM"),
    *("16384", "sha256", "ab" * 32, "ab" * 32, "storage", "FINAL: equal", "0.000042", "1"),
    *("", "", '{"version":"0.1.0"}', GENESIS),
    "695680022dc5cd51593e73533242c443a46b787eb9668220fcd59de4bcd4c127",
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def draft(message: str = "", transfer: int | None = None) -> AuditDraft:
    return AuditDraft("2026-03-01T12:00:00.000000Z", AuditEvent.ERROR, transfer, message=message)


def test_the_columns_are_those_of_the_export() -> None:
    assert (
        tuple(
            "format chain sequence time_utc event transfer_id mode user host item_path path_form"
            " source_path destination_path size_bytes algorithm source_checksum destination_checksum"
            " read_back result duration_s speed_bytes_per_s error_type message details previous_hash"
            " entry_hash".split()
        )
        == COLUMNS
    )


def test_an_entry_has_the_documented_bytes() -> None:
    """Another program must be able to check a row from the docstring alone."""
    row = chained(EMPTY, draft('é\n"😀', 7))
    written = (
        f'["{FORMAT}","{CHAIN}","1","2026-03-01T12:00:00.000000Z","ERROR","7","","","","","plain"'
        ',"","","","","","","","","","","","\\u00e9\\n\\"\\ud83d\\ude00","{}","' + GENESIS + '"]'
    )
    assert row[-1] == hashlib.sha256(written.encode("ascii")).hexdigest()
    assert row[-2] == GENESIS


def test_the_example_in_the_docstring_is_right() -> None:
    """Its bytes are those of its cells, and its hash is theirs: who reads it can rely on it."""
    example = (chain.__doc__ or "").split("**Example.**")[1]
    ((said_bytes, said_hash),) = re.findall(
        r"these (\d+) bytes.*?`([0-9a-f]{64})`", example, re.DOTALL
    )
    written = "".join(re.findall(r"^    (.+)$", example, re.MULTILINE)).encode("ascii")
    assert (len(written), hashlib.sha256(written).hexdigest()) == (int(said_bytes), said_hash)
    first = AuditDraft(
        "2026-03-01T12:00:00.000000Z",
        AuditEvent.ERROR,
        7,
        user="Zoë",
        host='st"1',
        item_path="A001/=1.mov",
        message="two\nlines 😀",
        details='{"version":"1.0"}',
    )
    row = chained(Head("c0ffee" * 5 + "00", 0, GENESIS), first)
    assert canonical_bytes(row[:-1]) == written
    assert row[-1] == said_hash


def test_every_field_of_a_draft_has_its_column() -> None:
    fields = {name: name for name in AuditDraft._fields if name not in ("event", "transfer_id")}
    row = chained(EMPTY, AuditDraft(event=AuditEvent.ERROR, transfer_id=3, **fields))
    told = dict(zip(COLUMNS, row, strict=True))
    assert {name: told[name] for name in fields} == fields
    assert (told["event"], told["transfer_id"], told["sequence"]) == ("ERROR", "3", "1")


@given(st.lists(texts, max_size=6))
def test_a_chain_follows_itself(messages: list[str]) -> None:
    head = EMPTY
    for number, message in enumerate(messages, 1):
        row = chained(head, draft(message))
        assert damage(row, head) == ""
        assert damage(row, None) == ""
        head = head_of(row)
        assert head == Head(CHAIN, number, row[-1])


@given(st.integers(0, len(COLUMNS) - 1), texts)
def test_any_cell_that_is_changed_is_found_in_its_row_alone(column: int, value: str) -> None:
    row = list(chained(EMPTY, draft("as it was")))
    assume(row[column] != value)
    row[column] = value
    assert damage(tuple(row), None) != ""


@given(st.lists(texts, min_size=len(COLUMNS), max_size=len(COLUMNS)), st.integers(0, 24))
def test_moving_text_between_cells_changes_the_hash(cells: list[str], at: int) -> None:
    assume(at + 1 < len(COLUMNS) - 1 and cells[at] != "")
    moved = [*cells[:at], "", cells[at] + cells[at + 1], *cells[at + 2 :]]
    assert entry_hash(moved) != entry_hash(cells)


def forged(row: Row, **cells: str) -> Row:
    values = list(row)
    for name, value in cells.items():
        values[COLUMNS.index(name)] = value
    values[-1] = entry_hash(values)
    return tuple(values)


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"format": "other/1"}, "its format is “other/1”"),
        ({"chain": "0" * 32}, "it belongs to another ledger"),
        ({"sequence": "9"}, "entry 2 was expected here"),
        ({"previous_hash": "0" * 64}, "does not follow the entry before it"),
    ],
)
def test_a_careful_forgery_is_found_by_the_entry_before(cells: dict[str, str], words: str) -> None:
    head = head_of(chained(EMPTY, draft()))
    assert words in damage(forged(chained(head, draft()), **cells), head)


def test_a_row_of_another_width_is_found() -> None:
    row = chained(EMPTY, draft())
    assert "25 columns instead of 26" in damage(row[:-1], EMPTY)
    assert "27 columns" in damage((*row, ""), EMPTY)


def test_canonical_json_is_one_text_for_one_value() -> None:
    assert canonical_json({"b": [1, None], "a": "é"}) == '{"a":"\\u00e9","b":[1,null]}'
    assert canonical_json({"a": 1, "b": 2}) == canonical_json({"b": 2, "a": 1})


@given(
    st.lists(st.text(PRINTABLE, max_size=8), max_size=30)
    | st.lists(st.text(PRINTABLE, max_size=8) | st.text(max_size=4), max_size=5)
    | st.lists(st.text(max_size=8) | st.sampled_from(NASTY), max_size=30)
)
@example([])
@example([""])
@example(["", ""])
@example(["", "", ""])
@example(["a", "b", '{"c":1}', "\\"])
@example(["a", '","', "c", "d"])
@example(['"', '"', "", ""])
def test_the_canonical_bytes_are_those_of_json_dumps(cells: list[str]) -> None:
    """Whatever is in them: entries of all earlier Ketters must still verify."""
    written = json.dumps(cells, ensure_ascii=True, separators=(",", ":"))
    assert canonical_bytes(cells) == written.encode("ascii")


def test_an_entry_from_before_still_verifies() -> None:
    """This row was written by the first Ketter that had a chain."""
    assert damage(OLD_ROW, None) == ""


def test_many_entries_are_chained_as_one_by_one() -> None:
    drafts = [draft(message, number) for number, message in enumerate(NASTY)]
    head, rows = EMPTY, []
    for one in drafts:
        rows.append(chained(head, one))
        head = head_of(rows[-1])
    assert all_chained(EMPTY, drafts) == rows
    assert all_chained(EMPTY, []) == []
