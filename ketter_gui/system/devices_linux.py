"""The block devices below a volume, as sysfs and udev's links tell; nothing blocks here.

A partition leads to its disk, device-mapper and md to all their members, a loop device
to the disk that holds its image.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ketter_gui.system.mounts_linux import Mount, mount_by_prefix

_SECTOR_BYTES: Final = 512
"""The unit of /sys/…/size, whatever the drive's own sectors are."""

_DEEPEST: Final = 8
"""Loop on dm on md on partitions: more levels than anybody stacks."""

_UDEV_ESCAPE: Final = re.compile(rb"\\x([0-9a-fA-F]{2})")
_SERIALS: Final = (b"wwid", b"device/wwid", b"serial", b"device/serial")
_IN_MEMORY: Final = (b"zram", b"ram")


@dataclass(frozen=True, slots=True)
class Hardware:
    """Where to ask; other folders than the real ones are for tests."""

    sys: bytes = b"/sys"
    dev: bytes = b"/dev"

    def device_of(self, mount: Mount) -> bytes | None:
        """The name of the block device that is mounted: `sda1`, `dm-0`; None for none."""
        if name := self._name_of(mount.device):
            return name
        if mount.source.startswith(b"/dev/"):  # btrfs gives its own numbers
            name = os.path.basename(os.path.realpath(mount.source))
            if os.path.isdir(self._folder(name)):
                return name
        return None

    def disks(self, name: bytes, mounts: Sequence[Mount], depth: int = 0) -> tuple[bytes, ...]:
        """The physical drives below a device, sorted; itself when there is nothing below."""
        below: set[bytes] = set()
        if depth < _DEEPEST:
            for member in self._members(name, mounts):
                below.update(self.disks(member, mounts, depth + 1))
        return tuple(sorted(below)) or (name,)

    def kind(self, name: bytes, mounts: Sequence[Mount], depth: int = 0) -> str:
        """A key of `limits.LANES`, or `memory`."""
        if name.startswith(_IN_MEMORY):
            return "memory"
        members = self._members(name, mounts)
        if name.startswith(b"md") or len(members) > 1:
            return "raid"
        if members and depth < _DEEPEST:
            return self.kind(members[0], mounts, depth + 1)
        if name.startswith(b"mmcblk") or self._read(name, b"removable") == b"1":
            return "card"
        rotates = self._read(name, b"queue/rotational")
        return {b"0": "ssd", b"1": "rotational"}.get(rotates, "unknown")

    def size_bytes(self, name: bytes) -> int:
        """The size of a device, 0 when it is not told."""
        text = self._read(name, b"size")
        return int(text) * _SECTOR_BYTES if text.isdigit() else 0

    def serial(self, name: bytes) -> str:
        """The drive's own number and the partition on it; empty when that says nothing.

        Nothing for a removable medium: its number is the reader's, which all cards
        share; but an SD card in its own slot tells its CID. Nothing for what is built
        on other devices, as several of it share them.
        """
        disk = self._disk_of(name) or name
        if cid := self._read(disk, b"device/cid"):
            return os.fsdecode(b"%s/%s" % (cid, self._read(name, b"partition")))
        is_built = self._read(disk, b"loop/backing_file") or self._slaves(disk)
        if is_built or self._read(disk, b"removable") != b"0":
            return ""
        for file in _SERIALS:
            if text := self._read(disk, file):
                return os.fsdecode(b"%s/%s" % (text, self._read(name, b"partition")))
        return ""

    def attachment(self, name: bytes) -> str:
        """Linux's count of disks and media since it started, which is never used twice
        (5.15), and the partition; empty when it is not told."""
        disk = self._disk_of(name) or name
        number = self._read(disk, b"diskseq")
        return os.fsdecode(b"%s/%s" % (number, self._read(name, b"partition"))) if number else ""

    def udev_name(self, family: bytes, name: bytes) -> str:
        """What udev's links of a family (`by-uuid`, `by-partuuid`, `by-label`) call a
        device; empty when there is no such link.
        """
        folder = os.path.join(self.dev, b"disk", family)
        try:
            links = sorted(os.listdir(folder))
        except OSError:
            return ""
        for link in links:
            try:
                target = os.readlink(os.path.join(folder, link))
            except OSError:
                continue
            if os.path.basename(target) == name:
                plain = _UDEV_ESCAPE.sub(lambda match: bytes([int(match[1], 16)]), link)
                return os.fsdecode(plain)
        return ""

    def btrfs_members(self, uuid: str) -> tuple[bytes, ...]:
        """All devices of a btrfs, which names only one of them as its source."""
        try:
            return tuple(
                sorted(os.listdir(os.path.join(self.sys, b"fs/btrfs", uuid.encode(), b"devices")))
            )
        except OSError:
            return ()

    def _members(self, name: bytes, mounts: Sequence[Mount]) -> tuple[bytes, ...]:
        if disk := self._disk_of(name):
            return (disk,)
        if image := self._read(name, b"loop/backing_file"):
            below = mount_by_prefix(mounts, image)
            device = None if below is None else self.device_of(below)
            return () if device is None or device == name else (device,)
        return self._slaves(name)

    def _disk_of(self, name: bytes) -> bytes:
        """The disk that a partition is on; empty for what is no partition."""
        if not self._read(name, b"partition"):
            return b""
        return os.path.basename(os.path.dirname(os.path.realpath(self._folder(name))))

    def _slaves(self, name: bytes) -> tuple[bytes, ...]:
        try:
            return tuple(sorted(os.listdir(os.path.join(self._folder(name), b"slaves"))))
        except OSError:
            return ()

    def _name_of(self, device: tuple[int, int]) -> bytes | None:
        link = os.path.join(self.sys, b"dev/block", b"%d:%d" % device)
        try:
            return os.path.basename(os.readlink(link))
        except OSError:
            return None

    def _folder(self, name: bytes) -> bytes:
        return os.path.join(self.sys, b"class/block", name)

    def _read(self, name: bytes, file: bytes) -> bytes:
        try:
            with open(os.path.join(self._folder(name), file), "rb") as told:
                return told.read().strip()
        except OSError:
            return b""
