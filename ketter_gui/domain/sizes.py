"""Sizes in words, with decimal units as drives are sold, for sentences without a locale."""

from __future__ import annotations

import re
from typing import Final

_UNITS: Final = {"": 1, "B": 1} | {
    letter + tail: (1024 if "i" in tail else 1000) ** power
    for power, letter in enumerate("KMGTP", 1)
    for tail in ("", "B", "iB")
}
_SIZE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*((?:[kKMGTP](?:i?B)?|B)?)")


def size_text(size_bytes: int) -> str:
    """`118 GB`, `6.1 GB`, `812 bytes`: one digit after the point under 100."""
    if size_bytes == 1:
        return "1 byte"
    if size_bytes < 1000:
        return f"{size_bytes} bytes"
    value = float(size_bytes)
    for unit in ("kB", "MB", "GB", "TB", "PB"):
        value /= 1000
        if value < 999.5 or unit == "PB":
            break
    return f"{value:.1f} {unit}" if value < 99.95 else f"{value:.0f} {unit}"


def size_from(text: str) -> int:
    """Bytes of a size that a person wrote: `5GB`, `1.5 TB`, `512MiB`, `4096`.

    Raises ValueError for anything else.
    """
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"not a size: {text!r}")
    unit_bytes: int = _UNITS[match[2].replace("k", "K")]
    return round(float(match[1]) * unit_bytes)
