"""Desktop notifications: the interface; what a system does is in a file of its own."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Protocol

from ketter_gui.domain.errors import NotOnThisSystem
from ketter_gui.domain.news import Notice


class Notifier(Protocol):
    """Shows notices. Nothing of this waits for the desktop, but `close`."""

    def show(self, notice: Notice, *, with_sound: bool = False) -> None:
        """Show it soon, in place of an earlier one of the same key."""

    def close(self, wait_s: float = 2.0) -> None:
        """Show what is still to be shown, and let go."""


def notifier(on_open: Callable[[str], None] | None = None) -> Notifier:
    """The desktop's notifier; `on_open` hears, in a thread of its own, the key of a notice
    that a person opened. Raises NotOnThisSystem."""
    if sys.platform == "linux":
        from ketter_gui.system.notify_linux import DBusNotifier

        return DBusNotifier(on_open)
    raise NotOnThisSystem(feature="Showing notifications")
