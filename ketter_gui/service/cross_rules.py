"""What must agree between an entry of the audit and the working tables; see `cross_check`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from ketter_gui.domain.chain import COLUMNS, Row, canonical_json
from ketter_gui.domain.events import AuditEvent
from ketter_gui.domain.items import ItemKind
from ketter_gui.domain.names import PathForm, to_bytes, to_text
from ketter_gui.domain.status import CopyStatus, TransferStatus
from ketter_gui.store.records import Checksums, CopyRecord, ItemRecord, TransferRecord
from ketter_gui.store.told import ItemTold, ToldCopy, ToldFact, ToldRemoved, ToldSource

_AT: Final = {name: index for index, name in enumerate(COLUMNS)}
_LEFT_OUT: Final = "left out"
_PROVEN: Final = {
    AuditEvent.CHECKSUM_VERIFIED.value: CopyStatus.VERIFIED.value,
    AuditEvent.ITEM_SKIPPED.value: CopyStatus.SKIPPED.value,
    AuditEvent.ITEM_RENAMED.value: CopyStatus.RENAMED.value,
}
GOOD: Final = frozenset({CopyStatus.VERIFIED, CopyStatus.SKIPPED, CopyStatus.RENAMED})
ENDS: Final = {
    AuditEvent.TRANSFER_COMPLETED.value: TransferStatus.COMPLETED,
    AuditEvent.TRANSFER_FAILED.value: TransferStatus.FAILED,
    AuditEvent.TRANSFER_CANCELLED.value: TransferStatus.CANCELLED,
}
NO_ENTRY: Final = "no entry of the audit tells of it"


class Problem(NamedTuple):
    """`sequence` is the entry that says otherwise, 0 when there is none."""

    words: str
    sequence: int = 0


# --- what an entry tells ---


def facts_of(row: Row) -> Iterator[ToldFact]:
    """What an entry tells of an item and its copies."""
    event, result = row[_AT["event"]], row[_AT["result"]]
    form: PathForm = "escaped" if row[_AT["path_form"]] == "escaped" else "plain"
    sequence = int(row[_AT["sequence"]])
    item = to_bytes(row[_AT["item_path"]], form)
    target = to_bytes(row[_AT["destination_path"]], form)
    algorithm = row[_AT["algorithm"]]
    if event == AuditEvent.CHECKSUM_CALCULATED.value:
        yield ToldSource(item, algorithm, sequence, row[_AT["source_checksum"]])
    elif event == AuditEvent.SOURCE_DELETED.value:
        yield ToldRemoved(item, sequence)
    elif event == AuditEvent.ITEM_FAILED.value:
        if result == CopyStatus.FAILED.value or not (target or result):
            yield ToldCopy(item, target, sequence, CopyStatus.FAILED.value)
    elif event in _PROVEN and (target or result != _LEFT_OUT):
        details = json.loads(row[_AT["details"]]) if '_checksums":' in row[_AT["details"]] else {}
        source, copied = row[_AT["source_checksum"]], row[_AT["destination_checksum"]]
        yield ToldCopy(
            item,
            target,
            sequence,
            _PROVEN[event],
            _json(details.get("source_checksums") or ({algorithm: source} if source else {})),
            _json(details.get("destination_checksums") or ({algorithm: copied} if copied else {})),
            row[_AT["read_back"]],
        )


def _json(checksums: dict[str, str]) -> str:
    return canonical_json(checksums) if checksums else ""


# --- the rules ---


def in_transfer(
    transfer: TransferRecord, created: Row, last: Row | None, end: Row | None
) -> Iterator[Problem]:
    """The transfer itself, by the entries of its creation, of its last step, and of its end."""
    asked = json.loads(created[_AT["details"]])
    first = int(created[_AT["sequence"]])
    if transfer.mode.value != created[_AT["mode"]]:
        yield Problem(f"it says {transfer.mode.value}, the audit {created[_AT['mode']]}", first)
    for name, paths in (("sources", transfer.sources), ("destinations", transfer.destinations)):
        if [to_text(one.path).text for one in paths] != asked.get(name):
            yield Problem(f"its {name} are not those it was created with", first)
    told_end = ENDS[end[_AT["event"]]] if end is not None else None
    number = int(last[_AT["sequence"]]) if last is not None else 0
    is_over = transfer.status in ENDS.values()
    if (is_over or told_end is TransferStatus.COMPLETED) and transfer.status is not told_end:
        said = told_end.value if told_end is not None else "that it has not ended"
        yield Problem(f"it says {transfer.status.value}, the audit {said}", number)
    elif end is not None and told_end is TransferStatus.COMPLETED:
        yield from _of_figures(transfer, json.loads(end[_AT["details"]]), number)


def _of_figures(
    transfer: TransferRecord, said: dict[str, object], sequence: int
) -> Iterator[Problem]:
    progress = transfer.progress
    for name, here in (
        ("files", transfer.files_total),
        ("files_verified", progress.files_verified),
        ("files_renamed", progress.files_renamed),
        ("files_failed", progress.files_failed),
        ("files_skipped", progress.files_skipped),
        ("copies_from_cache", progress.copies_from_cache),
        ("originals_removed", progress.originals_removed),
    ):
        if said.get(name, here) != here:
            yield Problem(f"its {name} are {here}, in the audit {said[name]}", sequence)


def in_item(one: ItemRecord, told: ItemTold, roots: Sequence[bytes]) -> Iterator[Problem]:
    """An item and its copies; `roots` are the destinations, each with a slash behind it."""
    unmet = list(told.copies)
    for copy in one.copies:
        if copy.status in GOOD:
            said = _said_of(copy, one.item.path, unmet, roots)
            if said is None:
                yield Problem(f"it says {copy.status.value}, and {NO_ENTRY}")
                continue
            unmet.remove(said)
            yield from _of_copy(copy, said)
        elif copy.status is CopyStatus.FAILED and not any(
            said.status == CopyStatus.FAILED.value for said in told.copies
        ):
            yield Problem(f"it says failed, and {NO_ENTRY}")
    yield from _of_unmet(one, unmet, roots)
    if one.item.kind is ItemKind.FILE and one.checksums:
        yield from _of_source(one.checksums, told, is_recalled=one.read_in is not None)
    if one.is_removed and not told.removed:
        yield Problem(f"its original is said to be gone, and {NO_ENTRY}")
    if told.removed and not one.is_removed:
        yield Problem("its original is said to be there, and was removed", told.removed)


def _said_of(
    copy: CopyRecord, path: bytes, told: Iterable[ToldCopy], roots: Sequence[bytes]
) -> ToldCopy | None:
    """The entry on a copy: of its own path, or, where its volume was elsewhere in a later run,
    of the same path below another root."""
    final = copy.final_path or path
    good = [one for one in told if one.status != CopyStatus.FAILED.value]
    exact = roots[copy.destination] + final if copy.destination < len(roots) else b""
    for one in good:
        if one.target == exact:
            return one
    elsewhere = [one for one in good if _root_of(one.target, roots) is None]
    return next((one for one in elsewhere if one.target.endswith(b"/" + final)), None)


def _root_of(target: bytes, roots: Sequence[bytes]) -> int | None:
    """The destination in which a path is, by its index."""
    within = [index for index, root in enumerate(roots) if target.startswith(root)]
    return max(within, key=lambda index: len(roots[index]), default=None)


def _of_copy(copy: CopyRecord, said: ToldCopy) -> Iterator[Problem]:
    if copy.status.value != said.status:
        yield Problem(f"it says {copy.status.value}, the audit {said.status}", said.sequence)
        return
    here = _json(dict(copy.checksums))
    if said.checksums and here != said.checksums:
        yield Problem("the checksum of its copy is not the one that was read back", said.sequence)
    read_back = copy.read_back.value if copy.read_back else ""
    if said.checksums and read_back != said.read_back:
        words = f"read back from {read_back or 'nowhere'}, in the audit {said.read_back or 'none'}"
        yield Problem(words, said.sequence)


def _of_unmet(
    one: ItemRecord, unmet: Iterable[ToldCopy], roots: Sequence[bytes]
) -> Iterator[Problem]:
    """Good ends that the audit tells of and the tables do not. An archive that was packed anew
    has an older entry under another name: then the copy is good all the same."""
    good = {copy.destination for copy in one.copies if copy.status in GOOD}
    for said in unmet:
        where = _root_of(said.target, roots)
        is_known = where in good if where is not None else bool(good)
        if said.status != CopyStatus.FAILED.value and not is_known:
            statuses = {copy.destination: copy.status.value for copy in one.copies}
            here = statuses.get(-1 if where is None else where, "nothing")
            yield Problem(f"it says {here}, the audit {said.status}", said.sequence)


def _of_source(checksums: Checksums, told: ItemTold, *, is_recalled: bool) -> Iterator[Problem]:
    """A checksum that an earlier transfer calculated is in the entries of the copies that were
    made or found by it; where none came to a good end, nothing rests on it."""
    calculated = {one.algorithm: one for one in told.sources}
    known = [json.loads(one.source) for one in told.copies if one.source]
    for algorithm, value in checksums:
        if algorithm in calculated:
            if calculated[algorithm].value != value:
                words = f"its {algorithm} is not the one that was calculated"
                yield Problem(words, calculated[algorithm].sequence)
        elif (known or not is_recalled) and not any(one.get(algorithm) == value for one in known):
            yield Problem(f"it has a {algorithm}, and {NO_ENTRY}")
