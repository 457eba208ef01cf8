"""`ketter audit`: write the record for somebody else, and find out whether it holds."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

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
    whole_number,
)
from ketter_gui.cli.output import complain, say
from ketter_gui.cli.words import local_time, shown
from ketter_gui.domain.audit_errors import TablesDiffer
from ketter_gui.domain.cross_check import CrossCheck
from ketter_gui.domain.errors import ChainBroken
from ketter_gui.domain.views import AuditVerdict

if TYPE_CHECKING:
    from ketter_gui.service.service import Service

_DESCRIPTION: Final = "The record of everything that was done, chained and signed."
_VERIFY: Final = """\
Without FILE.csv: this ledger's own chain. With it: an export or an archive (.csv.gz),
or a report (.pdf), together with the .sig beside it. --head compares with a signed head
that left this machine earlier: an export's .sig is one. The chain covers the record;
--deep compares what the ledger's tables say of each copy with it, too, which takes a
minute for a million files."""


def parse(words: Words) -> TerminalCommand:
    """The command; raises RefusedError for what is off."""
    parser = new_parser("ketter audit", _DESCRIPTION)
    actions = parser.add_subparsers(
        dest="action", metavar="export|verify|rotate-key", parser_class=Parser
    )
    _add_export(actions.add_parser("export", allow_abbrev=False, help="write it as CSV"))
    _add_verify(
        actions.add_parser(
            "verify",
            allow_abbrev=False,
            help="was it altered?",
            description=_VERIFY,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
    )
    rotate = actions.add_parser("rotate-key", allow_abbrev=False, help="sign with a new key")
    add_common(rotate)
    before, names = _files_after_dashes(words)
    given = parser.parse_args(before)
    if given.action is None:
        raise CommandUsage(
            problem="Say what to do with the audit: “export”, “verify” or “rotate-key”.",
            command=parser.prog,
        )
    if given.action == "rotate-key":
        return TerminalCommand(common_of(given), _rotate)
    file = _file(given, names)
    common = common_of(given)
    if given.action == "export":
        if file is None:
            raise CommandUsage(problem="FILE.csv is missing.", command="ketter audit export")
        since = _moment(given.since)
        until = _moment(given.until)
        return TerminalCommand(
            common, lambda service: _export(service, file, (since, until), given)
        )
    head = absolute(given.head) if given.head else None
    if given.deep and file is not None:
        raise CommandUsage(
            problem="--deep is about this ledger's tables; an export has none.",
            command="ketter audit verify",
        )
    return TerminalCommand(common, lambda service: _verify(service, file, head, given.deep))


def _add_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE.csv", nargs="?", help="a file that is not there yet")
    parser.add_argument(
        "--transfer", metavar="ID", type=whole_number, help="only the entries of one transfer"
    )
    parser.add_argument("--since", metavar="DATE", default="", help="only later ones (UTC)")
    parser.add_argument("--until", metavar="DATE", default="", help="only earlier ones (UTC)")
    parser.add_argument("--bom", action="store_true", help="a byte order mark, for old Excels")
    add_common(parser)


def _add_verify(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE.csv", nargs="?", help="an export")
    parser.add_argument("--head", metavar="FILE", help="a signed head to compare with")
    parser.add_argument("--deep", action="store_true", help="compare the ledger's tables as well")
    add_common(parser)


def _files_after_dashes(words: Words) -> tuple[list[str], list[str]]:
    if "export" in words.before or "verify" in words.before:
        return words.before, words.names
    return no_names(words, "ketter audit"), []


def _file(given: argparse.Namespace, names: list[str]) -> bytes | None:
    files = [*([given.file] if given.file is not None else []), *names]
    if len(files) > 1:
        command = f"ketter audit {given.action}"
        raise CommandUsage(
            problem=f"“{files[1]}” is one word too many for “{command}”.", command=command
        )
    return absolute(files[0]) if files else None


def _moment(text: str) -> str:
    """A date or a time as the audit writes it: UTC, microseconds, Z. Without a zone it is UTC."""
    if not text:
        return ""
    from datetime import UTC, datetime

    try:
        moment = datetime.fromisoformat(text)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise CommandUsage(
            problem=f"“{text}” is not a date like 2026-11-24 or 2026-11-24T18:30.",
            command="ketter audit export",
        ) from error
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _export(
    service: Service, file: bytes, asked: tuple[str, str], given: argparse.Namespace
) -> int:
    since, until = asked
    verdict = service.export_audit(
        file, transfer=given.transfer, since=since, until=until, bom=given.bom
    )
    part = "a part of the record" if verdict.is_partial else "the whole record"
    say(
        f"Wrote {shown(file)}: {_entries(verdict)}, {part}, signed in {shown(file)}.sig beside it. "
        "Send both; “ketter audit verify” checks them."
    )
    return 0


def _verify(service: Service, file: bytes | None, head: bytes | None, is_deep: bool) -> int:
    if file is not None and (report := service.verify_report(file)) is not None:
        say(
            f"{shown(file)} is the report of transfer {report.transfer} as it was written, up to "
            f"entry {report.sequence}. Signed {local_time(report.signed_us)} with key "
            f"{report.key_id}."
        )
        return 0
    if file is not None:
        try:
            verdict = service.verify_export(file, head)
        except ChainBroken as error:
            # It knows the entry; which of several exports that was, only the caller knows.
            complain(f"{shown(file)}: {error}")
            return error.exit_code
        subject = shown(file)
    elif head is not None:
        verdict = service.compare_head(head)
        subject = "The ledger"
    else:
        verdict = service.verify_audit()
        subject = "The ledger"
    part = " It is a part of the record, not the whole." if verdict.is_partial else ""
    with_head = f" It goes on from the head in {shown(head)}." if head is not None else ""
    say(
        f"{subject} holds: {_entries(verdict)}, none altered.{part}{_pruned(verdict)}{with_head}"
        f"{_signed(verdict)}"
    )
    return _compare_tables(service) if is_deep else 0


def _compare_tables(service: Service) -> int:
    found = service.cross_check()
    for one in found.differences:
        entry = f" (entry {one.sequence})" if one.sequence else ""
        item = f", {one.item}" if one.item else ""
        say(f"Transfer {one.transfer}{item}: {one.words}{entry}.")
    if found.count:
        raise TablesDiffer(count=_counted(found.count, "place", "places"))
    compared = _counted(found.transfers, "transfer", "transfers")
    copies = _counted(found.copies, "copy", "copies")
    say(f"The ledger's tables agree with it: {compared}, {copies}.{_not_compared(found)}")
    return 0


def _counted(count: int, one: str, many: str) -> str:
    return f"1 {one}" if count == 1 else f"{count:,} {many}"


def _not_compared(found: CrossCheck) -> str:
    words = ""
    if found.at_work:
        words += f" At work, so not compared: {_counted(found.at_work, 'transfer', 'transfers')}."
    if found.pruned:
        count = _counted(found.pruned, "transfer", "transfers")
        words += f" Their entries were pruned, so not compared: {count}."
    return words


def _rotate(service: Service) -> int:
    old, new = service.rotate_key()
    say(
        f"Signing with key {new} from now on; key {old} has signed that, and what it signed "
        "before still verifies."
    )
    return 0


def _pruned(verdict: AuditVerdict) -> str:
    """How far back it reaches, when that is not the beginning."""
    if not verdict.pruned_to:
        return ""
    if not verdict.pruned_us:
        return f" It goes on after entry {verdict.pruned_to}: what was before is not in it."
    return (
        f" It reaches back to entry {verdict.pruned_to + 1}: those before were pruned at a "
        f"checkpoint that was signed {local_time(verdict.pruned_us)}, and holds."
    )


def _entries(verdict: AuditVerdict) -> str:
    if not verdict.entries:
        return "no entries"
    if verdict.entries == 1:
        return f"1 entry ({verdict.first_sequence})"
    return f"{verdict.entries:,} entries ({verdict.first_sequence} to {verdict.last_sequence})"


def _signed(verdict: AuditVerdict) -> str:
    if not verdict.signed_us:
        return " Nothing of it is signed." if verdict.unsigned else ""
    signed = f" Signed {local_time(verdict.signed_us)} with key {verdict.key_id}"
    if verdict.unsigned == 1:
        return f"{signed}; the last entry came after that, and is not signed yet."
    if verdict.unsigned:
        return f"{signed}; the last {verdict.unsigned:,} came after that, and are not signed yet."
    return f"{signed}."
