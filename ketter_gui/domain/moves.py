"""Which sources of a move stay on their volume: their files are renamed, not copied."""

from __future__ import annotations

from collections.abc import Sequence

from ketter_gui.domain.items import Destination, Source
from ketter_gui.domain.options import Mode, Pack


def renamed_sources(
    mode: Mode,
    sources: Sequence[Source],
    destinations: Sequence[Destination],
    pack: Pack = Pack.NONE,
) -> frozenset[int]:
    """The indexes of the sources that are on the volume of the only destination.

    Empty for a copy, which is bytes of its own, with more than one destination, and where an
    archive is made or unpacked: bytes have to be written all the same. Whether the system will rename within the volume
    is found out file by file.
    """
    if mode is not Mode.MOVE or len(destinations) != 1 or pack is not Pack.NONE:
        return frozenset()
    volume = destinations[0].place.volume
    return frozenset(source.index for source in sources if source.place.volume == volume)
