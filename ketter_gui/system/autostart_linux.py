"""Start at login by an entry in the XDG autostart folder.

Sources: Desktop Application Autostart Specification 0.5 (where it lies, what turns it
off), Desktop Entry Specification 1.5 (escapes of strings, quoting in Exec), Base
Directory Specification 0.8 (XDG_CONFIG_HOME).
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from ketter_gui.domain.desktop_errors import AutostartNotChanged, AutostartNotText

_NAME: Final = "ketter.desktop"
_FOLDER_MODE: Final = 0o700
"""What the Base Directory Specification asks of a folder that is made for it."""

_PLAIN: Final = re.compile(r"[A-Za-z0-9_./:,@+=-]+")
"""What needs no quotes in Exec: of the rest, some is reserved and none is missed."""

_ESCAPES: Final = {"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_OTHER_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

_ENTRY: Final = """\
[Desktop Entry]
Type=Application
Version=1.0
Name=Ketter
Comment=Verified copies of footage, from the tray
Exec={command}
Icon=ketter
Terminal=false
StartupNotify=false
X-GNOME-Autostart-enabled=true
"""


def entry() -> Path:
    """Where the entry is, or would be."""
    configured = os.environ.get("XDG_CONFIG_HOME", "")
    # A relative path there is to be ignored.
    base = configured if os.path.isabs(configured) else os.path.expanduser("~/.config")
    return Path(base) / "autostart" / _NAME


def is_on() -> bool:
    """Whether there is an entry, and nobody has turned it off in the desktop's own list.

    Raises AutostartNotChanged.
    """
    path = entry()
    try:
        text = path.read_text("utf-8", "replace")
    except FileNotFoundError:
        return False
    except OSError as error:
        raise AutostartNotChanged.from_os(error, os.fsencode(path)) from error
    values = _values(text)
    is_hidden = values.get("Hidden") == "true"  # as good as no entry, says the specification
    is_disabled = values.get("X-GNOME-Autostart-enabled") == "false"
    return bool(values.get("Exec")) and not is_hidden and not is_disabled


def turn_on(command: Sequence[str]) -> None:
    """Write the entry. Raises AutostartNotText and AutostartNotChanged."""
    text = _ENTRY.format(command=exec_line(command))
    path = entry()
    try:
        path.parent.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        _replace(path, text.encode())
    except OSError as error:
        raise AutostartNotChanged.from_os(error, os.fsencode(path)) from error


def turn_off() -> None:
    """Remove the entry. Raises AutostartNotChanged."""
    path = entry()
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise AutostartNotChanged.from_os(error, os.fsencode(path)) from error


def exec_line(command: Sequence[str]) -> str:
    """Words as the value of Exec: quoted each, field codes undone, then escaped as every
    string of an entry is. Raises AutostartNotText."""
    for word in command:
        if not _is_text(word):
            raise AutostartNotText(os.fsencode(word))
    line = " ".join(_quoted(word) for word in command)
    return "".join(_ESCAPES.get(character, character) for character in line)


def _is_text(word: str) -> bool:
    """UTF-8, and without what no escape of an entry stands for."""
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return not _OTHER_CONTROLS.search(word)


def _quoted(word: str) -> str:
    word = word.replace("%", "%%")  # else a field code, such as %f
    if _PLAIN.fullmatch(word):
        return word
    return '"' + re.sub(r'(["`$\\])', r"\\\1", word) + '"'


def _values(text: str) -> dict[str, str]:
    """The keys of the entry's main group; of a key that is there twice, the last."""
    values: dict[str, str] = {}
    group = ""
    for line in text.splitlines():
        if line.startswith("["):
            group = line.strip()
        elif group == "[Desktop Entry]" and not line.startswith("#"):
            key, equals, value = line.partition("=")
            if equals:
                values[key.strip()] = value.strip()
    return values


def _replace(path: Path, data: bytes) -> None:
    """All of it or nothing, whatever happens: the desktop never reads half an entry. For its
    owner alone (mkstemp's 0600): it tells where the ledger is, and nobody else follows it."""
    # Not ending in .desktop, so that a login in this very moment passes it over.
    handle, name = tempfile.mkstemp(prefix=f".{_NAME}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(name)
        raise
