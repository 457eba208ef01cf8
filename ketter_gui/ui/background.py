"""The way from the window to whatever may wait for a disk, and back.

Jobs run in daemon threads of their own: one that hangs on a dead mount holds up neither
the others nor the program's end. Results come back through one signal of an object that
lives on the window's thread, so that callers never see another thread.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from ketter_gui.domain.errors import KetterError

_log = logging.getLogger(__name__)

_AT_ONCE = 4
_HANGS_AFTER_S = 3.0
"""A job that takes longer no longer counts as one of the few that run at once."""


T = TypeVar("T")


class Unexpected(KetterError):
    """A fault in Ketter itself; the log has the details."""

    what = "Something went wrong inside Ketter."
    safe = "Originals and verified copies are not affected."
    todo = "Try again; the log in the data folder tells more."


class Job:
    """A piece of work under way. After `forget` nobody is told of its end."""

    def __init__(
        self,
        work: Callable[[], Any],
        done: Callable[[Any], None] | None,
        failed: Callable[[KetterError], None] | None,
    ) -> None:
        self.work = work
        self.done = done
        self.failed = failed
        self.started_s = 0.0
        self.is_wanted = True

    def forget(self) -> None:
        """Its result is not wanted any more."""
        self.is_wanted = False


class Background(QObject):
    """Runs jobs and hands their results to the window's thread."""

    went_wrong = Signal(object)
    """A KetterError that nobody else asked to be told."""

    _ended = Signal(object, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: deque[Job] = deque()
        self._running: set[Job] = set()
        self._is_closed = False
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(round(_HANGS_AFTER_S * 1000) + 10)
        self._again.timeout.connect(self._start_waiting)
        self._ended.connect(self._on_ended)

    def run(
        self,
        work: Callable[[], T],
        done: Callable[[T], None] | None = None,
        failed: Callable[[KetterError], None] | None = None,
    ) -> Job:
        """Do `work` elsewhere, then call `done` or `failed` on this thread.

        Without `failed`, an error is told through `went_wrong`.
        """
        job = Job(work, done, failed)
        self._waiting.append(job)
        self._start_waiting()
        return job

    def close(self) -> None:
        """Forget everything: results that still come are dropped."""
        self._is_closed = True
        self._waiting.clear()
        for job in self._running:
            job.forget()

    def is_idle(self) -> bool:
        """Nothing runs and nothing waits: for tests that wait for the fact."""
        return not self._waiting and not self._running

    def _start_waiting(self) -> None:
        now_s = time.monotonic()
        busy = sum(1 for job in self._running if now_s - job.started_s < _HANGS_AFTER_S)
        while self._waiting and busy < _AT_ONCE:
            job = self._waiting.popleft()
            if not job.is_wanted:
                continue
            job.started_s = now_s
            self._running.add(job)
            busy += 1
            threading.Thread(target=self._carry_out, args=(job,), daemon=True).start()
        if self._waiting and not self._again.isActive():
            self._again.start()  # should those that run turn out to hang

    def _carry_out(self, job: Job) -> None:
        result: Any = None
        error: KetterError | None = None
        try:
            result = job.work()
        except KetterError as raised:
            error = raised
        except Exception:
            _log.exception("a job of the window failed")
            error = Unexpected()
        try:
            self._ended.emit(job, result, error)
        except RuntimeError:
            _log.debug("a job ended after the window")

    @Slot(object, object, object)
    def _on_ended(self, job: Job, result: Any, error: KetterError | None) -> None:
        self._running.discard(job)
        if self._is_closed:
            return
        self._start_waiting()
        if not job.is_wanted:
            return
        if error is None:
            if job.done is not None:
                job.done(result)
        elif job.failed is not None:
            job.failed(error)
        else:
            self.went_wrong.emit(error)
