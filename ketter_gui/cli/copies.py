"""Items and their copies as a person reads them, in the window's words.

A file has its source's checksum and one of each copy, so that whoever compares them sees
both; folders and links have no bytes, so they are said to be made.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ketter_gui.cli.words import local_time
from ketter_gui.domain.items import ItemKind, ReadBack
from ketter_gui.domain.sizes import size_text
from ketter_gui.domain.status import CopyStatus, TransferStatus
from ketter_gui.domain.views import CopyView, ItemView, TransferView

_SOURCE: Final = "source"
_KINDS: Final = {ItemKind.FOLDER: "folder", ItemKind.SYMLINK: "link"}
_STATES: Final = {
    CopyStatus.PENDING: "waiting",
    CopyStatus.COPYING: "copying",
    CopyStatus.VERIFYING: "verifying",
    CopyStatus.PROVEN: "naming",
    CopyStatus.VERIFIED: "verified",
    CopyStatus.RENAMED: "renamed; no second copy",
    CopyStatus.COPIED: "copied, not verified",
    CopyStatus.SKIPPED: "already there",
    CopyStatus.FAILED: "failed",
    CopyStatus.CANCELLED: "cancelled",
}
_IN_HAND: Final = (CopyStatus.COPYING, CopyStatus.VERIFYING, CopyStatus.PROVEN)
_AT_WORK: Final = (TransferStatus.PREPARING, TransferStatus.RUNNING)
_READ_BACK: Final = {
    ReadBack.STORAGE: "read back from the drive",
    ReadBack.SERVER: "read back from the server",
    ReadBack.MEMORY: "read back; this volume lives in memory",
    ReadBack.CACHE: "read back from the system’s cache only: proves little",
}


def item_lines(view: TransferView, item: ItemView) -> Iterator[str]:
    """An item: its name, its source's checksums, and a line or two for each copy."""
    names = drive_names(view)
    is_at_rest = view.status not in _AT_WORK
    width = max(len(name) for name in [_SOURCE, *names])
    kind = _KINDS.get(item.kind) or size_text(item.size_bytes)
    yield f"{item.path.text} ({kind})"
    for checksum in _checksums(item.checksums):
        yield f"  {_SOURCE:<{width}}  {checksum}"
    if item.read_in is not None:
        yield f"  {'':<{width}}  as transfer {item.read_in} read it, unchanged since"
    for copy in item.copies:
        name = names[copy.destination]
        for checksum in _checksums(copy.checksums):
            yield f"  {name:<{width}}  {checksum}"
            name = ""  # said once a copy
        yield f"  {name:<{width}}  {copy_words(item, copy, is_at_rest=is_at_rest)}"


def drive_names(view: TransferView) -> list[str]:
    """What to call each destination: its drive, or its path where drives are not told apart."""
    labels = [place.label for place in view.destinations]
    if all(labels) and len(set(labels)) == len(labels):
        return labels
    return [place.path.text for place in view.destinations]


def copy_words(item: ItemView, copy: CopyView, *, is_at_rest: bool = False) -> str:
    """What became of a copy, and what that proves; why it failed is told with the failures."""
    kind = item.kind
    if is_at_rest and copy.status in _IN_HAND:
        return "not finished"
    if copy.status is CopyStatus.VERIFIED and kind in _KINDS:
        if copy.checksums and copy.read_back is not None:  # the file that a folder arrived as
            return f"archive made, {_READ_BACK[copy.read_back]}"
        return f"{_KINDS[kind]} made"
    words = "left out" if copy.is_left_out else _STATES[copy.status]
    if kind in _KINDS or copy.read_back is None:
        return words
    if copy.status is CopyStatus.SKIPPED and copy.read_back is not ReadBack.CACHE:
        return f"{words}, {_how_known(item, copy)}"
    return f"{words}, {_READ_BACK[copy.read_back]}"


def _how_known(item: ItemView, copy: CopyView) -> str:
    """How it is known that what was there already is equal."""
    if copy.proof is not None:
        when = local_time(copy.proven_us)
        return f"verified on {when} by transfer {copy.proof}, unchanged since"
    return "both sides read" if item.read_in is None else "read back from the drive and equal"


def _checksums(found: tuple[tuple[str, str], ...]) -> Iterator[str]:
    for algorithm, value in found:
        yield f"{algorithm:<6}  {value}"
