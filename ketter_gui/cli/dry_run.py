"""`--dry-run`: what would be done, found out without touching anything."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from ketter_gui.cli.output import complain, say
from ketter_gui.cli.words import counted, listed, shown
from ketter_gui.domain.errors import NothingMatches
from ketter_gui.domain.options import Mode, Pack, Request
from ketter_gui.domain.sizes import size_text

if TYPE_CHECKING:
    from ketter_gui.service.service import Service


def tell(service: Service, request: Request) -> int:
    """Check the request and measure its sources; 2 when it would be refused."""
    problems = service.check(request)
    if problems:
        for problem in problems:
            complain(str(problem.error))
        return 2
    never = threading.Event()
    sizes = [
        service.measure(path, never, lambda _: None, request.options) for path in request.sources
    ]
    for size in sizes:
        if size.error is not None:
            raise size.error
    files = sum(size.files for size in sizes)
    if not files and request.options.include:
        patterns = ", ".join(f"“{pattern}”" for pattern in request.options.include)
        raise NothingMatches(request.sources[0], patterns=patterns)
    size_bytes = sum(size.bytes for size in sizes)
    places = listed([shown(path) for path in request.destinations])
    verb = "copied to" if request.mode is Mode.COPY else "moved to"
    what = counted(files, "file")
    if request.options.pack is Pack.ZIP:
        verb = f"packed as {counted(len(request.sources), 'ZIP archive')} into"
    elif request.options.pack is Pack.UNZIP:
        what, verb = counted(len(request.sources), "ZIP archive"), "unpacked to"
    say(
        f"{what}, {size_text(size_bytes)}, would be {verb} {places}. "
        "Nothing was touched; whether there is room is checked when it starts."
    )
    return 0
