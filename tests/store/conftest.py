from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ketter_gui.store import Ledger


@pytest.fixture
def ledger(data_dir: Path) -> Iterator[Ledger]:
    with Ledger.open(data_dir) as opened:
        yield opened


@pytest.fixture
def small_volume(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own that holds 1 MiB."""
    if os.geteuid() != 0:
        pytest.skip("needs root to mount a small volume")
    point = tmp_path / "small"
    point.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m,mode=0700", "ketter-test", str(point)]
    if subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("mounting is not allowed here")
    try:
        yield point
    finally:
        subprocess.run(["umount", "-l", str(point)], check=True)
