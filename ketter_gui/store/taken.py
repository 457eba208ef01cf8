"""What watch folders have taken: each version of a file once, written down in the transaction
that creates its transfer (P6). Retention never prunes it.

A row is open (`outcome` empty) while its transfer is not at its end. Then it is `delivered`,
`removed` when a move took the original as well (whatever comes to that path is new), or it
goes, where the file was not copied because it had gone or become another version. What a
person cancelled stays taken: `cancelled`.
"""

# ruff: noqa: S608 - what is put into SQL by name is our own, see `sql`

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final, NamedTuple

from peewee import SqliteDatabase

from ketter_gui.domain.errors import SourceChanged, SourceVanished
from ketter_gui.domain.status import TransferStatus
from ketter_gui.domain.watching import Chosen, Version
from ketter_gui.store.columns import signed, unsigned
from ketter_gui.store.sql import fetch, marks
from ketter_gui.store.transaction import Transaction

_A_FOLDER: Final = -1
_NOT_COPIED: Final = (SourceVanished.__name__, SourceChanged.__name__)
"""Why an item failed that is not there any more as it was taken: nothing to try again."""


_OF_ITEM: Final = (
    " FROM items WHERE items.transfer = taken.transfer AND items.path ="
    " CASE WHEN folder = x'' THEN name ELSE CAST(folder || x'2f' || name AS BLOB) END"
)
_UNFINISHED: Final = (
    "SELECT 1 FROM copies WHERE copies.item = items.id"
    " AND status NOT IN ('verified','skipped','renamed','copied')"
)


class TakenFile(NamedTuple):
    """A file to be taken; `born_ns` is when it was made, 0 where that is not known."""

    chosen: Chosen
    born_ns: int = 0


def take(tx: Transaction, watch: int, transfer: int, files: Iterable[TakenFile]) -> None:
    """Write down what a new transfer of a watch folder is about."""
    tx.insert(
        "taken (watch, folder, name, size_bytes, mtime_ns, inode, transfer, born_ns)",
        [(watch, *_columns(one.chosen), transfer, one.born_ns) for one in files],
        rest=" ON CONFLICT DO NOTHING",
    )


def take_renamed(tx: Transaction, watch: int, file: TakenFile, transfer: int) -> None:
    """Remember a file that was delivered under another name, so that it is not asked again."""
    tx.execute(
        "INSERT INTO taken (watch, folder, name, size_bytes, mtime_ns, inode, transfer, born_ns,"
        " outcome) VALUES (?,?,?,?,?,?,?,?,'delivered') ON CONFLICT DO NOTHING",
        (watch, *_columns(file.chosen), transfer, file.born_ns),
    )


def taken_in(database: SqliteDatabase, watch: int, folder: bytes) -> dict[bytes, set[Version]]:
    """By name: the versions of the files of one folder that are taken."""
    rows = fetch(
        database,
        "SELECT name, size_bytes, mtime_ns, inode FROM taken"
        f" WHERE watch = ? AND folder = ? AND outcome <> 'removed' AND size_bytes <> {_A_FOLDER}",
        (watch, folder),
    )
    found: dict[bytes, set[Version]] = defaultdict(set)
    for name, size_bytes, mtime_ns, inode in rows:
        found[name].add(Version(size_bytes, mtime_ns, unsigned(inode)))
    return found


def delivered_as(
    database: SqliteDatabase, watch: int, version: Version, born_ns: int
) -> tuple[bytes, int] | None:
    """Under which path, and by which transfer, this very file was delivered: it was only
    renamed since. None when it was not, or when that cannot be told."""
    if not born_ns or not version.inode:
        return None
    rows = fetch(
        database,
        "SELECT folder, name, transfer FROM taken WHERE watch = ? AND inode = ? AND born_ns = ?"
        " AND born_ns > 0 AND outcome = 'delivered' AND size_bytes = ? AND mtime_ns = ? LIMIT 1",
        (watch, signed(version.inode), born_ns, version.size_bytes, version.mtime_ns),
    )
    return (_path(rows[0][0], rows[0][1]), rows[0][2]) if rows else None


