"""The mounted volumes as cards, whatever becomes of one of them.

What is mounted where never blocks; how much room there is, a dead mount may not say for
hours. So each one is asked in a thread of its own, all at once, and waited for together
for a second. Who has not answered by then is not asked again before he does: a window
that looks every few seconds would leave a thread behind each time.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import Final

from ketter_gui.domain.names import to_text
from ketter_gui.domain.views import VolumeView
from ketter_gui.system.volumes import Volume, space, volumes

_Room = tuple[int, int]
"""Total and free bytes."""

_ANSWERS_WITHIN_S: Final = 1.0


class Mounted:
    """The volumes of this machine. Any thread may ask."""

    def __init__(
        self,
        volumes: Callable[[], list[Volume]] = volumes,
        space: Callable[[bytes], _Room] = space,
    ) -> None:
        self._volumes = volumes
        self._space = space
        self._lock = threading.Lock()  # guards _asked
        self._asked: dict[bytes, _Question] = {}

    def views(self) -> tuple[VolumeView, ...]:
        """Every volume that a person would choose. Takes a second at the most."""
        found = self._volumes()
        questions = [self._ask(volume.mount_point) for volume in found]
        until_s = time.monotonic() + _ANSWERS_WITHIN_S
        rooms = [question.answer(until_s) for question in questions]
        return tuple(_view(volume, room) for volume, room in zip(found, rooms, strict=True))

    def _ask(self, mount_point: bytes) -> _Question:
        with self._lock:
            question = self._asked.get(mount_point)
            if question is None or question.is_answered:
                question = self._asked[mount_point] = _Question(mount_point, self._space)
            return question


class _Question:
    """How much room a volume has, asked in a thread that may hang."""

    def __init__(self, mount_point: bytes, space: Callable[[bytes], _Room]) -> None:
        self._mount_point = mount_point
        self._space = space
        self._room: _Room = (0, 0)
        self._done = threading.Event()
        threading.Thread(target=self._find_out, name="ketter-room", daemon=True).start()

    @property
    def is_answered(self) -> bool:
        return self._done.is_set()

    def answer(self, until_s: float) -> _Room | None:
        """None: not by then."""
        is_done = self._done.wait(max(until_s - time.monotonic(), 0.0))
        return self._room if is_done else None

    def _find_out(self) -> None:
        try:
            self._room = self._space(self._mount_point)
        except OSError:
            self._room = (0, 0)
        finally:
            self._done.set()


def _view(volume: Volume, room: _Room | None) -> VolumeView:
    total, free = room or (0, 0)
    label = volume.label or to_text(os.path.basename(volume.mount_point)).text or "System"
    return VolumeView(
        identity=volume.identity,
        label=label,
        path=volume.mount_point,
        kind=volume.kind,
        file_system=volume.file_system,
        is_read_only=volume.is_read_only,
        total_bytes=total,
        free_bytes=free,
    )
