"""Signed heads: what was signed holds, and nothing else does."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ketter_gui.domain.chain import Head
from ketter_gui.domain.errors import SignatureWrong
from ketter_gui.evidence import heads, keys
from ketter_gui.evidence.keys import SigningKey
from tests.evidence.building import end_of, signed, some_rows

HEAD = end_of(some_rows())


def test_a_signed_head_holds(data_dir: Path, key: SigningKey) -> None:
    assert heads.holds(signed(key, HEAD), keys.trusted(data_dir))


def test_a_head_holds_only_as_it_was_signed(
    data_dir: Path, key: SigningKey, other_key: SigningKey
) -> None:
    trusted = keys.trusted(data_dir)
    one = signed(key, HEAD)
    for changed in (
        replace(one, head=replace(HEAD, sequence=HEAD.sequence + 1)),
        replace(one, head=replace(HEAD, entry_hash="0" * 64)),
        replace(one, head=replace(HEAD, chain="0" * 32)),
        replace(one, signed_us=6),
        replace(one, signature="00" * 64),
        replace(one, signature="no hex"),
        replace(one, signature=f" {one.signature}"),
        replace(one, signature=one.signature.upper()),
        replace(one, key_id=other_key.key_id),
        signed(other_key, HEAD),
    ):
        assert not heads.holds(changed, trusted)


def test_a_signature_is_over_the_documented_bytes(key: SigningKey) -> None:
    """Another program must be able to check it from the docstring alone."""
    one = signed(key, Head("c" * 32, 7, "e" * 64), 5)
    message = (
        f'{{"chain":"cccccccccccccccccccccccccccccccc","entry_hash":"eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee","format":"ketter-head/1",'
        f'"key_id":"{key.key_id}","public_key":"{key.public.hex()}","sequence":7,"signed_us":5}}'
    )
    Ed25519PublicKey.from_public_bytes(key.public).verify(
        bytes.fromhex(one.signature), message.encode("ascii")
    )


def test_a_head_can_leave_the_machine(tmp_path: Path, key: SigningKey) -> None:
    path = tmp_path / "head.json"
    path.write_bytes(heads.as_file(key, HEAD, 5))
    head, whole, public = heads.read(bytes(path))
    assert head == HEAD
    assert (whole["key_id"], public.public_bytes_raw()) == (key.key_id, key.public)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sequence": 1}, "changed after it was signed"),
        ({"key_id": "0" * 16}, "changed after it was signed"),
        ({"public_key": "zz"}, "its public key is none"),
        ({"public_key": "00"}, "its public key is none"),
        ({"signature": None}, "not one of Ketter's signatures"),
        ({"signed_us": "5"}, "not one of Ketter's signatures"),
        ({"format": 1}, "not one of Ketter's signatures"),
    ],
)
def test_a_head_that_was_changed_is_refused(
    tmp_path: Path, key: SigningKey, change: dict[str, object], words: str
) -> None:
    path = tmp_path / "head.json"
    path.write_text(json.dumps({**json.loads(heads.as_file(key, HEAD, 5)), **change}))
    with pytest.raises(SignatureWrong, match=words):
        heads.read(bytes(path))


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"null", b"\xff", b"{" * 5000, b"[" * 60_000, b"x" * 100_000]
)
def test_a_file_that_is_no_head_is_refused(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "head.json"
    path.write_bytes(text)
    with pytest.raises(SignatureWrong, match=r"not one of Ketter's signatures|cannot be read"):
        heads.read(bytes(path))


def test_a_head_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SignatureWrong, match="it is not there"):
        heads.read(bytes(tmp_path / "head.json"))


def test_a_signed_object_without_a_head_is_refused(tmp_path: Path, key: SigningKey) -> None:
    from ketter_gui.evidence import signed as objects

    path = tmp_path / "other.json"
    path.write_bytes(objects.as_bytes(objects.sign(key, {"format": "ketter-other/1"}, 5)))
    with pytest.raises(SignatureWrong, match="it holds no head"):
        heads.read(bytes(path))
