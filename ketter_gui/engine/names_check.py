"""Whether the destinations can hold every name and every size, before the first byte.

Each destination is asked what it can hold (`disk.abilities`), and the items are held
against the answer. On a file system that holds every name, no item is looked at.

What a destination refuses, or would keep as something else, is an error: all of it is in
the log, the first of it in the error. What it accepts although Windows will not open it
is said once, on the file systems that Windows reads.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Protocol

from ketter_gui.disk.abilities import Probe, ask, probing
from ketter_gui.domain.errors import NotHeld
from ketter_gui.domain.holding import FOR_WINDOWS, Holding, PendingItem
from ketter_gui.domain.items import Destination, ItemKind
from ketter_gui.domain.names import to_text
from ketter_gui.domain.sizes import size_text
from ketter_gui.engine import named
from ketter_gui.engine.journal import Noted
from ketter_gui.engine.plan import Bench
from ketter_gui.system.volumes import file_system_of

_log = logging.getLogger(__name__)

NOT_FOR_WINDOWS: Final = "NotForWindows"

_READ_BY_WINDOWS: Final = frozenset(
    {"vfat", "msdos", "exfat", "ntfs", "ntfs3", "fuseblk", "fuse.exfat", "fuse.ntfs-3g"}
)
"""`fuseblk` is what exFAT and NTFS are called when a program serves them."""

_SHOWN: Final = 20
_LOGGED: Final = 10_000
_DEEP_BYTES: Final = 1024
"""Only paths longer than this are tried out: every file system takes shorter ones."""

_NEVER_REACHED_BYTES: Final = 1 << 42
"""A limit of 4 TiB and more is beyond any camera's file."""


class Names(Protocol):
    """What the ledger knows of a transfer's items."""

    def pending(self, destination: int) -> Iterator[PendingItem]:
        """What a destination has still to receive, in the order of the scan."""

    def alike(self, destination: int) -> Iterable[Sequence[PendingItem]]:
        """Groups of items whose `folded` paths are equal, with one that is to come."""

    def longest_path(self) -> bytes:
        """The longest of all paths."""

    def was_noted(self, error_type: str) -> bool:
        """Whether this was told of the transfer before."""


class Found:
    """Items with a reason, counted; the first of them kept for the error."""

    def __init__(self, level: int, what: str) -> None:
        self.count = 0
        self._level = level
        self._what = what
        self._first: list[str] = []

    def add(self, path: bytes, reason: str) -> None:
        """One more."""
        self.count += 1
        words = f"{to_text(path).text} ({reason})"
        if self.count <= _SHOWN:
            self._first.append(words)
        if self.count <= _LOGGED:
            _log.log(self._level, "%s: %s", self._what, words)

    @property
    def items(self) -> str:
        """How many, as words."""
        return "1 item" if self.count == 1 else f"{self.count:,} items"

    @property
    def names(self) -> str:
        """The first ones, and how many more there are."""
        rest = self.count - len(self._first)
        return ", ".join(self._first) + (f" and {rest:,} more" if rest else "")


def check_names(bench: Bench, names: Names) -> None:
    """Raises NotHeld; VolumeGone or DiskFull when a destination could not be asked."""
    longest = names.longest_path()
    for destination, tree in zip(bench.plan.destinations, bench.destinations, strict=True):
        try:
            with probing(tree.root, bench.plan.token) as probe:
                _check(bench, destination, probe, names, longest)
        except OSError as error:
            raise named.writing(error, destination.path) from error


def _check(
    bench: Bench,
    destination: Destination,
    probe: Probe,
    names: Names,
    longest: bytes,
) -> None:
    holding = ask(probe)
    is_for_windows = file_system_of(destination.path) in _READ_BY_WINDOWS
    refused = Found(logging.WARNING, "cannot be held")
    strange = Found(logging.INFO, "Windows will not open it")
    if len(longest) > _DEEP_BYTES and not probe.holds_path(longest):
        refused.add(longest, "its folders lie too deep")
    is_limited = holding.largest_file_bytes < _NEVER_REACHED_BYTES
    if (
        not holding.is_any_name_held
        or len(longest) > holding.longest
        or is_limited
        or is_for_windows
    ):
        for item in names.pending(destination.index):
            bench.control.checkpoint()
            _look_at(item, holding, refused, strange if is_for_windows else None)
    if holding.is_folding or is_for_windows:
        for group in names.alike(destination.index):
            _look_at_group(group, probe, refused, strange if is_for_windows else None)
    if refused.count:
        raise NotHeld(destination.path, items=refused.items, names=refused.names)
    if strange.count and not names.was_noted(NOT_FOR_WINDOWS):
        bench.journal.record(_windows_note(destination, strange))


def _look_at(item: PendingItem, holding: Holding, refused: Found, strange: Found | None) -> None:
    if problem := holding.problem(item.name):
        refused.add(item.path, problem)
    elif item.kind is ItemKind.FILE and item.size_bytes > holding.largest_file_bytes:
        limit = size_text(holding.largest_file_bytes)
        refused.add(item.path, f"{size_text(item.size_bytes)}, {limit} at the most")
    elif strange is not None and (problem := FOR_WINDOWS.problem(item.name)):
        strange.add(item.path, problem)


def _look_at_group(
    group: Sequence[PendingItem], probe: Probe, refused: Found, strange: Found | None
) -> None:
    """Paths that might be one: the destination says whether they are."""
    first, before = group[0], group[0]
    for item in group[1:]:
        others = dict.fromkeys((first.path, before.path))
        twin = next((one for one in others if _are_one(probe, one, item.path)), None)
        if twin is not None:
            refused.add(item.path, f"the same name there as {to_text(twin).text}")
        elif strange is not None:
            strange.add(item.path, f"the same name for it as {to_text(first.path).text}")
        before = item


def _are_one(probe: Probe, one: bytes, other: bytes) -> bool:
    """Whether two paths lead to one file: every two different names on the way have to."""
    pairs = zip(one.split(b"/"), other.split(b"/"), strict=False)
    return all(name == twin or probe.are_one(name, twin) for name, twin in pairs)


def _windows_note(destination: Destination, strange: Found) -> Noted:
    path = to_text(destination.path).text
    return Noted(
        NOT_FOR_WINDOWS,
        f"{path} holds {strange.items} whose name Windows will not open: {strange.names}.",
        strange.count,
    )
