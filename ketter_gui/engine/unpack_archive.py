"""The archive that is being unpacked, and the one walk through its directory."""

from __future__ import annotations

import os
from collections.abc import Iterator

from ketter_gui.disk.folder import state_of
from ketter_gui.domain.errors import SourceChanged
from ketter_gui.domain.items import FileState, Item, Source
from ketter_gui.engine.plan import Bench
from ketter_gui.engine.unpack_scan import checked_directory, item_path, open_archive
from ketter_gui.engine.zip_read import Packed, entries_of


class Archives:
    """One archive is open at a time; items come in the order of its directory. Close it."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._source: Source | None = None
        self._entries: Iterator[Packed] = iter(())
        self._state: FileState | None = None
        self.fd = -1

    def entry(self, item: Item) -> Packed:
        """An item's entry. Raises SourceChanged when this is not the archive that was
        scanned, CopyFailedError, RefusedError, WaitingError and OSError."""
        source = self._bench.plan.sources[item.source]
        if source is not self._source:
            self._open(source)
        assert self._state is not None
        if self._state.ctime_ns == item.state.ctime_ns:
            for entry in self._entries:
                if item_path(source, entry) == item.path:
                    return entry
        raise SourceChanged(source.path)

    def is_unchanged(self) -> bool:
        """Whether the open archive is what it was when it was opened."""
        return self._state is None or state_of(self.fd).is_unchanged_from(self._state)

    def close(self) -> None:
        """Close the archive that is open."""
        fd, self.fd = self.fd, -1
        self._source = None
        if fd >= 0:
            os.close(fd)

    def _open(self, source: Source) -> None:
        self.close()
        self.fd = open_archive(self._bench, source)
        self._state = state_of(self.fd)
        self._entries = entries_of(self.fd, checked_directory(source, self.fd))
        self._source = source
