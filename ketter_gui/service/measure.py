"""What a source holds, counted while one looks on: for the sheet that asks before a copy."""

from __future__ import annotations

import os
import posixpath
import threading
import time
from collections.abc import Callable, Iterator

from ketter_gui.disk.folder import Tree, entries, look, open_root
from ketter_gui.domain.errors import CopyFailedError, SourceMissing, SourceUnreadable
from ketter_gui.domain.filters import Filter, filter_of
from ketter_gui.domain.items import FileState, ItemKind
from ketter_gui.domain.options import Options
from ketter_gui.domain.views import SizeView

_REPORT_EVERY_S = 0.2


def measure(
    path: bytes,
    stop: threading.Event,
    report: Callable[[SizeView], None],
    options: Options | None = None,
) -> SizeView:
    """Count files and bytes below a path that are wanted, without following symlinks.

    `report` is called from this thread about five times a second. When `stop` is set
    the last count is returned as it is, not complete.
    """
    try:
        options = options or Options()
        wanted = filter_of(options.include, options.exclude)
        return _measure(os.path.normpath(path), stop, report, wanted)
    except FileNotFoundError:
        return SizeView(0, 0, False, SourceMissing(path))
    except OSError as error:
        return SizeView(0, 0, False, SourceUnreadable(path, errno=error.errno))
    except CopyFailedError as error:
        return SizeView(0, 0, False, error)


def _measure(
    path: bytes,
    stop: threading.Event,
    report: Callable[[SizeView], None],
    wanted: Filter | None,
) -> SizeView:
    if os.path.islink(path) or not os.path.isdir(path):
        with open_root(posixpath.dirname(path)) as parent:
            state = look(parent, posixpath.basename(path))
        if state is None:
            raise FileNotFoundError
        if wanted is not None and not wanted.wants_file(posixpath.basename(path)):
            return SizeView(0, 0, True)
        return SizeView(1, state.size_bytes, True)
    files = size_bytes = 0
    reported_s = time.monotonic()
    with Tree(open_root(path)) as tree:
        pending = [b""]
        while pending and not stop.is_set():
            inside = pending.pop()
            for name, state, _special in _listed(tree, inside):
                if state is None:
                    continue
                below = b"%s/%s" % (inside, name) if inside else name
                if state.kind is ItemKind.FOLDER:
                    if wanted is None or wanted.wants_folder(below):
                        pending.append(below)
                elif state.kind is ItemKind.FILE and (wanted is None or wanted.wants_file(below)):
                    files += 1
                    size_bytes += state.size_bytes
            if time.monotonic() - reported_s > _REPORT_EVERY_S:
                reported_s = time.monotonic()
                report(SizeView(files, size_bytes, False))
    return SizeView(files, size_bytes, not stop.is_set())


def _listed(tree: Tree, inside: bytes) -> Iterator[tuple[bytes, FileState | None, str]]:
    """A folder that cannot be read is left for preflight to name."""
    try:
        yield from entries(tree.folder(inside))
    except (OSError, CopyFailedError):
        if not inside:
            raise
