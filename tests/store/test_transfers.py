"""Transfers: what goes in comes out, and statuses change by the table only."""

from __future__ import annotations

import os
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ketter_gui.domain.errors import IllegalChange, NoSuchTransfer, TransferNotResumable
from ketter_gui.domain.options import Mode, OnConflict, Options, Verify
from ketter_gui.domain.search import HistoryQuery
from ketter_gui.domain.status import LIVE, TRANSFER_CHANGES, CopyStatus, TransferStatus
from ketter_gui.store import (
    DestinationProgress,
    EndedRow,
    Ledger,
    Progress,
    Wish,
    Write,
    mark_copying,
    record_failed,
    record_proven,
    reset_for_resume,
    set_message,
    set_progress,
    set_status,
    set_totals,
    set_waits_for,
    set_wish,
    take_over,
)
from ketter_gui.store.columns import options_from, options_text
from tests.store.building import (
    become,
    created,
    keys_of,
    proven,
    request,
    running,
    source,
    with_items,
)

WAYS: dict[TransferStatus, tuple[TransferStatus, ...]] = {
    TransferStatus.PENDING: (),
    TransferStatus.PREPARING: (TransferStatus.PREPARING,),
    TransferStatus.RUNNING: (TransferStatus.PREPARING, TransferStatus.RUNNING),
    TransferStatus.WAITING: (TransferStatus.PREPARING, TransferStatus.WAITING),
    TransferStatus.PAUSED: (TransferStatus.PAUSED,),
    TransferStatus.INTERRUPTED: (TransferStatus.INTERRUPTED,),
    TransferStatus.COMPLETED: (
        TransferStatus.PREPARING,
        TransferStatus.RUNNING,
        TransferStatus.COMPLETED,
    ),
    TransferStatus.FAILED: (TransferStatus.FAILED,),
    TransferStatus.CANCELLED: (TransferStatus.CANCELLED,),
}


def brought_to(ledger: Ledger, status: TransferStatus) -> int:
    transfer = created(ledger)
    become(ledger, transfer, *WAYS[status])
    return transfer


def test_a_transfer_comes_out_as_it_went_in(ledger: Ledger) -> None:
    options = Options(("xxh128", "sha256"), Verify.SOURCE, OnConflict.RENAME)
    new = request(
        source(b"caf\xe9\n"),
        source(b"A/B", index=1),
        mode=Mode.MOVE,
        name="Täg 1",
        options=options,
        destinations=3,
    )
    transfer = created(ledger, new)
    record = ledger.transfer(transfer)
    assert (record.token, record.name, record.mode) == (new.token, "Täg 1", Mode.MOVE)
    assert (record.options, record.sources) == (options, new.sources)
    assert record.destinations == new.destinations
    assert (ledger.sources(transfer), ledger.destinations(transfer)) == (
        new.sources,
        new.destinations,
    )
    assert (record.status, record.owner) == (TransferStatus.PENDING, ledger.owner)
    assert record.created_us > 0
    assert (record.started_us, record.finished_us, record.wish) == (0, 0, Wish.NONE)


def test_a_label_that_is_no_text_is_kept_as_text(ledger: Ledger) -> None:
    transfer = created(ledger, request(name=os.fsdecode(b"caf\xe9")))
    assert ledger.transfer(transfer).name == "caf\\udce9"


@given(
    st.builds(
        Options,
        st.lists(st.sampled_from(["sha256", "xxh128", "md5"]), min_size=1).map(tuple),
        st.sampled_from(Verify),
        st.sampled_from(OnConflict),
    )
)
def test_options_come_back(options: Options) -> None:
    assert options_from(options_text(options)) == options


def test_options_of_another_version_are_read_as_far_as_they_are_known() -> None:
    assert options_from('{"checksums":["md5"],"zip":true}') == Options(("md5",))


@pytest.mark.parametrize(
    ("old", "new"),
    [(old, new) for old, new in product(TransferStatus, repeat=2)],
    ids=lambda status: status.value,
)
def test_a_transfer_changes_by_the_table_only(
    ledger: Ledger, old: TransferStatus, new: TransferStatus
) -> None:
    transfer = brought_to(ledger, old)
    if new in TRANSFER_CHANGES[old]:
        assert ledger.transact(lambda tx: set_status(tx, transfer, new)) is old
        assert ledger.transfer(transfer).status is new
    else:
        with pytest.raises(IllegalChange, match=f"from {old.value} to {new.value}"):
            ledger.transact(lambda tx: set_status(tx, transfer, new))
        assert ledger.transfer(transfer).status is old


