#!/usr/bin/env python3
"""Set Ketter up and start it, with nothing but Python: one command for each habit.

`run` and `test` are all that most people need; the rest are the habits of those
who work on it. venv and pip do the work. What is here decides whether there is
any to do, and says in a sentence what went wrong and what to do about it.

The file must be readable by Pythons that are too old for Ketter, so that they can
say so: no syntax newer than 3.8, and nothing but the standard library.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from environment import PYTHON, ROOT, VENV, make_ready, note, stamped
from trouble import CannotGoOn, say

if TYPE_CHECKING:
    from collections.abc import Sequence

OLDEST = (3, 11)

USAGE = """\
usage: python3 packaging/bootstrap.py COMMAND

  run [ARGS…]         set up what is needed and start Ketter: the window, or with
                      ARGS the command line (`run copy SOURCE --to DEST`)
  run --demo          the same, with a made-up camera card and two drives to try
  test [--all]        every check and every test; --all fails when one is skipped
  test PATH…          only these tests; `test -- ARGS…` hands ARGS to pytest
  lint [--fix]        style, types and the arrows between the rooms, without tests
  bench [ARGS…]       the measurements of tests/benchmarks
  screens [FOLDER]    a picture of every screen, in FOLDER (default: screens)
  setup               only make .venv ready for working on Ketter
