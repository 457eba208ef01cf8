"""Bytes that come in pieces of any length, cut into the segments that somebody waits for."""

from __future__ import annotations

from collections.abc import Callable, Iterator

Segment = tuple[int, Callable[[memoryview], object]]
"""So many of the bytes that come next, and who takes them, perhaps in several pieces."""


class Segments:
    """Takes bytes in order, in one thread, and hands them out as a walk asks for them.

    The walk is asked for its next segment once the one before was taken whole: what it does
    between two of them, it does with all bytes of the first. It has to ask for more than
    there is in the end, so that whatever comes too much is its own business.
    """

    def __init__(self, walk: Iterator[Segment]) -> None:
        self._walk = walk
        self._needed, self._take = next(walk)

    def eat(self, piece: memoryview) -> None:
        """Take the next bytes. Raises what the walk raises."""
        at = 0
        while at < len(piece):
            self._go_on()
            length = min(self._needed, len(piece) - at)
            self._take(piece[at : at + length])
            self._needed -= length
            at += length

    def finish(self) -> None:
        """After the last byte: have the walk look at the segment that ended with it."""
        self._go_on()

    def _go_on(self) -> None:
        while self._needed == 0:
            self._needed, self._take = next(self._walk)
