"""Ed25519 keys as PEM (RFC 8410), for which the encoding is one fixed beginning and the key.

Written out here because the general reader and writer of such files costs every start of
the command line 15 ms; a test holds the two together.
"""

from __future__ import annotations

import base64
import binascii
from typing import Final

_PRIVATE: Final = bytes.fromhex("302e020100300506032b657004220420")
"""OneAsymmetricKey, version 1, id-Ed25519, and the seed as an OCTET STRING (RFC 8410 §7)."""

_PUBLIC: Final = bytes.fromhex("302a300506032b6570032100")
"""SubjectPublicKeyInfo, id-Ed25519, and the key as a BIT STRING (RFC 8410 §4)."""

_KEY_BYTES: Final = 32


def private_pem(raw: bytes) -> bytes:
    """A private key of 32 bytes as PKCS #8."""
    return _pem("PRIVATE KEY", _PRIVATE + raw)


def public_pem(raw: bytes) -> bytes:
    """A public key of 32 bytes as SPKI."""
    return _pem("PUBLIC KEY", _PUBLIC + raw)


def private_raw(text: bytes) -> bytes | None:
    """The 32 bytes of a private key; None when it is not written in just this way."""
    return _raw(text, "PRIVATE KEY", _PRIVATE)


def _pem(label: str, der: bytes) -> bytes:
    body = base64.b64encode(der)
    lines = [body[start : start + 64] for start in range(0, len(body), 64)]
    edge = f"{label}-----".encode()
    return b"\n".join([b"-----BEGIN " + edge, *lines, b"-----END " + edge, b""])


def _raw(text: bytes, label: str, beginning: bytes) -> bytes | None:
    lines = text.strip().splitlines()
    edges = [f"-----{word} {label}-----".encode() for word in ("BEGIN", "END")]
    if len(lines) < 3 or [lines[0], lines[-1]] != edges:
        return None
    try:
        der = base64.b64decode(b"".join(lines[1:-1]), validate=True)
    except binascii.Error:
        return None
    if len(der) != len(beginning) + _KEY_BYTES or not der.startswith(beginning):
        return None
    return der[len(beginning) :]
