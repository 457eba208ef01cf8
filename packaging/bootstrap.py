#!/usr/bin/env python3
"""Set Ketter up and start it, with nothing but Python: one command for each habit.

`run` and `test` are all that most people need; the rest are the habits of those
who work on it. venv and pip do the work. What is here decides whether there is
any to do, and says in a sentence what went wrong and what to do about it.

The file must be readable by Pythons that are too old for Ketter, so that they can
say so: no syntax newer than 3.8, and nothing but the standard library.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
REQUIREMENTS = ROOT / "packaging" / "requirements"
STAMP = VENV / "ketter-setup"
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

# What pip says on stderr, and what that means to the person in front of it.
PIP_TROUBLE = (
    (
        ("do not match the hashes",),
        (
            "a downloaded file is not the one that is pinned, so it was not installed. "
            "Try again; if it happens again, do not trust the package index you use"
        ),
    ),
    (
        ("No space left on device",),
        "the disk is full. Make about 1 GB of room and run the same command again",
    ),
    (
        (
            "Failed to establish a new connection",
            "Temporary failure in name resolution",
            "Connection refused",
            "Network is unreachable",
            "timed out",
            "ProxyError",
            "Could not fetch URL",
            "No matching distribution found",
        ),
        (
            "the package index could not be reached, or does not have the pinned version. "
            "Check the network and pip's own settings (`pip config list`), "
            "and run the same command again"
        ),
    ),
)


class CannotGoOn(Exception):
    """Setting up cannot go on; the text says why and what to do."""


def say(text: str) -> None:
    """Tell what is going on; on stderr, so that `run … --json` stays clean."""
    print("ketter setup: " + text, file=sys.stderr, flush=True)


# --- what to stand on -------------------------------------------------------


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


def check_venv_module() -> None:
    """Have the modules that make a virtual environment; Debian sells them apart."""
    if all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        return
    import system_packages

    package = f"python3.{sys.version_info[1]}-venv"
    from_the_system = sys.prefix == "/usr"
    if from_the_system and system_packages.install([package], why="Python's venv module"):
        return
    line = system_packages.install_line([package]) if from_the_system else ""
    raise CannotGoOn(
        f"this Python ({sys.executable}) comes without its modules venv and ensurepip, with which "
        "Ketter's own folder of packages is made. "
        + (f"Run: {line}" if line else "Install them, or use a Python that has them.")
    )


# --- the virtual environment ------------------------------------------------


def digest(kind: str) -> str:
    """What `.venv` depends on: if none of it changed, there is nothing to do."""
    seen = hashlib.sha256()
    for part in (
        (REQUIREMENTS / (kind + ".txt")).read_bytes(),
        (ROOT / "pyproject.toml").read_bytes(),
        os.fsencode(ROOT),
    ):
        seen.update(str(len(part)).encode() + b":" + part)
    return seen.hexdigest()


def stamped() -> dict[str, str]:
    """What was ready when setting up last came to its end."""
    try:
        lines = STAMP.read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    return dict(line.split(" ", 1) for line in lines if " " in line)


def stamp(marks: dict[str, str]) -> None:
    """Write the stamp in one step, last of all: a half-made .venv never has one."""
    beside = STAMP.with_suffix(".new")
    beside.write_text("".join(f"{key} {value}\n" for key, value in marks.items()), encoding="utf-8")
    beside.replace(STAMP)


def this_python() -> str:
    """Which Python is at work: another one, or a new minor version, needs a new .venv."""
    return f"3.{sys.version_info[1]} {os.path.realpath(sys.executable)}"


def is_ready(kind: str) -> bool:
    """Whether .venv holds what `kind` pins, and is of the Python that this was started with."""
    marks = stamped()
    of_this_python = marks.get("python") == this_python() and PYTHON.exists()
    return of_this_python and marks.get(kind) == digest(kind)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold a lock on the checkout, so that two starts do not set up into each other."""
    if os.name == "nt":
        yield
        return
    import fcntl

    folder = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("another setup is at work here; waiting for it")
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def make_ready(kind: str) -> None:
    """Bring .venv to what `kind` (run or test) pins; do nothing when it is there."""
    if is_ready(kind):
        return
    with one_at_a_time():
        if is_ready(kind):
            return
        check_venv_module()
        marks = stamped()
        if marks.get("python") != this_python() or not PYTHON.exists():
            say("making .venv with Python " + sys.version.split()[0])
            make_venv()
        STAMP.unlink(missing_ok=True)
        say(f"installing the pinned packages ({kind}.txt)")
        pip("install", "--require-hashes", "-r", str(REQUIREMENTS / (kind + ".txt")))
        pip("install", "--no-deps", "--no-index", "--no-build-isolation", "-e", str(ROOT))
        # What tests need holds all that running needs.
        kinds = ("run", "test") if kind == "test" else ("run",)
        stamp({"python": this_python(), **{each: digest(each) for each in kinds}})


def make_venv() -> None:
    """Make an empty .venv, in the place of one that is half-made or of another Python."""
    import subprocess

    if subprocess.call([sys.executable, "-m", "venv", "--clear", str(VENV)]) != 0:
        raise CannotGoOn(
            f"Python could not make the folder {VENV}; what it said stands above. "
            "Nothing else was touched."
        )


def pip(*arguments: str) -> None:
    """Run .venv's pip with the settings this machine has; explain when it fails."""
    import subprocess

    command = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", *arguments]
    if not sys.stderr.isatty():
        command.append("--quiet")
    said: list[str] = []
    with subprocess.Popen(command, stdout=sys.stderr, stderr=subprocess.PIPE) as running:
        assert running.stderr is not None
        for line in running.stderr:
            said.append(line.decode("utf-8", "replace"))
            # Its other warnings are about the machine's settings: told if it fails.
            if "Retrying" in said[-1]:
                sys.stderr.write(said[-1])
    if running.returncode != 0:
        sys.stderr.write("".join(line for line in said if "Retrying" not in line))
        raise CannotGoOn("the packages could not be installed: " + meaning("".join(said)) + ".")


def meaning(said: str) -> str:
    """Put what pip said in words."""
    for signs, words in PIP_TROUBLE:
        if any(sign in said for sign in signs):
            return words
    return "what pip said stands above. Nothing outside .venv was touched"


# --- starting Ketter --------------------------------------------------------


def has_display() -> bool:
    """Whether a window can be shown here, as far as the environment tells."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(n) for n in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


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
        stamp({**marks, use: marks.get("run", "")})


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
