"""Which destinations the sheet offers, and which of them it ticks beforehand."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSettings

from ketter_gui.domain.names import to_bytes, to_text
from ketter_gui.domain.views import VolumeView
from ketter_gui.ui.destination_card import Offer

_KEY = "destinations/last"
_DEMO = b"/ketter-demo-"
"""Below such a folder nothing is anybody's own: the demo makes it, and it goes again."""


def volume_of(path: bytes, volumes: Sequence[VolumeView]) -> VolumeView | None:
    """The volume a path is on, by the longest mount point that leads to it."""
    on = [volume for volume in volumes if _is_within(path, volume.path)]
    return max(on, key=lambda volume: len(volume.path), default=None)


def offers(
    volumes: Sequence[VolumeView], wanted: Sequence[bytes], sources: Sequence[bytes]
) -> list[Offer]:
    """Folders asked for first, then every volume that can be written and has no card yet.

    Cards, and last of all volumes that hold a source, come at the end: a copy there is
    rarely meant.
    """
    cards = [Offer(path, volume_of(path, volumes)) for path in wanted]
    taken = {offer.volume.identity for offer in cards if offer.volume is not None}
    holds_source = {
        volume.identity for path in sources if (volume := volume_of(path, volumes)) is not None
    }
    free = [v for v in volumes if not v.is_read_only and v.identity not in taken]
    free.sort(key=lambda volume: (volume.identity in holds_source, volume.kind == "card"))
    return cards + [Offer(volume.path, volume) for volume in free]


def remember(settings: QSettings, chosen: Sequence[bytes], volumes: Sequence[VolumeView]) -> None:
    """Keep what was used, each with the identity of its volume; never the demo's drives,
    to which real footage must not be offered."""
    kept = []
    for path in chosen:
        if is_of_demo(path):
            continue
        volume = volume_of(path, volumes)
        text = to_text(path)
        kept.append("\t".join((volume.identity if volume else "", text.form, text.text)))
    if kept:
        settings.setValue(_KEY, "\n".join(kept))


def remembered(settings: QSettings, volumes: Sequence[VolumeView]) -> tuple[bytes, ...]:
    """What was used last time, as far as those very volumes are connected now."""
    found = []
    for line in str(settings.value(_KEY, "")).split("\n"):
        identity, _, rest = line.partition("\t")
        form, _, text = rest.partition("\t")
        if not text or form not in {"plain", "escaped"}:
            continue
        try:
            path = to_bytes(text, "escaped" if form == "escaped" else "plain")
        except ValueError:
            continue
        volume = volume_of(path, volumes)
        is_there = volume is not None and volume.identity == identity
        if is_there and not is_of_demo(path):
            found.append(path)
    return tuple(found)


def is_of_demo(path: bytes) -> bool:
    """Whether a path lies in what a demo made."""
    return _DEMO in path


def _is_within(path: bytes, folder: bytes) -> bool:
    folder = folder.rstrip(b"/")
    return path == folder or path.startswith(folder + b"/")
