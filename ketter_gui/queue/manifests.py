"""What the manifests that came with the sources promise, written down before the work.

After the scan and before the first byte is copied, so that the one read can compare. What
a manifest lists and is not on the disk either, is missing; what is there and no item
(litter, what was left out) is not.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from typing import Final

from ketter_gui.checksums.registry import known
from ketter_gui.domain.errors import (
    CopyFailedError,
    KetterError,
    ManifestDamaged,
    ManifestNotCompared,
    ManifestOfOthers,
    ManifestUnreadable,
    SourceLacksFiles,
)
from ketter_gui.domain.expected import chosen, day_text, examples_text
from ketter_gui.domain.items import ItemKind
from ketter_gui.domain.names import to_text
from ketter_gui.engine.journal import Noted
from ketter_gui.engine.plan import Bench
from ketter_gui.engine.scan import scan_paths
from ketter_gui.evidence.manifests.entries import Dated, Entry, Refused
from ketter_gui.evidence.manifests.kinds import Format
from ketter_gui.queue.found_manifests import FoundManifest, beside, inside
from ketter_gui.queue.matching import is_there, matched
from ketter_gui.store import expected
from ketter_gui.store.expected import ExpectedRow, ManifestRecord
from ketter_gui.store.ledger import Ledger

_PAGE: Final = 900
"""Entries that are looked up together."""

_PAGES_AHEAD: Final = 20
"""How far reading may be ahead of the ledger: rows wait in memory."""

_EXAMPLES: Final = 3


@dataclass(slots=True)
class _Said:
    """What reading one manifest came to. `missing_near` are those of the missing files
    whose folder is there, as far as it matters."""

    when_us: int = 0
    matched: int = 0
    missing: int = 0
    missing_near: int = 0
    not_compared: int = 0
    example: tuple[bytes, str] | None = None
    problem: KetterError | None = None
    record: ManifestRecord | None = None

    def leave(self, path: bytes, why: str) -> None:
        """An entry that cannot be compared."""
        self.not_compared += 1
        self.example = self.example or (path, why)


@dataclass(slots=True)
class _Reading:
    """The way through all manifests of a transfer. `numbers` are those of an earlier run."""

    bench: Bench
    ledger: Ledger
    numbers: dict[tuple[bool, bytes], int] = field(default_factory=dict)
    last: int = 0
    pages: int = 0

    @property
    def transfer(self) -> int:
        return self.bench.plan.transfer


def read_manifests(bench: Bench, ledger: Ledger) -> None:
    """Write down what every manifest says of this transfer's files, and tell of those that
    cannot be used and of files that are missing. Again is no harm.

    Raises Cancelled, Stopped, LedgerError and WaitingError.
    """
    records = ledger.read(partial(expected.manifests, transfer=bench.plan.transfer))
    reading = _Reading(
        bench,
        ledger,
        {(one.is_beside, one.path): one.number for one in records},
        max((one.number for one in records), default=0),
    )
    for _, history in groupby(inside(bench, ledger), _history_of):
        _read_history(reading, list(history))
    with closing(beside(bench)) as histories:
        for generations in histories:
            _read_history(reading, generations)
    bench.journal.commit()
    ledger.barrier()


def _history_of(one: FoundManifest) -> bytes:
    return one.kind.history


def look_again(bench: Bench, ledger: Ledger, *, is_more: bool) -> bool:
    """Make items of what was missing and is there by now. True if there are any, or
    `is_more`: folders could be listed that could not before; then they are compared like
    the others."""
    transfer = bench.plan.transfer
    after, is_any = b"", is_more
    while page := ledger.read(
        partial(expected.missing, transfer=transfer, after=after, limit=_PAGE)
    ):
        after = page[-1]
        if there := [path for path in page if is_there(bench, path)]:
            is_any = True
            scan_paths(bench, there)
            ledger.submit(partial(expected.forget_missing, transfer=transfer, paths=there))
    if is_any:
        ledger.barrier()
        read_manifests(bench, ledger)
    return is_any


# --- reading -----------------------------------------------------------------------------------


def _read_history(reading: _Reading, generations: list[FoundManifest]) -> None:
    """The newest first: it decides, the older ones only add."""
    generations.sort(key=lambda one: one.path, reverse=True)
    history = 0
    all_said = []
    for one in generations:
        number = reading.numbers.get((one.is_beside, one.path))
        is_known = number is not None
        if number is None:
            reading.last += 1
            number = reading.last
        history = history or number
        said = _read_one(reading, one, number, history, is_known=is_known)
        if said is not None:
            all_said.append((one, said))
    if any(said.missing for _, said in all_said):
        is_others = not any(said.matched or said.missing_near for _, said in all_said)
        _tell_missing(reading, *all_said[0], history, is_others=is_others)


def _read_one(
    reading: _Reading, one: FoundManifest, number: int, history: int, *, is_known: bool
) -> _Said | None:
    """None: it is not there any more, and what it said before holds."""
    said = _Said()
    transfer = reading.transfer
    record = ManifestRecord(number, history, one.path, one.is_beside)
    try:
        _read_entries(reading, one, number, history, said)
    except ManifestDamaged as error:
        said.problem = error
    except OSError as error:
        if is_known:
            return None
        said.problem = ManifestUnreadable(one.path, errno=error.errno)
    except CopyFailedError as error:
        said.problem = ManifestDamaged(one.path, problem=error.sentences()[0])
    if said.problem is not None:
        reading.ledger.submit(partial(expected.forget_said, transfer=transfer, manifest=number))
        said.matched = said.missing = 0
    if one.is_beside and said.problem is None and not (said.matched or said.missing):
        return None  # it is about others
    said.record = record._replace(when_us=said.when_us, files_listed=said.matched + said.missing)
    _tell(reading, said, said.problem or _partly(one, said))
    return said


def _read_entries(
    reading: _Reading, one: FoundManifest, number: int, history: int, said: _Said
) -> None:
    """One without a date of its own has that of its file."""
    some: list[Entry] = []
    with one.opened(reading.bench.control) as (said.when_us, entries):
        for found in entries:
            if isinstance(found, Dated):
                said.when_us = found.when_us
            elif isinstance(found, Refused):
                said.leave(found.path, found.why)
            else:
                some.append(found)
                if len(some) >= _PAGE:
                    _record(reading, one, number, history, some, said)
                    some = []
    _record(reading, one, number, history, some, said)


def _record(
    reading: _Reading,
    one: FoundManifest,
    number: int,
    history: int,
    some: Sequence[Entry],
    said: _Said,
) -> None:
    """Match some entries with items, and write down what is expected of these."""
    reading.bench.control.checkpoint()
    mine = [(path, entry) for entry in some if (path := one.to_item(entry.path)) is not None]
    mine = [(path, entry) for path, entry in mine if path != one.path]  # `md5sum * > MD5SUMS`
    items = matched(reading.ledger, reading.transfer, [path for path, _ in mine])
    rows: list[ExpectedRow] = []
    missing: list[bytes] = []
    for path, entry in mine:
        found = items.get(path)
        if found is None:
            if not is_there(reading.bench, path):
                missing.append(path)
        elif found[1] is ItemKind.FILE:
            rows += _rows(reading, entry, path, found[0], said)
    said.missing += len(missing)
    if not said.missing_near:
        folders = dict.fromkeys(posixpath.dirname(path) for path in missing)
        said.missing_near = sum(is_there(reading.bench, folder) for folder in folders)
    before = [item for _, entry in mine if entry.previous and (item := one.to_item(entry.previous))]
    miss = partial(
        expected.add_missing, transfer=reading.transfer, history=history, manifest=number
    )
    add = partial(
        expected.add_expected, transfer=reading.transfer, history=history, manifest=number
    )
    reading.ledger.submit(
        partial(miss, paths=before, is_explained=True), partial(miss, paths=missing)
    )
    if rows:
        reading.ledger.submit(partial(add, rows=rows))
    reading.pages += 1
    if reading.pages % _PAGES_AHEAD == 0:
        reading.ledger.barrier()


def _rows(
    reading: _Reading, entry: Entry, path: bytes, item: int, said: _Said
) -> list[ExpectedRow]:
    """The checksums of one file that are compared; one that had failed already when the
    manifest was made says nothing of how the file was meant to be."""
    said.matched += 1
    sound = [one for one in entry.values if not one.is_failed]
    able = [one.algorithm for one in sound if one.algorithm in known()]
    names = chosen(able, reading.bench.plan.options.checksums)
    if not names and (sound or not entry.values):
        kinds = ", ".join(one.algorithm for one in sound)
        said.leave(entry.path, f"has only {kinds}" if kinds else "has no checksum")
    return [
        ExpectedRow(item, path, one.algorithm, one.value) for one in sound if one.algorithm in names
    ]


# --- telling -----------------------------------------------------------------------------------


def _tell(reading: _Reading, said: _Said, error: KetterError | None) -> None:
    """Write down what came of a manifest, and why not all of it was compared."""
    if error is not None:
        _note(reading, error)
    if said.record is not None:
        record = said.record._replace(problem=str(error or ""))
        record_it = partial(expected.record_manifest, transfer=reading.transfer)
        reading.ledger.submit(partial(record_it, record=record))


def _partly(one: FoundManifest, said: _Said) -> ManifestNotCompared | None:
    if said.example is None:
        return None
    path, why = said.example
    example = f"“{to_text(path).text}”" if path else "one of them"
    count = _counted(said.not_compared, "entry", "entries")
    return ManifestNotCompared(one.path, count=count, example=example, why=why)


def _tell_missing(
    reading: _Reading, one: FoundManifest, said: _Said, history: int, *, is_others: bool
) -> None:
    """Once for a history. A checksum list that knows neither the files nor the folders was
    made for others; a whole MHL without a single file is a card that was emptied."""
    reading.ledger.barrier()
    find = partial(expected.missing_of, transfer=reading.transfer, history=history)
    count, paths = reading.ledger.read(partial(find, limit=_EXAMPLES))
    if not count:
        return
    files = _counted(count, "file", "files")
    if is_others and one.kind.format is Format.LIST:
        forget = partial(expected.forget_said, transfer=reading.transfer)
        reading.ledger.submit(partial(forget, manifest=history))
        _tell(reading, said, ManifestOfOthers(one.path, count=files))
        return
    examples = examples_text([to_text(path).text for path in paths], count)
    date = day_text(said.when_us)
    _note(reading, SourceLacksFiles(one.path, date=date, count=files, examples=examples))


def _note(reading: _Reading, error: KetterError) -> None:
    reading.bench.journal.record(Noted(error.kind, str(error), 1))


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"
