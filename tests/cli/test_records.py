"""History, audit, volumes and doctor: what is kept can be read, and is told apart when altered."""

from __future__ import annotations

import csv
import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ketter_gui.domain.chain import COLUMNS
from tests.builders import Card, drive, odd_card
from tests.cli.program import Ketter


@pytest.fixture
def copied(ketter: Ketter, card: Card, drives: tuple[Path, Path]) -> Ketter:
    """A ledger with one transfer to two drives."""
    done = ketter("copy", card.path, "--to", drives[0], "--to", drives[1])
    assert done.code == 0, done.err
    return ketter


# --- history -------------------------------------------------------------------------------


def test_an_empty_history_says_how_to_begin(ketter: Ketter) -> None:
    done = ketter("history")
    assert done.code == 0
    assert "ketter copy SOURCE --to DEST" in done.out
    assert ketter("history", "--json").out == ""


def test_history_lists_transfers_newest_first(copied: Ketter, card: Card, tmp_path: Path) -> None:
    assert copied("copy", card.path, "--to", drive(tmp_path, "THIRD")).code == 0
    rows = copied("history").out.splitlines()
    assert [row.split()[0] for row in rows] == ["2", "1"]
    assert "completed" in rows[0]
    assert "A001" in rows[0]
    assert [one["transfer"] for one in copied("history", "--json").objects] == [2, 1]


def test_one_transfer_is_shown_with_its_files_and_checksums(copied: Ketter, card: Card) -> None:
    done = copied("history", "show", "1")
    assert done.code == 0
    assert done.out.startswith("Transfer 1: copy, completed\n")
    for checksum in card.files().values():
        assert checksum in done.out


def test_each_copy_is_shown_with_its_drive_its_checksum_and_its_proof(
    ketter: Ketter, tmp_path: Path, drives: tuple[Path, Path]
) -> None:
    card = tmp_path / "A009"
    card.mkdir()
    (card / "clip.mxf").write_bytes(b"x")
    (card / "link").symlink_to("clip.mxf")
    ketter("copy", card, "--to", drives[0])
    ketter("copy", card, "--to", drives[0], "--to", drives[1], "--read-again")
    shown = ketter("history", "show", "2").out
    assert shown.count(hashlib.sha256(b"x").hexdigest()) == 3
    (item,) = [part for part in shown.split("\n  A009/") if part.startswith("clip.mxf (1 byte)")]
    source, there, there_words, made, made_words = item.splitlines()[1:]
    assert source.split()[:2] == ["source", "sha256"]
    assert there.split()[0] == "DRIVE_A"
    assert there_words.strip() == "already there, both sides read"
    assert made.split()[0] == "DRIVE_B"
    assert made_words.strip().startswith("verified, read back")
    assert "DRIVE_B  folder made" in shown
    assert "DRIVE_B  link made" in shown
    for raw in ("storage", "skipped"):
        assert raw not in shown


def test_one_transfer_as_objects_has_both_checksums_of_every_copy(
    copied: Ketter, card: Card
) -> None:
    transfer, *items = copied("history", "show", "1", "--json").objects
    assert (transfer["event"], transfer["status"], transfer["files"]) == (
        "transfer",
        "completed",
        7,
    )
    files = [one for one in items if one["kind"] == "file"]
    assert len(files) == 7
    for item in files:
        assert len(item["destinations"]) == 2
        for copy in item["destinations"]:
            assert copy["checksums"] == item["checksums"]


def test_failures_are_shown_with_what_to_do(
    ketter: Ketter, card: Card, drives: tuple[Path, Path]
) -> None:
    (drives[0] / "A001").mkdir()
    (drives[0] / "A001" / "zero.bin").write_bytes(b"theirs")
    ketter("copy", card.path, "--to", drives[0])
    shown = ketter("history", "show", "1").out
    assert "Failed:" in shown
    assert "  why       1 copy failed" in shown
    assert "already exists there and is different" in shown


