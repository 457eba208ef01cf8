"""Find the manifests that came with the sources, and write down what they promise.

    inside    items that are called like a manifest; their paths begin where `kinds` says
    beside    in the folder that holds a source: those named after it (`A001.mhl` beside
              `A001`), and what those that are named otherwise (SHA256SUMS) say of it

After the scan and before the first byte is copied, so that the one read can compare. A
path is matched byte by byte; where nothing is called so, with `\\` as the separator that
it is elsewhere, and in both of Unicode's normal forms. What a manifest lists and is not on
the disk either, is missing; what is there and no item (litter, what was left out) is not.
"""

from __future__ import annotations

import os
import posixpath
import unicodedata
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import groupby
from typing import Final

from ketter_gui.checksums.registry import known
from ketter_gui.disk.folder import Folder, Tree, entries, look, open_root, state_of
from ketter_gui.disk.reading import open_file, read_into
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
from ketter_gui.domain.items import ItemKind, Source
from ketter_gui.domain.names import to_text
from ketter_gui.engine.journal import Noted
from ketter_gui.engine.plan import Bench
from ketter_gui.engine.scan import scan_paths
from ketter_gui.evidence.manifests.entries import Dated, Entry, Refused
from ketter_gui.evidence.manifests.kinds import (
    ASCMHL_FOLDER,
    ENDINGS,
    NAMES,
    Format,
    Kind,
    kind_of,
)
from ketter_gui.evidence.manifests.reading import read
from ketter_gui.store import expected
from ketter_gui.store.expected import ExpectedRow, ManifestRecord
from ketter_gui.store.ledger import Ledger

_PIECE_BYTES: Final = 1 << 20
_PAGE: Final = 900
"""Entries that are looked up, and manifests that are read from the ledger, together."""

_PAGES_AHEAD: Final = 20
"""How far reading may be ahead of the ledger: rows wait in memory."""

_EXAMPLES: Final = 3

_ToItem = Callable[[bytes], bytes | None]
"""An entry's path as an item's; None: it is about nothing of this transfer."""


@dataclass(frozen=True, slots=True)
class _Manifest:
    """One that was found. `path` as in the ledger, `words` for people; opened from `folder`
    by `name`."""

    path: bytes
    words: bytes
    is_beside: bool
    kind: Kind
    folder: Callable[[], Folder]
    name: bytes
    to_item: _ToItem


@dataclass(slots=True)
class _Said:
    """What reading one manifest came to."""

    when_us: int = 0
    matched: int = 0
    missing: int = 0
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
    for _, generations in groupby(_inside(reading), key=lambda one: one.kind.history):
        _read_history(reading, list(generations))
    for folder, sources in _by_folder(bench.plan.sources).items():
        _read_beside(reading, folder, sources)
    bench.journal.commit()
    ledger.barrier()


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
        if there := [path for path in page if _is_there(bench, path)]:
            is_any = True
            scan_paths(bench, there)
            ledger.submit(partial(expected.forget_missing, transfer=transfer, paths=there))
    if is_any:
        ledger.barrier()
        read_manifests(bench, ledger)
    return is_any


# --- finding ---------------------------------------------------------------------------------


def _inside(reading: _Reading) -> Iterator[_Manifest]:
    """Those among the items of folders, in the order of the scan."""
    after = 0
    find = partial(
        expected.manifest_items,
        transfer=reading.transfer,
        endings=ENDINGS,
        names=NAMES,
        limit=_PAGE,
    )
    while page := reading.ledger.read(partial(find, after_id=after)):
        for _, source, path in page:
            kind = kind_of(path)
            if kind is not None:
                yield _inner(reading.bench, source, path, kind)
        after = page[-1][0]


def _inner(bench: Bench, source: int, path: bytes, kind: Kind) -> _Manifest:
    inside = bench.plan.sources[source].inside(path)
    above, name = posixpath.split(inside)
    return _Manifest(
        path,
        path,
        False,
        kind,
        partial(bench.sources[source].folder, above),
        name,
        lambda entry: b"%s/%s" % (kind.base, entry) if kind.base else None,  # above the source
    )


def _by_folder(sources: Iterable[Source]) -> dict[bytes, dict[bytes, Source]]:
    """The folders that hold sources, with these by the names that they have there."""
    found: dict[bytes, dict[bytes, Source]] = {}
    for source in sources:
        above, name = posixpath.split(source.path.rstrip(b"/"))
        if name:
            found.setdefault(above, {})[name] = source
    return found


