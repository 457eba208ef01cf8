"""How fast the ledger writes, against bare `executemany` of the same rows.

`python -m tests.benchmarks.bench_ledger [--items N] [--at FOLDER]` prints one JSON object.
All ways write the same two things in the same settings (WAL, synchronous=FULL), a durable
commit for every 1 000 copies: each copy's proof, and one audit entry for each copy.

    bare        executemany of finished rows on one connection: no chain, no thread
    batches     `submit` with 1 000 rows at a time, and a barrier
    events      `submit` for each copy, as a journal does, and a barrier for each 1 000
"""

from __future__ import annotations

import argparse
import json
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from ketter_gui.domain.chain import COLUMNS, GENESIS, Head, Row, chained, head_of
from ketter_gui.domain.events import AuditDraft, AuditEvent
from ketter_gui.domain.items import Identity, ReadBack
from ketter_gui.evidence.audit_verify import verify_ledger
from ketter_gui.store import (
    Ledger,
    NewItem,
    ProvenRow,
    Write,
    add_items,
    mark_copying,
    record_audit,
    record_proven,
)
from ketter_gui.store.columns import checksums_text
from tests.benchmarks.figures import Figures
from tests.store.building import keys_of, running, state

_BATCH = 1000
_SHA = (("sha256", "ab" * 32),)
_UPDATE = (
    "UPDATE copies SET status = 'proven', inode = ?, part_size = ?, part_mtime_ns = ?,"
    " checksums = ?, read_back = ?, proven_us = ? WHERE item = ? AND destination = ?"
)
_INSERT = f"INSERT INTO audit ({','.join(COLUMNS)}) VALUES ({','.join('?' * len(COLUMNS))})"

Keys = Sequence[tuple[int, int]]
Way = Callable[[Ledger, Keys], Callable[[], None]]
"""Gets ready, and returns what is measured."""


