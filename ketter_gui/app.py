"""The one place where the parts are put together.

Order of things at start: words → command → data folder → service (ledger, log,
scheduler) → window, or the same work in the terminal. A command never loads QtGui; the
window's modules are imported only when there is a window to open.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ketter_gui import __version__

if TYPE_CHECKING:
    from ketter_gui.cli.arguments import Common, WindowCommand
    from ketter_gui.domain.options import Request
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

    code = _leaving(run(words, open_service, _open_window))
    if argv is None:
        gc.freeze()  # the process ends: a last look for cycles took an eighth of a short one
    return code


def _leaving(code: int) -> int:
    """The exit code – or the end, at once, when a call hangs on a dead mount: the
    interpreter would wait for its thread. The ledger is closed by now, and nothing else
    is open that matters."""
    scheduler = sys.modules.get("ketter_gui.queue.scheduler")
    if scheduler is None or not scheduler.LEFT_BEHIND:
        return code
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            with suppress(OSError, ValueError):
                stream.flush()
    os._exit(code)


def open_service(data_dir: Path | None, ledger: str | None = None) -> Service:
    """The service on a data folder; None is the usual one of this user.

    A ledger that is named by its file lies in a data folder of its own. Raises
    LedgerError and WaitingError.
    """
    from ketter_gui.service.service import Service
    from ketter_gui.system.descriptors import allow_more

    allow_more()
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

    common, request = command.common, command.request
    if command.is_demo:
        common, request = _demo(common)
    if not has_display():
        if command.is_demo and request is not None:
            return run_in_terminal(demo(common, request), open_service)
        raise NoDisplay
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    from ketter_gui.ui import open_window

    with open_service(common.data_dir, common.ledger) as service:
        service.start_watching()
        return open_window(service, request, tell_news=service.tell_news, in_tray=command.in_tray)


def _demo(common: Common) -> tuple[Common, Request]:
    """A made-up card and drives, with a ledger of their own beside them: nothing made up
    comes into the record of real work."""
    from ketter_gui.service.demo import make_demo

    request = make_demo()
    if _is_asked_for(common):
        return common, request
    folder = Path(os.fsdecode(request.sources[0])).parent
    return replace(common, data_dir=folder / "ketter-data"), request


def _is_asked_for(common: Common) -> bool:
    """Whether these very words name a ledger: the usual place, from the environment, is
    where real work is recorded."""
    usual = os.environ.get("KETTER_DATA_DIR")
    is_usual = usual is not None and common.data_dir == Path(usual)
    return common.ledger is not None or (common.data_dir is not None and not is_usual)


def has_display() -> bool:
    """Whether a window can be shown: something answers where the environment points.

    Qt aborts the process where nothing does. Someone who names a Qt platform knows what
    he does.
    """
    if sys.platform != "linux" or os.environ.get("QT_QPA_PLATFORM"):
        return True
    if os.environ.get("WAYLAND_DISPLAY"):
        return True
    host, _, number = os.environ.get("DISPLAY", "").partition(":")
    if host not in ("", "unix"):
        return True  # another machine's screen; Qt will say what becomes of it
    return bool(number) and _x_server_answers(number.split(".")[0])


def _x_server_answers(number: str) -> bool:
    import socket

    path = f"/tmp/.X11-unix/X{number}"  # noqa: S108 - where every X server of this machine is
    for address in (f"\0{path}", path):
        with socket.socket(socket.AF_UNIX) as line, suppress(OSError):
            line.connect(address)
            return True
    return False
