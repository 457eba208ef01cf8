"""From what has settled in a watch folder to the requests of its next transfers."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from ketter_gui.disk.making import make_below
from ketter_gui.domain.errors import DestinationMissing, DestinationReadOnly, VolumeReplaced
from ketter_gui.domain.names import to_text
from ketter_gui.domain.options import Request
from ketter_gui.domain.watch_errors import WatchedElsewhere
from ketter_gui.domain.watch_tokens import filled, fixed_part, names_at
from ketter_gui.domain.watching import MOST_TAKEN, Chosen, Unit
from ketter_gui.store import taken, watch_folders
from ketter_gui.store.taken import TakenFile
from ketter_gui.store.transaction import Transaction
from ketter_gui.store.watch_folders import WatchRecord
from ketter_gui.system.volumes import locate
from ketter_gui.watch.folder import Settled, name_of


class Batch(NamedTuple):
    """What becomes one transfer; `source` is the watch folder, or a folder in it."""

    source: bytes
    is_bare: bool
    settled: tuple[Settled, ...]

    @property
    def files(self) -> int:
        """How many files that are."""
        return sum(len(one.files) for one in self.settled)

    @property
    def size_bytes(self) -> int:
        """And how many bytes."""
        return sum(file.size_bytes for one in self.settled for file in one.files)

    def rows(self) -> Iterable[TakenFile]:
        """What is written down as taken."""
        for one in self.settled:
            for folder in one.folders:
                yield TakenFile(Chosen(folder, None))
            for file in one.files:
                yield TakenFile(file.chosen, file.born_ns)


def next_batch(record: WatchRecord, ready: Sequence[Settled]) -> Batch:
    """The first of what is ready: a folder for itself, or as many files as one transfer has."""
    first = ready[0]
    if record.rules.unit is Unit.FOLDER and _is_folder(first):
        return Batch(posixpath.join(record.path, first.key), False, (first,))
    files: list[Settled] = []
    for one in ready:
        if len(files) == MOST_TAKEN:
            break
        if record.rules.unit is Unit.FILE or not _is_folder(one):
            files.append(one)
    return Batch(record.path, True, tuple(files))


def _is_folder(one: Settled) -> bool:
    return bool(one.folders) or any(file.chosen.path != one.key for file in one.files)


def request_for(record: WatchRecord, batch: Batch, moment: datetime) -> Request:
    """The request of a batch, with its destinations made ready. May wait for disks. Raises
    RefusedError and WaitingError."""
    destinations = tuple(
        _destination(record, index, moment) for index in range(len(record.rules.destinations))
    )
    rules = record.rules
    return Request((batch.source,), destinations, rules.mode, rules.options, batch.is_bare)


def _destination(record: WatchRecord, index: int, moment: datetime) -> bytes:
    wished = record.rules.destinations[index]
    fixed = fixed_part(wished)
    if record.rules.volumes and locate(fixed).volume != record.rules.volumes[index]:
        raise VolumeReplaced(fixed)
    names = names_at(moment, name_of(record.path), record.label.encode("utf-8", "replace"))
    whole = filled(wished, names)
    if whole == fixed:
        return whole
    try:
        make_below(fixed, posixpath.relpath(whole, fixed))
    except FileNotFoundError as error:
        raise DestinationMissing(fixed) from error
    except OSError as error:
        raise DestinationReadOnly(whole, errno=error.errno) from error
    return whole


def transfer_name(record: WatchRecord, batch: Batch) -> str:
    """What people see in the queue and in the history."""
    watch = to_text(name_of(record.path)).text
    if not batch.is_bare:
        return f"{to_text(batch.settled[0].key).text} ({watch})"
    first = to_text(posixpath.basename(batch.settled[0].key)).text
    return first if batch.files == 1 else f"{batch.files:,} files from {watch}"


def write_taken(record: WatchRecord, batch: Batch, tx: Transaction, transfer: int) -> None:
    """Write down what a transfer takes, in the transaction that creates it. Raises
    WatchedElsewhere, and nothing is created, for a watcher that hung on a drive until another
    process had the folder."""
    last = batch.settled[-1].files[-1].chosen.path
    if not watch_folders.note_taken(tx, record.id, batch.files, batch.size_bytes, last):
        raise WatchedElsewhere(record.path)
    taken.take(tx, record.id, transfer, batch.rows())
