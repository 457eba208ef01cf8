"""What a benchmark finds: figures by contender, compared as ratios."""

from __future__ import annotations

import os
import sys
from pathlib import Path

Figures = dict[str, dict[str, float]]
"""By contender; `ratio` is to the yardstick of its own table, smaller is better."""

_WORSE = 1.15
"""A ratio that grew by more than this since the one that is kept is flagged."""


def text_of(name: str, what: str, figures: Figures) -> str:
    """A table for people."""
    lines = [f"\n{name} – {what}"]
    for contender, found in figures.items():
        ratio = f"{found['ratio']:7.2f} ×" if "ratio" in found else " " * 9
        rest = "   ".join(
            f"{key} {value:g}" for key, value in found.items() if key not in ("ratio", "seconds")
        )
        seconds = f"{found['seconds']:8.2f} s" if "seconds" in found else " " * 10
        lines.append(f"  {contender:<28} {seconds} {ratio}   {rest}")
    return "\n".join(lines)


def worse(now: dict[str, Figures], kept: dict[str, dict[str, float]]) -> list[str]:
    """What got more than 15 % worse since the ratios that are kept."""
    return [
        f"{name}: {contender} went from {kept[name][contender]} to {found['ratio']}"
        for name, figures in now.items()
        for contender, found in figures.items()
        if contender in kept.get(name, {})
        and found.get("ratio", 0.0) > kept[name][contender] * _WORSE
    ]


def ratios(figures: dict[str, Figures]) -> dict[str, dict[str, float]]:
    """The ratios alone: what is worth keeping on another machine."""
    return {
        name: {contender: found["ratio"] for contender, found in table.items() if "ratio" in found}
        for name, table in figures.items()
    }


def cooled() -> None:
    """Drop the caches; without root what was just written stays warm, and that is said."""
    os.sync()
    try:
        Path("/proc/sys/vm/drop_caches").write_text("3")
    except OSError:
        print("  (the cache could not be dropped: not root)", file=sys.stderr)
