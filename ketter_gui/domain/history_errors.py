"""What can be refused in the history."""

from __future__ import annotations

from ketter_gui.domain.errors import RefusedError


class NotThere(RefusedError):
    """A folder or file of an earlier transfer that cannot be shown."""

    what = "{path} is not there now."
    safe = "Nothing was touched."
    todo = "Connect the drive it lies on, and try again; the history keeps what was proven."
