"""What gets installed is pinned, hashed, and names no place to fetch it from."""

import re
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PINS = ROOT / "packaging" / "requirements"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

# Addresses, machine paths and options that say where to look.
PLACES = re.compile(
    r"://|file:|--(extra-)?index|--find-links|--trusted-host|\s/\w|\w\.(org|com|io)\b"
)


def pins(name: str) -> dict[str, tuple[str, list[str]]]:
    """Read a requirements file: distribution → version and hashes."""
    text = (PINS / name).read_text(encoding="utf-8").replace("\\\n", " ")
    found: dict[str, tuple[str, list[str]]] = {}
    for line in text.splitlines():
        if line and not line.lstrip().startswith("#"):
            requirement = Requirement(line.split("--hash", 1)[0].strip())
            (pin,) = requirement.specifier
            assert pin.operator == "==", line
            hashes = re.findall(r"--hash=sha256:([0-9a-f]{64})\b", line)
            found[canonicalize_name(requirement.name)] = pin.version, hashes
    return found


@pytest.mark.parametrize("name", ["run.txt", "test.txt"])
def test_every_requirement_is_pinned_and_hashed(name: str) -> None:
    assert [dist for dist, (_, hashes) in pins(name).items() if not hashes] == []
    assert len(pins(name)) > 10


@pytest.mark.parametrize("name", ["run.txt", "test.txt"])
def test_no_requirement_says_where_it_comes_from(name: str) -> None:
    lines = (PINS / name).read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if PLACES.search(line)] == []


def test_what_runs_is_what_is_tested() -> None:
    tested = pins("test.txt")
    assert {dist: pin for dist, pin in pins("run.txt").items() if tested.get(dist) != pin} == {}


@pytest.mark.parametrize(
    ("name", "groups"), [("run.txt", ["build"]), ("test.txt", ["build", "test"])]
)
def test_the_pins_are_within_the_ranges(name: str, groups: list[str]) -> None:
    pinned = pins(name)
    wanted = [*PROJECT["dependencies"]]
    for group in groups:
        wanted += PROJECT["optional-dependencies"][group]
    for requirement in map(Requirement, wanted):
        version, _ = pinned[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), requirement


def test_a_wheel_holds_the_program_and_its_resources(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as inside:
        names = inside.namelist()
    for resource in sorted((ROOT / "resources").rglob("*")):
        if resource.is_file() and not resource.name.startswith("."):
            assert f"ketter_gui/{resource.relative_to(ROOT).as_posix()}" in names
    assert "ketter_gui/__main__.py" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.startswith("ketter-")} == {"ketter_gui"}


@pytest.mark.slow
def test_an_installed_wheel_is_a_working_ketter(wheel: Path, tmp_path: Path) -> None:
    """`pip install .` into a fresh environment; what it depends on is lent from ours."""
    environment = tmp_path / "fresh"
    subprocess.check_call([sys.executable, "-m", "venv", "--without-pip", str(environment)])
    (site,) = environment.glob("lib/python*/site-packages")
    (site / "lent.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    pip = [sys.executable, "-m", "pip", "--python", str(environment / "bin" / "python")]
    subprocess.check_call([*pip, "install", "--quiet", "--no-deps", "--no-index", str(wheel)])

    def said(program: str, *words: str) -> str:
        command = [str(environment / "bin" / program), *words]
        return subprocess.check_output(command, cwd=tmp_path, text=True)

    assert said("ketter", "--version").startswith("ketter ")
    assert "copy SOURCE" in said("ketter", "--help")
    where = said("python", "-P", "-c", "import ketter_gui; print(ketter_gui.__file__)")
    assert Path(where.strip()).is_relative_to(site)
    assert (site / "ketter_gui" / "resources").is_dir()
