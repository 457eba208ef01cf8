"""What is to be done, and an item on its way through it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from ketter_gui.disk.folder import Tree, leads_to, open_or_make_root, open_root
from ketter_gui.disk.gate import Gate
from ketter_gui.disk.readback import FileSystem, file_system_of
from ketter_gui.domain.errors import KetterError, VolumeGone, VolumeReplaced
from ketter_gui.domain.expected import Expected
from ketter_gui.domain.items import (
    Destination,
    FileState,
    Identity,
    Item,
    ItemKind,
    Place,
    ReadBack,
    Source,
)
from ketter_gui.domain.options import Mode, Options
from ketter_gui.domain.proof import CopyProof
from ketter_gui.domain.status import CopyStatus
from ketter_gui.engine.control import Control
from ketter_gui.engine.counters import Counters
from ketter_gui.engine.journal import Checksums, Journal
from ketter_gui.engine.known import Known, KnowsNothing
from ketter_gui.engine.pace import Paces
from ketter_gui.engine.slots import Slots
from ketter_gui.system.volumes import locate


@dataclass(frozen=True, slots=True)
class Plan:
    """One transfer as the engine needs it. `token` marks its part files."""

    transfer: int
    token: str
    mode: Mode
    options: Options
    sources: tuple[Source, ...]
    destinations: tuple[Destination, ...]


class Earlier(NamedTuple):
    """What the ledger knows of a copy when work (re)starts."""

    destination: int
    status: CopyStatus
    identity: Identity | None = None
    checksums: Checksums = ()
    read_back: ReadBack | None = None
    final_path: bytes = b""
    proven_s: float = 0.0


class Work(NamedTuple):
    """An item with at least one copy that is not finished, as the ledger has it.
    `expected` is what the source's manifests say of it; `first` the item of the same file's
    first name, to whose copies this one may be linked."""

    item: Item
    copies: tuple[Earlier, ...]
    checksums: Checksums = ()
    expected: tuple[Expected, ...] = ()
    first: Work | None = None


@dataclass(slots=True)
class Attempt:
    """One copy on its way. `error` set means that it will not arrive this time.

    `final` is the name it will have; `is_started` that the ledger knows of its part;
    `replaces` that an existing file may be replaced by it once it is proven;
    `is_continued` that an earlier run may have left a part to go on with. `proven_s` is a
    monotonic time, `copied_bytes` what was counted of it, `tries` how often it was begun
    before. `ctime_ns` is of the file under its name.
    """

    destination: int
    final: bytes
    part: bytes
    status: CopyStatus = CopyStatus.COPYING
    is_started: bool = False
    replaces: bool = False
    identity: Identity | None = None
    checksums: Checksums = ()
    read_back: ReadBack | None = None
    read_back_s: float = 0.0
    proven_s: float = 0.0
    error: KetterError | None = None
    is_continued: bool = False
    copied_bytes: int = 0
    tries: int = 0
    ctime_ns: int | None = None

    @property
    def is_alive(self) -> bool:
        """Whether it may still arrive and is not proven yet."""
        return self.error is None and self.status is CopyStatus.COPYING


@dataclass(slots=True)
class Job:
    """One item on its way, with all the copies that are made of it now.

    `state` is the source as it was read. `finished` are copies of it from before, and
    `checksums` of then as well, unless `is_read`: read anew by this run. `link` is where a
    symlink points, when it comes out of an archive. `expected` is what
    the source's manifests say of it; `differs` that it was read and is something else.
    `read_in` is the earlier transfer that read the source when it was as it is now, which
    this run did not.
    """

    item: Item
    state: FileState
    attempts: list[Attempt]
    finished: tuple[Earlier, ...] = ()
    checksums: Checksums = ()
    read_s: float = 0.0
    is_read: bool = False
    link: bytes = b""
    expected: tuple[Expected, ...] = ()
    differs: KetterError | None = None
    first: Work | None = None
    read_in: int | None = None

    @property
    def living(self) -> list[Attempt]:
        """The copies that are still on their way."""
        return [
            one for one in self.attempts if one.error is None and one.status is CopyStatus.COPYING
        ]

    def fail(self, error: KetterError) -> None:
        """No copy of this item will arrive."""
        for attempt in self.living:
            attempt.error = error

    def proofs(self) -> list[CopyProof]:
        """What is proven of every copy, those from before included."""
        return [CopyProof(copy.status, copy.read_back) for copy in self.finished] + [
            CopyProof(attempt.status, attempt.read_back) for attempt in self.attempts
        ]


@dataclass(slots=True)
class Bench:
    """The opened folders of a transfer, and everybody who listens to its work."""

    plan: Plan
    journal: Journal
    counters: Counters
    control: Control
    sources: list[Tree]
    destinations: list[Tree]
    flushed: set[int] = field(default_factory=set)
    """Destinations that were flushed for this batch, before what was there is read."""
    filtered: int = 0
    """What `--include` and `--exclude` left out of the scan of this run."""
    dresses_links: dict[int, bool] = field(default_factory=dict)
    """By destination, once it was asked: whether symlinks have times of their own there."""
    file_systems: dict[int, FileSystem] = field(default_factory=dict)
    """Of the destinations that were asked, see `file_system`."""
    part_bytes: Counter[int] = field(default_factory=Counter)
    """By destination: what parts of an earlier run take there, to be gone on with."""
    slots: Slots = field(default_factory=Slots)
    """Shared by all transfers of the process."""
    paces: Paces = field(default_factory=lambda: Paces(0, 0, Control()))
    """What a bandwidth limit leaves of the drives, for all threads of this transfer."""
    failed_flushes: Counter[int] = field(default_factory=Counter)
    """By destination. Whoever wrote before one of them and flushes after it may get no
    word of what was lost: see `commit.flush_parts`."""
    known: Known = field(default_factory=KnowsNothing)
    """What need not be read to see that it is there already."""

    def beside(self) -> Bench:
        """The same work for a second thread: its own descriptors and journal.
        Close it with `close`. Raises VolumeGone."""
        trees: dict[int, Tree] = {}
        try:
            for tree in (*self.sources, *self.destinations):
                if id(tree) not in trees:
                    trees[id(tree)] = tree.again()
        except OSError as error:
            for tree in trees.values():
                tree.close()
            raise VolumeGone(tree.root.path, errno=error.errno) from error
        return replace(
            self,
            journal=self.journal.beside(),
            sources=[trees[id(tree)] for tree in self.sources],
            destinations=[trees[id(tree)] for tree in self.destinations],
            flushed=set(),
            file_systems={},
        )

    def close(self) -> None:
        """Close what `beside` opened."""
        for tree in (*self.sources, *self.destinations):
            tree.close()

    def source_split(self, item: Item) -> tuple[Tree, bytes]:
        """The source's tree and the item's path below it."""
        return self.sources[item.source], self.plan.sources[item.source].inside(item.path)

    def words_for(self, destination: int, path: bytes) -> bytes:
        """A copy's whole path, for people only: never opened."""
        return b"%s/%s" % (self.plan.destinations[destination].path.rstrip(b"/"), path)

    def source_words(self, item: Item) -> bytes:
        """An item's whole source path, for people only: never opened."""
        source = self.plan.sources[item.source]
        inside = source.inside(item.path)
        return b"%s/%s" % (source.root.rstrip(b"/"), inside) if inside else source.path

    def file_system(self, destination: int) -> FileSystem:
        """What a destination is on; asked once, as its folder is open. Raises OSError."""
        found = self.file_systems.get(destination)
        if found is None:
            found = file_system_of(self.destinations[destination].root)
            self.file_systems[destination] = found
        return found

    def forget_folders(self) -> None:
        """Walk every way below the destinations anew from here on: a folder that was
        swapped or moved meanwhile is seen, not its old descriptor (P1, P8)."""
        for tree in self.destinations:
            tree.forget()

    def check_destinations(self) -> None:
        """Raises VolumeGone when a destination's path does not lead to the folder that was
        opened any more: whatever is written there has another path than we say (P1)."""
        for destination, tree in zip(self.plan.destinations, self.destinations, strict=True):
            _check_root(destination.path, tree)

    def check_sources(self, sources: Iterable[int]) -> None:
        """The same for sources: another card may be in the reader, with the same names."""
        for index in sources:
            _check_root(self.plan.sources[index].root, self.sources[index])


