"""What can go wrong between Ketter and the desktop that it runs on; in the manner of
`errors`."""

from __future__ import annotations

from ketter_gui.domain.errors import KetterError, RefusedError


class AutostartNotChanged(KetterError):
    """The entry that starts Ketter at login could not be written, read or removed."""

    what = "Whether Ketter starts at login could not be changed or read: {path}: {reason}."
    safe = "It is as it was; nothing else was touched."
    todo = "Ask for permission to write to that folder, or free some room, and try again."


class AutostartNotText(RefusedError):
    """The desktop's entries are UTF-8, and what is to be started is not."""

    what = "Ketter cannot be started at login from {path}: the name is not UTF-8."
    safe = "Nothing was changed."
    todo = "Keep program and data folder under names that are UTF-8."
