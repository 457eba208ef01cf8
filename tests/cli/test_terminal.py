"""The program as a citizen of a terminal: bars, pipes, encodings, start-up, the demo."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path

import pytest

from ketter_gui import __version__
from tests.builders import Card, drive, tree_of
from tests.cli.program import (
    ROOT,
    Ketter,
    ended,
    many_files,
    names_below,
    surroundings,
    until,
)


def test_version_is_answered_before_or_after_a_command(ketter: Ketter) -> None:
    for words in (["--version"], ["copy", "--version"], ["audit", "verify", "--version"]):
        assert ketter(*words).out == f"ketter {__version__}\n"


def test_help_tells_of_every_command_that_works(ketter: Ketter) -> None:
    done = ketter("--help")
    assert done.code == 0
    for name in ("copy", "move", "resume", "history", "audit", "volumes", "doctor"):
        assert f"  {name} " in done.out
        assert f"usage: ketter {name}" in ketter(name, "--help").out


def test_the_command_line_never_loads_a_window(
    ketter: Ketter, card: Card, drives: tuple[Path, Path]
) -> None:
    program = (
        "import sys\n"
        "from ketter_gui.app import main\n"
        "code = main(sys.argv[1:])\n"
        "loaded = [m for m in ('PySide6.QtGui', 'PySide6.QtWidgets', 'tqdm') if m in sys.modules]\n"
        "print(code, loaded)\n"
    )
    words = ["copy", str(card.path), "--to", str(drives[0]), "--data-dir", str(ketter.data_dir)]
    done = subprocess.run(
        [sys.executable, "-c", program, *words, "--quiet"],
        capture_output=True,
        cwd=ROOT,
        env=surroundings({}),
        text=True,
    )
    assert done.stdout == "0 []\n", done.stderr


def test_the_version_is_answered_without_loading_anything() -> None:
    program = (
        "import sys\n"
        "before = set(sys.modules)\n"
        "from ketter_gui.app import main\n"
        "main(['--version'])\n"
        "print(*sorted(m for m in set(sys.modules) - before if m.startswith('ketter_gui')))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, cwd=ROOT, text=True, check=True
    )
    assert done.stdout.splitlines()[1] == "ketter_gui ketter_gui.app"


# --- a terminal ----------------------------------------------------------------------------


def on_a_terminal(
    ketter: Ketter,
    *words: str | Path,
    columns: int = 100,
    term: str = "xterm",
    meanwhile: Callable[[subprocess.Popen[bytes]], None] | None = None,
) -> tuple[int, str]:
    """Run with a real terminal as stderr and stdout; returns the code and what was seen."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (25 if columns else 0, columns))
    seen = bytearray()
    env = surroundings({"TERM": term})
    with ketter.started(*words, stdout=theirs, stderr=theirs, env=env) as running:
        os.close(theirs)
        if meanwhile is not None:
            meanwhile(running)
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # EIO: nobody holds the other end any more
                break
            if not piece:
                break
            seen += piece
        code = running.wait()
    os.close(ours)
    return code, seen.decode()


def test_a_bar_is_drawn_on_a_terminal_and_wiped_for_the_outcome(
    ketter: Ketter, tmp_path: Path
) -> None:
    card, target = many_files(tmp_path, 4000), drive(tmp_path, "DRIVE {0}")
    code, seen = on_a_terminal(ketter, "copy", card, "--to", target)
    assert code == 0, seen
    assert "\r" in seen
    assert " verified, " in seen
    assert "100 %" not in seen  # never full while work goes on
    assert seen.splitlines()[-1].endswith("Originals are kept. Transfer 1.")


