"""Items: what the scan found, in its order, with their copies; read in pages.

A page is fetched whole and its connection given back, so that memory stays flat and no
half-read cursor holds up a checkpoint, however many items there are.
"""

# ruff: noqa: S608 - what is put into SQL by name is our own, see `sql`

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from itertools import groupby
from typing import Any, Final

from peewee import SqliteDatabase

from ketter_gui.domain.errors import FolderUnreadable, IllegalChange
from ketter_gui.domain.items import FileState, Item, ItemKind
from ketter_gui.domain.status import CopyStatus
from ketter_gui.store.columns import checksums_from, checksums_text, clean, signed, unsigned
from ketter_gui.store.copies import copies_of
from ketter_gui.store.expected import forget_manifests
from ketter_gui.store.migrations import FOLDER_DEPTH
from ketter_gui.store.records import AsideRow, ItemRecord, NewItem, RecalledRow, SourceRow
from ketter_gui.store.sql import fetch, marks
from ketter_gui.store.transaction import Transaction

_COLUMNS: Final = (
    "items.id, source, path, kind, size_bytes, mtime_ns, ctime_ns, device, items.inode,"
    " mode, uid, gid, links, items.checksums, set_aside, is_removed, read_in"
)
_KINDS: Final = {kind.value: kind for kind in ItemKind}
UNFINISHED: Final = "('pending','copying','verifying','proven')"
UNLISTED: Final = FolderUnreadable.__name__
"""The error of a folder that could not be listed."""

_PROOF: Final = "('verified','skipped')"


# --- writing -----------------------------------------------------------------------------


def add_items(
    tx: Transaction, transfer: int, found: Sequence[NewItem], *, is_again: bool = False
) -> None:
    """Write down what a scan found, with a pending copy for each destination.

    What cannot be read gets failed copies. An IntegrityError means a path twice: a bug,
    unless a folder is listed `is_again`; then what is known stays as it is.
    """
    known = " ON CONFLICT (transfer, path) DO NOTHING" if is_again else ""
    before = tx.execute("SELECT coalesce(max(id), 0) FROM items").fetchone()[0]
    tx.insert(
        "items (transfer, source, path, kind, size_bytes, mtime_ns, ctime_ns,"
        " device, inode, mode, uid, gid, links, data_bytes)",
        [
            (transfer, one.source, one.path, *_state_columns(one.state), one.data_bytes)
            for one in found
        ],
        known,
    )
    tx.execute(
        "INSERT INTO copies (item, destination, status)"
        " SELECT items.id, destinations.idx, 'pending' FROM items"
        " JOIN destinations ON destinations.transfer = items.transfer"
        " WHERE items.id > ? AND items.transfer = ?",
        (before, transfer),
    )
    tx.executemany(
        "UPDATE copies SET status = 'failed', error_type = ?, message = ?"
        " WHERE item = (SELECT id FROM items WHERE transfer = ? AND path = ?)"
        " AND status = 'pending'",
        [
            (one.error_type, clean(one.message), transfer, one.path)
            for one in found
            if one.error_type
        ],
    )


def forget_items(tx: Transaction, transfer: int) -> None:
    """Throw away an unfinished scan, to scan again.

    Raises IllegalChange when copying has begun: then its items are evidence.
    """
    begun = tx.execute(
        "SELECT count(*) FROM copies JOIN items ON items.id = copies.item"
        " WHERE items.transfer = ? AND copies.status NOT IN ('pending','failed')",
        (transfer,),
    ).fetchone()[0]
    if begun:
        raise IllegalChange(subject=f"transfer {transfer}", old="copied", new="scanned again")
    tx.execute(
        "DELETE FROM copies WHERE item IN (SELECT id FROM items WHERE transfer = ?)",
        (transfer,),
    )
    tx.execute("DELETE FROM items WHERE transfer = ?", (transfer,))
    forget_manifests(tx, transfer)


