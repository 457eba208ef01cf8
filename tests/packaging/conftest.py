"""A wheel of the checkout, and small checkouts in which the bootstrap can be let loose."""

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# The Python that .venv was made with: what a person would type `python3` for.
BASE_PYTHON = getattr(sys, "_base_executable", sys.executable)

PROGRAM = """
import sys
print("ketter was called with", sys.argv[1:])
"""


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel as `pip install .` would."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    return built


@dataclass
class Checkout:
    """A checkout with a stand-in for the program, and the surroundings it is started in.

    `programs` comes before the rest of the PATH; `site` holds a sitecustomize.py that
    plays a Python other than ours.
    """

    root: Path
    programs: Path
    site: Path
    environment: dict[str, str] = field(default_factory=dict)

    def start(self, *arguments: str, python: str = BASE_PYTHON) -> subprocess.Popen[str]:
        """Start the bootstrap, with nothing of this machine's settings but what is given."""
        # What the pins would bring is lent from the environment of the tests.
        lent = sysconfig.get_paths()["purelib"]
        environment = {
            "HOME": str(self.root),
            "LANG": "C.UTF-8",
            "PATH": os.pathsep.join(
                [str(self.programs), *self.environment.get("PATH", "").split()]
            ),
            "PYTHONPATH": os.pathsep.join([str(self.site), lent]),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
            "PIP_RETRIES": "0",
            **{name: value for name, value in self.environment.items() if name != "PATH"},
        }
        return subprocess.Popen(
            [python, str(self.root / "packaging" / "bootstrap.py"), *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def bootstrap(self, *arguments: str, python: str = BASE_PYTHON) -> tuple[int, str, str]:
        """Run the bootstrap to its end; return the exit code, and what it said where."""
        running = self.start(*arguments, python=python)
        out, err = running.communicate(timeout=120)
        return running.returncode, out, err

    def play(self, *lines: str) -> None:
        """Let Python start with these lines, as on another machine."""
        (self.site / "sitecustomize.py").write_text("import os, sys\n" + "\n".join(lines))

    def program(self, name: str, *lines: str) -> None:
        """Put a program on the PATH."""
        script = self.programs / name
        script.write_text("#!/bin/sh\n" + "\n".join(lines) + "\n")
        script.chmod(0o755)

    @property
    def is_stamped(self) -> bool:
        return (self.root / ".venv" / "ketter-setup").exists()


def make_checkout(folder: Path) -> Checkout:
    root = folder / "a checkout"
    checkout = Checkout(root, programs=folder / "bin", site=folder / "site")
    for place in (checkout.programs, checkout.site, root / "ketter_gui", root / "resources"):
        place.mkdir(parents=True)
    shutil.copytree(
        ROOT / "packaging", root / "packaging", ignore=shutil.ignore_patterns("__pycache__")
    )
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, root / name)
    (root / "ketter_gui" / "__init__.py").write_text('__version__ = "0"\n')
    (root / "ketter_gui" / "__main__.py").write_text(PROGRAM)
    for pins in (root / "packaging" / "requirements").glob("*.txt"):
        pins.write_text("# nothing: it is lent\n")
    return checkout


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A fresh clone: nothing is set up."""
    return make_checkout(tmp_path)


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout that was set up once."""
    made = make_checkout(tmp_path_factory.mktemp("ready"))
    code, _, err = made.bootstrap("run", "--version")
    assert code == 0, err
    return made


@pytest.fixture
def ready_checkout(ready: Checkout) -> Iterator[Checkout]:
    """The same, with its surroundings as they were before each test."""
    ready.environment.clear()
    for place in (*ready.programs.iterdir(), *ready.site.glob("*.py")):
        place.unlink()
    yield ready
    ready.environment.clear()
