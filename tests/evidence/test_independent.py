"""A program that knows only what is documented comes to the same verdict as ours."""

from __future__ import annotations

import ast
import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ketter_gui.domain.chain import COLUMNS, Row
from ketter_gui.domain.errors import ChainBroken, SignatureWrong
from ketter_gui.evidence import keys
from ketter_gui.evidence.audit_csv import export, neutral
from ketter_gui.evidence.audit_verify import verify_export
from ketter_gui.evidence.keys import SigningKey
from tests.evidence import independent
from tests.evidence.building import chain_of, draft, end_of, path_in, rehashed, rewritten

_NASTY = (
    *('plain, "quoted"', "two\r\nlines", "=1+1", "'", "''=", "\\\\server\\x", "\x01\x1f\x7f"),
    *("\n=1", "＝1", "日本語 \u00e9 e\u0301", "😀\U0010ffff", "\ufeff", "\t", "/</script>"),
)
ROWS = chain_of(draft(number, words, number % 3 + 1) for number, words in enumerate(_NASTY))

Damage = Callable[[list[Row]], list[Row]]


def swapped(rows: list[Row]) -> list[Row]:
    return [*rows[:3], rows[4], rows[3], *rows[5:]]


def written(rows: list[Row], columns: tuple[str, ...] = COLUMNS) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([neutral(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8")


_DAMAGES: dict[str, Damage] = {
    "nothing": lambda rows: rows,
    "a cell": lambda rows: [*rows[:5], (*rows[5][:9], "other", *rows[5][10:]), *rows[6:]],
    "a cell, hash made to fit": lambda rows: [
        *rows[:5],
        rehashed(rows[5], message="other"),
        *rows[6:],
    ],
    "history rewritten": lambda rows: rewritten(rows, 5, message="other"),
    "two swapped": swapped,
    "one removed": lambda rows: rows[:6] + rows[7:],
    "the first removed": lambda rows: rows[1:],
    "one twice": lambda rows: [*rows[:6], *rows[5:]],
    "the end cut off": lambda rows: rows[:-2],
    "all removed": lambda rows: [],
    "one more": lambda rows: chain_of(
        [*(draft(n, words, n % 3 + 1) for n, words in enumerate(_NASTY)), draft(99)]
    ),
    "renumbered": lambda rows: [*rows[:4], rehashed(rows[4], sequence="9"), *rows[5:]],
    "another ledger": lambda rows: [*rows[:4], rehashed(rows[4], chain="0" * 32), *rows[5:]],
    "another format": lambda rows: [*rows[:4], rehashed(rows[4], format="x"), *rows[5:]],
    "a column more": lambda rows: [*rows[:4], (*rows[4], ""), *rows[5:]],
    "a column less": lambda rows: [*rows[:4], rows[4][:-1], *rows[5:]],
    "é spelt in two": lambda rows: [
        tuple(cell.replace("\u00e9", "e\u0301") for cell in row) for row in rows
    ],
}


def ours(path: bytes, trusted: keys.TrustedKeys) -> int | None:
    """The first bad entry, 0 when it is the signature, None when all holds."""
    try:
        verify_export(path, trusted)
    except ChainBroken as error:
        return int(error.facts["sequence"])
    except SignatureWrong:
        return 0
    return None


def theirs(path: Path, key: SigningKey) -> int | None:
    try:
        independent.verify(path, key.public)
    except independent.DamagedError as error:
        return error.sequence
    return None


def test_the_other_program_knows_nothing_of_ours() -> None:
    tree = ast.parse(Path(independent.__file__).read_text())
    imported = {
        name
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert {name.split(".")[0] for name in imported} == {
        *("__future__", "csv", "hashlib", "json", "sys", "pathlib", "cryptography")
    }


@pytest.mark.parametrize("what", _DAMAGES)
def test_both_find_the_same_entry(
    tmp_path: Path, data_dir: Path, key: SigningKey, what: str
) -> None:
    export(ROWS, path_in(tmp_path), key=key, head=end_of(ROWS), at_us=5)
    path = tmp_path / "audit.csv"
    assert path.read_bytes() == written(ROWS)
    path.write_bytes(written(_DAMAGES[what](list(ROWS))))
    found = ours(bytes(path), keys.trusted(data_dir))
    assert found == theirs(path, key)
    assert (found is None) == (what == "nothing")


@pytest.mark.parametrize("transfer", [2, None])
def test_both_verify_a_part(
    tmp_path: Path, data_dir: Path, key: SigningKey, transfer: int | None
) -> None:
    rows = [row for row in ROWS if row[5] == "2"] if transfer else ROWS[5:]
    since = "" if transfer else "2026-03-01"
    path = path_in(tmp_path)
    export(rows, path, key=key, head=end_of(ROWS), transfer=transfer, since=since, at_us=5)
    where = tmp_path / "audit.csv"
    assert independent.verify(where, key.public) == len(rows)
    where.write_bytes(written(rows[:2] + rows[3:]))
    expected = 0 if transfer else 8
    assert (ours(path, keys.trusted(data_dir)), theirs(where, key)) == (expected, expected)


@pytest.mark.parametrize("member", ["count", "filter", "rows_hash", "start", "head", "signed_us"])
def test_both_find_a_signature_that_was_changed(
    tmp_path: Path, data_dir: Path, key: SigningKey, other_key: SigningKey, member: str
) -> None:
    export(ROWS, path_in(tmp_path), key=key, head=end_of(ROWS), at_us=5)
    signature = tmp_path / "audit.csv.sig"
    said = json.loads(signature.read_bytes())
    signature.write_text(json.dumps({**said, member: type(said[member])()}))
    assert (
        ours(path_in(tmp_path), keys.trusted(data_dir)),
        theirs(tmp_path / "audit.csv", key),
    ) == (0, 0)
    signature.write_text(json.dumps(said))
    assert theirs(tmp_path / "audit.csv", other_key) == 0
    assert theirs(tmp_path / "audit.csv", key) is None