def record_source_checksums(tx: Transaction, rows: Sequence[SourceRow]) -> None:
    """The checksums of the bytes read from the sources (SOURCE), and what was read: a
    deletion later compares the source with that."""
    for has_state, group in groupby(rows, key=lambda row: row.state is not None):
        if has_state:
            tx.update(
                "items",
                f"checksums = ?, read_in = NULL, {_SET_STATE}",
                "items.id = ?",
                [
                    (checksums_text(row.checksums), *_state_columns(row.state), row.item)
                    for row in group
                    if row.state is not None
                ],
            )
        else:
            tx.update(
                "items",
                "checksums = ?, read_in = NULL",
                "items.id = ?",
                [(checksums_text(row.checksums), row.item) for row in group],
            )


def record_recalled(tx: Transaction, rows: Sequence[RecalledRow]) -> None:
    """The checksums of source files that an earlier transfer read, unchanged since."""
    tx.executemany(
        f"UPDATE items SET checksums = ?, read_in = ?, {_SET_STATE} WHERE id = ?",
        [
            (checksums_text(row.checksums), row.read_in, *_state_columns(row.state), row.item)
            for row in rows
        ],
    )


def record_states(tx: Transaction, rows: Sequence[tuple[int, FileState]]) -> None:
    """What these source files are now: a deletion later compares them with that."""
    tx.executemany(
        f"UPDATE items SET {_SET_STATE} WHERE id = ?",
        [(*_state_columns(state), item) for item, state in rows],
    )


def set_aside(tx: Transaction, rows: Sequence[AsideRow]) -> None:
    """The names that source files are about to wear, or None: they have their own again."""
    tx.executemany(
        "UPDATE items SET set_aside = ? WHERE id = ?", [(row.name, row.item) for row in rows]
    )


def mark_removed(tx: Transaction, items: Sequence[int]) -> None:
    """These source files are gone, after all their copies were confirmed.

    Raises IllegalChange unless every copy of each is verified or skipped (P4).
    """
    changed = tx.executemany(
        "UPDATE items SET is_removed = 1, set_aside = NULL WHERE id = ?"
        f" AND NOT EXISTS (SELECT 1 FROM copies WHERE item = id AND status NOT IN {_PROOF})",
        [(item,) for item in items],
    )
    if changed != len(items):
        raise IllegalChange(subject="an original", old="unproven", new="removed")


_SET_STATE: Final = (
    "kind = ?, size_bytes = ?, mtime_ns = ?, ctime_ns = ?, device = ?,"
    " inode = ?, mode = ?, uid = ?, gid = ?, links = max(links, ?)"
)


def _state_columns(state: FileState) -> tuple[object, ...]:
    return (
        str(state.kind),
        state.size_bytes,
        state.mtime_ns,
        state.ctime_ns,
        signed(state.device),
        signed(state.inode),
        state.mode,
        state.uid,
        state.gid,
        state.links,
    )


# --- reading -----------------------------------------------------------------------------


def items(
    database: SqliteDatabase,
    transfer: int,
    *,
    after_id: int = 0,
    offset: int = 0,
    limit: int = 1000,
    only_failed: bool = False,
    source: int | None = None,
) -> list[ItemRecord]:
    """A page of a transfer's items in the order of the scan, with their copies; of one
    source's, if one is named."""
    if source is not None:
        return records(
            database,
            "WHERE transfer = ? AND source = ? AND items.id > ? ORDER BY items.id LIMIT ?",
            (transfer, source, after_id, limit),
        )
    if only_failed:
        return records(
            database,
            "WHERE items.id IN (SELECT item FROM copies WHERE status = 'failed' AND item > ?)"
            " AND +transfer = ? ORDER BY items.id LIMIT ? OFFSET ?",
            (after_id, transfer, limit, offset),
        )
    return records(
        database,
        "WHERE transfer = ? AND items.id > ? ORDER BY items.id LIMIT ? OFFSET ?",
        (transfer, after_id, limit, offset),
    )


def item(database: SqliteDatabase, number: int) -> ItemRecord | None:
    """One item with its copies."""
    found = records(database, "WHERE items.id = ?", (number,))
    return found[0] if found else None


def item_count(database: SqliteDatabase, transfer: int, *, only_failed: bool = False) -> int:
    """How many items a transfer has, or how many of them have a failed copy."""
    rest = (
        " AND EXISTS (SELECT 1 FROM copies WHERE item = items.id AND status = 'failed')"
        if only_failed
        else ""
    )
    found = fetch(database, f"SELECT count(*) FROM items WHERE transfer = ?{rest}", (transfer,))
    return int(found[0][0])


