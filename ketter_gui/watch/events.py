"""The system's events, by watchdog; one observer for all watch folders of the process.

What watchdog swallows is noticed here: a queue that overflowed is only logged, a thread that
died says nothing, a subfolder that the kernel would not watch is passed over. Handlers run
under the observer's lock: they add a hint and return.
"""

from __future__ import annotations

import logging
import os
import threading
import time
import warnings
from contextlib import suppress
from typing import Final

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, ObservedWatch

from ketter_gui.watch.hints import Hints

_WANTED: Final[list[type[FileSystemEvent]]] = [
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileMovedEvent,
]
"""Not each write: that floods, and a look at the file tells the same. Nor opening and reading,
which we do ourselves."""

_log = logging.getLogger(__name__)
_LOGGER: Final = "watchdog.observers.inotify_c"


class _Handler(FileSystemEventHandler):
    def __init__(self, hints: Hints) -> None:
        self._hints = hints

    def dispatch(self, event: FileSystemEvent) -> None:
        now_s = time.monotonic()
        for path in (event.src_path, event.dest_path):
            if path:
                self._hints.add(os.fsencode(path), now_s)


class _Lost(logging.Handler):
    """watchdog says in its log alone that the kernel's queue overflowed."""

    def __init__(self, events: Events) -> None:
        super().__init__(logging.WARNING)
        self._events = events

    def emit(self, record: logging.LogRecord) -> None:
        if "overflow" in record.getMessage().lower():
            self._events.lose_all()


class Events:
    """Who is told of what. Threads: any; `_lock` guards the table."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._observer: BaseObserver | None = None
        self._watched: dict[Hints, tuple[bytes, ObservedWatch]] = {}
        self._folders: dict[Hints, int] = {}
        self._lost = _Lost(self)
        logging.getLogger(_LOGGER).addHandler(self._lost)
        logging.getLogger("watchdog").addHandler(logging.NullHandler())  # or it says it on stderr
        warnings.filterwarnings("ignore", module=r"watchdog\..*")  # an error would end its thread

    def watch(self, path: bytes, hints: Hints) -> None:
        """Tell `hints` of what happens below a folder from now on. Raises OSError when the
        system has no watches left, or does not let us."""
        self.unwatch(hints)
        with self._lock:
            observer = self._running()
            watch = observer.schedule(
                _Handler(hints), os.fsdecode(path), recursive=True, event_filter=_WANTED
            )
            self._watched[hints] = path, watch

    def unwatch(self, hints: Hints) -> None:
        """No longer. What is not watched is passed over."""
        with self._lock:
            self._folders.pop(hints, None)
            found = self._watched.pop(hints, None)
            if found is not None and self._observer is not None:
                with suppress(KeyError, OSError):
                    self._observer.unschedule(found[1])

    def is_alive(self, hints: Hints) -> bool:
        """Whether the threads that tell of this folder still run."""
        with self._lock:
            found = self._watched.get(hints)
            if found is None or self._observer is None or not self._observer.is_alive():
                return False
            emitters = {one.watch: one for one in self._observer.emitters}
            emitter = emitters.get(found[1])
            return emitter is not None and emitter.is_alive()

    def note_folders(self, hints: Hints, folders: int) -> int:
        """So many folders a look has seen there; returns how many the kernel should watch for
        all of them by now."""
        with self._lock:
            self._folders[hints] = folders
            return sum(self._folders.values())

    def lose_all(self) -> None:
        """Events were lost, and nobody knows whose."""
        with self._lock:
            hints = list(self._watched)
        _log.warning("the system's events were lost: everything is looked through")
        for one in hints:
            one.lose()

    def close(self) -> None:
        """Stop the observer's threads."""
        logging.getLogger(_LOGGER).removeHandler(self._lost)
        with self._lock:
            observer, self._observer = self._observer, None
            self._watched.clear()
        if observer is not None:
            observer.stop()
            observer.join(5.0)

    def _running(self) -> BaseObserver:
        if self._observer is None or not self._observer.is_alive():
            if self._observer is not None:
                _log.warning("the thread that hears of changes has died; it is started anew")
            self._watched.clear()
            self._observer = Observer()
            self._observer.daemon = True
            self._observer.start()
        return self._observer
