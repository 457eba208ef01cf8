"""From the words of a command line to a command.

The first word that is neither an option nor its value decides: with a "/" in it, it is
a source and opens the window, else it is a command. Each command's own file has its
parser, so that only one is ever built. Everything after `--` is a name, whatever it
looks like.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn, Protocol

from ketter_gui.domain.errors import NotBuiltYet, UsageError
from ketter_gui.domain.options import Request

if TYPE_CHECKING:
    from ketter_gui.service.service import Service

COMMANDS: Final = (
    "copy",
    "move",
    "resume",
    "verify",
    "history",
    "audit",
    "report",
    "volumes",
    "doctor",
    "settings",
    "watch",
)
LATER_COMMANDS: Final = ("metrics",)
_WITH_A_VALUE: Final = ("--data-dir", "--ledger", "--to")

_HELP: Final = """\
usage: ketter [SOURCE… [--to DEST]…]     the window, with a new transfer filled in
       ketter COMMAND …                  the same work in the terminal

Copies footage and proves that every byte arrived: what is called verified was read
back from the drive and is equal.

  copy SOURCE… --to DEST [--to DEST]…    copy to one or more drives, and verify
  move SOURCE… --to DEST [--to DEST]…    the same, then remove the originals
  resume [ID]                            carry on what was interrupted
  verify ID | PATH…                      read copies again, and compare with ledger or manifest
  history [--json]                       every transfer so far
  history show ID [--json]               one transfer, and what became of its files
  history clips TEXT                     where a clip went, by a part of its name or checksum
  history prune [--older-than DAYS]      remove what is old, leave a signed checkpoint
  watch add FOLDER --to DEST…            take each settled file of a folder, by itself
  watch list|once|run …                  what is watched; take it once; keep taking
  report ID FILE.pdf                     one transfer as a signed PDF for people
  audit export FILE.csv                  the signed record of what was done
  audit verify [FILE.csv]                find out whether that record was altered
  audit rotate-key                       sign with a new key from now on
  volumes [--json]                       the drives that are connected
  settings get [NAME]                    what is chosen for this ledger
  settings set NAME VALUE                choose it: how long history is kept
  doctor                                 is everything well here?

  --demo            try it: a made-up camera card and two drives
  --in-tray         the window stays closed behind its icon in the tray
  --data-dir DIR    where the ledger and its key are (or KETTER_DATA_DIR)
  --ledger FILE     another ledger than the data folder's own (or KETTER_LEDGER)
  --verbose         say what is being done
  --version         say which Ketter this is

