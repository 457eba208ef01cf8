"""Audit: what happened, exported, verified, signed.

`evidence` is imported where it is used: the cryptography below it takes longer to load
than a small file takes to copy.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from ketter_gui.domain.chain import COLUMNS, Head, Row
from ketter_gui.domain.errors import ChainBroken, UsageError
from ketter_gui.domain.events import AuditEvent
from ketter_gui.domain.views import AuditLine, AuditVerdict, ItemOutcome, ManifestWritten
from ketter_gui.queue.witness import Witness, now_us
from ketter_gui.store import heads as signed_heads
from ketter_gui.store.audit import first_entry, range_of
from ketter_gui.store.ledger import Ledger
from ketter_gui.store.records import SignedHead
from ketter_gui.store.retention import SignedCheckpoint
from ketter_gui.store.retention import checkpoints as checkpoints_in

if TYPE_CHECKING:
    from ketter_gui.evidence.keys import SigningKey

T = TypeVar("T")

_PAGE: Final = 5000
_LAST_LINES: Final = 20
_LAST: Final = (1 << 63) - 1
_AT: Final = {name: index for index, name in enumerate(COLUMNS)}
_WORDS: Final = {
    AuditEvent.CHECKSUM_VERIFIED.value: "item.verified",
    AuditEvent.ITEM_RENAMED.value: "item.renamed",
    AuditEvent.ITEM_SKIPPED.value: "item.skipped",
    AuditEvent.ITEM_FAILED.value: "item.failed",
}


def rows(
    ledger: Ledger, transfer: int | None = None, *, after: int = 0, up_to: int = _LAST
) -> Iterator[Row]:
    """The audit in pages: flat memory, and no cursor is held half-read."""
    while True:
        page = ledger.audit_rows(transfer=transfer, after_sequence=after, up_to=up_to, limit=_PAGE)
        yield from page
        if len(page) < _PAGE:
            return
        after = int(page[-1][_AT["sequence"]])


def timeline(ledger: Ledger, transfer: int, limit: int) -> tuple[AuditLine, ...]:
    """A transfer's story, oldest first; of a long one its beginning and its end."""
    first = ledger.timeline(transfer, limit=limit)
    if len(first) < limit:
        return tuple(first)
    half = limit // 2
    return tuple(first[:half] + ledger.timeline(transfer, limit=half, is_end=True))


def manifests_written(ledger: Ledger, transfer: int) -> tuple[ManifestWritten, ...]:
    """What the last entries of a transfer tell of manifests that it left."""
    for line in reversed(ledger.timeline(transfer, limit=_LAST_LINES, is_end=True)):
        if '"manifests_written":' in line.details:
            told = json.loads(line.details)["manifests_written"]
            return tuple(ManifestWritten(**one) for one in told)
    return ()


def outcomes(ledger: Ledger, transfer: int, after_sequence: int) -> tuple[ItemOutcome, ...]:
    """The copies that reached their end after an entry, in order: the next ones that there
    are, at most a page of them; empty when there are none yet."""
    after = after_sequence
    while page := ledger.audit_rows(transfer=transfer, after_sequence=after, limit=_PAGE):
        if found := tuple(one for row in page if (one := _outcome(row)) is not None):
            return found
        after = int(page[-1][_AT["sequence"]])
    return ()


def _outcome(row: Row) -> ItemOutcome | None:
    cell = {name: row[index] for name, index in _AT.items()}
    event = _WORDS.get(cell["event"])
    if event is None:
        return None
    return ItemOutcome(
        sequence=int(cell["sequence"]),
        event=event,
        path=cell["item_path"],
        path_form=cell["path_form"],
        size_bytes=int(cell["size_bytes"] or 0),
        checksums=_checksums(cell),
        destination=cell["destination_path"],
        read_back=cell["read_back"],
        error_type=cell["error_type"],
        message=cell["message"],
        proof=_proof(cell["details"]),
    )


def _proof(details: str) -> dict[str, object] | None:
    """Of a copy that was there already: which transfer had read it back, and when."""
    if '"proof":' not in details:
        return None
    proof: dict[str, object] | None = json.loads(details).get("proof")
    return proof


def _checksums(cell: dict[str, str]) -> dict[str, str]:
    """The first one has columns of its own; with more than one, all are in the details. What
    was renamed was read once."""
    if not cell["algorithm"]:
        return {}
    if cell["event"] == AuditEvent.ITEM_RENAMED.value:
        read: dict[str, str] = json.loads(cell["details"]).get("source_checksums", {})
        return {cell["algorithm"]: cell["source_checksum"], **read}
    several: dict[str, str] = json.loads(cell["details"]).get("destination_checksums", {})
    return {cell["algorithm"]: cell["destination_checksum"], **several}


