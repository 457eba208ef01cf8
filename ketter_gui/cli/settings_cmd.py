"""`ketter settings`: what is chosen once for a whole ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ketter_gui.cli.arguments import (
    CommandUsage,
    Parser,
    TerminalCommand,
    Words,
    add_common,
    common_of,
    new_parser,
    no_names,
)
from ketter_gui.cli.output import say
from ketter_gui.domain import settings

if TYPE_CHECKING:
    from ketter_gui.service.service import Service

_DESCRIPTION: Final = (
    "Settings belong to the ledger, and count for the window, the terminal and the\n"
    "watch service alike:\n\n"
    + "\n".join(f"  {one.name:<20}  {one.about}" for one in settings.ALL.values())
)


def parse(words: Words) -> TerminalCommand:
    """The command; raises RefusedError for what is off."""
    parser = new_parser("ketter settings", _DESCRIPTION)
    actions = parser.add_subparsers(dest="action", metavar="get|set", parser_class=Parser)
    get = actions.add_parser("get", allow_abbrev=False, help="show all of them, or one")
    get.add_argument("name", metavar="NAME", nargs="?")
    add_common(get)
    change = actions.add_parser("set", allow_abbrev=False, help="change one")
    change.add_argument("name", metavar="NAME")
    change.add_argument("value", metavar="VALUE")
    add_common(change)
    given = parser.parse_args(no_names(words, parser.prog))
    if given.action is None:
        raise CommandUsage(problem="Say “settings get” or “settings set”.", command=parser.prog)
    if given.name is not None:
        settings.known(given.name)
    common = common_of(given)
    if given.action == "get":
        return TerminalCommand(common, lambda service: _get(service, given.name))
    settings.checked(given.name, given.value)  # before a ledger is made for it
    return TerminalCommand(common, lambda service: _set(service, given.name, given.value))


def _get(service: Service, name: str | None) -> int:
    now = service.settings()
    if name is not None:
        say(settings.as_text(now, name))
        return 0
    for one in settings.ALL.values():
        say(f"{one.name:<20}  {settings.as_text(now, one.name):<8}  {one.about}")
    return 0


def _set(service: Service, name: str, value: str) -> int:
    now = service.change_setting(name, value)
    say(f"{name} is {settings.as_text(now, name)} now.")
    return 0