def _check_root(path: bytes, tree: Tree) -> None:
    try:
        is_there = leads_to(path, tree.root)
    except OSError as error:
        raise VolumeGone(path, errno=error.errno) from error
    if not is_there:
        raise VolumeGone(path)


@contextmanager
def opened(
    plan: Plan,
    journal: Journal,
    counters: Counters,
    control: Control,
    *,
    may_make: bool = True,
    slots: Slots | None = None,
) -> Iterator[Bench]:
    """Open the chosen roots; everything below them is reached by descriptors only.

    `slots` are those of the process. `may_make`: a destination that is missing is made. Not when copies were made there
    before: then it was taken away, and a new one in its place would lack them.
    """
    with ExitStack() as stack:
        sources = _source_trees(plan, stack, control.gate)
        destinations = []
        for destination in plan.destinations:
            check_place(destination.path, destination.place)  # or it is made on another drive
            try:
                open_it = open_or_make_root if may_make else open_root
                root = open_it(destination.path, control.gate)
            except OSError as error:
                raise VolumeGone(destination.path, errno=error.errno) from error
            destinations.append(stack.enter_context(Tree(root)))
            check_place(destination.path, destination.place)
        bench = Bench(
            plan,
            journal,
            counters,
            control,
            sources,
            destinations,
            slots=slots or Slots(),
            paces=Paces(plan.options.limit_bytes_per_s, len(destinations), control),
        )
        bench.check_sources(range(len(sources)))
        bench.check_destinations()
        yield bench


