"""Sizes in words, with decimal units as drives are sold, for sentences without a locale."""

from __future__ import annotations


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
