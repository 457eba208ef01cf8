from __future__ import annotations

import os
from pathlib import Path

from ketter_gui.disk.folder import Folder, open_root
from ketter_gui.disk.space import free_bytes, name_limit


def test_free_space_is_what_we_may_still_write(small_tmpfs: Path) -> None:
    with open_root(os.fsencode(small_tmpfs)) as folder:
        assert free_bytes(folder) == 1 << 20
        (small_tmpfs / "clip").write_bytes(bytes(1 << 19))
        assert free_bytes(folder) == 1 << 19


def test_names_have_a_limit(folder: Folder) -> None:
    assert name_limit(folder) == 255
