"""`--zip`: each source folder arrives as one archive, `NAME.zip`, on every destination.

P2's order holds for the archive, which is one file, and P1 for each of its entries:

    part written → flushed → read back entry by entry and compared → `proven`, the part's
    identity durable in the ledger → named without clobbering → folder flushed → `verified`

The item of the source's own folder stands for the archive: it is proven and verified last,
so that whatever the ledger says of it holds for all entries. An archive that was not
proven when something came between starts again: a stream has no place to go on from.

An item that fails is missing in the archive. What is there is worth keeping, so the rest
goes on; but the archive is then called `NAME (incomplete).zip`, and its own item has failed:
nobody may take it for the whole. A retry packs all of it anew.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial

from ketter_gui.disk.direct import PartWriter
from ketter_gui.disk.flushing import flush
from ketter_gui.disk.folder import identity_of, look, state_of
from ketter_gui.disk.metadata import carry, carry_mode
from ketter_gui.disk.removing import remove_file
from ketter_gui.disk.writing import allocate, create_part
from ketter_gui.domain.archive_errors import ArchiveNotKept
from ketter_gui.domain.errors import (
    Cancelled,
    CopyFailedError,
    FlushFailed,
    NameExists,
    ReadBackFailed,
    WaitingError,
    WriteFailed,
)
from ketter_gui.domain.items import FileState, Identity, ItemKind, Loss
from ketter_gui.domain.options import OnConflict
from ketter_gui.domain.room import Need
from ketter_gui.domain.status import UNFINISHED, CopyStatus
from ketter_gui.domain.views import NOT_KEPT
from ketter_gui.engine.journal import (
    CopiesStarted,
    CopyEnded,
    CopyProven,
    Noted,
)
from ketter_gui.engine.losses import tell
from ketter_gui.engine.pack_archive import (
    AT_ONCE,
    Archive,
    Target,
    Works,
    archive_name,
    archive_of,
    failure_of,
    free_name,
    guarded,
    missing_in,
    removed,
    reset,
    size_at_most,
)
from ketter_gui.engine.pack_book import Book
from ketter_gui.engine.pack_check import check_archive
from ketter_gui.engine.pack_entries import Packer
from ketter_gui.engine.pack_name import name_proven
from ketter_gui.engine.plan import Bench
from ketter_gui.engine.preflight import check_reserve
from ketter_gui.engine.pump import Ring
from ketter_gui.engine.side_by_side import side_by_side
from ketter_gui.engine.zip_stream import ArchivePart, NobodyLeft, Stream


def carry_out_packed(bench: Bench, works: Works) -> None:
    """Bring every source into its archive on every destination.

    Failures of an item or a destination are recorded and the rest goes on. Raises
    WaitingError when a volume is full or gone, Cancelled, Stopped, and LedgerError.
    """
    lost = 0
    with Ring() as ring:
        for source in bench.plan.sources:
            bench.check_destinations()
            bench.check_sources([source.index])
            archive = archive_of(bench, source, works)
            if archive is None:
                continue
            try:
                lost += _carry_out(archive, ring)
            except WaitingError as error:
                _go_back(archive, error)
                raise
            _end_failed(archive)
    if lost:
        what = "one file" if lost == 1 else f"{lost:,} files"
        message = f"A ZIP archive has no place for the extended attributes of {what}."
        bench.journal.record(Noted(NOT_KEPT + "attributes", message, lost))


def finish_packed(bench: Bench, works: Works) -> None:
    """Give proven archives their names, and begin nothing: after a cancel."""
    for source in bench.plan.sources:
        archive = archive_of(bench, source, works)
        if archive is not None:
            name_proven(archive)
    bench.journal.commit()


def clear_packed(bench: Bench, works: Works) -> None:
    """After a crash or a wait: what was proven is kept, parts of anything else go, and
    their items begin again."""
    for source in bench.plan.sources:
        archive = archive_of(bench, source, works)
        if archive is None:
            continue
        gone = {
            target.destination
            for target in archive.targets
            if not target.is_proven and removed(archive, target)
        }
        reset(archive, gone)
    bench.journal.commit()


def needs_packed(bench: Bench, works: Works) -> list[Need]:
    """What each destination has to receive: archives begin from nothing."""
    needs = [Need() for _ in bench.plan.destinations]
    for source in bench.plan.sources:
        archive = archive_of(bench, source, works)
        if archive is None:
            continue
        need = Need(size_at_most(archive), 1)
        for target in archive.targets:
            if not target.is_proven:
                needs[target.destination] += need
    return needs


# --- one source --------------------------------------------------------------------------


def _carry_out(archive: Archive, ring: Ring) -> int:
    """Returns how many files have attributes that are not in the archives."""
    lost = 0
    for target in archive.targets:
        if target.is_alive:
            _settle_existing(archive, target)
    living = [target for target in archive.targets if target.is_alive]
    if living:
        _start(archive, living)
        book, lost = _pack(archive, living, ring)
        archive.bench.journal.commit()  # what was read is in the ledger now, to compare with
        _check_all(archive, [target for target in living if target.is_alive], book, ring)
        archive.bench.journal.commit()
    name_proven(archive)
    return lost


def _settle_existing(archive: Archive, target: Target) -> None:
    """What has the archive's name is never the same archive as far as anybody can tell
    before a new one is packed."""
    there = guarded(archive, target, WriteFailed, lambda: _there(archive, target))
    if there is None:
        return
    policy = archive.bench.plan.options.on_conflict
    if policy is OnConflict.RENAME:
        target.final = free_name(archive, target.destination, archive_name(archive.source))
    elif policy is OnConflict.OVERWRITE and there.kind is not ItemKind.FOLDER:
        target.is_replacing = True
    else:
        target.error = NameExists(archive.words(target))


def _there(archive: Archive, target: Target) -> FileState | None:
    return look(archive.bench.destinations[target.destination].root, target.final)


def _start(archive: Archive, living: Sequence[Target]) -> None:
    """The ledger knows of the part, and of what will be in it, before it exists."""
    destinations = {target.destination for target in living}
    copies: list[tuple[int, int]] = []
    for work in archive.works():
        copies += [
            (work.item.id, copy.destination)
            for copy in work.copies
            if copy.destination in destinations and copy.status is CopyStatus.PENDING
        ]
        if len(copies) >= AT_ONCE:
            archive.bench.journal.record(CopiesStarted(tuple(copies)))
            archive.bench.journal.commit()
            copies = []
    if copies:
        archive.bench.journal.record(CopiesStarted(tuple(copies)))
    archive.bench.journal.commit()


def _pack(archive: Archive, living: Sequence[Target], ring: Ring) -> tuple[Book, int]:
    bench = archive.bench
    with ExitStack() as stack:
        parts = [
            part for target in living if (part := _opened_part(archive, target, stack)) is not None
        ]
        size_bytes = size_at_most(archive)
        check_reserve(
            bench, lambda: dict.fromkeys((part.destination for part in parts), size_bytes)
        )
        for part in parts:
            part.guarded(partial(allocate, part.fd, size_bytes))
        slot = partial(bench.control.in_slot, bench.slots)
        stream = Stream(ring, parts, bench.control, slot)
        packer = Packer(bench, archive.source, archive.works(), parts, stream)
        stack.callback(packer.close)
        try:
            packer.pack()
        except NobodyLeft:
            pass  # each part says why
        by_destination = {target.destination: target for target in living}
        for part in parts:
            target = by_destination[part.destination]
            if part.error is None:
                _finish(archive, target, part)
            target.error = target.error or part.error
    return packer.book, packer.without_attributes


def _opened_part(archive: Archive, target: Target, stack: ExitStack) -> ArchivePart | None:
    root = archive.bench.destinations[target.destination].root

    def create() -> int:
        try:
            return create_part(root, target.part)
        except FileExistsError:  # ours: its name holds this transfer's token
            remove_file(root, target.part)
            return create_part(root, target.part)

    fd = guarded(archive, target, WriteFailed, create)
    if fd is None:
        return None
    stack.callback(os.close, fd)
    writer = PartWriter(root, target.part, fd)
    stack.callback(writer.close)
    words, gate = archive.words(target), archive.bench.control.gate
    return ArchivePart(target.destination, root, target.part, fd, writer, words, gate)


def _finish(archive: Archive, target: Target, part: ArchivePart) -> None:
    """The owner of the source's folder, the mode that a file in it may be expected to have,
    and a time that is set: FAT would change any other when the file is closed. Then the
    flush."""
    bench = archive.bench
    state = archive.root.item.state._replace(
        mode=stat.S_IFREG | archive.root.item.state.mode & 0o666, mtime_ns=time.time_ns()
    )

    def flushed() -> Identity:
        lost, _ = carry(None, part.fd, state, None, bench.control.gate)
        tell(bench, archive.root.item.id, target.destination, lost & Loss.OWNER)
        carry_mode(part.fd, state)
        with bench.control.slow_call():
            flush(part.fd)
        return identity_of(state_of(part.fd))

    target.identity = guarded(archive, target, FlushFailed, flushed)


def _check_all(archive: Archive, targets: Sequence[Target], book: Book, ring: Ring) -> None:
    """Each by a thread of its own: drives do not wait for each other. Raises what one of
    them raised that is more than a failure of its archive."""
    with ExitStack() as stack:
        rings = [ring, *(stack.enter_context(Ring()) for _ in targets[1:])]
        acts = [
            partial(_check, archive, target, book, its)
            for target, its in zip(targets, rings, strict=False)
        ]
        side_by_side(acts, "ketter-read-back")


def _check(archive: Archive, target: Target, book: Book, ring: Ring) -> None:
    """Read it back. The archive's own item is proven last, and only when nothing in it
    differs."""
    bench, identity = archive.bench, target.identity
    if identity is None:
        return
    if not book.holds_files and missing_in(archive, target.destination):
        target.error = ArchiveNotKept(
            archive.words(target), reason_why="nothing that it was to hold could be read"
        )
        return
    try:
        target.read_back, target.read_back_s, target.checksums = check_archive(
            bench,
            archive.source,
            archive.works(),
            book,
            target.destination,
            target.part,
            identity,
            ring,
        )
    except OSError as error:
        target.error = failure_of(archive, target, ReadBackFailed, error)
        return
    except CopyFailedError as error:
        target.error = error
        return
    target.is_proven = True
    bench.journal.record(
        CopyProven(
            archive.root.item.id, target.destination, identity, target.checksums, target.read_back
        )
    )


# --- when it does not come to that -------------------------------------------------------


def _end_failed(archive: Archive) -> None:
    """Record what failed; what was not named does not stay."""
    bench = archive.bench
    failed = {target.destination: target for target in archive.targets if target.error}
    if not failed:
        return
    for target in failed.values():
        if not target.is_named:
            removed(archive, target)
    bench.journal.commit()
    for number, work in enumerate(archive.works()):
        if number % AT_ONCE == 0:
            bench.journal.commit()
        for copy in work.copies:
            target_or_none = failed.get(copy.destination)
            if target_or_none is None or copy.status not in UNFINISHED:
                continue
            error = target_or_none.error
            assert error is not None
            bench.counters.destinations[copy.destination].files_failed += 1
            bench.journal.record(
                CopyEnded(work.item.id, copy.destination, work.item.path, CopyStatus.FAILED, error)
            )
    bench.journal.commit()


def _go_back(archive: Archive, reason: WaitingError) -> None:
    """Parts that were not proven go; their items are pending again when the transfer only
    has to wait."""
    gone = {
        target.destination
        for target in archive.targets
        if not target.is_proven and removed(archive, target)
    }
    if not isinstance(reason, Cancelled):
        archive.bench.journal.commit()
        reset(archive, gone)
    archive.bench.journal.commit()