def test_more_failures_than_fit_are_counted_and_the_rest_can_be_seen(
    ketter: Ketter, tmp_path: Path
) -> None:
    card, target = tmp_path / "A004", drive(tmp_path, "DRIVE")
    for folder, content in ((card, b"ours"), (target / "A004", b"theirs")):
        folder.mkdir()
        for number in range(30):
            (folder / f"clip{number:02d}.mxf").write_bytes(content)
    done = ketter("copy", card, "--to", target)
    assert done.code == 1
    assert done.err.count("already exists there and is different") == 20
    assert "and 10 more: “ketter history show 1 --data-dir " in done.err
    assert ketter("history", "show", "1").out.count("already exists there") == 30


# --- the audit -----------------------------------------------------------------------------


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_an_export_has_the_three_facts_of_every_file(
    copied: Ketter, card: Card, tmp_path: Path
) -> None:
    export = tmp_path / "audit.csv"
    done = copied("audit", "export", export)
    assert done.code == 0, done.err
    assert str(export) in done.out
    assert (tmp_path / "audit.csv.sig").is_file()
    rows = rows_of(export)
    assert tuple(rows[0]) == COLUMNS
    for name, checksum in card.files().items():
        path = "A001/" + name.decode()
        source = [
            row
            for row in rows
            if row["item_path"] == path and row["event"] == "CHECKSUM_CALCULATED"
        ]
        final = [
            row for row in rows if row["item_path"] == path and row["event"] == "CHECKSUM_VERIFIED"
        ]
        assert [row["source_checksum"] for row in source] == [checksum]
        assert [row["destination_checksum"] for row in final] == [checksum] * 2
        assert all(row["result"].startswith("FINAL") for row in final)


def test_an_export_verifies_and_so_does_the_ledger(copied: Ketter, tmp_path: Path) -> None:
    export = tmp_path / "audit.csv"
    copied("audit", "export", export)
    done = copied("audit", "verify", export)
    assert (done.code, done.err) == (0, "")
    assert "none altered" in done.out
    assert copied("audit", "verify").code == 0
    assert copied("audit", "verify", "--head", f"{export}.sig").code == 0
    assert copied("audit", "verify", export, "--head", f"{export}.sig").code == 0


def test_one_transfers_export_says_that_it_is_a_part(
    copied: Ketter, card: Card, tmp_path: Path
) -> None:
    copied("copy", card.path, "--to", drive(tmp_path, "THIRD"))
    export = tmp_path / "two.csv"
    assert "a part of the record" in copied("audit", "export", export, "--transfer", "2").out
    assert {row["transfer_id"] for row in rows_of(export)} == {"2"}
    assert "a part of the record" in copied("audit", "verify", export).out


def test_an_export_since_a_day_to_come_is_empty_and_verifies(
    copied: Ketter, tmp_path: Path
) -> None:
    export = tmp_path / "later.csv"
    assert copied("audit", "export", export, "--since", "2999-01-01").code == 0
    assert rows_of(export) == []
    assert copied("audit", "verify", export).code == 0


def test_a_byte_order_mark_is_written_only_when_asked(copied: Ketter, tmp_path: Path) -> None:
    copied("audit", "export", tmp_path / "plain.csv")
    copied("audit", "export", tmp_path / "bom.csv", "--bom")
    assert (tmp_path / "plain.csv").read_bytes()[:3] != b"\xef\xbb\xbf"
    assert (tmp_path / "bom.csv").read_bytes()[:3] == b"\xef\xbb\xbf"
    assert copied("audit", "verify", tmp_path / "bom.csv").code == 0


def test_an_export_never_replaces_a_file(copied: Ketter, tmp_path: Path) -> None:
    taken = tmp_path / "taken.csv"
    taken.write_text("mine")
    done = copied("audit", "export", taken)
    assert done.code == 1
    assert str(taken) in done.sentence
    assert taken.read_text() == "mine"


def test_an_export_to_nowhere_is_a_sentence(copied: Ketter, tmp_path: Path) -> None:
    done = copied("audit", "export", tmp_path / "no" / "such" / "audit.csv")
    assert done.code == 1
    assert "could not be written" in done.sentence


def changed_cell(text: bytes) -> bytes:
    return text.replace(b"CHECKSUM_VERIFIED", b"CHECKSUM_VERIFIEd", 1)


def removed_row(text: bytes) -> bytes:
    lines = text.split(b"\r\n")
    return b"\r\n".join(lines[:5] + lines[6:])


