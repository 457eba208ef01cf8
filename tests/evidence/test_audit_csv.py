"""The export: the documented bytes, harmless in a spreadsheet, complete or not there."""

from __future__ import annotations

import csv
import json
import stat
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketter_gui.domain.chain import COLUMNS, Row, head_of
from ketter_gui.domain.errors import ChainBroken, ExportFailed
from ketter_gui.evidence import keys
from ketter_gui.evidence.audit_csv import BOM, EXECUTABLE, export, neutral, plain
from ketter_gui.evidence.audit_verify import verify_export
from ketter_gui.evidence.keys import SigningKey
from tests.evidence.building import chain_of, draft, end_of, path_in, rehashed, some_rows

ROWS = some_rows()


def exported(folder: Path, key: SigningKey, rows: list[Row] = ROWS, **how: Any) -> Path:
    export(rows, path_in(folder), key=key, head=end_of(ROWS), at_us=5, **how)
    return folder / "audit.csv"


def signature_of(path: Path) -> dict[str, Any]:
    members: dict[str, Any] = json.loads(path.with_name(path.name + ".sig").read_bytes())
    return members


def test_an_export_is_rfc_4180_with_the_documented_columns(tmp_path: Path, key: SigningKey) -> None:
    raw = exported(tmp_path, key).read_bytes()
    lines = raw.split(b"\r\n")
    assert lines[0] == ",".join(COLUMNS).encode()
    assert lines[-1] == b""
    assert not raw.startswith(BOM)
    with (tmp_path / "audit.csv").open(encoding="utf-8", newline="") as file:
        read = list(csv.reader(file, strict=True))
    assert [plain(cells) for cells in read[1:]] == ROWS


def test_a_byte_order_mark_is_written_when_asked_for(tmp_path: Path, key: SigningKey) -> None:
    assert exported(tmp_path, key, bom=True).read_bytes().startswith(BOM + b"format,chain,")


def test_no_cell_starts_with_what_a_spreadsheet_executes(tmp_path: Path, key: SigningKey) -> None:
    with exported(tmp_path, key).open(encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert "'=1+1" in cells
    assert not [cell for cell in cells if cell[:1] in EXECUTABLE - {"'"} and cell]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_making_a_cell_harmless_is_undone_exactly(cell: str) -> None:
    harmless = neutral(cell)
    assert not harmless or harmless[0] not in EXECUTABLE - {"'"}
    assert plain([harmless]) == (cell,)


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\t", "\rx", "'plain", "'"])
def test_a_cell_that_was_not_made_harmless_was_not_written_by_ketter(cell: str) -> None:
    assert plain(["fine", cell]) is None


def test_the_signature_tells_what_was_asked_for_and_what_is_there(
    tmp_path: Path, key: SigningKey
) -> None:
    members = signature_of(exported(tmp_path, key))
    assert members["filter"] == {"since": None, "transfer": None, "until": None}
    assert (members["is_partial"], members["count"]) == (False, len(ROWS))
    assert (members["first_sequence"], members["last_sequence"]) == (1, len(ROWS))
    assert members["head"] == {
        "chain": ROWS[0][1],
        "entry_hash": ROWS[-1][-1],
        "sequence": len(ROWS),
    }
    assert (members["key_id"], members["signed_us"]) == (key.key_id, 5)


def test_a_partial_export_says_that_it_is_one(tmp_path: Path, key: SigningKey) -> None:
    rows = [row for row in ROWS if row[5] == "2"]
    verdict = export(rows, path_in(tmp_path), key=key, head=end_of(ROWS), transfer=2, at_us=5)
    members = signature_of(tmp_path / "audit.csv")
    assert members["filter"] == {"since": None, "transfer": 2, "until": None}
    assert members["is_partial"] and verdict.is_partial
    assert (members["first_sequence"], members["count"]) == (2, len(rows))


def test_an_empty_export_is_fine_and_verifies(
    tmp_path: Path, data_dir: Path, key: SigningKey
) -> None:
    export([], path_in(tmp_path), key=key, head=end_of([]), at_us=5)
    verdict = verify_export(path_in(tmp_path), keys.trusted(data_dir))
    assert (verdict.entries, verdict.first_sequence, verdict.is_partial) == (0, 0, False)


def test_entries_that_came_after_the_head_are_left_out(
    tmp_path: Path, data_dir: Path, key: SigningKey
) -> None:
    export(ROWS, path_in(tmp_path), key=key, head=head_of(ROWS[7]), at_us=5)
    assert verify_export(path_in(tmp_path), keys.trusted(data_dir)).entries == 8


def test_both_files_are_for_their_user_alone(tmp_path: Path, key: SigningKey) -> None:
    exported(tmp_path, key)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("audit.csv*")}
    assert modes == {"audit.csv": 0o600, "audit.csv.sig": 0o600}


@pytest.mark.parametrize("taken", ["audit.csv", "audit.csv.sig"])
def test_nothing_is_overwritten_unless_asked_for(
    tmp_path: Path, data_dir: Path, key: SigningKey, taken: str
) -> None:
    (tmp_path / taken).write_text("mine")
    with pytest.raises(ExportFailed, match="File exists"):
        exported(tmp_path, key)
    assert [path.name for path in tmp_path.glob("*audit*")] == [taken]
    assert (tmp_path / taken).read_text() == "mine"
    exported(tmp_path, key, overwrite=True)
    assert verify_export(path_in(tmp_path), keys.trusted(data_dir)).entries == len(ROWS)


def test_a_folder_that_is_not_there_is_said(tmp_path: Path, key: SigningKey) -> None:
    with pytest.raises(ExportFailed, match="No such file or directory"):
        exported(tmp_path / "missing", key)


@pytest.mark.parametrize(
    "rows",
    [
        [*ROWS[:3], rehashed(ROWS[3], message="changed"), *ROWS[4:]],
        ROWS[:5] + ROWS[6:],
        ROWS[1:],
        ROWS[:-1],
        [],
    ],
    ids=["changed", "removed", "beheaded", "cut off", "emptied"],
)
def test_what_does_not_hold_is_not_signed(tmp_path: Path, key: SigningKey, rows: list[Row]) -> None:
    with pytest.raises(ChainBroken):
        exported(tmp_path, key, rows)
    assert list(tmp_path.glob("*audit*")) == []


def test_an_export_that_is_interrupted_leaves_nothing(tmp_path: Path, key: SigningKey) -> None:
    def interrupted() -> Iterator[Row]:
        yield from ROWS[:6]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(interrupted(), path_in(tmp_path), key=key, head=end_of(ROWS), at_us=5)
    assert list(tmp_path.glob("*audit*")) == []


def test_a_long_audit_is_written_and_verified_in_flat_memory(
    tmp_path: Path, data_dir: Path, key: SigningKey
) -> None:
    rows = chain_of(draft(number, "x" * 200) for number in range(8000))
    size_bytes = sum(len(cell) for row in rows for cell in row)
    tracemalloc.start()
    try:
        export(iter(rows), path_in(tmp_path), key=key, head=end_of(rows), at_us=5)
        verify_export(path_in(tmp_path), keys.trusted(data_dir))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 3_000_000 < size_bytes


def test_a_cell_longer_than_pythons_csv_reads_is_no_trouble(
    tmp_path: Path, data_dir: Path, key: SigningKey
) -> None:
    usual = csv.field_size_limit()
    rows = chain_of([draft(0, "x" * 300_000)])
    export(rows, path_in(tmp_path), key=key, head=end_of(rows), at_us=5)
    assert verify_export(path_in(tmp_path), keys.trusted(data_dir)).entries == 1
    assert csv.field_size_limit() == usual
