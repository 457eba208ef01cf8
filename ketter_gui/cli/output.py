"""Where words go: results to stdout, what went wrong and the bar to stderr.

A transfer is worth more than the words about it: when stdout cannot be written to any
more – the reader of a pipe is gone, the disk of a log is full – the work goes on.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TextIO


def say(text: str = "") -> None:
    """A line of result. Raises BrokenPipeError when nobody reads."""
    print(_printable(text, sys.stdout))


def complain(text: str) -> None:
    """A sentence about what went wrong; where there is no stderr, it is lost."""
    try:
        print(_printable(text, sys.stderr), file=sys.stderr, flush=True)
    except OSError:
        return


def rewrite(text: str) -> None:
    """Put this in the place of the line in hand, where that can be done."""
    if can_rewrite_lines():
        with suppress(OSError):
            print(line_start() + _printable(text, sys.stderr), end="", file=sys.stderr, flush=True)


def can_rewrite_lines() -> bool:
    """Whether stderr is a terminal on which a line can be drawn again in place."""
    return sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


def line_start() -> str:
    """What empties the line in hand, where there may be a bar in it."""
    return "\r\x1b[K" if can_rewrite_lines() else ""


def forget_output() -> None:
    """Let everything that is still to be written to stdout vanish, quietly."""
    try:
        sys.stdout.close()  # it is closed even when the last flush fails
    except (OSError, AttributeError):
        return


class Steady:
    """stdout for work that must not end because nobody listens.

    `is_lost` tells afterwards that words were lost on the way to a disk.
    """

    def __init__(self) -> None:
        self._is_broken = False
        self.is_lost = False

    def say(self, text: str) -> None:
        """Write a line at once; never raises."""
        if self._is_broken:
            return
        try:
            print(_printable(text, sys.stdout), flush=True)
        except OSError as error:
            self._is_broken = True
            forget_output()
            if not isinstance(error, BrokenPipeError):
                self.is_lost = True
                reason = os.strerror(error.errno) if error.errno else str(error)
                complain(f"The output cannot be written any more: {reason}. The work goes on.")


def _printable(text: str, stream: TextIO | None) -> str:
    """The text as the terminal's encoding can show it: a name never ends the program."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)
