"""MD5 (RFC 1321), by OpenSSL through the standard library.

It finds what a drive or a cable got wrong, and withstands no adversary; it is also the
slowest of all. For those whose manifests want it.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ketter_gui.checksums.registry import Hasher


def md5() -> Hasher:
    """A new MD5."""
    return hashlib.md5(usedforsecurity=False)
