"""Sizes as people write and read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketter_gui.domain.sizes import size_from, size_text


@pytest.mark.parametrize(
    ("text", "size_bytes"),
    [
        ("0", 0),
        ("4096", 4096),
        ("12B", 12),
        ("5GB", 5_000_000_000),
        ("5G", 5_000_000_000),
        ("5 GB", 5_000_000_000),
        ("1.5 TB", 1_500_000_000_000),
        ("512MiB", 512 << 20),
        ("1kB", 1000),
        ("1K", 1000),
        ("2PB", 2 * 10**15),
    ],
)
def test_a_size_is_read_with_its_unit(text: str, size_bytes: int) -> None:
    assert size_from(text) == size_bytes


@pytest.mark.parametrize(
    "text",
    [
        "",
        "GB",
        "-5GB",
        "5 bananas",
        "5gb",
        "1e9",
        "5GB/s",
        "٥GB",
        "5,5GB",
        "nan",
        "5Gi B",
        "5iB",
        "5BB",
    ],
)
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a size"):
        size_from(text)


@given(st.integers(0, 999_999))
def test_what_is_said_can_be_typed_again(size_bytes: int) -> None:
    said = size_text(size_bytes).replace("bytes", "B").replace("byte", "B")
    assert abs(size_from(said) - size_bytes) <= size_bytes // 10
