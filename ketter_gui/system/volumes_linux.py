"""Volumes on Linux: mountinfo says what is mounted, sysfs and udev what is below it.

A volume's identity, the best that can be had, in this order:

    uuid:U/part:P/size:N     the file system's UUID (udev, else FS_IOC_GETFSUUID), the
                             partition's UUID if there is one, the device's size
    fsid:F/part:P/size:N     ext4's own digest of its UUID, when the UUID is not told
    disk:S/N/size:N          the drive's serial and partition (a card's CID)
    nfs:server:/export       a share, by its address
    tmpfs:U                  the number that Linux ≥ 6.9 gives each tmpfs
    TYPE:boot:B/N            anything else, by Linux's count of attached disks or the
                             device number: holds until it is attached again, and then
                             what waits for it asks instead of guessing

Volumes that share an address or a UUID by being cloned differ by partition and size.
"""

from __future__ import annotations

import fcntl
import os
import uuid
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from ketter_gui.domain.items import Medium, Place
from ketter_gui.system.devices_linux import Hardware
from ketter_gui.system.file_systems import (
    MEMORY,
    NETWORK,
    PLUMBING,
    may_answer_from_here,
    server_of,
)
from ketter_gui.system.mounts_linux import (
    Mount,
    is_below,
    mount_by_prefix,
    mount_holding,
    mount_id_of,
    read_mounts,
)
from ketter_gui.system.spelling import as_spelled
from ketter_gui.system.volume import Volume

_FS_IOC_GETFSUUID: Final = 0x80111500
"""_IOR(0x15, 0, struct fsuuid2): one byte of length, sixteen of UUID. Linux 6.9."""

_BTRFS_IOC_FS_INFO: Final = 0x8400941F
"""_IOR(0x94, 31, 1024 bytes): two numbers of eight bytes, then the UUID. btrfs does not
answer the question that the others do."""

_FS_IOC_GETFSLABEL: Final = 0x81009431
"""_IOR(0x94, 49, char[256]): ext4, xfs, btrfs, f2fs."""

_EXT: Final = frozenset({"ext2", "ext3", "ext4"})
_REMOVABLE_PLACES: Final = (b"/media", b"/run/media", b"/Volumes")
_MEMORY_PLACES: Final = (b"/media", b"/mnt", b"/run/media", b"/tmp")
_HIDDEN_PLACES: Final = (b"/proc", b"/sys", b"/dev", b"/boot", b"/snap", b"/var/lib", b"/run")
_BOOT_ID: Final = b"/proc/sys/kernel/random/boot_id"


def volumes() -> list[Volume]:
    """The volumes that a person would choose, the system's own first, then by name.

    Never touches a network volume, so that a dead one blocks nobody.
    """
    mounts = read_mounts()
    hardware = Hardware()
    always = {
        mount.id
        for path in (b"/", os.path.expanduser(b"~"))
        if (mount := mount_by_prefix(mounts, path)) is not None
    }
    found: dict[str, Volume] = {}
    for mount in mounts:
        if mount.id not in always and not is_choosable(mount):
            continue
        if mount_by_prefix(mounts, mount.mount_point) is not mount:
            continue  # another one is mounted over it
        volume = describe(mount, mounts, hardware)
        earlier = found.get(volume.identity)
        if earlier is None or _is_better(volume, earlier):
            found[volume.identity] = volume
    return sorted(found.values(), key=lambda volume: volume.mount_point)


def is_choosable(mount: Mount) -> bool:
    """Whether a mount is a drive, a card or a share, and no part of the machinery."""
    place = mount.mount_point
    if mount.file_system in PLUMBING:
        return False
    if mount.file_system in MEMORY:
        is_ours_to_fill = b"ro" not in mount.options
        return is_ours_to_fill and any(is_below(place, one) for one in _MEMORY_PLACES)
    if is_below(place, b"/run/media"):
        return True
    return not any(is_below(place, one) for one in _HIDDEN_PLACES) and not _is_file(mount)


def _is_file(mount: Mount) -> bool:
    """Containers bind single files. What may not answer is never asked."""
    return not _may_hang(mount) and not os.path.isdir(mount.mount_point)


def _may_hang(mount: Mount) -> bool:
    """Shares, and whatever a program serves: a look at their top may wait for ever."""
    return mount.file_system in NETWORK or mount.file_system.startswith("fuse")


