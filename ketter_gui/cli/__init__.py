"""Ketter without a window: one file a command, each with its parser and its doing.

    arguments   words of a command line become a command, or a sentence about what is off
    *_cmd       what can be asked
    follow      a transfer watched to its end, and the exit code it earns
    progress    a bar on a terminal, plain lines elsewhere
    json_lines  the same for programs, one object a line
    stages      what `--verbose` says of them
    copies      items and their copies in words
    outcome     what is said at the end
    output      where words go, and what happens when nobody reads them
    stopping    Ctrl-C: once to stop well, twice to stop now

`run` is the door. Nothing here is imported before it is needed: how fast the program
answers is part of how it feels, and `ketter --version` is asked by scripts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ketter_gui.cli.arguments import (
        Command,
        Common,
        OpenService,
        TerminalCommand,
        WindowCommand,
    )
    from ketter_gui.domain.options import Request


def run(
    argv: Sequence[str],
    open_service: OpenService,
    open_window: Callable[[WindowCommand], int],
) -> int:
    """Do what a command line asks; returns the exit code and never raises.

    0: everything asked for is verified; 1: something failed; 2: refused before anything
    was touched; 3: interrupted, waiting or cancelled, can be resumed.
    """
    from ketter_gui.cli.guard import guarded

    return guarded(lambda: _run(argv, open_service, open_window))


def parse(argv: Sequence[str]) -> Command:
    """The command that a command line asks for.

    Raises RefusedError for words that are off, and SystemExit after `--help` and
    `--version` have answered.
    """
    from ketter_gui.cli.arguments import parse

    return parse(argv)


def demo(common: Common, request: Request) -> TerminalCommand:
    """The demo as a command for the terminal, for whoever finds that there is no display."""
    from ketter_gui.cli.demo_cmd import command

    return command(common, request)


def run_in_terminal(command: TerminalCommand, open_service: OpenService) -> int:
    """Open the service for a command, carry it out, and close everything again.

    Returns the exit code and never raises; may be called from `open_window`.
    """
    from ketter_gui.cli.guard import guarded, refused, speaking_up, tell_where_the_log_is
    from ketter_gui.domain.errors import LedgerError

    def with_service() -> int:
        try:
            opened = open_service(command.common.data_dir, command.common.ledger)
        except LedgerError as error:
            return refused(error)
        with opened as service:
            if command.common.is_verbose:
                tell_where_the_log_is()
            # Guarded in here as well: once the service is closed there is no log.
            return guarded(lambda: command.act(service))

    with speaking_up(is_verbose=command.common.is_verbose):
        return guarded(with_service)


def _run(
    argv: Sequence[str],
    open_service: OpenService,
    open_window: Callable[[WindowCommand], int],
) -> int:
    from ketter_gui.cli.arguments import TerminalCommand, parse

    command = parse(argv)
    if isinstance(command, TerminalCommand):
        return run_in_terminal(command, open_service)
    return open_window(command)