“ketter COMMAND --help” tells more. A source contains a “/” (./A001) or follows “--”.
Exit codes: 0 all verified, 1 something failed, 2 refused before anything was touched,
3 interrupted, waiting or cancelled: can be resumed.
"""


class OpenService(Protocol):
    """How app.py lets a command have the service; None is the usual place."""

    def __call__(self, data_dir: Path | None, ledger: str | None = None) -> Service:
        """Open the ledger in a data folder, and the scheduler with it."""


@dataclass(frozen=True, slots=True)
class Common:
    """What every command takes. `ledger` is a path."""

    data_dir: Path | None = None
    ledger: str | None = None
    is_verbose: bool = False

    def as_words(self) -> list[str]:
        """The same as words for another command line, so that it finds the same ledger."""
        words = []
        if self.data_dir is not None:
            words += ["--data-dir", str(self.data_dir)]
        if self.ledger is not None:
            words += ["--ledger", self.ledger]
        return words


@dataclass(frozen=True, slots=True)
class TerminalCommand:
    """Something to do here; `act` returns the exit code."""

    common: Common
    act: Callable[[Service], int]


@dataclass(frozen=True, slots=True)
class WindowCommand:
    """Open the window, with a new transfer filled in (`request`) or the demo's; or, with
    neither, only the icon in the tray (`in_tray`)."""

    common: Common
    request: Request | None = None
    is_demo: bool = False
    in_tray: bool = False


Command = TerminalCommand | WindowCommand


class CommandUsage(UsageError):
    """The words of one command are off: its own help is the place to look."""

    todo = "See “{command} --help”."


@dataclass(frozen=True, slots=True)
class Words:
    """A command line in two: `before` the first `--`, and the `names` after it."""

    before: list[str]
    names: list[str]


def parse(argv: Sequence[str]) -> Command:
    """The command that these words ask for.

    Raises RefusedError; SystemExit after `--help` and `--version` have answered.
    """
    words = _split(argv)
    position = _first_plain_word(words.before)
    if position is None or "/" in words.before[position]:
        return _window(words)
    name = words.before.pop(position)
    if name in LATER_COMMANDS:
        raise NotBuiltYet(option=f"“ketter {name}”")
    if name not in COMMANDS:
        raise UsageError(problem=_unknown_command(name))
    return _command(name, words)


def _command(name: str, words: Words) -> Command:
    if name in ("copy", "move"):
        from ketter_gui.cli import copy_cmd

        return copy_cmd.parse(name, words)
    if name == "resume":
        from ketter_gui.cli import resume_cmd

        return resume_cmd.parse(words)
    if name == "history":
        from ketter_gui.cli import history_cmd

        return history_cmd.parse(words)
    if name == "audit":
        from ketter_gui.cli import audit_cmd

        return audit_cmd.parse(words)
    if name == "verify":
        from ketter_gui.cli import verify_cmd

        return verify_cmd.parse(words)
    if name == "report":
        from ketter_gui.cli import report_cmd

        return report_cmd.parse(words)
    if name == "volumes":
        from ketter_gui.cli import volumes_cmd

        return volumes_cmd.parse(words)
    if name == "settings":
        from ketter_gui.cli import settings_cmd

        return settings_cmd.parse(words)
    if name == "watch":
        from ketter_gui.cli import watch_cmd

        return watch_cmd.parse(words)
    from ketter_gui.cli import doctor_cmd

    return doctor_cmd.parse(words)


def _window(words: Words) -> WindowCommand:
    parser = new_parser("ketter", "")
    parser.add_argument("--demo", action="store_true")
    parser.add_argument("--in-tray", action="store_true")
    parser.add_argument("--to", action="append", default=[])
    parser.add_argument("sources", nargs="*")
    parser.format_help = lambda: _HELP  # type: ignore[method-assign]  # it has its own words
    given = parser.parse_intermixed_args(words.before)
    for word in given.sources:
        if "/" not in word:
            raise UsageError(problem=_unknown_command(word))
    request = None
    if given.sources or words.names or given.to:
        request = Request(
            tuple(absolute(word) for word in [*given.sources, *words.names]),
            tuple(absolute(word) for word in given.to),
        )
    return WindowCommand(common_of(given), request, given.demo, given.in_tray)


def _unknown_command(word: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(word, [*COMMANDS, *LATER_COMMANDS], n=1)
    hint = f"did you mean “{near[0]}”?" if near else f"the commands are {', '.join(COMMANDS)}."
    if os.path.lexists(os.fsencode(word)):
        hint = f"to open the window with this file, write “./{word}”."
    return f"“{word}” is not a command of Ketter; {hint}"


def _split(argv: Sequence[str]) -> Words:
    words = list(argv)
    if "--" not in words:
        return Words(words, [])
    dashes = words.index("--")
    return Words(words[:dashes], words[dashes + 1 :])


def _first_plain_word(words: Sequence[str]) -> int | None:
    is_value = False
    for position, word in enumerate(words):
        if is_value:
            is_value = False
        elif word in _WITH_A_VALUE:
            is_value = True
        elif not word.startswith("-"):
            return position
    return None


# --- what all parsers share ----------------------------------------------------------------


class Parser(argparse.ArgumentParser):
    """argparse with our sentences: what is off, and where to look."""

    def error(self, message: str) -> NoReturn:
        """Called by argparse with its own words for what is off."""
        raise CommandUsage(problem=self._sentence(message), command=self.prog)

    def _sentence(self, message: str) -> str:
        if unknown := _after("unrecognized arguments: ", message):
            return self._unknown(unknown.split(" ", 1)[0])
        if missing := _after("the following arguments are required: ", message):
            return f"{missing} is missing."
        if of_one := _after("argument ", message):
            name, _, trouble = of_one.partition(": ")
            if trouble.startswith("expected "):
                return f"“{name}” needs a value after it."
            message = trouble
        return message[:1].upper() + message[1:].rstrip(".") + "."

    def _unknown(self, word: str) -> str:
        if not word.startswith("-"):
            return f"“{word}” is one word too many for “{self.prog}”."
        from difflib import get_close_matches

        near = get_close_matches(word, list(self._option_string_actions), n=1)
        hint = f"; did you mean “{near[0]}”?" if near else "."
        return f"“{word}” is not an option of “{self.prog}”{hint}"

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Only a command inside a command has choices: argparse's list of them reads as Python."""
        if action.choices is not None and value not in action.choices:
            problem = self._unknown_action(str(value), [str(known) for known in action.choices])
            raise CommandUsage(problem=problem, command=self.prog)

    def _unknown_action(self, word: str, known: list[str]) -> str:
        from difflib import get_close_matches

        name = self.prog.removeprefix("ketter ")
        if near := get_close_matches(word, known, n=1):
            return f"“{name} {word}” is not known; did you mean “{name} {near[0]}”?"
        *others, last = [f"“{name} {one}”" for one in known]
        there_is = f"{', '.join(others)} and {last}" if others else last
        return f"“{name} {word}” is not known; there is {there_is}."


def _after(start: str, message: str) -> str:
    return message.removeprefix(start) if message.startswith(start) else ""


