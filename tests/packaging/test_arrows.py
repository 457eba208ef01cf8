"""The arrows between the rooms that import-linter cannot see, and the one door to the disk.

import-linter holds who imports whom (pyproject.toml). It sees packages, not names in
them: that `queue` takes no more than QtCore, and that nothing but `disk` opens,
renames or removes what belongs to people, is read here from the source itself.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "ketter_gui"
SOURCES = sorted(PACKAGE.rglob("*.py"))

# Where `os`, `open` and their like may be used outside of disk/, and why. A folder or a
# file; keep it short, and give the reason as a fact about whose files they are.
OWN_FILES = {
    "store": "the ledger, its locks and its key: Ketter's own data folder",
    "system": "what the kernel and the desktop keep about volumes, processes and autostart",
    "service/logs.py": "the log, in Ketter's own data folder",
    "evidence": "reports and exports: new files that Ketter makes where it is told to",
}

# Functions of os through which a file is opened, made, changed or lost.
OS_CALLS = frozenset(
    "chmod chown copy_file_range fdopen lchown link makedirs mkdir mkfifo mknod open posix_fallocate"
    " pwrite pwritev remove removedirs removexattr rename renames replace rmdir sendfile setxattr"
    " symlink truncate ftruncate unlink utime".split()
)
PATH_CALLS = frozenset(
    "chmod hardlink_to mkdir open read_bytes read_text rename rmdir symlink_to touch unlink"
    " write_bytes write_text".split()
)
HARMLESS_SHUTIL = frozenset({"disk_usage", "get_terminal_size", "which"})
QT_FILES = frozenset({"QDir", "QFile", "QSaveFile", "QTemporaryDir", "QTemporaryFile"})


def room(source: Path) -> str:
    """The room a source file lies in: `disk` for ketter_gui/disk/x.py, `app` for app.py."""
    first = source.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def tree(source: Path) -> ast.Module:
    return ast.parse(source.read_bytes(), filename=str(source))


def imported(source: Path) -> Iterator[tuple[int, str]]:
    """Every dotted name that a file imports, with its line: `PySide6.QtCore.QTimer`."""
    for node in ast.walk(tree(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"


def offenders(rooms_let_in: set[str], distribution: str) -> list[str]:
    return [
        f"{source.relative_to(ROOT)}:{line} {name}"
        for source in SOURCES
        if room(source) not in rooms_let_in
        for line, name in imported(source)
        if name.split(".")[0] == distribution
    ]


def test_only_queue_ui_and_app_know_qt() -> None:
    assert offenders({"queue", "ui", "app"}, "PySide6") == []


def test_only_store_knows_peewee() -> None:
    assert offenders({"store"}, "peewee") + offenders({"store"}, "playhouse") == []


def test_only_watch_knows_watchdog() -> None:
    assert offenders({"watch"}, "watchdog") == []


def test_queue_takes_nothing_from_qt_but_qtcore() -> None:
    beyond = [
        f"{source.relative_to(ROOT)}:{line} {name}"
        for source in SOURCES
        if room(source) == "queue"
        for line, name in imported(source)
        if name.startswith("PySide6") and not name.startswith("PySide6.QtCore")
    ]
    assert beyond == []


def test_ui_and_cli_know_only_domain_and_service() -> None:
    """Said to import-linter too, which leaves out the __init__ of the two rooms."""
    beyond = [
        f"{source.relative_to(ROOT)}:{line} {name}"
        for source in SOURCES
        if room(source) in {"ui", "cli"}
        for line, name in imported(source)
        if name.startswith("ketter_gui.")
        and name.split(".")[1] not in {room(source), "domain", "service", "__version__"}
    ]
    assert beyond == []


def test_the_command_line_never_loads_a_window() -> None:
    modules = [
        ".".join(source.relative_to(ROOT).with_suffix("").parts)
        for source in SOURCES
        if room(source) in {"cli", "app"}
    ]
    if not modules:
        pytest.skip("there is no command line yet")
    program = (
        "import importlib, sys\n"
        f"for name in {modules!r}: importlib.import_module(name.removesuffix('.__init__'))\n"
        "print(*[m for m in ('PySide6.QtGui', 'PySide6.QtWidgets') if m in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr


def called(node: ast.AST) -> tuple[str, str] | None:
    """What a call names: ("os", "open"), ("", "open"); None for anything deeper."""
    if not isinstance(node, ast.Call):
        return None
    match node.func:
        case ast.Name(id=name):
            return "", name
        case ast.Attribute(value=ast.Name(id=owner), attr=name):
            return owner, name
        case ast.Attribute(attr=name):
            return "?", name
    return None


def touches(source: Path) -> Iterator[str]:
    """Every place in a file that opens, makes, changes or removes something on a disk."""
    names = {name for _, name in imported(source)}
    has_paths = any(name.split(".")[0] == "pathlib" for name in names)
    where = source.relative_to(ROOT)
    for line, name in imported(source):
        first, _, rest = name.partition(".")
        beyond_os = first == "os" and rest.split(".")[0] in OS_CALLS
        beyond_qt = first == "PySide6" and name.rpartition(".")[2] in QT_FILES
        beyond_shutil = first == "shutil" and rest and rest not in HARMLESS_SHUTIL
        if beyond_os or beyond_qt or beyond_shutil or first == "tempfile":
            yield f"{where}:{line} imports {name}"
    for node in ast.walk(tree(source)):
        call = called(node)
        if call is None:
            continue
        owner, name = call
        if (
            (owner == "os" and name in OS_CALLS)
            or (owner == "io" and name == "open")
            or (owner == "" and name == "open")
            or (owner == "shutil" and name not in HARMLESS_SHUTIL)
            or (has_paths and may_be_a_path(owner) and name in PATH_CALLS)
        ):
            yield f"{where}:{getattr(node, 'lineno', 0)} calls {owner}.{name}"


def may_be_a_path(owner: str) -> bool:
    """Whether a method's owner could be a Path: `path.open()` may, `Ledger.open()` is none."""
    return owner not in {"os", ""} and (owner == "Path" or not owner[0].isupper())


def is_excepted(source: Path) -> bool:
    inside = source.relative_to(PACKAGE).as_posix()
    return any(inside == own or inside.startswith(own + "/") for own in OWN_FILES)


def test_disk_is_the_only_door_to_peoples_files() -> None:
    found = [
        place
        for source in SOURCES
        if room(source) != "disk" and not is_excepted(source)
        for place in touches(source)
    ]
    assert found == []


def test_no_room_is_excepted_that_does_not_need_it() -> None:
    idle = [
        own
        for own in OWN_FILES
        if (PACKAGE / own).exists()
        and not any(
            place
            for source in (
                [PACKAGE / own] if own.endswith(".py") else (PACKAGE / own).rglob("*.py")
            )
            for place in touches(source)
        )
    ]
    assert idle == []


@pytest.mark.parametrize(
    "line",
    [
        "import os\nos.unlink(b'x')",
        "from os import rename",
        "import shutil\nshutil.rmtree('x')",
        "open('x')",
        "from pathlib import Path\nPath('x').write_text('')",
        "import io\nio.open('x')",
        "from tempfile import mkdtemp",
        "from PySide6.QtCore import QFile",
    ],
)
def test_the_door_is_watched(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The search itself finds each way around the door."""
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    around = tmp_path / "around.py"
    around.write_text(line)
    assert list(touches(around))


def test_packaging_is_no_package() -> None:
    """A package called `packaging` would hide the distribution of that name."""
    assert not list((ROOT / "packaging").rglob("__init__.py"))
