"""`ketter history`: every transfer so far, or one of them and what became of its files."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from ketter_gui.cli import prune_cmd, search_cmd
from ketter_gui.cli.arguments import (
    Common,
    TerminalCommand,
    Words,
    add_common,
    common_of,
    new_parser,
    no_names,
    whole_number,
)
from ketter_gui.cli.copies import item_lines
from ketter_gui.cli.figures import figures_of
from ketter_gui.cli.json_lines import FORMAT, as_line, path_fields, request_fields
from ketter_gui.cli.not_kept import not_kept
from ketter_gui.cli.outcome import command_line, failures_of
from ketter_gui.cli.output import say
from ketter_gui.cli.words import counted, lasting, listed, local_time
from ketter_gui.domain.search import HistoryQuery
from ketter_gui.domain.sizes import size_text
from ketter_gui.domain.status import CopyStatus, TransferStatus
from ketter_gui.domain.views import ItemView, TransferView

if TYPE_CHECKING:
    from ketter_gui.service.service import Service

_PAGE: Final = 500
_SHOWN_ITEMS: Final = 50
_EVERYTHING: Final = HistoryQuery(with_hidden=True)
_DESCRIPTION: Final = """\
Lists every transfer of this ledger, or those that the options name. “ketter history show
ID” shows one of them: its files, the checksums of their source and of every copy, and what
failed. “ketter history clips TEXT” finds a file in all of them."""


def parse(words: Words) -> TerminalCommand:
    """The command; raises RefusedError for what is off."""
    parser = new_parser("ketter history", _DESCRIPTION)
    _add_json(parser, default=False)
    search_cmd.add_filters(parser)
    actions = parser.add_subparsers(
        dest="action", metavar="show ID|clips TEXT|hide ID|unhide ID|prune"
    )
    show = actions.add_parser("show", allow_abbrev=False, help="one transfer")
    show.add_argument("transfer", metavar="ID", type=whole_number, help="a transfer's number")
    _add_json(show, default=argparse.SUPPRESS)
    add_common(show)
    search_cmd.add_to(actions, _add_json)
    prune_cmd.add_to(actions)
    given = parser.parse_args(no_names(words, parser.prog))
    common = common_of(given)
    if given.action == "prune":
        return prune_cmd.command(given)
    if given.action in ("clips", "hide", "unhide"):
        return search_cmd.command(given)
    if given.action == "show":
        return TerminalCommand(
            common, lambda service: _show(service, given.transfer, common, is_json=given.json)
        )
    query = search_cmd.query_of(given)
    return TerminalCommand(common, lambda service: _list(service, query, is_json=given.json))


def _add_json(parser: argparse.ArgumentParser, *, default: bool | str) -> None:
    parser.add_argument(
        "--json", action="store_true", default=default, help="one JSON object a line"
    )


# --- the list ------------------------------------------------------------------------------


def _list(service: Service, query: HistoryQuery, *, is_json: bool) -> int:
    is_empty = True
    for view in _transfers(service, query):
        is_empty = False
        say(as_line(transfer_fields(view)) if is_json else _row(view))
    if is_empty and not is_json and service.history_count(_EVERYTHING):
        say("No transfer is like that; “ketter history” lists them all.")
    elif is_empty and not is_json:
        say("There is no transfer yet. “ketter copy SOURCE --to DEST” makes the first one.")
    return 0


def _transfers(service: Service, query: HistoryQuery) -> Iterator[TransferView]:
    offset = 0
    while page := service.history(query, offset=offset, limit=_PAGE):
        yield from page
        offset += len(page)


def _row(view: TransferView) -> str:
    destinations = listed([place.path.text for place in view.destinations])
    if view.copies_doubted:
        destinations += f"  ({_doubted(view)})"
    return (
        f"{view.id:>5}  {local_time(view.created_us)}  {view.status.value:<11}  "
        f"{view.mode.value}  {counted(view.files_total, 'file'):>13}  "
        f"{size_text(figures_of(view).total_bytes):>9}  {view.name} → {destinations}"
    )


# --- one transfer --------------------------------------------------------------------------


def _show(service: Service, transfer: int, common: Common, *, is_json: bool) -> int:
    view = service.transfer(transfer)
    if is_json:
        say(as_line(transfer_fields(view)))
        for item in _items(service, transfer, only_failed=False):
            say(as_line(_item_fields(view, item)))
        return 0
    for line in _heading(view):
        say(line)
    for line in _why(view, common):
        say(line)
    for entry in not_kept(service, transfer):
        say(f"  not kept  {entry.message}")
    for number, item in enumerate(_items(service, transfer, only_failed=True)):
        if number == 0:
            say("\nFailed:")
        for sentence in failures_of(item):
            say(f"  {sentence}")
    _say_items(service, view, common)
    return 0


def _items(service: Service, transfer: int, *, only_failed: bool) -> Iterator[ItemView]:
    offset = 0
    while page := service.items(transfer, offset=offset, limit=_PAGE, only_failed=only_failed):
        yield from page
        offset += len(page)


def _heading(view: TransferView) -> Iterator[str]:
    yield f"Transfer {view.id}: {view.mode.value}, {view.status.value}"
    for place in view.sources:
        yield f"  from      {place.path.text}"
    for place in view.destinations:
        label = f" ({place.label})" if place.label else ""
        yield f"  to        {place.path.text}{label}"
    yield (
        f"  files     {view.files_total:,}, {size_text(figures_of(view).total_bytes)}: "
        f"{view.files_verified:,} verified, {view.files_failed:,} failed"
        + (f", {view.files_skipped:,} were there already" if view.files_skipped else "")
        + (f", {view.files_renamed:,} moved without a second copy" if view.files_renamed else "")
    )
    yield f"  checksum  {listed(view.options.checksums)}"
    yield f"  created   {local_time(view.created_us)}"
    if view.started_us:
        yield f"  started   {local_time(view.started_us)}"
    if view.finished_us:
        seconds = max(view.finished_us - view.started_us, 0) / 1e6
        yield f"  finished  {local_time(view.finished_us)} ({lasting(seconds)})"
    if view.originals_removed:
        yield f"  removed   {counted(view.originals_removed, 'original')}"
    if view.special_skipped:
        yield f"  left out  {view.special_skipped:,} (FIFOs, sockets, devices)"


def _doubted(view: TransferView) -> str:
    """What a later check found of copies that were verified."""
    copies = "1 copy is" if view.copies_doubted == 1 else f"{view.copies_doubted:,} copies are"
    return f"{copies} not what was verified"


def _why(view: TransferView, common: Common) -> Iterator[str]:
    """What keeps it from being all verified, and what to do about it."""
    if view.copies_doubted:
        again = command_line(common, "verify", str(view.id))
        yield f"  careful   {_doubted(view)}: “{again}” names what is so now."
    is_broken_off = view.status is TransferStatus.INTERRUPTED
    if view.message:
        label = "note" if view.status is TransferStatus.COMPLETED else "why"
        yield f"  {label:<8}  {view.message}"
    elif is_broken_off:
        yield "  why       It was stopped, or its program ended, before all was verified."
    if is_broken_off or view.status is TransferStatus.WAITING:
        yield f"  next      “{command_line(common, 'resume', str(view.id))}” carries on."


def _say_items(service: Service, view: TransferView, common: Common) -> None:
    items = service.items(view.id, limit=_SHOWN_ITEMS)
    if not items:
        return
    say("\nItems:")
    for item in items:
        for line in item_lines(view, item):
            say(f"  {line}")
    if len(items) == _SHOWN_ITEMS:
        export = command_line(common, "audit", "export", "FILE.csv", "--transfer", str(view.id))
        say(f"These are the first {_SHOWN_ITEMS}; “{export}” writes them all, with every checksum.")


# --- JSON ----------------------------------------------------------------------------------


def transfer_fields(view: TransferView) -> dict[str, Any]:
    """One transfer as an object, with the words of `transfer.started` and `.finished`."""
    figures = figures_of(view)
    seconds = max((view.finished_us or view.started_us) - view.started_us, 0) / 1e6
    return {
        "event": "transfer",
        "transfer": view.id,
        "format": FORMAT,
        "name": view.name,
        **request_fields(view),
        "status": view.status.value,
        "created": _utc(view.created_us),
        "started": _utc(view.started_us),
        "finished": _utc(view.finished_us),
        "files": view.files_total,
        "bytes": figures.total_bytes,
        "verified": view.files_verified,
        "renamed": view.files_renamed,
        "copies_doubted": view.copies_doubted,
        "failed": view.files_failed,
        "skipped": view.files_skipped,
        "seconds": round(seconds, 3),
        "bytes_per_second": round(figures.done_bytes / seconds) if seconds else 0,
        "originals_removed": view.originals_removed,
        "message": view.message,
    }


def _item_fields(view: TransferView, item: ItemView) -> dict[str, Any]:
    destinations = []
    for copy in item.copies:
        place = view.destinations[copy.destination].path
        fields: dict[str, Any] = {
            **path_fields(copy.final_path or place),
            "status": copy.status.value,
            "read_back": copy.read_back.value if copy.read_back and copy.checksums else None,
            "checksums": dict(copy.checksums),
        }
        if copy.proof is not None:
            fields["proof"] = {"transfer": copy.proof, "proven": _utc(copy.proven_us)}
        if copy.status is CopyStatus.FAILED or copy.is_left_out:
            fields |= {"error_type": copy.error_type, "message": copy.message}
        destinations.append(fields)
    return {
        "event": f"item.{item.status.value}",
        "transfer": view.id,
        **path_fields(item.path),
        "kind": item.kind.value,
        "size": item.size_bytes,
        "checksums": dict(item.checksums),
        "destinations": destinations,
    }


def _utc(time_us: int) -> str | None:
    if not time_us:
        return None
    from datetime import UTC, datetime, timedelta

    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time_us)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
