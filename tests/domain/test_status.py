"""What a transfer and a copy may become: the two tables are complete and have no trap."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import TypeVar

import pytest

from ketter_gui.domain.errors import IllegalChange
from ketter_gui.domain.status import (
    COPY_CHANGES,
    LIVE,
    OVER,
    PROOF,
    TRANSFER_CHANGES,
    CopyStatus,
    TransferStatus,
    check_transfer_change,
    sources_of_copy_change,
)

S = TypeVar("S")


def reachable(changes: Mapping[S, frozenset[S]], start: S) -> set[S]:
    found, waiting = {start}, [start]
    while waiting:
        new = changes[waiting.pop()] - found
        found |= new
        waiting.extend(new)
    return found


def test_the_tables_know_every_status() -> None:
    assert set(TRANSFER_CHANGES) == set(TransferStatus)
    assert set(COPY_CHANGES) == set(CopyStatus)


def test_every_status_can_come_about() -> None:
    assert reachable(TRANSFER_CHANGES, TransferStatus.PENDING) == set(TransferStatus)
    assert reachable(COPY_CHANGES, CopyStatus.PENDING) == set(CopyStatus)


def test_nothing_becomes_what_it_is_already() -> None:
    assert not [status for status, news in TRANSFER_CHANGES.items() if status in news]
    assert not [status for status, news in COPY_CHANGES.items() if status in news]


def test_what_is_over_never_changes() -> None:
    assert {status for status, news in TRANSFER_CHANGES.items() if not news} == OVER


def test_every_living_transfer_can_be_interrupted_and_cancelled() -> None:
    for status in LIVE:
        assert {TransferStatus.INTERRUPTED, TransferStatus.CANCELLED} <= TRANSFER_CHANGES[status]


def test_a_transfer_that_is_not_over_can_still_be_completed() -> None:
    for status in set(TransferStatus) - OVER:
        assert TransferStatus.COMPLETED in reachable(TRANSFER_CHANGES, status)


def test_only_a_running_transfer_is_completed() -> None:
    completing = {s for s, news in TRANSFER_CHANGES.items() if TransferStatus.COMPLETED in news}
    assert completing == {TransferStatus.RUNNING}


def test_a_copy_is_verified_only_after_it_was_proven() -> None:
    assert sources_of_copy_change(CopyStatus.VERIFIED) == (CopyStatus.PROVEN,)


def test_what_was_renamed_was_never_proven() -> None:
    assert CopyStatus.RENAMED not in PROOF
    assert sources_of_copy_change(CopyStatus.RENAMED) == (CopyStatus.COPYING,)
    assert COPY_CHANGES[CopyStatus.RENAMED] == frozenset()


def test_a_proof_is_never_taken_back() -> None:
    for status in PROOF:
        assert COPY_CHANGES[status] == frozenset()


@pytest.mark.parametrize("new", CopyStatus)
def test_the_sources_of_a_change_are_the_table_read_backwards(new: CopyStatus) -> None:
    assert set(sources_of_copy_change(new)) == {
        old for old in CopyStatus if new in COPY_CHANGES[old]
    }


@pytest.mark.parametrize(("old", "new"), list(product(TransferStatus, repeat=2)))
def test_a_change_that_the_table_does_not_have_is_refused_in_words(
    old: TransferStatus, new: TransferStatus
) -> None:
    if new in TRANSFER_CHANGES[old]:
        check_transfer_change(7, old, new)
        return
    with pytest.raises(
        IllegalChange, match=f"transfer 7 cannot go from {old.value} to {new.value}"
    ):
        check_transfer_change(7, old, new)
