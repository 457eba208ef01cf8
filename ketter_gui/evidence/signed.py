"""A signed object: JSON with its key and its signature in it.

Members of every signed object, beside its own:

    format       what kind of object this is, and which version
    key_id       the short name of the key (see `keys`)
    public_key   its 32 bytes, hex
    signed_us    when, in microseconds since the epoch, UTC
    signature    Ed25519 (RFC 8032), 64 bytes, hex, over the canonical JSON of all other
                 members: keys sorted, no spaces, ASCII only (`domain.chain.canonical_json`)

The public key inside proves only that the object is whole. Whose key it is, the reader
knows from elsewhere: from the keys that are trusted.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ketter_gui.disk.output import read_small
from ketter_gui.domain.chain import canonical_json
from ketter_gui.domain.errors import KetterError, SignatureWrong
from ketter_gui.evidence.keys import SigningKey, TrustedKeys, id_of

LIMIT_BYTES: Final = 64 * 1024
"""No signed object of ours is longer."""

NOT_OURS: Final = "it is signed with a key that is not this ledger's"

Members = Mapping[str, Any]


def sign(key: SigningKey, members: Members, at_us: int) -> dict[str, Any]:
    """The members as a signed object."""
    whole = {
        **members,
        "key_id": key.key_id,
        "public_key": key.public.hex(),
        "signed_us": at_us,
    }
    return {**whole, "signature": key.sign(_message(whole)).hex()}


def as_bytes(signed: Members) -> bytes:
    """A signed object as it is written into a file."""
    return canonical_json(dict(signed)).encode("ascii") + b"\n"


def read(path: bytes, fields: Mapping[str, type]) -> dict[str, Any]:
    """A signed object from a file, its shape checked, its signature not yet.

    `fields` are its own members and their types. Raises SignatureWrong.
    """
    try:
        signed = json.loads(read_small(path, LIMIT_BYTES))
    except FileNotFoundError as error:
        raise SignatureWrong(path, damage="it is not there") from error
    except OSError as error:
        damage = f"it cannot be read ({os.strerror(error.errno or 0)})"
        raise SignatureWrong(path, errno=error.errno, damage=damage) from error
    except (ValueError, RecursionError, KetterError) as error:
        raise SignatureWrong(path, damage="it is not one of Ketter's signatures") from error
    wanted = {**fields, "key_id": str, "public_key": str, "signed_us": int, "signature": str}
    if not isinstance(signed, dict) or not all(
        type(signed.get(name)) is kind for name, kind in wanted.items()
    ):
        raise SignatureWrong(path, damage="it is not one of Ketter's signatures")
    return signed


def check(signed: Members, path: bytes, trusted: TrustedKeys) -> None:
    """Raises SignatureWrong unless a trusted key signed exactly this."""
    if signed["key_id"] not in trusted:
        raise SignatureWrong(path, damage=NOT_OURS)
    if not is_signed_by(signed, trusted[signed["key_id"]]):
        raise SignatureWrong(path, damage="it was changed after it was signed")


def check_whole(signed: Members, path: bytes) -> Ed25519PublicKey:
    """The key inside, once it was found to have signed exactly this.

    Says nothing about whose key it is. Raises SignatureWrong.
    """
    try:
        public = bytes.fromhex(signed["public_key"])
        key = Ed25519PublicKey.from_public_bytes(public)
    except ValueError as error:
        raise SignatureWrong(path, damage="its public key is none") from error
    if id_of(public) != signed["key_id"] or not is_signed_by(signed, key):
        raise SignatureWrong(path, damage="it was changed after it was signed")
    return key


def is_signed_by(signed: Members, key: Ed25519PublicKey) -> bool:
    """Whether this key signed exactly these members."""
    if signed["public_key"] != key.public_bytes_raw().hex():
        return False
    whole = {name: value for name, value in signed.items() if name != "signature"}
    try:
        signature = bytes.fromhex(signed["signature"])
        key.verify(signature, _message(whole))
    except (ValueError, InvalidSignature):
        return False
    return bool(signature.hex() == signed["signature"])  # one text for one signature


def _message(whole: Members) -> bytes:
    return canonical_json(dict(whole)).encode("ascii")
