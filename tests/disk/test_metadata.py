from __future__ import annotations

import errno
import os
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ketter_gui.disk.folder import Folder, look, state_of
from ketter_gui.disk.metadata import carry, carry_folder, carry_link, carry_mode
from ketter_gui.disk.reading import open_file
from ketter_gui.domain.items import FileState, Loss
from tests.disk.making import as_nobody, make
from tests.disk.mounting import need_root

SHOT_NS = 1_700_000_000_123_456_789
ACCESS, DEFAULT = "system.posix_acl_access", "system.posix_acl_default"


def _access_list(*entries: tuple[int, int, int]) -> bytes:
    """The kernel's form (linux/posix_acl_xattr.h): version 2, then tag, rights, id."""
    nobody_in_particular = 0xFFFF_FFFF
    return struct.pack("<I", 2) + b"".join(
        struct.pack("<HHI", tag, rights, who if who >= 0 else nobody_in_particular)
        for tag, rights, who in entries
    )


USER_OBJ, USER, GROUP_OBJ, MASK, OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
SHARED = _access_list(
    (USER_OBJ, 6, -1), (USER, 6, 1234), (GROUP_OBJ, 4, -1), (MASK, 6, -1), (OTHER, 4, -1)
)


@contextmanager
def _opened(folder: Folder, *names: bytes) -> Iterator[list[int]]:
    descriptors: list[int] = []
    try:
        for name in names:
            descriptors.append(open_file(folder, name))
        yield descriptors
    finally:
        for fd in descriptors:
            os.close(fd)


def _pair(folder: Folder) -> None:
    make(folder, b"source", b"bytes")
    make(folder, b"part", b"bytes")


def _mode(folder: Folder, name: bytes) -> int:
    return stat.S_IMODE(os.stat(name, dir_fd=folder.fd).st_mode)


def test_times_are_carried_to_the_nanosecond(ext4_folder: Folder) -> None:
    _pair(ext4_folder)
    os.utime(b"source", ns=(SHOT_NS - 1, SHOT_NS), dir_fd=ext4_folder.fd)
    with _opened(ext4_folder, b"source", b"part") as (source, part):
        assert carry(source, part, state_of(source), SHOT_NS - 1)[0] == Loss.NONE
        there = os.fstat(part)
    assert (there.st_atime_ns, there.st_mtime_ns) == (SHOT_NS - 1, SHOT_NS)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(mtime_ns=st.integers(0, 4_000_000_000 * 10**9))
def test_every_time_that_ext4_can_hold_is_carried(ext4_volume: object, mtime_ns: int) -> None:
    fd = os.open(os.fsencode(str(ext4_volume)), os.O_RDWR | os.O_TMPFILE)
    try:
        state = state_of(fd)._replace(mtime_ns=mtime_ns)
        assert carry(None, fd, state)[0] == Loss.NONE
        assert state_of(fd).mtime_ns == mtime_ns
    finally:
        os.close(fd)


def test_a_time_that_the_volume_cannot_hold_is_told(ext4_folder: Folder) -> None:
    make(ext4_folder, b"part")
    with _opened(ext4_folder, b"part") as (part,):
        far = state_of(part)._replace(mtime_ns=20_000_000_000 * 10**9)
        assert carry(None, part, far)[0] == Loss.TIMES


def test_a_coarser_clock_is_no_loss(exfat_folder: Folder) -> None:
    make(exfat_folder, b"part")
    with _opened(exfat_folder, b"part") as (part,):
        lost, _ = carry(None, part, state_of(part)._replace(mtime_ns=SHOT_NS))
        assert lost == Loss.TIMES_TO_SECOND
        assert abs(state_of(part).mtime_ns - SHOT_NS) < 2_000_000_000


