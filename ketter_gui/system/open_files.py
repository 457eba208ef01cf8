"""Whether somebody has a file open for writing.

On Linux a read lease (fcntl(2), F_SETLEASE) is refused with EAGAIN while any process of any
user has the file open for writing or mapped shared and writable. It can only be asked of
files of our own, or with CAP_LEASE: else nobody knows. Not of a network volume: the clients
of NFS and SMB refuse with the same EAGAIN when the server has granted them nothing.
"""

from __future__ import annotations

import errno
import fcntl
import signal
import sys


def is_open_for_writing(fd: int) -> bool | None:
    """Whether another descriptor can write to the file that `fd` reads; None when the system
    cannot tell. The lease is given back at once."""
    if sys.platform != "linux":
        return None
    try:
        # Whoever opens the file meanwhile makes the kernel send a signal. The usual one would
        # end the process; this one is ignored unless somebody listens.
        fcntl.fcntl(fd, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        return True if error.errno == errno.EAGAIN else None
    fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False
