"""What may hang on a dead mount, done so that Ctrl-C still ends the program.

Python runs the handler of a signal in the main thread only, and not while that waits in a
system call. So the call is made by another thread, and the main one looks now and then.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from ketter_gui.cli.stopping import Stopping
from ketter_gui.domain.errors import WaitingError
from ketter_gui.domain.limits import QUIT_PATIENCE_S

T = TypeVar("T")

_LOOK_EVERY_S: Final = 0.1


class DriveKeptQuiet(WaitingError):
    """A person stopped while a drive did not answer, before there was a transfer."""

    what = "A drive that was named does not answer."
    safe = "Nothing was begun."
    todo = "Connect it again, or name another one."


def patiently(act: Callable[[], T], stopping: Stopping) -> T:
    """What `act` returns or raises. Raises DriveKeptQuiet a few seconds after a person asked
    to stop, if it has not come back by then; the thread is left behind."""
    work = _Work(act)
    asked_s = None
    while not work.done.wait(_LOOK_EVERY_S):
        if stopping.is_asked:
            asked_s = asked_s or time.monotonic()
            if time.monotonic() - asked_s > QUIT_PATIENCE_S:
                raise DriveKeptQuiet
    return work.result()


class _Work(Generic[T]):
    def __init__(self, act: Callable[[], T]) -> None:
        self._act = act
        self._results: list[T] = []
        self._error: BaseException | None = None
        self.done = threading.Event()
        threading.Thread(target=self._carry_out, name="ketter-asking", daemon=True).start()

    def _carry_out(self) -> None:
        try:
            self._results.append(self._act())
        except BaseException as error:
            self._error = error
        finally:
            self.done.set()

    def result(self) -> T:
        if self._error is not None:
            raise self._error
        return self._results[0]
