"""`ketter watch`: folders that make transfers by themselves, and the service without a window."""

from __future__ import annotations

import argparse
import itertools
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from ketter_gui.cli.arguments import (
    CommandUsage,
    Parser,
    TerminalCommand,
    Words,
    absolute,
    add_common,
    common_of,
    new_parser,
    no_names,
    one_of,
    whole_number,
)
from ketter_gui.cli.json_lines import as_line, path_fields
from ketter_gui.cli.output import complain, say
from ketter_gui.cli.stopping import Stopping
from ketter_gui.cli.words import counted
from ketter_gui.domain.errors import UnknownChecksum
from ketter_gui.domain.options import CHECKSUM_LABELS, Manifest, Mode, OnConflict, Options
from ketter_gui.domain.search import HistoryQuery
from ketter_gui.domain.sizes import size_text
from ketter_gui.domain.status import TransferStatus
from ketter_gui.domain.views import TransferView
from ketter_gui.domain.watch_tokens import TOKENS
from ketter_gui.domain.watching import TEMPORARY, Method, Unit, WatchRules, WatchState, WatchView

if TYPE_CHECKING:
    from ketter_gui.service.service import Service

_LOOK_S: Final = 0.25
_LOOKS_UNTIL_TOLD: Final = 12
"""What is told of is read from the ledger, which costs more than looking for a signal."""
_GRACE_S: Final = 20.0
_DESCRIPTION: Final = """\
A watch folder takes each file once, when nothing about it has changed for the settle time
and nobody has it open for writing; it arrives as DEST/its-path-below-the-folder, verified
as by “ketter copy”. Watched is as long as a window is open or “ketter watch run” runs."""

_ONE: Final = {
    "remove": "watch it no more; what it copied, and its history, stay",
    "on": "switch it on",
    "off": "switch it off, in whichever process watches it",
    "restart": "go on after it has stopped itself",
    "look": "look through all of it now",
}


def parse(words: Words) -> TerminalCommand:
    """The command; raises RefusedError for what is off."""
    parser = new_parser("ketter watch", _DESCRIPTION)
    actions = parser.add_subparsers(dest="action", metavar="ACTION", parser_class=Parser)
    _add_add(actions)
    listing = actions.add_parser("list", allow_abbrev=False, help="what is watched, and how it is")
    listing.add_argument("--json", action="store_true", help="one JSON object a line")
    add_common(listing)
    for name, about in _ONE.items():
        one = actions.add_parser(name, allow_abbrev=False, help=about)
        one.add_argument("watch", metavar="ID", type=_number)
        add_common(one)
    once = actions.add_parser("once", allow_abbrev=False, help="take what is there, then end")
    once.add_argument("watches", metavar="ID", nargs="*", type=_number)
    add_common(once)
    run = actions.add_parser("run", allow_abbrev=False, help="watch until it is told to stop")
    add_common(run)
    given = parser.parse_args(no_names(words, parser.prog))
    if given.action is None:
        known = ", ".join(["add", "list", *_ONE, "once", "run"])
        raise CommandUsage(problem=f"Say what: {known}.", command=parser.prog)
    return TerminalCommand(common_of(given), _act(given))


def _number(word: str) -> int:
    try:
        return whole_number(word)
    except argparse.ArgumentTypeError as error:
        raise argparse.ArgumentTypeError(f"“{word}” is not the number of a watch folder") from error


def _act(given: argparse.Namespace) -> Any:
    if given.action == "add":
        path, rules = absolute(given.folder), _rules(given)
        if given.dry_run:
            return lambda service: _dry_run(service, path, rules)
        return lambda service: _add(service, path, rules)
    if given.action == "list":
        return lambda service: _list(service, is_json=given.json)
    if given.action == "once":
        return lambda service: _once(service, given.watches)
    if given.action == "run":
        return _run
    return lambda service: _change(service, given.action, given.watch)


# --- add -----------------------------------------------------------------------------------


