"""`ketter --demo` without a window: try everything in half a minute, on made-up footage."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ketter_gui.cli.arguments import Common, TerminalCommand
from ketter_gui.cli.output import say
from ketter_gui.cli.words import shown
from ketter_gui.domain.options import Request

if TYPE_CHECKING:
    from ketter_gui.service.service import Service


def command(common: Common, request: Request) -> TerminalCommand:
    """Copy the demo's card to its drives, and tell what there is to look at."""
    return TerminalCommand(common, lambda service: _show_around(service, common, request))


def _show_around(service: Service, common: Common, request: Request) -> int:
    from ketter_gui.cli.follow import Telling, follow, teller
    from ketter_gui.cli.stopping import Stopping

    folder = os.path.dirname(request.sources[0])
    say(f"Made a small camera card and two drives in {shown(folder)}.")
    with Stopping() as stopping:
        transfer = service.create(request)
        code = follow(service, transfer, teller(Telling(common)), stopping)
    if code == 0:
        for line in _tour(folder, request, transfer, common):
            say(line)
    return code


def _tour(folder: bytes, request: Request, transfer: int, common: Common) -> list[str]:
    csv = os.path.join(os.fsdecode(folder), "audit.csv")
    number = str(transfer)
    card = request.sources[0]
    return [
        "",
        f"  the card      {shown(card)}",
        *(
            f"  a copy        {shown(drive)}/{shown(os.path.basename(card))}"
            for drive in request.destinations
        ),
        "",
        "See what was recorded, each file with both checksums:",
        f"  {_typed(common, 'history', 'show', number)}",
        "Write the signed audit as a CSV, and check it as its receiver would:",
        f"  {_typed(common, 'audit', 'export', csv, '--transfer', number)}",
        f"  {_typed(common, 'audit', 'verify', csv)}",
        "When you have seen enough:",
        f"  rm -r {shlex.quote(os.fsdecode(folder))}",
    ]


def _typed(common: Common, *words: str) -> str:
    """A command that works as it stands, in this very shell."""
    return shlex.join([*_program(), *words, *common.as_words()])


def _program() -> list[str]:
    """How this program was started, or can be: `ketter` beside this Python, where it is."""
    beside = Path(sys.executable).with_name("ketter")
    on_path = any(
        os.path.realpath(os.path.join(folder, "ketter")) == os.path.realpath(beside)
        for folder in os.environ.get("PATH", "").split(os.pathsep)
    )
    if not beside.exists():
        return [sys.executable, "-m", "ketter_gui"]
    if on_path:
        return ["ketter"]
    relative = os.path.relpath(beside)
    return [relative if len(relative) < len(str(beside)) else str(beside)]
