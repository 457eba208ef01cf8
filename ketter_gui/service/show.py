"""Ledger records and running counters become views."""

from __future__ import annotations

import os

from ketter_gui.domain import limits
from ketter_gui.domain.items import Destination, ItemKind, Source
from ketter_gui.domain.moves import renamed_sources
from ketter_gui.domain.names import to_text
from ketter_gui.domain.status import CopyStatus, TransferStatus
from ketter_gui.domain.views import CopyView, ItemView, PlaceView, TransferView
from ketter_gui.engine.counters import AtWork
from ketter_gui.queue.runs import Figures
from ketter_gui.store.ledger import Ledger
from ketter_gui.store.records import CopyRecord, ItemRecord, TransferRecord

_ORDER = {
    status: rank
    for rank, status in enumerate(
        (
            CopyStatus.FAILED,
            CopyStatus.CANCELLED,
            CopyStatus.PENDING,
            CopyStatus.COPYING,
            CopyStatus.VERIFYING,
            CopyStatus.PROVEN,
            CopyStatus.COPIED,
            CopyStatus.RENAMED,
            CopyStatus.SKIPPED,
            CopyStatus.VERIFIED,
        )
    )
}
_COPIED = frozenset(_ORDER) - {
    CopyStatus.FAILED,
    CopyStatus.CANCELLED,
    CopyStatus.PENDING,
    CopyStatus.COPYING,
}
_PROVEN = frozenset({CopyStatus.PROVEN, CopyStatus.SKIPPED, CopyStatus.VERIFIED})


def items(
    ledger: Ledger, found: TransferRecord, *, offset: int, limit: int, only_failed: bool
) -> tuple[ItemView, ...]:
    """A page of a transfer's items with all their copies."""
    page = ledger.items(found.id, offset=offset, limit=limit, only_failed=only_failed)
    return tuple(item_view(one, found.destinations) for one in page)


def item_view(record: ItemRecord, destinations: tuple[Destination, ...]) -> ItemView:
    """An item with all its copies, as the ledger has it."""
    copies = tuple(_copy_view(copy, destinations) for copy in record.copies)
    size_bytes = record.item.state.size_bytes
    status = min((copy.status for copy in record.copies), key=_ORDER.__getitem__)
    count = len(record.copies)
    return ItemView(
        id=record.item.id,
        path=to_text(record.item.path),
        kind=record.item.kind,
        size_bytes=size_bytes,
        status=status,
        copied_bytes=size_bytes * sum(one.status in _COPIED for one in copies) // count,
        verified_bytes=size_bytes * sum(one.status in _PROVEN for one in copies) // count,
        checksums=record.checksums,
        copies=copies,
        message=next((one.message for one in copies if one.message), ""),
        read_in=record.read_in,
    )


def _copy_view(record: CopyRecord, destinations: tuple[Destination, ...]) -> CopyView:
    final = None
    if record.final_path:
        root = destinations[record.destination].path.rstrip(b"/")
        final = to_text(b"%s/%s" % (root, record.final_path))
    return CopyView(
        destination=record.destination,
        status=record.status,
        checksums=record.checksums,
        read_back=record.read_back,
        final_path=final,
        error_type=record.error_type,
        message=record.message,
        proof=record.proof,
        proven_us=record.proven_us,
    )


def at_work_view(work: AtWork) -> ItemView:
    """An item in hand, from the engine's counters."""
    count = len(work.copied_bytes)
    return ItemView(
        id=work.item,
        path=to_text(work.path),
        kind=ItemKind.FILE,
        size_bytes=work.size_bytes,
        status=CopyStatus.VERIFYING if work.is_verifying else CopyStatus.COPYING,
        copied_bytes=min(sum(work.copied_bytes) // count, work.size_bytes),
        verified_bytes=min(sum(work.verified_bytes) // count, work.size_bytes),
    )


def _is_within_volume(record: TransferRecord) -> bool:
    renamed = renamed_sources(record.mode, record.sources, record.destinations, record.options.pack)
    return bool(renamed) and len(renamed) == len(record.sources)


def _source_view(source: Source) -> PlaceView:
    return PlaceView(to_text(source.path), source.place.label or _last(source.path))


def _destination_view(destination: Destination, verified: int, failed: int) -> PlaceView:
    return PlaceView(to_text(destination.path), _last(destination.path), verified, failed)


def _last(path: bytes) -> str:
    return to_text(os.path.basename(path) or path).text


def transfer_view(
    record: TransferRecord,
    figures: Figures | None,
    *,
    waits_for: int | None = None,
    failed: tuple[ItemView, ...] = (),
    is_answering: bool = True,
) -> TransferView:
    """A transfer: from its run's figures while it is at work here, else from the ledger."""
    progress = record.progress
    count = len(record.destinations)
    if figures is None:
        per_destination = (
            tuple((one.files_verified, one.files_failed) for one in progress.destinations)
            or ((0, 0),) * count
        )
    else:
        per_destination = figures.per_destination
    seen = figures or progress
    is_running = record.status in (TransferStatus.PREPARING, TransferStatus.RUNNING)
    return TransferView(
        id=record.id,
        name=record.name,
        mode=record.mode,
        status=record.status,
        options=record.options,
        sources=tuple(_source_view(source) for source in record.sources),
        destinations=tuple(
            _destination_view(destination, *numbers)
            for destination, numbers in zip(record.destinations, per_destination, strict=True)
        ),
        files_total=figures.files_total if figures else record.files_total,
        files_verified=seen.files_verified,
        files_failed=seen.files_failed,
        files_skipped=seen.files_skipped,
        bytes_total=figures.bytes_total if figures else record.bytes_total * count,
        bytes_copied=seen.bytes_copied,
        bytes_verified=seen.bytes_verified,
        bytes_per_second=seen.bytes_per_second,
        seconds_left=figures.seconds_left if figures and is_running else None,
        created_us=record.created_us,
        started_us=record.started_us,
        finished_us=record.finished_us,
        is_here=figures is not None,
        copies_from_cache=seen.copies_from_cache,
        copies_doubted=record.copies_doubted,
        is_hidden=record.is_hidden,
        originals_removed=seen.originals_removed,
        special_skipped=seen.special_skipped,
        message=record.message,
        waits_for=waits_for,
        files_renamed=seen.files_renamed,
        bytes_renamed=seen.bytes_renamed,
        is_within_volume=_is_within_volume(record),
        at_work=tuple(at_work_view(one) for one in figures.at_work[: limits.SHOWN_ITEMS])
        if figures
        else (),
        failed=failed,
        is_answering=is_answering,
    )