def _read_beside(reading: _Reading, path: bytes, sources: dict[bytes, Source]) -> None:
    """Whoever may not look into that folder has no manifest there."""
    try:
        root = open_root(path or b"/")
    except OSError:
        return
    with Tree(root) as tree:
        try:
            found = list(_beside(reading.bench, tree, path, sources))
        except (OSError, CopyFailedError):
            return
        found.sort(key=lambda one: one.kind.history)
        for _, generations in groupby(found, key=lambda one: one.kind.history):
            _read_history(reading, list(generations))


def _beside(
    bench: Bench, tree: Tree, path: bytes, sources: dict[bytes, Source]
) -> Iterator[_Manifest]:
    listed = [(name, state) for name, state, _ in entries(tree.root) if state is not None]
    here = {name for name, _ in listed}
    names = [name for name, state in listed if state.kind is ItemKind.FILE]
    if ASCMHL_FOLDER in here:
        below = entries(tree.folder(ASCMHL_FOLDER))
        names += [
            b"%s/%s" % (ASCMHL_FOLDER, name)
            for name, state, _ in below
            if state is not None and state.kind is ItemKind.FILE
        ]
    for name in names:
        bench.control.checkpoint()
        kind = kind_of(name)
        is_of_another = kind is not None and kind.stem in here and kind.stem not in sources
        if kind is None or kind.format is Format.CHAIN or is_of_another:
            continue
        above, last = posixpath.split(name)
        whole = posixpath.join(path or b"/", name)
        one = _Manifest(
            whole,
            whole,
            True,
            kind,
            partial(tree.folder, above),
            last,
            lambda entry: _by_name(sources, entry),
        )
        yield _named_after(bench, one, sources.get(kind.stem))


def _by_name(sources: dict[bytes, Source], entry: bytes) -> bytes | None:
    name, slash, rest = entry.partition(b"/")
    source = sources.get(name)
    return source.name + slash + rest if source is not None else None


def _named_after(bench: Bench, one: _Manifest, source: Source | None) -> _Manifest:
    """`A001.md5` beside the folder `A001` may speak of what is in it: if not all of its
    paths begin with `A001/`, they begin inside."""
    if source is None or source.kind is not ItemKind.FOLDER:
        return one
    start = one.kind.stem + b"/"
    try:
        with closing(_pieces(bench, one, _Said())) as pieces:
            is_from_outside = all(
                found.path.startswith(start)
                for found in read(one.words, one.kind, pieces)
                if isinstance(found, Entry)
            )
    except (OSError, CopyFailedError, ManifestDamaged):
        return one  # said when it is read
    if is_from_outside:
        return one
    return replace(one, to_item=lambda entry: b"%s/%s" % (source.name, entry))


# --- reading -----------------------------------------------------------------------------------


def _read_history(reading: _Reading, generations: list[_Manifest]) -> None:
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
    if all_said:
        _tell_missing(reading, *all_said[0], history, sum(said.matched for _, said in all_said))


def _read_one(
    reading: _Reading, one: _Manifest, number: int, history: int, *, is_known: bool
) -> _Said | None:
    """None: it is not there any more, and what it said before holds."""
    said = _Said()
    transfer = reading.transfer
    record = ManifestRecord(number, history, one.path, one.is_beside)
    reading.ledger.submit(partial(expected.record_manifest, transfer=transfer, record=record))
    try:
        _read_entries(reading, one, number, history, said)
    except ManifestDamaged as error:
        said.problem = error
    except OSError as error:
        if is_known:
            return None
        said.problem = ManifestUnreadable(one.words, errno=error.errno)
    except CopyFailedError as error:
        said.problem = ManifestDamaged(one.words, problem=error.sentences()[0])
    if said.problem is not None:
        reading.ledger.submit(partial(expected.forget_said, transfer=transfer, manifest=number))
        said.matched = said.missing = 0
    if one.is_beside and said.problem is None and not (said.matched or said.missing):
        reading.ledger.submit(partial(expected.forget_manifest, transfer=transfer, number=number))
        return None
    said.record = replace(record, when_us=said.when_us, files_listed=said.matched + said.missing)
    _tell(reading, said, said.problem or _partly(one, said))
    return said


def _read_entries(
    reading: _Reading, one: _Manifest, number: int, history: int, said: _Said
) -> None:
    some: list[Entry] = []
    date_us = 0
    with closing(_pieces(reading.bench, one, said)) as pieces:
        for found in read(one.words, one.kind, pieces):
            if isinstance(found, Dated):
                date_us = found.when_us
            elif isinstance(found, Refused):
                said.leave(found.path, found.why)
            else:
                some.append(found)
                if len(some) >= _PAGE:
                    _record(reading, one, number, history, some, said)
                    some = []
    _record(reading, one, number, history, some, said)
    said.when_us = date_us or said.when_us


