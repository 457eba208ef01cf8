"""What the tests of the command line are given."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders import Card, camera_card, drive
from tests.cli.program import Ketter


@pytest.fixture
def ketter(tmp_path: Path) -> Ketter:
    """The program, with a new ledger."""
    return Ketter(tmp_path / "data")


@pytest.fixture
def card(tmp_path: Path) -> Card:
    """A small camera card."""
    return camera_card(tmp_path)


@pytest.fixture
def drives(tmp_path: Path) -> tuple[Path, Path]:
    """Two drives."""
    return drive(tmp_path, "DRIVE_A"), drive(tmp_path, "DRIVE_B")