def test_times_and_owner_follow_the_status(ledger: Ledger) -> None:
    transfer = created(ledger)
    become(ledger, transfer, TransferStatus.PREPARING)
    started = ledger.transfer(transfer).started_us
    assert started > 0
    become(ledger, transfer, TransferStatus.RUNNING)
    assert ledger.transfer(transfer).started_us == started
    become(ledger, transfer, TransferStatus.COMPLETED)
    record = ledger.transfer(transfer)
    assert record.finished_us >= started
    assert record.owner is None


def test_totals_progress_and_words_are_kept(ledger: Ledger) -> None:
    transfer = running(ledger)
    figures = Progress(
        1, 2, 3, 4, 5, 6, 7, 8, 9, (DestinationProgress(1, 2, 3), DestinationProgress(4, 5, 6))
    )
    ledger.transact(lambda tx: set_totals(tx, transfer, 12, 34))
    ledger.transact(lambda tx: set_progress(tx, transfer, figures))
    ledger.transact(lambda tx: set_message(tx, transfer, "going well"))
    other = created(ledger)
    ledger.transact(lambda tx: set_waits_for(tx, other, transfer))
    record = ledger.transfer(transfer)
    assert (record.files_total, record.bytes_total, record.is_scanned) == (12, 34, True)
    assert (record.progress, record.message) == (figures, "going well")
    assert ledger.transfer(other).waits_for == transfer


@pytest.mark.parametrize(
    "change",
    [
        lambda tx: set_status(tx, 99, TransferStatus.PREPARING),
        lambda tx: set_message(tx, 99, ""),
        lambda tx: set_wish(tx, 99, Wish.PAUSE),
        lambda tx: reset_for_resume(tx, 99),
    ],
)
def test_a_transfer_that_is_not_there_is_said(ledger: Ledger, change) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(NoSuchTransfer, match="no transfer 99"):
        ledger.transact(change)


def test_reading_a_transfer_that_is_not_there_is_said(ledger: Ledger) -> None:
    with pytest.raises(NoSuchTransfer):
        ledger.transfer(99)
    assert ledger.sources(99) == ()
    assert ledger.item(99) is None


# --- wishes -------------------------------------------------------------------------------


def test_a_wish_reaches_the_owner_and_is_cleared_by_it(data_dir: Path) -> None:
    with Ledger.open(data_dir) as owner, Ledger.open(data_dir) as other:
        transfer = running(owner)
        other.transact(lambda tx: set_wish(tx, transfer, Wish.CANCEL))
        assert owner.wishes() == {transfer: Wish.CANCEL}
        assert other.wishes() == {}
        assert other.wishes(owner.owner) == {transfer: Wish.CANCEL}
        owner.transact(lambda tx: set_wish(tx, transfer, Wish.NONE))
        assert owner.wishes() == {}


def test_a_transfer_without_owner_keeps_no_wish(ledger: Ledger) -> None:
    transfer = brought_to(ledger, TransferStatus.INTERRUPTED)
    ledger.transact(lambda tx: set_wish(tx, transfer, Wish.PAUSE))
    assert ledger.transfer(transfer).wish is Wish.NONE


# --- resume -------------------------------------------------------------------------------


@pytest.mark.parametrize("status", sorted(TransferStatus))
def test_only_what_was_interrupted_or_failed_is_resumed(
    ledger: Ledger, status: TransferStatus
) -> None:
    transfer = brought_to(ledger, status)
    if status in (TransferStatus.INTERRUPTED, TransferStatus.FAILED):
        ledger.transact(lambda tx: reset_for_resume(tx, transfer))
        record = ledger.transfer(transfer)
        assert (record.status, record.owner) == (TransferStatus.PENDING, ledger.owner)
        assert record.finished_us == 0
    else:
        with pytest.raises(TransferNotResumable, match=f"it is {status.value}"):
            ledger.transact(lambda tx: reset_for_resume(tx, transfer))


