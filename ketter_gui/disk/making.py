"""Folders that a person's template names, made below a folder that is there."""

from __future__ import annotations

import os
from typing import Final

from ketter_gui.disk.flushing import flush_folder
from ketter_gui.disk.folder import Tree, open_root

_FOR_EVERYBODY: Final = 0o755


def make_below(top: bytes, relative: bytes) -> None:
    """Make the folders of a relative path, never through a link. What is there is left as it
    is. Raises OSError, NotContained and NameTaken."""
    with Tree(open_root(top)) as tree:
        pieces = relative.split(b"/")
        above = tree.root
        for depth in range(1, len(pieces) + 1):
            folder, is_new = tree.make(b"/".join(pieces[:depth]))
            if is_new:
                os.fchmod(folder.fd, _FOR_EVERYBODY)
                flush_folder(above)
            above = folder
