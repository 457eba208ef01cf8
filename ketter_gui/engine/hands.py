"""The buffers that one thread works with."""

from __future__ import annotations

import mmap
from contextlib import ExitStack, suppress
from types import TracebackType

from ketter_gui.disk.readback import aligned_buffer
from ketter_gui.domain import limits
from ketter_gui.engine.pump import Ring


class Hands:
    """One buffer for small files, and rings for big ones; one thread's."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._map: mmap.mmap = aligned_buffer(limits.SMALL_FILE_BYTES)
        self.buffer = memoryview(self._map)
        self._rings: list[Ring] = []

    @property
    def ring(self) -> Ring:
        """The first ring."""
        return self.rings(1)[0]

    def rings(self, count: int) -> list[Ring]:
        """So many rings, for reading as many copies back at once; made when first needed."""
        while len(self._rings) < count:
            self._rings.append(self._stack.enter_context(Ring()))
        return self._rings[:count]

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
