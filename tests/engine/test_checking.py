"""What lies beside the copies of a transfer, when they are verified again."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from ketter_gui.disk.folder import Tree, open_root
from ketter_gui.domain.checking import Verdict
from ketter_gui.engine.checking import beside
from ketter_gui.engine.control import Control
from tests.disk.making import NOBODY, as_nobody
from tests.disk.mounting import need_root


@pytest.fixture
def place() -> Iterator[Path]:
    need_root()
    path = Path(tempfile.mkdtemp(prefix="ketter-"))
    os.chown(path, NOBODY, NOBODY)
    (path / "A001" / "CLIPS").mkdir(parents=True)
    yield path
    shutil.rmtree(path)


def found(place: Path, folder: bytes, *known: bytes) -> list[tuple[bytes, Verdict]]:
    def is_known(paths: Sequence[bytes]) -> set[bytes]:
        return {path for path in paths if path in known}

    with Tree(open_root(os.fsencode(place))) as tree:
        return [
            (path, checked.verdict) for path, checked in beside(tree, folder, is_known, Control())
        ]


def test_of_a_folder_of_others_only_its_own_name_is_told(place: Path) -> None:
    (place / "A001" / "clip.mov").touch()
    (place / "A001" / "CLIPS" / "more").touch()
    (place / "A001" / ".clip.mov.12345678.ketter-part").touch()
    assert found(place, b"A001", b"A001/clip.mov") == [(b"A001/CLIPS/", Verdict.EXTRA)]


def test_a_folder_that_may_not_be_listed_is_unreadable_and_not_empty(place: Path) -> None:
    os.chmod(place / "A001", 0o111)
    with as_nobody():
        assert found(place, b"A001") == [(b"A001", Verdict.UNREADABLE)]


def test_a_folder_that_is_not_there_or_is_none_was_told_before(place: Path) -> None:
    (place / "A001" / "file").touch()
    (place / "A001" / "link").symlink_to("CLIPS")
    for path in (b"gone", b"A001/file", b"A001/link"):
        assert found(place, path) == []
