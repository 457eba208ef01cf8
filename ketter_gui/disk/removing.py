"""Take names away. Whether something may go is decided elsewhere; here it goes.

A source file goes in two steps (P4): `set_aside` renames it beside itself, and only when
its copies were confirmed once more is it removed; else `give_back`.
"""

from __future__ import annotations

import os

from ketter_gui.disk.flushing import flush_folder
from ketter_gui.disk.folder import Folder
from ketter_gui.disk.naming import name_it
from ketter_gui.disk.state import bare


def remove_file(folder: Folder, name: bytes) -> None:
    """Remove a file or a symlink, never what it points to. A folder raises OSError."""
    os.unlink(bare(name), dir_fd=folder.fd)


def remove_folder(folder: Folder, name: bytes) -> None:
    """Remove an empty folder. Raises OSError: ENOTEMPTY, or ENOTDIR for a symlink."""
    os.rmdir(bare(name), dir_fd=folder.fd)


def set_aside(folder: Folder, name: bytes, aside: bytes) -> None:
    """Give a source file another name in its own folder, without taking anybody's.

    Raises FileExistsError when there is an `aside` already, and OSError.
    """
    name_it(folder, name, aside)


def give_back(folder: Folder, aside: bytes, name: bytes) -> None:
    """Undo `set_aside`, for good: whoever returns from here may forget the other name.

    Raises FileExistsError when the name was taken meanwhile: both stay, and nothing is
    lost; and OSError.
    """
    name_it(folder, aside, name)
    flush_folder(folder)
