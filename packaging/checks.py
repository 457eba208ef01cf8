"""The checks of `test` and `lint`, one after the other, with what each took.

All of them run even when one fails, so that a run tells everything it knows; the
summary names what failed, and the last line counts the tests.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def run_lint(python: Path, root: Path, *, fix: bool) -> int:
    """Run the checks that need no tests; with `fix`, mend first what mends by itself."""
    steps = lint_steps(python)
    if fix:
        ruff = [str(python), "-m", "ruff"]
        steps = [
            ("mending", [*ruff, "check", "--fix", "--quiet", "."]),
            ("laying out", [*ruff, "format", "--quiet", "."]),
            *steps,
        ]
    return summary([step(name, command, root) for name, command in steps])


def lint_steps(python: Path) -> list[tuple[str, list[str]]]:
    """Name the checks and what runs them, all from .venv."""
    ruff = [str(python), "-m", "ruff"]
    return [
        ("style", [*ruff, "check", "."]),
        ("layout", [*ruff, "format", "--check", "."]),
        ("types", [str(python), "-m", "mypy"]),
        ("arrows", [str(python.with_name("lint-imports"))]),
    ]


def run_tests(python: Path, root: Path, chosen: Sequence[str], *, fail_on_skips: bool) -> int:
    """Run every check and the whole suite with coverage; or just the `chosen` tests."""
    outcomes = [] if chosen else [step(name, cmd, root) for name, cmd in lint_steps(python)]
    with tempfile.TemporaryDirectory(prefix="ketter-test-") as folder:
        report = Path(folder, "junit.xml")
        command = [str(python), "-m", "pytest", f"--junitxml={report}", *chosen]
        if not chosen:
            # Files side by side: most tests wait for a drive, a program or a window.
            command += ["-n", str(min(4, os.cpu_count() or 1)), "--dist", "loadfile"]
            # Measured here, judged in a step of its own, so that each has its own verdict.
            command += ["--cov", "--cov-report=", "--cov-fail-under=0"]
        outcomes.append(step("tests", command, root))
        if not chosen:
            outcomes.append(step("coverage", [str(python), "-m", "coverage", "report"], root))
        ran, failed, skipped = counts(report)
    if ran == 0:
        outcomes.append(("at least one test ran", False, 0.0))
    if fail_on_skips:
        outcomes.append(("no test was skipped (--all)", skipped == 0, 0.0))
    result = summary(outcomes)
    print(f"tests: {ran - failed} passed, {failed} failed, {skipped} skipped", flush=True)
    return result


def step(name: str, command: Sequence[str], root: Path) -> tuple[str, bool, float]:
    """Run one check, showing what it says; return its name, outcome and seconds."""
    print(f"\n== {name}", flush=True)
    # Tests draw into memory; one that wants a real X server starts its own.
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    for name_of_display in ("DISPLAY", "WAYLAND_DISPLAY"):
        environment.pop(name_of_display, None)
    began = time.monotonic()
    code = subprocess.call(list(command), cwd=root, env=environment, stdin=subprocess.DEVNULL)
    return name, code == 0, time.monotonic() - began


def counts(report: Path) -> tuple[int, int, int]:
    """Read from pytest's own report how many tests ran, failed and were skipped."""
    try:
        suites = ET.parse(report).getroot().iter("testsuite")
    except (OSError, ET.ParseError):
        return 0, 0, 0
    ran = failed = skipped = 0
    for suite in suites:
        skips = int(suite.get("skipped", "0"))
        ran += int(suite.get("tests", "0")) - skips
        failed += int(suite.get("failures", "0")) + int(suite.get("errors", "0"))
        skipped += skips
    return ran, failed, skipped


def summary(outcomes: Sequence[tuple[str, bool, float]]) -> int:
    """Say how each check ended; return the exit code."""
    print("\n== summary")
    for name, fine, seconds in outcomes:
        print(f"{'ok' if fine else 'FAILED':7} {name:28} {seconds:6.1f} s")
    sys.stdout.flush()
    return 0 if all(fine for _, fine, _ in outcomes) else 1
