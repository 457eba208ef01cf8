"""Which sources of a move are renamed within their volume."""

from __future__ import annotations

import pytest

from ketter_gui.domain.items import Destination, ItemKind, Medium, Place, Source
from ketter_gui.domain.moves import renamed_sources
from ketter_gui.domain.options import Mode, Pack


def source(index: int, volume: str) -> Source:
    place = Place(volume, b"A", Medium.STORAGE, ())
    return Source(index, b"/mnt/A", b"A", ItemKind.FOLDER, place)


def destination(index: int, volume: str) -> Destination:
    return Destination(index, b"/mnt/B", Place(volume, b"B", Medium.STORAGE, ()))


SOURCES = [source(0, "drive"), source(1, "card"), source(2, "drive")]


def test_a_move_within_a_volume_is_a_rename() -> None:
    assert renamed_sources(Mode.MOVE, SOURCES, [destination(0, "drive")]) == {0, 2}
    assert renamed_sources(Mode.MOVE, SOURCES, [destination(0, "raid")]) == frozenset()


def test_a_copy_is_bytes_of_its_own() -> None:
    assert renamed_sources(Mode.COPY, SOURCES, [destination(0, "drive")]) == frozenset()


@pytest.mark.parametrize("pack", [Pack.ZIP, Pack.UNZIP])
def test_an_archive_is_written(pack: Pack) -> None:
    assert renamed_sources(Mode.MOVE, SOURCES, [destination(0, "drive")], pack) == frozenset()


def test_a_move_to_two_places_is_copied() -> None:
    both = [destination(0, "drive"), destination(1, "drive")]
    assert renamed_sources(Mode.MOVE, SOURCES, both) == frozenset()
