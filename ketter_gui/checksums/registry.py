"""The checksums that Ketter knows, by the names of the command line and the ledger.

A family adds itself with one line in `_ALGORITHMS`. Values travel as lower-case hex
text and nothing else: the unsigned 64 and 128 bit numbers of some families do not fit
into the integers of databases and toolkits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from ketter_gui.checksums import sha, xxh
from ketter_gui.domain.errors import UnknownChecksum


class Hasher(Protocol):
    """A checksum on its way: fed in order, asked at the end. Belongs to one thread at a time."""

    def update(self, piece: bytes | memoryview, /) -> None:
        """Take the next bytes; the piece is not kept."""
        ...

    def hexdigest(self) -> str:
        """The value so far, as lower-case hex; more may be fed afterwards."""
        ...


@dataclass(frozen=True, slots=True)
class Algorithm:
    """A checksum by its registry name, its name for people, and its beginning."""

    name: str
    label: str
    new: Callable[[], Hasher]


_ALGORITHMS: Final[dict[str, Algorithm]] = {
    one.name: one
    for one in (
        Algorithm("sha256", "SHA-256", sha.sha256),
        Algorithm("xxh128", "XXH128", xxh.xxh128),
    )
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
