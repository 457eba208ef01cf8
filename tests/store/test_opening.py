"""Opening: the right place and modes, and a sentence for every ledger that cannot be used."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from ketter_gui.domain.errors import (
    DiskFull,
    KetterError,
    LedgerBusy,
    LedgerDamaged,
    LedgerError,
    LedgerNewer,
    LedgerOnNetwork,
    LedgerUnusable,
)
from ketter_gui.domain.items import Medium, Place
from ketter_gui.store import Ledger, Transaction, connection, data_folder
from ketter_gui.store.data_folder import LEDGER_NAME
from ketter_gui.store.migrations import SCHEMA
from tests.store.building import created, entry, length_of_unbroken_chain


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def bytes_below(folder: Path) -> dict[str, bytes]:
    """Everything in a folder but the locks, which tell who looked."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.parent.name != "owners"
    }


def close_well(data_dir: Path) -> None:
    with Ledger.open(data_dir):
        pass


def test_a_new_ledger_is_for_its_user_alone(data_dir: Path) -> None:
    with Ledger.open(data_dir) as ledger:
        created(ledger)
        assert mode_of(data_dir) == 0o700
        files = [path for path in data_dir.iterdir() if path.is_file()]
        assert {path.name for path in files} >= {LEDGER_NAME, LEDGER_NAME + "-wal"}
        assert {mode_of(path) for path in files} == {0o600}
        assert mode_of(data_dir / "owners") == 0o700


def test_a_ledger_that_others_could_read_is_closed_to_them(data_dir: Path) -> None:
    close_well(data_dir)
    data_dir.chmod(0o755)
    (data_dir / LEDGER_NAME).chmod(0o644)
    close_well(data_dir)
    assert (mode_of(data_dir), mode_of(data_dir / LEDGER_NAME)) == (0o700, 0o600)


def test_a_folder_that_holds_other_things_keeps_its_mode(data_dir: Path) -> None:
    data_dir.mkdir()
    data_dir.chmod(0o755)
    (data_dir / "notes.txt").touch()
    close_well(data_dir)
    assert mode_of(data_dir) == 0o755


def test_a_folder_in_which_others_may_write_is_refused(data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "notes.txt").touch()
    data_dir.chmod(0o777)
    with pytest.raises(LedgerUnusable, match="others may write in its folder"):
        Ledger.open(data_dir)
    assert [path.name for path in data_dir.iterdir()] == ["notes.txt"]


def test_a_ledger_keeps_its_chain_over_restarts(data_dir: Path) -> None:
    with Ledger.open(data_dir) as ledger:
        chain = ledger.chain
        ledger.transact(lambda tx: tx.chain([entry()]))
    with Ledger.open(data_dir) as ledger:
        assert ledger.chain == chain
        assert length_of_unbroken_chain(ledger) == 1


def test_a_closed_ledger_leaves_one_file_and_no_lock(data_dir: Path) -> None:
    close_well(data_dir)
    assert [path.name for path in data_dir.iterdir() if path.is_file()] == [LEDGER_NAME]
    assert list((data_dir / "owners").iterdir()) == []


def test_closing_twice_is_fine_and_using_it_afterwards_is_said(data_dir: Path) -> None:
    ledger = Ledger.open(data_dir)
    ledger.close()
    ledger.close()
    with pytest.raises(LedgerUnusable, match="it was closed"):
        ledger.barrier()
    with pytest.raises(LedgerUnusable, match="it was closed"):
        ledger.submit(lambda tx: None)