def test_a_part_stays_ours_until_it_is_proven(ext4_folder: Folder) -> None:
    _pair(ext4_folder)
    os.chmod(b"source", 0o644, dir_fd=ext4_folder.fd)
    with _opened(ext4_folder, b"source", b"part") as (source, part):
        carry(source, part, state_of(source))[0]
        assert _mode(ext4_folder, b"part") == 0o600
        assert carry_mode(part, state_of(source))
    assert _mode(ext4_folder, b"part") == 0o644


@pytest.mark.parametrize("mode", [0o400, 0o444, 0o000, 0o755, 0o600, 0o7777])
def test_every_mode_is_carried(ext4_folder: Folder, mode: int) -> None:
    need_root()
    _pair(ext4_folder)
    os.chmod(b"source", mode, dir_fd=ext4_folder.fd)
    with _opened(ext4_folder, b"source", b"part") as (source, part):
        assert carry_mode(part, state_of(source))
    assert _mode(ext4_folder, b"part") == mode


def test_root_carries_the_owner(ext4_folder: Folder) -> None:
    need_root()
    _pair(ext4_folder)
    os.chown(b"source", 1234, 2345, dir_fd=ext4_folder.fd)
    with _opened(ext4_folder, b"source", b"part") as (source, part):
        assert carry(source, part, state_of(source))[0] == Loss.NONE
        there = state_of(part)
    assert (there.uid, there.gid) == (1234, 2345)


def test_without_the_owner_nobody_gets_his_rights(ext4_folder: Folder) -> None:
    need_root()
    os.fchmod(ext4_folder.fd, 0o777)
    _pair(ext4_folder)
    os.chmod(b"source", 0o6755, dir_fd=ext4_folder.fd)
    os.chown(b"part", 65534, 65534, dir_fd=ext4_folder.fd)
    with as_nobody(), _opened(ext4_folder, b"source", b"part") as (source, part):
        state = state_of(source)
        assert state.mode & stat.S_ISUID
        lost = carry(source, part, state)[0]
        assert lost == Loss.OWNER
        assert not carry_mode(part, state)
    assert _mode(ext4_folder, b"part") == 0o755


def test_attributes_are_carried(ext4_folder: Folder) -> None:
    _pair(ext4_folder)
    with _opened(ext4_folder, b"source", b"part") as (source, part):
        os.setxattr(source, "user.reel", b"A001\0\xff")
        assert carry(source, part, state_of(source))[0] == Loss.NONE
        assert os.getxattr(part, "user.reel") == b"A001\0\xff"


def test_root_carries_capabilities_after_the_owner(ext4_folder: Folder) -> None:
    need_root()
    _pair(ext4_folder)
    capability = struct.pack("<IIIII", 0x0200_0001, 1 << 10, 0, 0, 0)
    with _opened(ext4_folder, b"source", b"part") as (source, part):
        os.fchown(source, 1234, 2345)
        os.setxattr(source, "security.capability", capability)
        assert carry(source, part, state_of(source))[0] == Loss.NONE
        assert os.getxattr(part, "security.capability") == capability


def test_an_access_list_opens_only_with_the_mode(ext4_folder: Folder) -> None:
    _pair(ext4_folder)
    with _opened(ext4_folder, b"source", b"part") as (source, part):
        os.setxattr(source, ACCESS, SHARED)
        state = state_of(source)
        assert carry(source, part, state)[0] == Loss.NONE
        assert _mode(ext4_folder, b"part") == 0o600
        assert carry_mode(part, state)
        assert os.getxattr(part, ACCESS) == os.getxattr(source, ACCESS)
        assert state_of(part).mode == state.mode


def test_what_exfat_cannot_hold_is_told(ext4_folder: Folder, exfat_folder: Folder) -> None:
    make(ext4_folder, b"source", b"bytes")
    make(exfat_folder, b"part", b"bytes")
    with _opened(ext4_folder, b"source") as (source,), _opened(exfat_folder, b"part") as (part,):
        os.setxattr(source, "user.reel", b"A001")
        os.fchmod(source, 0o640)
        state = state_of(source)._replace(uid=1234)
        lost = carry(source, part, state)[0]
        assert lost == Loss.XATTRS | Loss.OWNER | Loss.TIMES_TO_SECOND
        assert not carry_mode(part, state)


