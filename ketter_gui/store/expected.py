"""What the manifests that came with a transfer's sources say, and what was found.

    source_manifests   the manifests, numbered within their transfer; those of one history
                       (ASC MHL's generations) share a number, the newest one's
    expected           a row for each file and checksum that is compared
    missing_files      what a history lists and the source does not have; or had under
                       another name before (`is_explained`)

Rows come by the million and leave with their items. Nothing here is a status.
"""

# ruff: noqa: S608 - what is put into SQL by name is our own, see `sql`

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from peewee import SqliteDatabase

from ketter_gui.domain.expected import Expected, ManifestTotals
from ketter_gui.domain.items import ItemKind
from ketter_gui.domain.names import to_text
from ketter_gui.store.columns import clean
from ketter_gui.store.copies import VARIABLES
from ketter_gui.store.sql import fetch, marks
from ketter_gui.store.transaction import Transaction


class ManifestRecord(NamedTuple):
    """One manifest. `path` is an item's, or the whole path of one that lies beside a source.

    `files_listed` are those of its entries that are about files of this transfer's
    sources; `problem` says why it was not compared at all. Its history's figures stand at
    the newest manifest of it: `files_equal` and `files_different` once the transfer rests.
    """

    number: int
    history: int
    path: bytes
    is_beside: bool
    when_us: int = 0
    files_listed: int = 0
    problem: str = ""
    files_equal: int = 0
    files_different: int = 0
    files_missing: int = 0


class ExpectedRow(NamedTuple):
    """A checksum that a manifest has of an item. `path` is the item's."""

    item: int
    path: bytes
    algorithm: str
    value: str


class ComparedRow(NamedTuple):
    """What came of one: `is_equal`."""

    item: int
    manifest: int
    algorithm: str
    value: str
    is_equal: bool


_COLUMNS: Final = (
    "number, history, path, is_beside, when_us, files_listed, problem, files_equal,"
    " files_different, (SELECT count(*) FROM missing_files WHERE missing_files.transfer ="
    " source_manifests.transfer AND missing_files.history = number AND is_explained = 0)"
)
_EXPLAINED: Final = (
    "EXISTS (SELECT 1 FROM missing_files WHERE transfer = ? AND history = ? AND path = ?"
    " AND is_explained = 1)"
)
_OF_A_NEWER: Final = (
    "EXISTS (SELECT 1 FROM expected WHERE item = ? AND history = ? AND manifest <> ?)"
)
_CONTRADICTS: Final = (
    "EXISTS (SELECT 1 FROM expected WHERE item = ? AND history = ? AND algorithm = ?"
    " AND value <> ?)"
)

_OF_ITEMS: Final = "items CROSS JOIN expected ON expected.item = items.id WHERE items.transfer = ?"
"""In the order of the items, so that nothing has to be sorted."""

_COUNTED_AT_ONCE: Final = 10_000


# --- writing -----------------------------------------------------------------------------


def record_manifest(tx: Transaction, transfer: int, record: ManifestRecord) -> None:
    """Write down a manifest, or what reading it once more has brought."""
    tx.execute(
        "INSERT INTO source_manifests (transfer, number, history, path, is_beside, when_us,"
        " files_listed, problem) VALUES (?,?,?,?,?,?,?,?) ON CONFLICT (transfer, number)"
        " DO UPDATE SET when_us = excluded.when_us, files_listed = excluded.files_listed,"
        " problem = excluded.problem",
        (
            transfer,
            record.number,
            record.history,
            record.path,
            record.is_beside,
            record.when_us,
            record.files_listed,
            clean(record.problem),
        ),
    )


def add_expected(
    tx: Transaction, transfer: int, history: int, manifest: int, rows: Sequence[ExpectedRow]
) -> None:
    """What a manifest says of these items; again is no harm.

    Of a history the newest generation comes first; an older one adds what the newer ones
    do not speak of, and what contradicts them, unless the file had another name then.
    """
    if manifest == history:
        tx.executemany(
            "INSERT INTO expected (item, history, manifest, algorithm, value)"
            " VALUES (?,?,?,?,?) ON CONFLICT DO NOTHING",
            [(row.item, history, manifest, row.algorithm, row.value) for row in rows],
        )
        return
    tx.executemany(
        "INSERT INTO expected (item, history, manifest, algorithm, value) SELECT ?,?,?,?,?"
        f" WHERE NOT {_EXPLAINED} AND (NOT {_OF_A_NEWER} OR {_CONTRADICTS})"
        " ON CONFLICT DO NOTHING",
        [
            (
                *(row.item, history, manifest, row.algorithm, row.value),
                *(transfer, history, row.path),
                *(row.item, history, manifest),
                *(row.item, history, row.algorithm, row.value),
            )
            for row in rows
        ],
    )