def export(
    ledger: Ledger,
    data_dir: Path,
    path: bytes,
    *,
    transfer: int | None,
    since: str,
    until: str,
    bom: bool,
    overwrite: bool,
) -> AuditVerdict:
    """Write the audit, or a part of it, and its signature."""
    from ketter_gui.evidence import audit_csv, keys

    since_us, until_us = _moment_us(since), _moment_us(until)
    if since_us and until_us and since_us >= until_us:
        raise UsageError(problem=f"No time is both after “{since}” and before “{until}”.")
    if transfer is not None:
        ledger.transfer(transfer)
    key = keys.load_or_create(data_dir)

    def write() -> AuditVerdict:
        first, last = ledger.read(lambda database: range_of(database, since_us, until_us))
        return audit_csv.export(
            rows(ledger, transfer, after=first - 1, up_to=last),
            path,
            key=key,
            head=ledger.head(),
            transfer=transfer,
            since=since,
            until=until,
            start=_start(ledger, data_dir),
            bom=bom,
            overwrite=overwrite,
            at_us=now_us(),
        )

    return _while_pruning(ledger, write)


def _start(ledger: Ledger, data_dir: Path) -> Head:
    """What the first entry must follow, vouched for by a signed checkpoint."""
    from ketter_gui.evidence import checkpoints, keys

    newest = checkpoints.newest(_checkpoints(ledger), keys.trusted(data_dir), ledger.chain)
    first = next(iter(ledger.audit_rows(limit=1)), None)
    return checkpoints.beginning(first, ledger.chain, newest.head if newest else None)


def _checkpoints(ledger: Ledger) -> list[SignedCheckpoint]:
    return ledger.read(lambda database: checkpoints_in(database, ledger.chain))


def _while_pruning(ledger: Ledger, work: Callable[[], T]) -> T:
    """Do it again when the beginning was pruned meanwhile: what was read then has a hole that
    is none."""

    def beginning() -> Head | None:
        return ledger.read(lambda database: first_entry(database, ledger.chain))

    while True:
        before = beginning()
        try:
            return work()
        except ChainBroken:
            if beginning() == before:
                raise


def _moment_us(text: str) -> int:
    """A date, or a date with a time; without a zone it is this machine's. 0 for no text."""
    if not text:
        return 0
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(problem=f"“{text}” is no date; write it as 2026-03-24.") from error
    return int(moment.timestamp() * 1_000_000)


def sign_head(ledger: Ledger, data_dir: Path, witness: Witness) -> None:
    """Sign the end of the chain as it is now; a key that did not sign the head before this
    one is told of in the chain first, whoever put it there."""
    from ketter_gui.evidence import keys

    key = keys.load_or_create(data_dir)
    last = ledger.last_signed()
    if key.is_new or last is None:
        _tell(ledger, witness, AuditEvent.KEY_CREATED, key, last.key_id if last else None)
    elif key.key_id != last.key_id:
        _tell(ledger, witness, AuditEvent.KEY_CHANGED, key, last.key_id)
    _sign_with(ledger, key)


def rotate_key(ledger: Ledger, data_dir: Path, witness: Witness) -> tuple[str, str]:
    """Begin to sign with a new key; returns the ids of the old one and the new one.

    The old key signs the entry that names its successor, so that who trusts the old one
    may trust the new one. A process that dies before the file is replaced leaves the old
    key in use, and an entry of a key that never signed.
    """
    from ketter_gui.evidence import keys

    sign_head(ledger, data_dir, witness)
    old = keys.load_or_create(data_dir)
    new = keys.new_key(data_dir)
    _tell(ledger, witness, AuditEvent.KEY_CHANGED, new, old.key_id)
    _sign_with(ledger, old)
    keys.replace(data_dir, new)
    _sign_with(ledger, new)
    return old.key_id, new.key_id


def _tell(
    ledger: Ledger, witness: Witness, event: AuditEvent, key: SigningKey, before: str | None
) -> None:
    details: dict[str, object] = {"key_id": key.key_id, "public_key": key.public.hex()}
    if before is not None:
        details["before"] = before
    draft = witness.draft(event, None, details)
    ledger.transact(lambda tx: tx.chain([draft]))


def _sign_with(ledger: Ledger, key: SigningKey) -> None:
    from ketter_gui.evidence import heads

    head = ledger.head()
    at_us = now_us()
    signed = SignedHead(head, heads.sign(key, head, at_us), key.key_id, at_us)
    ledger.transact(lambda tx: signed_heads.record_signed(tx, [signed]))


def verify_ledger(ledger: Ledger, data_dir: Path) -> AuditVerdict:
    """The whole chain, against all heads that were ever signed."""
    from ketter_gui.evidence import audit_verify, keys

    trusted = keys.trusted(data_dir)

    def verify() -> AuditVerdict:
        found = _checkpoints(ledger)
        heads = ledger.signed_heads()
        return audit_verify.verify_ledger(rows(ledger), heads, trusted, ledger.chain, found)

    return _while_pruning(ledger, verify)


def verify_export(data_dir: Path, path: bytes, head: bytes | None) -> AuditVerdict:
    """An exported CSV, alone or against a signed head from elsewhere."""
    from ketter_gui.evidence import audit_verify, keys

    return audit_verify.verify_export(path, keys.trusted(data_dir), head)


def compare_head(ledger: Ledger, data_dir: Path, path: bytes) -> AuditVerdict:
    """The ledger against a head that left the machine: whoever rewrote history since is
    found, key or no key."""
    from ketter_gui.evidence import audit_verify, keys

    trusted = keys.trusted(data_dir)
    return _while_pruning(
        ledger,
        lambda: audit_verify.compare_head(rows(ledger), path, trusted, _checkpoints(ledger)),
    )
