"""Audit: what happened, exported, verified, signed.

`evidence` is imported where it is used: the cryptography below it takes longer to load
than a small file takes to copy.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ketter_gui.domain.chain import COLUMNS, Row
from ketter_gui.domain.errors import UsageError
from ketter_gui.domain.events import AuditEvent
from ketter_gui.domain.views import AuditLine, AuditVerdict, ItemOutcome
from ketter_gui.queue.witness import Witness, now_us
from ketter_gui.store import heads as signed_heads
from ketter_gui.store.ledger import Ledger
from ketter_gui.store.records import SignedHead

_PAGE: Final = 5000
_AT: Final = {name: index for index, name in enumerate(COLUMNS)}
_WORDS: Final = {
    AuditEvent.CHECKSUM_VERIFIED.value: "item.verified",
    AuditEvent.ITEM_RENAMED.value: "item.renamed",
    AuditEvent.ITEM_SKIPPED.value: "item.skipped",
    AuditEvent.ITEM_FAILED.value: "item.failed",
}


def rows(ledger: Ledger, transfer: int | None = None, since_us: int = 0) -> Iterator[Row]:
    """The audit in pages: flat memory, and no cursor is held half-read."""
    after = 0
    while True:
        page = ledger.audit_rows(
            transfer=transfer, since_us=since_us, after_sequence=after, limit=_PAGE
        )
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
    bom: bool,
    overwrite: bool,
) -> AuditVerdict:
    """Write the audit, or a part of it, and its signature."""
    from ketter_gui.evidence import audit_csv, keys

    since_us = _since_us(since) if since else 0
    if transfer is not None:
        ledger.transfer(transfer)
    return audit_csv.export(
        rows(ledger, transfer, since_us),
        path,
        key=keys.load_or_create(data_dir),
        head=ledger.head(),
        transfer=transfer,
        since=since,
        bom=bom,
        overwrite=overwrite,
        at_us=now_us(),
    )


def _since_us(text: str) -> int:
    """A date, or a date with a time; without a zone it is this machine's."""
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(problem=f"“{text}” is no date; write it as 2026-03-24.") from error
    return int(moment.timestamp() * 1_000_000)


def sign_head(ledger: Ledger, data_dir: Path, witness: Witness) -> None:
    """Sign the end of the chain as it is now; a new key is told of in the chain first."""
    from ketter_gui.evidence import heads, keys

    key = keys.load_or_create(data_dir)
    if key.is_new:
        draft = witness.draft(AuditEvent.KEY_CREATED, None, {"key_id": key.key_id})
        ledger.transact(lambda tx: tx.chain([draft]))
    head = ledger.head()
    at_us = now_us()
    signed = SignedHead(head, heads.sign(key, head, at_us), key.key_id, at_us)
    ledger.transact(lambda tx: signed_heads.record_signed(tx, [signed]))


def verify_ledger(ledger: Ledger, data_dir: Path) -> AuditVerdict:
    """The whole chain, against all heads that were ever signed."""
    from ketter_gui.evidence import audit_verify, keys

    return audit_verify.verify_ledger(
        rows(ledger), ledger.signed_heads(), keys.trusted(data_dir), ledger.chain
    )


def verify_export(data_dir: Path, path: bytes, head: bytes | None) -> AuditVerdict:
    """An exported CSV, alone or against a signed head from elsewhere."""
    from ketter_gui.evidence import audit_verify, keys

    return audit_verify.verify_export(path, keys.trusted(data_dir), head)


def compare_head(ledger: Ledger, data_dir: Path, path: bytes) -> AuditVerdict:
    """The ledger against a head that left the machine: whoever rewrote history since is
    found, key or no key."""
    from ketter_gui.evidence import audit_verify, keys

    return audit_verify.compare_head(rows(ledger), path, keys.trusted(data_dir))
