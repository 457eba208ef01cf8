"""What the report of a transfer says, gathered from the ledger."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Final

from ketter_gui import __version__
from ketter_gui.domain.chain import COLUMNS
from ketter_gui.domain.events import AuditEvent
from ketter_gui.domain.items import Destination, ItemKind, Source
from ketter_gui.domain.names import to_text
from ketter_gui.domain.options import CHECKSUM_LABELS, Mode
from ketter_gui.domain.sizes import size_text
from ketter_gui.domain.status import CopyStatus, TransferStatus
from ketter_gui.domain.times import time_us
from ketter_gui.domain.views import ItemView, ReportVerdict, TransferView
from ketter_gui.evidence.report.content import (
    Checksum,
    Happened,
    Listed,
    Report,
    Seal,
    Slice,
    Volume,
)
from ketter_gui.service import record, show
from ketter_gui.service.doubts import Doubt, DoubtReader
from ketter_gui.store.columns import now_us
from ketter_gui.store.ledger import Ledger
from ketter_gui.store.records import TransferRecord

_PAGE: Final = 1000
_SLICES: Final = 60
_SHOWN_FROM_S: Final = 10.0
_SHOWN_FROM_SLICES: Final = 6
"""What took less, or was proven at fewer moments, has no course to show: small files are
proven in batches, and a batch's bytes stand at its end."""

_STORY_AT_MOST: Final = 60
_AT: Final = {name: index for index, name in enumerate(COLUMNS)}
_OF_ONE_FILE: Final = frozenset(
    {
        AuditEvent.CHECKSUM_CALCULATED.value,
        AuditEvent.CHECKSUM_VERIFIED.value,
        AuditEvent.ITEM_RENAMED.value,
        AuditEvent.ITEM_SKIPPED.value,
        AuditEvent.SOURCE_SET_ASIDE.value,
        AuditEvent.SOURCE_DELETED.value,
    }
)
_DONE: Final = frozenset({CopyStatus.VERIFIED, CopyStatus.SKIPPED, CopyStatus.RENAMED})
_OUTCOMES: Final = {
    CopyStatus.VERIFIED: ("verified", "verified"),
    CopyStatus.SKIPPED: ("was there, equal", "verified"),
    CopyStatus.RENAMED: ("moved, no copy", "text"),
    CopyStatus.COPIED: ("copied, not verified", "warn"),
    CopyStatus.FAILED: ("failed", "fail"),
    CopyStatus.CANCELLED: ("cancelled", "warn"),
}
_UNFINISHED: Final = ("not finished", "warn")
_HOW: Final = {
    "storage": "from the drive itself",
    "server": "from the server",
    "memory": "from a file system that lives in memory",
    "cache": "from the system’s cache",
}


def write(ledger: Ledger, data_dir: Path, transfer: int, view: TransferView, path: bytes) -> None:
    """Write the report of a transfer, and its signature. The head was signed just before.
    Raises NoSuchTransfer and ExportFailed."""
    from ketter_gui.evidence import keys
    from ketter_gui.evidence.report import writing
    from ketter_gui.system.fonts import font_with

    report = gathered(ledger, transfer, view, keys.load_or_create(data_dir).public.hex())
    writing.write(
        report,
        path,
        key=keys.load_or_create(data_dir),
        head=ledger.head(),
        find=font_with,
        at_us=now_us(),
    )


def verify(data_dir: Path, path: bytes) -> ReportVerdict | None:
    """Whether a report is what was signed; None for a file that is no PDF. Raises
    SignatureWrong."""
    from ketter_gui.evidence import keys
    from ketter_gui.evidence.report import writing

    if not writing.is_report(path):
        return None
    head, transfer, signed_us, key_id = writing.verify(path, keys.trusted(data_dir))
    return ReportVerdict(transfer, head.sequence, signed_us, key_id)


