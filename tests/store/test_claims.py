"""Claims: two transfers never move the same file, nor a parent or child of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketter_gui.domain.errors import ClaimHeld
from ketter_gui.domain.options import Mode
from ketter_gui.domain.status import TransferStatus
from ketter_gui.store import Ledger, release_claims, reset_for_resume
from ketter_gui.store.claims import overlap
from tests.store.building import become, created, request, running, source

RELATED = [b"DCIM/100", b"DCIM", b"DCIM/100/clip.mov", b""]
UNRELATED = [b"DCIM/1000", b"DCIM/10", b"OTHER", b"DCIM/101"]


@pytest.mark.parametrize("within", RELATED)
@pytest.mark.parametrize(
    ("first", "second"),
    [(Mode.MOVE, Mode.MOVE), (Mode.MOVE, Mode.COPY), (Mode.COPY, Mode.MOVE)],
)
def test_a_move_has_its_source_to_itself(
    ledger: Ledger, first: Mode, second: Mode, within: bytes
) -> None:
    holder = created(ledger, request(source(b"DCIM/100"), mode=first))
    wanted = source(within)
    with pytest.raises(ClaimHeld) as caught:
        created(ledger, request(wanted, mode=second))
    assert caught.value.path == wanted.path
    assert caught.value.facts == {"transfer": holder, "mode": first.value}
    assert [record.id for record in ledger.transfers()] == [holder]


@pytest.mark.parametrize("within", RELATED)
def test_copies_share_a_source(ledger: Ledger, within: bytes) -> None:
    created(ledger, request(source(b"DCIM/100")))
    created(ledger, request(source(within)))


@pytest.mark.parametrize("within", UNRELATED)
def test_a_name_that_only_begins_alike_is_another_source(ledger: Ledger, within: bytes) -> None:
    created(ledger, request(source(b"DCIM/100"), mode=Mode.MOVE))
    created(ledger, request(source(within), mode=Mode.MOVE))


def test_the_same_path_on_another_volume_is_another_source(ledger: Ledger) -> None:
    created(ledger, request(source(b"DCIM"), mode=Mode.MOVE))
    created(ledger, request(source(b"DCIM", volume="other-card"), mode=Mode.MOVE))


def test_of_several_sources_all_are_claimed_or_none(ledger: Ledger) -> None:
    created(ledger, request(source(b"B"), mode=Mode.MOVE))
    with pytest.raises(ClaimHeld):
        created(ledger, request(source(b"A"), source(b"B", index=1), mode=Mode.MOVE))
    created(ledger, request(source(b"A"), mode=Mode.MOVE))


@pytest.mark.parametrize(
    "end", [TransferStatus.COMPLETED, TransferStatus.FAILED, TransferStatus.CANCELLED]
)
def test_a_claim_ends_with_its_transfer(ledger: Ledger, end: TransferStatus) -> None:
    become(ledger, running(ledger, request(mode=Mode.MOVE)), end)
    created(ledger, request(mode=Mode.MOVE))


@pytest.mark.parametrize(
    "status", [TransferStatus.WAITING, TransferStatus.PAUSED, TransferStatus.INTERRUPTED]
)
def test_a_claim_outlives_every_pause(ledger: Ledger, status: TransferStatus) -> None:
    become(ledger, running(ledger, request(mode=Mode.MOVE)), status)
    with pytest.raises(ClaimHeld):
        created(ledger, request(mode=Mode.MOVE))


def test_a_failed_transfer_is_resumed_only_when_its_source_is_free(ledger: Ledger) -> None:
    failed = running(ledger, request(mode=Mode.MOVE))
    become(ledger, failed, TransferStatus.FAILED)
    other = created(ledger, request(mode=Mode.MOVE))
    with pytest.raises(ClaimHeld):
        ledger.transact(lambda tx: reset_for_resume(tx, failed))
    assert ledger.transfer(failed).status is TransferStatus.FAILED
    become(ledger, other, TransferStatus.CANCELLED)
    ledger.transact(lambda tx: reset_for_resume(tx, failed))
    with pytest.raises(ClaimHeld):
        created(ledger, request(mode=Mode.MOVE))


def test_an_interrupted_transfer_still_holds_what_it_takes_over_again(ledger: Ledger) -> None:
    transfer = running(ledger, request(mode=Mode.MOVE))
    become(ledger, transfer, TransferStatus.INTERRUPTED)
    ledger.transact(lambda tx: reset_for_resume(tx, transfer))
    become(ledger, transfer, TransferStatus.CANCELLED)
    created(ledger, request(mode=Mode.MOVE))


def test_a_claim_can_be_let_go(ledger: Ledger) -> None:
    transfer = running(ledger, request(mode=Mode.MOVE))
    ledger.transact(lambda tx: release_claims(tx, transfer))
    created(ledger, request(mode=Mode.MOVE))


pieces = st.lists(st.sampled_from([b"a", b"b", b"ab", b"a b", b"\xff", b"."]), max_size=4)


@given(pieces, pieces)
def test_overlap_is_to_be_the_same_or_above(one: list[bytes], other: list[bytes]) -> None:
    shorter, longer = sorted((one, other), key=len)
    expected = longer[: len(shorter)] == shorter
    assert overlap(b"/".join(one), b"/".join(other)) == expected
    assert overlap(b"/".join(other), b"/".join(one)) == expected
