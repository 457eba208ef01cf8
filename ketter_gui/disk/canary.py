"""A folder of ours that appears and goes again, to see whether the system tells of it."""

from __future__ import annotations

import os

from ketter_gui.disk.folder import Folder
from ketter_gui.disk.state import bare
from ketter_gui.domain.names import probe_name


def show_canary(folder: Folder, token: str) -> None:
    """Make and remove an empty folder; no scan takes it for anything. Raises OSError where we may not write."""
    name = bare(probe_name(token))
    os.mkdir(name, 0o700, dir_fd=folder.fd)
    os.rmdir(name, dir_fd=folder.fd)