def _pieces(bench: Bench, one: _Manifest, said: _Said) -> Generator[bytes, None, None]:
    """The bytes of a manifest; one without a date of its own has that of its file."""
    fd = open_file(one.folder(), one.name)
    try:
        said.when_us = max(state_of(fd).mtime_ns // 1000, 0)
        buffer = memoryview(bytearray(_PIECE_BYTES))
        offset = 0
        while length := read_into(fd, buffer, offset):
            bench.control.checkpoint()
            yield bytes(buffer[:length])
            offset += length
    finally:
        os.close(fd)


def _record(
    reading: _Reading,
    one: _Manifest,
    number: int,
    history: int,
    some: Sequence[Entry],
    said: _Said,
) -> None:
    """Match some entries with items, and write down what is expected of these."""
    mine = [(path, entry) for entry in some if (path := one.to_item(entry.path)) is not None]
    items = _matched(reading, [path for path, _ in mine])
    rows: list[ExpectedRow] = []
    missing: list[bytes] = []
    for path, entry in mine:
        found = items.get(path)
        if found is None:
            if not _is_there(reading.bench, path):
                missing.append(path)
        elif found[1] is ItemKind.FILE:
            rows += _rows(reading, entry, path, found[0], said)
    said.missing += len(missing)
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


def _matched(reading: _Reading, paths: Sequence[bytes]) -> dict[bytes, tuple[int, ItemKind]]:
    """The items by what the manifest calls them."""
    at = partial(expected.items_at, transfer=reading.transfer)
    found = reading.ledger.read(partial(at, paths=paths))
    others = {path: _other_ways(path) for path in paths if path not in found}
    ways = [way for some in others.values() for way in some]
    if ways:
        also = reading.ledger.read(partial(at, paths=ways))
        for path, some in others.items():
            found.update((path, also[way]) for way in some if way in also)
    return found


def _other_ways(path: bytes) -> list[bytes]:
    """How else a file of that name may be written on this disk."""
    ways = []
    for one in dict.fromkeys((path, path.replace(b"\\", b"/"))):
        try:
            text = one.decode()
        except UnicodeDecodeError:
            ways.append(one)
            continue
        ways += [one, *(unicodedata.normalize(form, text).encode() for form in ("NFC", "NFD"))]
    return [way for way in dict.fromkeys(ways) if way != path]


def _is_there(bench: Bench, path: bytes) -> bool:
    """Whether a source has something at an item's path. What cannot be asked is there:
    only what is surely missing is told of."""
    name = path.split(b"/", 1)[0]
    for source, tree in zip(bench.plan.sources, bench.sources, strict=True):
        if source.name != name:
            continue
        for way in (path, *_other_ways(path)):
            try:
                if look(*tree.split(source.inside(way))) is not None:
                    return True
            except FileNotFoundError:
                continue
            except NotADirectoryError:
                continue
            except (OSError, CopyFailedError):
                return True
    return False


# --- telling -----------------------------------------------------------------------------------


def _tell(reading: _Reading, said: _Said, error: KetterError | None) -> None:
    """Write down what came of a manifest, and why not all of it was compared."""
    if error is not None:
        _note(reading, error)
    if said.record is not None:
        record = replace(said.record, problem=str(error or ""))
        record_it = partial(expected.record_manifest, transfer=reading.transfer)
        reading.ledger.submit(partial(record_it, record=record))


def _partly(one: _Manifest, said: _Said) -> ManifestNotCompared | None:
    if said.example is None:
        return None
    path, why = said.example
    example = f"“{to_text(path).text}”" if path else "one of them"
    count = _counted(said.not_compared, "entry", "entries")
    return ManifestNotCompared(one.words, count=count, example=example, why=why)


def _tell_missing(
    reading: _Reading, one: _Manifest, said: _Said, history: int, matched: int
) -> None:
    """Once for a history. A checksum list that knows none of the files was made for
    others; a whole MHL without a single file is a card that was emptied."""
    reading.ledger.barrier()
    find = partial(expected.missing_of, transfer=reading.transfer, history=history)
    count, paths = reading.ledger.read(partial(find, limit=_EXAMPLES))
    if not count:
        return
    files = _counted(count, "file", "files")
    if not matched and one.kind.format is Format.LIST:
        forget = partial(expected.forget_said, transfer=reading.transfer)
        reading.ledger.submit(partial(forget, manifest=history))
        _tell(reading, said, ManifestOfOthers(one.words, count=files))
        return
    examples = examples_text([to_text(path).text for path in paths], count)
    date = day_text(said.when_us)
    _note(reading, SourceLacksFiles(one.words, date=date, count=files, examples=examples))


def _note(reading: _Reading, error: KetterError) -> None:
    reading.bench.journal.record(Noted(error.kind, str(error), 1))


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"
