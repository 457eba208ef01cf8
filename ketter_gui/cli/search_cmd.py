"""`ketter history clips`: where did a clip go, and is it verified? And what is out of sight."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from ketter_gui.cli.arguments import TerminalCommand, add_common, common_of, one_of, whole_number
from ketter_gui.cli.json_lines import as_line, path_fields
from ketter_gui.cli.output import complain, say
from ketter_gui.cli.words import local_time
from ketter_gui.domain.options import Mode
from ketter_gui.domain.search import FoundItem, HistoryQuery
from ketter_gui.domain.sizes import size_text
from ketter_gui.domain.status import TransferStatus

if TYPE_CHECKING:
    from ketter_gui.service.service import Service

_PAGE: Final = 200
_CHANGED: Final = "changed"
_STATES: Final = (*(status.value for status in TransferStatus), _CHANGED)


def add_filters(parser: argparse.ArgumentParser) -> None:
    """What the list of transfers can be narrowed down to."""
    add = parser.add_argument
    add("--find", metavar="TEXT", default="", help="in names, paths and labels")
    add("--since", metavar="DATE", type=_moment, default=0, help="begun then or later")
    add("--until", metavar="DATE", type=_moment, default=0, help="begun before")
    add("--state", metavar="STATE", type=one_of(*_STATES), help=f"one of {', '.join(_STATES)}")
    add("--volume", metavar="TEXT", default="", help="a drive's label, path or identity")
    add("--mode", metavar="MODE", type=one_of(*(mode.value for mode in Mode)), help="copy or move")
    add("--all", action="store_true", help="those that were hidden, too")


def query_of(given: argparse.Namespace) -> HistoryQuery:
    """The filters as they were given."""
    is_doubted = given.state == _CHANGED
    statuses = {TransferStatus(given.state)} if given.state and not is_doubted else set()
    return HistoryQuery(
        text=given.find,
        statuses=frozenset(statuses),
        mode=Mode(given.mode) if given.mode else None,
        since_us=given.since,
        until_us=given.until,
        volume=given.volume,
        with_hidden=given.all,
        is_doubted=is_doubted,
    )


def _moment(word: str) -> int:
    try:
        moment = datetime.fromisoformat(word)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"“{word}” is not a date like 2026-11-24 or 2026-11-24T18:30"
        ) from None
    return int(moment.astimezone(UTC).timestamp() * 1_000_000)


def add_to(actions: Any, add_json: Any) -> None:
    """The commands `clips`, `hide` and `unhide`."""
    clips = actions.add_parser("clips", allow_abbrev=False, help="find a clip in all transfers")
    clips.add_argument("text", metavar="TEXT", help="a part of its name, or of its checksum")
    add_json(clips, default=argparse.SUPPRESS)
    add_common(clips)
    for name, words in (("hide", "put it out of sight"), ("unhide", "show it again")):
        parser = actions.add_parser(name, allow_abbrev=False, help=f"{words}; the audit keeps it")
        parser.add_argument("transfer", metavar="ID", type=whole_number, help="its number")
        add_common(parser)


def command(given: argparse.Namespace) -> TerminalCommand:
    """One of them."""
    common = common_of(given)
    if given.action == "clips":
        return TerminalCommand(
            common, lambda service: _clips(service, given.text, is_json=given.json)
        )
    is_hidden = given.action == "hide"
    return TerminalCommand(common, lambda service: _hide(service, given.transfer, is_hidden))


def _hide(service: Service, transfer: int, is_hidden: bool) -> int:
    if is_hidden:
        service.hide(transfer)
        say(
            f"Transfer {transfer} is out of sight; “ketter history --all” has it, and the audit "
            "keeps every entry of it."
        )
    else:
        service.show_again(transfer)
        say(f"Transfer {transfer} is in the history again.")
    return 0


def _clips(service: Service, text: str, *, is_json: bool) -> int:
    count, is_whole = 0, True
    while True:
        found = service.find_items(text, offset=count, limit=_PAGE)
        for item in found.items:
            say(as_line(_fields(item)) if is_json else _line(item))
        count += len(found.items)
        is_whole = found.is_whole
        if len(found.items) < _PAGE:
            break
    if not is_whole:
        complain("The index is still being made: ask again in a moment for what is missing here.")
    if not count and not is_json:
        say(f"No clip of any transfer has “{text}” in its name, or as its checksum.")
    return 0 if count else 1


def _line(item: FoundItem) -> str:
    head = (
        f"{local_time(item.when_us)}  {item.path.text}  {size_text(item.size_bytes)}  "
        f"transfer {item.transfer}"
    )
    sums = [f"    {name}  {value}" for name, value in item.checksums]
    copies = [f"    {copy.status.value}  {copy.path.text}" for copy in item.copies]
    return "\n".join([head, *sums, *copies])


def _fields(item: FoundItem) -> dict[str, object]:
    return {
        "event": "clip",
        "transfer": item.transfer,
        "name": item.transfer_name,
        **path_fields(item.path),
        "size": item.size_bytes,
        "checksums": dict(item.checksums),
        "copies": [{**path_fields(one.path), "status": one.status.value} for one in item.copies],
    }