def _add_add(actions: Any) -> None:
    tokens = " ".join(f"{{{one}}}" for one in TOKENS)
    parser = actions.add_parser(
        "add", allow_abbrev=False, help="have a new one", description=_DESCRIPTION
    )
    plain = WatchRules(())
    add = parser.add_argument
    add("folder", metavar="FOLDER")
    add(
        "--to",
        metavar="DEST",
        action="append",
        default=[],
        help=f"a folder on a drive; may hold {tokens}; repeatable",
    )
    add("--move", action="store_true", help="remove each original when its copies are verified")
    add(
        "--settle",
        metavar="SECONDS",
        type=float,
        default=plain.settle_s,
        help="how long nothing about a file may have changed (default 30)",
    )
    add(
        "--unit",
        metavar="WHAT",
        type=one_of(*Unit),
        default=Unit.FILE.value,
        help="file (default): each for itself; folder: all of a folder in it, as one transfer, "
        "when the whole tree has settled",
    )
    add("--sentinel", metavar="GLOB", default="", help="a folder is only taken with such a file")
    add("--once", action="store_true", help="switch off when all that was there is taken")
    add("--checksum", metavar="NAME", action="append", default=[], help="as in “ketter copy”")
    add(
        "--on-conflict",
        metavar="POLICY",
        type=one_of(*OnConflict),
        default=OnConflict.RENAME.value,
        help="rename (default): a newer version of a name arrives as “name (2)” beside the first; "
        "skip, overwrite, fail: as in “ketter copy”",
    )
    add("--include", metavar="GLOB", action="append", default=[], help="only files of these names")
    add("--exclude", metavar="GLOB", action="append", default=[], help="nothing of these names")
    add(
        "--temporary",
        metavar="GLOB",
        action="append",
        default=[],
        help=f"names of what is still being written, in place of: {' '.join(TEMPORARY)}",
    )
    for flag, manifest in (
        ("--mhl", Manifest.ASCMHL),
        ("--classic-mhl", Manifest.MHL),
        ("--checksum-list", Manifest.LIST),
    ):
        add(
            flag,
            dest="manifests",
            action="append_const",
            const=manifest,
            help="as in “ketter copy”, for each of its transfers",
        )
    add("--max-failures", metavar="N", type=int, default=plain.max_failures, help=_stop("failures"))
    add("--max-cycles", metavar="N", type=int, default=0, help=_stop("looks through everything"))
    add("--max-hours", metavar="HOURS", type=float, default=0.0, help=_stop("hours"))
    add(
        "--quiet-hours",
        metavar="HOURS",
        type=float,
        default=plain.quiet_h,
        help="say when nothing new has come for so long (default 1; 0: never)",
    )
    add("--dry-run", action="store_true", help="say what would be taken now, and do nothing")
    add_common(parser)


def _stop(what: str) -> str:
    return f"stop after so many {what}, until it is restarted; 0: never"


def _rules(given: argparse.Namespace) -> WatchRules:
    for name in given.checksum:
        if name not in CHECKSUM_LABELS:
            raise UnknownChecksum(name=name, known=", ".join(CHECKSUM_LABELS))
    options = Options(
        checksums=tuple(dict.fromkeys(given.checksum)) or Options().checksums,
        on_conflict=OnConflict(given.on_conflict),
        include=tuple(given.include),
        exclude=tuple(given.exclude),
        manifests=tuple(dict.fromkeys(given.manifests or ())),
    )
    rules = WatchRules(
        tuple(absolute(word) for word in given.to),
        mode=Mode.MOVE if given.move else Mode.COPY,
        options=options,
        settle_s=given.settle,
        unit=Unit(given.unit),
        sentinel=given.sentinel,
        is_once=given.once,
        max_cycles=given.max_cycles,
        max_failures=given.max_failures,
        max_runtime_s=given.max_hours * 3600,
        quiet_h=given.quiet_hours,
    )
    return replace(rules, temporary=tuple(given.temporary)) if given.temporary else rules


def _dry_run(service: Service, path: bytes, rules: WatchRules) -> int:
    for problem in service.check_watch(path, rules):
        raise problem.error
    found = service.would_take(path, rules, threading.Event())
    size = size_text(found.size_bytes)
    say(f"{counted(found.files, 'file')} ({size}) would be taken now, once they have settled.")
    for name in found.first:
        say(f"  {name}")
    if found.files > len(found.first):
        say(f"  and {found.files - len(found.first):,} more")
    return 0


def _add(service: Service, path: bytes, rules: WatchRules) -> int:
    number = service.add_watch(path, rules)
    say(f"Watch folder {number} is on. It is watched by an open window or “ketter watch run”.")
    return 0


# --- list, and one of them -----------------------------------------------------------------


def _list(service: Service, *, is_json: bool) -> int:
    views = service.watch_folders()
    for view in views:
        say(as_line(_fields(view)) if is_json else _row(view))
    if not views and not is_json:
        say("Nothing is watched. “ketter watch add FOLDER --to DEST” begins.")
    return 0


