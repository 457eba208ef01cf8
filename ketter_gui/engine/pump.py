"""One reader, a ring of buffers, and any number of eaters: each buffer is read once.

    read → ring → eater 1 (SHA-256)
                → eater 2 (the drive)
                → …

Every eater has a thread and takes every buffer, in order. A buffer goes back to the ring
when the last eater is done with it, so that the slowest one sets the pace once the ring
is full. Hashing, reading and writing let go of the GIL (measured: two SHA-256 threads
run at full speed side by side). Buffers are page-aligned, never copied.

Ownership: the ring belongs to one transfer's thread; a buffer to the eaters between
`put` and `free`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import SimpleQueue
from types import TracebackType

from ketter_gui.disk.readback import aligned_buffer
from ketter_gui.domain import limits
from ketter_gui.engine.control import Control
from ketter_gui.engine.side_by_side import raise_first

Eat = Callable[[memoryview, int], None]
"""Takes a filled piece of a buffer, and its offset in the file."""

Fill = Callable[[memoryview, int], int]
"""Fills a buffer from an offset; returns the number of bytes, 0 at the end."""


class Ring:
    """The buffers of one transfer, made when the first big file needs them."""

    def __init__(self) -> None:
        self._maps = [aligned_buffer(limits.RING_BUFFER_BYTES) for _ in range(limits.RING_BUFFERS)]
        self._views = [memoryview(one) for one in self._maps]
        self._free: SimpleQueue[int] = SimpleQueue()
        for index in range(len(self._maps)):
            self._free.put(index)

    def take(self) -> int:
        """The index of a free buffer; waits for one."""
        return self._free.get()

    def give(self, index: int) -> None:
        """Hand a buffer back."""
        self._free.put(index)

    def view(self, index: int) -> memoryview:
        """The buffer itself."""
        return self._views[index]

    def __enter__(self) -> Ring:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # An error that is on its way still holds pieces in its frames: see `Hands`.
        for view, one in zip(self._views, self._maps, strict=True):
            with suppress(BufferError):
                view.release()
                one.close()


class _Piece:
    """A filled buffer on its way past the eaters."""

    __slots__ = ("_lock", "_remaining", "index", "length", "offset")

    def __init__(self, index: int, length: int, offset: int, eaters: int) -> None:
        self.index = index
        self.length = length
        self.offset = offset
        self._remaining = eaters
        self._lock = threading.Lock()

    def is_finished_by_one_more(self) -> bool:
        with self._lock:
            self._remaining -= 1
            return self._remaining == 0


def pump(ring: Ring, fill: Fill, eaters: Sequence[Eat], control: Control) -> int:
    """Read to the end and feed every eater; returns the number of bytes read.

    An eater that raises must catch what is its own business: an exception that leaves
    one ends the pump and is raised here, as are those of `fill` and of `control`.
    """
    queues: list[SimpleQueue[_Piece | None]] = [SimpleQueue() for _ in eaters]
    failures: list[BaseException] = []
    threads = [
        threading.Thread(
            target=_eat, args=(ring, queue, eat, failures), name="ketter-pump", daemon=True
        )
        for queue, eat in zip(queues, eaters, strict=True)
    ]
    started: list[threading.Thread] = []
    try:
        for thread in threads:
            thread.start()
            started.append(thread)
        return _read(ring, fill, queues, failures, control)
    finally:
        for queue in queues:
            queue.put(None)
        for thread in started:  # the system may have refused one: the others end all the same
            thread.join()
        if failures:
            raise_first(failures)


def _read(
    ring: Ring,
    fill: Fill,
    queues: Sequence[SimpleQueue[_Piece | None]],
    failures: list[BaseException],
    control: Control,
) -> int:
    offset = 0
    while not failures:
        index = ring.take()
        try:
            control.checkpoint()
            length = fill(ring.view(index), offset)
        except BaseException:
            ring.give(index)
            raise
        if length == 0:
            ring.give(index)
            break
        piece = _Piece(index, length, offset, len(queues))
        for queue in queues:
            queue.put(piece)
        offset += length
    return offset


def _eat(
    ring: Ring, queue: SimpleQueue[_Piece | None], eat: Eat, failures: list[BaseException]
) -> None:
    while (piece := queue.get()) is not None:
        try:
            if not failures:
                eat(ring.view(piece.index)[: piece.length], piece.offset)
        except BaseException as error:
            failures.append(error)
        finally:
            if piece.is_finished_by_one_more():
                ring.give(piece.index)
