"""An earlier transfer as a request: what was asked for then, at the paths of today."""

from __future__ import annotations

import os
from collections.abc import Sequence

from ketter_gui.disk.folder import open_root, states
from ketter_gui.domain.history_errors import NotThere
from ketter_gui.domain.options import Request
from ketter_gui.engine.places import found_again
from ketter_gui.engine.plan import Plan
from ketter_gui.store.ledger import Ledger


def request_of(ledger: Ledger, transfer: int) -> Request:
    """The same sources, destinations and options; a drive that is mounted elsewhere by now
    is followed. What is not there keeps its old path: `check` names it beside its cause.

    May wait for disks. Raises NoSuchTransfer.
    """
    found = ledger.transfer(transfer)
    plan = found_again(
        Plan(found.id, found.token, found.mode, found.options, found.sources, found.destinations)
    )
    sources = tuple(one.path for one in plan.sources)
    destinations = tuple(one.path for one in plan.destinations)
    return Request(sources, destinations, found.mode, found.options)


def are_folders(paths: Sequence[bytes]) -> tuple[bool, ...]:
    """Which of these are folders now. May wait for a disk."""
    return tuple(os.path.isdir(path) for path in paths)


def nearest(path: bytes) -> bytes:
    """The path, or the nearest folder above it that is there: a file that is missing, or lies
    in an archive, has a place all the same. May wait for a disk. Raises NotThere."""
    above = path
    while True:
        try:
            return there(above)
        except NotThere:
            if above in (b"/", b""):
                raise
            above = os.path.dirname(above.rstrip(b"/"))


def there(path: bytes) -> bytes:
    """The path, when something is there. May wait for a disk. Raises NotThere."""
    above, name = os.path.split(path.rstrip(b"/"))
    try:
        with open_root(above or b"/") as folder:
            is_there = not name or any(state for _, state, _ in states(folder, [name]))
    except OSError as error:
        raise NotThere(path, errno=error.errno) from error
    if not is_there:
        raise NotThere(path)
    return path