"""


def check_python() -> None:
    """Refuse a Python that is too old, naming a newer one that is here already."""
    if sys.version_info[:2] >= OLDEST:
        return
    import system_packages

    names = ("python3.13", "python3.12", "python3.11")
    newer = [name for name in names if system_packages.on_path(name)]
    hint = (
        f"There is a newer one here: run the same command with {newer[0]}."
        if newer
        else "Install a newer Python and run the same command with it."
    )
    found = sys.version.split()[0]
    raise CannotGoOn(f"Ketter needs Python 3.11 or newer; {sys.executable} is {found}. {hint}")


# --- starting Ketter --------------------------------------------------------


def has_display() -> bool:
    """Whether a window can be shown here: something answers where the environment points."""
    if sys.platform in ("win32", "darwin"):
        return True
    if os.environ.get("WAYLAND_DISPLAY") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    display = os.environ.get("DISPLAY", "")
    host, _, number = display.partition(":")
    if host not in ("", "unix"):
        return True  # another machine's screen; Qt will say what becomes of it
    return bool(number) and x_server_answers(number.split(".")[0])


def x_server_answers(number: str) -> bool:
    """Whether an X server of this machine listens; Qt would abort where none does."""
    import socket

    path = "/tmp/.X11-unix/X" + number  # noqa: S108 - where every X server puts it
    for address in ("\0" + path, path):
        with socket.socket(socket.AF_UNIX) as line, suppress(OSError):
            line.connect(address)
            return True
    return False


def wants_window(arguments: Sequence[str]) -> bool:
    """Whether these arguments open the window: none, sources with a "/", or after `--`."""
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        if word in ("--data-dir", "--ledger"):
            del rest[:1]
        elif word not in ("--demo", "--verbose") and not word.startswith(
            ("--data-dir=", "--ledger=")
        ):
            return word == "--" or (not word.startswith("-") and "/" in word)
    return True


def run(arguments: list[str]) -> NoReturn:
    """Start Ketter; where there is no display, say so and work in the terminal."""
    make_ready("run")
    window = wants_window(arguments)
    if window and not has_display():
        window = False
        arguments = without_display(arguments)
    have_libraries("window" if window else "terminal")
    # -P: the folder it is started in may be a camera card; nothing is imported from there.
    become([str(PYTHON), "-P", "-m", "ketter_gui", *arguments])


def without_display(arguments: list[str]) -> list[str]:
    """Return what to run in the terminal in the place of a window that cannot be shown."""
    if "--demo" not in arguments and any("/" in word for word in arguments):
        raise CannotGoOn(
            "there is no display here to open the window on. In the terminal, copy with: "
            "run copy SOURCE --to DEST"
        )
    say("there is no display here, so the demo runs in this terminal")
    return arguments if "--demo" in arguments else ["--demo", *arguments]


def have_libraries(use: str) -> None:
    """Have the libraries of the system that Qt needs for `use`; look once for each .venv."""
    if not sys.platform.startswith("linux"):
        return
    marks = stamped()
    if marks.get(use) == marks.get("run"):
        return
    import system_packages

    missing = system_packages.missing_libraries(VENV, use)
    if missing:
        packages = system_packages.packages_of(missing)
        if not system_packages.install(packages, why="libraries that Qt needs"):
            raise CannotGoOn(
                f"Qt needs libraries that this system does not have: {', '.join(missing)}. "
                + system_packages.what_to_run(packages)
            )
    # In somebody else's checkout it cannot be noted; then it is looked at each time.
    with suppress(OSError):
        note({**marks, use: marks.get("run", "")})


def become(command: list[str]) -> NoReturn:
    """Go on as another program, so that signals and the exit code are its own."""
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == "nt":
        import subprocess

        raise SystemExit(subprocess.call(command))
    os.execv(command[0], command)


# --- working on Ketter ------------------------------------------------------


def test(arguments: list[str]) -> int:
    """Every check and every test, or only the tests that are named."""
    import checks

    make_ready("test")
    have_test_programs()
    fail_on_skips = arguments[:1] == ["--all"]
    chosen = arguments[1:] if arguments[:1] in (["--all"], ["--"]) else arguments
    return checks.run_tests(PYTHON, ROOT, chosen, fail_on_skips=fail_on_skips)


def have_test_programs() -> None:
    """Get the X server and what else tests drive; without it those tests skip by name."""
    if not sys.platform.startswith("linux"):
        return
    import system_packages

    packages = system_packages.packages_of(
        [
            *system_packages.missing_libraries(VENV, "window"),
            *system_packages.missing_test_programs(),
        ]
    )
    if packages and not system_packages.install(packages, why="what some tests drive"):
        say("some tests will be skipped. To have them: " + system_packages.what_to_run(packages))


def lint(arguments: list[str]) -> int:
    """Style, types and arrows; with --fix, what can be mended by itself is."""
    import checks

    make_ready("test")
    return checks.run_lint(PYTHON, ROOT, fix="--fix" in arguments)


def bench(arguments: list[str]) -> NoReturn:
    """Measure, in the checkout."""
    make_ready("test")
    os.chdir(ROOT)
    become([str(PYTHON), "-m", "tests.benchmarks", *arguments])


def screens(arguments: list[str]) -> NoReturn:
    """Draw every screen into picture files."""
    make_ready("test")
    have_test_programs()
    folder = os.path.abspath(arguments[0] if arguments else ROOT / "screens")
    os.chdir(ROOT)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    become([str(PYTHON), "tests/gui/screens.py", folder])


def setup(arguments: list[str]) -> int:
    """Make .venv ready for working on Ketter, and nothing else."""
    del arguments
    make_ready("test")
    say(".venv is ready")
    return 0


COMMANDS = {
    "run": run,
    "test": test,
    "lint": lint,
    "bench": bench,
    "screens": screens,
    "setup": setup,
}


def main(arguments: list[str]) -> int:
    """Do what the first word says; answer trouble with a sentence."""
    if not arguments or arguments[0] not in COMMANDS:
        asked = arguments[:1] in (["-h"], ["--help"], ["help"])
        print(USAGE, end="", file=sys.stdout if asked else sys.stderr)
        return 0 if asked else 2
    try:
        check_python()
        return COMMANDS[arguments[0]](arguments[1:])
    except CannotGoOn as trouble:
        say(str(trouble))
        return 2
    except OSError as trouble:
        say(f"{trouble}. Is there room, and may you write in {ROOT}?")
        return 2
    except KeyboardInterrupt:
        say("stopped. What is half-made is made anew by the next start.")
        return 130


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
