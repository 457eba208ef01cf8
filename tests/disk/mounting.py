"""Real file systems for tests, mounted from images and taken away again whatever happens.

Skips with the reason's name where they cannot be had.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

_IMAGE_BYTES = 64 << 20
_BTRFS_BYTES = 128 << 20


def need_root() -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root")


def need(*programs: str, package: str) -> None:
    need_root()
    for program in programs:
        if shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") is None:
            pytest.skip(f"needs {program} ({package})")


def _run(*command: str | Path, is_required: bool = True) -> str:
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    done = subprocess.run(
        [str(word) for word in command],
        capture_output=True,
        text=True,
        timeout=30,
        env={**os.environ, "PATH": path},
    )
    if is_required and done.returncode != 0:
        pytest.skip(f"{command[0]} does not work here: {done.stderr.strip()[-200:]}")
    return done.stdout.strip()


@contextmanager
def loop_device(image: Path) -> Iterator[str]:
    device = _run("losetup", "--find", "--show", image)
    try:
        yield device
    finally:
        _run("losetup", "--detach", device, is_required=False)


@contextmanager
def mounted(place: Path, *mount: str | Path) -> Iterator[Path]:
    place.mkdir(exist_ok=True)
    _run(*mount)
    try:
        yield place
    finally:
        _run("umount", place, is_required=False)
        if place.is_mount():
            _run("umount", "--lazy", place, is_required=False)


@contextmanager
def volume(
    folder: Path,
    name: str,
    make: Sequence[str],
    mount: Sequence[str],
    *,
    package: str,
    image_bytes: int = _IMAGE_BYTES,
) -> Iterator[Path]:
    """A loop device with a new file system, mounted at `folder/name`.

    `{device}` and `{place}` in `mount` are filled in.
    """
    need("losetup", make[0], mount[0], package=package)
    image = folder / f"{name}.img"
    with image.open("wb") as file:
        file.truncate(image_bytes)
    _run(*make, image)
    place = folder / name
    with loop_device(image) as device:
        words = [word.format(device=device, place=place) for word in mount]
        with mounted(place, *words):
            yield place


@contextmanager
def ext4(folder: Path, name: str = "ext4") -> Iterator[Path]:
    make = ("mkfs.ext4", "-q", "-F", "-L", "A001_0412")
    mount = ("mount", "{device}", "{place}")
    with volume(folder, name, make, mount, package="e2fsprogs") as place:
        yield place


@contextmanager
def exfat(folder: Path, name: str = "exfat", *, cluster: str = "4K") -> Iterator[Path]:
    """No modes, no owners, no links, no RENAME_NOREPLACE, no attributes."""
    make, mount = ("mkfs.exfat", "-c", cluster), ("mount.exfat-fuse", "{device}", "{place}")
    with volume(folder, name, make, mount, package="exfat-fuse, exfatprogs") as place:
        yield place


@contextmanager
def ntfs(folder: Path, name: str = "ntfs", *, options: str = "rw") -> Iterator[Path]:
    """Links, but no RENAME_NOREPLACE. With the option `windows_names`, Windows' rules."""
    make = ("mkntfs", "-q", "-F")
    mount = ("ntfs-3g", "-o", options, "{device}", "{place}")
    with volume(folder, name, make, mount, package="ntfs-3g") as place:
        yield place


@contextmanager
def ext2(
    folder: Path, name: str = "ext2", *, image_bytes: int = _IMAGE_BYTES, inodes: int = 2000
) -> Iterator[Path]:
    """With blocks of 1 KiB: no file may be bigger than 16 GiB and a bit."""
    make = ("mkfs.ext2", "-q", "-F", "-b", "1024", "-m", "0", "-N", str(inodes))
    mount = ("mount", "{device}", "{place}")
    with volume(folder, name, make, mount, package="e2fsprogs", image_bytes=image_bytes) as place:
        yield place


