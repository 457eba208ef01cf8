"""The folder .venv: made once, with exactly what is pinned, and left alone after that.

A stamp in it says what it was made from, and is written last of all: a .venv whose
making was interrupted has none, and is made anew. The stamp also notes for which use
the system's libraries were found, so that nobody looks twice.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from trouble import CannotGoOn, say

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
REQUIREMENTS = ROOT / "packaging" / "requirements"
STAMP = VENV / "ketter-setup"

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


def note(marks: dict[str, str]) -> None:
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
        say(f"installing the pinned packages ({kind}.txt): some 300 MB, a minute or two")
        pip("install", "--require-hashes", "-r", str(REQUIREMENTS / (kind + ".txt")))
        pip("install", "--no-deps", "--no-index", "--no-build-isolation", "-e", str(ROOT))
        compile_sources()
        # What tests need holds all that running needs.
        kinds = ("run", "test") if kind == "test" else ("run",)
        note({"python": this_python(), **{each: digest(each) for each in kinds}})


def make_venv() -> None:
    """Make an empty .venv, in the place of one that is half-made or of another Python."""
    import subprocess

    if subprocess.call([sys.executable, "-m", "venv", "--clear", str(VENV)]) != 0:
        raise CannotGoOn(
            f"Python could not make the folder {VENV}; what it said stands above. "
            "Nothing else was touched."
        )


def compile_sources() -> None:
    """Translate Ketter's modules now, as pip does with what it installs: where Python is told
    to keep no translations (PYTHONDONTWRITEBYTECODE), each start would take half as long
    again. What changes later is noticed by its time; what cannot be written does not matter."""
    import subprocess

    subprocess.call([str(PYTHON), "-m", "compileall", "-qq", str(ROOT / "ketter_gui")])


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
