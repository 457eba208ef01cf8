"""What comes from the system and not from a wheel: Qt's libraries, and what tests drive.

Only libraries that the dynamic linker really misses are asked for, so that a
machine that has them is left alone. Where we may (root on Debian and its kin), they
are installed and that is said; everywhere else the one line is printed.
"""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from trouble import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

# Library or program -> (Debian's package, Fedora's package).
PACKAGES = {
    "libEGL.so.1": ("libegl1", "libglvnd-egl"),
    "libGL.so.1": ("libgl1", "libglvnd-glx"),
    "libOpenGL.so.0": ("libopengl0", "libglvnd-opengl"),
    "libICE.so.6": ("libice6", "libICE"),
    "libSM.so.6": ("libsm6", "libSM"),
    "libX11.so.6": ("libx11-6", "libX11"),
    "libX11-xcb.so.1": ("libx11-xcb1", "libX11-xcb"),
    "libdbus-1.so.3": ("libdbus-1-3", "dbus-libs"),
    "libfontconfig.so.1": ("libfontconfig1", "fontconfig"),
    "libfreetype.so.6": ("libfreetype6", "freetype"),
    "libglib-2.0.so.0": ("libglib2.0-0", "glib2"),
    "libgthread-2.0.so.0": ("libglib2.0-0", "glib2"),
    "libxcb.so.1": ("libxcb1", "libxcb"),
    "libxcb-cursor.so.0": ("libxcb-cursor0", "xcb-util-cursor"),
    "libxcb-glx.so.0": ("libxcb-glx0", "libxcb"),
    "libxcb-icccm.so.4": ("libxcb-icccm4", "xcb-util-wm"),
    "libxcb-image.so.0": ("libxcb-image0", "xcb-util-image"),
    "libxcb-keysyms.so.1": ("libxcb-keysyms1", "xcb-util-keysyms"),
    "libxcb-randr.so.0": ("libxcb-randr0", "libxcb"),
    "libxcb-render.so.0": ("libxcb-render0", "libxcb"),
    "libxcb-render-util.so.0": ("libxcb-render-util0", "xcb-util-renderutil"),
    "libxcb-shape.so.0": ("libxcb-shape0", "libxcb"),
    "libxcb-shm.so.0": ("libxcb-shm0", "libxcb"),
    "libxcb-sync.so.1": ("libxcb-sync1", "libxcb"),
    "libxcb-util.so.1": ("libxcb-util1", "xcb-util"),
    "libxcb-xfixes.so.0": ("libxcb-xfixes0", "libxcb"),
    "libxcb-xkb.so.1": ("libxcb-xkb1", "libxcb"),
    "libxkbcommon.so.0": ("libxkbcommon0", "libxkbcommon"),
    "libxkbcommon-x11.so.0": ("libxkbcommon-x11-0", "libxkbcommon-x11"),
    "libz.so.1": ("zlib1g", "zlib"),
    "libzstd.so.1": ("libzstd1", "libzstd"),
    "Xvfb": ("xvfb", "xorg-x11-server-Xvfb"),
    "openbox": ("openbox", "openbox"),
    "xdotool": ("xdotool", "xdotool"),
    "dbus-daemon": ("dbus", "dbus-daemon"),
    "dunst": ("dunst", "dunst"),
    "trayer": ("trayer", "trayer"),
}
TEST_PROGRAMS = ("Xvfb", "openbox", "xdotool", "dbus-daemon", "dunst", "trayer")

# What is loaded: by the scheduler, in the terminal too; and by a window, with the
# plugin through which Qt speaks to X.
LOADED = {
    "terminal": ("QtCore.abi3.so",),
    "window": (
        "QtCore.abi3.so",
        "QtGui.abi3.so",
        "QtWidgets.abi3.so",
        "Qt/plugins/platforms/libqxcb.so",
    ),
}


def on_path(program: str) -> bool:
    """Whether a program is there; Debian's smallest Python has no shutil to ask."""
    places = (os.path.join(folder, program) for folder in os.get_exec_path())
    return any(os.access(place, os.X_OK) and not os.path.isdir(place) for place in places)


def missing_libraries(venv: Path, use: str) -> list[str]:
    """Return the libraries that Qt would look for in vain, by name, when put to `use`."""
    folders = sorted(venv.glob("lib*/python3*/site-packages/PySide6"))
    if not folders or not on_path("ldd"):
        return []
    files = [folders[0] / name for name in LOADED[use]]
    shown = subprocess.run(
        ["ldd", *(str(file) for file in files if file.exists())],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=False,
    ).stdout.decode("utf-8", "replace")
    return sorted({line.split()[0] for line in shown.splitlines() if "=> not found" in line})


def missing_test_programs() -> list[str]:
    """Return the programs that tests drive and that are not on the PATH."""
    return [name for name in TEST_PROGRAMS if not on_path(name)]


def packages_of(names: Iterable[str]) -> list[str]:
    """Return the packages of this system that bring these; an unknown name stays itself."""
    column = 1 if on_path("dnf") and not on_path("apt-get") else 0
    return sorted({PACKAGES[n][column] if n in PACKAGES else n for n in names})


def install_line(packages: Sequence[str]) -> str:
    """Return the one line that installs `packages`, or "" on a system we do not know."""
    sudo = "" if is_root() else "sudo "
    if on_path("apt-get"):
        return sudo + "apt-get install -y --no-install-recommends " + " ".join(packages)
    if on_path("dnf"):
        return sudo + "dnf install -y " + " ".join(packages)
    return ""


def what_to_run(packages: Sequence[str]) -> str:
    """Return a sentence that tells a person how to get `packages`."""
    line = install_line(packages)
    return f"Run: {line}" if line else f"Install with your system: {' '.join(packages)}"


def is_root() -> bool:
    """Whether we may install for the whole system."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def install(packages: Sequence[str], *, why: str) -> bool:
    """Install `packages` when we may; say so first; return whether they are here now."""
    if not is_root() or not on_path("apt-get"):
        return False
    say(f"installing {why} from the system's packages: {' '.join(packages)}")
    trouble = apt_get("install", *packages)
    if trouble:
        # A machine that is new has no lists yet, and old lists name what is gone.
        say("fetching the system's lists of packages first")
        trouble = apt_get("update") or apt_get("install", *packages)
    if trouble:
        say(f"apt-get did not manage: {trouble}")
    return not trouble


def apt_get(verb: str, *packages: str) -> str:
    """Run apt-get without questions; return "" or the last lines it said when it failed."""
    command = ["apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=300", verb]
    if verb == "install":
        command.append("--no-install-recommends")
    done = subprocess.run(
        [*command, *packages],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        check=False,
    )
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    return " / ".join(lines[-3:] or ["no word"]) if done.returncode != 0 else ""
