"""One door to all manifests: the pieces of a file in, what it says out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from ketter_gui.domain.errors import ManifestDamaged
from ketter_gui.evidence.manifests import lists, mhl
from ketter_gui.evidence.manifests.entries import Found
from ketter_gui.evidence.manifests.kinds import Format, Kind

BYTES_AT_MOST: Final = 8 << 30
"""ASC MHL takes some 600 bytes a file: ten million files fit."""

ENTRIES_AT_MOST: Final = 10_000_000


def read(path: bytes, kind: Kind, pieces: Iterable[bytes]) -> Iterator[Found]:
    """What a manifest says, in its order. `path` is for words only.

    Raises ManifestDamaged when it is none, is cut short, or has no end; what came before
    that may have been yielded already.
    """
    bounded = _bounded(path, pieces)
    if kind.format is Format.LIST:
        found: Iterator[Found] = lists.entries(
            path, bounded, algorithm=kind.algorithm, stem=kind.stem
        )
    else:
        found = mhl.entries(path, bounded)
    for number, one in enumerate(found):
        if number >= ENTRIES_AT_MOST:
            raise ManifestDamaged(path, problem="it lists more files than a source can hold")
        yield one


def _bounded(path: bytes, pieces: Iterable[bytes]) -> Iterator[bytes]:
    length = 0
    for piece in pieces:
        length += len(piece)
        if length > BYTES_AT_MOST:
            raise ManifestDamaged(path, problem="it is larger than any manifest")
        yield piece