def test_an_attribute_that_is_too_big_is_lost_and_told(ext4_folder: Folder) -> None:
    make(ext4_folder, b"part")
    with _opened(ext4_folder, b"part") as (part,):
        source = os.open(b"/dev/shm", os.O_RDWR | os.O_TMPFILE)
        try:
            try:
                os.setxattr(source, "user.big", bytes(60_000))
            except OSError:
                pytest.skip("needs a tmpfs with attributes (Linux 6.6)")
            assert carry(source, part, state_of(source))[0] & Loss.XATTRS
        finally:
            os.close(source)


def test_an_attribute_that_vanishes_is_no_loss(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    _pair(folder)
    monkeypatch.setattr(os, "listxattr", lambda _: ["user.gone", "security.selinux"])
    with _opened(folder, b"source", b"part") as (source, part):
        assert carry(source, part, state_of(source))[0] == Loss.NONE


def test_a_failing_drive_is_no_missing_feature(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    _pair(folder)
    with _opened(folder, b"source", b"part") as (source, part):
        state = state_of(source)
        os.setxattr(source, "user.reel", b"A001")
        for name in ("utime", "listxattr", "setxattr"):
            with monkeypatch.context() as broken:
                broken.setattr(os, name, fail)
                with pytest.raises(OSError, match="Input/output"):
                    carry(source, part, state)[0]


def test_a_source_without_attributes_loses_none(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(_: int) -> list[str]:
        raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))

    _pair(folder)
    monkeypatch.setattr(os, "listxattr", none)
    with _opened(folder, b"source", b"part") as (source, part):
        assert carry(source, part, state_of(source))[0] == Loss.NONE


def _folder_state(folder: Folder, name: bytes) -> FileState:
    state = look(folder, name)
    assert state is not None
    return state


def test_a_folder_gets_everything_at_once(ext4_folder: Folder) -> None:
    for name in (b"source", b"copy"):
        os.mkdir(name, 0o700, dir_fd=ext4_folder.fd)
    flags = os.O_RDONLY | os.O_DIRECTORY
    with (
        Folder(os.open(b"source", flags, dir_fd=ext4_folder.fd), b"source") as source,
        Folder(os.open(b"copy", flags, dir_fd=ext4_folder.fd), b"copy") as copy,
    ):
        os.setxattr(source.fd, "user.card", b"A001")
        os.setxattr(source.fd, DEFAULT, SHARED)
        os.fchmod(source.fd, 0o2775)
        os.utime(source.fd, ns=(SHOT_NS, SHOT_NS))
        make(copy, b"clip")
        state = _folder_state(ext4_folder, b"source")
        assert carry_folder(copy, state, source) == Loss.NONE
        there = _folder_state(ext4_folder, b"copy")
        assert (there.mode, there.mtime_ns) == (state.mode, SHOT_NS)
        assert os.getxattr(copy.fd, "user.card") == b"A001"
        assert os.getxattr(copy.fd, DEFAULT) == os.getxattr(source.fd, DEFAULT)
        assert carry_folder(copy, state) == Loss.NONE


def test_a_link_keeps_its_own_time_and_owner(ext4_folder: Folder) -> None:
    make(ext4_folder, b"target")
    target = _folder_state(ext4_folder, b"target")
    os.symlink(b"target", b"link", dir_fd=ext4_folder.fd)
    state = _folder_state(ext4_folder, b"link")._replace(mtime_ns=SHOT_NS)
    assert carry_link(ext4_folder, b"link", state) == Loss.NONE
    assert _folder_state(ext4_folder, b"link").mtime_ns == SHOT_NS
    assert _folder_state(ext4_folder, b"target") == target
