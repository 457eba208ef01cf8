"""The xxHash family: no defence against an adversary, but as fast as memory.

`xxh128` is XXH3 with 128 bits and seed 0, in the canonical (big-endian) hex that
`xxhsum -H2` prints and ASC MHL records.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import xxhash

if TYPE_CHECKING:
    from ketter_gui.checksums.registry import Hasher


def xxh128() -> Hasher:
    """A new XXH3 of 128 bits."""
    return xxhash.xxh3_128()
