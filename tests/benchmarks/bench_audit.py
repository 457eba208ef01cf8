"""What it takes to verify and to export an audit, short and very long: seconds and memory.

The ledger is made by the same functions of `store` that a transfer writes with: two entries
for each file, its item and its copy beside them. Then the command line is started for each
question, and its peak resident memory is asked of the system.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from ketter_gui.domain.chain import canonical_json
from ketter_gui.domain.events import AuditDraft, AuditEvent
from ketter_gui.domain.items import Identity, ReadBack
from ketter_gui.domain.status import TransferStatus
from ketter_gui.queue.witness import Witness
from ketter_gui.service import record
from ketter_gui.store import (
    FinishedRow,
    Ledger,
    NewItem,
    ProvenRow,
    SourceRow,
    Write,
    add_items,
    mark_copying,
    record_audit,
    record_proven,
    record_source_checksums,
    record_verified,
)
from tests.benchmarks.figures import Figures
from tests.store.building import become, created, request, state

_BATCH: Final = 1000
_CHECKSUMS: Final = (("sha256", "ab" * 32),)


def audit(folder: Path, share: int, _runs: int) -> Figures:
    """10 000 and 1 000 000 entries: verified, compared with the tables, exported, the export
    verified; peak resident MB of each, and beside that of the shorter one."""
    found: Figures = {}
    for entries in (10_000 // share, 1_000_000 // share):
        data_dir, export = folder / f"audit-{entries}", folder / f"audit-{entries}.csv"
        started = time.perf_counter()
        count = _made(data_dir, entries // 2)
        found[f"write {entries:,}"] = {"seconds": round(time.perf_counter() - started, 2)}
        for name, words in {
            "verify": ["verify"],
            "verify --deep": ["verify", "--deep"],
            "export": ["export", str(export)],
            "verify the export": ["verify", str(export)],
        }.items():
            seconds, peak_mb = _asked(data_dir, words)
            first = found.get(f"{name} {10_000 // share:,}", {"peak_mb": peak_mb})
            found[f"{name} {entries:,}"] = {
                "seconds": round(seconds, 2),
                "entries_per_s": round(count / seconds),
                "peak_mb": round(peak_mb, 1),
                "ratio": round(peak_mb / first["peak_mb"], 3),
            }
        export.unlink()
        shutil.rmtree(data_dir)
    return found


def _made(data_dir: Path, files: int) -> int:
    """A ledger with one transfer of so many files to one drive; returns its entries."""
    with Ledger.open(data_dir) as ledger:
        witness = Witness.here()
        new = request(destinations=1)
        transfer = created(ledger, new)
        asked = {
            "sources": [one.path.decode() for one in new.sources],
            "destinations": [one.path.decode() for one in new.destinations],
        }
        _tell(ledger, [_step(witness, AuditEvent.TRANSFER_CREATED, transfer, asked)])
        become(ledger, transfer, TransferStatus.PREPARING, TransferStatus.RUNNING)
        for start in range(0, files, _BATCH):
            _copied(ledger, transfer, range(start, min(start + _BATCH, files)))
        become(ledger, transfer, TransferStatus.COMPLETED)
        _tell(ledger, [_step(witness, AuditEvent.TRANSFER_COMPLETED, transfer, {})])
        record.sign_head(ledger, data_dir, witness)
        return ledger.head().sequence


def _step(
    witness: Witness, event: AuditEvent, transfer: int, details: Mapping[str, object]
) -> AuditDraft:
    return witness.draft(event, transfer, details, mode="copy")


def _tell(ledger: Ledger, drafts: Sequence[AuditDraft]) -> None:
    ledger.transact(lambda tx: tx.chain(drafts))


def _copied(ledger: Ledger, transfer: int, numbers: range) -> None:
    """What a batch of files leaves behind, durable at the end."""
    found = [NewItem(0, b"DCIM/%07d.mov" % number, state()) for number in numbers]
    ledger.transact(lambda tx: add_items(tx, transfer, found))
    items = ledger.items(transfer, after_id=numbers.start, limit=_BATCH)
    keys = [(one.item.id, 0) for one in items]
    identity = Identity(9, 1000, 5)
    ledger.submit(
        Write(mark_copying, keys),
        Write(record_source_checksums, [SourceRow(key[0], _CHECKSUMS) for key in keys]),
        Write(
            record_proven,
            [ProvenRow(*key, identity, _CHECKSUMS, ReadBack.STORAGE) for key in keys],
        ),
        Write(record_verified, [FinishedRow(one.item.id, 0, one.item.path) for one in items]),
        Write(record_audit, list(_told(transfer, numbers))),
    )
    ledger.barrier()


def _told(transfer: int, numbers: range) -> Iterator[AuditDraft]:
    details = canonical_json({"version": "0.1.0"})
    for number in numbers:
        for event in (AuditEvent.CHECKSUM_CALCULATED, AuditEvent.CHECKSUM_VERIFIED):
            is_end = event is AuditEvent.CHECKSUM_VERIFIED
            yield AuditDraft(
                "2026-03-01T12:00:00.000000Z",
                event,
                transfer,
                mode="copy",
                user="operator",
                host="station-1",
                item_path=f"DCIM/{number:07d}.mov",
                source_path=f"/mnt/card/DCIM/{number:07d}.mov",
                destination_path=f"/mnt/drive0/DCIM/{number:07d}.mov" if is_end else "",
                size_bytes="1000",
                algorithm="sha256",
                source_checksum=_CHECKSUMS[0][1],
                destination_checksum=_CHECKSUMS[0][1] if is_end else "",
                read_back="storage" if is_end else "",
                result="FINAL: equal" if is_end else "SOURCE",
                duration_s="0.000042",
                speed_bytes_per_s="23809524",
                details=details,
            )


def _asked(data_dir: Path, words: Sequence[str]) -> tuple[float, float]:
    """Seconds and peak resident MB of `ketter audit` with these words."""
    command = [sys.executable, "-m", "ketter_gui", "--data-dir", str(data_dir), "audit", *words]
    started = time.perf_counter()
    child = os.posix_spawn(
        sys.executable,
        command,
        os.environ,
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, 1, 0)],
    )
    _, status, usage = os.wait4(child, 0)
    seconds = time.perf_counter() - started
    if status:
        raise SystemExit(f"ketter audit ended with {os.waitstatus_to_exitcode(status)}")
    return seconds, usage.ru_maxrss / 1024
