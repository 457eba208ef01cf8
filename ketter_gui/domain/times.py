"""Moments as the audit writes them: UTC, microseconds, `Z`; as numbers since the epoch."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def utc_text(time_us: int) -> str:
    """`2026-03-24T14:02:11.000042Z` for microseconds since the epoch."""
    second, micros = divmod(time_us, 1_000_000)
    return f"{_second_text(second)}.{micros:06d}Z"


@lru_cache(maxsize=16)
def _second_text(second: int) -> str:
    """Remembered: thousands of entries are of one second."""
    moment = _EPOCH + timedelta(seconds=second)
    return moment.replace(tzinfo=None).isoformat(timespec="seconds")


def time_us(text: str) -> int:
    """The number that `utc_text` was given. Raises ValueError for other text."""
    return (datetime.fromisoformat(text).astimezone(UTC) - _EPOCH) // _MICROSECOND
