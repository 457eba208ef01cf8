"""Which item a manifest means, and whether a file that it lists is there at all.

A path is matched byte by byte; where nothing is called so, with `\\` as the separator that
it is elsewhere, and in both of Unicode's normal forms.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import partial

from ketter_gui.disk.folder import look
from ketter_gui.domain.errors import CopyFailedError
from ketter_gui.domain.items import ItemKind
from ketter_gui.engine.plan import Bench
from ketter_gui.store import expected
from ketter_gui.store.ledger import Ledger


def matched(
    ledger: Ledger, transfer: int, paths: Sequence[bytes]
) -> dict[bytes, tuple[int, ItemKind]]:
    """The items by what the manifest calls them."""
    at = partial(expected.items_at, transfer=transfer)
    found = ledger.read(partial(at, paths=paths))
    others = {path: _other_ways(path) for path in paths if path not in found}
    ways = [way for some in others.values() for way in some]
    if ways:
        also = ledger.read(partial(at, paths=ways))
        for path, some in others.items():
            found.update((path, also[way]) for way in some if way in also)
    return found


def is_there(bench: Bench, path: bytes) -> bool:
    """Whether a source has something at an item's path, be it an item or not: litter, or
    what was left out. What cannot be asked is there: only what is surely missing is told."""
    name = path.split(b"/", 1)[0]
    for source, tree in zip(bench.plan.sources, bench.sources, strict=True):
        if source.name != name:
            continue
        for way in (path, *_other_ways(path)):
            try:
                if look(*tree.split(source.inside(way))) is not None:
                    return True
            except (FileNotFoundError, NotADirectoryError):
                continue
            except (OSError, CopyFailedError):
                return True
    return False


def _other_ways(path: bytes) -> list[bytes]:
    """How else a file of that name may be written on this disk."""
    ways = []
    for one in dict.fromkeys((path, path.replace(b"\\", b"/"))):
        ways.append(one)
        try:
            text = one.decode()
        except UnicodeDecodeError:
            continue
        if not text.isascii():
            ways += [unicodedata.normalize(form, text).encode() for form in ("NFC", "NFD")]
    return [way for way in dict.fromkeys(ways) if way != path]
