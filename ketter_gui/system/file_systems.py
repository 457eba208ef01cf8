"""Which names of file systems mean a network, memory, or the system's own plumbing."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

MEMORY: Final = frozenset({"tmpfs", "ramfs"})

NETWORK: Final = frozenset(
    {
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "afs",
        "ceph",
        "fuse.ceph",
        "glusterfs",
        "fuse.glusterfs",
        "lustre",
        "gpfs",
        "beegfs",
        "orangefs",
        "davfs",
        "fuse.davfs2",
        "fuse.sshfs",
        "fuse.rclone",
        "fuse.s3fs",
        "fuse.curlftpfs",
        "fuse.smbnetfs",
        "fuse.gvfsd-fuse",
        "9p",
        "virtiofs",
        "vboxsf",
        "fuse.vmhgfs-fuse",
        "prl_fs",
    }
)

KEEPS_COPIES_HERE: Final = frozenset(
    {
        "afs",
        "davfs",
        "fuse.davfs2",
        "fuse.ceph",
        "fuse.glusterfs",
        "fuse.gvfsd-fuse",
        "fuse.rclone",
        "fuse.s3fs",
        "fuse.smbnetfs",
        "fuse.curlftpfs",
    }
)
"""Networks whose client keeps, or may keep, files on this machine: a read-back can come
from there, and dropping the kernel's pages does not show it."""

_KEEPS_COPIES_OPTIONS: Final = frozenset({b"fsc", b"cache=fscache"})
"""The same by option: NFS, SMB, Ceph and 9p with FS-Cache (mount.nfs(5) `fsc`)."""


def may_answer_from_here(file_system: str, super_options: bytes) -> bool:
    """Whether a network volume may be read from a copy on this machine."""
    options = super_options.split(b",")
    return file_system in KEEPS_COPIES_HERE or any(
        option.startswith(b"fsc=") or option in _KEEPS_COPIES_OPTIONS for option in options
    )


PLUMBING: Final = frozenset(
    {
        "autofs",
        "binfmt_misc",
        "bpf",
        "cgroup",
        "cgroup2",
        "configfs",
        "debugfs",
        "devpts",
        "devtmpfs",
        "efivarfs",
        "fuse.gvfsd-fuse",
        "fuse.lxcfs",
        "fuse.portal",
        "fusectl",
        "hugetlbfs",
        "mqueue",
        "nsfs",
        "overlay",
        "proc",
        "pstore",
        "ramfs",
        "rpc_pipefs",
        "securityfs",
        "selinuxfs",
        "squashfs",
        "sysfs",
        "tracefs",
    }
)
"""Nobody keeps footage on one of these; they are shown only where / or home lies on one."""

KEEPS_INODES: Final = frozenset(
    {"ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "jfs", "bcachefs", "zfs", "tmpfs"}
)
"""Where a file's inode is its own as long as it lives, and its ctime tells of every change.
FAT, exFAT and FUSE invent inodes; a server's client answers from what it remembers."""

GRANTS_LEASES_ITSELF: Final = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs"})
"""Clients that answer for a lease by what their server has granted them, and refuse with EAGAIN
although nobody writes. Elsewhere the kernel answers, for the writers of this machine."""

_HOST: Final = re.compile(r"^(?:[^@/]*@)?(\[[^\]]+\]|[^:/]+)")


def server_of(source: str) -> str:
    """The server of a share: from `host:/export`, `//host/share`, `user@host:` or a URL."""
    text = source.removeprefix("sshfs#")
    if "://" in text:
        return (urlsplit(text).hostname or text).lower()
    match = _HOST.match(text.lstrip("/\\"))
    return match[1].lower() if match else text
