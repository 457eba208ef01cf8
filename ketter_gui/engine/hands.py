"""The buffers that one thread works with."""

from __future__ import annotations

import mmap
from contextlib import ExitStack, suppress
from types import TracebackType

from ketter_gui.disk.readback import aligned_buffer
from ketter_gui.domain import limits
from ketter_gui.engine.pump import Ring


class Hands:
    """One buffer for small files, and a ring for big ones; one thread's."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._map: mmap.mmap = aligned_buffer(limits.SMALL_FILE_BYTES)
        self.buffer = memoryview(self._map)
        self._ring: Ring | None = None

    @property
    def ring(self) -> Ring:
        """The ring; made when it is first needed."""
        if self._ring is None:
            self._ring = self._stack.enter_context(Ring())
        return self._ring

    def __enter__(self) -> Hands:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()
        # An error that is on its way still holds pieces of the buffer in its frames; then
        # the memory goes when the error does.
        with suppress(BufferError):
            self.buffer.release()
            self._map.close()
