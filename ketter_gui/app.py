"""The one place where the parts are put together.

Order of things at start: words → command → data folder → service (ledger, log,
scheduler) → window, or the same work in the terminal. A command never loads QtGui; the
window's modules are imported only when there is a window to open.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ketter_gui import __version__

if TYPE_CHECKING:
    from ketter_gui.cli.arguments import WindowCommand
    from ketter_gui.service.service import Service

_LEDGER_NAME = "ledger.sqlite3"
_SWITCH_INTERVAL_S = 0.0005
"""How long a thread may keep the GIL beside the window: its frames come first (measured)."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run Ketter with these words, or with the process's own; returns the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words == ["--version"]:  # before anything is imported: it is asked by scripts
        sys.stdout.write(f"ketter {__version__}\n")
        return 0
    from ketter_gui.cli import run

    return run(words, open_service, _open_window)


def open_service(data_dir: Path | None, ledger: str | None = None) -> Service:
    """The service on a data folder; None is the usual one of this user.

    A ledger that is named by its file lies in a data folder of its own. Raises
    LedgerError and WaitingError.
    """
    from ketter_gui.service.service import Service

    return Service(_data_dir(data_dir, ledger))


def _data_dir(data_dir: Path | None, ledger: str | None) -> Path:
    if ledger is not None:
        return _folder_of(Path(ledger).absolute())
    if data_dir is not None:
        return data_dir.absolute()
    import platformdirs

    return Path(platformdirs.user_data_dir("ketter", appauthor=False))


def _folder_of(ledger: Path) -> Path:
    if ledger.name != _LEDGER_NAME:
        from ketter_gui.domain.errors import NotBuiltYet

        raise NotBuiltYet(option=f"A ledger with another name than {_LEDGER_NAME}")
    return ledger.parent


def _open_window(command: WindowCommand) -> int:
    from ketter_gui.cli import demo, run_in_terminal
    from ketter_gui.domain.errors import NoDisplay

    if not _has_display():
        if command.is_demo:
            return run_in_terminal(demo(command.common), open_service)
        raise NoDisplay
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    from ketter_gui.ui import open_window

    with open_service(command.common.data_dir, command.common.ledger) as service:
        request = service.make_demo() if command.is_demo else command.request
        return open_window(service, request)


def _has_display() -> bool:
    """Whether a window can be shown. Someone who names a Qt platform knows what he does."""
    if sys.platform != "linux" or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
