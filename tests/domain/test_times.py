"""A moment as text and back, to the microsecond."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketter_gui.domain.times import time_us, utc_text


@given(st.integers(min_value=0, max_value=4_102_444_800_000_000))
def test_a_moment_survives_its_text(moment: int) -> None:
    text = utc_text(moment)
    assert time_us(text) == moment
    assert len(text) == len("2026-03-24T14:02:11.000042Z")


def test_text_sorts_like_time() -> None:
    assert utc_text(999_999) < utc_text(1_000_000) < utc_text(1_000_001)


def test_other_text_is_refused() -> None:
    with pytest.raises(ValueError, match="isoformat"):
        time_us("yesterday")
