"""What is at a path now, for a window that shows or takes it. All of it may wait for a disk."""

from __future__ import annotations

import os
from collections.abc import Sequence

from ketter_gui.disk.folder import open_root, states
from ketter_gui.domain.history_errors import NotThere


def are_folders(paths: Sequence[bytes]) -> tuple[bool, ...]:
    """Which of these are folders now."""
    return tuple(os.path.isdir(path) for path in paths)


def nearest(path: bytes) -> bytes:
    """The path, or the nearest folder above it that is there: a file that is missing, or lies
    in an archive, has a place all the same. Raises NotThere."""
    above = path
    while True:
        try:
            return there(above)
        except NotThere:
            if above in (b"/", b""):
                raise
            above = os.path.dirname(above.rstrip(b"/"))


def there(path: bytes) -> bytes:
    """The path, when something is there. Raises NotThere."""
    above, name = os.path.split(path.rstrip(b"/"))
    try:
        with open_root(above or b"/") as folder:
            is_there = not name or any(state for _, state, _ in states(folder, [name]))
    except OSError as error:
        raise NotThere(path, errno=error.errno) from error
    if not is_there:
        raise NotThere(path)
    return path
