"""`ketter report`: one transfer as a PDF for people, signed."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING, Final

from ketter_gui.cli.arguments import (
    CommandUsage,
    TerminalCommand,
    Words,
    absolute,
    common_of,
    new_parser,
    whole_number,
)
from ketter_gui.cli.output import complain, say
from ketter_gui.cli.words import shown
from ketter_gui.domain.errors import KetterError

if TYPE_CHECKING:
    from ketter_gui.service.service import Service

_GOES_ON: Final = 3
_DESCRIPTION: Final = """\
Writes the report of a transfer as a PDF: what was copied where, how it was verified, every
file with its checksums, what went wrong, and the signed end of the record. FILE.pdf.sig
beside it is its signature; “ketter audit verify FILE.pdf” checks it. Nothing is overwritten.
Exit codes: 0 written, 1 it could not be written, 2 there is no such transfer."""


def parse(words: Words) -> TerminalCommand:
    """The command; raises RefusedError for what is off."""
    parser = new_parser("ketter report", _DESCRIPTION)
    parser.add_argument("transfer", metavar="ID", type=whole_number, help="a transfer's number")
    parser.add_argument("file", metavar="FILE.pdf", nargs="?", help="where to write it")
    given = parser.parse_args(words.before)
    files = [*([given.file] if given.file is not None else []), *words.names]
    if len(files) != 1:
        problem = "“ketter report” takes a transfer's number and one file."
        raise CommandUsage(problem=problem, command=parser.prog)
    path = absolute(files[0])
    return TerminalCommand(common_of(given), lambda service: _report(service, given, path))


def _report(service: Service, given: argparse.Namespace, path: bytes) -> int:
    service.write_report(given.transfer, path)
    say(f"Wrote {shown(path)}, and its signature in {shown(path)}.sig beside it. Send both.")
    return 0


def new_file(word: str) -> bytes:
    """Where a report is to be written after a transfer. Raises ArgumentTypeError, before
    anything is copied, when it could not be written then."""
    path = absolute(word)
    for taken in (path, path + b".sig"):
        if os.path.lexists(taken):
            raise argparse.ArgumentTypeError(f"{shown(taken)} is there already")
    if not os.path.isdir(os.path.dirname(path)):
        raise argparse.ArgumentTypeError(f"there is no folder {shown(os.path.dirname(path))}")
    return path


def report_after(service: Service, transfer: int, path: bytes, code: int, *, is_told: bool) -> int:
    """Write the report of a transfer that ended with this exit code, be it badly; returns the
    exit code of both. What is not at its end gets none yet."""
    file = shown(path)
    if code == _GOES_ON:
        complain(f"No report yet: “ketter report {transfer} {file}” writes it afterwards.")
        return code
    try:
        service.write_report(transfer, path)
    except KetterError as error:
        complain(str(error))
        return code or error.exit_code
    if is_told:
        say(f"Report: {file}, and its signature in {file}.sig.")
    return code
