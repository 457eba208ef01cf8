"""Notifications of freedesktop.org, over the session's D-Bus.

One thread has the connection: it sends what lies in a bounded queue, and between that
hears which bubble was opened. No bus and no daemon are ordinary (a server, a plain window
manager): said once in the log, tried again with the next notice, never an error.
The specification: Desktop Notifications 1.2, interface org.freedesktop.Notifications.
"""

from __future__ import annotations

import html
import logging
import os
import select
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from ketter_gui.domain.names import to_text
from ketter_gui.domain.news import Notice, Urgency

if TYPE_CHECKING:
    from jeepney import Message
    from jeepney.io.blocking import DBusConnection

_log = logging.getLogger(__name__)

_NAME: Final = "org.freedesktop.Notifications"
_PATH: Final = "/org/freedesktop/Notifications"
_WAITING_MAX: Final = 64
_BUBBLES_KEPT: Final = 256
_REPLY_S: Final = 5.0
_LONGEST: Final = 500
_LEVELS: Final = {Urgency.LOW: 0, Urgency.NORMAL: 1, Urgency.CRITICAL: 2}


class DBusNotifier:
    """A `system.notify.Notifier`."""

    def __init__(self, on_open: Callable[[str], None] | None = None) -> None:
        self._on_open = on_open
        self._waiting: deque[tuple[Notice, bool]] = deque(maxlen=_WAITING_MAX)
        self._lock = threading.Lock()
        self._is_closing = False
        self._has_told = False
        self.is_idle = True
        """Whether everything that was to be shown has been tried."""
        self._wake_in, self._wake_out = os.pipe()
        os.set_blocking(self._wake_in, False)
        os.set_blocking(self._wake_out, False)
        self._thread: threading.Thread | None = None
        self._line: _Line | None = None

    def show(self, notice: Notice, *, with_sound: bool = False) -> None:
        """Show it soon. Of too many at once the oldest are left out."""
        with self._lock:
            if self._is_closing:
                return
            self._waiting.append((notice, with_sound))
            self.is_idle = False
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="notify", daemon=True)
                self._thread.start()
            self._wake()

    def close(self, wait_s: float = 2.0) -> None:
        """Show what is still to be shown, and let go; a bus that hangs is left behind."""
        with self._lock:
            if self._is_closing:
                return
            self._is_closing = True
            thread = self._thread
            self._wake()
        if thread is not None:
            thread.join(wait_s)
            if thread.is_alive():
                return  # it still reads from the pipe
        os.close(self._wake_in)
        os.close(self._wake_out)

    def _wake(self) -> None:
        try:
            os.write(self._wake_out, b"!")
        except BlockingIOError:
            pass  # it is full of calls to wake up already

    def _work(self) -> None:
        while True:
            with self._lock:
                entry = self._waiting.popleft() if self._waiting else None
                self.is_idle = entry is None
                is_last = self._is_closing
            if entry is not None:
                self._trying(partial(_Line.show, notice=entry[0], with_sound=entry[1]))
            elif is_last:
                break
            else:
                self._rest()
        if self._line is not None:
            self._line.close()

    def _rest(self) -> None:
        """Wait until there is something to show, or the bus says something."""
        opened: list[str] = []
        if self._line is not None:
            # Before waiting: a click may have been read along with an answer.
            self._trying(lambda line: opened.extend(line.opened()))
        for key in opened:
            self._open(key)
        files = [self._wake_in] if self._line is None else [self._wake_in, self._line.fileno]
        ready, _, _ = select.select(files, [], [])
        if self._wake_in in ready:
            os.read(self._wake_in, 4096)

    def _open(self, key: str) -> None:
        if self._on_open is None:
            return
        try:
            self._on_open(key)
        except Exception:  # whoever listens must not silence what comes later
            _log.exception("a notification was opened, and that went wrong")

    def _trying(self, deed: Callable[[_Line], None]) -> None:
        from jeepney import AuthenticationError, DBusErrorResponse

        try:
            if self._line is None:
                self._line = _Line()
            deed(self._line)
        except (OSError, DBusErrorResponse, KeyError, RuntimeError, AuthenticationError) as error:
            # KeyError: no address of a bus in the environment
            if self._line is not None:
                self._line.close()
                self._line = None
            if not self._has_told:
                self._has_told = True
                _log.info("the desktop shows no notifications: %r", error)


class _Line:
    """A connection to the bus, and what its notification daemon can do."""

    def __init__(self) -> None:
        from jeepney import MatchRule
        from jeepney.io.blocking import open_dbus_connection

        self._bus: DBusConnection = open_dbus_connection("SESSION")
        try:
            self.fileno: int = self._bus.sock.fileno()
            self._bus.sock.settimeout(_REPLY_S)
            self._ids: OrderedDict[str, int] = OrderedDict()
            self._clicks: deque[Message] = deque(maxlen=_WAITING_MAX)
            rule = MatchRule(type="signal", interface=_NAME, path=_PATH, member="ActionInvoked")
            self._bus.filter(rule, queue=self._clicks)
            self._bus.bus_proxy.AddMatch(rule)
            self._abilities = frozenset(self._call("GetCapabilities")[0])
        except BaseException:
            self._bus.close()
            raise

    def show(self, notice: Notice, with_sound: bool) -> None:
        """Send it, in place of the bubble that its key has."""
        title, body = shown(notice.title), shown(notice.body)
        if "body-markup" in self._abilities:
            body = html.escape(body, quote=False)
        actions = ["default", "Open"] if "actions" in self._abilities else []
        hints: dict[str, tuple[str, object]] = {
            "urgency": ("y", _LEVELS[notice.urgency]),
            "desktop-entry": ("s", "ketter"),
        }
        if with_sound:
            is_bad = notice.urgency is Urgency.CRITICAL
            hints["sound-name"] = ("s", "dialog-warning" if is_bad else "complete")
        else:
            hints["suppress-sound"] = ("b", True)
        replaced = self._ids.pop(notice.key, 0)
        words = ("Ketter", replaced, "ketter", title, body, actions, hints, -1)
        self._ids[notice.key] = self._call("Notify", "susssasa{sv}i", words)[0]
        if len(self._ids) > _BUBBLES_KEPT:
            self._ids.popitem(last=False)

    def opened(self) -> list[str]:
        """The keys of the notices that were opened since; clears what the bus has sent."""
        deadline_s = time.monotonic() + _REPLY_S
        while time.monotonic() < deadline_s:
            try:
                self._bus.recv_messages(timeout=0)
            except TimeoutError:
                break
        keys = {number: key for key, number in self._ids.items()}
        numbers = [self._clicks.popleft().body[0] for _ in range(len(self._clicks))]
        return [keys[number] for number in numbers if number in keys]

    def close(self) -> None:
        self._bus.close()

    def _call(self, method: str, signature: str = "", words: tuple[object, ...] = ()) -> tuple:  # type: ignore[type-arg]  # what D-Bus answers
        from jeepney import DBusAddress, new_method_call
        from jeepney.wrappers import unwrap_msg

        address = DBusAddress(_PATH, bus_name=_NAME, interface=_NAME)
        message = new_method_call(address, method, signature or None, words)
        answer: tuple = unwrap_msg(self._bus.send_and_get_reply(message, timeout=_REPLY_S))  # type: ignore[type-arg]
        return answer


def shown(text: str) -> str:
    """Text that forges nothing: names of files are in it, and may hold characters that
    turn, hide or break a line."""
    safe = to_text(text.encode("utf-8", "backslashreplace")).text
    return safe if len(safe) <= _LONGEST else safe[: _LONGEST - 1] + "…"
