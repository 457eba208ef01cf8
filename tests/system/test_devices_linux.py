from __future__ import annotations

import os
from pathlib import Path

import pytest

from ketter_gui.system.devices_linux import Hardware
from ketter_gui.system.mounts_linux import Mount, parse_mounts
from tests.system.conftest import MakeDevice


@pytest.fixture
def hardware(sys_folder: Path, dev_folder: Path) -> Hardware:
    return Hardware(os.fsencode(sys_folder), os.fsencode(dev_folder))


def _mount(device: str, source: str, file_system: str = "ext4") -> Mount:
    (mount,) = parse_mounts(f"40 27 {device} / /mnt rw - {file_system} {source} rw".encode())
    return mount


def test_a_partition_leads_to_its_disk(device: MakeDevice, hardware: Hardware) -> None:
    device("sda", (8, 0), size=1000, removable=0, queue__rotational=0)
    device("sda1", (8, 1), disk="sda", partition=1, size=100)
    assert hardware.device_of(_mount("8:1", "/dev/sda1")) == b"sda1"
    assert hardware.disks(b"sda1", []) == (b"sda",)
    assert hardware.kind(b"sda1", []) == "ssd"
    assert hardware.size_bytes(b"sda1") == 100 * 512


@pytest.mark.parametrize(
    ("name", "files", "kind"),
    [
        ("sda", {"removable": 0, "queue__rotational": 1}, "rotational"),
        ("nvme0n1", {"removable": 0, "queue__rotational": 0}, "ssd"),
        ("sdb", {"removable": 1, "queue__rotational": 1}, "card"),
        ("mmcblk0", {"removable": 0, "queue__rotational": 0}, "card"),
        ("sdc", {"removable": 0}, "unknown"),
        ("zram0", {"queue__rotational": 0}, "memory"),
        ("ram0", {"queue__rotational": 0}, "memory"),
    ],
)
def test_a_kind_is_what_the_kernel_tells(
    device: MakeDevice, hardware: Hardware, name: str, files: dict[str, int], kind: str
) -> None:
    device(name, (8, 0), **files)
    assert hardware.kind(name.encode(), []) == kind


def test_a_raid_leads_to_all_its_disks(device: MakeDevice, hardware: Hardware) -> None:
    for number, disk in enumerate(("sda", "sdb", "sdc")):
        device(disk, (8, 16 * number), removable=0, queue__rotational=1)
        device(f"{disk}1", (8, 16 * number + 1), disk=disk, partition=1)
    device("md0", (9, 0), slaves=("sda1", "sdb1"))
    device("dm-0", (254, 0), slaves=("md0",))
    device("dm-1", (254, 1), slaves=("sda1", "sdc1"))
    device("dm-2", (254, 2), slaves=("sdc1",))
    assert hardware.disks(b"dm-0", []) == (b"sda", b"sdb")
    assert hardware.kind(b"dm-0", []) == "raid"
    assert hardware.kind(b"dm-1", []) == "raid"
    assert hardware.disks(b"dm-2", []) == (b"sdc",)
    assert hardware.kind(b"dm-2", []) == "rotational"


def test_an_image_leads_to_the_disk_that_holds_it(device: MakeDevice, hardware: Hardware) -> None:
    device("sda", (8, 0), removable=0, queue__rotational=0)
    device("sda1", (8, 1), disk="sda", partition=1)
    device("loop0", (7, 0), loop__backing_file="/home/ana/card.img", queue__rotational=1)
    mounts = [_mount("8:1", "/dev/sda1")]
    assert hardware.disks(b"loop0", mounts) == (b"loop0",)
    root = parse_mounts(b"27 1 8:1 / / rw - ext4 /dev/sda1 rw")
    assert hardware.disks(b"loop0", root) == (b"sda",)
    assert hardware.kind(b"loop0", root) == "ssd"


def test_devices_that_lie_on_each_other_in_a_circle_end(
    device: MakeDevice, hardware: Hardware
) -> None:
    device("loop0", (7, 0), loop__backing_file="/a/1")
    device("loop1", (7, 1), loop__backing_file="/b/2")
    circle = parse_mounts(
        b"1 0 7:1 / /a rw - ext4 /dev/loop1 rw\n2 0 7:0 / /b rw - ext4 /dev/loop0 rw"
    )
    assert hardware.disks(b"loop0", circle)
    assert hardware.kind(b"loop0", circle) == "unknown"


def test_btrfs_is_found_by_its_source_and_has_all_its_members(
    device: MakeDevice, hardware: Hardware, sys_folder: Path
) -> None:
    device("sda", (8, 0))
    assert hardware.device_of(_mount("0:35", "/dev/sda", "btrfs")) == b"sda"
    (sys_folder / "fs/btrfs/some-uuid/devices").mkdir(parents=True)
    for name in ("sdb", "sda"):
        (sys_folder / "fs/btrfs/some-uuid/devices" / name).touch()
    assert hardware.btrfs_members("some-uuid") == (b"sda", b"sdb")
    assert hardware.btrfs_members("another") == ()


def test_what_is_no_block_device_has_none(hardware: Hardware) -> None:
    assert hardware.device_of(_mount("0:50", "nas:/export", "nfs4")) is None
    assert hardware.device_of(_mount("0:51", "/dev/fuse", "fuse")) is None
    assert hardware.size_bytes(b"nothing") == 0


def test_udev_links_are_read_backwards(hardware: Hardware, dev_folder: Path) -> None:
    for family, link, target in (
        ("by-uuid", "0c11-aa22", "sda1"),
        ("by-uuid", "9999-0000", "sda10"),
        ("by-label", r"A001\x200412", "sda1"),
    ):
        (dev_folder / "disk" / family / link).symlink_to(f"../../{target}")
    (dev_folder / "disk/by-uuid/no-link").touch()
    assert hardware.udev_name(b"by-uuid", b"sda1") == "0c11-aa22"
    assert hardware.udev_name(b"by-label", b"sda1") == "A001 0412"
    assert hardware.udev_name(b"by-partuuid", b"sda1") == ""
    assert hardware.udev_name(b"by-nothing", b"sda1") == ""


def test_a_card_in_its_own_slot_tells_its_number(device: MakeDevice, hardware: Hardware) -> None:
    device("mmcblk0", (179, 0), removable=0, device__cid="0353445341434344", serial="x")
    device("mmcblk0p1", (179, 1), disk="mmcblk0", partition=1)
    assert hardware.serial(b"mmcblk0p1") == "0353445341434344/1"


def test_the_number_of_a_reader_is_not_its_cards(device: MakeDevice, hardware: Hardware) -> None:
    device("sdb", (8, 16), removable=1, device__wwid="t10.Generic CARD READER", diskseq=7)
    device("sdb1", (8, 17), disk="sdb", partition=1)
    assert hardware.serial(b"sdb1") == ""
    assert hardware.attachment(b"sdb1") == "7/1"


def test_two_images_on_one_disk_do_not_share_its_number(
    device: MakeDevice, hardware: Hardware
) -> None:
    device("sda", (8, 0), removable=0, wwid="naa.5000")
    device("loop0", (7, 0), removable=0, loop__backing_file="/a.img", diskseq=8)
    device("dm-0", (254, 0), removable=0, slaves=("sda",))
    assert hardware.serial(b"sda") == "naa.5000/"
    assert hardware.serial(b"loop0") == ""
    assert hardware.serial(b"dm-0") == ""
    assert hardware.attachment(b"loop0") == "8/"
    assert hardware.attachment(b"dm-0") == ""
