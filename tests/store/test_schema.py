"""The schema: models and migrations agree, and the database holds the words itself."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from peewee import SqliteDatabase

from ketter_gui.domain.chain import COLUMNS
from ketter_gui.domain.items import ItemKind, Medium, ReadBack
from ketter_gui.domain.options import Mode
from ketter_gui.domain.status import CopyStatus, TransferStatus
from ketter_gui.store import ClaimKind, Wish, migrations, models
from ketter_gui.store.sql import raw


@pytest.fixture
def migrated() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("PRAGMA foreign_keys = 1")
    migrations.migrate(connection)
    yield connection
    connection.close()


def columns(connection: sqlite3.Connection, table: str) -> list[tuple[Any, ...]]:
    """Name, may it be null, its place in the primary key."""
    rows = connection.execute(f"PRAGMA table_info({table})").fetchall()
    return [(name, bool(not_null or key), key) for _, name, _, not_null, _, key in rows]


def test_every_table_has_its_model(migrated: sqlite3.Connection) -> None:
    tables = migrated.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    )
    assert {name for (name,) in tables} == {model._meta.table_name for model in models.ALL}


@pytest.mark.parametrize("model", models.ALL, ids=lambda model: model.__name__)
def test_a_model_has_the_columns_that_the_migrations_make(
    migrated: sqlite3.Connection, model: Any
) -> None:
    database = SqliteDatabase(":memory:")
    with database.bind_ctx([model]):
        database.create_tables([model])
        modelled = columns(raw(database), model._meta.table_name)
    database.close()
    made = columns(migrated, model._meta.table_name)
    assert sorted(modelled) == sorted(made)


def test_the_audit_has_the_cells_of_the_chain_in_their_order(migrated: sqlite3.Connection) -> None:
    assert tuple(name for name, *_ in columns(migrated, "audit")) == COLUMNS


def test_migrating_again_changes_nothing(migrated: sqlite3.Connection) -> None:
    before = migrated.execute("SELECT sql FROM sqlite_master").fetchall()
    assert migrations.migrate(migrated) == migrations.SCHEMA
    assert migrated.execute("SELECT sql FROM sqlite_master").fetchall() == before


@pytest.mark.parametrize(
    ("table", "column", "words"),
    [
        ("transfers", "status", TransferStatus),
        ("transfers", "mode", Mode),
        ("transfers", "wish", Wish),
        ("copies", "status", CopyStatus),
        ("copies", "read_back", ("", *ReadBack)),
        ("items", "kind", ItemKind),
        ("sources", "medium", Medium),
        ("destinations", "medium", Medium),
        ("claims", "kind", ClaimKind),
    ],
)
def test_the_database_knows_the_words_of_the_domain(
    migrated: sqlite3.Connection, table: str, column: str, words: Any
) -> None:
    sql = migrated.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
    (condition,) = re.findall(rf"CHECK \(({column} (?:IN|=) .*?'\)?)\)", sql)
    assert set(re.findall(r"'(\w*)'", condition)) == {str(word) for word in words}


@pytest.mark.parametrize(
    "statement",
    [
        (
            "INSERT INTO transfers (token, name, mode, status, options, created_us)"
            " VALUES ('00000000', '', 'copy', 'finished', '{}', 1)"
        ),
        (
            "INSERT INTO transfers (token, name, mode, status, options, created_us)"
            " VALUES ('short', '', 'copy', 'pending', '{}', 1)"
        ),
        (
            "INSERT INTO transfers (token, name, mode, status, options, created_us, owner)"
            " VALUES ('00000000', '', 'copy', 'pending', '{}', 1, 99)"
        ),
        (
            "INSERT INTO items (transfer, source, path, kind, size_bytes, mtime_ns, ctime_ns,"
            " device, inode, mode, uid, gid) VALUES (99, 0, x'00', 'file', 0,0,0,0,0,0,0,0)"
        ),
        "INSERT INTO claims (transfer, volume, within, kind) VALUES (1, 'v', 'text', 'shared')",
        "INSERT INTO ledger (id, chain, created_us) VALUES (2, 'x', 1)",
    ],
)
def test_the_database_refuses_what_only_a_bug_can_write(
    migrated: sqlite3.Connection, statement: str
) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        migrated.execute(statement)


def test_a_copy_is_proven_only_with_the_identity_of_its_part(migrated: sqlite3.Connection) -> None:
    migrated.execute("PRAGMA foreign_keys = 0")
    migrated.execute("INSERT INTO copies (item, destination, status) VALUES (1, 0, 'copying')")
    for status in ("proven", "verified"):
        with pytest.raises(sqlite3.IntegrityError):
            migrated.execute(f"UPDATE copies SET status = '{status}'")
