"""`ketter doctor`: is everything well here, and where is what somebody would ask for?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ketter_gui.cli.arguments import TerminalCommand, Words, common_of, new_parser, no_names
from ketter_gui.cli.output import say

if TYPE_CHECKING:
    from ketter_gui.service.service import Service

_DESCRIPTION = """\
Looks at the ledger, its key, its audit and this system, and says what is not well.
Changes nothing. Exit code 1 when something is not well."""


def parse(words: Words) -> TerminalCommand:
    """The command; raises RefusedError for what is off."""
    parser = new_parser("ketter doctor", _DESCRIPTION)
    given = parser.parse_args(no_names(words, parser.prog))
    return TerminalCommand(common_of(given), _examine)


def _examine(service: Service) -> int:
    findings = service.doctor()
    width = max((len(finding.name) for finding in findings), default=0)
    for finding in findings:
        mark = "well" if finding.is_well else "NOT WELL"
        say(f"{mark:<8}  {finding.name:<{width}}  {finding.sentence}")
    return 0 if all(finding.is_well for finding in findings) else 1