def ledger(folder: Path, share: int, runs: int) -> Figures:
    """A chained audit entry and a proven copy for each of 50 000 files, in batches of 1 000 and
    event by event, beside a bare `executemany` of the same rows. A ratio of 4 is the most
    that is allowed."""
    ways: dict[str, Way] = {"bare executemany": _bare, "batches": _batches, "events": _events}
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for run in range(runs):
        for name, way in ways.items():
            data_dir = folder / f"ledger-{run}-{name[:5]}"
            rates[name].append(_measured(data_dir, 25_000 // share, way)["rows_per_s"])
            shutil.rmtree(data_dir)
    bare = statistics.median(rates["bare executemany"])
    return {
        name: {
            "rows_per_s": round(statistics.median(some)),
            "ratio": round(bare / statistics.median(some), 3),
        }
        for name, some in rates.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.bench_ledger")
    parser.add_argument("--items", type=int, default=25_000, help="of two copies each")
    parser.add_argument("--at", type=Path, help="the folder, so the disk, to measure on")
    parser.add_argument("--runs", type=int, default=3, help="of each way, in turn")
    given = parser.parse_args()
    ways: dict[str, Way] = {
        "bare": _bare,
        "batches": _batches,
        "events": _events,
    }
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in ways}
    for _ in range(given.runs):
        for name, way in ways.items():
            with tempfile.TemporaryDirectory(dir=given.at, prefix="ketter-bench-") as folder:
                runs[name].append(_measured(Path(folder) / "data", given.items, way))
    figures = {name: _median(several) for name, several in runs.items()}
    for figure in figures.values():
        figure["ratio_to_bare"] = round(figure["rows_per_s"] / figures["bare"]["rows_per_s"], 3)
    print(json.dumps({"copies": given.items * 2, "runs": given.runs, "ways": figures}, indent=1))


def _median(several: Sequence[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median([figures[name] for figures in several]) for name in several[0]}


def _measured(data_dir: Path, count: int, way: Way) -> dict[str, float]:
    with Ledger.open(data_dir) as ledger:
        transfer = running(ledger)
        scan_s = _scanned(ledger, transfer, count)
        keys = keys_of(ledger.items(transfer, limit=count))
        ledger.submit(Write(mark_copying, keys))
        ledger.barrier()
        write = way(ledger, keys)
        wall, cpu = time.perf_counter(), time.process_time()
        write()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        figure: dict[str, float] = {
            "rows_per_s": round(len(keys) * 2 / wall),
            "rows_per_cpu_s": round(len(keys) * 2 / cpu),
            "scan_items_per_s": round(count / scan_s),
        }
        started = time.perf_counter()
        verdict = verify_ledger(_rows(ledger), [], {}, ledger.chain)
        assert verdict.entries == len(keys)
        figure["verified_entries_per_s"] = round(len(keys) / (time.perf_counter() - started))
    ledger_bytes = sum(path.stat().st_size for path in data_dir.iterdir() if path.is_file())
    figure["bytes_per_copy"] = round(ledger_bytes / len(keys))
    return figure


def _scanned(ledger: Ledger, transfer: int, count: int) -> float:
    """Write items as a scan does; returns the seconds it took."""
    found = [NewItem(0, b"DCIM/%07d.mov" % number, state()) for number in range(count)]
    started = time.perf_counter()
    for start in range(0, count, _BATCH):
        piece = found[start : start + _BATCH]
        ledger.submit(lambda tx, piece=piece: add_items(tx, transfer, piece))  # type: ignore[misc]
    ledger.barrier()
    return time.perf_counter() - started


def _draft(key: tuple[int, int]) -> AuditDraft:
    return AuditDraft(
        "2026-03-01T12:00:00.000000Z",
        AuditEvent.CHECKSUM_VERIFIED,
        1,
        mode="copy",
        user="operator",
        host="station-1",
        item_path=f"A001/CLIPS/A001C{key[0]:07d}.mov",
        source_path=f"/media/card/A001/CLIPS/A001C{key[0]:07d}.mov",
        destination_path=f"/mnt/drive{key[1]}/A001/CLIPS/A001C{key[0]:07d}.mov",
        size_bytes="16384",
        algorithm="sha256",
        source_checksum=_SHA[0][1],
        destination_checksum=_SHA[0][1],
        read_back="storage",
        result="match",
        details='{"version":"0.1.0"}',
    )


def _proven(key: tuple[int, int]) -> ProvenRow:
    return ProvenRow(*key, Identity(9, 16384, 5), _SHA, ReadBack.STORAGE)


def _pieces(keys: Keys) -> Iterator[Keys]:
    for start in range(0, len(keys), _BATCH):
        yield keys[start : start + _BATCH]


def _bare(ledger: Ledger, keys: Keys) -> Callable[[], None]:
    """Rows are finished before the clock starts: only SQLite is measured."""
    head = Head(ledger.chain, 0, GENESIS)
    entries: list[Row] = []
    for key in keys:
        entries.append(chained(head, _draft(key)))
        head = head_of(entries[-1])
    proof = (9, 16384, 5, checksums_text(_SHA), "storage", 1)

    def write() -> None:
        with closing(sqlite3.connect(ledger.path, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = FULL")
            for start, piece in zip(range(0, len(keys), _BATCH), _pieces(keys), strict=True):
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany(_UPDATE, [(*proof, *key) for key in piece])
                connection.executemany(_INSERT, entries[start : start + _BATCH])
                connection.execute("COMMIT")

    return write


def _batches(ledger: Ledger, keys: Keys) -> Callable[[], None]:
    def write() -> None:
        for piece in _pieces(keys):
            ledger.submit(
                Write(record_proven, [_proven(key) for key in piece]),
                Write(record_audit, [_draft(key) for key in piece]),
            )
            ledger.barrier()

    return write


def _events(ledger: Ledger, keys: Keys) -> Callable[[], None]:
    def write() -> None:
        for piece in _pieces(keys):
            for key in piece:
                proof = Write(record_proven, [_proven(key)])
                ledger.submit(proof, Write(record_audit, [_draft(key)]))
            ledger.barrier()

    return write


def _rows(ledger: Ledger) -> Iterator[Row]:
    after = 0
    while page := ledger.audit_rows(after_sequence=after, limit=5000):
        yield from page
        after = int(page[-1][2])


if __name__ == "__main__":
    main()