def swapped_rows(text: bytes) -> bytes:
    lines = text.split(b"\r\n")
    lines[4], lines[5] = lines[5], lines[4]
    return b"\r\n".join(lines)


def cut_short(text: bytes) -> bytes:
    return b"\r\n".join(text.split(b"\r\n")[:-3]) + b"\r\n"


@pytest.mark.parametrize("tamper", [changed_cell, removed_row, swapped_rows, cut_short])
def test_a_tampered_export_is_found(copied: Ketter, tmp_path: Path, tamper) -> None:  # type: ignore[no-untyped-def]
    export = tmp_path / "audit.csv"
    copied("audit", "export", export)
    before = export.read_bytes()
    export.write_bytes(tamper(before))
    assert export.read_bytes() != before
    done = copied("audit", "verify", export)
    assert (done.code, done.out) == (1, "")
    assert done.sentence.startswith(str(export))


def test_a_forged_export_is_named_with_its_entry(copied: Ketter, tmp_path: Path) -> None:
    export = tmp_path / "audit.csv"
    copied("audit", "export", export)
    export.write_bytes(changed_cell(export.read_bytes()))
    sentence = copied("audit", "verify", export).sentence
    assert sentence.startswith(f"{export}: The audit does not hold at entry ")


def test_an_export_without_its_signature_does_not_verify(copied: Ketter, tmp_path: Path) -> None:
    export = tmp_path / "audit.csv"
    copied("audit", "export", export)
    (tmp_path / "audit.csv.sig").unlink()
    done = copied("audit", "verify", export)
    assert done.code == 1
    assert "does not verify" in done.sentence


def test_another_ledgers_export_does_not_verify_here(copied: Ketter, tmp_path: Path) -> None:
    export = tmp_path / "audit.csv"
    copied("audit", "export", export)
    assert Ketter(tmp_path / "other")("audit", "verify", export).code == 1


def test_verifying_what_is_not_there_is_a_sentence(ketter: Ketter, tmp_path: Path) -> None:
    done = ketter("audit", "verify", tmp_path / "no.csv")
    assert done.code == 1
    assert done.sentence.startswith(f"{tmp_path / 'no.csv'} does not verify: it is not there.")


def test_odd_names_go_through_an_export_and_verify(ketter: Ketter, tmp_path: Path) -> None:
    ketter("copy", odd_card(tmp_path).path, "--to", drive(tmp_path, "DRIVE"))
    export = tmp_path / "-audit.csv"
    assert ketter("audit", "export", "--", "-audit.csv", cwd=tmp_path).code == 0
    assert export.is_file()
    assert ketter("audit", "verify", export).code == 0


# --- doctor and volumes --------------------------------------------------------------------


def test_a_well_ledger_is_said_to_be_well(copied: Ketter) -> None:
    done = copied("doctor")
    assert done.code == 0, done.out
    assert "NOT WELL" not in done.out
    assert str(copied.data_dir) in done.out


def test_volumes_are_listed_with_their_room(ketter: Ketter) -> None:
    done = ketter("volumes")
    assert done.code == 0
    assert "free of" in done.out
    for volume in ketter("volumes", "--json").objects:
        assert volume["event"] == "volume"
        assert volume["total_bytes"] >= volume["free_bytes"] >= 0


def test_what_is_altered_beside_the_chain_is_found_by_a_deep_look(copied: Ketter) -> None:
    done = copied("audit", "verify", "--deep")
    assert (done.code, "The ledger's tables agree with it: 1 transfer, " in done.out) == (0, True)
    with closing(sqlite3.connect(copied.data_dir / "ledger.sqlite3")) as database:
        change = "UPDATE copies SET checksums = replace(checksums, 'a', 'b') WHERE destination = 1"
        database.execute(change)
        database.commit()
    assert copied("audit", "verify").code == 0
    done = copied("audit", "verify", "--deep")
    assert done.code == 1
    assert "the checksum of its copy is not the one that was read back (entry " in done.out
    assert done.sentence.startswith("The ledger's tables do not say what its audit says in 7 pl")
    assert copied("audit", "verify", "audit.csv", "--deep").code == 2
