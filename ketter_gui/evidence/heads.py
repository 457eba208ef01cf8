"""The end of the chain, signed.

A head is the signed object (see `signed`)

    {"chain": …, "entry_hash": …, "format": "ketter-head/1", "sequence": …}

The ledger keeps only its hash, signature, key and time, from which the object can be
written again. A head that left the machine, alone or inside an export's `.sig`, is what
finds a history that was rewritten with the key in hand.
"""

from __future__ import annotations

from typing import Any, Final, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ketter_gui.domain.chain import Head
from ketter_gui.domain.errors import SignatureWrong
from ketter_gui.evidence import signed
from ketter_gui.evidence.keys import SigningKey, TrustedKeys

FORMAT: Final = "ketter-head/1"
_FIELDS: Final = {"format": str}


class SignedHead(Protocol):
    """A head as the ledger keeps it."""

    @property
    def head(self) -> Head:
        """What was signed."""

    @property
    def signature(self) -> str:
        """64 bytes, hex."""

    @property
    def key_id(self) -> str:
        """The key that made it."""

    @property
    def signed_us(self) -> int:
        """When, in microseconds since the epoch, UTC."""


def sign(key: SigningKey, head: Head, at_us: int) -> str:
    """The signature of a head, hex, as the ledger keeps it."""
    signature: str = signed.sign(key, members(head), at_us)["signature"]
    return signature


def as_file(key: SigningKey, head: Head, at_us: int) -> bytes:
    """A head that can leave the machine, for `audit verify --head`."""
    return signed.as_bytes(signed.sign(key, members(head), at_us))


def holds(one: SignedHead, trusted: TrustedKeys) -> bool:
    """Whether a trusted key signed this head."""
    key = trusted.get(one.key_id)
    if key is None:
        return False
    whole: dict[str, Any] = {
        **members(one.head),
        "key_id": one.key_id,
        "public_key": key.public_bytes_raw().hex(),
        "signature": one.signature,
        "signed_us": one.signed_us,
    }
    return signed.is_signed_by(whole, key)


def members(head: Head) -> dict[str, Any]:
    """A head's own members."""
    return {
        "chain": head.chain,
        "entry_hash": head.entry_hash,
        "format": FORMAT,
        "sequence": head.sequence,
    }


def read(path: bytes) -> tuple[Head, dict[str, Any], Ed25519PublicKey]:
    """The head in a file: one that was exported alone, or the `.sig` of an export.

    Returns it with the signed object it comes from, and the key inside, which did sign
    it. Raises SignatureWrong.
    """
    whole = signed.read(path, _FIELDS)
    key = signed.check_whole(whole, path)
    return head_in(whole if whole["format"] == FORMAT else whole.get("head"), path), whole, key


def head_in(inner: object, path: bytes) -> Head:
    """The head that these members say. Raises SignatureWrong when they say none."""
    if isinstance(inner, dict):
        chain, sequence, entry_hash = (
            inner.get(name) for name in ("chain", "sequence", "entry_hash")
        )
        if isinstance(chain, str) and isinstance(sequence, int) and isinstance(entry_hash, str):
            return Head(chain, sequence, entry_hash)
    raise SignatureWrong(path, damage="it holds no head")
