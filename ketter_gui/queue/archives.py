"""What is different when a transfer packs or unpacks archives.

A room of its own beside the worker, which imports it for such a transfer only: what reads
and writes archives is an eighth of all modules, and took as much of a short command.
"""

from __future__ import annotations

from collections.abc import Iterable

from ketter_gui.engine.pack import carry_out_packed, clear_packed, finish_packed, needs_packed
from ketter_gui.engine.pack_archive import Works
from ketter_gui.engine.plan import Bench, Work
from ketter_gui.engine.preflight import preflight, rooms
from ketter_gui.engine.unpack import carry_out_unpacked
from ketter_gui.engine.unpack_scan import scan_archives
from ketter_gui.queue.books import Books
from ketter_gui.queue.promises import with_expected
from ketter_gui.queue.runs import Run

__all__ = [
    "carry_out_unpacked",
    "check_room",
    "clear_begun_archives",
    "finish_proven_archives",
    "pack",
    "scan_archives",
]


def pack(bench: Bench, run: Run, books: Books) -> None:
    """Make the archives, and prove them."""
    carry_out_packed(bench, _all_works(run, books))


def clear_begun_archives(bench: Bench, run: Run, books: Books) -> None:
    """Remove what was begun and not proven: an archive begins from nothing."""
    clear_packed(bench, _all_works(run, books))


def finish_proven_archives(bench: Bench, run: Run, books: Books) -> None:
    """Give what was proven its name, and begin nothing."""
    finish_packed(bench, _all_works(run, books))


def check_room(bench: Bench, run: Run, books: Books) -> None:
    """Archives take the room of all that is in them; names in them are nothing to the drive."""
    found = rooms(bench)
    volumes = [one.place.volume for one in run.plan.destinations]
    units = [one.unit_bytes for one in found]
    needs = needs_packed(bench, _all_works(run, books))
    preflight(
        bench, found, needs, books.reserved(run.transfer, dict(zip(volumes, units, strict=True)))
    )


def _all_works(run: Run, books: Books) -> Works:
    """An archive is made of all that a source has."""

    def works(source: int) -> Iterable[Work]:
        return with_expected(books.ledger, run.transfer, books.all_works(run.plan, source))

    return works