def gathered(ledger: Ledger, transfer: int, view: TransferView, public_key: str) -> Report:
    """Everything that it says. Items and entries are read page by page, and again when they
    are asked for again."""
    found = ledger.transfer(transfer)
    told = _Told(ledger, found)
    return Report(
        number=transfer,
        name=view.name,
        headline=_headline(view),
        tone=_tone(view),
        sentences=tuple(_sentences(view)),
        facts=tuple(_facts(view, told)),
        volumes=(*_sources(found), *_destinations(ledger, found, told)),
        slices=told.slices,
        slice_s=told.slice_s,
        problems=lambda: chain(
            map(_doubted, told.doubts.found), _listed(ledger, found, told, only_failed=True)
        ),
        problems_total=len(told.doubts.found) + ledger.item_count(transfer, only_failed=True),
        files=lambda: _listed(ledger, found, told, only_failed=False),
        files_total=_count_listed(ledger, found),
        story=told.story,
        story_total=told.entries,
        seal=_seal(ledger, public_key),
        made_us=found.finished_us or found.created_us,
        version=__version__,
    )


class _Told:
    """What the audit tells of the transfer, from one reading of its entries."""

    def __init__(self, ledger: Ledger, found: TransferRecord) -> None:
        begin_us = found.started_us or found.created_us
        end_us = max(found.finished_us or begin_us, begin_us + 1)
        self.slice_s = (end_us - begin_us) / 1_000_000 / _SLICES
        self.entries = 0
        doubts = DoubtReader()
        self.user = self.host = ""
        roots = [_root(one) for one in found.destinations]
        self.how: list[Counter[str]] = [Counter() for _ in roots]
        verified = [0] * _SLICES
        first: list[Happened] = []
        last: list[Happened] = []
        for row in record.rows(ledger, found.id):
            self.entries += 1
            doubts.read(row)
            self.user, self.host = self.user or row[_AT["user"]], self.host or row[_AT["host"]]
            event = row[_AT["event"]]
            if event == AuditEvent.CHECKSUM_VERIFIED.value and row[_AT["size_bytes"]]:
                at_us = time_us(row[_AT["time_utc"]])
                place = (at_us - begin_us) * _SLICES // (end_us - begin_us)
                verified[min(max(place, 0), _SLICES - 1)] += int(row[_AT["size_bytes"]])
            if how := row[_AT["read_back"]]:
                for index, root in enumerate(roots):
                    self.how[index][how] += row[_AT["destination_path"]].startswith(root)
            if event in _OF_ONE_FILE:
                continue
            if len(first) < _STORY_AT_MOST:
                first.append(_happened(row))
            else:
                last = [*last[-_STORY_AT_MOST + 1 :], _happened(row)]
        self.doubts = doubts.doubts()
        self.slices = tuple(
            Slice(number * self.slice_s, size_bytes) for number, size_bytes in enumerate(verified)
        )
        is_course = sum(map(bool, verified)) >= _SHOWN_FROM_SLICES
        if not is_course or self.slice_s * _SLICES < _SHOWN_FROM_S:
            self.slices = ()
        self.story = (*first, *last)


def _happened(row: tuple[str, ...]) -> Happened:
    about = [row[_AT["item_path"]] or row[_AT["destination_path"]], row[_AT["result"]]]
    if not about[0]:
        about.append(row[_AT["message"]])
    return Happened(
        int(row[_AT["sequence"]]),
        local_time(time_us(row[_AT["time_utc"]])),
        row[_AT["event"]].replace("_", " ").capitalize(),
        " · ".join(filter(None, about)),
    )


def _headline(view: TransferView) -> str:
    files = _files(view.files_total)
    if view.copies_doubted == 1:
        return "1 copy is not what it was when it was verified."
    if view.copies_doubted:
        return f"{view.copies_doubted:,} copies are not what they were when they were verified."
    if view.status is TransferStatus.COMPLETED and not view.files_failed:
        if not view.files_total:
            return "There was no file to copy."
        if view.is_within_volume:
            return f"{files} moved within the volume; no second copy was made."
        if view.copies_from_cache:
            return f"{files} copied; not every copy could be read back from its drive."
        return f"{files} {_are(view.files_total)} verified {_places(view)}."
    if view.files_failed:
        if view.files_failed > view.files_total:  # folders and links count as well
            return f"{view.files_failed:,} files, folders or links failed."
        return f"{view.files_failed:,} of {files} failed."
    if view.status is TransferStatus.CANCELLED:
        return (
            f"Cancelled: {view.files_verified:,} of {files} {_are(view.files_verified)} verified."
        )
    if view.status is TransferStatus.FAILED:
        return "Not everything went well."
    return f"Not finished: {view.files_verified:,} of {files} {_are(view.files_verified)} verified."