def test_ctrl_c_on_a_terminal_says_that_it_is_stopping(ketter: Ketter, tmp_path: Path) -> None:
    card, target = many_files(tmp_path, 4000), drive(tmp_path, "DRIVE")

    def interrupt(running: subprocess.Popen[bytes]) -> None:
        until(lambda: len(names_below(target)) > 100, running)
        running.send_signal(signal.SIGINT)

    code, seen = on_a_terminal(ketter, "copy", card, "--to", target, meanwhile=interrupt)
    assert code == 3
    assert "Stopping: what is verified stays verified" in seen
    assert "“ketter resume 1 " in seen.splitlines()[-1]


@pytest.mark.parametrize(("columns", "most"), [(0, 79), (60, 59), (80, 79), (140, 139)])
def test_the_bar_fits_the_terminal_and_one_without_a_width_has_the_usual_one(
    ketter: Ketter, tmp_path: Path, columns: int, most: int
) -> None:
    """`script` and `ssh -tt` without a terminal of their own make one of no columns and rows."""
    card, target = many_files(tmp_path, 4000), drive(tmp_path, "DRIVE")
    code, seen = on_a_terminal(ketter, "copy", card, "--to", target, columns=columns)
    assert code == 0, seen
    frames = [frame for frame in seen.split("\r") if " % |" in frame]
    assert frames
    assert max(len(frame) for frame in frames) <= most
    assert all(" verified, " in frame for frame in frames)
    if columns != 60:
        assert all(" copied" in frame for frame in frames)


def test_a_terminal_that_cannot_rewrite_a_line_gets_plain_ones(
    ketter: Ketter, card: Card, drives: tuple[Path, Path]
) -> None:
    words = ("copy", card.path, "--to", drives[0])
    code, seen = on_a_terminal(ketter, *words, term="dumb")
    assert code == 0
    assert len(seen.splitlines()) == 2


def test_quiet_draws_no_bar(ketter: Ketter, card: Card, drives: tuple[Path, Path]) -> None:
    assert on_a_terminal(ketter, "copy", card.path, "--to", drives[0], "--quiet") == (0, "")


# --- pipes, full disks, encodings ----------------------------------------------------------


def test_a_reader_that_has_seen_enough_is_no_failure(copied_much: Ketter) -> None:
    reading, writing = os.pipe()
    with copied_much.started("history", "show", "1", "--json", stdout=writing) as running:
        os.close(writing)
        os.read(reading, 10)
        os.close(reading)
        done = ended(running)
    assert (done.code, done.err) == (0, "")


