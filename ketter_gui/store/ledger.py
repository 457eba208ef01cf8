"""The open ledger: one object for each process, closed at its end.

Opening, in this order: folder and file are made or found sound → this process takes the
lock of its own file → schema, migrations, chain → it is written down as an owner → dead
owners' transfers become `interrupted`. Any thread may call any method; `writer` says who
writes, and readers borrow a connection for one page.
"""

from __future__ import annotations

import os
import threading
import uuid
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

from peewee import SqliteDatabase

from ketter_gui.domain import limits
from ketter_gui.domain.chain import Head, Row
from ketter_gui.domain.errors import LedgerDamaged, LedgerUnusable
from ketter_gui.domain.items import Destination, Item, Source
from ketter_gui.domain.search import HistoryQuery
from ketter_gui.domain.status import CopyStatus
from ketter_gui.domain.views import AuditLine
from ketter_gui.store import (
    audit,
    backups,
    copies,
    heads,
    history,
    items,
    links,
    losses,
    models,
    owners,
    places,
    transfers,
)
from ketter_gui.store.backup_names import advice
from ketter_gui.store.columns import now_us
from ketter_gui.store.connection import Readers, connect, make_ready, naming, problem_in
from ketter_gui.store.data_folder import prepare
from ketter_gui.store.migrations import STEPS, Steps
from ketter_gui.store.records import (
    CopyRecord,
    Count,
    ItemRecord,
    LossCount,
    SignedHead,
    TransferRecord,
    Wish,
)
from ketter_gui.store.sql import immediate
from ketter_gui.store.transaction import Transaction
from ketter_gui.store.writer import Step, Writer
from ketter_gui.system.locks import ProcessLock

T = TypeVar("T")

_EVERYTHING: Final = HistoryQuery()


