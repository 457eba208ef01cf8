"""Ctrl-C, and its relatives: asked once, stop well; asked twice, stop now.

The handler only remembers that it was asked. It runs between any two steps of the main
thread, perhaps inside the service with a lock in hand, so it must not ask the service
itself; `follow` looks four times a second.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Final, Self

from ketter_gui.cli.output import complain

_EXIT_CODE: Final = 3
_AT_ONCE: Final = "Stopped at once. What was verified stays verified; “ketter resume” carries on."
_ONE_WISH_S: Final = 0.5
"""timeout(1) and some terminals send one wish twice: to the program and to its group."""


class Stopping:
    """While this is entered, a wish to stop is remembered instead of obeyed at once."""

    def __init__(self) -> None:
        self.is_asked = False
        self._asked_s = 0.0
        self._earlier: dict[
            signal.Signals, Callable[[int, FrameType | None], Any] | int | None
        ] = {}

    def __enter__(self) -> Self:
        for number in _wishes():
            earlier = signal.getsignal(number)
            if earlier != signal.SIG_IGN:  # nohup, or a job in the background
                self._earlier[number] = earlier
                signal.signal(number, self._asked)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, earlier in self._earlier.items():
            signal.signal(number, earlier)

    def _asked(self, _number: int, _frame: FrameType | None) -> None:
        now_s = time.monotonic()
        if self.is_asked and now_s - self._asked_s > _ONE_WISH_S:
            _say_at_once()
            os._exit(_EXIT_CODE)  # the ledger is made for ends like this one
        if not self.is_asked:
            self.is_asked = True
            self._asked_s = now_s


def _wishes() -> tuple[signal.Signals, ...]:
    names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
    return tuple(getattr(signal, name) for name in names if hasattr(signal, name))


def _say_at_once() -> None:
    try:
        complain("\n" + _AT_ONCE)
    except RuntimeError:  # the main thread was just writing there
        return
