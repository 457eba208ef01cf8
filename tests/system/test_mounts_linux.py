from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketter_gui.system.mounts_linux import (
    Mount,
    is_below,
    mount_by_prefix,
    mount_holding,
    parse_mounts,
    read_mounts,
)
from tests.disk import mounting

TABLE = rb"""22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 8:2 / / rw,relatime shared:1 - ext4 /dev/sda2 rw,errors=remount-ro
40 27 8:17 / /media/ana/A001\0400412 rw,nosuid master:2 propagate_from:3 - exfat /dev/sdb1 rw,uid=1000
41 27 8:17 /DCIM /mnt/bind rw - exfat /dev/sdb1 rw
42 27 0:50 / /mnt/nas rw - nfs4 nas.local:/export/a\040b rw,vers=4.2
43 27 0:51 / /mnt/no-source rw - fuse  rw
44 27 8:33 / /media/caf@\012\134\011 rw - ext4 /dev/sdc1 rw
this line makes no sense
xx 27 8:33 / /y rw - ext4 /dev/sdc1 rw
""".replace(b"@", b"\xe9")


def test_a_table_is_read_to_its_end() -> None:
    mounts = parse_mounts(TABLE)
    assert [mount.id for mount in mounts] == [22, 27, 40, 41, 42, 43, 44]


def test_optional_fields_are_passed_over() -> None:
    card = parse_mounts(TABLE)[2]
    assert card == Mount(
        40,
        (8, 17),
        b"/",
        b"/media/ana/A001 0412",
        frozenset({b"rw", b"nosuid"}),
        "exfat",
        b"/dev/sdb1",
        b"rw,uid=1000",
    )


def test_names_keep_every_byte() -> None:
    mounts = {mount.id: mount for mount in parse_mounts(TABLE)}
    assert mounts[44].mount_point == b"/media/caf\xe9\n\\\t"
    assert mounts[42].source == b"nas.local:/export/a b"
    assert mounts[43].source == b""


@given(st.binary(min_size=1, max_size=30).filter(lambda name: b"\0" not in name))
def test_what_the_kernel_escapes_comes_back(name: bytes) -> None:
    escaped = b"".join(b"\\%03o" % byte if byte in b" \t\n\\#" else bytes([byte]) for byte in name)
    line = b"40 27 8:17 / /media/%s rw - ext4 /dev/sdb1 rw" % escaped
    (mount,) = parse_mounts(line)
    assert mount.mount_point == b"/media/" + name


@pytest.mark.parametrize(
    ("path", "folder", "answer"),
    [
        (b"/media/card", b"/media", True),
        (b"/media", b"/media", True),
        (b"/mediacard", b"/media", False),
        (b"/anything", b"/", True),
        (b"/", b"/", True),
    ],
)
def test_below_is_by_whole_names(path: bytes, folder: bytes, answer: bool) -> None:
    assert is_below(path, folder) is answer


def test_the_longest_mount_point_holds_a_path() -> None:
    mounts = parse_mounts(TABLE)
    for path, number in (
        (b"/media/ana/A001 0412/DCIM/clip", 40),
        (b"/media/ana/A001", 27),
        (b"/mnt/bind", 41),
        (b"/", 27),
    ):
        found = mount_by_prefix(mounts, path)
        assert found is not None
        assert found.id == number
    assert mount_by_prefix([], b"/anything") is None


def test_of_several_on_one_point_the_last_one_counts() -> None:
    table = TABLE + b"60 40 8:49 / /media/ana/A001\\0400412 rw - ext4 /dev/sdd1 rw\n"
    found = mount_by_prefix(parse_mounts(table), b"/media/ana/A001 0412/clip")
    assert found is not None
    assert found.id == 60


def test_a_root_whose_mount_is_out_of_sight_is_a_mount_all_the_same(tmp_path: Path) -> None:
    """In a chroot the table has no line for `/`, and people's files lie there."""
    table = tmp_path / "mountinfo"
    table.write_bytes(b"60 1 0:21 / /proc rw,relatime - proc proc rw\n")
    mounts = read_mounts(os.fsencode(table))
    root = mount_holding(mounts, b"/")
    assert root is not None
    assert root.mount_point == b"/"
    assert root.device == (os.major(os.stat("/").st_dev), os.minor(os.stat("/").st_dev))


def test_the_kernel_agrees_on_what_is_mounted_here() -> None:
    mounts = read_mounts()
    root = mount_holding(mounts, b"/")
    assert root is not None
    assert root.mount_point == b"/"
    proc = mount_holding(mounts, b"/proc/self")
    assert proc is not None
    assert proc.file_system == "proc"


def test_what_does_not_exist_is_held_by_the_nearest_folder_above(tmp_path: Path) -> None:
    mounts = read_mounts()
    assert mount_holding(mounts, os.fsencode(tmp_path / "a/b/c")) == mount_holding(
        mounts, os.fsencode(tmp_path)
    )


def test_a_mount_that_is_hidden_by_one_above_it_holds_nothing(tmp_path: Path) -> None:
    mounting.need_root()
    with mounting.tmpfs(tmp_path, "above") as above, mounting.tmpfs(above, "below") as below:
        with mounting.tmpfs(tmp_path, "above"):
            below.mkdir()
            path = os.fsencode(below)
            by_name, really = (
                mount_by_prefix(read_mounts(), path),
                mount_holding(read_mounts(), path),
            )
        assert by_name is not None
        assert really is not None
        assert by_name.mount_point == path
        assert really.mount_point == os.fsencode(above)