def unfinished_items(
    database: SqliteDatabase,
    transfer: int,
    *,
    after_id: int = 0,
    limit: int = 1000,
    which: str = "",
) -> list[ItemRecord]:
    """A page of the items that still need work, in the order of the scan.

    Those with a copy that is pending, copying, verifying or proven; in a move also files
    and symlinks whose copies are all proven while the original is still there. `which` is
    one more condition, of ours.
    """
    return records(
        database,
        f"WHERE transfer = ? AND items.id > ?{which} AND (EXISTS (SELECT 1 FROM copies"
        f" WHERE item = items.id AND status IN {UNFINISHED}) OR (is_removed = 0"
        " AND kind <> 'folder'"
        " AND (SELECT mode FROM transfers WHERE id = items.transfer) = 'move'"
        f" AND NOT EXISTS (SELECT 1 FROM copies WHERE item = items.id"
        f" AND status NOT IN {_PROOF}))) ORDER BY items.id LIMIT ?",
        (transfer, after_id, limit),
    )


def items_with(
    database: SqliteDatabase, transfer: int, statuses: Collection[CopyStatus]
) -> list[ItemRecord]:
    """Items with a copy in one of these statuses. Those that are begun or proven are at
    most one batch's, after a crash, and a volume's that went away."""
    return records(
        database,
        "WHERE transfer = ? AND EXISTS (SELECT 1 FROM copies WHERE item = items.id"
        f" AND status IN ({marks(statuses)})) ORDER BY items.id",
        (transfer, *statuses),
    )


def folders_deepest_first(
    database: SqliteDatabase, transfer: int, *, after: Item | None = None, limit: int = 1000
) -> list[ItemRecord]:
    """A page of a transfer's folders, children before their parents; those that come after
    `after`, or the first ones."""
    which = "WHERE transfer = ? AND kind = 'folder'"
    order = f"ORDER BY {FOLDER_DEPTH} DESC, items.id DESC LIMIT ?"
    if after is None:
        return records(database, f"{which} {order}", (transfer, limit))
    depth = after.path.count(b"/")
    beside = f"{which} AND {FOLDER_DEPTH} = ? AND items.id < ? ORDER BY items.id DESC LIMIT ?"
    found = records(database, beside, (transfer, depth, after.id, limit))
    if len(found) < limit:
        above = f"{which} AND {FOLDER_DEPTH} < ? {order}"
        found += records(database, above, (transfer, depth, limit - len(found)))
    return found


def unlisted_folders(database: SqliteDatabase, transfer: int) -> list[ItemRecord]:
    """The folders that the scan could not list: nobody knows what is in them."""
    return records(
        database,
        "WHERE items.id IN (SELECT item FROM copies WHERE status = 'failed'"
        f" AND error_type = '{UNLISTED}') AND +transfer = ? ORDER BY items.id",
        (transfer,),
    )


def set_aside_items(database: SqliteDatabase, transfer: int) -> list[ItemRecord]:
    """The items whose source file wears, or may wear, another name."""
    return records(
        database,
        "WHERE transfer = ? AND set_aside IS NOT NULL ORDER BY items.id",
        (transfer,),
    )


def records(database: SqliteDatabase, rest: str, values: Sequence[object]) -> list[ItemRecord]:
    """The items of a query's `rest`, with their copies."""
    rows = fetch(database, f"SELECT {_COLUMNS} FROM items {rest}", values)
    copies = defaultdict(list)
    for copy in copies_of(database, [row[0] for row in rows]):
        copies[copy.item].append(copy)
    return [_record(row, tuple(copies[row[0]])) for row in rows]


def _record(row: Sequence[Any], copies: tuple[Any, ...]) -> ItemRecord:
    state = FileState(
        _KINDS[row[3]],
        row[4],
        row[5],
        row[6],
        unsigned(row[7]),
        unsigned(row[8]),
        row[9],
        row[10],
        row[11],
        row[12],
    )
    return ItemRecord(
        Item(row[0], row[1], row[2], state),
        checksums_from(row[13]),
        row[14],
        bool(row[15]),
        copies,
        row[16],
    )
