"""`ketter copy` and `ketter move`: run one transfer here, to its end."""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING, Final

from ketter_gui.cli.arguments import (
    CommandUsage,
    Common,
    Later,
    Parser,
    TerminalCommand,
    Words,
    absolute,
    common_of,
    new_parser,
    one_of,
)
from ketter_gui.cli.report_cmd import new_file, report_after
from ketter_gui.domain.errors import (
    NotBuiltYet,
    NothingToDo,
    QuickMoveRefused,
    UnknownChecksum,
)
from ketter_gui.domain.options import (
    CHECKSUM_LABELS,
    Manifest,
    Mode,
    OnConflict,
    Options,
    Pack,
    Request,
    Symlinks,
    Verify,
)
from ketter_gui.domain.sizes import size_from

if TYPE_CHECKING:
    from ketter_gui.service.service import Service

_LATER_VALUES: Final = ("--preset",)
_SLOWEST_BYTES_PER_S: Final = 1000

_DESCRIPTION: Final = {
    "copy": (
        "Copies files and folders to one or more drives, reads every copy back, and calls\n"
        "a file verified when what came back is what was read. Each source arrives as\n"
        "DEST/its-name."
    ),
    "move": (
        "Copies like “ketter copy”, then removes each original whose copies are verified\n"
        "on all destinations. Within one volume each file is read once and renamed: there is\n"
        "no second copy then, and nothing is called verified. Folders stay."
    ),
}
_EPILOG: Final = "Names that start with “-” go after “--”:  ketter copy --to /backup -- -odd.mov"


def parse(name: str, words: Words) -> TerminalCommand:
    """The command; raises RefusedError for what is off or not built yet."""
    parser = _parser(name)
    given = parser.parse_intermixed_args(words.before)
    request = _request(Mode(name), given, words.names)
    common = common_of(given)
    if given.dry_run:
        from ketter_gui.cli.dry_run import tell

        if given.json:
            raise NotBuiltYet(option="“--dry-run” with “--json”")
        return TerminalCommand(common, lambda service: tell(service, request))
    return TerminalCommand(common, lambda service: _carry_out(service, request, given, common))


def _parser(name: str) -> Parser:
    parser = new_parser(f"ketter {name}", _DESCRIPTION[name], epilog=_EPILOG)
    parser.add_argument("sources", metavar="SOURCE", nargs="*", help="a file or a folder")
    add = parser.add_argument
    add("--to", metavar="DEST", action="append", default=[], help="a folder on a drive; repeatable")
    add(
        "--checksum",
        metavar="NAME",
        action="append",
        default=[],
        help=f"{_known_checksums()}; sha256 unless told; repeatable, the first one decides",
    )
    add(
        "--verify",
        metavar="HOW",
        type=one_of(*Verify),
        default=Verify.FULL.value,
        help="full (default): read every copy back from its drive",
    )
    add(
        "--on-conflict",
        metavar="POLICY",
        type=one_of(*OnConflict),
        default=OnConflict.SKIP.value,
        help="when something different has the name: skip (default) fails the file, overwrite "
        "replaces it after proof, rename adds “ (2)”; fail: fail on any existing name",
    )
    add(
        "--hard-links",
        action="store_true",
        help="keep hard links between files of this transfer; else each name is a whole copy",
    )
    add(
        "--reserve",
        metavar="SIZE",
        type=_size,
        default=0,
        help="leave at least that much free on every destination, for example 5GB",
    )
    add(
        "--limit",
        metavar="SPEED",
        type=_speed,
        default=0,
        help="read no more than that of the sources, nor read back of each destination, for "
        "example 100MB/s",
    )
    add(
        "--symlinks",
        metavar="HOW",
        type=one_of("keep", "follow", "skip"),
        default=Symlinks.KEEP.value,
        help="keep (default): a link arrives as a link; skip: links are left out and counted",
    )
    add(
        "--include",
        metavar="GLOB",
        action="append",
        type=_pattern,
        default=[],
        help="only files of these names, for example “*.mov”; with a “/” in it, of these paths "
        "below the source; repeatable",
    )
    add(
        "--exclude",
        metavar="GLOB",
        action="append",
        type=_pattern,
        default=[],
        help="no files or folders of these names or paths; “PROXY/” is a folder; repeatable",
    )
    add(
        "--read-again",
        action="store_true",
        help="read both sides of what is there already, even where the ledger has its proof and "
        "nothing has changed since; a move always does",
    )
    for flag, manifest, words in (
        ("--mhl", Manifest.ASCMHL, "an ASC MHL history in each folder that it brings"),
        ("--classic-mhl", Manifest.MHL, "a classic MHL in each destination"),
        ("--checksum-list", Manifest.LIST, "a checksum list in each destination"),
    ):
        add(
            flag,
            dest="manifests",
            action="append_const",
            const=manifest,
            help=f"afterwards write {words}",
        )
    add("--zip", action="store_true", help="each source folder arrives as one archive, NAME.zip")
    add("--unzip", action="store_true", help="each source NAME.zip arrives as the folder NAME")
    add(
        "--report",
        metavar="FILE.pdf",
        type=new_file,
        help="afterwards write a report of it, and its signature; nothing is overwritten",
    )
    add("--dry-run", action="store_true", help="say what would be done, and touch nothing")
    add_telling(parser)
    add(
        "--remove-empty-folders",
        action="store_true",
        help="move only: afterwards remove the source folders that nothing is left in",
    )
    for flag in _LATER_VALUES:
        add(flag, action=Later)
    return parser


