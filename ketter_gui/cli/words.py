"""Figures and lists in words, as the terminal says them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ketter_gui.domain.names import to_text


def counted(number: int, thing: str) -> str:
    """`1 file`, `12,345 files`."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def listed(things: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(things) < 2:
        return "".join(things)
    return f"{', '.join(things[:-1])} and {things[-1]}"


def shown(path: bytes) -> str:
    """A path for the screen: no control character, no byte lost."""
    return to_text(path).text


def lasting(seconds: float) -> str:
    """`0.4 s`, `12 s`, `5 min 12 s`, `3 h 20 min`."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60} min"


def about(seconds: int | None) -> str:
    """Time left, rounded as far as anybody can know it; unknown is not 0."""
    if seconds is None:
        return "estimating"
    if seconds < 60:
        return f"about {max(seconds, 1)} s left"
    if seconds < 3600:
        return f"about {round(seconds / 60)} min left"
    return f"about {lasting(seconds)} left"


def local_time(time_us: int) -> str:
    """`2026-11-24 22:53:07`, where the terminal is; empty for a time that is not yet."""
    if not time_us:
        return ""
    moment = datetime.fromtimestamp(time_us / 1_000_000).astimezone()
    return moment.strftime("%Y-%m-%d %H:%M:%S")
