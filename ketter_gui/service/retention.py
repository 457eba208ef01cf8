"""Retention: prune what is older than it is to be kept, and leave a chain that verifies.

In this order, so that a process that dies anywhere in between loses nothing:

    1  what is to go is read whole and must hold: no checkpoint covers up a damage. With an
       archive it is written there, with its signature, and flushed
    2  one transaction: HISTORY_PRUNED into the chain, and the signed checkpoint. Until here
       nothing has changed; from here on it is decided
    3  the head is signed
    4  entries go, then transfers with their items, in small transactions

What was decided and not finished is finished first, the next time.

How old something is, the clock of this machine says, now and when it was written: who sets
it a year ahead makes everything a year older. A clock that is behind the newest entry is
certainly wrong, and nothing is pruned by it.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from ketter_gui.domain.chain import Head, Row
from ketter_gui.domain.errors import ChainBroken, ExportFailed
from ketter_gui.domain.events import AuditEvent
from ketter_gui.domain.names import to_text
from ketter_gui.domain.retention import Pruned
from ketter_gui.domain.retention_errors import ClockBehind
from ketter_gui.domain.times import utc_text
from ketter_gui.queue.witness import Witness, now_us
from ketter_gui.service import record
from ketter_gui.store import retention
from ketter_gui.store.audit import first_entry, newest_us
from ketter_gui.store.ledger import Ledger
from ketter_gui.store.retention import SignedCheckpoint
from ketter_gui.store.transaction import Transaction

DAY_US: Final = 86_400_000_000
_NAMES_TRIED: Final = 1000
_CLOCKS_DIFFER_US: Final = 3_600_000_000
"""An hour: what a clock may be set back by and still be believed."""

Stop = Callable[[], bool]
"""Whether to leave the rest for another time: asked between two batches."""


def never() -> bool:
    """For whoever waits for the end."""
    return False


def prune(
    ledger: Ledger,
    data_dir: Path,
    witness: Witness,
    *,
    days: int,
    archive: bytes | None = None,
    archive_folder: bytes | None = None,
    stop: Stop = never,
) -> Pruned:
    """Remove what is older than `days`; first write it to the new file `archive`, or to one
    in `archive_folder`, when there is one.

    Raises ExportFailed when the archive cannot be written, ChainBroken when the old entries
    do not hold, and ClockBehind: then nothing is removed.
    """
    finish(ledger, stop)
    at_us = now_us()
    _refuse_wrong_clock(ledger, at_us)
    before_us = at_us - days * DAY_US
    end, kept_for = ledger.read(lambda database: retention.cut(database, ledger.chain, before_us))
    start = ledger.read(lambda database: first_entry(database, ledger.chain))
    if end is None or start is None or stop():
        return Pruned(kept_for=kept_for, is_complete=not stop())
    written = _sealed(ledger, data_dir, start, end, archive, archive_folder)
    pruned = _decided(ledger, data_dir, witness, (start, end), before_us, written)
    if pruned is None:  # another process pruned, or somebody resumed an old transfer
        return Pruned(kept_for=kept_for, is_complete=False, archive=written)
    record.sign_head(ledger, data_dir, witness)
    is_complete = finish(ledger, stop)
    return Pruned(
        entries=end.sequence - start.sequence,
        transfers=pruned,
        first_sequence=start.sequence + 1,
        last_sequence=end.sequence,
        archive=written,
        kept_for=kept_for,
        is_complete=is_complete,
    )


def _refuse_wrong_clock(ledger: Ledger, at_us: int) -> None:
    newest = ledger.read(newest_us)
    if newest > at_us + _CLOCKS_DIFFER_US:
        raise ClockBehind(now=utc_text(at_us)[:16], newest=utc_text(newest)[:16])


def is_going(ledger: Ledger, transfer: int) -> bool:
    """Whether it was decided that a transfer goes, so that some of its items may be gone."""
    found = ledger.read(lambda database: retention.checkpoints(database, ledger.chain))
    return bool(found) and ledger.read(
        lambda database: retention.is_doomed(database, found[-1], transfer)
    )


def finish(ledger: Ledger, stop: Stop = never) -> bool:
    """Remove what the last checkpoint signed for and is still there; False when told to stop."""
    found = ledger.read(lambda database: retention.checkpoints(database, ledger.chain))
    if not found:
        return True
    last = found[-1]
    end, before_us = last.head.sequence, last.before_us
    while not stop():
        if not ledger.transact(lambda tx: retention.remove_entries(tx, end)):
            break
    while not stop():
        if ledger.transact(lambda tx: retention.remove_transfers(tx, before_us, end)) is None:
            return True
    return False


def is_unfinished(ledger: Ledger) -> bool:
    """Whether an earlier pruning was decided and not finished. Cheap."""
    found = ledger.read(lambda database: retention.checkpoints(database, ledger.chain))
    return bool(found) and ledger.read(lambda database: retention.leftovers(database, found[-1]))


def _sealed(
    ledger: Ledger,
    data_dir: Path,
    start: Head,
    end: Head,
    archive: bytes | None,
    folder: bytes | None,
) -> bytes | None:
    """Read all that is to go, and write it to its archive if it has one; returns its path."""
    if archive is not None:
        _write(ledger, data_dir, start, end, archive)
        return archive
    if folder is None:
        _check(record.rows(ledger, after=start.sequence, up_to=end.sequence), start, end)
        return None
    stem = f"ketter-audit-{ledger.chain[:8]}-{start.sequence + 1}-{end.sequence}"
    for number in range(1, _NAMES_TRIED):
        name = f"{stem}.csv.gz" if number == 1 else f"{stem}-{number}.csv.gz"
        path = os.path.join(folder, name.encode())
        try:
            _write(ledger, data_dir, start, end, path)
        except ExportFailed as error:
            if error.errno != errno.EEXIST:  # one that a process left which died after it
                raise
        else:
            return path
    raise ExportFailed(folder, errno=errno.EEXIST)


def _write(ledger: Ledger, data_dir: Path, start: Head, end: Head, path: bytes) -> None:
    from ketter_gui.evidence import audit_csv, keys

    audit_csv.export(
        record.rows(ledger, after=start.sequence, up_to=end.sequence),
        path,
        key=keys.load_or_create(data_dir),
        head=end,
        start=start,
        at_us=now_us(),
    )


def _check(rows: Iterator[Row], start: Head, end: Head) -> None:
    from ketter_gui.evidence.audit_csv import Tally

    tally = Tally(None, start)
    for row in rows:
        tally.take(row)
    if tally.last != end:
        raise ChainBroken(sequence=end.sequence, damage="entries before it are missing")


def _decided(
    ledger: Ledger,
    data_dir: Path,
    witness: Witness,
    span: tuple[Head, Head],
    before_us: int,
    archive: bytes | None,
) -> int | None:
    """Write the checkpoint and tell of it; returns how many transfers go, None when what was
    read before is not so any more."""
    from ketter_gui.evidence import checkpoints, keys

    start, end = span
    key = keys.load_or_create(data_dir)
    at_us = now_us()
    signature = checkpoints.sign(key, end, before_us, at_us)
    one = SignedCheckpoint(end, before_us, signature, key.key_id, at_us)

    def write(tx: Transaction) -> int | None:
        now, _ = retention.cut(tx.database, ledger.chain, before_us)
        is_same = first_entry(tx.database, ledger.chain) == start
        if not is_same or now is None or now.sequence < end.sequence:
            return None
        transfers = retention.doomed_count(tx.database, before_us, end.sequence)
        details: dict[str, object] = {
            "first_sequence": start.sequence + 1,
            "last_sequence": end.sequence,
            "last_hash": end.entry_hash,
            "entries": end.sequence - start.sequence,
            "transfers": transfers,
            "before_us": before_us,
            "archive": None if archive is None else to_text(archive).text,
            "key_id": key.key_id,
        }
        retention.add_checkpoint(tx, one)
        tx.chain([witness.draft(AuditEvent.HISTORY_PRUNED, None, details)])
        return transfers

    return ledger.transact(write)