def add_missing(
    tx: Transaction,
    transfer: int,
    history: int,
    manifest: int,
    paths: Sequence[bytes],
    *,
    is_explained: bool = False,
) -> None:
    """Item paths that a manifest lists and that are not there; known ones stay as they are."""
    tx.executemany(
        "INSERT INTO missing_files (transfer, history, path, manifest, is_explained)"
        " VALUES (?,?,?,?,?) ON CONFLICT DO NOTHING",
        [(transfer, history, path, manifest, is_explained) for path in paths],
    )


def forget_missing(tx: Transaction, transfer: int, paths: Sequence[bytes]) -> None:
    """These are there after all."""
    tx.executemany(
        "DELETE FROM missing_files WHERE transfer = ? AND path = ? AND is_explained = 0",
        [(transfer, path) for path in paths],
    )


def forget_said(tx: Transaction, transfer: int, manifest: int) -> None:
    """A manifest that turned out to be damaged, or to be others', says nothing."""
    tx.execute(
        "DELETE FROM missing_files WHERE transfer = ? AND manifest = ?", (transfer, manifest)
    )
    tx.execute(
        "DELETE FROM expected WHERE manifest = ?"
        " AND item IN (SELECT id FROM items WHERE transfer = ?)",
        (manifest, transfer),
    )


def forget_manifests(tx: Transaction, transfer: int) -> None:
    """Everything that manifests said, when the sources are scanned anew."""
    tx.execute("DELETE FROM missing_files WHERE transfer = ?", (transfer,))
    tx.execute("DELETE FROM source_manifests WHERE transfer = ?", (transfer,))


def record_compared(tx: Transaction, rows: Sequence[ComparedRow]) -> None:
    """What came of comparing, the last time that it was read."""
    tx.executemany(
        "UPDATE expected SET is_equal = ? WHERE item = ? AND manifest = ? AND algorithm = ?"
        " AND value = ?",
        [(row.is_equal, row.item, row.manifest, row.algorithm, row.value) for row in rows],
    )


def record_figures(tx: Transaction, transfer: int, figures: Mapping[int, tuple[int, int]]) -> None:
    """How many files match and differ, put into the newest manifest of each history."""
    tx.execute(
        "UPDATE source_manifests SET files_equal = 0, files_different = 0 WHERE transfer = ?",
        (transfer,),
    )
    tx.executemany(
        "UPDATE source_manifests SET files_equal = ?, files_different = ?"
        " WHERE transfer = ? AND number = ?",
        [(*counts, transfer, history) for history, counts in figures.items()],
    )


# --- reading -----------------------------------------------------------------------------


def manifests(database: SqliteDatabase, transfer: int) -> list[ManifestRecord]:
    """A transfer's manifests in the order in which they were read."""
    rows = fetch(
        database,
        f"SELECT {_COLUMNS} FROM source_manifests WHERE transfer = ? ORDER BY number",
        (transfer,),
    )
    return [
        ManifestRecord(row[0], row[1], row[2], bool(row[3]), *row[4:7], *row[7:]) for row in rows
    ]


def has_manifests(database: SqliteDatabase, transfer: int) -> bool:
    """Whether anything at all is to be compared."""
    found = fetch(
        database, "SELECT 1 FROM source_manifests WHERE transfer = ? LIMIT 1", (transfer,)
    )
    return bool(found)


def expected_of(
    database: SqliteDatabase, transfer: int, items: Sequence[int]
) -> dict[int, tuple[Expected, ...]]:
    """What is expected of these items, by item; nothing of those without a manifest."""
    found: dict[int, list[Expected]] = defaultdict(list)
    names: dict[bytes, str] = {}
    for start in range(0, len(items), VARIABLES):
        some = items[start : start + VARIABLES]
        for item, number, path, when_us, algorithm, value in fetch(
            database,
            "SELECT item, manifest, path, when_us, algorithm, value FROM expected"
            " JOIN source_manifests ON transfer = ? AND number = manifest"
            f" WHERE item IN ({marks(some)}) ORDER BY item, manifest",
            (transfer, *some),
        ):
            name = names.setdefault(path, to_text(path).text)
            found[item].append(Expected(number, name, when_us, algorithm, value))
    return {item: tuple(some) for item, some in found.items()}


def found_equal(
    database: SqliteDatabase, items: Sequence[int]
) -> dict[int, tuple[tuple[str, str], ...]]:
    """By item, the checksums of manifests that its source was found to match."""
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for start in range(0, len(items), VARIABLES):
        some = items[start : start + VARIABLES]
        query = (
            "SELECT item, algorithm, value FROM expected"
            f" WHERE item IN ({marks(some)}) AND is_equal = 1"
        )
        for item, algorithm, value in fetch(database, query, some):
            found[item][algorithm] = value
    return {item: tuple(values.items()) for item, values in found.items()}


