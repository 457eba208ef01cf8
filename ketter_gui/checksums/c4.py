"""C4 (SMPTE ST 2114): a SHA-512 written so that it can be a name, as ASC MHL records it.

`c4`, then the number that the digest is, in base 58, filled up in front with that
alphabet's zero to 90 characters. Upper and lower case are different digits: it is no hex,
and must not be folded.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ketter_gui.checksums.registry import Hasher

_DIGITS: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
"""Without 0, O, I and l, which look like others."""

_LENGTH: Final = 90


class _C4:
    """A SHA-512 that says its value in C4's way."""

    __slots__ = ("_sha", "update")

    def __init__(self) -> None:
        self._sha = hashlib.sha512(usedforsecurity=False)
        self.update = self._sha.update

    def hexdigest(self) -> str:
        """The value so far, as C4 writes it."""
        return written(self._sha.digest())


def c4() -> Hasher:
    """A new C4."""
    return _C4()


def written(digest: bytes) -> str:
    """The C4 of a SHA-512 digest."""
    number = int.from_bytes(digest, "big")
    digits = ""
    while number:
        number, rest = divmod(number, len(_DIGITS))
        digits = _DIGITS[rest] + digits
    return "c4" + digits.rjust(_LENGTH - 2, _DIGITS[0])


def bytes_of(value: str) -> bytes:
    """The SHA-512 digest that a C4 says. Raises ValueError for what is none."""
    number = 0
    for digit in value.removeprefix("c4"):
        number = number * len(_DIGITS) + _DIGITS.index(digit)
    return number.to_bytes(64, "big")