def chosen(
    database: SqliteDatabase, transfer: int, *, after: bytes = b"", limit: int = 5000
) -> list[Chosen]:
    """A page of what a transfer is about, sorted by folder and name, from behind this path."""
    folder, _, name = after.rpartition(b"/")
    rows = fetch(
        database,
        "SELECT folder, name, size_bytes, mtime_ns, inode FROM taken WHERE transfer = ?"
        " AND (folder, name) > (?, ?) ORDER BY folder, name LIMIT ?",
        (transfer, folder, name, limit),
    )
    return [
        Chosen(
            _path(folder, name),
            None if size_bytes == _A_FOLDER else Version(size_bytes, mtime_ns, unsigned(inode)),
        )
        for folder, name, size_bytes, mtime_ns, inode in rows
    ]


def open_transfers(database: SqliteDatabase, watch: int) -> list[int]:
    """The transfers of a watch folder whose files have no outcome yet."""
    rows = fetch(
        database,
        "SELECT DISTINCT transfer FROM taken WHERE watch = ? AND outcome = '' ORDER BY transfer",
        (watch,),
    )
    return [row[0] for row in rows]


class Outcome(NamedTuple):
    """What became of a transfer's files: so many are still open, since they failed and may be
    tried again; so many were given back, to be seen anew."""

    still_open: int
    given_back: int


def settle_outcomes(tx: Transaction, transfer: int) -> Outcome:
    """Write down what became of a transfer's files now that it has stopped.

    What a person cancelled, or what retention has removed since, stays taken. What is no item of a scan that came to its end, or
    failed because it had gone or was changed, is not taken any more: it is seen anew.
    """
    mine = "WHERE transfer = ? AND outcome = ''"
    found = tx.execute(
        "SELECT status, is_scanned FROM transfers WHERE id = ?", (transfer,)
    ).fetchone()
    status, is_scanned = found or (TransferStatus.CANCELLED.value, 0)
    given_back = 0
    if is_scanned:
        given_back += tx.execute(
            f"DELETE FROM taken {mine} AND NOT EXISTS (SELECT 1{_OF_ITEM})", (transfer,)
        ).rowcount
        given_back += tx.execute(
            f"DELETE FROM taken {mine} AND EXISTS (SELECT 1{_OF_ITEM} AND EXISTS (SELECT 1 FROM"
            f" copies WHERE copies.item = items.id AND status = 'failed' AND error_type IN"
            f" ({marks(_NOT_COPIED)})))",
            (transfer, *_NOT_COPIED),
        ).rowcount
    tx.execute(
        "UPDATE taken SET outcome = CASE WHEN"
        f" EXISTS (SELECT 1{_OF_ITEM} AND is_removed = 1) THEN 'removed' ELSE 'delivered' END"
        f" {mine} AND EXISTS (SELECT 1{_OF_ITEM} AND NOT EXISTS ({_UNFINISHED}))",
        (transfer,),
    )
    if status == TransferStatus.CANCELLED.value:
        tx.execute(f"UPDATE taken SET outcome = 'cancelled' {mine}", (transfer,))
    left = tx.execute(f"SELECT count(*) FROM taken {mine}", (transfer,)).fetchone()
    return Outcome(int(left[0]), given_back)


def _columns(one: Chosen) -> tuple[bytes, bytes, int, int, int]:
    folder, _, name = one.path.rpartition(b"/")
    if one.version is None:
        return folder, name, _A_FOLDER, 0, 0
    return folder, name, one.version.size_bytes, one.version.mtime_ns, signed(one.version.inode)


def _path(folder: bytes, name: bytes) -> bytes:
    return b"%s/%s" % (folder, name) if folder else name
