"""The checksums that Ketter knows, by the names of the command line and the ledger.

A family adds itself with a line for each in `_NEW`. Values travel as text and nothing
else: the unsigned 64 and 128 bit numbers of some families do not fit into the integers of
databases and toolkits. The text is lower-case hex, except that C4 has 90 characters of
its own in which upper and lower case differ. So nobody takes a value for a number, nor
changes its case: two are equal when their texts are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from ketter_gui.checksums import blake, c4, md, sha, xxh
from ketter_gui.domain.errors import UnknownChecksum
from ketter_gui.domain.options import CHECKSUM_LABELS


class Hasher(Protocol):
    """A checksum on its way: fed in order, asked at the end. Belongs to one thread at a time."""

    def update(self, piece: bytes | memoryview, /) -> None:
        """Take the next bytes; the piece is not kept."""
        ...

    def hexdigest(self) -> str:
        """The value so far as its family writes it: lower-case hex, or C4's own letters.

        More may be fed afterwards.
        """
        ...


@dataclass(frozen=True, slots=True)
class Algorithm:
    """A checksum by its registry name, its name for people, and its beginning."""

    name: str
    label: str
    new: Callable[[], Hasher]


_NEW: Final[dict[str, Callable[[], Hasher]]] = {
    "sha256": sha.sha256,
    "sha1": sha.sha1,
    "md5": md.md5,
    "xxh64": xxh.xxh64,
    "xxh3": xxh.xxh3,
    "xxh128": xxh.xxh128,
    "blake3": blake.blake3,
    "c4": c4.c4,
}

_ALGORITHMS: Final = {
    name: Algorithm(name, label, _NEW[name]) for name, label in CHECKSUM_LABELS.items()
}


def algorithm(name: str) -> Algorithm:
    """The algorithm of this name. Raises UnknownChecksum, which lists the known ones."""
    try:
        return _ALGORITHMS[name]
    except KeyError:
        raise UnknownChecksum(name=name, known=", ".join(known())) from None


def known() -> tuple[str, ...]:
    """All names, the default first."""
    return tuple(_ALGORITHMS)
