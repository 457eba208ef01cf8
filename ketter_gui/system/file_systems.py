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

_HOST: Final = re.compile(r"^(?:[^@/]*@)?(\[[^\]]+\]|[^:/]+)")


def server_of(source: str) -> str:
    """The server of a share: from `host:/export`, `//host/share`, `user@host:` or a URL."""
    text = source.removeprefix("sshfs#")
    if "://" in text:
        return (urlsplit(text).hostname or text).lower()
    match = _HOST.match(text.lstrip("/\\"))
    return match[1].lower() if match else text
