"""Which of several spellings a volume has on record for a name.

FAT, exFAT and what Macs and Windows use take `A001` and `a001` for one name, and some take
composed and decomposed letters for one: two paths then lead to one folder, and it must be
seen that they do. What a volume does is found out by asking it, not from its type.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from contextlib import suppress

from ketter_gui.domain.holding import folded


def as_spelled(path: bytes, top: bytes) -> bytes:
    """An absolute path with its names as the volume lists them, from the folder `top` down.

    A name that is not there yet stays as it is written. Can block on a volume that does
    not answer.
    """
    folder = top
    for name in path[len(top) :].split(b"/"):
        if name:
            folder = os.path.join(folder, _as_listed(folder, name))
    return folder


def _as_listed(folder: bytes, name: bytes) -> bytes:
    if not any(os.path.lexists(os.path.join(folder, other)) for other in _other_spellings(name)):
        return name  # nearly always: this volume tells them apart, or there is no such name
    listed: list[bytes] = []
    with suppress(OSError):
        listed = os.listdir(folder)
    if name in listed:
        return name
    wanted = folded(name)
    same = [one for one in listed if folded(one) == wanted]
    return same[0] if len(same) == 1 else name


def _other_spellings(name: bytes) -> Iterator[bytes]:
    text = name.decode("utf-8", "surrogateescape")
    for other in (
        text.swapcase(),
        unicodedata.normalize("NFC", text),
        unicodedata.normalize("NFD", text),
    ):
        if other != text:
            yield other.encode("utf-8", "surrogateescape")
