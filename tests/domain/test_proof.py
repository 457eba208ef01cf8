"""A source is deleted only when every destination has a copy that proves something (P4)."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketter_gui.domain.items import ReadBack
from ketter_gui.domain.proof import CopyProof, may_delete_source, proves
from ketter_gui.domain.status import PROOF, CopyStatus

WAYS = [None, *ReadBack]
copies = st.builds(CopyProof, st.sampled_from(CopyStatus), st.sampled_from(WAYS))
good = st.builds(
    CopyProof, st.sampled_from(sorted(PROOF)), st.sampled_from([w for w in WAYS if proves(w)])
)


def test_the_cache_proves_nothing_and_neither_does_no_reading() -> None:
    assert [way for way in WAYS if not proves(way)] == [None, ReadBack.CACHE]


@pytest.mark.parametrize(("status", "way"), list(product(CopyStatus, WAYS)))
def test_one_copy_is_enough_only_when_it_is_proof_and_was_read_back(
    status: CopyStatus, way: ReadBack | None
) -> None:
    expected = status in (CopyStatus.VERIFIED, CopyStatus.SKIPPED) and way in (
        ReadBack.STORAGE,
        ReadBack.SERVER,
        ReadBack.MEMORY,
    )
    assert may_delete_source([CopyProof(status, way)], 1) == expected


@given(st.lists(good, min_size=1, max_size=4))
def test_all_destinations_proven_is_enough(proofs: list[CopyProof]) -> None:
    assert may_delete_source(proofs, len(proofs))


@given(st.lists(good, max_size=4), copies, st.integers(0, 4))
def test_one_weak_copy_keeps_the_source(proofs: list[CopyProof], other: CopyProof, at: int) -> None:
    mixed = [*proofs[:at], other, *proofs[at:]]
    weak = not may_delete_source([other], 1)
    assert may_delete_source(mixed, len(mixed)) != weak


@given(st.lists(good, max_size=4), st.integers(0, 6))
def test_a_copy_too_few_or_too_many_keeps_the_source(
    proofs: list[CopyProof], destinations: int
) -> None:
    assert may_delete_source(proofs, destinations) == (len(proofs) == destinations > 0)
