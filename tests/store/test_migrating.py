"""A newer Ketter and an older ledger: a backup first, then the steps, or nothing at all.

`schemas/N.sql` is schema N as it was released, with a row of everything in it. A new step
brings a new file: `python -m tests.store.test_migrating` writes the newest one; those of
released schemas never change.
"""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path

import pytest

from ketter_gui.domain.errors import DiskFull, KetterError, LedgerDamaged, LedgerNewer
from ketter_gui.store import Ledger, backups, models
from ketter_gui.store.backup_names import FOLDER, all_of
from ketter_gui.store.data_folder import LEDGER_NAME
from ketter_gui.store.migrations import SCHEMA, STEPS
from tests.disk.mounting import tmpfs
from tests.store.building import created, entry, length_of_unbroken_chain

ROOT = Path(__file__).parents[2]
SCHEMAS = Path(__file__).with_name("schemas")


def next_step(connection: sqlite3.Connection) -> None:
    """As a real one would: a column with a meaning for what is there already."""
    connection.execute("ALTER TABLE transfers ADD COLUMN project TEXT NOT NULL DEFAULT ''")
    connection.execute("UPDATE transfers SET project = 'of old'")


def failing_step(connection: sqlite3.Connection) -> None:
    next_step(connection)
    connection.execute("SELECT * FROM nowhere")


NEWER = (*STEPS, next_step)


def filled(data_dir: Path) -> int:
    with Ledger.open(data_dir) as ledger:
        transfer = created(ledger)
        ledger.transact(lambda tx: tx.chain([entry()]))
    return transfer


def schema_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def test_a_backup_is_made_before_a_step_and_both_have_what_was_there(data_dir: Path) -> None:
    transfer = filled(data_dir)
    with Ledger.open(data_dir, steps=NEWER) as ledger:
        query = "SELECT project FROM transfers WHERE id = ?"
        assert ledger.transact(lambda tx: tx.execute(query, (transfer,)).fetchone()) == ("of old",)
        assert length_of_unbroken_chain(ledger) > 0
    (backup,) = all_of(data_dir / LEDGER_NAME)
    assert (schema_of(backup), schema_of(data_dir / LEDGER_NAME)) == (SCHEMA, SCHEMA + 1)
    assert backup.stat().st_mode & 0o777 == 0o600
    assert backup.parent.stat().st_mode & 0o777 == 0o700
    shutil.rmtree(data_dir / "owners")
    (data_dir / LEDGER_NAME).unlink()
    shutil.copy(backup, data_dir / LEDGER_NAME)
    with Ledger.open(data_dir) as ledger:
        assert ledger.transfer(transfer).id == transfer
        assert length_of_unbroken_chain(ledger) > 0


def test_a_ledger_that_is_newer_is_refused_and_a_new_one_needs_no_backup(data_dir: Path) -> None:
    with Ledger.open(data_dir, steps=NEWER):
        pass
    assert all_of(data_dir / LEDGER_NAME) == []
    with pytest.raises(LedgerNewer):
        Ledger.open(data_dir)


def test_a_step_that_fails_leaves_everything_as_it_was(data_dir: Path) -> None:
    transfer = filled(data_dir)
    with pytest.raises(KetterError):
        Ledger.open(data_dir, steps=(*STEPS, failing_step))
    assert schema_of(data_dir / LEDGER_NAME) == SCHEMA
    with Ledger.open(data_dir) as ledger:
        assert ledger.transfer(transfer).id == transfer


def test_without_room_for_the_backup_nothing_is_migrated(tmp_path: Path) -> None:
    with tmpfs(tmp_path, "small", "4m") as folder:
        data_dir = folder / "data"
        filled(data_dir)
        with (folder / "filler").open("wb", buffering=0) as filler, suppress(OSError):
            while True:
                filler.write(bytes(4096))
        with pytest.raises(DiskFull):
            Ledger.open(data_dir, steps=NEWER)
        (folder / "filler").unlink()
        assert schema_of(data_dir / LEDGER_NAME) == SCHEMA
        assert list((data_dir / FOLDER).glob("*")) == []
        with Ledger.open(data_dir, steps=NEWER):
            assert len(all_of(data_dir / LEDGER_NAME)) == 1


@pytest.mark.parametrize("moment", ["before the backup has its name", "within the step"])
def test_a_process_that_is_killed_leaves_the_old_schema_or_the_new_one(
    data_dir: Path, moment: str
) -> None:
    transfer = filled(data_dir)
    words = [sys.executable, "-m", "tests.store.test_migrating", str(data_dir), moment]
    done = subprocess.run(words, cwd=ROOT)
    assert done.returncode == -signal.SIGKILL
    assert schema_of(data_dir / LEDGER_NAME) == SCHEMA
    with Ledger.open(data_dir, steps=NEWER) as ledger:
        assert ledger.transfer(transfer).id == transfer
    assert schema_of(data_dir / LEDGER_NAME) == SCHEMA + 1


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def dying_step(connection: sqlite3.Connection) -> None:
    next_step(connection)
    die()


