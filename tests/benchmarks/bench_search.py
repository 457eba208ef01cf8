"""How long a page of the history and of clips takes, in a ledger of many years.

    python -m tests.benchmarks.bench_search [--transfers N] [--items N] [--at DIR]

The rows are made in bulk, through the ledger's own schema; the index by the program.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

from ketter_gui.domain.search import HistoryQuery
from ketter_gui.domain.status import TransferStatus
from ketter_gui.service.search import find_items
from ketter_gui.store.ledger import Ledger
from ketter_gui.store.search_index import NAME, SearchIndex
from ketter_gui.store.transaction import Transaction

_RUNS = 7
_DAY_US = 86_400_000_000
_TOGETHER = 50_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--transfers", type=int, default=1000)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--at", type=Path, default=None)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.at) as room:
        data_dir = Path(room, "data")
        with Ledger.open(data_dir) as ledger:
            fill(ledger, given.transfers, given.items)
            size = ledger.path.stat().st_size
            began_s = time.monotonic()
            with closing(SearchIndex(ledger)) as index:
                assert index.bring_up_to_date(float("inf"))
            lasted_s = time.monotonic() - began_s
            print(f"{given.transfers:,} transfers, {given.items:,} items:")
            print(f"  the ledger {size / 1e6:,.0f} MB, {size / given.items:.0f} bytes an item")
            indexed = data_dir.joinpath(NAME).stat().st_size
            print(
                f"  the index {indexed / 1e6:,.0f} MB, {indexed / given.items:.0f} bytes an item,"
                f" made in {lasted_s:.1f} s"
            )
            ask(ledger, given.transfers, given.items)


def fill(ledger: Ledger, transfers: int, items: int) -> None:
    """Copies of card after card to one drive, one a third of a day."""
    each = items // transfers
    for first in range(0, transfers, max(1, _TOGETHER // each)):
        last = min(transfers, first + max(1, _TOGETHER // each))
        ledger.transact(partial(cards, first=first, last=last, each=each))


def cards(tx: Transaction, first: int, last: int, each: int) -> None:
    for number in range(first, last):
        transfer, at_us = number + 1, 1_600_000_000_000_000 + number * _DAY_US // 3
        tx.execute(
            "INSERT INTO transfers (id, token, name, mode, status, options, created_us,"
            " finished_us, files_total, is_scanned) VALUES (?, ?, ?, 'copy', 'completed', '{}',"
            " ?, ?, ?, 1)",
            (transfer, f"{transfer:08x}", card(number), at_us, at_us + 1, each),
        )
        for table, path, label in (
            ("sources", f"/media/{card(number)}", f"CARD{number % 20}"),
            ("destinations", f"/mnt/RAID_{number % 3}", f"RAID_{number % 3}"),
        ):
            name = ", name, kind" if table == "sources" else ""
            rest = ", x'41', 'folder'" if table == "sources" else ""
            tx.execute(
                f"INSERT INTO {table} (transfer, idx, path, volume, within, medium, devices,"
                f" label, volume_kind{name}) VALUES (?, 0, ?, ?, x'41', 'storage', '[]', ?, 'ssd'{rest})",
                (transfer, os.fsencode(path), f"uuid-{label}", label),
            )
        tx.executemany(
            "INSERT INTO items (id, transfer, source, path, kind, size_bytes, mtime_ns, ctime_ns,"
            " device, inode, mode, uid, gid, checksums) VALUES"
            " (?, ?, 0, ?, 'file', 300000, 1, 1, 1, ?, 33188, 0, 0, ?)",
            rows(number, each, transfer),
        )
        tx.execute(
            "INSERT INTO copies (item, destination, status, inode, part_size, part_mtime_ns,"
            " final_path, read_back, checksums, proven_us) SELECT id, 0, 'verified', inode, 300000,"
            " 1, path, 'storage', checksums, 1 FROM items WHERE transfer = ?",
            (transfer,),
        )


def card(number: int) -> str:
    return f"{'ABCD'[number % 4]}{number % 1000:03d}_{number:05d}"


def rows(number: int, each: int, transfer: int) -> Iterator[tuple[int, int, bytes, int, str]]:
    for clip in range(each):
        item = number * each + clip + 1
        name = f"{card(number)}/CLIPS/{card(number)[:4]}C{clip:03d}_{number % 365:06d}.mov"
        value = hashlib.sha256(item.to_bytes(8, "big")).hexdigest()
        yield item, transfer, name.encode(), item, f'{{"sha256":"{value}"}}'


def ask(ledger: Ledger, transfers: int, items: int) -> None:
    history: dict[str, HistoryQuery] = {
        "all": HistoryQuery(),
        "a card's name": HistoryQuery(text=card(transfers // 2)),
        "a name that is nowhere": HistoryQuery(text="nowhere-at-all"),
        "a drive": HistoryQuery(volume="RAID_1"),
        "a month": HistoryQuery(
            since_us=1_600_000_000_000_000 + 90 * _DAY_US,
            until_us=1_600_000_000_000_000 + 120 * _DAY_US,
        ),
        "what failed": HistoryQuery(statuses=frozenset({TransferStatus.FAILED})),
    }
    for name, query in history.items():
        tell(f"transfers, {name}", partial(ledger.transfers, query, limit=200))
        tell(f"  counted, {name}", partial(ledger.transfer_count, query))
    tell("transfers, the last page", lambda: ledger.transfers(offset=transfers - 200, limit=200))
    value = hashlib.sha256((items // 2).to_bytes(8, "big")).hexdigest()
    each = items // transfers
    for name, text in {
        "a name that everything has": ".mov",
        "a clip's number": f"C{each - 1:03d}_",
        "one clip, newest": f"{card(transfers - 1)[:4]}C{each - 1:03d}_{(transfers - 1) % 365:06d}",
        "one clip, oldest": f"{card(0)}/CLIPS/{card(0)[:4]}C000_000000.mov",
        "a name that is nowhere": "A000C000_999999.mov",
        "a checksum": value,
        "a part of a checksum": value[:12],
        "a checksum that is nowhere": "f" * 64,
    }.items():
        tell(f"clips, {name}", partial(clips, ledger, text))


def clips(ledger: Ledger, text: str) -> object:
    return find_items(ledger, text, offset=0, limit=50).items


def tell(name: str, work: Callable[[], object]) -> None:
    times, found = [], None
    for _ in range(_RUNS):
        began_s = time.perf_counter()
        found = work()
        times.append((time.perf_counter() - began_s) * 1000)
    count = len(found) if isinstance(found, tuple | list) else found
    print(
        f"  {name:42} median {statistics.median(times):7.1f} ms, most {max(times):7.1f}  ({count})"
    )


if __name__ == "__main__":
    main()
