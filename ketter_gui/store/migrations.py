"""The ledger's schema, step by step from number one; `PRAGMA user_version` counts them.

A step that was released never changes: its SQL is written out here, while the models
follow the newest schema. What a status can be is a CHECK in the database as well.

Why some tables are as they are:

    items, copies   narrow and without foreign keys into them except their parents: they
                    hold millions of rows, and are only written in bulk; `_one_of` says how
                    their words are checked
    copies          WITHOUT ROWID: its key is its order, and there is no second tree
    audit           the cells of `domain.chain.COLUMNS`, and no foreign key: it outlives
                    the transfers that it tells of
    expected        only for files that a manifest speaks of; they leave with their items
    taken           no foreign key to transfers: it outlives them. A folder that was taken
                    with what is in it has -1 for its size
    paths           BLOB, checked: a path that became text somewhere is a bug
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Final

from ketter_gui.domain.chain import COLUMNS

APPLICATION_ID: Final = 0x4B455454
"""`KETT`: tells our ledger from another program's database."""

_TRANSFER_STATUSES: Final = (
    "'pending','preparing','running','waiting','paused','interrupted','completed','failed',"
    "'cancelled'"
)
_COPY_STATUSES: Final = (
    "pending",
    "copying",
    "verifying",
    "proven",
    "verified",
    "renamed",
    "copied",
    "skipped",
    "failed",
    "cancelled",
)


def _one_of(column: str, *words: str) -> str:
    """The condition that a column is one of these words.

    Not `IN (…)`: for more than two words SQLite fills a table with them anew for each row
    that it writes, which was 65 % of what the UPDATE of a copy cost.
    """
    return " OR ".join(f"{column} = '{word}'" for word in words)


FOLDER_DEPTH: Final = "length(path) - length(CAST(replace(CAST(path AS TEXT), '/', '') AS BLOB))"
"""How many slashes a path has. A query that is to use the index spells it the same way."""

_AUDIT_CELLS: Final = ",\n    ".join(
    f"{column} INTEGER PRIMARY KEY" if column == "sequence" else f"{column} TEXT NOT NULL"
    for column in COLUMNS
)

