"""`ketter verify`: are the copies of a transfer still what they were when proven?"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

from ketter_gui.cli.arguments import (
    TerminalCommand,
    Words,
    common_of,
    new_parser,
    no_names,
    whole_number,
)
from ketter_gui.cli.json_lines import as_line, path_fields
from ketter_gui.cli.output import complain, rewrite, say
from ketter_gui.cli.words import counted, listed
from ketter_gui.domain.checking import BAD, CheckView, Finding, Verdict
from ketter_gui.domain.errors import UsageError
from ketter_gui.domain.sizes import size_text

if TYPE_CHECKING:
    from ketter_gui.service.check import Check
    from ketter_gui.service.service import Service

_DESCRIPTION = """\
Reads all verified copies of a transfer again, from their drives, and compares them with
the checksums that the ledger has. Nothing is written to the drives. What is missing,
changed or unreadable is named, and so is what else lies in the folders that the transfer
brought; the audit
tells of it, and a copy that is not what it was counts as a proof no more.
Exit codes: 0 all are equal, 1 something is not, 2 nothing to verify, 3 stopped, or a
drive is not there."""

_LOOK_S: Final = 0.25
_FROM_CACHE: Final = (
    "Careful: {files} could only be read from the system's cache, which proves nothing about "
    "the drive."
)


def parse(words: Words) -> TerminalCommand:
    """The command; raises RefusedError for what is off."""
    parser = new_parser("ketter verify", _DESCRIPTION)
    parser.add_argument("transfer", metavar="ID", type=whole_number, help="a transfer's number")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--quiet", action="store_true", help="say only what is not as it was")
    given = parser.parse_args(no_names(words, parser.prog))
    if given.json and given.quiet:
        raise UsageError(problem="“--json” and “--quiet” contradict each other.")
    return TerminalCommand(common_of(given), lambda service: _verify(service, given))


def _verify(service: Service, given: argparse.Namespace) -> int:
    from ketter_gui.cli.stopping import Stopping

    with Stopping() as stopping:
        check = service.verify_again(given.transfer)
        while not check.wait(_LOOK_S):
            if stopping.is_asked:
                check.stop()
            if not (given.json or given.quiet):
                rewrite(_so_far(check.view()))
    rewrite("")
    return _told(check, given)


def _so_far(view: CheckView) -> str:
    percent = view.bytes_done * 100 // view.bytes_total if view.bytes_total else 0
    return f"{percent:3d} %  {view.files_done:,} of {counted(view.files_total, 'file')} read again"


def _told(check: Check, given: argparse.Namespace) -> int:
    view = check.view()
    if given.json:
        _as_json(view)
    else:
        for finding in view.findings:
            if finding.verdict in BAD or not given.quiet:
                complain(_sentence(finding))
        if left := _left(view):
            how = f"“ketter audit export FILE.csv --transfer {view.transfer}” names them"
            complain(f"  and {left:,} more: {how}.")
    if check.error is not None:
        complain(str(check.error))
        return 3 if check.error.exit_code == 3 else 1
    if not view.is_whole:
        complain(f"Stopped. {_counts(view)}")
        return 3
    if not given.json:
        _outcome(view, given)
    return 0 if view.is_proven else 1


def _left(view: CheckView) -> int:
    """How many findings are not among those that are shown."""
    if view.is_all_shown:
        return 0
    found = sum(view.count(verdict) for verdict in (*BAD, Verdict.EXTRA))
    return max(1, found - len(view.findings))


def _outcome(view: CheckView, given: argparse.Namespace) -> None:
    where = listed([place.path.text for place in view.places])
    sentence = f"{view.name} on {where}: {_counts(view)}"
    if view.from_cache:
        sentence += " " + _FROM_CACHE.format(files=counted(view.from_cache, "file"))
    if not view.is_proven:
        complain(sentence)
    elif not given.quiet:
        say(sentence)


def _counts(view: CheckView) -> str:
    equal = view.count(Verdict.EQUAL)
    speed = size_text(int(view.bytes_done / view.seconds)) if view.seconds else "0 B"
    copies = "1 copy is" if equal == 1 else f"{equal:,} copies are"
    parts = [f"{copies} equal, read again at {speed}/s"]
    parts += [f"{view.count(verdict):,} {verdict.value}" for verdict in BAD if view.count(verdict)]
    if unproven := sum(place.unproven for place in view.places):
        parts.append(f"{unproven:,} never verified there")
    if extra := view.count(Verdict.EXTRA):
        parts.append(f"{extra:,} beside them that this transfer did not bring")
    return "; ".join(parts) + "."


def _sentence(finding: Finding) -> str:
    return f"  {finding.verdict.value}: {finding.path.text} ({finding.why})"


def _as_json(view: CheckView) -> None:
    for finding in view.findings:
        fields = {"event": f"copy.{finding.verdict.value}", "transfer": view.transfer}
        say(as_line({**fields, **path_fields(finding.path), "why": finding.why}))
    places = [
        {
            **path_fields(place.path),
            **{verdict.value: place.counts[verdict] for verdict in Verdict},
            "unproven": place.unproven,
            "read_back": dict(place.read_back),
        }
        for place in view.places
    ]
    end = {
        "event": "verify.finished",
        "transfer": view.transfer,
        "status": "completed" if view.is_whole else "interrupted",
        "destinations": places,
        "findings_not_shown": _left(view),
        "bytes": view.bytes_done,
        "seconds": round(view.seconds, 3),
    }
    say(as_line(end))
