"""Fonts that this system has, asked of fontconfig where it is."""

from __future__ import annotations

import shutil
import subprocess
from typing import Final

_WITHIN_S: Final = 10.0


def font_with(character: str) -> tuple[str, int] | None:
    """A font file that has this character, and its number in the file; None when the system
    has none, or nothing that could be asked. Sans serif ones come first, then by name."""
    program = shutil.which("fc-list")
    if program is None:
        return None
    words = [program, f":charset={ord(character):x}:scalable=true", "file", "index", "style"]
    try:
        asked = subprocess.run(words, capture_output=True, timeout=_WITHIN_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = []
    for line in asked.stdout.decode("utf-8", "replace").splitlines():
        path, _, rest = line.partition(": ")
        index = rest.partition(":index=")[2].partition(":")[0]
        if path.lower().endswith((".ttf", ".otf", ".ttc")) and index.isdecimal():
            # The upper half of the number is a named instance of a variable font.
            found.append((_rank(path, rest), path, int(index) & 0xFFFF))
    return min(found)[1:] if found else None


def _rank(path: str, rest: str) -> int:
    name = path.rsplit("/", 1)[-1].lower()
    is_regular = "Regular" in rest or "Book" in rest
    return 2 * ("sans" not in name) + (not is_regular)