@contextmanager
def btrfs(folder: Path, name: str = "btrfs") -> Iterator[Path]:
    """Subvolumes: device numbers of their own on one volume, and no rename between them."""
    make, mount = ("mkfs.btrfs", "-q", "-f"), ("mount", "{device}", "{place}")
    with volume(
        folder, name, make, mount, package="btrfs-progs", image_bytes=_BTRFS_BYTES
    ) as place:
        yield place


def subvolume(place: Path) -> Path:
    """A new subvolume of the btrfs that holds `place`."""
    need("btrfs", package="btrfs-progs")
    _run("btrfs", "subvolume", "create", place)
    return place


@dataclass(frozen=True)
class Disk:
    """A drive that can be pulled and put back: a loop device with a file system."""

    device: str
    program: str = "mount"

    def mount(self, place: Path) -> None:
        place.mkdir(exist_ok=True)
        _run(self.program, self.device, place)

    @staticmethod
    def pull(place: Path) -> None:
        """Away, whoever still holds something on it."""
        _run("umount", "--lazy", place)


@contextmanager
def disk(folder: Path, name: str, *, kind: str = "ext4") -> Iterator[Disk]:
    """Not mounted yet. `kind` is ext4 or exfat."""
    make = {"ext4": ("mkfs.ext4", "-q", "-F"), "exfat": ("mkfs.exfat",)}[kind]
    program = {"ext4": "mount", "exfat": "mount.exfat-fuse"}[kind]
    need("losetup", make[0], program, package="e2fsprogs, exfat-fuse, exfatprogs")
    image = folder / f"{name}.img"
    with image.open("wb") as file:
        file.truncate(_IMAGE_BYTES)
    _run(*make, image)
    with loop_device(image) as device:
        yield Disk(device, program)


@contextmanager
def tmpfs(folder: Path, name: str = "tmpfs", size: str = "1m") -> Iterator[Path]:
    need("mount", package="mount")
    place = folder / name
    with mounted(place, "mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place):
        yield place


@contextmanager
def xfs(folder: Path, name: str = "xfs") -> Iterator[Path]:
    make, mount = ("mkfs.xfs", "-q", "-f"), ("mount", "{device}", "{place}")
    with volume(folder, name, make, mount, package="xfsprogs", image_bytes=400 << 20) as place:
        yield place


@contextmanager
def fat(folder: Path, name: str = "fat") -> Iterator[Path]:
    """Times of two seconds, no modes, no owners, no links; and it says that it is full."""
    need("mkfs.fat", "fusefat", package="dosfstools, fusefat")
    image = folder / f"{name}.img"
    with image.open("wb") as file:
        file.truncate(_IMAGE_BYTES)
    _run("mkfs.fat", "-F", "32", image)
    place = folder / name
    with mounted(place, "fusefat", "-o", "rw+", image, place):
        yield place


_SFTP_SERVER = Path("/usr/lib/openssh/sftp-server")


@contextmanager
def sshfs(folder: Path, name: str = "sshfs") -> Iterator[Path]:
    """A share by SFTP, spoken to its server without a network: times to the second, no
    attributes, and a number of its own for each name of a file."""
    need("sshfs", package="sshfs")
    if not _SFTP_SERVER.exists():
        pytest.skip(f"needs {_SFTP_SERVER} (openssh-sftp-server)")
    share, place, ssh = folder / "share", folder / name, folder / "ssh"
    share.mkdir()
    ssh.write_text(f"#!/bin/sh\nexec {_SFTP_SERVER}\n")
    ssh.chmod(0o700)
    with mounted(place, "sshfs", "-o", f"ssh_command={ssh}", f"localhost:{share}", place):
        yield place


def of(kind: str, folder: Path) -> AbstractContextManager[Path]:
    """A file system by its name here."""
    if kind == "tmpfs":
        return tmpfs(folder, size="100m")
    kinds: dict[str, Callable[[Path], AbstractContextManager[Path]]] = {
        "ext4": ext4,
        "xfs": xfs,
        "btrfs": btrfs,
        "exfat": exfat,
        "ntfs": ntfs,
        "fat": fat,
        "sshfs": sshfs,
    }
    return kinds[kind](folder)
