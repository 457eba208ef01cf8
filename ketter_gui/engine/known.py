"""What is known already of files that have not changed since: the checksum cache.

It spares reading for one decision only, whether a copy that is there already is the
source's: never for a verification, and never in a move (design, §4). Whoever answers
compares the whole state – volume, path, inode, size, mtime and ctime – and rather says
nothing than guesses.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from ketter_gui.domain.items import FileState, Item, ReadBack
from ketter_gui.engine.journal import Checksums


class KnownSource(NamedTuple):
    """The checksums of a source file, in the order asked for, as `transfer` read it."""

    checksums: Checksums
    transfer: int


class KnownCopy(NamedTuple):
    """A copy that `transfer` read back at `proven_us` (wall clock, microseconds), and how."""

    checksums: Checksums
    read_back: ReadBack
    transfer: int
    proven_us: int


class Known(Protocol):
    """Who remembers. May wait for the ledger; raises LedgerError."""

    def expect(self, items: Sequence[Item]) -> None:
        """These may be asked about next, so that all of them can be looked up at once."""

    def source(self, item: Item, state: FileState) -> KnownSource | None:
        """The checksums of a source file that is in this state, if they are known."""

    def copy(self, destination: int, path: bytes, state: FileState) -> KnownCopy | None:
        """The proof of what is at a path below a destination, if it is in this state and
        is a copy that was read back from where it is kept."""


class KnowsNothing:
    """Everything is read."""

    def expect(self, items: Sequence[Item]) -> None:
        """Nobody will be told anything."""

    def source(self, item: Item, state: FileState) -> KnownSource | None:  # noqa: ARG002
        """Nothing."""
        return None

    def copy(self, destination: int, path: bytes, state: FileState) -> KnownCopy | None:  # noqa: ARG002
        """Nothing."""
        return None