def test_settings_are_the_durable_ones(ledger: Ledger) -> None:
    def pragmas(tx: Transaction) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "journal_size_limit")
        return [tx.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

    assert ledger.transact(pragmas) == ["wal", 2, 1, connection.JOURNAL_LIMIT_BYTES]


# --- a ledger that cannot be used: a sentence each, and nothing harmed ----------------------


@contextmanager
def refused(data_dir: Path, error: type[KetterError], words: str) -> Iterator[None]:
    before = bytes_below(data_dir)
    with pytest.raises(error, match=words) as caught:
        yield
    said = str(caught.value)
    assert LEDGER_NAME in said
    assert "Traceback" not in said and said.endswith(".")
    assert bytes_below(data_dir) == before
    assert [path for path in data_dir.glob("owners/*") if path.is_file()] == []


def test_a_file_that_is_no_database_is_refused(data_dir: Path) -> None:
    data_dir.mkdir(mode=0o700)
    (data_dir / LEDGER_NAME).write_bytes(b"this is a shopping list\n" * 400)
    with refused(data_dir, LedgerDamaged, "file is not a database"):
        Ledger.open(data_dir)


def filled(data_dir: Path) -> Path:
    with Ledger.open(data_dir) as ledger:
        for _ in range(20):
            created(ledger)
        ledger.transact(lambda tx: tx.chain([entry()] * 500))
    return data_dir / LEDGER_NAME


def test_a_truncated_ledger_is_refused(data_dir: Path) -> None:
    path = filled(data_dir)
    os.truncate(path, path.stat().st_size // 3)
    with refused(data_dir, LedgerDamaged, "damaged"):
        Ledger.open(data_dir)


def test_a_ledger_with_a_page_of_garbage_is_refused(data_dir: Path) -> None:
    path = filled(data_dir)
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2 // 4096 * 4096)
        file.write(b"\xa5" * 4096)
    with refused(data_dir, LedgerDamaged, "damaged"):
        Ledger.open(data_dir)


def test_of_a_large_ledger_the_tables_that_work_needs_are_checked(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = filled(data_dir)
    monkeypatch.setattr(connection, "CHECKED_WHOLE_BYTES", 0)
    close_well(data_dir)
    os.truncate(path, 4096 * 3)
    with refused(data_dir, LedgerDamaged, "damaged"):
        Ledger.open(data_dir)


def test_a_whole_check_finds_what_the_quick_one_passed_over(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = filled(data_dir)
    with path.open("r+b") as file:
        file.seek(path.stat().st_size - 4096)
        file.write(b"\xa5" * 4096)
    monkeypatch.setattr(connection, "CHECKED_WHOLE_BYTES", 0)
    with Ledger.open(data_dir) as ledger, pytest.raises(LedgerDamaged, match="damaged"):
        ledger.check()


def test_a_sound_ledger_passes_the_whole_check(ledger: Ledger) -> None:
    created(ledger)
    ledger.check()


def test_another_programs_database_is_refused(data_dir: Path) -> None:
    data_dir.mkdir(mode=0o700)
    other = sqlite3.connect(data_dir / LEDGER_NAME)
    other.execute("CREATE TABLE recipes (name TEXT)")
    other.commit()
    other.close()
    with refused(data_dir, LedgerDamaged, "another program's database"):
        Ledger.open(data_dir)


def test_a_newer_ledger_is_refused(data_dir: Path) -> None:
    close_well(data_dir)
    newer = sqlite3.connect(data_dir / LEDGER_NAME)
    newer.execute(f"PRAGMA user_version = {SCHEMA + 5}")
    newer.close()
    with refused(data_dir, LedgerNewer, f"schema {SCHEMA + 5}, this one knows {SCHEMA}"):
        Ledger.open(data_dir)


def test_a_ledger_that_another_program_locks_is_busy(data_dir: Path) -> None:
    close_well(data_dir)
    other = sqlite3.connect(data_dir / LEDGER_NAME, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(LedgerBusy, match="locked by another program"):
            Ledger.open(data_dir, busy_s=0.05)
    finally:
        other.execute("ROLLBACK")
        other.close()
    close_well(data_dir)


def test_a_ledger_on_a_network_volume_is_refused(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    share = Place("//nas/share", b"ketter", Medium.SERVER, (), "NAS")
    monkeypatch.setattr(data_folder, "locate", lambda path: share)
    with pytest.raises(LedgerOnNetwork, match=r"network volume \(NAS\)"):
        Ledger.open(data_dir)
    assert list(data_dir.iterdir()) == []
    monkeypatch.setattr(data_folder, "locate", lambda path: replace(share, medium=Medium.STORAGE))
    close_well(data_dir)


def test_a_data_folder_that_is_a_file_is_refused(data_dir: Path) -> None:
    data_dir.write_text("not a folder")
    with pytest.raises(LedgerUnusable, match="its data folder is a file"):
        Ledger.open(data_dir)


def test_a_ledger_that_is_a_folder_or_a_link_is_refused(data_dir: Path, tmp_path: Path) -> None:
    (data_dir / LEDGER_NAME).mkdir(parents=True)
    with pytest.raises(LedgerUnusable, match="not a plain file"):
        Ledger.open(data_dir)
    (data_dir / LEDGER_NAME).rmdir()
    (data_dir / LEDGER_NAME).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(LedgerUnusable, match="not a plain file"):
        Ledger.open(data_dir)
    assert not (tmp_path / "elsewhere").exists()


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Root may write in a folder of mode 0500, but not on a read-only mount."""
    if os.geteuid() != 0:
        folder.chmod(0o500)
        try:
            yield
        finally:
            folder.chmod(0o700)
        return
    bind = [["mount", "--bind", str(folder), str(folder)]]
    bind += [["mount", "-o", "remount,bind,ro", str(folder)]]
    if any(subprocess.run(command, capture_output=True).returncode for command in bind):
        pytest.skip("mounting is not allowed here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_read_only_data_folder_is_refused(data_dir: Path) -> None:
    close_well(data_dir)
    with read_only(data_dir), refused(data_dir, LedgerUnusable, "cannot be used: "):
        Ledger.open(data_dir)
    close_well(data_dir)


def test_every_refusal_is_told_apart_from_a_failed_copy() -> None:
    for error in (LedgerDamaged, LedgerNewer, LedgerUnusable, LedgerOnNetwork):
        assert issubclass(error, LedgerError)
    assert LedgerBusy.exit_code == 3


def failed(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("as SQLite says it")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (sqlite3.SQLITE_BUSY, LedgerBusy),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, LedgerBusy),
        (sqlite3.SQLITE_LOCKED, LedgerBusy),
        (sqlite3.SQLITE_FULL, DiskFull),
        (sqlite3.SQLITE_CORRUPT, LedgerDamaged),
        (sqlite3.SQLITE_NOTADB, LedgerDamaged),
        (sqlite3.SQLITE_READONLY_DBMOVED, LedgerUnusable),
        (sqlite3.SQLITE_IOERR_FSYNC, LedgerUnusable),
        (sqlite3.SQLITE_CANTOPEN, LedgerUnusable),
        (sqlite3.SQLITE_CONSTRAINT_CHECK, type(None)),
        (sqlite3.SQLITE_MISUSE, type(None)),
    ],
)
def test_every_word_of_sqlite_has_one_of_ours_unless_it_is_a_bug(
    tmp_path: Path, code: int, kind: type[KetterError | None]
) -> None:
    assert type(connection.named(failed(code), tmp_path / LEDGER_NAME)) is kind


def test_an_io_error_without_room_is_a_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "SPACE_NEEDED_BYTES", 1 << 62)
    error = connection.named(failed(sqlite3.SQLITE_IOERR_SHMSIZE), tmp_path / LEDGER_NAME)
    assert type(error) is DiskFull


def test_a_table_that_is_gone_is_damage(ledger: Ledger) -> None:
    with pytest.raises(LedgerDamaged, match="no such table: recipes"):
        ledger.transact(lambda tx: tx.execute("SELECT * FROM recipes"))
