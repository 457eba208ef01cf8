"""After a crash: keep what was proven, give names back, clear away what was begun.

What may be found, and what it means (P2, P4):

    copy `proven`, its final name leads to the proven file    → it was named: verified
    copy `proven`, its part is the proven file                → name it now
    copy `proven`, neither                                    → start it again
    a part without proof                                      → ours by its token: remove it
    source set aside, its name free                           → give the name back
    source set aside, its name leads to it as well            → take the other name away
    source set aside, both names gone                         → removed, by us after proof or
                                                                by another: said so
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator

from ketter_gui.disk.flushing import flush_folder
from ketter_gui.disk.folder import Folder, identity_of, look
from ketter_gui.disk.removing import give_back, remove_file
from ketter_gui.domain.errors import CopyFailedError, KetterError, NameNotRestored
from ketter_gui.domain.items import FileState, Item, ItemKind
from ketter_gui.domain.names import numbered_name, part_name
from ketter_gui.domain.options import OnConflict
from ketter_gui.domain.status import CopyStatus
from ketter_gui.engine.batches import is_big
from ketter_gui.engine.commit import removed_part
from ketter_gui.engine.journal import CopyReset, Noted, SourceDeleted, SourceKept
from ketter_gui.engine.plan import Attempt, Bench, Earlier, Job, Work


def restore_names(bench: Bench, set_aside: Iterable[tuple[Item, bytes]]) -> None:
    """Give every source file that was set aside its own name again."""
    for item, aside in set_aside:
        tree, inside = bench.source_split(item)
        try:
            folder, name = tree.split(inside)
            hidden, there = look(folder, aside), look(folder, name)
            if hidden is None and there is None:
                bench.counters.originals_removed += 1
                bench.journal.record(
                    SourceDeleted(item.id, item.path, item.state.size_bytes, was_found_gone=True)
                )
                continue
            if hidden is not None:
                _give_back(folder, hidden, there, aside, name)
                there = look(folder, name)
        except OSError as error:
            words = bench.source_words(item)
            _not_restored(
                bench, NameNotRestored(words, errno=error.errno, aside=os.fsdecode(aside))
            )
        except CopyFailedError as error:
            _not_restored(bench, error)
        else:
            is_same = there is not None and there.is_renamed_from(item.state)
            bench.journal.record(SourceKept(item.id, item.path, None, there if is_same else None))
    bench.journal.commit()


def _give_back(
    folder: Folder, hidden: FileState, there: FileState | None, aside: bytes, name: bytes
) -> None:
    """Where names are given by link and unlink, one may have come without the other: then
    the file has both, and loses the one that is not its own."""
    if there is not None and (hidden.device, hidden.inode) == (there.device, there.inode):
        remove_file(folder, aside)
        flush_folder(folder)
    else:
        give_back(folder, aside, name)


def _not_restored(bench: Bench, error: KetterError) -> None:
    """The ledger keeps the other name, so that the next start tries again."""
    bench.counters.originals_kept += 1
    bench.journal.record(Noted(error.kind, str(error), 1))


def clear_begun(bench: Bench, works: Iterable[Work], *, is_over: bool = False) -> None:
    """Remove the parts of copies that were begun and never proven, so that they neither
    take room in preflight nor stay. One that cannot be removed now stays `copying`.

    A big file's part stays, to be gone on with, unless the transfer `is_over`.
    """
    for work in works:
        part = part_name(work.item.name, bench.plan.token)
        for copy in work.copies:
            if copy.status not in (CopyStatus.COPYING, CopyStatus.VERIFYING):
                continue
            if copy.final_path:
                continue  # it has no part: it is about to be renamed, or was (`renamed`)
            if is_big(work) and not is_over:
                bench.part_bytes[copy.destination] += part_bytes(bench, work.item, copy.destination)
                continue
            if removed_part(bench, work.item, copy.destination, part):
                bench.journal.record(CopyReset(work.item.id, copy.destination))
    bench.journal.commit()


def part_bytes(bench: Bench, item: Item, destination: int) -> int:
    """What a part takes on its drive already: it needs that room no more."""
    try:
        folder = bench.destinations[destination].folder(item.parent)
        there = look(folder, part_name(item.name, bench.plan.token))
    except (OSError, CopyFailedError):
        return 0
    return 0 if there is None else max(there.allocated_bytes, 0)


def pick_up(bench: Bench, job: Job, attempt: Attempt, earlier: Earlier) -> None:
    """Set an attempt to where its copy had got before the crash."""
    if earlier.status is not CopyStatus.PROVEN:
        return
    if _is_there(bench, job, attempt, earlier):
        attempt.status = CopyStatus.PROVEN
        attempt.replaces = bench.plan.options.on_conflict is OnConflict.OVERWRITE
        attempt.identity = earlier.identity
        attempt.checksums = earlier.checksums
        attempt.read_back = earlier.read_back
        if job.item.kind is ItemKind.FILE:
            count = bench.counters.destinations[attempt.destination]
            count.add(copied_bytes=job.state.size_bytes, verified_bytes=job.state.size_bytes)
        return
    bench.journal.record(CopyReset(job.item.id, attempt.destination))


def _is_there(bench: Bench, job: Job, attempt: Attempt, earlier: Earlier) -> bool:
    try:
        folder = bench.destinations[attempt.destination].folder(job.item.parent)
        if job.item.kind is ItemKind.FOLDER:
            there = look(folder, attempt.final)
            return there is not None and there.kind is ItemKind.FOLDER
        for name, there in _named(bench, folder, attempt.final):
            if identity_of(there) == earlier.identity:
                removed_part(
                    bench, job.item, attempt.destination, attempt.part
                )  # a second link, where names are given so
                attempt.final = name
                attempt.part = name
                return True
        part = look(folder, attempt.part)
        return part is not None and identity_of(part) == earlier.identity
    except (OSError, CopyFailedError):
        return False


def _named(bench: Bench, folder: Folder, name: bytes) -> Iterator[tuple[bytes, FileState]]:
    """What has the names that a copy may have got: its own, and under `rename` the
    numbered ones, up to the first that is free."""
    there = look(folder, name)
    if there is not None:
        yield name, there
    if bench.plan.options.on_conflict is not OnConflict.RENAME:
        return
    for number in itertools.count(2):
        numbered = numbered_name(name, number)
        there = look(folder, numbered)
        if there is None:
            return
        yield numbered, there