class Ledger:
    """The transfers, items, copies and audit entries of one data folder.

    `path` is the database file, `chain` the audit chain's id (32 hex digits), `owner`
    this process's number in it. Every method raises LedgerError or WaitingError when the
    file cannot be used. Use as a context manager.
    """

    def __init__(
        self, path: Path, readers: Readers, writer: Writer, chain: str, owner: int, held: ExitStack
    ) -> None:
        self.path = path
        self.chain = chain
        self.owner = owner
        self._readers = readers
        self._writer = writer
        self._held = held
        self._watching = connect(path, limits.LEDGER_BUSY_S, is_reader=True)
        self._watching_lock = threading.Lock()  # guards _watching: one query at a time

    @classmethod
    def open(
        cls, data_dir: Path, *, busy_s: float = limits.LEDGER_BUSY_S, steps: Steps = STEPS
    ) -> Ledger:
        """Open the ledger in `data_dir`, or start a new one.

        `busy_s` is how long another process's lock is waited for, `steps` the schema's steps.
        Raises LedgerDamaged,
        LedgerNewer, LedgerOnNetwork, LedgerUnusable, LedgerBusy, DiskFull; then nothing
        was harmed.
        """
        path = prepare(data_dir)
        with ExitStack() as undo:
            lock_path = _held_lock(data_dir, path, undo)
            database = connect(path, busy_s, is_reader=False)
            undo.callback(database.close)
            make_ready(database, path, busy_s, backups.back_up, steps)
            with naming(path):
                chain = _chain_id(database)
                owner = owners.register(database, lock_path)
            readers = undo.enter_context(Readers(path, busy_s))
            writer = Writer(database, path, chain, owner)
            undo.callback(writer.close)
            ledger = cls(path, readers, writer, chain, owner, undo)
            undo.callback(ledger._watching.close)
            ledger.bury_dead_owners()
            ledger._held = undo.pop_all()
        return ledger

    def close(self) -> None:
        """Write what waits, interrupt what this process still carried out, let go.

        Raises LedgerError or WaitingError when something could not be written.
        """
        with self._held, suppress(LedgerUnusable):  # closed before
            self._writer.transact(self._leave)
        self._held = ExitStack()

    def _leave(self, tx: Transaction) -> None:
        owners.interrupt_all(tx, self.owner, "Its program was closed.")
        models.Owner.delete().where(models.Owner.id == self.owner).execute(tx.database)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # --- writing (see `writer`) ---

    def submit(self, *steps: Step) -> None:
        """Queue steps that become durable together; returns at once. Each is a
        `Write(function, rows)` or a callable that takes a Transaction.
        """
        self._writer.submit(*steps)

    def barrier(self) -> None:
        """Return when everything that this thread submitted is durable.

        Raises LedgerError or WaitingError when it is not yet, IllegalChange when a write
        of this thread was refused.
        """
        self._writer.barrier()

    def barrier_later(self) -> Callable[[], None]:
        """The same without waiting; what is returned waits, in this thread."""
        return self._writer.barrier_later()

    def transact(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` in a transaction of its own, after what was submitted before."""
        return self._writer.transact(work)

    def bury_dead_owners(self) -> list[int]:
        """Mark the transfers of processes that are gone `interrupted`; returns them.

        Done at opening; a window calls it now and then. Cheap when nobody died.
        """
        data_dir = self.path.parent
        with self._readers.lent() as database:
            dead = owners.dead_owners(database, data_dir, self.owner)
        if not dead:
            return []
        return self.transact(lambda tx: owners.bury(tx, data_dir, dead))

    # --- reading ---

    def transfer(self, number: int) -> TransferRecord:
        """One transfer. Raises NoSuchTransfer."""
        return self._read(lambda database: transfers.transfer(database, number))

    def transfers(
        self, query: HistoryQuery = _EVERYTHING, *, offset: int = 0, limit: int = 100
    ) -> list[TransferRecord]:
        """A page of transfers, newest first."""
        return self._read(
            lambda database: history.transfers(database, query, offset=offset, limit=limit)
        )

    def transfer_count(self, query: HistoryQuery = _EVERYTHING) -> int:
        """How many transfers `transfers` would page through."""
        return self._read(lambda database: history.transfer_count(database, query))

    def live_transfers(self) -> list[TransferRecord]:
        """Transfers that belong to a living process, oldest first."""
        return self._read(transfers.live_transfers)

    def wishes(self, owner: int | None = None) -> dict[int, Wish]:
        """What other processes ask of an owner (this process by default), by transfer."""
        whose = self.owner if owner is None else owner
        return self._read(lambda database: transfers.wishes(database, whose))

    def sources(self, transfer: int) -> tuple[Source, ...]:
        """A transfer's sources in their order."""
        return tuple(self._read(lambda database: places.sources_of(database, [transfer])[transfer]))

    def destinations(self, transfer: int) -> tuple[Destination, ...]:
        """A transfer's destinations in their order."""
        found = self._read(lambda database: places.destinations_of(database, [transfer]))
        return tuple(destination for destination, _ in found[transfer])

    def items(
        self,
        transfer: int,
        *,
        after_id: int = 0,
        offset: int = 0,
        limit: int = 1000,
        only_failed: bool = False,
        source: int | None = None,
    ) -> list[ItemRecord]:
        """A page of items in the order of the scan, with their copies; of one source's, if
        one is named."""
        return self._read(
            lambda database: items.items(
                database,
                transfer,
                after_id=after_id,
                offset=offset,
                limit=limit,
                only_failed=only_failed,
                source=source,
            )
        )

    def item_count(self, transfer: int, *, only_failed: bool = False) -> int:
        """How many items a transfer has."""
        return self._read(
            lambda database: items.item_count(database, transfer, only_failed=only_failed)
        )

    def item(self, number: int) -> ItemRecord | None:
        """One item with its copies."""
        return self._read(lambda database: items.item(database, number))

    def unfinished_items(
        self, transfer: int, *, after_id: int = 0, limit: int = 1000
    ) -> list[ItemRecord]:
        """A page of the items that still need work (in a move: until removed)."""
        return self._read(
            lambda database: items.unfinished_items(
                database, transfer, after_id=after_id, limit=limit
            )
        )

    def unfinished_first_names(
        self, transfer: int, *, after_id: int = 0, limit: int = 1000
    ) -> list[ItemRecord]:
        """The same without further names of a file that has one in this transfer."""
        return self._read(
            lambda database: links.unfinished_first_names(
                database, transfer, after_id=after_id, limit=limit
            )
        )

    def unfinished_links(
        self, transfer: int, *, after_id: int = 0, limit: int = 1000
    ) -> list[tuple[ItemRecord, ItemRecord | None]]:
        """A page of those further names, each with the item of the first one."""
        return self._read(
            lambda database: links.unfinished_links(
                database, transfer, after_id=after_id, limit=limit
            )
        )

    def items_with(self, transfer: int, statuses: Collection[CopyStatus]) -> list[ItemRecord]:
        """Items with a copy in one of these statuses."""
        return self._read(lambda database: items.items_with(database, transfer, statuses))

    def folders_deepest_first(
        self, transfer: int, *, after: Item | None = None, limit: int = 1000
    ) -> list[ItemRecord]:
        """A page of a transfer's folders, children before their parents."""
        return self._read(
            lambda database: items.folders_deepest_first(
                database, transfer, after=after, limit=limit
            )
        )

    def unlisted_folders(self, transfer: int) -> list[ItemRecord]:
        """Folders that the scan could not list."""
        return self._read(lambda database: items.unlisted_folders(database, transfer))

    def set_aside_items(self, transfer: int) -> list[ItemRecord]:
        """Items whose source file wears, or may wear, another name."""
        return self._read(lambda database: items.set_aside_items(database, transfer))

    def copies_of(self, item_numbers: Sequence[int]) -> list[CopyRecord]:
        """All copies of these items."""
        return self._read(lambda database: copies.copies_of(database, item_numbers))

    def counts(
        self, transfer: int, *, files_only: bool = True, but_sources: Collection[int] = ()
    ) -> list[Count]:
        """Copies by destination and status, with their bytes."""
        return self._read(
            lambda database: copies.counts(
                database, transfer, files_only=files_only, but_sources=but_sources
            )
        )

    def losses(self, transfer: int) -> list[LossCount]:
        """What destinations could not keep, and how often."""
        return self._read(lambda database: losses.losses(database, transfer))

    def audit_rows(
        self,
        *,
        transfer: int | None = None,
        after_sequence: int = 0,
        up_to: int = (1 << 63) - 1,
        limit: int = 1000,
    ) -> list[Row]:
        """A page of audit entries as their cells, in the chain's order."""
        return self._read(
            lambda database: audit.audit_rows(
                database,
                transfer=transfer,
                after_sequence=after_sequence,
                up_to=up_to,
                limit=limit,
            )
        )

    def timeline(
        self, transfer: int, *, after_sequence: int = 0, limit: int = 1000, is_end: bool = False
    ) -> list[AuditLine]:
        """A transfer's audit entries for people, oldest first: the first, or the last ones."""
        return self._read(
            lambda database: audit.timeline(
                database, transfer, after_sequence=after_sequence, limit=limit, is_end=is_end
            )
        )

    def head(self) -> Head:
        """The end of the chain at this moment."""
        return self._read(lambda database: audit.head(database, self.chain))

    def last_signed(self) -> SignedHead | None:
        """The signed head that reaches furthest."""
        return self._read(lambda database: heads.last_signed(database, self.chain))

    def signed_heads(self, *, after_sequence: int = 0) -> list[SignedHead]:
        """All signed heads after an entry, in the chain's order."""
        return self._read(
            lambda database: heads.signed_heads(database, self.chain, after_sequence=after_sequence)
        )

    def data_version(self) -> int:
        """A number that changes when anybody committed anything, this process included."""
        with self._watching_lock, naming(self.path):
            return int(self._watching.pragma("data_version"))

    def back_up(self) -> Path:
        """A copy of the whole file beside it. Raises LedgerError and WaitingError."""
        return backups.back_up(self.path)

    def check(self) -> None:
        """Check the whole file, which takes its time. Raises LedgerDamaged."""
        if problem := self._read(problem_in):
            where = os.fsencode(self.path)
            raise LedgerDamaged(where, problem=problem, advice=advice(self.path))

    def read(self, query: Callable[[SqliteDatabase], T]) -> T:
        """The answer of one of this room's queries, for those that are asked in one place
        only."""
        return self._read(query)

    def _read(self, query: Callable[[SqliteDatabase], T]) -> T:
        with self._readers.lent() as database:
            return query(database)


def _held_lock(data_dir: Path, path: Path, undo: ExitStack) -> Path:
    """Take the lock of a new file of this process's own."""
    try:
        lock_path = owners.new_lock(data_dir)
        undo.callback(_remove, lock_path)
        undo.enter_context(ProcessLock(lock_path))
    except OSError as error:
        raise LedgerUnusable.from_os(error, os.fsencode(path)) from error
    return lock_path


def _remove(lock_path: Path) -> None:
    """A lock file that stays behind is an empty file that nobody asks about."""
    with suppress(OSError):
        lock_path.unlink(missing_ok=True)


def _chain_id(database: SqliteDatabase) -> str:
    """The chain of this ledger; a new ledger starts one."""
    with immediate(database):
        found = models.Ledger.select(models.Ledger.chain).tuples().execute(database)
        for (chain,) in found:
            return str(chain)
        chain = uuid.uuid4().hex
        models.Ledger.insert(id=1, chain=chain, created_us=now_us()).execute(database)
    return chain