def test_so_many_backups_are_kept_and_none_is_overwritten(data_dir: Path) -> None:
    filled(data_dir)
    with Ledger.open(data_dir) as ledger:
        made = [ledger.back_up() for _ in range(backups.KEPT + 2)]
        left = made[0].with_name(".12345678.part")
        left.touch()
        newer = made[0].with_name(".87654321.part")
        newer.touch()
        os.utime(left, (0, 0))
        made.append(ledger.back_up())
    assert len(set(made)) == len(made)
    assert set(all_of(data_dir / LEDGER_NAME)) == set(made[-backups.KEPT :])
    assert (left.exists(), newer.exists()) == (False, True)


def test_a_backup_is_whole_while_somebody_writes(data_dir: Path) -> None:
    filled(data_dir)
    with Ledger.open(data_dir) as ledger:
        for _ in range(10):
            ledger.submit(lambda tx: tx.chain([entry()]))
        backup = ledger.back_up()
        ledger.barrier()
    with closing(sqlite3.connect(backup)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_the_advice_for_a_damaged_ledger_works(data_dir: Path) -> None:
    """The newest backup is named, and put in its place it is a ledger."""
    transfer = filled(data_dir)
    with Ledger.open(data_dir) as ledger:
        backup = ledger.back_up()
    path = data_dir / LEDGER_NAME
    path.write_bytes(b"SQLite format 3\0" + bytes(8000))
    with pytest.raises(LedgerDamaged) as damaged:
        Ledger.open(data_dir)
    assert str(backup) in str(damaged.value)
    assert "without deleting it" in str(damaged.value)
    aside = data_dir / "aside"
    aside.mkdir()
    for one in data_dir.glob(f"{LEDGER_NAME}*"):
        one.rename(aside / one.name)
    shutil.copy(backup, path)
    with Ledger.open(data_dir) as ledger:
        assert ledger.transfer(transfer).id == transfer


# --- released schemas ---


@pytest.mark.parametrize("number", range(1, SCHEMA + 1))
def test_every_released_schema_comes_to_the_newest_one(data_dir: Path, number: int) -> None:
    data_dir.mkdir(mode=0o700)
    path = data_dir / LEDGER_NAME
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((SCHEMAS / f"{number}.sql").read_text("utf-8"))
    path.chmod(0o600)
    with Ledger.open(data_dir) as ledger:
        (record,) = ledger.transfers()
        assert length_of_unbroken_chain(ledger) == 2  # and that its process is gone
        (item,) = ledger.items(record.id)
        assert item.copies
    with closing(sqlite3.connect(path)) as connection, closing(fresh()) as wanted:
        assert tables_of(connection) == tables_of(wanted)


def test_the_newest_schema_is_written_down() -> None:
    """A step that changes it without a file of its own would leave nothing to test with."""
    with closing(sqlite3.connect(":memory:")) as connection, closing(fresh()) as wanted:
        connection.executescript((SCHEMAS / f"{SCHEMA}.sql").read_text("utf-8"))
        assert tables_of(connection) == tables_of(wanted)
        for model in models.ALL:
            name = model._meta.table_name
            assert connection.execute(f"SELECT count(*) FROM {name}").fetchone() is not None


def fresh() -> sqlite3.Connection:
    from ketter_gui.store.migrations import migrate

    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    return connection


def tables_of(connection: sqlite3.Connection) -> dict[str, object]:
    query = "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
    return {name: " ".join((sql or "").split()) for name, sql in connection.execute(query)}


def write_down(folder: Path) -> None:
    """The newest schema with a row of the most."""
    from tests.store.building import with_items

    with Ledger.open(folder) as ledger:
        transfer = created(ledger)
        with_items(ledger, transfer, 1)
        ledger.transact(lambda tx: tx.chain([entry()]))
    with closing(sqlite3.connect(folder / LEDGER_NAME)) as connection:
        lines = [*connection.iterdump()]
        marks = [
            f"PRAGMA {name} = {connection.execute(f'PRAGMA {name}').fetchone()[0]};"
            for name in ("application_id", "user_version")
        ]
    (SCHEMAS / f"{SCHEMA}.sql").write_text("\n".join([*marks, *lines]) + "\n", "utf-8")


if __name__ == "__main__":
    if len(sys.argv) == 1:
        import tempfile

        with tempfile.TemporaryDirectory() as room:
            write_down(Path(room, "data"))
    else:
        data, when = Path(sys.argv[1]), sys.argv[2]
        if when == "within the step":
            Ledger.open(data, steps=(*STEPS, dying_step))
        else:
            os.link = lambda *_args, **_more: die()
            Ledger.open(data, steps=NEWER)
