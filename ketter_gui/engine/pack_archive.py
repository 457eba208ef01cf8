"""One source on its way into its archives, and what the ledger and the drives know of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from ketter_gui.disk.folder import identity_of, look
from ketter_gui.disk.removing import remove_file
from ketter_gui.domain.errors import CopyFailedError, KetterError, WaitingError
from ketter_gui.domain.items import Identity, ItemKind, ReadBack, Source
from ketter_gui.domain.names import numbered_name, part_name
from ketter_gui.domain.status import UNFINISHED, CopyStatus
from ketter_gui.engine import named
from ketter_gui.engine.journal import Checksums, CopyReset
from ketter_gui.engine.pack_book import entry_name, is_big
from ketter_gui.engine.plan import Bench, Earlier, Work
from ketter_gui.engine.zip_format import bytes_at_most

Works = Callable[[int], Iterable[Work]]
"""All items of a source with all their copies, in the order of the scan, as they are now."""

AT_ONCE = 2000
"""So many events of an archive go to the ledger together, at the most: whoever makes more
of them waits. An archive has no batches, and may have a million entries."""

_T = TypeVar("_T")
_NUMBERS_AT_MOST = 10_000
_END_BYTES = 200
_BEGUN = (CopyStatus.COPYING, CopyStatus.VERIFYING, CopyStatus.PROVEN)


@dataclass(slots=True)
class Target:
    """The archive on one destination. `final` is the name it will have, in the
    destination itself; `is_replacing` that a file may be replaced by it; `is_picked_up`
    that an earlier run has proven it. `checksums` are of the archive as it was read back."""

    destination: int
    final: bytes
    part: bytes
    is_replacing: bool = False
    is_proven: bool = False
    is_picked_up: bool = False
    is_named: bool = False
    identity: Identity | None = None
    read_back: ReadBack | None = None
    read_back_s: float = 0.0
    checksums: Checksums = ()
    error: KetterError | None = None

    @property
    def is_alive(self) -> bool:
        """Whether it is still to be made."""
        return self.error is None and not self.is_proven


@dataclass(slots=True)
class Archive:
    """One source on its way into its archives."""

    bench: Bench
    source: Source
    root: Work
    works: Callable[[], Iterable[Work]]
    targets: list[Target]

    def words(self, target: Target) -> bytes:
        """An archive's whole path, for people only."""
        return self.bench.words_for(target.destination, target.final)


def archive_name(source: Source) -> bytes:
    """What a source's archive is called."""
    return source.name + b".zip"


def incomplete_name(source: Source) -> bytes:
    """What an archive that lacks something is called."""
    return source.name + b" (incomplete).zip"


def archive_of(bench: Bench, source: Source, works: Works) -> Archive | None:
    """A source with the destinations that still lack it; None when none does."""
    root = next(iter(works(source.index)), None)
    if root is None:
        return None
    archive = Archive(bench, source, root, partial(works, source.index), [])
    for copy in root.copies:
        if copy.status in UNFINISHED:
            name = archive_name(source)
            target = Target(copy.destination, name, part_name(name, bench.plan.token))
            _find_proven(archive, target, copy)
            archive.targets.append(target)
    return archive if archive.targets else None


def _find_proven(archive: Archive, target: Target, earlier: Earlier) -> None:
    """Whether the archive was proven before a crash: by its part, or by a name that it
    may have got already."""
    if earlier.status is not CopyStatus.PROVEN:
        return
    root = archive.bench.destinations[target.destination].root
    names = [target.part]
    for name in (archive_name(archive.source), incomplete_name(archive.source)):
        names += names_taken(archive, target.destination, name)
    for name in names:
        there = look(root, name)
        if there is not None and identity_of(there) == earlier.identity:
            target.is_proven = target.is_picked_up = True
            target.identity = earlier.identity
            target.read_back = earlier.read_back
            target.checksums = earlier.checksums
            target.is_named = name != target.part
            if target.is_named:
                target.final = name
            return


def names_taken(archive: Archive, destination: int, name: bytes) -> Iterator[bytes]:
    """A name and its numbered ones, as far as a destination has them without a gap."""
    root = archive.bench.destinations[destination].root
    for number in range(1, _NUMBERS_AT_MOST):
        candidate = name if number == 1 else numbered_name(name, number)
        if look(root, candidate) is None:
            return
        yield candidate


def size_at_most(archive: Archive) -> int:
    """How many bytes an archive will have, or somewhat less."""
    return _END_BYTES + sum(
        bytes_at_most(
            entry_name(archive.source, work.item),
            0 if work.item.kind is ItemKind.FOLDER else work.item.state.size_bytes,
            is_aligned=is_big(work.item),
        )
        for work in archive.works()
    )


def free_name(archive: Archive, destination: int, name: bytes) -> bytes:
    """The first of these names that is free. Raises OSError and SpecialFile."""
    taken = len(list(names_taken(archive, destination, name)))
    return numbered_name(name, taken + 1) if taken else name


def missing_in(archive: Archive, destination: int) -> int:
    """How many items the archive there lacks."""
    return sum(
        copy.destination == destination and copy.status is CopyStatus.FAILED
        for work in archive.works()
        for copy in work.copies
    )


def guarded(
    archive: Archive, target: Target, kind: type[CopyFailedError], act: Callable[[], _T]
) -> _T | None:
    """Do something for one destination; a failure ends its archive alone."""
    archive.bench.control.gate.check()
    try:
        return act()
    except OSError as error:
        target.error = failure_of(archive, target, kind, error)
    except CopyFailedError as error:
        target.error = error
    return None


def failure_of(
    archive: Archive, target: Target, kind: type[CopyFailedError], error: OSError
) -> KetterError:
    """A failed system call by its name. Raises it when the whole transfer has to wait."""
    failure = named.writing(error, archive.words(target), kind)
    if isinstance(failure, WaitingError):
        raise failure from error
    return failure


def reset(archive: Archive, destinations: set[int]) -> None:
    """Tell that what was begun or proven there begins again."""
    for number, work in enumerate(archive.works()):
        for copy in work.copies:
            if copy.destination in destinations and copy.status in _BEGUN:
                archive.bench.journal.record(CopyReset(work.item.id, copy.destination))
        if number % AT_ONCE == 0:
            archive.bench.journal.commit()


def removed(archive: Archive, target: Target) -> bool:
    """Remove a part that will not be needed. False when it could not be: it is left."""
    try:
        remove_file(archive.bench.destinations[target.destination].root, target.part)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True