def add_telling(parser: argparse.ArgumentParser) -> None:
    """How a transfer that is run here tells about itself."""
    parser.add_argument("--json", action="store_true", help="one JSON object a line, for programs")
    parser.add_argument("--quiet", action="store_true", help="say nothing unless something failed")
    parser.add_argument(
        "--wait",
        metavar="SECONDS",
        type=_seconds,
        default=0.0,
        help="how long to wait for a drive that is gone, or full, to come back (default 0)",
    )


def _size(word: str) -> int:
    try:
        return size_from(word)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"“{word}” is not a size such as 5GB") from error


def _speed(word: str) -> int:
    """At least a kilobyte a second: less is a unit that was forgotten, and files that are
    read in one piece would not keep to it."""
    size = word.removesuffix("/s")
    try:
        speed = size_from(size)
    except ValueError:
        speed = 0
    if speed < 1:
        raise argparse.ArgumentTypeError(f"“{word}” is not a speed such as 100MB/s")
    if speed < _SLOWEST_BYTES_PER_S:
        raise argparse.ArgumentTypeError(
            f"“{word}” is less than 1 kB/s; a unit belongs to it, as in 100MB/s"
        )
    return speed


def _seconds(word: str) -> float:
    try:
        seconds = float(word)
    except ValueError:
        seconds = -1
    if not 0 <= seconds < math.inf:
        raise argparse.ArgumentTypeError(f"“{word}” is not a number of seconds")
    return seconds


def _request(mode: Mode, given: argparse.Namespace, names: list[str]) -> Request:
    checksums = _checksums(given.checksum)
    verify = Verify(given.verify)
    if mode is Mode.MOVE and verify is Verify.QUICK:
        raise QuickMoveRefused
    if verify is not Verify.FULL:
        raise NotBuiltYet(option=f"“--verify {verify}”")
    if given.symlinks == "follow":
        raise NotBuiltYet(option=f"“--symlinks {given.symlinks}”")
    if given.json and given.quiet:
        raise _off(mode, "“--json” and “--quiet” contradict each other.")
    sources = tuple(absolute(word) for word in [*given.sources, *names])
    destinations = tuple(absolute(word) for word in given.to)
    if not sources:
        raise NothingToDo(role="source")
    if not destinations:
        raise NothingToDo(role="destination (--to DEST)")
    policy = OnConflict(given.on_conflict)
    options = Options(
        checksums,
        verify,
        policy,
        reserve_bytes=given.reserve,
        hard_links=given.hard_links,
        symlinks=Symlinks(given.symlinks),
        limit_bytes_per_s=given.limit,
        pack=_pack(mode, given),
        include=tuple(given.include),
        exclude=tuple(given.exclude),
        read_again=given.read_again,
        remove_empty_folders=_removes_folders(mode, given),
        manifests=tuple(dict.fromkeys(given.manifests or ())),
    )
    return Request(sources, destinations, mode, options)


def _off(mode: Mode, problem: str) -> CommandUsage:
    return CommandUsage(problem=problem, command=f"ketter {mode}")


def _removes_folders(mode: Mode, given: argparse.Namespace) -> bool:
    if given.remove_empty_folders and mode is Mode.COPY:
        raise _off(mode, "A copy leaves its originals: “--remove-empty-folders” is for moves.")
    return bool(given.remove_empty_folders)


def _pack(mode: Mode, given: argparse.Namespace) -> Pack:
    if given.zip and given.unzip:
        raise _off(mode, "“--zip” and “--unzip” contradict each other.")
    pack = Pack.ZIP if given.zip else Pack.UNZIP if given.unzip else Pack.NONE
    if mode is Mode.MOVE and pack is not Pack.NONE:
        raise NotBuiltYet(option=f"“ketter move” with “--{pack.value}”")
    if given.hard_links and pack is not Pack.NONE:
        raise NotBuiltYet(option=f"“--hard-links” with “--{pack.value}”")
    return pack


def _pattern(word: str) -> str:
    try:
        word.encode()
    except UnicodeEncodeError:
        raise argparse.ArgumentTypeError(
            "a pattern was given that is not text; “?” stands for any character"
        ) from None
    if not word.strip("/"):
        raise argparse.ArgumentTypeError("a pattern was given that is empty")
    return word


def _checksums(names: list[str]) -> tuple[str, ...]:
    for name in names:
        if name not in CHECKSUM_LABELS:
            raise UnknownChecksum(name=name, known=", ".join(CHECKSUM_LABELS))
    return tuple(dict.fromkeys(names)) or Options().checksums


def _known_checksums() -> str:
    *others, last = CHECKSUM_LABELS
    return f"{', '.join(others)} or {last}"


def _carry_out(
    service: Service, request: Request, given: argparse.Namespace, common: Common
) -> int:
    from ketter_gui.cli.follow import Telling, follow, teller
    from ketter_gui.cli.patience import patiently
    from ketter_gui.cli.stopping import Stopping

    telling = Telling(is_json=given.json, is_quiet=given.quiet, common=common)
    with Stopping() as stopping:
        transfer = patiently(lambda: service.create(request), stopping)
        code = follow(service, transfer, teller(telling), stopping, wait_s=given.wait)
    if given.report is None:
        return code
    return report_after(
        service, transfer, given.report, code, is_told=not (given.json or given.quiet)
    )
