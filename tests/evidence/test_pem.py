"""Our short way of writing keys is the one that everybody reads."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, x25519

from ketter_gui.evidence.pem import private_pem, private_raw, public_pem

_NONE = serialization.NoEncryption()
_PEM = serialization.Encoding.PEM
_PKCS8 = serialization.PrivateFormat.PKCS8
_SPKI = serialization.PublicFormat.SubjectPublicKeyInfo


def test_keys_are_written_as_cryptography_writes_them() -> None:
    for _ in range(20):
        key = ed25519.Ed25519PrivateKey.generate()
        raw, public = key.private_bytes_raw(), key.public_key()
        assert private_pem(raw) == key.private_bytes(_PEM, _PKCS8, _NONE)
        assert public_pem(public.public_bytes_raw()) == public.public_bytes(_PEM, _SPKI)
        assert private_raw(private_pem(raw)) == raw


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"-----BEGIN PRIVATE KEY-----",
        b"-----BEGIN PRIVATE KEY-----\n!!!\n-----END PRIVATE KEY-----\n",
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        x25519.X25519PrivateKey.generate().private_bytes(_PEM, _PKCS8, _NONE),
        public_pem(b"\0" * 32),
        private_pem(b"\0" * 31),
    ],
)
def test_what_is_no_ed25519_key_is_not_read_as_one(text: bytes) -> None:
    assert private_raw(text) is None
