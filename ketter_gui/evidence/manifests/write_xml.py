"""Text in XML: what it can hold, and how."""

from __future__ import annotations

import re
from typing import Final
from xml.sax.saxutils import escape

_CANNOT: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Everything but the characters of XML 1.0 (§2.2)."""


def text_of(path: bytes) -> str | None:
    """The path as text; None for one that is no UTF-8 or has what XML cannot hold. A tab or
    a line break would not come back as it was."""
    try:
        text = path.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if _CANNOT.search(text) or any(c in text for c in "\t\n\r") else text


def escaped(text: str) -> str:
    """Text between two tags, or in an attribute."""
    return escape(_CANNOT.sub("\ufffd", text), {'"': "&quot;"})
