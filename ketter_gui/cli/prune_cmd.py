"""`ketter history prune`: remove what is older than it is to be kept."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, Final

from ketter_gui.cli.arguments import CommandUsage, TerminalCommand, absolute, add_common, common_of
from ketter_gui.cli.output import say
from ketter_gui.cli.words import counted, shown
from ketter_gui.domain.settings import LONGEST_DAYS

if TYPE_CHECKING:
    from ketter_gui.service.service import Service

_DESCRIPTION: Final = """\
Removes ended transfers and audit entries that are older, and leaves a signed checkpoint
from which the rest still verifies. Copies on drives are not touched. What is not over is
kept, whatever its age. With --archive the entries are first written to a new file, signed;
one that ends in .gz is compressed. Without it they go where the setting history.archive
says, and nowhere if that is off."""


def add_to(actions: Any) -> None:
    """Make it known to the parser of `ketter history`."""
    parser = actions.add_parser(
        "prune",
        allow_abbrev=False,
        help="remove what is old",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--older-than", metavar="DAYS", help="in place of the setting history.keep_days"
    )
    parser.add_argument("--archive", metavar="FILE", help="a file that is not there yet")
    add_common(parser)


def command(given: argparse.Namespace) -> TerminalCommand:
    """What to do; raises RefusedError for what is off."""
    days = None if given.older_than is None else _days(given.older_than)
    archive = None if given.archive is None else absolute(given.archive)
    return TerminalCommand(common_of(given), lambda service: _prune(service, days, archive))


def _days(word: str) -> int:
    if word.isascii() and word.isdigit() and len(word) < 9 and 1 <= int(word) <= LONGEST_DAYS:
        return int(word)
    raise CommandUsage(
        problem=f"“--older-than” takes a whole number of days from 1 to {LONGEST_DAYS:,}, "
        f"not “{word}”.",
        command="ketter history prune",
    )


def _prune(service: Service, days: int | None, archive: bytes | None) -> int:
    if days is None:
        days = service.settings().history_keep_days
    if not days:
        raise CommandUsage(
            problem="History is kept for ever (history.keep_days is 0): say “--older-than DAYS”.",
            command="ketter history prune",
        )
    done = service.prune_history(days, archive)
    if done.entries:
        say(
            f"Pruned {counted(done.transfers, 'transfer')} and {done.entries:,} audit entries "
            f"({done.first_sequence} to {done.last_sequence}) that were older than "
            f"{counted(days, 'day')}. The rest still verifies, from a signed checkpoint."
        )
    else:
        say(f"Nothing was pruned that is older than {counted(days, 'day')}.")
    if done.archive is not None:
        say(f"The entries are in {shown(done.archive)}, signed in the .sig beside it.")
    if done.kept_for:
        say(f"Transfer {done.kept_for} keeps older entries: they stay until it is old and over.")
    return 0
