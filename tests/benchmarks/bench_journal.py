"""What a file costs the ledger, from the engine's events to durable rows.

`python -m tests.benchmarks.bench_journal [--files N] [--drives N] [--at FOLDER]` tells a
LedgerJournal what the engine tells of N files of 16 KiB, in batches of 1 000 with its
barriers, and prints one JSON object: seconds of CPU, for 10 000 files each, and the bytes
of ledger for each copy. Nothing is copied, so that the figures are quiet beside other work.

    scan            the ledger's thread, while items are found
    copy            the ledger's thread, from `copying` to `verified`
    read            the caller's thread, reading the pages of work
    tell            the caller's thread, making events and handing them over
    waited          the caller at barriers: by the clock, so this one depends on the disk

Before the entries and rows of all files of a batch were made in one go: scan 0.08,
copy 0.78, read 0.12, tell 0.06; since then 0.04, 0.32, 0.07 and 0.06. Of the 0.32,
SQLite itself takes 0.17.
"""

from __future__ import annotations

import argparse
import itertools
import json
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ketter_gui.domain import limits
from ketter_gui.domain.items import FileState, Identity, ItemKind, ReadBack
from ketter_gui.engine import journal as told
from ketter_gui.engine.plan import Plan, Work
from ketter_gui.queue.books import Books
from ketter_gui.queue.journal import LedgerJournal
from ketter_gui.queue.witness import Witness
from ketter_gui.store import Ledger
from tests.store.building import request, running

_SIZE_BYTES = 16 * limits.KIB


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.bench_journal")
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--drives", type=int, default=1)
    parser.add_argument("--at", type=Path, help="the folder, so the disk, to measure on")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.at, prefix="ketter-bench-") as folder:
        data_dir = Path(folder) / "data"
        spent = _measured(data_dir, given.files, given.drives)
        in_all = sum(path.stat().st_size for path in data_dir.iterdir() if path.is_file())
    figures = {name: round(seconds * 10_000 / given.files, 3) for name, seconds in spent.items()}
    given_sizes = {"files": given.files, "drives": given.drives}
    bytes_per_copy = {"bytes_per_copy": round(in_all / (given.files * given.drives))}
    print(json.dumps({**given_sizes, **figures, **bytes_per_copy}, indent=1))


def _measured(data_dir: Path, files: int, drives: int) -> dict[str, float]:
    spent: Counter[str] = Counter()
    with Ledger.open(data_dir) as ledger:
        new = request(destinations=drives)
        transfer = running(ledger, new)
        plan = Plan(transfer, new.token, new.mode, new.options, new.sources, new.destinations)
        books = Books(ledger, Witness.here())
        journal = LedgerJournal(books, plan)
        ledgers = _clock_of("ketter-ledger")
        with _spent(spent, "scan", ledgers):
            for start in range(0, files, limits.SCAN_BATCH_ITEMS):
                numbers = range(start, min(files, start + limits.SCAN_BATCH_ITEMS))
                journal.record(told.ItemsFound(tuple(map(_found, numbers))))
            journal.commit()
        works = books.works(plan)
        while True:
            with _spent(spent, "read", time.thread_time):
                batch = list(itertools.islice(works, limits.BATCH_FILES))
            if not batch:
                return dict(spent)
            with _spent(spent, "copy", ledgers):
                for events in (_started, _read_and_proven, _verified):
                    with _spent(spent, "tell", time.thread_time):
                        for event in events(batch):
                            journal.record(event)
                    with _spent(spent, "waited", time.perf_counter):
                        journal.commit()


def _clock_of(thread: str) -> Callable[[], float]:
    """The CPU time of another thread."""
    (number,) = (one.ident for one in threading.enumerate() if one.name == thread)
    assert number is not None
    clock = time.pthread_getcpuclockid(number)
    return lambda: time.clock_gettime(clock)


@contextmanager
def _spent(spent: Counter[str], name: str, clock: Callable[[], float]) -> Iterator[None]:
    before = clock()
    yield
    spent[name] += clock() - before  # type: ignore[assignment]


def _found(number: int) -> told.Found:
    moment = 1_700_000_000_123_456_789 + number
    state = FileState(
        ItemKind.FILE, _SIZE_BYTES, moment, moment, 66, 100_000 + number, 0o100644, 1000, 1000
    )
    return told.Found(0, b"DCIM/%04d/clip_%07d.bin" % (number // 100, number), state)


def _checksums(work: Work) -> told.Checksums:
    return (("sha256", f"{work.item.id * 0x9E3779B97F4A7C15:064x}"),)


def _started(batch: Sequence[Work]) -> Iterator[told.Event]:
    yield told.CopiesStarted(
        tuple((work.item.id, copy.destination) for work in batch for copy in work.copies)
    )


def _read_and_proven(batch: Sequence[Work]) -> Iterator[told.Event]:
    for work in batch:
        item = work.item
        yield told.SourceRead(item.id, item.path, item.state, _checksums(work), 0.000123, True)
    for work in batch:
        identity = Identity(200_000 + work.item.id, _SIZE_BYTES, work.item.state.mtime_ns)
        for copy in work.copies:
            yield told.CopyProven(
                work.item.id, copy.destination, identity, _checksums(work), ReadBack.STORAGE
            )


def _verified(batch: Sequence[Work]) -> Iterator[told.Event]:
    for work in batch:
        for copy in work.copies:
            yield told.CopyVerified(
                work.item.id,
                copy.destination,
                work.item.path,
                work.item.path,
                _SIZE_BYTES,
                _checksums(work),
                _checksums(work),
                ReadBack.STORAGE,
                0.000234,
            )


if __name__ == "__main__":
    main()