class Later(argparse.Action):
    """A documented option that this version does not have: refused, never ignored."""

    def __init__(self, option_strings: Sequence[str], dest: str, **settings: Any) -> None:
        settings["help"] = argparse.SUPPRESS
        super().__init__(option_strings, dest, **settings)

    def __call__(self, *_: object, **__: object) -> None:
        """Called by argparse when the option is met."""
        raise NotBuiltYet(option=f"“{self.option_strings[0]}”")


class _Version(argparse.Action):
    """`--version` before or after the command."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object, **__: object) -> None:
        from ketter_gui import __version__

        print(f"ketter {__version__}")
        parser.exit()


def new_parser(prog: str, description: str, *, epilog: str | None = None) -> Parser:
    """A parser that has the common options.

    None of them has a default, so that a command inside a command does not undo what
    came before it.
    """
    parser = Parser(
        prog=prog,
        description=description,
        epilog=epilog,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_common(parser)
    return parser


def add_common(parser: argparse.ArgumentParser) -> None:
    """The options that every command takes."""
    group = parser.add_argument_group("everywhere")
    quiet = argparse.SUPPRESS
    group.add_argument(
        "--data-dir", metavar="DIR", default=quiet, help="where the ledger and its key are"
    )
    group.add_argument("--ledger", metavar="FILE", default=quiet, help="another ledger")
    group.add_argument("--verbose", action="store_true", default=quiet, help="say what is done")
    group.add_argument(
        "--version", action=_Version, nargs=0, default=quiet, help="say which Ketter this is"
    )


def common_of(given: argparse.Namespace) -> Common:
    """The common options, from the words or from the environment.

    Raises UsageError and NotBuiltYet.
    """
    data_dir = getattr(given, "data_dir", None)
    if data_dir == "":
        raise UsageError(problem="“--data-dir” was given without a folder.")
    data_dir = data_dir or os.environ.get("KETTER_DATA_DIR") or None
    ledger = getattr(given, "ledger", None) or os.environ.get("KETTER_LEDGER") or None
    return Common(
        None if data_dir is None else Path(os.fsdecode(absolute(data_dir))),
        None if ledger is None else _ledger_path(ledger),
        getattr(given, "verbose", False),
    )


def _ledger_path(url: str) -> str:
    scheme, colon, rest = url.partition("://")
    if not colon:
        return os.fsdecode(absolute(url))
    if scheme.startswith("postgres"):
        raise NotBuiltYet(option="A ledger on PostgreSQL")
    if scheme != "sqlite":
        raise UsageError(problem=f"“{scheme}” is not a kind of ledger that Ketter knows.")
    # As SQLAlchemy writes it: three slashes and a relative path, four and an absolute one.
    return os.fsdecode(absolute(rest.removeprefix("/")))


def one_of(*known: str) -> Callable[[str], str]:
    """An argparse type for one of a few words, with a sentence for any other."""

    def check(word: str) -> str:
        if word not in known:
            raise argparse.ArgumentTypeError(f"“{word}” is none of {', '.join(known)}")
        return word

    return check


def whole_number(word: str) -> int:
    """A transfer's number, as an argparse type."""
    try:
        number = int(word)
    except ValueError:
        number = 0
    if number < 1 or number >= 2**63:
        raise argparse.ArgumentTypeError(f"“{word}” is not the number of a transfer")
    return number


def no_names(words: Words, prog: str) -> list[str]:
    """The words of a command that takes no names: what follows `--` are words as well."""
    if any(name.startswith("-") for name in words.names):
        raise CommandUsage(problem=f"“{prog}” takes no such names after “--”.", command=prog)
    return [*words.before, *words.names]


def absolute(word: str) -> bytes:
    """A path as typed, made absolute. Raises UsageError for an empty one.

    A symlink stays what it is, since a card's folder is copied under the name it was
    given. Two ways of writing mean the folder behind it, as everywhere in POSIX
    (Base Definitions 4.13): a slash at the end, and `..` after it.
    """
    raw = os.fsencode(word)
    if not raw:
        raise UsageError(problem="A path was given that is empty: a variable without a value?")
    whole = raw if os.path.isabs(raw) else os.path.join(_here(), raw)
    plain = os.path.normpath(whole)
    if plain.startswith(b"//"):
        plain = plain[1:]  # POSIX lets two slashes mean something else; no system we know does
    if raw.endswith((b"/", b"/.")) and os.path.islink(plain):
        return os.path.realpath(plain)
    if b".." in raw.split(b"/") and not _is_same(plain, whole):
        parent, name = os.path.split(whole)
        if name not in (b"", b".", b".."):
            return os.path.join(os.path.realpath(parent), name)
        return os.path.realpath(whole)
    return plain


def _here() -> bytes:
    try:
        return os.getcwdb()
    except FileNotFoundError as error:
        raise UsageError(problem="The current folder does not exist any more.") from error


def _is_same(one: bytes, other: bytes) -> bool:
    try:
        return os.path.samestat(os.lstat(one), os.lstat(other))
    except OSError:
        return not os.path.lexists(other)
