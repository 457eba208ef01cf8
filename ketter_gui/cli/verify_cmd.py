"""`ketter verify`: are copies, or any folder, what a ledger or a manifest says they are?"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from ketter_gui.cli.arguments import (
    CommandUsage,
    TerminalCommand,
    Words,
    absolute,
    common_of,
    new_parser,
)
from ketter_gui.cli.json_lines import as_line, path_fields
from ketter_gui.cli.output import complain, rewrite, say
from ketter_gui.cli.words import counted, listed
from ketter_gui.domain.checking import BAD, EXTRAS_TOLD, CheckView, Finding, Verdict
from ketter_gui.domain.errors import RefusedError, UsageError
from ketter_gui.domain.sizes import size_text

if TYPE_CHECKING:
    from ketter_gui.service.check import Check
    from ketter_gui.service.service import Service

_DESCRIPTION = """\
With a transfer's ID: reads all its verified copies again, from their drives, and compares
them with the checksums that the ledger has. With a PATH: a folder is compared with the
manifests in it or beside it (ASC MHL, classic MHL, checksum lists), or with the one that is
named; with “--against OTHER”, two folders are compared with each other.
Nothing is written to the drives. What is missing, changed or unreadable is named, and so is
what else lies there; the audit tells of it.
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
    add = parser.add_argument
    add("subjects", metavar="ID|PATH", nargs="*", help="a transfer's number, a folder, a manifest")
    add("--against", metavar="OTHER", help="a folder to compare the one PATH with")
    add("--json", action="store_true", help="one JSON object a line")
    add("--quiet", action="store_true", help="say only what is not as it was")
    given = parser.parse_args(words.before)
    if given.json and given.quiet:
        raise UsageError(problem="“--json” and “--quiet” contradict each other.")
    subjects = [*given.subjects, *words.names]
    if not subjects or (given.against and len(subjects) != 1):
        problem = "Name one folder to compare." if given.against else "Say what to verify."
        raise CommandUsage(problem=problem, command=parser.prog)
    names = [*given.subjects, *(f"./{name}" for name in words.names)]
    return TerminalCommand(common_of(given), lambda service: _verify(service, names, given))


def _verify(service: Service, subjects: Sequence[str], given: argparse.Namespace) -> int:
    """One after the other; the exit code is of the one that went worst: what is not equal
    comes before what could not be looked at."""
    codes = []
    for subject in subjects:
        try:
            codes.append(_verify_one(service, subject, given))
        except RefusedError as error:
            complain(str(error))
            codes.append(error.exit_code)
    return next((code for code in (1, 3, 2) if code in codes), 0)


def _verify_one(service: Service, subject: str, given: argparse.Namespace) -> int:
    from ketter_gui.cli.stopping import Stopping

    with Stopping() as stopping:
        check = _begun(service, subject, given.against)
        while not check.wait(_LOOK_S):
            if stopping.is_asked:
                check.stop()
            if not (given.json or given.quiet):
                rewrite(_so_far(check.view()))
    rewrite("")
    return _told(check, given)


def _begun(service: Service, subject: str, against: str | None) -> Check:
    if against is not None:
        return service.compare_folders(absolute(subject), absolute(against))
    if subject.isascii() and subject.isdecimal():
        return service.verify_again(int(subject))
    return service.verify_folder(absolute(subject))


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
            of = f" --transfer {view.transfer}" if view.transfer else ""
            how = f"“ketter audit export FILE.csv{of}” names them{_up_to(view)}"
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


def _up_to(view: CheckView) -> str:
    """The audit tells of all that is wrong, and of what is beside it up to a number."""
    most = max((place.counts[Verdict.EXTRA] for place in view.places), default=0)
    return f", and of the extra ones the first {EXTRAS_TOLD:,}" if most > EXTRAS_TOLD else ""


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
        what = "never verified there" if view.transfer else "listed with no checksum of ours"
        parts.append(f"{unproven:,} {what}")
    if extra := view.count(Verdict.EXTRA):
        what = "that this transfer did not bring" if view.transfer else "of which nothing is said"
        parts.append(f"{extra:,} beside them {what}")
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