def _is_better(volume: Volume, earlier: Volume) -> bool:
    return (len(volume.root), len(volume.mount_point)) < (
        len(earlier.root),
        len(earlier.mount_point),
    )


def describe(mount: Mount, mounts: Sequence[Mount], hardware: Hardware) -> Volume:
    """A mount as a volume."""
    medium, kind, devices = _below(mount, mounts, hardware)
    identity = _identity(mount, hardware, medium)
    return Volume(
        identity,
        _label(mount, hardware),
        mount.mount_point,
        mount.root,
        mount.file_system,
        os.fsdecode(mount.source),
        medium,
        kind,
        devices or (f"{kind}:{identity}",),
        b"ro" in mount.options or b"ro" in mount.super_options.split(b","),
    )


def locate(path: bytes) -> Place:
    """Where a path really is. Can block on a volume that does not answer.

    Symlinks are resolved; of what does not exist yet, the nearest folder above counts.
    """
    real = os.path.realpath(path)
    mounts = read_mounts()
    mount = mount_holding(mounts, real)
    if mount is None:  # a process without any root: there is nothing to tell
        return Place("unknown", real, Medium.STORAGE, ("unknown",))
    volume = describe(mount, mounts, Hardware())
    top = mount.mount_point if is_below(real, mount.mount_point) else b"/"
    return _place(volume, _within(mount, as_spelled(real, top)))


def mounted_inside(path: bytes) -> list[tuple[bytes, Place]]:
    """What is mounted below a folder, and can be reached there."""
    real = os.path.realpath(path)
    mounts = read_mounts()
    hardware = Hardware()
    found = []
    for mount in mounts:
        point = mount.mount_point
        if point == real or not is_below(point, real) or mount.file_system in PLUMBING:
            continue
        if mount_by_prefix(mounts, point) is mount:  # else another one is mounted over it
            volume = describe(mount, mounts, hardware)
            found.append((point, _place(volume, os.path.normpath(mount.root))))
    return found


def _place(volume: Volume, within: bytes) -> Place:
    return Place(volume.identity, within, volume.medium, volume.devices, volume.label, volume.kind)


def places_of(volume: str, within: bytes) -> list[bytes]:
    """Where this place of a volume can be reached now. Never touches a network volume."""
    mounts = read_mounts()
    hardware = Hardware()
    found = []
    for mount in mounts:
        if not is_below(within, mount.root):
            continue
        if mount_by_prefix(mounts, mount.mount_point) is not mount:
            continue  # another one is mounted over it
        if describe(mount, mounts, hardware).identity == volume:
            inside = os.path.relpath(within, mount.root)
            found.append(os.path.normpath(os.path.join(mount.mount_point, inside)))
    return found


def file_system_of(path: bytes) -> str:
    """The kind of file system, as the mount table calls it: `fuseblk` for exFAT and NTFS
    that a program serves."""
    mount = mount_holding(read_mounts(), os.path.realpath(path))
    return "" if mount is None else mount.file_system


def _within(mount: Mount, real: bytes) -> bytes:
    inside = os.path.relpath(real, mount.mount_point) if real != mount.mount_point else b""
    return os.path.normpath(os.path.join(mount.root, inside))


def is_empty_mount_point(path: bytes) -> bool:
    """Whether a path is meant to be on a removable volume, and none is mounted there.

    Symlinks are resolved first: `/media/cdrom` may be a link to a drive elsewhere.
    """
    return _is_empty_mount_point(read_mounts(), os.path.realpath(path))


def _is_empty_mount_point(mounts: Sequence[Mount], path: bytes) -> bool:
    for place in _REMOVABLE_PLACES:
        if path != place and is_below(path, place):
            mount = mount_by_prefix(mounts, path)
            return mount is None or not is_below(mount.mount_point, place)
    return False


