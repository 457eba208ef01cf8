"""The key that signs, and the keys that are believed.

    DATA/signing.key        the Ed25519 private key: PKCS #8, PEM, mode 0600
    DATA/keys/<key_id>.pub  every public key that ever signed here: SPKI, PEM

All processes share one key. It is made once: written beside its name and linked there
without clobbering, so that of two processes which make one at the same time the second
reads the first one's. After a loss a new key starts, and the public halves that were
kept still verify what the old one signed; `replace` starts one while nothing is lost. An
auditor on another machine puts the `.pub` of the ledger he audits into his own `keys` folder.

`key_id` is the first 16 hex digits of the SHA-256 of the 32 bytes of the public key
(RFC 8032 §5.1.5).
"""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from ketter_gui.disk.output import OutputFile, read_small, read_small_and_state
from ketter_gui.domain.errors import ExportFailed, KetterError, KeyUnusable
from ketter_gui.domain.items import FileState
from ketter_gui.evidence.pem import private_pem, private_raw, public_pem

KEY_NAME: Final = "signing.key"
PUBLIC_FOLDER: Final = "keys"
PUBLIC_SUFFIX: Final = ".pub"
LIMIT_BYTES: Final = 4096
"""No key file of ours is longer."""

log = logging.getLogger(__name__)

TrustedKeys = Mapping[str, Ed25519PublicKey]
"""The public keys that are believed, by their `key_id`."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The ledger's key. `is_new`: this call made it, and the caller records KEY_CREATED."""

    private: Ed25519PrivateKey
    key_id: str
    public: bytes
    is_new: bool

    def sign(self, message: bytes) -> bytes:
        """The 64 bytes of an Ed25519 signature (RFC 8032)."""
        return self.private.sign(message)


def load_or_create(data_dir: Path) -> SigningKey:
    """The key of this data folder; makes one when there is none.

    Raises KeyUnusable: not a plain file, another's, readable by others, or not a key.
    """
    path = data_dir / KEY_NAME
    private = _load(path)
    is_new = private is None
    if private is None:
        private, is_new = _create(path)
    public = private.public_key().public_bytes_raw()
    key = SigningKey(private, id_of(public), public, is_new)
    _keep_public(data_dir, key)
    return key


def new_key(data_dir: Path) -> SigningKey:
    """Another key for this data folder, its public half kept; not in use before `replace`.

    Raises KeyUnusable.
    """
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    key = SigningKey(private, id_of(public), public, is_new=True)
    _keep_public(data_dir, key)
    return key


def replace(data_dir: Path, key: SigningKey) -> None:
    """Put a key into the place of the one that is in use, which is gone then. Raises
    KeyUnusable."""
    path = os.fsencode(data_dir / KEY_NAME)
    try:
        with OutputFile(path, overwrite=True) as file:
            file.write(private_pem(key.private.private_bytes_raw()))
    except ExportFailed as error:
        problem = os.strerror(error.errno or 0)
        raise KeyUnusable(path, errno=error.errno, problem=problem) from error


def trusted(data_dir: Path) -> dict[str, Ed25519PublicKey]:
    """Every public key that is believed in this data folder; makes none.

    A file that holds no key, or not the one that it is named after, is passed over with
    a line in the log: what only it could vouch for does not verify.
    """
    # Only who verifies needs these, and they take their time to load.
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization

    found: dict[str, Ed25519PublicKey] = {}
    folder = data_dir / PUBLIC_FOLDER
    for path in sorted(folder.glob(f"*{PUBLIC_SUFFIX}")):
        try:
            key = serialization.load_pem_public_key(read_small(os.fsencode(path), LIMIT_BYTES))
        except (OSError, ValueError, UnsupportedAlgorithm, KetterError):
            log.warning("not a public key", extra={"file": path.name})
            continue
        if isinstance(key, Ed25519PublicKey) and id_of(key.public_bytes_raw()) == path.stem:
            found[path.stem] = key
        else:
            log.warning("not the key that it is named after", extra={"file": path.name})
    return found


def id_of(public: bytes) -> str:
    """The short name of a public key, from its 32 bytes."""
    return hashlib.sha256(public).hexdigest()[:16]


def _load(path: Path) -> Ed25519PrivateKey | None:
    where = os.fsencode(path)
    try:
        text, state = read_small_and_state(where, LIMIT_BYTES)
    except FileNotFoundError:
        return None
    except OSError as error:
        problem = _problem_with(error)
        raise KeyUnusable(where, errno=error.errno, problem=problem) from error
    except KetterError as error:
        raise KeyUnusable(where, problem="it is not a plain file") from error
    if problem := _problem_in(state):
        raise KeyUnusable(where, problem=problem)
    if raw := private_raw(text):
        return Ed25519PrivateKey.from_private_bytes(raw)
    return _written_otherwise(where, text)


def _written_otherwise(where: bytes, text: bytes) -> Ed25519PrivateKey:
    """The key of a file that we did not write, but may be right all the same."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization

    try:
        key = serialization.load_pem_private_key(text, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyUnusable(where, problem="it holds no key") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyUnusable(where, problem="it holds a key of another kind")
    return key


def _problem_with(error: OSError) -> str:
    if error.errno == errno.ELOOP:
        return "it is a link"
    if error.errno == errno.EFBIG:
        return "it holds no key"
    return os.strerror(error.errno or 0)


def _problem_in(state: FileState) -> str:
    if not hasattr(os, "getuid"):
        return ""  # no modes and owners of this kind there
    if state.uid != os.getuid():
        return "it belongs to somebody else"
    if stat.S_IMODE(state.mode) & 0o077:
        return f"others may read it (mode {stat.S_IMODE(state.mode):04o})"
    return ""


def _create(path: Path) -> tuple[Ed25519PrivateKey, bool]:
    """A new key in its file, or the one that another process made meanwhile."""
    private = Ed25519PrivateKey.generate()
    text = private_pem(private.private_bytes_raw())
    try:
        with OutputFile(os.fsencode(path)) as file:
            file.write(text)
    except ExportFailed as error:
        if error.errno == errno.EEXIST:
            theirs = _load(path)
            if theirs is not None:
                return theirs, False
        problem = os.strerror(error.errno or 0)
        raise KeyUnusable(os.fsencode(path), errno=error.errno, problem=problem) from error
    return private, True


def _keep_public(data_dir: Path, key: SigningKey) -> None:
    """Keep the public half for the day when the key is lost."""
    folder = data_dir / PUBLIC_FOLDER
    path = folder / f"{key.key_id}{PUBLIC_SUFFIX}"
    if path.exists():
        return
    text = public_pem(key.public)
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        with OutputFile(os.fsencode(path)) as file:
            file.write(text)
    except (OSError, ExportFailed) as error:
        if error.errno == errno.EEXIST:
            return
        problem = os.strerror(error.errno or 0)
        raise KeyUnusable(os.fsencode(path), errno=error.errno, problem=problem) from error
