"""Verify again what was packed: the archives of a destination, entry by entry.

An archive that cannot be read is one finding, whatever is in it; its files count all the
same. Findings go to the audit some hundred together, and at the latest with their archive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final

from ketter_gui.disk.folder import Tree
from ketter_gui.domain.checking import EXTRAS_TOLD, Finding, Verdict
from ketter_gui.domain.events import AuditDraft
from ketter_gui.domain.items import Destination, ItemKind, Source
from ketter_gui.domain.names import TextPath, to_text
from ketter_gui.domain.status import PROOF
from ketter_gui.engine.checking import UNKNOWN, Checked, Proven
from ketter_gui.engine.hands import Hands
from ketter_gui.engine.packed_again import ArchiveChecked, Archived, check_archive_again
from ketter_gui.service.check import Check
from ketter_gui.store import checked as ledger_checked
from ketter_gui.store.ledger import Ledger
from ketter_gui.store.records import CopyRecord, ItemRecord

_PAGE: Final = 1000
_TOLD_TOGETHER: Final = 500
_NOT_IN_IT: Final = "the archive has it no more"
_TWICE: Final = "it is in the archive twice, and not every program unpacks the same one"
_EQUAL, _BAD = 1, 2
"""What is kept of an item that was seen."""

DraftOf = Callable[[TextPath, TextPath, Checked], AuditDraft]
"""An entry of the audit: the item, its whole path, and what it is now."""


def check_archives(
    ledger: Ledger,
    transfer: int,
    sources: Sequence[Source],
    tree: Tree,
    destination: Destination,
    check: Check,
    hands: Hands,
    draft: DraftOf,
) -> None:
    """All that a transfer packed onto one destination. Raises VolumeGone, Stopped, LetGo and
    LedgerError."""
    not_proven = partial(ledger_checked.never_proven, transfer=transfer, statuses=PROOF)
    place = check.places[destination.index]
    place.unproven += ledger.read(partial(not_proven, destination=destination.index))
    for source in sources:
        query = partial(
            ledger_checked.archives,
            transfer=transfer,
            source=source.index,
            destination=destination.index,
            statuses=PROOF,
        )
        for name in ledger.read(query):
            archive = _Archive(ledger, transfer, source, name, tree, destination, check, draft)
            archive.check_all(hands)


class _Archive:
    """One archive. `_seen` has a byte for each item from the source's own folder on, as a
    million of them may be in it; `_numbers` are those of the names that were asked for last."""

    def __init__(
        self,
        ledger: Ledger,
        transfer: int,
        source: Source,
        name: bytes,
        tree: Tree,
        destination: Destination,
        check: Check,
        draft: DraftOf,
    ) -> None:
        self._ledger, self._transfer, self._source, self._name = ledger, transfer, source, name
        self._tree, self._destination, self._check = tree, destination, check
        self._draft = draft
        self._place = check.places[destination.index]
        (root,) = ledger.items(transfer, source=source.index, limit=1)
        self._first = root.item.id
        self._root = root
        self._seen = bytearray()
        self._before: dict[bytes, tuple[int, ItemKind]] = {}
        self._numbers: dict[bytes, tuple[int, ItemKind]] = {}
        self._drafts: list[AuditDraft] = []
        self._found = 0

    def check_all(self, hands: Hands) -> None:
        """Read it, and tell of what was in it and is not any more."""
        try:
            outcome = check_archive_again(
                self._tree,
                self._destination.place.medium,
                self._archived(),
                self._find,
                self._tell,
                hands,
                self._check.control,
                self._count_bytes,
            )
            files = self._tell_rest(is_whole=outcome.is_whole)
            self._tell_archive(outcome, files)
        finally:
            self._hand_over()

    def _archived(self) -> Archived:
        copy = _copy_on(self._root, self._destination.index)
        if copy is None or copy.identity is None:
            return Archived(self._name, UNKNOWN)
        is_its = copy.final_path == self._name
        return Archived(self._name, copy.identity.size_bytes, copy.checksums if is_its else ())

    def _count_bytes(self, piece: memoryview, _offset: int) -> None:
        self._place.bytes_read += len(piece)

    # --- for the one reading ---

    def _find(self, names: Sequence[bytes]) -> Mapping[bytes, Proven | None]:
        prefix = self._source.name + b"/"
        paths = [prefix + name for name in names]
        query = partial(ledger_checked.items_at, transfer=self._transfer, paths=paths)
        found = {record.item.path: record for record in self._ledger.read(query)}
        targets = self._targets(found.values())
        known = {}
        self._before, self._numbers = self._numbers, {}  # one of the last may be to be told
        for name, path in zip(names, paths, strict=True):
            if (record := found.get(path)) is not None:
                known[name] = self._proven(record, targets)
                if known[name] is not None:
                    self._numbers[name] = (record.item.id - self._first, record.item.kind)
        return known

    def _targets(self, records: Iterable[ItemRecord]) -> dict[int, bytes]:
        links = [one.item.id for one in records if one.item.kind is ItemKind.SYMLINK]
        return self._ledger.read(partial(ledger_checked.link_targets, items=links))

    def _proven(self, record: ItemRecord, targets: Mapping[int, bytes]) -> Proven | None:
        """As it was proven in this archive; None when it never was, or nothing is known that
        could be compared."""
        copy, item = _copy_on(record, self._destination.index), record.item
        inside = self._source.inside(item.path)
        if copy is None or copy.status not in PROOF or copy.error_type:
            return None
        if copy.final_path != b"%s/%s" % (self._name, inside):
            return None
        checksums, target = copy.checksums or record.checksums, targets.get(item.id, b"")
        is_known = {ItemKind.FILE: bool(checksums), ItemKind.SYMLINK: bool(target)}
        if not is_known.get(item.kind, True):
            return None
        state = item.state
        return Proven(inside, item.kind, state.size_bytes, state.mtime_ns, checksums, target)

    def _tell(self, name: bytes, checked: Checked) -> None:
        """Of an entry, once: when it was read, or as soon as it is known not to be ours."""
        unknown = (-1, ItemKind.FILE)
        number, kind = self._numbers.get(name) or self._before.get(name, unknown)
        if number >= 0 and (before := self._is_seen(number)):
            if before == _BAD or kind is ItemKind.FOLDER:
                return
            self._place.counts[Verdict.EQUAL] -= kind is ItemKind.FILE
            checked = Checked(Verdict.CHANGED, _TWICE)
        if number >= 0:
            self._see(number, _EQUAL if checked.verdict is Verdict.EQUAL else _BAD)
        if kind is ItemKind.FILE or checked.verdict is not Verdict.EQUAL:
            self._place.counts[checked.verdict] += 1
        if checked.how is not None:
            self._place.read_back[checked.how.value] += 1
        if checked.verdict is not Verdict.EQUAL:
            self._note(self._source.name + b"/" + name, b"%s/%s" % (self._name, name), checked)

    def _is_seen(self, number: int) -> int:
        return self._seen[number] if number < len(self._seen) else 0

    def _see(self, number: int, what: int) -> None:
        if number >= len(self._seen):
            self._seen.extend(bytes(number + _PAGE - len(self._seen)))
        self._seen[number] = what

    # --- afterwards ---

    def _tell_rest(self, *, is_whole: bool) -> int:
        """What was not seen is missing, one by one, if the archive was read to its end. Else
        returns only how many files that are."""
        files = 0
        for record in self._records():
            number = record.item.id - self._first
            if number == 0 or self._is_seen(number):
                continue
            if is_whole:
                path = b"%s/%s" % (self._name, self._source.inside(record.item.path))
                self._place.counts[Verdict.MISSING] += 1
                self._note(record.item.path, path, Checked(Verdict.MISSING, _NOT_IN_IT))
            else:
                files += record.item.kind is ItemKind.FILE
        return files

    def _records(self) -> Iterator[ItemRecord]:
        """Everything that was proven in this archive."""
        after = 0
        source = self._source.index
        while page := self._ledger.items(
            self._transfer, after_id=after, limit=_PAGE, source=source
        ):
            targets = self._targets(page)
            yield from (one for one in page if self._proven(one, targets) is not None)
            after = page[-1].item.id

    def _tell_archive(self, outcome: ArchiveChecked, files: int) -> None:
        """As a file of its own: nothing more is to be said when what is in it has told."""
        checked = outcome.checked
        if checked.verdict is Verdict.EQUAL or (outcome.is_whole and self._found):
            return
        self._place.counts[checked.verdict] += files if files else 1
        if files:
            words = "1 file" if files == 1 else f"{files:,} files"
            checked = checked._replace(why=f"{checked.why} ({words} in it)")
        self._note(self._source.name, self._name, checked)

    def _note(self, item: bytes, path: bytes, checked: Checked) -> None:
        self._found += 1
        whole = to_text(self._tree.root.words_for(path))
        self._check.note(Finding(checked.verdict, whole, checked.why))
        is_extra = checked.verdict is Verdict.EXTRA
        if is_extra and self._place.counts[Verdict.EXTRA] > EXTRAS_TOLD:
            return
        self._drafts.append(self._draft(to_text(path if is_extra else item), whole, checked))
        if len(self._drafts) >= _TOLD_TOGETHER:
            self._hand_over()

    def _hand_over(self) -> None:
        drafts, self._drafts = self._drafts, []
        if drafts:
            self._ledger.transact(lambda tx: tx.chain(drafts))


def _copy_on(record: ItemRecord, destination: int) -> CopyRecord | None:
    return next((one for one in record.copies if one.destination == destination), None)
