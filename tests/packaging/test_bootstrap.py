"""The two commands: what they do on a fresh clone, on the second start, and when it cannot be."""

import ast
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.packaging.conftest import ROOT, Checkout

OLD_PYTHONS = sorted(
    path
    for version in ("3.7", "3.8", "3.9", "3.10")
    for path in (Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python")
)


# --- nothing is set up yet ---------------------------------------------------


@pytest.mark.parametrize("arguments", [[], ["fly"], ["--demo"]])
def test_a_word_that_is_no_command_is_answered_with_the_usage(
    checkout: Checkout, arguments: list[str]
) -> None:
    code, out, err = checkout.bootstrap(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("usage: python3 packaging/bootstrap.py COMMAND")


def test_help_is_no_error(checkout: Checkout) -> None:
    code, out, _ = checkout.bootstrap("--help")
    assert code == 0
    assert "run --demo" in out


@pytest.mark.parametrize("python", OLD_PYTHONS or [None], ids=lambda p: p and p.parts[-3])
def test_a_python_that_is_too_old_says_so(checkout: Checkout, python: Path | None) -> None:
    if python is None:
        pytest.skip("needs a Python older than 3.11 below ~/.pyenv/versions")
    code, out, err = checkout.bootstrap("run", python=str(python))
    assert (code, out) == (2, "")
    assert "Ketter needs Python 3.11 or newer" in err
    assert "Install a newer Python" in err
    assert "Traceback" not in err


def test_a_python_that_is_too_old_names_a_newer_one(checkout: Checkout) -> None:
    checkout.play("sys.version_info = (3, 9, 2, 'final', 0)")
    checkout.program("python3.12")
    code, _, err = checkout.bootstrap("test")
    assert code == 2
    assert "There is a newer one here: run the same command with python3.12." in err


def test_an_old_python_can_read_the_bootstrap() -> None:
    for file in (ROOT / "packaging").glob("*.py"):
        ast.parse(file.read_bytes(), filename=str(file), feature_version=(3, 8))


def without_ensurepip(checkout: Checkout, *, uid: int) -> None:
    """Debian's python3 as it comes: ensurepip is in a package of its own."""
    checkout.play(
        "sys.modules['ensurepip'] = None",
        "sys.prefix = '/usr'",
        f"os.geteuid = lambda: {uid}",
    )


def test_without_ensurepip_a_person_gets_the_one_line(checkout: Checkout) -> None:
    without_ensurepip(checkout, uid=1000)
    checkout.program("apt-get", "echo called >> $HOME/apt")
    code, _, err = checkout.bootstrap("run")
    assert code == 2
    assert "comes without its modules venv and ensurepip" in err
    assert "Run: sudo apt-get install -y --no-install-recommends python3." in err
    assert not (checkout.root / "apt").exists()
    assert not (checkout.root / ".venv").exists()


def test_without_ensurepip_root_has_it_installed(checkout: Checkout) -> None:
    without_ensurepip(checkout, uid=0)
    checkout.program("apt-get", 'echo "$@" >> $HOME/apt')
    _, _, err = checkout.bootstrap("run")
    assert "installing Python's venv module from the system's packages: python3." in err
    assert " install --no-install-recommends python3." in (checkout.root / "apt").read_text()


def test_an_apt_that_fails_is_quoted_and_the_line_is_given(checkout: Checkout) -> None:
    without_ensurepip(checkout, uid=0)
    checkout.program("apt-get", "echo E: no such thing", "exit 100")
    code, _, err = checkout.bootstrap("run")
    assert code == 2
    assert "apt-get did not manage: E: no such thing" in err
    assert "Run: apt-get install -y --no-install-recommends python3." in err


def test_without_ensurepip_and_without_apt_it_is_said(checkout: Checkout) -> None:
    without_ensurepip(checkout, uid=0)
    code, _, err = checkout.bootstrap("run")
    assert code == 2
    assert "Install them, or use a Python that has them." in err


def test_a_registry_that_cannot_be_reached_is_a_sentence(checkout: Checkout) -> None:
    pins = checkout.root / "packaging" / "requirements" / "run.txt"
    pins.write_text("made-up==1.0 --hash=sha256:" + 64 * "0" + "\n")
    code, out, err = checkout.bootstrap("run")
    assert (code, out) == (2, "")
    assert "the package index could not be reached" in err.splitlines()[-1]
    assert "Traceback" not in err
    assert not checkout.is_stamped


def test_interrupted_while_installing_it_starts_anew(checkout: Checkout) -> None:
    """Ctrl-C reaches pip too; nothing half-made may stand in the way of the next start."""
    pins = checkout.root / "packaging" / "requirements" / "run.txt"
    pins.write_text("made-up==1.0 --hash=sha256:" + 64 * "0" + "\n")
    checkout.environment["PIP_RETRIES"] = "9"
    running = checkout.start("run", "--version")
    assert running.stderr is not None
    for line in running.stderr:
        if "Retrying" in line:
            break
    os.killpg(running.pid, signal.SIGINT)
    _, err = running.communicate(timeout=30)
    assert running.returncode == 130, err
    assert "stopped. What is half-made is made anew" in err
    assert not checkout.is_stamped

    pins.write_text("")
    code, out, err = checkout.bootstrap("run", "--version")
    assert code == 0, err
    assert out == "ketter was called with ['--version']\n"
    assert "making .venv" in err


def test_a_folder_that_cannot_be_written_is_a_sentence(checkout: Checkout) -> None:
    (checkout.root / ".venv").write_text("a file in the way")
    code, _, err = checkout.bootstrap("run")
    assert code == 2
    assert "Python could not make the folder" in err.splitlines()[-1]
    assert not checkout.is_stamped


# --- everything is set up ----------------------------------------------------


def test_the_second_start_does_nothing_but_start(
    ready_checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    began = time.monotonic()
    code, out, err = ready_checkout.bootstrap("run", "copy", "a b", "--to", "-x")
    with capsys.disabled():
        print(f" [second start: {time.monotonic() - began:.2f} s]", end="")
    assert (code, err) == (0, "")
    assert out == "ketter was called with ['copy', 'a b', '--to', '-x']\n"


def test_nothing_is_imported_from_the_folder_it_is_started_in(
    ready_checkout: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ketter_gui.py").write_text("raise SystemExit('from the card')")
    monkeypatch.chdir(tmp_path)
    assert ready_checkout.bootstrap("run", "--version")[0] == 0


def test_changed_requirements_are_installed(ready_checkout: Checkout) -> None:
    pins = ready_checkout.root / "packaging" / "requirements" / "run.txt"
    pins.write_text("# changed\n")
    code, _, err = ready_checkout.bootstrap("run", "--version")
    assert code == 0
    assert "installing the pinned packages (run.txt)" in err
    assert "making .venv" not in err


def test_the_program_is_translated_once_even_where_python_keeps_no_translations(
    ready_checkout: Checkout,
) -> None:
    """Else every start would take half as long again."""
    program = ready_checkout.root / "ketter_gui"
    shutil.rmtree(program / "__pycache__", ignore_errors=True)
    (ready_checkout.root / ".venv" / "ketter-setup").unlink()
    ready_checkout.environment["PYTHONDONTWRITEBYTECODE"] = "1"
    code, _, err = ready_checkout.bootstrap("run", "--version")
    assert code == 0, err
    names = sorted(path.name.split(".")[0] for path in (program / "__pycache__").glob("*.pyc"))
    assert names == ["__init__", "__main__"]


def test_a_half_made_environment_is_made_anew(ready_checkout: Checkout) -> None:
    (ready_checkout.root / ".venv" / "ketter-setup").unlink()
    for pip in (ready_checkout.root / ".venv").glob("lib/python*/site-packages/pip/__main__.py"):
        pip.unlink()
    code, _, err = ready_checkout.bootstrap("run", "--version")
    assert code == 0, err
    assert "making .venv" in err


def test_two_starts_at_once_set_up_once(ready_checkout: Checkout) -> None:
    (ready_checkout.root / ".venv" / "ketter-setup").unlink()
    both = [ready_checkout.start("run", "--version") for _ in range(2)]
    said = [running.communicate(timeout=60)[1] for running in both]
    assert [running.returncode for running in both] == [0, 0]
    assert sorted(text.count("making .venv") for text in said) == [0, 1]


def test_the_exit_code_is_the_programs_own(ready_checkout: Checkout) -> None:
    main = ready_checkout.root / "ketter_gui" / "__main__.py"
    program = main.read_text()
    try:
        main.write_text("raise SystemExit(3)")
        assert ready_checkout.bootstrap("run", "resume")[0] == 3
    finally:
        main.write_text(program)


@pytest.mark.parametrize("arguments", [[], ["--demo"], ["--data-dir", "/x", "--demo"]])
def test_without_a_display_the_demo_runs_in_the_terminal(
    ready_checkout: Checkout, arguments: list[str]
) -> None:
    code, out, err = ready_checkout.bootstrap("run", *arguments)
    assert code == 0
    assert err == "ketter setup: there is no display here, so the demo runs in this terminal\n"
    passed_on = arguments if "--demo" in arguments else ["--demo", *arguments]
    assert out == f"ketter was called with {passed_on}\n"


def test_a_display_that_nothing_answers_on_is_none(ready_checkout: Checkout) -> None:
    ready_checkout.environment["DISPLAY"] = ":98765.0"
    _, out, err = ready_checkout.bootstrap("run")
    assert "there is no display here" in err
    assert out == "ketter was called with ['--demo']\n"


def test_sources_without_a_display_are_answered_with_the_command_to_use(
    ready_checkout: Checkout,
) -> None:
    code, out, err = ready_checkout.bootstrap("run", "/media/card")
    assert (code, out) == (2, "")
    assert "there is no display here" in err
    assert "run copy SOURCE --to DEST" in err


@pytest.mark.parametrize("arguments", [[], ["--demo"], ["/media/card"], ["--", "card"]])
def test_with_a_display_the_window_gets_what_was_said(
    ready_checkout: Checkout, arguments: list[str]
) -> None:
    ready_checkout.environment["DISPLAY"] = "elsewhere:7"
    code, out, err = ready_checkout.bootstrap("run", *arguments)
    assert (code, err) == (0, "")
    assert out == f"ketter was called with {arguments}\n"


# --- what only the system can give --------------------------------------------


def lacking(checkout: Checkout, library: str) -> None:
    """Have Qt's files there, and a linker that does not find one library."""
    (site,) = (checkout.root / ".venv").glob("lib/python*/site-packages")
    (site / "PySide6").mkdir(exist_ok=True)
    for name in ("QtCore.abi3.so", "QtGui.abi3.so"):
        (site / "PySide6" / name).touch()
    checkout.program("ldd", f"echo '  {library} => not found'", "echo '  libc.so.6 => /libc (0)'")
    stamp = checkout.root / ".venv" / "ketter-setup"
    kept = [x for x in stamp.read_text().splitlines() if not x.startswith(("window", "terminal"))]
    stamp.write_text("\n".join(kept) + "\n")


def test_missing_libraries_are_named_with_the_line_that_installs_them(
    ready_checkout: Checkout,
) -> None:
    ready_checkout.environment["DISPLAY"] = "elsewhere:7"
    ready_checkout.play("os.geteuid = lambda: 1000")
    ready_checkout.program("apt-get")
    lacking(ready_checkout, "libxcb-cursor.so.0")
    code, out, err = ready_checkout.bootstrap("run")
    assert (code, out) == (2, "")
    assert "does not have: libxcb-cursor.so.0." in err
    assert "Run: sudo apt-get install -y --no-install-recommends libxcb-cursor0\n" in err


def test_on_fedora_the_line_is_fedoras(ready_checkout: Checkout) -> None:
    ready_checkout.environment["DISPLAY"] = "elsewhere:7"
    ready_checkout.play("os.geteuid = lambda: 1000")
    ready_checkout.program("dnf")
    lacking(ready_checkout, "libxcb-cursor.so.0")
    _, _, err = ready_checkout.bootstrap("run")
    assert "Run: sudo dnf install -y xcb-util-cursor\n" in err


def test_on_another_system_the_names_are_given(ready_checkout: Checkout) -> None:
    ready_checkout.environment["DISPLAY"] = "elsewhere:7"
    lacking(ready_checkout, "libnobody-knows.so.3")
    code, _, err = ready_checkout.bootstrap("run")
    assert code == 2
    assert "Install with your system: libnobody-knows.so.3\n" in err


def test_root_gets_missing_libraries_installed_once(ready_checkout: Checkout) -> None:
    ready_checkout.environment["DISPLAY"] = "elsewhere:7"
    ready_checkout.play("os.geteuid = lambda: 0")
    ready_checkout.program("apt-get", 'echo "$@" >> $HOME/apt')
    lacking(ready_checkout, "libEGL.so.1")
    code, _, err = ready_checkout.bootstrap("run")
    assert code == 0, err
    assert "installing libraries that Qt needs from the system's packages: libegl1" in err
    assert ready_checkout.bootstrap("run")[2] == ""
    assert (ready_checkout.root / "apt").read_text().count("libegl1") == 1


# --- test ----------------------------------------------------------------------


@pytest.fixture
def with_tests(ready_checkout: Checkout) -> Checkout:
    """A checkout with two tests, one of which is skipped."""
    tests = ready_checkout.root / "tests"
    tests.mkdir(exist_ok=True)
    (tests / "test_two.py").write_text(
        "import os, pytest\n"
        "def test_one(): assert os.environ['QT_QPA_PLATFORM'] == 'offscreen'\n"
        "def test_other(): pytest.skip('needs the moon')\n"
    )
    return ready_checkout


def test_named_tests_alone_are_run_and_counted(with_tests: Checkout) -> None:
    code, out, err = with_tests.bootstrap("test", "tests/test_two.py")
    assert code == 0, out + err
    assert "needs the moon" in out
    assert out.splitlines()[-1] == "tests: 1 passed, 0 failed, 1 skipped"
    assert "== types" not in out


def test_what_is_missing_for_tests_is_said_and_they_run_all_the_same(with_tests: Checkout) -> None:
    with_tests.play("os.geteuid = lambda: 1000")
    with_tests.program("apt-get")
    code, _, err = with_tests.bootstrap("test", "tests/test_two.py")
    assert code == 0
    assert "some tests will be skipped. To have them: Run: sudo apt-get install" in err
    assert "xvfb" in err


def test_all_fails_on_a_skip(with_tests: Checkout) -> None:
    code, out, _ = with_tests.bootstrap("test", "--all", "tests/test_two.py")
    assert code == 1
    assert "FAILED  no test was skipped (--all)" in out


def test_words_after_two_dashes_go_to_pytest(with_tests: Checkout) -> None:
    code, out, _ = with_tests.bootstrap("test", "--", "-k", "one", "tests/test_two.py")
    assert code == 0
    assert out.splitlines()[-1] == "tests: 1 passed, 0 failed, 0 skipped"


def test_no_test_at_all_is_a_failure(with_tests: Checkout) -> None:
    code, out, _ = with_tests.bootstrap("test", "--", "-k", "neither", "tests/test_two.py")
    assert code == 1
    assert out.splitlines()[-1] == "tests: 0 passed, 0 failed, 0 skipped"


def test_ci_runs_the_test_command_and_nothing_else() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    words = [x for x in script.read_text().splitlines() if x and not x.startswith("#")]
    assert words[-1] == "exec python3 packaging/bootstrap.py test"
    assert subprocess.call(["/bin/bash", "-n", str(script)]) == 0