def _tone(view: TransferView) -> str:
    if view.copies_doubted or view.files_failed or view.status is TransferStatus.FAILED:
        return "fail"
    if view.status is not TransferStatus.COMPLETED or view.copies_from_cache:
        return "warn"
    return "verified" if view.files_verified else "warn"


def _sentences(view: TransferView) -> Iterator[str]:
    if view.files_failed or view.copies_doubted:
        yield "Do not erase the originals. What went wrong is listed on the pages that follow."
    if view.files_verified:
        algorithm = _labels(view)
        yield (
            "Verified means: the checksum of the bytes read from the source "
            f"({algorithm}) equals that of the bytes read back from each copy after it was "
            "flushed, and the file’s final name leads to that copy."
        )
    if view.copies_from_cache:
        yield (
            f"{view.copies_from_cache:,} could be read back from the system’s cache only, which "
            "proves nothing about the drive."
        )
    if view.files_skipped:
        yield f"{_files(view.files_skipped)} {_were(view.files_skipped)} there already, and equal."
    if view.special_skipped:
        yield f"{view.special_skipped:,} FIFOs, sockets or devices were left out."
    if view.message:
        yield view.message


def _facts(view: TransferView, told: _Told) -> Iterator[tuple[str, str]]:
    card_bytes = view.bytes_total // max(1, len(view.destinations))
    yield "What", "Moved" if view.mode is Mode.MOVE else "Copied"
    yield "Files", f"{view.files_total:,}, {size_text(card_bytes)} ({card_bytes:,} bytes)"
    yield "Started", local_time(view.started_us or view.created_us)
    yield "Ended", local_time(view.finished_us) if view.finished_us else "not yet"
    seconds = (view.finished_us - view.started_us) / 1_000_000
    if view.started_us and seconds > 0:
        speed = size_text(int(view.bytes_verified / seconds))
        yield "Took", f"{_lasting(seconds)}; {speed}/s were verified on the whole"
    yield "Checksum", _labels(view)
    yield "By", f"{told.user} on {told.host}" if told.user else told.host
    if view.mode is Mode.MOVE:
        yield "Originals", f"{view.originals_removed:,} removed, the others kept"


def _sources(found: TransferRecord) -> Iterator[Volume]:
    for one in found.sources:
        yield Volume(
            "From",
            _name(one),
            to_text(one.path).text,
            f"volume {one.place.volume}",
            "",
            "",
            "",
            "text",
        )


def _destinations(ledger: Ledger, found: TransferRecord, told: _Told) -> Iterator[Volume]:
    counts = ledger.counts(found.id)
    for one in found.destinations:
        mine = [count for count in counts if count.destination == one.index]
        done = sum(count.copies for count in mine if count.status in _DONE)
        size_bytes = sum(count.size_bytes for count in mine if count.status in _DONE)
        of_all = sum(count.copies for count in mine)
        failed = sum(count.copies for count in mine if count.status is CopyStatus.FAILED)
        outcome, tone = ("verified", "verified") if done == of_all else ("incomplete", "warn")
        if failed:
            outcome, tone = f"{failed:,} failed", "fail"
        if told.doubts.is_at(_root(one)):
            outcome, tone = "changed since", "fail"
        yield Volume(
            "To",
            _name(one),
            to_text(one.path).text,
            _read_back(told.how[one.index]) or f"volume {one.place.volume}",
            f"{done:,} of {_files(of_all)}",
            size_text(size_bytes),
            outcome,
            tone,
        )


def _read_back(how: Counter[str]) -> str:
    words = [f"{count:,} {_HOW[name]}" for name, count in how.most_common() if count]
    if len(words) == 1:
        words = [_HOW[name] for name, count in how.items() if count]
    return f"read back {' and '.join(words)}" if words else ""


def _root(place: Destination) -> str:
    """What the path of everything on it begins with, as the audit has it."""
    return f"{to_text(place.path.rstrip(b'/')).text}/"


def _name(place: Source | Destination) -> str:
    """As the window calls it: a folder by its name, a whole volume by its label."""
    return to_text(os.path.basename(place.path) or place.path).text or place.place.label


