from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ketter_gui.domain.errors import NotOnThisSystem
from ketter_gui.domain.items import Medium
from ketter_gui.domain.limits import LANES
from ketter_gui.system import volumes_linux
from ketter_gui.system.devices_linux import Hardware
from ketter_gui.system.mounts_linux import parse_mounts
from ketter_gui.system.volumes import (
    file_system_of,
    is_empty_mount_point,
    locate,
    places_of,
    space,
    volumes,
)
from tests.disk import mounting
from tests.system.conftest import MakeDevice


@pytest.fixture(scope="module")
def ext4(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with mounting.ext4(tmp_path_factory.mktemp("ext4")) as place:
        yield place


@pytest.fixture
def hardware(sys_folder: Path, dev_folder: Path) -> Hardware:
    return Hardware(os.fsencode(sys_folder), os.fsencode(dev_folder))


def test_the_systems_own_volume_is_always_shown() -> None:
    found = volumes()
    assert found[0].mount_point == b"/"
    home = locate(os.fsencode(Path.home()))
    assert home.volume in {volume.identity for volume in found}


def test_a_card_is_shown_with_its_label(ext4: Path) -> None:
    (card,) = [one for one in volumes() if one.mount_point == os.fsencode(ext4)]
    assert card.label == "A001_0412"
    assert card.file_system == "ext4"
    assert card.medium is Medium.STORAGE
    assert card.kind in LANES
    assert card.identity.startswith("uuid:")
    assert not card.is_read_only


def test_a_path_is_known_by_its_volume_and_the_path_inside(ext4: Path) -> None:
    place = locate(os.fsencode(ext4 / "DCIM/clip.mov"))
    assert place.within == b"/DCIM/clip.mov"
    assert place.volume.startswith("uuid:")
    assert place.label == "A001_0412"
    assert locate(os.fsencode(ext4)).within == b"/"


def test_an_identity_outlives_a_remount_and_another_mount_point(tmp_path: Path) -> None:
    mounting.need("losetup", "mkfs.ext4", package="e2fsprogs")
    image = tmp_path / "card.img"
    with image.open("wb") as file:
        file.truncate(64 << 20)
    mounting._run("mkfs.ext4", "-q", image)
    found = []
    for name in ("first", "second"):
        with (
            mounting.loop_device(image) as device,
            mounting.mounted(tmp_path / name, "mount", device, tmp_path / name) as place,
        ):
            found.append(locate(os.fsencode(place)))
    assert (found[0].volume, found[0].within) == (found[1].volume, found[1].within)
    assert found[0].devices == found[1].devices


@pytest.mark.parametrize(("file_system", "size"), [("btrfs", 128 << 20), ("xfs", 320 << 20)])
def test_other_file_systems_tell_their_uuid_too(
    tmp_path: Path, file_system: str, size: int
) -> None:
    mounting.need("losetup", f"mkfs.{file_system}", package="btrfs-progs, xfsprogs")
    image = tmp_path / "card.img"
    with image.open("wb") as file:
        file.truncate(size)
    mounting._run(f"mkfs.{file_system}", "-L", "REEL", image)
    place = tmp_path / "mounted"
    with (
        mounting.loop_device(image) as device,
        mounting.mounted(place, "mount", device, place),
    ):
        found = locate(os.fsencode(place))
    assert found.volume.startswith("uuid:")
    assert found.volume.endswith(f"/size:{size}")
    assert found.label == "REEL"


def test_two_cards_of_one_label_and_size_are_two(ext4: Path, tmp_path: Path) -> None:
    with mounting.ext4(tmp_path) as other:
        assert locate(os.fsencode(other)).label == locate(os.fsencode(ext4)).label
        assert locate(os.fsencode(other)).volume != locate(os.fsencode(ext4)).volume


def test_two_cards_that_tell_no_uuid_are_two(tmp_path: Path) -> None:
    with mounting.exfat(tmp_path, "one") as one, mounting.exfat(tmp_path, "two") as two:
        assert locate(os.fsencode(one)).volume != locate(os.fsencode(two)).volume


def test_two_images_on_one_disk_are_one_device(ext4: Path, tmp_path: Path) -> None:
    with mounting.ext4(tmp_path) as other:
        assert locate(os.fsencode(other)).devices == locate(os.fsencode(ext4)).devices


def test_links_and_bind_mounts_lead_to_one_place(ext4: Path, tmp_path: Path) -> None:
    (ext4 / "DCIM" / "100").mkdir(parents=True)
    bind = tmp_path / "bind"
    (tmp_path / "link").symlink_to(ext4 / "DCIM")
    with mounting.mounted(bind, "mount", "--bind", ext4 / "DCIM", bind):
        wanted = locate(os.fsencode(ext4 / "DCIM/100/new"))
        assert locate(os.fsencode(bind / "100/new")) == wanted
        assert locate(os.fsencode(tmp_path / "link/100/new")) == wanted
        assert wanted.within == b"/DCIM/100/new"
        shown = [one for one in volumes() if one.identity == wanted.volume]
        assert [one.mount_point for one in shown] == [os.fsencode(ext4)]


def test_a_place_is_found_wherever_its_volume_is_mounted_now(tmp_path: Path) -> None:
    with mounting.disk(tmp_path, "card") as card, mounting.disk(tmp_path, "other") as other:
        first, second = tmp_path / "CARD", tmp_path / "CARD1"
        card.mount(first)
        (first / "DCIM").mkdir()
        place = locate(os.fsencode(first / "DCIM"))
        assert places_of(place.volume, place.within) == [os.fsencode(first / "DCIM")]
        card.pull(first)
        assert places_of(place.volume, place.within) == []
        other.mount(first)
        assert places_of(place.volume, place.within) == []
        card.mount(second)
        assert places_of(place.volume, place.within) == [os.fsencode(second / "DCIM")]
        other.pull(first)
        other.mount(second)  # over it: nobody gets to the card that way now
        assert places_of(place.volume, place.within) == []
        other.pull(second)
        card.pull(second)


def test_what_is_served_by_a_program_is_called_so(ext4: Path, tmp_path: Path) -> None:
    assert file_system_of(os.fsencode(ext4 / "not there yet")) == "ext4"
    with mounting.exfat(tmp_path) as place:
        assert file_system_of(os.fsencode(place)) == "fuseblk"


def test_memory_says_that_it_is_memory(tmp_path: Path) -> None:
    with mounting.tmpfs(tmp_path, "one") as one, mounting.tmpfs(tmp_path, "two") as two:
        place = locate(os.fsencode(one / "clip"))
        assert place.medium is Medium.MEMORY
        assert place.kind == "memory"
        assert place.within == b"/clip"
        assert place.devices != locate(os.fsencode(two)).devices
        assert place.volume != locate(os.fsencode(two)).volume
        bind = tmp_path / "bind"
        with mounting.mounted(bind, "mount", "--bind", one, bind):
            there = locate(os.fsencode(bind / "clip"))
            assert (there.volume, there.within) == (place.volume, place.within)


def test_odd_names_of_mount_points_are_found(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9 new\nline\\")
    with mounting.tmpfs(tmp_path, name) as place:
        assert locate(os.fsencode(place / "clip")).within == b"/clip"


def test_space_is_total_and_free(tmp_path: Path) -> None:
    with mounting.tmpfs(tmp_path) as place:
        assert space(os.fsencode(place)) == (1 << 20, 1 << 20)
        (place / "clip").write_bytes(bytes(1 << 19))
        assert space(os.fsencode(place)) == (1 << 20, 1 << 19)


BARE = b"27 1 8:2 / / rw - ext4 /dev/sda2 rw\n"


@pytest.mark.parametrize(
    ("table", "path", "is_empty"),
    [
        (BARE, b"/media/ana/CARD", True),
        (BARE, b"/run/media/ana/CARD/DCIM", True),
        (BARE, b"/Volumes/CARD", True),
        (BARE, b"/mnt/card", False),
        (BARE, b"/home/ana/media", False),
        (BARE, b"/media", False),
        (BARE, b"/mediacenter/x", False),
        (
            BARE + b"40 27 8:17 / /media/ana/CARD rw - exfat /dev/sdb1 rw\n",
            b"/media/ana/CARD",
            False,
        ),
        (
            BARE + b"40 27 8:17 / /media/ana/CARD rw - exfat /dev/sdb1 rw\n",
            b"/media/ana/CARD/x",
            False,
        ),
        (
            BARE + b"40 27 8:17 / /media/ana/CARD rw - exfat /dev/sdb1 rw\n",
            b"/media/ana/CARD2",
            True,
        ),
        (BARE + b"40 27 8:17 / /media rw - ext4 /dev/sdb1 rw\n", b"/media/films", False),
        (BARE + b"40 27 0:30 / /run rw - tmpfs tmpfs rw\n", b"/run/media/ana/CARD", True),
    ],
)
def test_a_mount_point_with_nothing_mounted_is_known(
    table: bytes, path: bytes, is_empty: bool
) -> None:
    assert volumes_linux._is_empty_mount_point(parse_mounts(table), path) is is_empty


def test_the_real_table_is_asked(tmp_path: Path) -> None:
    assert not is_empty_mount_point(os.fsencode(tmp_path))
    assert is_empty_mount_point(b"/media/no such person/no such card")


@pytest.mark.parametrize(
    ("line", "is_shown"),
    [
        (b"40 27 0:50 / /mnt/nas rw - nfs4 nas:/export rw", True),
        (b"40 27 0:50 / /home/ana/cloud rw - fuse.sshfs ana@nas: rw", True),
        (b"40 27 8:17 / /run/media/ana/CARD rw - exfat /dev/sdb1 rw", True),
        (b"40 27 0:50 / /tmp rw - tmpfs tmpfs rw", True),
        (b"40 27 0:50 / /mnt/ram rw - tmpfs tmpfs rw", True),
        (b"40 27 0:50 / /mnt/ram ro - tmpfs tmpfs ro", False),
        (b"40 27 0:50 / /dev/shm rw - tmpfs tmpfs rw", False),
        (b"40 27 0:50 / /run/user/1000 rw - tmpfs tmpfs rw", False),
        (b"40 27 0:50 / /run/user/1000/doc rw - fuse.portal portal rw", False),
        (b"40 27 0:50 / /snap/core/1 ro - squashfs /dev/loop1 ro", False),
        (b"40 27 8:1 / /boot/efi rw - vfat /dev/sda1 rw", False),
        (b"40 27 0:50 / /proc rw - proc proc rw", False),
        (b"40 27 0:50 / /var/lib/docker/overlay2/x rw - overlay overlay rw", False),
        (b"40 27 8:2 / /etc/hosts rw - ext4 /dev/sda2 rw", False),
    ],
)
def test_only_what_a_person_would_choose_is_shown(line: bytes, is_shown: bool) -> None:
    (mount,) = parse_mounts(line)
    assert volumes_linux.is_choosable(mount) is is_shown


def test_a_share_is_its_address_and_is_never_touched(
    hardware: Hardware, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hang(*_: object, **__: object) -> None:
        pytest.fail("a dead share would block here")

    table = b"""40 27 0:50 / /mnt/a rw - nfs4 nas:/export rw
41 27 0:50 / /mnt/b rw - nfs4 nas:/export rw
42 27 0:51 / /mnt/c rw - cifs //NAS/card rw
43 27 0:52 / /mnt/d rw - fuse.sshfs ana@nas:/x ro
44 27 0:53 / /mnt/e rw - fuse.unheard-of thing rw"""
    for name in ("open", "stat", "statvfs"):
        monkeypatch.setattr(os, name, hang)
    mounts = parse_mounts(table)
    found = [volumes_linux.describe(mount, mounts, hardware) for mount in mounts]
    monkeypatch.undo()
    assert found[0].identity == found[1].identity == "nfs4:nas:/export"
    assert found[2].identity == "cifs://NAS/card"
    assert found[3].identity == "sshfs:ana@nas:/x"
    assert found[3].is_read_only
    assert {one.medium for one in found[:4]} == {Medium.SERVER}
    assert {one.kind for one in found[:4]} == {"network"}
    assert {one.devices for one in found[:4]} == {("nas",)}
    assert found[4].identity.startswith("fuse.unheard-of:boot:")


def test_a_share_that_may_be_read_from_here_is_no_server(hardware: Hardware) -> None:
    """So that its read-backs are `cache`: `disk` believes no such file system."""
    mounts = parse_mounts(b"40 27 0:50 / /mnt/nas rw - nfs4 nas:/export rw,fsc")
    volume = volumes_linux.describe(mounts[0], mounts, hardware)
    assert (volume.medium, volume.kind) == (Medium.STORAGE, "network")
    assert volume.devices == ("nas",)


def test_uuid_partition_and_size_make_an_identity(
    device: MakeDevice, hardware: Hardware, dev_folder: Path
) -> None:
    device("sdb", (8, 16), removable=1, size=2000)
    device("sdb1", (8, 17), disk="sdb", partition=1, size=1000)
    for family, link in (
        ("by-uuid", "1234-ABCD"),
        ("by-partuuid", "aa-01"),
        ("by-label", "A001"),
    ):
        (dev_folder / "disk" / family / link).symlink_to("../../sdb1")
    mounts = parse_mounts(b"40 27 8:17 / /media/x rw - exfat /dev/sdb1 rw")
    volume = volumes_linux.describe(mounts[0], mounts, hardware)
    assert volume.identity == "uuid:1234-ABCD/part:aa-01/size:512000"
    assert volume.label == "A001"
    assert volume.kind == "card"
    assert volume.devices == ("sdb",)


def test_an_overlay_lives_where_it_writes(device: MakeDevice, hardware: Hardware) -> None:
    device("sda2", (8, 2), removable=0, queue__rotational=0)
    table = BARE + (
        b"40 27 0:60 / /a rw - tmpfs tmpfs rw\n"
        b"41 27 0:61 / /b rw - overlay overlay rw,upperdir=/a/upper,workdir=/a/work\n"
        b"42 27 0:62 / /c rw - overlay overlay rw,upperdir=/var/upper\n"
        b"43 27 0:63 / /d ro - overlay overlay ro,lowerdir=/x\n"
    )
    mounts = parse_mounts(table)
    found = {one.id: volumes_linux.describe(one, mounts, hardware) for one in mounts}
    assert found[41].medium is Medium.MEMORY
    assert (found[42].medium, found[42].devices) == (Medium.STORAGE, ("sda2",))
    assert found[43].kind == "unknown"


def test_a_disk_in_memory_is_memory(device: MakeDevice, hardware: Hardware) -> None:
    device("zram0", (253, 0), size=1000)
    mounts = parse_mounts(b"40 27 253:0 / /mnt/z rw - ext4 /dev/zram0 rw")
    assert volumes_linux.describe(mounts[0], mounts, hardware).medium is Medium.MEMORY


def test_a_btrfs_of_two_disks_is_a_raid(
    device: MakeDevice, hardware: Hardware, dev_folder: Path, sys_folder: Path
) -> None:
    for number, name in enumerate(("sda", "sdb")):
        device(name, (8, 16 * number), removable=0, queue__rotational=0, size=10)
    (dev_folder / "disk/by-uuid/u-1").symlink_to("../../sda")
    (sys_folder / "fs/btrfs/u-1/devices").mkdir(parents=True)
    for name in ("sda", "sdb"):
        (sys_folder / "fs/btrfs/u-1/devices" / name).touch()
    mounts = parse_mounts(b"40 27 0:40 /@home /home rw - btrfs /dev/sda rw")
    volume = volumes_linux.describe(mounts[0], mounts, hardware)
    assert (volume.kind, volume.devices) == ("raid", ("sda", "sdb"))
    assert volume.identity == "uuid:u-1/size:5120"


def test_another_system_says_so_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "plan9")
    for act in (
        volumes,
        lambda: locate(b"/"),
        lambda: is_empty_mount_point(b"/media/x"),
        lambda: places_of("uuid:x", b"/"),
        lambda: file_system_of(b"/"),
    ):
        with pytest.raises(NotOnThisSystem):
            act()
    monkeypatch.delattr(os, "statvfs")
    with pytest.raises(NotOnThisSystem):
        space(b"/")
