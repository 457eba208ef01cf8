"""The xxHash family: no defence against an adversary, but as fast as memory.

All with seed 0, in the canonical (big-endian) hex that `xxhsum` prints and ASC MHL
records: `xxh64` is `xxhsum -H1`, `xxh3` XXH3 with 64 bits (`-H3`), `xxh128` XXH3 with
128 bits (`-H2`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import xxhash

if TYPE_CHECKING:
    from ketter_gui.checksums.registry import Hasher


def xxh64() -> Hasher:
    """A new XXH64."""
    return xxhash.xxh64()


def xxh3() -> Hasher:
    """A new XXH3 of 64 bits."""
    return xxhash.xxh3_64()


def xxh128() -> Hasher:
    """A new XXH3 of 128 bits."""
    return xxhash.xxh3_128()
