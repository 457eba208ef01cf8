"""From `proven` to `verified` for an archive: its name, its folder's flush, every entry of it.

An archive that lacks something is never called what the whole would be called.
"""

from __future__ import annotations

from functools import partial

from ketter_gui.disk.flushing import flush_folder
from ketter_gui.disk.folder import identity_of, look
from ketter_gui.disk.naming import Placed, name_it, replace
from ketter_gui.domain.archive_errors import ArchiveIncomplete
from ketter_gui.domain.errors import FlushFailed, Mismatch, NameTaken, WriteFailed
from ketter_gui.domain.items import ItemKind, Loss, ReadBack
from ketter_gui.domain.names import numbered_name
from ketter_gui.domain.options import OnConflict
from ketter_gui.domain.status import CopyStatus
from ketter_gui.engine.journal import Checksums, CopyVerified, CopyVerifiedAnew
from ketter_gui.engine.losses import tell
from ketter_gui.engine.pack_archive import (
    AT_ONCE,
    Archive,
    Target,
    guarded,
    incomplete_name,
    missing_in,
)
from ketter_gui.engine.plan import Work


def name_proven(archive: Archive) -> None:
    """Name every archive that is proven, flush its folder, and record `verified`.

    Failures are left on the targets. Raises WaitingError.
    """
    proven = [target for target in archive.targets if target.is_proven]
    if not proven:
        return
    archive.bench.check_destinations()
    for target in proven:
        missing = missing_in(archive, target.destination)
        if not target.is_named:
            guarded(archive, target, WriteFailed, partial(_name, archive, target, missing))
        if target.error is None:
            root = archive.bench.destinations[target.destination].root
            guarded(archive, target, FlushFailed, partial(flush_folder, root))
    archive.bench.check_destinations()
    for target in proven:
        if target.error is None:
            _verified(archive, target, missing_in(archive, target.destination))
    archive.bench.journal.commit()


def _name(archive: Archive, target: Target, missing: int) -> None:
    root = archive.bench.destinations[target.destination].root
    part = look(root, target.part)
    if part is None or identity_of(part) != target.identity:
        raise Mismatch(archive.words(target))
    if missing:
        target.final = incomplete_name(archive.source)
        target.is_replacing = False
    if target.is_replacing:
        replace(root, target.part, target.final)
    else:
        _place(archive, target, may_number=bool(missing))
    there = look(root, target.final)
    if there is None or identity_of(there) != target.identity:
        raise Mismatch(archive.words(target))
    target.is_named = True


def _place(archive: Archive, target: Target, *, may_number: bool) -> None:
    """Name it; where another name will do, one that is taken makes way for the next."""
    bench = archive.bench
    root = bench.destinations[target.destination].root
    base, number = target.final, 2
    while True:
        try:
            placed = name_it(root, target.part, target.final)
        except FileExistsError:
            if not may_number and bench.plan.options.on_conflict is not OnConflict.RENAME:
                raise NameTaken(archive.words(target)) from None
            target.final = numbered_name(base, number)
            number += 1
        else:
            if placed is Placed.CHECKED:
                tell(bench, archive.root.item.id, target.destination, Loss.ATOMIC_NAME)
            return


def _verified(archive: Archive, target: Target, missing: int) -> None:
    """Say of every entry that it is verified, and of the archive itself at last."""
    counter = archive.bench.counters.destinations[target.destination]
    count = total = 0
    for work in archive.works():
        if work.item.id == archive.root.item.id:
            continue
        total += 1
        if total % AT_ONCE == 0:
            archive.bench.journal.commit()
        inside = archive.source.inside(work.item.path)
        final = b"%s/%s" % (target.final, inside)
        for copy in work.copies:
            if copy.destination != target.destination or copy.final_path == final:
                continue
            if copy.status is CopyStatus.PROVEN:
                count += work.item.kind is ItemKind.FILE
                if target.is_picked_up and work.item.kind is ItemKind.FILE:
                    size_bytes = work.item.state.size_bytes
                    counter.add(copied_bytes=size_bytes, verified_bytes=size_bytes)
                archive.bench.journal.record(_event(target, work, copy.checksums, final))
            elif copy.status is CopyStatus.VERIFIED and target.identity is not None:
                # In an incomplete archive from before, which nobody needs any more.
                event = _event(target, work, copy.checksums, final)
                archive.bench.journal.record(CopyVerifiedAnew(event, target.identity))
    counter.files_verified += count
    archive.bench.counters.copies_from_cache += count * (target.read_back is ReadBack.CACHE)
    if missing:
        target.error = ArchiveIncomplete(archive.words(target), missing=missing, total=total)
        return
    event = _event(target, archive.root, target.checksums, target.final)
    archive.bench.journal.record(event._replace(duration_s=target.read_back_s))


def _event(target: Target, work: Work, checksums: Checksums, final: bytes) -> CopyVerified:
    """Entries are read back together: only the archive knows how long that took."""
    return CopyVerified(
        work.item.id,
        target.destination,
        work.item.path,
        final,
        work.item.state.size_bytes if work.item.kind is ItemKind.FILE else 0,
        work.checksums,
        checksums,
        target.read_back,
        0.0,
        work.item.kind,
    )
