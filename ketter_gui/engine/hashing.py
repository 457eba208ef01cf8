"""The checksums of one pass: every algorithm eats the same bytes."""

from __future__ import annotations

from collections.abc import Callable

from ketter_gui.checksums.registry import Hasher, algorithm
from ketter_gui.engine.journal import Checksums


class Hashing:
    """Hashers for the algorithms of a transfer, in their order, and for those that a
    manifest needs beside them."""

    def __init__(self, names: tuple[str, ...], also: tuple[str, ...] = ()) -> None:
        self._hashers: list[tuple[str, Hasher]] = [
            (name, algorithm(name).new()) for name in (*names, *also)
        ]
        self._own = len(names)

    def update(self, piece: memoryview) -> None:
        """Feed all of them, in this thread."""
        for _, hasher in self._hashers:
            hasher.update(piece)

    def eaters(self) -> list[Callable[[memoryview, int], None]]:
        """The hashers one by one, for a thread of the pump each."""
        return [_eater(hasher) for _, hasher in self._hashers]

    def checksums(self) -> Checksums:
        """The transfer's own results so far, as (algorithm, hex)."""
        return self.everything()[: self._own]

    def everything(self) -> Checksums:
        """All results so far, those for a manifest last."""
        return tuple((name, hasher.hexdigest()) for name, hasher in self._hashers)


def _eater(hasher: Hasher) -> Callable[[memoryview, int], None]:
    return lambda piece, _offset: hasher.update(piece)
