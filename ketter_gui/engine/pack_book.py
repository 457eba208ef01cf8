"""What is in an archive, and where: a few bytes for each entry, as there may be a million."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import Final

from ketter_gui.domain import limits
from ketter_gui.domain.items import Item, ItemKind, Source
from ketter_gui.engine.zip_format import Entry

ALIGNED_FROM_BYTES: Final = 1 * limits.MIB
"""Above this size a thread for each eater costs less than hashing in between, and a
padded header less than a copy of the data."""


@dataclass(slots=True)
class Book:
    """Where each entry of an archive lies: a few bytes for each, as there may be a million.

    Big entries are those with a padding. `links` are the targets of symlinks by their
    entry's number; `tail` is the SHA-256 of everything after the last entry.
    """

    items: array[int] = field(default_factory=lambda: array("Q"))
    offsets: array[int] = field(default_factory=lambda: array("Q"))
    crcs: array[int] = field(default_factory=lambda: array("I"))
    paddings: array[int] = field(default_factory=lambda: array("H"))
    links: dict[int, bytes] = field(default_factory=dict)
    holds_files: bool = False
    tail: bytes = b""
    tail_bytes: int = 0

    def entry(self, number: int, source: Source, item: Item) -> Entry:
        """An entry again, from its item as it was read."""
        link = self.links.get(number)
        size_bytes = item.state.size_bytes if item.kind is ItemKind.FILE else len(link or b"")
        return Entry(
            entry_name(source, item),
            size_bytes,
            item.state.mode,
            item.state.mtime_ns,
            self.offsets[number],
            self.crcs[number],
            self.paddings[number],
        )


def entry_name(source: Source, item: Item) -> bytes:
    """An item's path in the archive: below its source, since the archive has that name."""
    inside = source.inside(item.path)
    return inside + b"/" if item.kind is ItemKind.FOLDER else inside


def is_big(item: Item) -> bool:
    """Whether a file is read by the pump, with a header that is padded to a whole block."""
    return item.kind is ItemKind.FILE and item.state.size_bytes > ALIGNED_FROM_BYTES
