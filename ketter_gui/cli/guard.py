"""Whatever goes wrong becomes one plain sentence and an exit code, never a traceback.

What Ketter raises on purpose says what happened, what is safe and what to do. Anything
else is a fault in Ketter: its traceback goes to the log, and the sentence says where
that is.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from ketter_gui.cli.output import complain, forget_output, line_start
from ketter_gui.domain.errors import KetterError

REFUSED: Final = 2
INTERRUPTED: Final = 3
_log = logging.getLogger(__name__)
_ROOT: Final = "ketter_gui"


def guarded(act: Callable[[], int]) -> int:
    """The exit code of `act`, or of the error that it raised."""
    _keep_the_log_off_the_screen()
    try:
        code = act()
        flush()
    except KetterError as error:
        complain(str(error))
        return error.exit_code
    except SystemExit as asked:  # --help and --version have answered
        return asked.code if isinstance(asked.code, int) else 0
    except KeyboardInterrupt:
        complain("Stopped. What was verified stays verified; “ketter history” tells what was.")
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read us, `head` perhaps, has seen enough: that is no failure.
        forget_output()
        return 0
    except Exception as error:
        _log.exception("the command line ended unexpectedly")
        complain(_apology(error))
        return 1
    return code


def refused(error: KetterError) -> int:
    """Say what keeps a command from beginning: nothing was touched yet."""
    complain(str(error))
    return REFUSED


def _keep_the_log_off_the_screen() -> None:
    """Without any handler, logging would print tracebacks on stderr by itself."""
    root = logging.getLogger(_ROOT)
    if not root.handlers:
        root.addHandler(logging.NullHandler())


def flush() -> None:
    """Write out what is still held back while a failure to do so can be told."""
    if sys.stdout is not None and not sys.stdout.closed:
        sys.stdout.flush()


@contextmanager
def speaking_up(*, is_verbose: bool) -> Iterator[None]:
    """With `--verbose`, what goes to the log is said on stderr as well, and so are the stages."""
    if not is_verbose:
        yield
        return
    handler = _AboveTheBar()
    handler.setFormatter(logging.Formatter("%(asctime)s  %(message)s", "%H:%M:%S"))
    root = logging.getLogger(_ROOT)
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.removeHandler(handler)


class _AboveTheBar(logging.Handler):
    """Says records on stderr: a bar that is in the line makes room, and is drawn anew below."""

    def emit(self, record: logging.LogRecord) -> None:
        """Called by logging."""
        complain(f"{line_start()}{self.format(record)}")


def tell_where_the_log_is() -> None:
    """For `--verbose`. The file is made with this line, if it was not there yet.

    Opening the service has set the log to what is kept without being asked: details are
    wanted here as well.
    """
    logging.getLogger(_ROOT).setLevel(logging.DEBUG)
    if path := _log_path(is_there=False):
        _log.info("the log is %s", path)


def _apology(error: Exception) -> str:
    path = _log_path(is_there=True)
    where = (
        f"please report it with the log {path}"
        if path
        else "no log could be written; please report it with what “--verbose” says"
    )
    return (
        f"Ketter came upon a fault of its own ({type(error).__name__}). "
        f"What was verified stays verified; {where}."
    )


def _log_path(*, is_there: bool) -> str:
    """The file that the log goes to, if there is one; `is_there`: if it exists by now."""
    from logging import FileHandler

    for name in (_ROOT, None):
        for handler in logging.getLogger(name).handlers:
            if not isinstance(handler, FileHandler):
                continue
            if not is_there or os.path.exists(handler.baseFilename):
                return handler.baseFilename
    return ""
