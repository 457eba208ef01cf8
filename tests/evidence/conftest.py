from __future__ import annotations

from pathlib import Path

import pytest

from ketter_gui.evidence import keys
from ketter_gui.evidence.keys import SigningKey


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def key(data_dir: Path) -> SigningKey:
    return keys.load_or_create(data_dir)


@pytest.fixture
def other_key(tmp_path: Path) -> SigningKey:
    folder = tmp_path / "other"
    folder.mkdir(mode=0o700)
    return keys.load_or_create(folder)
