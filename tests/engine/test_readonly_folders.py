"""Folders of a read-only card: so are their copies, and yet more may come into them."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import tree_of
from tests.disk.making import NOBODY, as_nobody
from tests.disk.mounting import need_root
from tests.engine.conftest import make_transfer


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that nobody can reach, in the sense of the user of that name."""
    need_root()
    path = Path(tempfile.mkdtemp(prefix="ketter-"))
    os.chown(path, NOBODY, NOBODY)
    yield path
    shutil.rmtree(path)


def test_more_files_come_into_a_folder_that_was_copied_with_its_mode(place: Path) -> None:
    with as_nobody():
        card, drive = place / "card", place / "drive"
        card.mkdir()
        drive.mkdir()
        (card / "1.mov").write_bytes(b"first take")
        card.chmod(0o555)
        make_transfer([card], [drive]).run()
        assert stat.S_IMODE((drive / "card").stat().st_mode) == 0o555
        card.chmod(0o755)
        (card / "2.mov").write_bytes(b"second take")
        (card / "link").symlink_to("2.mov")
        (card / "sub").mkdir()
        (card / "sub" / "3.mov").write_bytes(b"third take")
        card.chmod(0o555)
        make_transfer([card], [drive]).run()
        assert tree_of(drive / "card") == tree_of(card)
        assert stat.S_IMODE((drive / "card").stat().st_mode) == 0o555


def test_a_folder_of_somebody_else_stays_as_it_is(place: Path) -> None:
    theirs = place / "drive" / "card"
    theirs.mkdir(parents=True, mode=0o755)
    with as_nobody():
        card = place / "card"
        card.mkdir()
        (card / "1.mov").write_bytes(b"first take")
        transfer = make_transfer([card], [place / "drive"])
        transfer.run()
    assert list(theirs.iterdir()) == []
    assert "CopyEnded" in transfer.journal.kinds()
    assert stat.S_IMODE(theirs.stat().st_mode) == 0o755