@contextmanager
def opened_sources(
    plan: Plan, journal: Journal, counters: Counters, control: Control
) -> Iterator[Bench]:
    """The sources alone: names are given back whether a destination is there or not."""
    with ExitStack() as stack:
        bench = Bench(
            plan, journal, counters, control, _source_trees(plan, stack, control.gate), []
        )
        bench.check_sources(range(len(bench.sources)))
        yield bench


def _source_trees(plan: Plan, stack: ExitStack, gate: Gate) -> list[Tree]:
    """A tree for each source; files of one folder share theirs, as there may be more of
    them than a process may have descriptors."""
    trees: dict[bytes, Tree] = {}
    for source in plan.sources:
        if source.root not in trees:
            try:
                trees[source.root] = stack.enter_context(Tree(open_root(source.root, gate)))
            except OSError as error:
                raise VolumeGone(source.root, errno=error.errno) from error
        is_link = source.kind is ItemKind.SYMLINK
        if is_link:
            check_volume(source.root, source.place)
        else:
            check_place(source.path, source.place)
    return [trees[source.root] for source in plan.sources]


def check_place(path: bytes, place: Place) -> None:
    """Raises VolumeGone, or VolumeReplaced, when a path does not lead to the folder or file
    of the volume that was chosen."""
    now = locate(path)
    if (now.volume, now.within) == (place.volume, place.within):
        return
    if now.within == place.within:
        raise VolumeReplaced(path)
    raise VolumeGone(path)


def check_volume(path: bytes, place: Place) -> None:
    """Raises VolumeGone when a path does not lead to the volume that was chosen."""
    if locate(path).volume != place.volume:
        raise VolumeGone(path)