def test_a_copy_goes_on_when_nobody_reads(
    ketter: Ketter, card: Card, drives: tuple[Path, Path]
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    words = ("copy", card.path, "--to", drives[0], "--json")
    with ketter.started(*words, stdout=writing) as running:
        os.close(writing)
        done = ended(running)
    assert (done.code, done.err) == (0, "")
    assert tree_of(drives[0] / "A001") == card.files()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_a_copy_goes_on_when_its_words_cannot_be_kept_and_says_so(
    ketter: Ketter, card: Card, drives: tuple[Path, Path]
) -> None:
    with (
        open("/dev/full", "wb") as full,
        ketter.started("copy", card.path, "--to", drives[0], "--json", stdout=full) as running,
    ):
        done = ended(running)
    assert done.code == 1
    assert "The output cannot be written any more: No space left on device" in done.err
    assert tree_of(drives[0] / "A001") == card.files()


def test_a_terminal_that_knows_ascii_only_is_no_obstacle(
    ketter: Ketter, drives: tuple[Path, Path], tmp_path: Path
) -> None:
    card = tmp_path / "日本語"
    card.mkdir()
    (card / "é.mov").write_bytes(b"x")
    done = ketter("copy", card, "--to", drives[0], PYTHONIOENCODING="ascii:strict")
    assert done.code == 0, done.err
    assert r"\u65e5" in done.out
    assert ketter("copy", tmp_path / "ß", "--to", drives[0], PYTHONIOENCODING="ascii").code == 2


@pytest.fixture
def copied_much(ketter: Ketter, tmp_path: Path, drives: tuple[Path, Path]) -> Ketter:
    """A ledger with more in it than fits a pipe."""
    assert ketter("copy", many_files(tmp_path, 1000, size_bytes=8), "--to", drives[0]).code == 0
    return ketter


# --- faults of ours ------------------------------------------------------------------------


def test_a_fault_of_ours_is_one_sentence_and_its_traceback_is_in_the_log(ketter: Ketter) -> None:
    """A history page that cannot be read in any way that was foreseen."""
    program = (
        "import sys\n"
        "from ketter_gui import app\n"
        "from ketter_gui.service.service import Service\n"
        "def fall(*_, **__): raise ZeroDivisionError('on purpose')\n"
        "Service.history = fall\n"
        "sys.exit(app.main(sys.argv[1:]))\n"
    )
    words = ["history", "--data-dir", str(ketter.data_dir)]
    done = subprocess.run(
        [sys.executable, "-c", program, *words],
        capture_output=True,
        cwd=ROOT,
        env=surroundings({}),
        text=True,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "ZeroDivisionError" in done.stderr
    log = Path(done.stderr.rstrip(".\n").rpartition(" ")[2])
    assert log.parent == ketter.data_dir / "logs"
    assert "on purpose" in log.read_text()


def test_verbose_says_on_stderr_what_goes_to_the_log(
    ketter: Ketter, card: Card, drives: tuple[Path, Path]
) -> None:
    done = ketter("--verbose", "copy", card.path, "--to", drives[0], "--json")
    assert done.code == 0
    assert done.objects[-1]["event"] == "transfer.finished"
    said = [line.split("  ", 1)[1] for line in done.err.splitlines()]
    assert said[0].startswith(f"the log is {ketter.data_dir / 'logs'}")
    assert said[1] == f"transfer 1: scanning {card.path}"
    assert said[2].startswith("transfer 1: 7 files found, ")
    assert said[3:] == [
        f"transfer 1: copying to {drives[0]}",
        "transfer 1: completed, 7 of 7 files verified",
    ]
    assert Path(said[0].removeprefix("the log is ")).is_file()


def test_without_verbose_a_transfer_that_is_well_leaves_no_log(
    ketter: Ketter, card: Card, drives: tuple[Path, Path]
) -> None:
    assert ketter("copy", card.path, "--to", drives[0]).err == ""
    assert list((ketter.data_dir / "logs").iterdir()) == []


def test_verbose_words_stand_above_the_bar(ketter: Ketter, tmp_path: Path) -> None:
    card, target = many_files(tmp_path, 4000), drive(tmp_path, "DRIVE")
    code, seen = on_a_terminal(ketter, "copy", card, "--to", target, "--verbose")
    assert code == 0, seen
    assert "\r\x1b[K" in seen
    (found,) = [line for line in seen.splitlines() if "files found" in line]
    assert found.endswith("transfer 1: 4,000 files found, 16.4 MB")


# --- the window's own words, and the demo --------------------------------------------------


def test_without_a_display_the_window_says_what_to_do(ketter: Ketter, card: Card) -> None:
    for words in ((), (card.path,)):
        done = ketter(*words)
        assert done.code == 2
        assert "display" in done.sentence


def test_the_demo_runs_in_the_terminal_and_its_commands_work(
    ketter: Ketter, tmp_path: Path
) -> None:
    done = ketter("--demo", TMPDIR=str(tmp_path))
    assert done.code == 0, done.err
    (folder,) = tmp_path.glob("ketter-demo-*")
    card = tree_of(folder / "A001")
    assert tree_of(folder / "DRIVE_A" / "A001") == card
    assert tree_of(folder / "DRIVE_B" / "A001") == card
    typed = [line.strip() for line in done.out.splitlines() if " --data-dir " in line]
    assert len(typed) == 3
    for command in typed:
        ran = subprocess.run(
            command, shell=True, cwd=ROOT, env=surroundings({}), capture_output=True, text=True
        )
        assert ran.returncode == 0, command + ran.stderr