def missing(
    database: SqliteDatabase, transfer: int, *, after: bytes = b"", limit: int = 1000
) -> list[bytes]:
    """A page of the item paths that are missing, each once, in their bytes' order."""
    rows = fetch(
        database,
        "SELECT DISTINCT path FROM missing_files WHERE transfer = ? AND is_explained = 0"
        " AND path > ? ORDER BY path LIMIT ?",
        (transfer, after, limit),
    )
    return [row[0] for row in rows]


def missing_of(
    database: SqliteDatabase, transfer: int, history: int, limit: int
) -> tuple[int, list[bytes]]:
    """How many files of a history are missing, and the first of them."""
    where = "FROM missing_files WHERE transfer = ? AND history = ? AND is_explained = 0"
    count = fetch(database, f"SELECT count(*) {where}", (transfer, history))[0][0]
    rows = fetch(database, f"SELECT path {where} ORDER BY path LIMIT ?", (transfer, history, limit))
    return count, [row[0] for row in rows]


def figures(database: SqliteDatabase, transfer: int) -> dict[int, tuple[int, int]]:
    """By history, how many files match and how many differ: a file counts once, and is
    different as soon as one of its manifests says so. Counted in pages: SQLite would sort
    them all in memory."""
    found: dict[int, tuple[int, int]] = {}
    after = 0
    while True:
        last = fetch(
            database,
            "SELECT max(id) FROM (SELECT id FROM items WHERE transfer = ? AND id > ?"
            " ORDER BY id LIMIT ?)",
            (transfer, after, _COUNTED_AT_ONCE),
        )[0][0]
        if last is None:
            return found
        for history, equal, different in fetch(
            database,
            "SELECT history, sum(worst = 1), sum(worst = 0) FROM"
            f" (SELECT history, min(is_equal) AS worst FROM {_OF_ITEMS} AND items.id > ?"
            " AND items.id <= ? AND is_equal IS NOT NULL GROUP BY items.id, history)"
            " GROUP BY history",
            (transfer, after, last),
        ):
            before = found.get(history, (0, 0))
            found[history] = (before[0] + equal, before[1] + different)
        after = last


def totals(database: SqliteDatabase, transfer: int) -> ManifestTotals:
    """Files that match all their manifests, that differ from one, and that are missing."""
    equal, different = fetch(
        database,
        "SELECT coalesce(sum(worst = 1), 0), coalesce(sum(worst = 0), 0) FROM"
        f" (SELECT min(is_equal) AS worst FROM {_OF_ITEMS} GROUP BY items.id)",
        (transfer,),
    )[0]
    missing = fetch(
        database,
        "SELECT count(DISTINCT path) FROM missing_files WHERE transfer = ? AND is_explained = 0",
        (transfer,),
    )[0][0]
    return ManifestTotals(equal, different, missing)


def manifest_items(
    database: SqliteDatabase,
    transfer: int,
    endings: Sequence[bytes],
    names: Sequence[bytes],
    *,
    after_id: int = 0,
    limit: int = 1000,
) -> list[tuple[int, int, bytes]]:
    """A page of files inside folders that are called like a manifest, or nearly:
    (item, source, path). `endings` and `names` are in lower case.

    Most files are told apart by their last byte: 0.3 s for a million that end in `.mov`, 2.5
    for a million that end like a manifest.
    """
    likes = [b"%" + one for one in endings] + [b"%/" + one for one in names]
    last = {one[-1:] for like in likes for one in (like, like.upper())}
    rows = fetch(
        database,
        "SELECT id, source, path FROM items WHERE transfer = ? AND id > ? AND kind = 'file'"
        f" AND substr(path, -1) IN ({marks(last)}) AND instr(path, X'2F') > 0"
        f" AND ({' OR '.join(['CAST(path AS TEXT) LIKE ?'] * len(likes))}) ORDER BY id LIMIT ?",
        (transfer, after_id, *last, *(like.decode("ascii") for like in likes), limit),
    )
    return [(row[0], row[1], row[2]) for row in rows]


def items_at(
    database: SqliteDatabase, transfer: int, paths: Sequence[bytes]
) -> dict[bytes, tuple[int, ItemKind]]:
    """The items that these paths lead to, with their kinds."""
    found: dict[bytes, tuple[int, ItemKind]] = {}
    for start in range(0, len(paths), VARIABLES):
        some = paths[start : start + VARIABLES]
        rows = fetch(
            database,
            f"SELECT path, id, kind FROM items WHERE transfer = ? AND path IN ({marks(some)})",
            (transfer, *some),
        )
        found.update((row[0], (row[1], ItemKind(row[2]))) for row in rows)
    return found
