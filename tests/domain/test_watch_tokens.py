"""Tokens in destinations: what they become, and that nothing leads out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ketter_gui.domain.watch_errors import TokenFirst, TokenUnknown
from ketter_gui.domain.watch_tokens import filled, fixed_part, names_at

_NAMES = names_at(datetime(2026, 5, 3, 18, 42, 5, tzinfo=UTC), b"Sound", b"RAID")


def test_a_destination_without_tokens_is_itself() -> None:
    assert fixed_part(b"/media/B/") == b"/media/B"
    assert filled(b"/media/B", _NAMES) == b"/media/B"


def test_tokens_become_the_moment_and_the_names() -> None:
    wished = b"/media/B/{year}/{month}/{day}/{watch} on {volume} {date} {time}"
    assert filled(wished, _NAMES) == b"/media/B/2026/05/03/Sound on RAID 2026-05-03 184205"
    assert fixed_part(wished) == b"/media/B"


def test_the_fixed_part_ends_before_the_name_that_holds_a_token() -> None:
    assert fixed_part(b"/media/B/day-{date}/x") == b"/media/B"


@pytest.mark.parametrize("name", [b"..", b".", b"", b"  "])
def test_a_name_that_would_lead_elsewhere_is_no_name(name: bytes) -> None:
    assert filled(b"/B/{watch}/x", {**_NAMES, "watch": name}) == b"/B/_/x"


def test_a_slash_in_a_name_is_no_folder() -> None:
    assert filled(b"/B/{volume}", {**_NAMES, "volume": b"../../etc"}) == b"/B/.._.._etc"


def test_a_token_that_is_not_known_is_refused_by_name() -> None:
    with pytest.raises(TokenUnknown) as refused:
        fixed_part(b"/B/{moon}")
    assert "{moon}" in str(refused.value) and "{date}" in str(refused.value)


@pytest.mark.parametrize(
    "wished", [b"{date}/x", b"x/{date}", b"/B/../{date}", b"/B/{date}/../../x"]
)
def test_a_destination_that_nobody_could_contain_is_refused(wished: bytes) -> None:
    with pytest.raises(TokenFirst):
        fixed_part(wished)
