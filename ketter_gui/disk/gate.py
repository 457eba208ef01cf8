"""A gate that is shut behind a thread which hangs.

A call on a dead mount may return hours later, when its transfer has long been let go of,
and perhaps taken up by another process. What that thread does next must be nothing: no
write, no name, no removal, no entry. A folder that was opened with a gate gives its
descriptor to nobody once the gate is shut.
"""

from __future__ import annotations


class LetGo(BaseException):
    """This transfer is somebody else's now, or nobody's: leave, and touch nothing.

    No Exception: whatever handles failures must not take it for one.
    """


class Gate:
    """One for each run of a transfer. Any thread may shut it; it is never opened again."""

    __slots__ = ("is_shut",)

    def __init__(self) -> None:
        self.is_shut = False

    def shut(self) -> None:
        """From here on nobody passes."""
        self.is_shut = True

    def check(self) -> None:
        """Raises LetGo when the gate is shut: to be asked between a call that may hang and
        whatever changes something."""
        if self.is_shut:
            raise LetGo