def _row(view: WatchView) -> str:
    lines = [f"{view.id:>3}  {_state_words(view):<12}  {view.path.text}"]
    counts = [f"{view.files_taken:,} taken"]
    if view.files_waiting:
        counts.append(f"{view.files_waiting:,} settling")
    if view.files_ready:
        counts.append(f"{view.files_ready:,} ready")
    if view.last_file:
        counts.append(f"last {view.last_file}")
    lines.append(f"     {', '.join(counts)}")
    if view.method is Method.SCANS:
        lines.append(f"     looked through again and again. {view.note}".rstrip())
    lines += [f"     {sentence}" for sentence in (view.message, *view.health) if sentence]
    return "\n".join(lines)


def _state_words(view: WatchView) -> str:
    if view.state is WatchState.TRIPPED:
        return "stopped"
    is_watched = view.is_here or view.where or not view.is_on
    return view.state.value if is_watched else "not watched"


def _fields(view: WatchView) -> dict[str, Any]:
    return {
        "event": "watch",
        "watch": view.id,
        **path_fields(view.path),
        "state": view.state.value,
        "on": view.is_on,
        "mode": view.rules.mode.value,
        "unit": view.rules.unit.value,
        "settle_s": view.rules.settle_s,
        "method": view.method.value,
        "note": view.note,
        "message": view.message,
        "health": list(view.health),
        "watched_by": view.where,
        "files_seen": view.files_seen,
        "files_waiting": view.files_waiting,
        "files_ready": view.files_ready,
        "files_taken": view.files_taken,
        "bytes_taken": view.bytes_taken,
        "last_file": view.last_file,
        "failures": view.failures,
    }


def _change(service: Service, action: str, watch: int) -> int:
    if action == "remove":
        service.remove_watch(watch)
        say(f"Watch folder {watch} is removed; what it copied stays.")
    elif action == "look":
        service.look_now(watch)
        say(f"Watch folder {watch} is looked through now.")
    elif action == "restart":
        service.restart_watch(watch)
        say(f"Watch folder {watch} goes on.")
    else:
        service.switch_watch(watch, is_on=action == "on")
        say(f"Watch folder {watch} is {action}.")
    return 0


# --- run and once ----------------------------------------------------------------------------


def _run(service: Service) -> int:
    """Until SIGTERM or Ctrl-C. What runs then stays resumable, and the next run goes on."""
    with Stopping() as stopping:
        service.tell_news()
        service.start_watching()
        say("Watching. Ctrl-C stops, and what runs then goes on the next time.")
        told: dict[int, str] = {}
        for number in itertools.count():
            if stopping.is_asked:
                break
            if number % _LOOKS_UNTIL_TOLD == 0:
                _tell_changes(service, told)
            time.sleep(_LOOK_S)
    service.close(_GRACE_S)
    return 0


def _once(service: Service, watches: list[int]) -> int:
    chosen = watches or [one.id for one in service.watch_folders() if one.is_on]
    if not chosen:
        say("Nothing is watched. “ketter watch add FOLDER --to DEST” begins.")
        return 0
    newest = max((one.id for one in service.history(limit=1)), default=0)
    with Stopping() as stopping:
        watching = service.start_watching(only=chosen, is_once=True)
        told: dict[int, str] = {}
        while not stopping.is_asked and not watching.are_done():
            _tell_changes(service, told)
            if any(one.id in chosen and one.state is WatchState.TRIPPED for one in _views(service)):
                break
            time.sleep(_LOOK_S)
        is_asked = stopping.is_asked
    made = [one for watch in chosen for one in _made(service, watch) if one.id > newest]
    failed = sum(one.status is not TransferStatus.COMPLETED for one in made)
    files = sum(one.files_verified for one in made)
    say(f"{counted(files, 'file')} verified in {counted(len(made), 'transfer')}.")
    if is_asked:
        return 3
    return 1 if failed else 0


def _made(service: Service, watch: int) -> tuple[TransferView, ...]:
    query = HistoryQuery(watch=watch)
    return service.history(query, limit=service.history_count(query))


def _views(service: Service) -> tuple[WatchView, ...]:
    return service.watch_folders()


def _tell_changes(service: Service, told: dict[int, str]) -> None:
    """A line when a watch folder is not what it was: off, away, or stopped."""
    for view in service.watch_folders():
        words = view.message if view.state in (WatchState.TRIPPED, WatchState.UNREACHABLE) else ""
        if told.get(view.id, "") != words:
            told[view.id] = words
            if words:
                complain(f"Watch folder {view.id}: {words}")
            else:
                say(f"Watch folder {view.id} is well again: {view.path.text}")
