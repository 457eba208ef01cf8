"""Whether the desktop starts Ketter when a person logs in.

The interface; what a system knows is in a file of its own. There is one entry for each
person and system: turning it on again replaces the one before.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final

from ketter_gui.domain.errors import NotOnThisSystem

_FEATURE: Final = "Starting at login"

if sys.platform == "linux":
    from ketter_gui.system import autostart_linux


def is_on() -> bool:
    """Whether there is an entry that the desktop will follow. Raises AutostartNotChanged
    and NotOnThisSystem."""
    if sys.platform == "linux":
        return autostart_linux.is_on()
    raise NotOnThisSystem(feature=_FEATURE)


def turn_on(command: Sequence[str]) -> None:
    """Have these words started at every login: the program's whole path, then what it is
    given. Raises AutostartNotChanged, AutostartNotText and NotOnThisSystem."""
    if sys.platform == "linux":
        autostart_linux.turn_on(command)
        return
    raise NotOnThisSystem(feature=_FEATURE)


def turn_off() -> None:
    """Have it started no more; off already is fine. Raises AutostartNotChanged and
    NotOnThisSystem."""
    if sys.platform == "linux":
        autostart_linux.turn_off()
        return
    raise NotOnThisSystem(feature=_FEATURE)
