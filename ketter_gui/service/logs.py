"""The log: JSON lines in the data folder, for whoever has to find out what went wrong.

Each process writes a file of its own, so that no two rotate the same one; the file is
made with the first line, so that most commands leave none. Old files are removed.
"""

from __future__ import annotations

import logging
import os
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

from pythonjsonlogger.json import JsonFormatter

_LOG_BYTES: Final = 5_000_000
_KEPT_FILES: Final = 20
_FIELDS: Final = "%(asctime)s %(levelname)s %(name)s %(process)d %(threadName)s %(message)s"


def log_folder(data_dir: Path) -> Path:
    """Where the log files are."""
    return data_dir / "logs"


def log_to(data_dir: Path, *, is_verbose: bool) -> logging.Handler:
    """Send this process's log records to its file; returns the handler, to be closed."""
    folder = log_folder(data_dir)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _forget_old(folder)
    handler = _OwnFile(
        folder / f"ketter-{os.getpid()}.jsonl",
        maxBytes=_LOG_BYTES,
        backupCount=1,
        encoding="utf-8",
        errors="backslashreplace",
        delay=True,
    )
    handler.setFormatter(JsonFormatter(_FIELDS))
    root = logging.getLogger("ketter_gui")
    root.addHandler(handler)
    root.setLevel(logging.DEBUG if is_verbose else logging.INFO)
    return handler


def stop_logging(handler: logging.Handler) -> None:
    """Close the file; the process may go on without a log."""
    logging.getLogger("ketter_gui").removeHandler(handler)
    handler.close()


class _OwnFile(RotatingFileHandler):
    """Readable by its owner only: a log names files of films that nobody has seen yet."""

    def _open(self):  # type: ignore[no-untyped-def]  # the standard library leaves it untyped
        stream = super()._open()
        os.fchmod(stream.fileno(), 0o600)
        return stream


def _forget_old(folder: Path) -> None:
    files = sorted(folder.glob("ketter-*.jsonl*"), key=lambda path: path.stat().st_mtime)
    for path in files[:-_KEPT_FILES]:
        path.unlink(missing_ok=True)
