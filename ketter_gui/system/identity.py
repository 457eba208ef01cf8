"""Who and where, for the audit. Neither call ever raises."""

from __future__ import annotations

import getpass
import os
import platform
import sys

_UNKNOWN = "unknown"


def user() -> str:
    """The name of the user whose rights this process has, else his number.

    From the system's list of users, not from the environment, which anybody can set.
    """
    if sys.platform == "win32":
        try:
            return getpass.getuser()
        except (OSError, ImportError, KeyError):
            return _UNKNOWN
    else:
        import pwd

        try:
            return pwd.getpwuid(os.geteuid()).pw_name
        except (KeyError, OSError):
            return str(os.geteuid())


def host() -> str:
    """The machine's own name for itself."""
    try:
        return platform.node() or _UNKNOWN
    except OSError:
        return _UNKNOWN