def _doubted(one: Doubt) -> Listed:
    why = one.why if one.why.endswith((".", "?")) else f"{one.why}."
    return Listed(one.item, "", (), f"{one.verdict} since", "fail", (f"{one.path}: {why}",))


def _listed(
    ledger: Ledger, found: TransferRecord, told: _Told, *, only_failed: bool
) -> Iterator[Listed]:
    """Files and links in the order of the scan; what failed may be a folder."""
    offset, after = 0, 0
    while True:
        page = ledger.items(
            found.id, after_id=after, offset=offset, limit=_PAGE, only_failed=only_failed
        )
        for one in page:
            if only_failed or one.item.kind is not ItemKind.FOLDER:
                line = _line(show.item_view(one, found.destinations), found.destinations)
                if verdict := told.doubts.verdict(line.path):
                    line = line._replace(outcome=f"{verdict} since", tone="fail")
                yield line
        if len(page) < _PAGE:
            return
        after = page[-1].item.id


def _count_listed(ledger: Ledger, found: TransferRecord) -> int:
    counts = ledger.counts(found.id, files_only=True)
    return max(
        (
            sum(one.copies for one in counts if one.destination == index)
            for index in {one.destination for one in counts}
        ),
        default=0,
    )


def _line(item: ItemView, destinations: tuple[Destination, ...]) -> Listed:
    outcome, tone = _outcome(item)
    return Listed(
        item.path.text,
        size_text(item.size_bytes) if item.kind is ItemKind.FILE else item.kind.value,
        _checksums(item),
        outcome,
        tone,
        tuple(_notes(item, destinations)),
    )


def _outcome(item: ItemView) -> tuple[str, str]:
    if any(copy.is_left_out for copy in item.copies):
        return "left out", "warn"
    words, tone = _OUTCOMES.get(item.status, _UNFINISHED)
    if item.kind is ItemKind.SYMLINK and item.status is CopyStatus.VERIFIED:
        return "link made", "text"
    if any(copy.read_back and copy.read_back.value == "cache" for copy in item.copies):
        return "equal in the cache", "warn"
    return words, tone


def _checksums(item: ItemView) -> tuple[Checksum, ...]:
    """One line a value: the source's, and beside it a copy's that is another."""
    lines = [Checksum(name, value) for name, value in item.checksums]
    known = set(item.checksums)
    for copy in item.copies:
        for name, value in copy.checksums:
            if (name, value) not in known:
                lines.append(Checksum(name, value, "copy"))
    return tuple(lines)


def _notes(item: ItemView, destinations: tuple[Destination, ...]) -> Iterator[str]:
    said: dict[str, list[str]] = {}
    for copy in item.copies:
        place = _name(destinations[copy.destination])
        if copy.proof is not None:
            proof = f"unchanged since transfer {copy.proof} read it back and verified it."
            said.setdefault(proof, []).append(place)
        if copy.message and copy.status is not CopyStatus.CANCELLED:
            said.setdefault(copy.message, []).append(place)
    for words, places in said.items():
        yield f"{' and '.join(places)}: {words}"


def _seal(ledger: Ledger, public_key: str) -> Seal:
    head, signed = ledger.head(), ledger.last_signed()
    return Seal(
        head.chain,
        head.sequence,
        head.entry_hash,
        signed.signature if signed and signed.head == head else "",
        signed.key_id if signed else "",
        public_key,
        local_time(signed.signed_us) if signed else "",
    )


def local_time(moment_us: int) -> str:
    """`2026-11-25 18:42:07 +01:00`: this machine's time, and what it is ahead of UTC."""
    moment = datetime.fromtimestamp(moment_us / 1_000_000).astimezone()
    zone = moment.strftime("%z")
    return f"{moment:%Y-%m-%d %H:%M:%S} {zone[:3]}:{zone[3:]}"


def _lasting(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"


def _labels(view: TransferView) -> str:
    return ", ".join(CHECKSUM_LABELS.get(name, name) for name in view.options.checksums)


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def _places(view: TransferView) -> str:
    count = len(view.destinations)
    if count == 1:
        return f"on {view.destinations[0].label}"
    return "in both places" if count == 2 else f"in all {count} places"
