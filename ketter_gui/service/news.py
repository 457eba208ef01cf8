"""Tells a person who looks elsewhere what became of transfers and watch folders.

The rules are in `domain.news`, the bubbles in `system.notify`; here is the thread between
them, which waits until a notice is due. What goes wrong with telling never reaches the
work that is told of.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from ketter_gui.domain.errors import KetterError, NotOnThisSystem
from ketter_gui.domain.news import Desk, Event, Notice, TransferDone, TransferFailed
from ketter_gui.domain.settings import Settings
from ketter_gui.domain.status import TransferStatus
from ketter_gui.domain.views import TransferView
from ketter_gui.system.notify import Notifier, notifier

_log = logging.getLogger(__name__)


class News:
    """Takes events from any thread; shows what the settings allow at that moment."""

    def __init__(self, shown_by: Notifier, settings: Callable[[], Settings]) -> None:
        self._notifier = shown_by
        self._settings = settings
        self._desk = Desk()
        self._changed = threading.Condition()
        self._is_closing = False
        self._thread: threading.Thread | None = None

    def tell(self, event: Event) -> None:
        """Something happened. Returns at once."""
        with self._changed:
            if self._is_closing:
                return
            self._desk.take(event, time.monotonic())
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="news", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def ended(self, view: TransferView) -> None:
        """A transfer is over. Returns at once."""
        end = end_of(view)
        if end is not None:
            self.tell(end)
            return
        with self._changed:
            self._desk.forget_wait(view.id)

    def close(self) -> None:
        """Tell what is held, and stop. Before the ledger is closed: settings are in it."""
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(2.0)
        self._notifier.close()

    def _work(self) -> None:
        while True:
            with self._changed:
                is_last = self._is_closing
                now_s = float("inf") if is_last else time.monotonic()
                notices = self._desk.due(now_s)
                if not notices and not is_last:
                    due_s = self._desk.due_s()
                    self._changed.wait(None if due_s is None else max(0.0, due_s - now_s))
            self._show(notices)
            if is_last:
                return

    def _show(self, notices: tuple[Notice, ...]) -> None:
        if not notices:
            return
        try:
            settings = self._settings()
        except KetterError as error:
            _log.warning("the settings could not be read, nothing is told: %s", error)
            return
        if settings.notify_desktop:
            for one in notices:
                self._notifier.show(one, with_sound=settings.notify_sound)


def desktop_news(
    settings: Callable[[], Settings], on_open: Callable[[], None] | None = None
) -> News | None:
    """News on this desktop, or None where a system has no way for it yet; `on_open` is
    called, in another thread, when a person clicks on a notice."""
    try:
        shown_by = notifier(None if on_open is None else lambda _key: on_open())
    except NotOnThisSystem as error:
        _log.info("%s", error)
        return None
    return News(shown_by, settings)


def end_of(view: TransferView) -> TransferDone | TransferFailed | None:
    """What is told of a transfer that is over; None when a person ended it, or its program
    did: it is offered again at the next start."""
    if view.status is TransferStatus.COMPLETED and not view.files_failed:
        # What was read back from the system's cache proves nothing about the drive.
        verified = 0 if view.copies_from_cache else view.files_verified
        other = max(0, view.files_total - verified)
        return TransferDone(view.id, view.name, verified, other)
    if view.status in (TransferStatus.FAILED, TransferStatus.COMPLETED):
        return TransferFailed(view.id, view.name, view.files_failed, view.message)
    return None
