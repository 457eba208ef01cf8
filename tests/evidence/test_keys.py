"""The key: made once, for its user alone, believed as long as its public half is kept."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ketter_gui.domain.errors import KeyUnusable
from ketter_gui.evidence import heads, keys
from tests.evidence.building import end_of, signed, some_rows


def pem(key: ec.EllipticCurvePrivateKey | Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def test_a_key_is_made_once_and_told_of_once(data_dir: Path) -> None:
    first, second = keys.load_or_create(data_dir), keys.load_or_create(data_dir)
    assert (first.is_new, second.is_new) == (True, False)
    assert first.public == second.public
    assert first.key_id == keys.id_of(first.public)
    assert len(first.key_id) == 16


def test_a_key_is_for_its_user_alone(data_dir: Path) -> None:
    keys.load_or_create(data_dir)
    assert stat.S_IMODE((data_dir / keys.KEY_NAME).stat().st_mode) == 0o600
    assert sorted(path.name for path in data_dir.iterdir()) == ["keys", keys.KEY_NAME]


def test_of_processes_that_start_at_once_one_makes_the_key(data_dir: Path) -> None:
    made: list[keys.SigningKey] = []
    start = threading.Barrier(8)

    def load() -> None:
        start.wait()
        made.append(keys.load_or_create(data_dir))

    threads = [threading.Thread(target=load) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({key.public for key in made}) == 1
    assert [key.is_new for key in made].count(True) == 1
    assert list(keys.trusted(data_dir)) == [made[0].key_id]


def test_after_a_loss_a_new_key_starts_and_old_heads_still_verify(data_dir: Path) -> None:
    old = keys.load_or_create(data_dir)
    head = signed(old, end_of(some_rows()))
    (data_dir / keys.KEY_NAME).unlink()
    new = keys.load_or_create(data_dir)
    assert new.is_new and new.key_id != old.key_id
    assert set(keys.trusted(data_dir)) == {old.key_id, new.key_id}
    assert heads.holds(head, keys.trusted(data_dir))


def test_a_public_half_that_was_lost_is_kept_again(data_dir: Path) -> None:
    key = keys.load_or_create(data_dir)
    (data_dir / "keys" / f"{key.key_id}.pub").unlink()
    assert keys.trusted(data_dir) == {}
    keys.load_or_create(data_dir)
    assert list(keys.trusted(data_dir)) == [key.key_id]


def test_looking_for_keys_makes_none(data_dir: Path) -> None:
    assert keys.trusted(data_dir) == {}
    assert list(data_dir.iterdir()) == []


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666])
def test_a_key_that_others_can_read_is_refused(data_dir: Path, mode: int) -> None:
    keys.load_or_create(data_dir)
    (data_dir / keys.KEY_NAME).chmod(mode)
    with pytest.raises(KeyUnusable, match=rf"others may read it \(mode {mode:04o}\)"):
        keys.load_or_create(data_dir)


@pytest.mark.root
def test_somebody_elses_key_is_refused(data_dir: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root to give a file away")
    keys.load_or_create(data_dir)
    os.chown(data_dir / keys.KEY_NAME, 12345, -1)
    with pytest.raises(KeyUnusable, match="it belongs to somebody else"):
        keys.load_or_create(data_dir)


@pytest.mark.parametrize(
    "text",
    [b"", b"garbage", b"x" * 10_000, pem(Ed25519PrivateKey.generate())[:40]],
    ids=["empty", "garbage", "long", "cut off"],
)
def test_a_file_that_holds_no_key_is_refused_and_kept(data_dir: Path, text: bytes) -> None:
    path = data_dir / keys.KEY_NAME
    path.write_bytes(text)
    path.chmod(0o600)
    with pytest.raises(KeyUnusable, match="it holds no key"):
        keys.load_or_create(data_dir)
    assert path.read_bytes() == text


def test_a_key_of_another_kind_is_refused(data_dir: Path) -> None:
    path = data_dir / keys.KEY_NAME
    path.write_bytes(pem(ec.generate_private_key(ec.SECP256R1())))
    path.chmod(0o600)
    with pytest.raises(KeyUnusable, match="a key of another kind"):
        keys.load_or_create(data_dir)


def test_a_link_in_the_keys_place_is_not_followed(data_dir: Path, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.write_bytes(pem(Ed25519PrivateKey.generate()))
    theirs.chmod(0o600)
    (data_dir / keys.KEY_NAME).symlink_to(theirs)
    with pytest.raises(KeyUnusable, match="it is a link"):
        keys.load_or_create(data_dir)


def test_a_pipe_in_the_keys_place_is_refused_without_waiting(data_dir: Path) -> None:
    os.mkfifo(data_dir / keys.KEY_NAME, 0o600)
    with pytest.raises(KeyUnusable, match="not a plain file"):
        keys.load_or_create(data_dir)


def test_a_public_key_is_believed_under_its_own_name_only(data_dir: Path) -> None:
    key = keys.load_or_create(data_dir)
    public = (data_dir / "keys" / f"{key.key_id}.pub").read_bytes()
    (data_dir / "keys" / ("0" * 16 + ".pub")).write_bytes(public)
    (data_dir / "keys" / ("1" * 16 + ".pub")).write_bytes(b"garbage")
    assert list(keys.trusted(data_dir)) == [key.key_id]


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(KeyUnusable, match="No such file or directory"):
        keys.load_or_create(tmp_path / "missing")