def _below(
    mount: Mount, mounts: Sequence[Mount], hardware: Hardware
) -> tuple[Medium, str, tuple[str, ...]]:
    """Where the bytes live, the lane's kind, and the physical devices."""
    if mount.file_system in MEMORY:
        return Medium.MEMORY, "memory", ()
    if mount.file_system in NETWORK:
        # One that may answer from this machine is given no medium of its own: `disk` then
        # finds no drive that it could believe, and says `cache`.
        from_here = may_answer_from_here(mount.file_system, mount.super_options)
        medium = Medium.STORAGE if from_here else Medium.SERVER
        return medium, "network", (server_of(os.fsdecode(mount.source)),)
    if mount.file_system == "overlay":
        upper = _upper_mount(mount, mounts)
        return (Medium.STORAGE, "unknown", ()) if upper is None else _below(upper, mounts, hardware)
    name = hardware.device_of(mount)
    if name is None:
        return Medium.STORAGE, "unknown", ()
    members: tuple[bytes, ...] = (name,)
    if mount.file_system == "btrfs":
        members = hardware.btrfs_members(_uuid(mount, hardware)) or members
    disks = sorted({disk for one in members for disk in hardware.disks(one, mounts)})
    kind = "raid" if len(members) > 1 else hardware.kind(name, mounts)
    medium = Medium.MEMORY if kind == "memory" else Medium.STORAGE
    return medium, kind, tuple(os.fsdecode(disk) for disk in disks)


def _upper_mount(overlay: Mount, mounts: Sequence[Mount]) -> Mount | None:
    """What an overlay writes to, if that can be seen from here."""
    for option in overlay.super_options.split(b","):
        if option.startswith(b"upperdir="):
            below = mount_by_prefix(mounts, option.removeprefix(b"upperdir="))
            return None if below is None or below.file_system == "overlay" else below
    return None


def _identity(mount: Mount, hardware: Hardware, medium: Medium) -> str:
    if mount.file_system in NETWORK:
        return f"{mount.file_system.removeprefix('fuse.')}:{os.fsdecode(mount.source)}"
    name = hardware.device_of(mount)
    if name is not None:
        return _device_identity(mount, hardware, name)
    if mount.file_system == "zfs":
        return f"zfs:{os.fsdecode(mount.source)}"
    if medium is Medium.MEMORY and (number := _asked_uuid(mount)):
        return f"{mount.file_system}:{number}"
    return _until_restart(mount)


def _device_identity(mount: Mount, hardware: Hardware, name: bytes) -> str:
    part = hardware.udev_name(b"by-partuuid", name)
    rest = (f"/part:{part}" if part else "") + f"/size:{hardware.size_bytes(name)}"
    if number := _uuid(mount, hardware):
        return f"uuid:{number}{rest}"
    if mount.file_system in _EXT:
        with suppress(OSError):
            return f"fsid:{os.statvfs(mount.mount_point).f_fsid:016x}{rest}"
    if serial := hardware.serial(name):
        return f"disk:{serial}{rest}"
    return _until_restart(mount, hardware.attachment(name)) + rest


def _until_restart(mount: Mount, attachment: str = "") -> str:
    try:
        with open(_BOOT_ID, "rb") as told:
            boot = told.read().strip().decode("ascii", "replace")
    except OSError:
        boot = "unknown"
    number = attachment or f"{mount.device[0]}:{mount.device[1]}"
    return f"{mount.file_system}:boot:{boot}/{number}"


def _uuid(mount: Mount, hardware: Hardware) -> str:
    name = hardware.device_of(mount)
    told = hardware.udev_name(b"by-uuid", name) if name is not None else ""
    return told or _asked_uuid(mount)


def _asked_uuid(mount: Mount) -> str:
    """The UUID that the file system itself tells; empty when it has none to tell."""
    if mount.file_system == "btrfs":
        number = _ask(mount, _BTRFS_IOC_FS_INFO, 1024)[16:32]
    else:
        answer = _ask(mount, _FS_IOC_GETFSUUID, 17)
        number = answer[1:17] if answer[:1] == b"\x10" else b""
    return str(uuid.UUID(bytes=number)) if number.strip(b"\0") else ""


def _label(mount: Mount, hardware: Hardware) -> str:
    """The volume's own label, else the name of its mount point; none for `/`."""
    name = hardware.device_of(mount)
    if name is not None:
        if told := hardware.udev_name(b"by-label", name):
            return told
        if asked := _ask(mount, _FS_IOC_GETFSLABEL, 256).split(b"\0")[0]:
            return os.fsdecode(asked)
    return os.fsdecode(os.path.basename(mount.mount_point))


def _ask(mount: Mount, question: int, size_bytes: int) -> bytes:
    """An ioctl on the volume's top folder, for local volumes only; empty when refused."""
    answer = bytearray(size_bytes)
    if _may_hang(mount):
        return b""
    try:
        fd = os.open(mount.mount_point, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        if mount_id_of(fd) != mount.id:
            return b""  # something else is mounted over it
        fcntl.ioctl(fd, question, answer)
    except OSError:
        return b""
    finally:
        os.close(fd)
    return bytes(answer)
