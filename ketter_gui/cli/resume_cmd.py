"""`ketter resume`: carry on what was interrupted, or try again what failed."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ketter_gui.cli.arguments import (
    Common,
    TerminalCommand,
    Words,
    common_of,
    new_parser,
    no_names,
    whole_number,
)
from ketter_gui.cli.copy_cmd import add_telling
from ketter_gui.cli.output import complain, say
from ketter_gui.domain.errors import UsageError

if TYPE_CHECKING:
    from ketter_gui.service.service import Service

_DESCRIPTION = """\
Carries on transfers that were interrupted, without copying again what is verified.
Without ID: all of them, one after the other. With ID: that one; if it had failed, what
failed is tried again."""


def parse(words: Words) -> TerminalCommand:
    """The command; raises RefusedError for what is off."""
    parser = new_parser("ketter resume", _DESCRIPTION)
    parser.add_argument(
        "transfer", metavar="ID", nargs="?", type=whole_number, help="a transfer's number"
    )
    add_telling(parser)
    given = parser.parse_args(no_names(words, parser.prog))
    if given.json and given.quiet:
        raise UsageError(problem="“--json” and “--quiet” contradict each other.")
    common = common_of(given)
    return TerminalCommand(common, lambda service: _carry_on(service, given, common))


def _carry_on(service: Service, given: argparse.Namespace, common: Common) -> int:
    if given.transfer is not None:
        return _resume(service, given.transfer, given, common)
    transfers = [view.id for view in service.interrupted()]
    if not transfers:
        # With --json, stdout is for objects only.
        tell = complain if given.json else say
        if not given.quiet:
            tell("There is nothing to carry on: no transfer was interrupted.")
        return 0
    codes = []
    for transfer in transfers:
        codes.append(_resume(service, transfer, given, common))
        if codes[-1] == 3:
            break  # a person asked to stop, or a drive is missing: the rest can wait as well
    return _worst(codes)


def _resume(service: Service, transfer: int, given: argparse.Namespace, common: Common) -> int:
    from ketter_gui.cli.follow import Telling, before_resuming, follow, teller
    from ketter_gui.cli.patience import patiently
    from ketter_gui.cli.stopping import Stopping

    telling = Telling(common, is_json=given.json, is_quiet=given.quiet)
    with Stopping() as stopping:
        since = before_resuming(service, transfer)
        patiently(lambda: service.resume(transfer), stopping)
        return follow(service, transfer, teller(telling), stopping, since, wait_s=given.wait)


def _worst(codes: list[int]) -> int:
    """A failure weighs more than a wait: it needs a person."""
    return next(code for code in (1, 2, 3, 0) if code in codes)