_SCHEMA_1: Final = (
    """
CREATE TABLE ledger (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    chain TEXT NOT NULL CHECK (length(chain) = 32),
    created_us INTEGER NOT NULL,
    pruned_us INTEGER NOT NULL DEFAULT 0)""",
    """
CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL) WITHOUT ROWID""",
    """
CREATE TABLE owners (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    lock_name TEXT NOT NULL UNIQUE,
    pid INTEGER NOT NULL,
    host TEXT NOT NULL,
    started_us INTEGER NOT NULL)""",
    f"""
CREATE TABLE transfers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    token TEXT NOT NULL UNIQUE CHECK (length(token) = 8),
    name TEXT NOT NULL,
    mode TEXT NOT NULL CHECK (mode IN ('copy','move')),
    status TEXT NOT NULL CHECK (status IN ({_TRANSFER_STATUSES})),
    options TEXT NOT NULL,
    created_us INTEGER NOT NULL,
    started_us INTEGER NOT NULL DEFAULT 0,
    finished_us INTEGER NOT NULL DEFAULT 0,
    owner INTEGER REFERENCES owners (id) ON DELETE SET NULL,
    wish TEXT NOT NULL DEFAULT '' CHECK (wish IN ('','pause','resume','cancel')),
    files_total INTEGER NOT NULL DEFAULT 0,
    bytes_total INTEGER NOT NULL DEFAULT 0,
    is_scanned INTEGER NOT NULL DEFAULT 0 CHECK (is_scanned IN (0,1)),
    special_skipped INTEGER NOT NULL DEFAULT 0,
    copies_from_cache INTEGER NOT NULL DEFAULT 0,
    copies_doubted INTEGER NOT NULL DEFAULT 0,
    is_hidden INTEGER NOT NULL DEFAULT 0 CHECK (is_hidden IN (0,1)),
    originals_removed INTEGER NOT NULL DEFAULT 0,
    files_renamed INTEGER NOT NULL DEFAULT 0,
    bytes_renamed INTEGER NOT NULL DEFAULT 0,
    bytes_copied INTEGER NOT NULL DEFAULT 0,
    bytes_verified INTEGER NOT NULL DEFAULT 0,
    files_verified INTEGER NOT NULL DEFAULT 0,
    files_failed INTEGER NOT NULL DEFAULT 0,
    files_skipped INTEGER NOT NULL DEFAULT 0,
    bytes_per_second INTEGER NOT NULL DEFAULT 0,
    message TEXT NOT NULL DEFAULT '',
    waits_for INTEGER REFERENCES transfers (id) ON DELETE SET NULL,
    watch INTEGER)""",
    "CREATE INDEX transfers_watch ON transfers (watch) WHERE watch IS NOT NULL",
    "CREATE INDEX transfers_status ON transfers (status)",
    "CREATE INDEX transfers_owner ON transfers (owner) WHERE owner IS NOT NULL",
    "CREATE INDEX transfers_doubted ON transfers (copies_doubted) WHERE copies_doubted > 0",
    "CREATE INDEX transfers_hidden ON transfers (is_hidden) WHERE is_hidden = 1",
    "CREATE INDEX transfers_waits_for ON transfers (waits_for) WHERE waits_for IS NOT NULL",
    """
CREATE TABLE sources (
    transfer INTEGER NOT NULL REFERENCES transfers (id) ON DELETE CASCADE,
    idx INTEGER NOT NULL CHECK (idx >= 0),
    path BLOB NOT NULL CHECK (typeof(path) = 'blob'),
    name BLOB NOT NULL CHECK (typeof(name) = 'blob'),
    kind TEXT NOT NULL CHECK (kind IN ('file','folder','symlink')),
    volume TEXT NOT NULL,
    within BLOB NOT NULL CHECK (typeof(within) = 'blob'),
    medium TEXT NOT NULL CHECK (medium IN ('storage','server','memory')),
    devices TEXT NOT NULL,
    label TEXT NOT NULL,
    volume_kind TEXT NOT NULL,
    PRIMARY KEY (transfer, idx)) WITHOUT ROWID""",
    "CREATE INDEX sources_place ON sources (volume, within)",
    """
CREATE TABLE destinations (
    transfer INTEGER NOT NULL REFERENCES transfers (id) ON DELETE CASCADE,
    idx INTEGER NOT NULL CHECK (idx >= 0),
    path BLOB NOT NULL CHECK (typeof(path) = 'blob'),
    volume TEXT NOT NULL,
    within BLOB NOT NULL CHECK (typeof(within) = 'blob'),
    medium TEXT NOT NULL CHECK (medium IN ('storage','server','memory')),
    devices TEXT NOT NULL,
    label TEXT NOT NULL,
    volume_kind TEXT NOT NULL,
    files_verified INTEGER NOT NULL DEFAULT 0,
    files_failed INTEGER NOT NULL DEFAULT 0,
    bytes_verified INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (transfer, idx)) WITHOUT ROWID""",
    "CREATE INDEX destinations_place ON destinations (volume, within)",
    f"""
CREATE TABLE items (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    transfer INTEGER NOT NULL REFERENCES transfers (id) ON DELETE CASCADE,
    source INTEGER NOT NULL,
    path BLOB NOT NULL CHECK (typeof(path) = 'blob'),
    kind TEXT NOT NULL CHECK ({_one_of("kind", "file", "folder", "symlink")}),
    size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
    mtime_ns INTEGER NOT NULL,
    ctime_ns INTEGER NOT NULL,
    device INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    mode INTEGER NOT NULL,
    uid INTEGER NOT NULL,
    gid INTEGER NOT NULL,
    links INTEGER NOT NULL DEFAULT 1,
    data_bytes INTEGER CHECK (data_bytes >= 0),
    checksums TEXT NOT NULL DEFAULT '',
    read_in INTEGER,
    set_aside BLOB CHECK (typeof(set_aside) IN ('blob','null')),
    is_removed INTEGER NOT NULL DEFAULT 0 CHECK (is_removed IN (0,1)),
    UNIQUE (transfer, path))""",
    "CREATE INDEX items_transfer ON items (transfer)",
    "CREATE INDEX items_links ON items (transfer, device, inode) WHERE links > 1",
    f"CREATE INDEX items_folders ON items (transfer, {FOLDER_DEPTH}) WHERE kind = 'folder'",
    "CREATE INDEX items_set_aside ON items (transfer) WHERE set_aside IS NOT NULL",
    f"""
CREATE TABLE copies (
    item INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE,
    destination INTEGER NOT NULL,
    status TEXT NOT NULL CHECK ({_one_of("status", *_COPY_STATUSES)}),
    inode INTEGER,
    part_size INTEGER,
    part_mtime_ns INTEGER,
    final_path BLOB CHECK (typeof(final_path) IN ('blob','null')),
    read_back TEXT NOT NULL DEFAULT ''
        CHECK ({_one_of("read_back", "", "storage", "server", "memory", "cache")}),
    checksums TEXT NOT NULL DEFAULT '',
    proven_us INTEGER NOT NULL DEFAULT 0,
    ctime_ns INTEGER,
    proof INTEGER,
    lost INTEGER NOT NULL DEFAULT 0,
    error_type TEXT NOT NULL DEFAULT '',
    message TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (item, destination),
    CHECK (status NOT IN ('proven','verified') OR inode IS NOT NULL)) WITHOUT ROWID""",
    "CREATE INDEX copies_failed ON copies (item) WHERE status = 'failed'",
    """
CREATE TABLE link_targets (
    item INTEGER PRIMARY KEY REFERENCES items (id) ON DELETE CASCADE,
    target BLOB NOT NULL CHECK (typeof(target) = 'blob'))""",
    """
CREATE TABLE source_manifests (
    transfer INTEGER NOT NULL REFERENCES transfers (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    history INTEGER NOT NULL,
    path BLOB NOT NULL CHECK (typeof(path) = 'blob'),
    is_beside INTEGER NOT NULL CHECK (is_beside IN (0,1)),
    when_us INTEGER NOT NULL DEFAULT 0,
    files_listed INTEGER NOT NULL DEFAULT 0,
    problem TEXT NOT NULL DEFAULT '',
    files_equal INTEGER NOT NULL DEFAULT 0,
    files_different INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (transfer, number)) WITHOUT ROWID""",
    """
CREATE TABLE expected (
    item INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE,
    history INTEGER NOT NULL,
    manifest INTEGER NOT NULL,
    algorithm TEXT NOT NULL,
    value TEXT NOT NULL,
    is_equal INTEGER CHECK (is_equal IN (0,1)),
    PRIMARY KEY (item, history, manifest, algorithm, value)) WITHOUT ROWID""",
    """
CREATE TABLE missing_files (
    transfer INTEGER NOT NULL REFERENCES transfers (id) ON DELETE CASCADE,
    history INTEGER NOT NULL,
    path BLOB NOT NULL CHECK (typeof(path) = 'blob'),
    manifest INTEGER NOT NULL,
    is_explained INTEGER NOT NULL DEFAULT 0 CHECK (is_explained IN (0,1)),
    PRIMARY KEY (transfer, history, path)) WITHOUT ROWID""",
    f"CREATE TABLE audit (\n    {_AUDIT_CELLS})",
    "CREATE INDEX audit_transfer ON audit (transfer_id)",
    """
CREATE TABLE heads (
    sequence INTEGER NOT NULL,
    entry_hash TEXT NOT NULL,
    signature TEXT NOT NULL,
    key_id TEXT NOT NULL,
    signed_us INTEGER NOT NULL,
    PRIMARY KEY (sequence, key_id)) WITHOUT ROWID""",
    """
CREATE TABLE checkpoints (
    sequence INTEGER PRIMARY KEY,
    entry_hash TEXT NOT NULL,
    before_us INTEGER NOT NULL,
    signature TEXT NOT NULL,
    key_id TEXT NOT NULL,
    signed_us INTEGER NOT NULL)""",
    """
CREATE TABLE claims (
    id INTEGER PRIMARY KEY,
    transfer INTEGER NOT NULL REFERENCES transfers (id) ON DELETE CASCADE,
    volume TEXT NOT NULL,
    within BLOB NOT NULL CHECK (typeof(within) = 'blob'),
    kind TEXT NOT NULL CHECK (kind IN ('exclusive','shared')),
    UNIQUE (transfer, volume, within))""",
    "CREATE INDEX claims_volume ON claims (volume)",
    """
CREATE TABLE watch_folders (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    path BLOB NOT NULL CHECK (typeof(path) = 'blob'),
    volume TEXT NOT NULL,
    within BLOB NOT NULL CHECK (typeof(within) = 'blob'),
    label TEXT NOT NULL,
    rules TEXT NOT NULL,
    created_us INTEGER NOT NULL,
    is_on INTEGER NOT NULL DEFAULT 1 CHECK (is_on IN (0,1)),
    is_removed INTEGER NOT NULL DEFAULT 0 CHECK (is_removed IN (0,1)),
    owner INTEGER REFERENCES owners (id) ON DELETE SET NULL,
    wishes INTEGER NOT NULL DEFAULT 0,
    tripped TEXT NOT NULL DEFAULT '',
    figures TEXT NOT NULL DEFAULT '{}',
    heartbeat_us INTEGER NOT NULL DEFAULT 0,
    files_taken INTEGER NOT NULL DEFAULT 0,
    bytes_taken INTEGER NOT NULL DEFAULT 0,
    last_file BLOB NOT NULL DEFAULT x'' CHECK (typeof(last_file) = 'blob'),
    last_taken_us INTEGER NOT NULL DEFAULT 0)""",
    """
CREATE TABLE taken (
    watch INTEGER NOT NULL REFERENCES watch_folders (id) ON DELETE CASCADE,
    folder BLOB NOT NULL CHECK (typeof(folder) = 'blob'),
    name BLOB NOT NULL CHECK (typeof(name) = 'blob'),
    size_bytes INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    transfer INTEGER NOT NULL,
    born_ns INTEGER NOT NULL DEFAULT 0,
    outcome TEXT NOT NULL DEFAULT '' CHECK (outcome IN ('','delivered','removed','cancelled')),
    PRIMARY KEY (watch, folder, name, size_bytes, mtime_ns, inode, transfer)) WITHOUT ROWID""",
    "CREATE INDEX taken_transfer ON taken (transfer, folder, name)",
    "CREATE INDEX taken_open ON taken (watch, transfer) WHERE outcome = ''",
    """
CREATE INDEX taken_born ON taken (watch, inode, born_ns)
    WHERE outcome = 'delivered' AND born_ns > 0""",
)


def _run(connection: sqlite3.Connection, statements: Sequence[str]) -> None:
    for statement in statements:
        connection.execute(statement)


def _first(connection: sqlite3.Connection) -> None:
    _run(connection, _SCHEMA_1)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")


STEPS: Final[tuple[Callable[[sqlite3.Connection], None], ...]] = (_first,)
"""Step n brings schema n to n + 1."""

SCHEMA: Final = len(STEPS)
"""The schema that this Ketter writes."""


Steps = Sequence[Callable[[sqlite3.Connection], None]]


def migrate(connection: sqlite3.Connection, steps: Steps = STEPS) -> int:
    """Bring the schema to the last step's; returns the number it had. Call inside a
    transaction, and of a ledger with something in it make a backup first.

    Each step and its number are written in the caller's one transaction: after a crash
    the ledger has the old schema or the new one, nothing between.
    """
    found: int = connection.execute("PRAGMA user_version").fetchone()[0]
    for number, step in enumerate(steps[found:], found + 1):
        step(connection)
        connection.execute(f"PRAGMA user_version = {number}")
    return found
