"""Verifying: any edit, insertion, removal, reorder or truncation is found (P7)."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from ketter_gui.domain.chain import COLUMNS, Head, Row, damage, head_of
from ketter_gui.domain.errors import ChainBroken, EvidenceError, SignatureWrong
from ketter_gui.evidence import heads, keys
from ketter_gui.evidence.audit_csv import BOM, export, neutral, plain
from ketter_gui.evidence.audit_verify import compare_head, verify_export, verify_ledger
from ketter_gui.evidence.keys import SigningKey
from tests.evidence.building import (
    CHAIN,
    chain_of,
    draft,
    end_of,
    path_in,
    rehashed,
    rewritten,
    signed,
    some_rows,
)

ROWS = some_rows()
Trusted = keys.TrustedKeys

fixtures_are_shared = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150
)


@pytest.fixture
def trusted(data_dir: Path, key: SigningKey) -> Trusted:
    return keys.trusted(data_dir)


# --- what somebody may do to a list of entries ----------------------------------------------

Tampering = Callable[[list[Row]], list[Row]]
cells = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
places = st.integers(0, len(ROWS) - 1)


def edit(at: int, column: int, value: str) -> Tampering:
    def apply(rows: list[Row]) -> list[Row]:
        changed = list(rows[at])
        changed[column] = value
        return [*rows[:at], tuple(changed), *rows[at + 1 :]]

    return apply


def careful_edit(at: int, value: str) -> Tampering:
    return lambda rows: [*rows[:at], rehashed(rows[at], message=value), *rows[at + 1 :]]


def history_rewritten(at: int, value: str) -> Tampering:
    return lambda rows: rewritten(rows, at, message=value)


def remove(at: int, count: int) -> Tampering:
    return lambda rows: rows[:at] + rows[at + count :]


def insert(at: int, what: int) -> Tampering:
    return lambda rows: [*rows[:at], rows[what], *rows[at:]]


def reorder(one: int, other: int) -> Tampering:
    def apply(rows: list[Row]) -> list[Row]:
        rows = list(rows)
        rows[one], rows[other] = rows[other], rows[one]
        return rows

    return apply


tamperings = st.one_of(
    st.builds(edit, places, st.integers(0, len(COLUMNS) - 1), cells),
    st.builds(careful_edit, places, cells),
    st.builds(history_rewritten, places, cells),
    st.builds(remove, places, st.integers(1, len(ROWS))),
    st.builds(insert, st.integers(0, len(ROWS) - 1), places),
    st.builds(reorder, places, places),
)


# --- a ledger -------------------------------------------------------------------------------


def test_an_untouched_ledger_holds(key: SigningKey, trusted: Trusted) -> None:
    signatures = [signed(key, head_of(ROWS[4]), 5), signed(key, end_of(ROWS), 9)]
    verdict = verify_ledger(iter(ROWS), signatures, trusted, CHAIN)
    assert (verdict.entries, verdict.first_sequence, verdict.last_sequence) == (12, 1, 12)
    assert (verdict.chain, verdict.head_hash) == (CHAIN, ROWS[-1][-1])
    assert (verdict.signed_us, verdict.key_id, verdict.is_partial) == (9, key.key_id, False)


def test_an_empty_ledger_holds(key: SigningKey, trusted: Trusted) -> None:
    assert verify_ledger([], [], trusted, CHAIN).entries == 0
    assert verify_ledger(ROWS, [signed(key, end_of([]))], trusted, CHAIN).entries == len(ROWS)


@fixtures_are_shared
@given(tampering=tamperings)
def test_whatever_is_done_to_a_signed_ledger_is_found(
    key: SigningKey, trusted: Trusted, tampering: Tampering
) -> None:
    altered = tampering(list(ROWS))
    assume(altered != ROWS)
    with pytest.raises(ChainBroken) as caught:
        verify_ledger(altered, [signed(key, end_of(ROWS))], trusted, CHAIN)
    assert 1 <= int(caught.value.facts["sequence"]) <= len(ROWS) + 1


@fixtures_are_shared
@given(tampering=tamperings)
def test_before_the_first_damage_everything_is_as_it_was(
    key: SigningKey, trusted: Trusted, tampering: Tampering
) -> None:
    altered = tampering(list(ROWS))
    assume(altered != ROWS)
    first = next(
        (at for at, pair in enumerate(zip(altered, ROWS, strict=False)) if pair[0] != pair[1]),
        min(len(altered), len(ROWS)),
    )
    with pytest.raises(ChainBroken) as caught:
        verify_ledger(altered, [signed(key, end_of(ROWS))], trusted, CHAIN)
    assert int(caught.value.facts["sequence"]) >= first + 1


@pytest.mark.parametrize("left", range(len(ROWS)))
def test_a_ledger_that_was_cut_off_is_found_by_its_signed_head(
    key: SigningKey, trusted: Trusted, left: int
) -> None:
    with pytest.raises(ChainBroken, match="the end was cut off: entry 12 was signed") as caught:
        verify_ledger(ROWS[:left], [signed(key, end_of(ROWS))], trusted, CHAIN)
    assert caught.value.facts["sequence"] == left + 1


def test_history_that_was_rewritten_is_found_by_any_older_head(
    key: SigningKey, trusted: Trusted
) -> None:
    altered = rewritten(ROWS, 3, message="nothing happened")
    signatures = [signed(key, head_of(ROWS[7]), 5), signed(key, end_of(altered), 9)]
    with pytest.raises(ChainBroken, match="not the entry that the signed head names") as caught:
        verify_ledger(altered, signatures, trusted, CHAIN)
    assert caught.value.facts["sequence"] == 8


def test_a_head_that_another_key_signed_is_not_believed(
    other_key: SigningKey, trusted: Trusted
) -> None:
    with pytest.raises(ChainBroken, match="a key that is not this ledger's"):
        verify_ledger(ROWS, [signed(other_key, end_of(ROWS))], trusted, CHAIN)


def test_a_head_that_was_changed_is_found(key: SigningKey, trusted: Trusted) -> None:
    altered = rewritten(ROWS, 3, message="nothing happened")
    forged = signed(key, end_of(ROWS))
    forged = type(forged)(end_of(altered), forged.signature, forged.key_id, forged.signed_us)
    with pytest.raises(ChainBroken, match="its signed head was changed"):
        verify_ledger(altered, [forged], trusted, CHAIN)


def test_another_ledgers_history_is_found(key: SigningKey, trusted: Trusted) -> None:
    others = chain_of([draft(1)], chain="0" * 32)
    with pytest.raises(ChainBroken, match="another ledger"):
        verify_ledger(others, [], trusted, CHAIN)
    with pytest.raises(ChainBroken, match="another ledger"):
        verify_ledger(ROWS, [signed(key, end_of(others))], trusted, CHAIN)


# --- a head that left the machine -----------------------------------------------------------


@pytest.fixture
def left_the_machine(tmp_path: Path, key: SigningKey) -> bytes:
    path = tmp_path / "head.json"
    path.write_bytes(heads.as_file(key, head_of(ROWS[7]), 5))
    return bytes(path)


def test_a_ledger_that_only_grew_agrees_with_an_older_head(
    left_the_machine: bytes, trusted: Trusted
) -> None:
    verdict = compare_head(iter(ROWS), left_the_machine, trusted)
    assert (verdict.entries, verdict.head_hash) == (12, ROWS[-1][-1])


def test_who_holds_the_key_and_rewrites_history_is_found_by_a_head_that_left(
    left_the_machine: bytes, key: SigningKey, trusted: Trusted
) -> None:
    altered = rewritten(ROWS, 3, message="nothing happened")
    verify_ledger(altered, [signed(key, end_of(altered))], trusted, CHAIN)
    with pytest.raises(ChainBroken, match="not the entry that the signed head names"):
        compare_head(altered, left_the_machine, trusted)
    with pytest.raises(ChainBroken, match="cut off"):
        compare_head(ROWS[:5], left_the_machine, trusted)


def test_an_exports_signature_serves_as_a_head(
    tmp_path: Path, key: SigningKey, trusted: Trusted
) -> None:
    export(ROWS[:8], path_in(tmp_path), key=key, head=head_of(ROWS[7]), at_us=5)
    assert compare_head(ROWS, path_in(tmp_path, "audit.csv.sig"), trusted).entries == 12


def test_a_head_of_another_key_or_ledger_is_refused(
    tmp_path: Path, other_key: SigningKey, key: SigningKey, trusted: Trusted
) -> None:
    path = tmp_path / "head.json"
    path.write_bytes(heads.as_file(other_key, end_of(ROWS), 5))
    with pytest.raises(SignatureWrong, match="a key that is not this ledger's"):
        compare_head(ROWS, bytes(path), trusted)
    path.write_bytes(heads.as_file(key, Head("0" * 32, 3, "0" * 64), 5))
    with pytest.raises(ChainBroken, match="another ledger"):
        compare_head(ROWS, bytes(path), trusted)


# --- an export ------------------------------------------------------------------------------


def as_csv(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([neutral(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8")


@pytest.fixture
def exported(tmp_path: Path, key: SigningKey) -> Path:
    export(ROWS, path_in(tmp_path), key=key, head=end_of(ROWS), at_us=5)
    return tmp_path / "audit.csv"


def rows_in(raw: bytes) -> list[Row | None]:
    text = io.StringIO(raw.decode("utf-8-sig"), newline="")
    return [plain(line) for line in csv.reader(text, strict=True)]


def test_an_untouched_export_holds(exported: Path, trusted: Trusted) -> None:
    verdict = verify_export(bytes(exported), trusted)
    assert (verdict.entries, verdict.first_sequence, verdict.last_sequence) == (12, 1, 12)
    assert (verdict.signed_us, verdict.is_partial) == (5, False)


@fixtures_are_shared
@given(tampering=tamperings)
def test_whatever_is_done_to_an_exports_entries_is_found(
    exported: Path, trusted: Trusted, tampering: Tampering
) -> None:
    altered = tampering(list(ROWS))
    assume(altered != ROWS)
    exported.write_bytes(as_csv(altered))
    with pytest.raises(EvidenceError):
        verify_export(bytes(exported), trusted)
    exported.write_bytes(as_csv(ROWS))
    verify_export(bytes(exported), trusted)


@fixtures_are_shared
@given(st.data())
def test_whatever_is_done_to_an_exports_bytes_is_found_or_changes_no_cell(
    exported: Path, trusted: Trusted, data: st.DataObject
) -> None:
    raw = as_csv(ROWS)
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, min(start + 40, len(raw))))
    altered = raw[:start] + data.draw(st.binary(max_size=3)) + raw[end:]
    exported.write_bytes(altered)
    try:
        verify_export(bytes(exported), trusted)
    except EvidenceError:
        return
    assert rows_in(altered) == rows_in(raw)


@pytest.mark.parametrize("count", [1, 3])
def test_entries_added_to_an_export_are_found(exported: Path, trusted: Trusted, count: int) -> None:
    """They continue the chain without a flaw; the signature does not know them."""
    longer = some_rows(12 + count)
    assert longer[:12] == ROWS
    assert damage(longer[12], end_of(ROWS)) == ""
    exported.write_bytes(as_csv(longer))
    with pytest.raises(SignatureWrong, match="does not hold the entries that were signed"):
        verify_export(bytes(exported), trusted)


@pytest.mark.parametrize("left", range(len(ROWS)))
def test_an_export_that_was_cut_off_is_found(exported: Path, trusted: Trusted, left: int) -> None:
    exported.write_bytes(as_csv(ROWS[:left]))
    with pytest.raises(ChainBroken, match="was signed up to entry 12") as caught:
        verify_export(bytes(exported), trusted)
    assert caught.value.facts["sequence"] == left + 1


def test_a_byte_order_mark_makes_no_difference(exported: Path, trusted: Trusted) -> None:
    exported.write_bytes(BOM + exported.read_bytes())
    assert verify_export(bytes(exported), trusted).entries == 12


def test_an_export_without_its_signature_does_not_verify(exported: Path, trusted: Trusted) -> None:
    exported.with_name("audit.csv.sig").unlink()
    with pytest.raises(SignatureWrong, match=r"audit\.csv\.sig does not verify: it is not there"):
        verify_export(bytes(exported), trusted)


def test_an_export_of_another_key_does_not_verify(
    tmp_path: Path, other_key: SigningKey, trusted: Trusted
) -> None:
    export(ROWS, path_in(tmp_path), key=other_key, head=end_of(ROWS), at_us=5)
    with pytest.raises(SignatureWrong, match="signed with a key that is not this ledger's"):
        verify_export(path_in(tmp_path), trusted)


def test_a_signature_of_something_else_does_not_verify_an_export(
    exported: Path, key: SigningKey, trusted: Trusted
) -> None:
    signature = exported.with_name("audit.csv.sig")
    signature.write_bytes(heads.as_file(key, end_of(ROWS), 5))
    with pytest.raises(SignatureWrong, match="not one of Ketter's signatures"):
        verify_export(bytes(exported), trusted)


def test_a_signature_of_another_export_does_not_verify_this_one(
    exported: Path, key: SigningKey, trusted: Trusted, tmp_path: Path
) -> None:
    other = tmp_path / "other.csv"
    altered = rewritten(ROWS, 3, message="nothing happened")
    export(altered, bytes(other), key=key, head=end_of(altered), at_us=5)
    os.replace(tmp_path / "other.csv.sig", tmp_path / "audit.csv.sig")
    with pytest.raises(SignatureWrong, match="not the ones that were signed"):
        verify_export(bytes(exported), trusted)


@fixtures_are_shared
@given(at=st.integers(0, 2000), byte=st.integers(0, 255))
def test_whatever_is_done_to_a_signature_is_found(
    exported: Path, trusted: Trusted, at: int, byte: int
) -> None:
    signature = exported.with_name("audit.csv.sig")
    raw = signature.read_bytes()
    at %= len(raw) - 1  # the last one is a newline, which JSON passes over
    assume(raw[at] != byte)
    signature.write_bytes(raw[:at] + bytes([byte]) + raw[at + 1 :])
    with pytest.raises(SignatureWrong):
        verify_export(bytes(exported), trusted)
    signature.write_bytes(raw)


def test_a_partial_export_cannot_be_passed_off_as_a_whole_one(
    tmp_path: Path, key: SigningKey, trusted: Trusted
) -> None:
    export(ROWS[4:], path_in(tmp_path), key=key, head=end_of(ROWS), since="2026-03-01", at_us=5)
    assert verify_export(path_in(tmp_path), trusted).is_partial
    signature = tmp_path / "audit.csv.sig"
    signature.write_bytes(signature.read_bytes().replace(b":true", b":false"))
    with pytest.raises(SignatureWrong, match="changed after it was signed"):
        verify_export(path_in(tmp_path), trusted)


@fixtures_are_shared
@given(tampering=tamperings)
def test_whatever_is_done_to_a_partial_export_is_found(
    tmp_path: Path, key: SigningKey, trusted: Trusted, tampering: Tampering
) -> None:
    path = tmp_path / "part.csv"
    for transfer, since, part in (
        (2, "", [row for row in ROWS if row[5] == "2"]),
        (None, "2026-03-01", ROWS[5:]),
    ):
        export(
            part,
            bytes(path),
            key=key,
            head=end_of(ROWS),
            transfer=transfer,
            since=since,
            overwrite=True,
            at_us=5,
        )
        altered = part
        with suppress(IndexError):
            altered = tampering(list(part))
        if altered == part:
            continue
        path.write_bytes(as_csv(altered))
        with pytest.raises(EvidenceError):
            verify_export(bytes(path), trusted)


def test_another_transfers_entry_is_found_in_a_transfers_export(
    tmp_path: Path, key: SigningKey
) -> None:
    with pytest.raises(ChainBroken, match="does not belong to transfer 2"):
        export(ROWS, path_in(tmp_path), key=key, head=end_of(ROWS), transfer=2, at_us=5)


def test_an_export_is_compared_with_a_head_that_left_earlier(
    exported: Path, left_the_machine: bytes, trusted: Trusted, tmp_path: Path, key: SigningKey
) -> None:
    assert verify_export(bytes(exported), trusted, left_the_machine).entries == 12
    altered = rewritten(ROWS, 3, message="nothing happened")
    path = tmp_path / "altered.csv"
    export(altered, bytes(path), key=key, head=end_of(altered), at_us=5)
    verify_export(bytes(path), trusted)
    with pytest.raises(ChainBroken, match="not the entry that the signed head names"):
        verify_export(bytes(path), trusted, left_the_machine)


def test_an_auditor_without_the_ledger_vouches_by_the_head_he_was_given(
    exported: Path, left_the_machine: bytes
) -> None:
    with pytest.raises(SignatureWrong, match="not this ledger's"):
        verify_export(bytes(exported), {})
    assert verify_export(bytes(exported), {}, left_the_machine).entries == 12


def test_an_export_that_does_not_hold_the_given_entry_cannot_be_compared(
    left_the_machine: bytes, trusted: Trusted, tmp_path: Path, key: SigningKey
) -> None:
    part = [row for row in ROWS if row[5] == "1"]
    export(part, path_in(tmp_path), key=key, head=end_of(ROWS), transfer=1, at_us=5)
    with pytest.raises(SignatureWrong, match="does not hold entry 8"):
        verify_export(path_in(tmp_path), trusted, left_the_machine)
    same = tmp_path / "same.json"
    same.write_bytes(heads.as_file(key, end_of(ROWS), 5))
    assert verify_export(path_in(tmp_path), trusted, bytes(same)).entries == 4
    other = tmp_path / "other.json"
    other.write_bytes(heads.as_file(key, Head("0" * 32, 12, "0" * 64), 5))
    with pytest.raises(ChainBroken, match="another ledger"):
        verify_export(path_in(tmp_path), trusted, bytes(other))


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "does not begin with the audit's columns"),
        (b"a,b,c\r\n", "does not begin with the audit's columns"),
        (",".join(COLUMNS).encode() + b'\r\n"open', "is no CSV"),
        (",".join(COLUMNS).encode() + b'\r\n"a"b\r\n', "is no CSV"),
        (",".join(COLUMNS).encode() + b"\r\n\xff\xfe\r\n", "not UTF-8"),
        (",".join(COLUMNS).encode() + b"\r\n=1\r\n", "line 2 is not as it was written"),
        (",".join(COLUMNS).encode() + b"\r\n\r\n", "has 0 columns"),
        (b"\0" * 4096, "does not begin with the audit's columns"),
    ],
)
def test_a_file_that_is_no_audit_gets_a_sentence(
    exported: Path, trusted: Trusted, raw: bytes, words: str
) -> None:
    exported.write_bytes(raw)
    with pytest.raises(EvidenceError, match=words):
        verify_export(bytes(exported), trusted)


def test_a_file_that_cannot_be_read_gets_a_sentence(exported: Path, trusted: Trusted) -> None:
    exported.unlink()
    with pytest.raises(SignatureWrong, match="it is not there"):
        verify_export(bytes(exported), trusted)
    os.mkfifo(exported)
    with pytest.raises(SignatureWrong, match="not a plain file"):
        verify_export(bytes(exported), trusted)
    exported.unlink()
    exported.mkdir()
    with pytest.raises(SignatureWrong, match="cannot be read"):
        verify_export(bytes(exported), trusted)