def test_a_resume_begins_again_what_failed_and_names_what_was_begun(ledger: Ledger) -> None:
    transfer = running(ledger, request(destinations=1))
    items = with_items(ledger, transfer, 5)
    keys = keys_of(items)
    ledger.submit(Write(mark_copying, keys[:4]), Write(record_proven, [proven(keys[1])]))
    ledger.submit(
        Write(record_failed, [EndedRow(*keys[2], CopyStatus.FAILED, "ReadFailed", "no")]),
        Write(record_failed, [EndedRow(*keys[3], CopyStatus.CANCELLED)]),
    )
    ledger.barrier()
    become(ledger, transfer, TransferStatus.INTERRUPTED)
    ledger.transact(lambda tx: reset_for_resume(tx, transfer))
    copies = ledger.copies_of([item.item.id for item in items])
    assert [record.item.id for record in ledger.items_with(transfer, [CopyStatus.COPYING])] == [
        keys[0][0]
    ]
    assert [copy.status for copy in copies] == [
        CopyStatus.COPYING,
        CopyStatus.PROVEN,
        CopyStatus.PENDING,
        CopyStatus.CANCELLED,
        CopyStatus.PENDING,
    ]
    assert copies[1].identity == proven(keys[1]).identity
    assert copies[2].error_type == copies[2].message == ""


def test_taking_over_leaves_the_copies_as_they_are(ledger: Ledger) -> None:
    transfer = running(ledger, request(destinations=1))
    items = with_items(ledger, transfer, 1)
    ledger.submit(Write(mark_copying, keys_of(items)))
    ledger.barrier()
    become(ledger, transfer, TransferStatus.INTERRUPTED)
    ledger.transact(lambda tx: take_over(tx, transfer))
    assert ledger.items(transfer)[0].copies[0].status is CopyStatus.COPYING


# --- lists --------------------------------------------------------------------------------


def test_the_history_is_newest_first_in_pages(ledger: Ledger) -> None:
    numbers = [created(ledger) for _ in range(7)]
    listed = [
        record.id for offset in (0, 3, 6) for record in ledger.transfers(offset=offset, limit=3)
    ]
    assert listed == numbers[::-1]


def test_the_queue_is_what_lives_oldest_first(ledger: Ledger) -> None:
    made = {status: brought_to(ledger, status) for status in TransferStatus}
    assert [record.id for record in ledger.live_transfers()] == [made[s] for s in made if s in LIVE]
    assert [
        record.id
        for record in ledger.transfers(HistoryQuery(statuses=frozenset({TransferStatus.FAILED})))
    ] == [made[TransferStatus.FAILED]]


@pytest.mark.parametrize(
    "text", ["day 7", "DAY", "CARD/DCIM", "drive1", "card", "1", "100%", "under_score"]
)
def test_a_transfer_is_found_by_its_name_places_and_number(ledger: Ledger, text: str) -> None:
    found = created(ledger, request(name="Day 7 100% under_score"))
    elsewhere = replace(source(b"X", volume="zip"), path=b"/mnt/zip/X")
    created(ledger, request(elsewhere, name="other", destinations=1))
    assert [record.id for record in ledger.transfers(HistoryQuery(text=text))] == [found]


@pytest.mark.parametrize("text", ["%", "_", "\\", "nothing like it"])
def test_no_letter_of_a_search_is_a_wildcard(ledger: Ledger, text: str) -> None:
    created(ledger)
    assert ledger.transfers(HistoryQuery(text=text)) == []


def test_whatever_changes_changes_the_data_version(ledger: Ledger) -> None:
    before = ledger.data_version()
    assert ledger.data_version() == before
    created(ledger)
    assert ledger.data_version() != before


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.binary(min_size=1, max_size=300).filter(lambda path: b"\0" not in path))
def test_any_path_comes_back_byte_for_byte(ledger: Ledger, path: bytes) -> None:
    transfer = created(ledger, request(source(path, volume="fuzz")))
    assert ledger.sources(transfer)[0].place.within == path


def test_transfers_are_counted_as_they_are_found(ledger: Ledger) -> None:
    for name in ("day 1", "day 2", "night"):
        created(ledger, request(name=name))
    assert ledger.transfer_count() == 3
    assert ledger.transfer_count(HistoryQuery(text="day")) == 2
