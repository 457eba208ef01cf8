"""Whatever is done to a ledger, somebody who verifies it is told.

Random edits of a real SQLite file. More of them:
`KETTER_EXAMPLES=2000 pytest tests/service/test_forgeries.py`.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketter_gui.domain.chain import COLUMNS, entry_hash
from ketter_gui.domain.errors import EvidenceError
from ketter_gui.service import record
from ketter_gui.service.service import Service
from ketter_gui.store.ledger import Ledger
from tests.builders import camera_card, drive
from tests.service.conftest import carried_out, request_for

EXAMPLES = int(os.environ.get("KETTER_EXAMPLES", "60"))
SEQUENCE, PREVIOUS, HASH = (
    COLUMNS.index(name) for name in ("sequence", "previous_hash", "entry_hash")
)
texts = st.one_of(
    st.sampled_from(["", "0", "equal", "FINAL: equal", "'", "=1+1", "9" * 64]),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20),
)


@dataclass
class Original:
    """A data folder with some history, all of it signed."""

    data_dir: Path
    entries: int
    room: Path
    number: Iterator[int]

    def copy(self) -> Path:
        """Another data folder of the same content."""
        folder = self.room / str(next(self.number))
        shutil.copytree(self.data_dir, folder)
        return folder


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Original:
    room = tmp_path_factory.mktemp("room")
    data_dir = room / "data"
    with Service(data_dir) as service:
        card = camera_card(room, clips=2)
        places = [drive(room, "A"), drive(room, "B")]
        carried_out(service, request_for([card.path], places))
        service.rotate_key()
        carried_out(service, request_for([card.path], places[:1]))
        verdict = service.verify_audit()
        assert verdict.unsigned == 0
    return Original(data_dir, verdict.entries, room, count())


def verdict_on(data_dir: Path) -> str:
    """What `ketter audit verify` finds; empty when all holds and all of it is signed."""
    try:
        with Ledger.open(data_dir) as ledger:
            verdict = record.verify_ledger(ledger, data_dir)
    except EvidenceError as error:
        return str(error)
    return f"{verdict.unsigned} unsigned" if verdict.unsigned else ""


def edited(original: Original, edit: Callable[[sqlite3.Connection], object]) -> str:
    folder = original.copy()
    with closing(sqlite3.connect(folder / "ledger.sqlite3")) as database:
        edit(database)
        database.commit()
    told = verdict_on(folder)
    shutil.rmtree(folder)
    return told


def cells_of(database: sqlite3.Connection, number: int) -> list[str]:
    (row,) = database.execute(
        f"SELECT {','.join(COLUMNS)} FROM audit WHERE sequence = ?", (number,)
    )
    return [str(cell) for cell in row]


def put(database: sqlite3.Connection, cells: list[str]) -> None:
    marks = ",".join("?" * len(cells))
    database.execute(f"INSERT OR REPLACE INTO audit VALUES ({marks})", cells)


def rehash(database: sqlite3.Connection, first: int, last: int) -> None:
    """Make every hash from here on fit: a careful forger without the key."""
    before = cells_of(database, first - 1)[HASH] if first > 1 else "0" * 64
    for number in range(first, last + 1):
        cells = cells_of(database, number)
        cells[PREVIOUS] = before
        before = cells[HASH] = entry_hash(cells)
        put(database, cells)


# --- the ledger ---


def test_what_nobody_touched_holds(original: Original) -> None:
    assert edited(original, lambda _database: None) == ""


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.data())
def test_a_changed_cell_is_found_at_its_entry(original: Original, data: st.DataObject) -> None:
    number = data.draw(st.integers(1, original.entries))
    column = data.draw(st.sampled_from([name for name in COLUMNS if name != "sequence"]))
    new = data.draw(texts)
    same = False

    def edit(database: sqlite3.Connection) -> None:
        nonlocal same
        same = cells_of(database, number)[COLUMNS.index(column)] == new
        database.execute(f"UPDATE audit SET {column} = ? WHERE sequence = ?", (new, number))

    told = edited(original, edit)
    assert (told == "") is same
    assert same or f"entry {number}" in told, told


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.data())
def test_entries_that_are_taken_out_are_found(original: Original, data: st.DataObject) -> None:
    first = data.draw(st.integers(1, original.entries))
    last = data.draw(st.integers(first, original.entries))
    drop = f"DELETE FROM audit WHERE sequence BETWEEN {first} AND {last}"
    told = edited(original, lambda database: database.execute(drop))
    assert f"entry {first}" in told, told


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.data())
def test_entries_that_are_taken_out_and_closed_up_are_found(
    original: Original, data: st.DataObject
) -> None:
    """Numbers and hashes made to fit: only what was signed tells."""
    first = data.draw(st.integers(1, original.entries - 1))

    def edit(database: sqlite3.Connection) -> None:
        database.execute("DELETE FROM audit WHERE sequence = ?", (first,))
        for number in range(first + 1, original.entries + 1):
            change = "UPDATE audit SET sequence = ? WHERE sequence = ?"
            database.execute(change, (number - 1, number))
        rehash(database, first, original.entries - 1)

    assert edited(original, edit)


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.data())
def test_entries_that_change_places_are_found(original: Original, data: st.DataObject) -> None:
    one = data.draw(st.integers(1, original.entries - 1))
    other = data.draw(st.integers(one + 1, original.entries))
    is_careful = data.draw(st.booleans())

    def edit(database: sqlite3.Connection) -> None:
        here, there = cells_of(database, one), cells_of(database, other)
        here[SEQUENCE], there[SEQUENCE] = there[SEQUENCE], here[SEQUENCE]
        put(database, here)
        put(database, there)
        if is_careful:
            rehash(database, one, original.entries)

    told = edited(original, edit)
    assert told
    assert is_careful or f"entry {one}" in told, told


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.data())
def test_a_forged_entry_is_found_or_said_to_be_unsigned(
    original: Original, data: st.DataObject
) -> None:
    """At the very end it may be what a transfer at work has just told: it follows, so that
    only the signature's absence tells, and that is said."""
    at = data.draw(st.integers(1, original.entries + 1))
    message = data.draw(texts)

    def edit(database: sqlite3.Connection) -> None:
        for number in range(original.entries, at - 1, -1):
            change = "UPDATE audit SET sequence = ? WHERE sequence = ?"
            database.execute(change, (number + 1, number))
        cells = cells_of(database, 1 if at > 1 else 2)
        cells[SEQUENCE], cells[COLUMNS.index("message")] = str(at), message
        put(database, cells)
        rehash(database, at, original.entries + 1)

    told = edited(original, edit)
    assert told == "1 unsigned" if at > original.entries else told, told


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.data())
def test_a_changed_head_or_a_made_up_checkpoint_is_found(
    original: Original, data: st.DataObject
) -> None:
    column = data.draw(
        st.sampled_from(
            ["sequence", "entry_hash", "signature", "key_id", "signed_us", "checkpoint"]
        )
    )
    which = data.draw(st.integers(0, 20))

    def edit(database: sqlite3.Connection) -> None:
        found = database.execute("SELECT * FROM heads ORDER BY sequence, key_id").fetchall()
        sequence, entry, signature, key, us = found[which % len(found)]
        if column == "checkpoint":
            row = (sequence, entry, us, signature, key, us)
            database.execute("INSERT INTO checkpoints VALUES (?,?,?,?,?,?)", row)
            database.execute("DELETE FROM audit WHERE sequence <= ?", (sequence,))
            return
        new = {
            "sequence": sequence + 1000,
            "entry_hash": "f" * 64,
            "signature": signature[::-1],
            "key_id": key[::-1],
            "signed_us": us + 1,
        }[column]
        change = f"UPDATE heads SET {column} = ? WHERE sequence = ? AND key_id = ?"
        database.execute(change, (new, sequence, key))

    assert edited(original, edit)
