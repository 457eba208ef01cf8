"""Writing: in order, together, durable at the barrier, and never dropped in silence."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from ketter_gui.domain.errors import DiskFull, IllegalChange, LedgerBusy, LedgerUnusable
from ketter_gui.domain.status import CopyStatus, TransferStatus
from ketter_gui.store import (
    Ledger,
    Transaction,
    Write,
    mark_copying,
    record_audit,
    record_proven,
    set_message,
    set_status,
)
from ketter_gui.store.data_folder import LEDGER_NAME
from tests.store.building import (
    all_rows,
    created,
    entry,
    keys_of,
    length_of_unbroken_chain,
    proven,
    running,
    with_items,
)


def messages(ledger: Ledger) -> list[str]:
    return [row[22] for row in all_rows(ledger)]


def test_what_was_submitted_is_there_after_the_barrier(ledger: Ledger) -> None:
    ledger.submit(Write(record_audit, [entry(message="one")]))
    ledger.barrier()
    assert messages(ledger) == ["one"]


def test_what_was_submitted_is_written_without_a_barrier_too(ledger: Ledger) -> None:
    ledger.submit(Write(record_audit, [entry(message="alone")]))
    written = threading.Event()
    ledger.submit(lambda tx: written.set())
    assert written.wait(10)
    ledger.barrier()
    assert messages(ledger) == ["alone"]


def test_a_full_batch_is_written_before_anybody_asks(ledger: Ledger) -> None:
    applied: list[int] = []

    def note(tx: Transaction, rows: Sequence[int]) -> None:
        applied.append(len(rows))

    for _ in range(45):
        ledger.submit(Write(note, range(100)))
    ledger.barrier()
    assert sum(applied) == 4500
    assert max(applied) < 4500 or len(applied) == 1  # one piece only if the thread was late


def test_the_order_of_submission_is_the_order_of_the_chain(ledger: Ledger) -> None:
    for number in range(500):
        ledger.submit(Write(record_audit, [entry(message=str(number))]))
    ledger.transact(lambda tx: tx.chain([entry(message="last")]))
    assert messages(ledger) == [*map(str, range(500)), "last"]
    assert length_of_unbroken_chain(ledger) == 501


def test_steps_of_different_kinds_are_applied_in_their_order(ledger: Ledger) -> None:
    items = with_items(ledger, running(ledger), 3)
    keys = keys_of(items)
    for key in keys:
        ledger.submit(Write(mark_copying, [key]))
    for key in keys:
        ledger.submit(Write(record_proven, [proven(key)]))
    ledger.barrier()
    assert {copy.status for copy in ledger.copies_of([item.item.id for item in items])} == {
        CopyStatus.PROVEN
    }


def test_a_transaction_gives_back_what_it_found_or_what_it_raised(ledger: Ledger) -> None:
    assert ledger.transact(lambda tx: tx.head.sequence) == 0
    with pytest.raises(ZeroDivisionError):
        ledger.transact(lambda tx: 1 // 0)


def test_a_transaction_that_raises_leaves_nothing(ledger: Ledger) -> None:
    transfer = created(ledger)

    def half(tx: Transaction) -> None:
        tx.chain([entry()])
        set_status(tx, transfer, TransferStatus.PREPARING)
        set_status(tx, transfer, TransferStatus.COMPLETED)

    with pytest.raises(IllegalChange):
        ledger.transact(half)
    assert ledger.head().sequence == 0
    assert ledger.transfer(transfer).status is TransferStatus.PENDING


def test_a_transaction_inside_a_transaction_is_said_instead_of_hanging(ledger: Ledger) -> None:
    with pytest.raises(RuntimeError, match="inside a transaction"):
        ledger.transact(lambda tx: ledger.transact(lambda inner: None))


@pytest.mark.logs_errors
def test_what_is_submitted_together_is_written_together_or_not_at_all(
    ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    items = with_items(ledger, running(ledger), 1)
    (key, _) = keys_of(items)
    ledger.submit(
        Write(record_audit, [entry(message="told too early")]),
        Write(record_proven, [proven(key)]),  # nobody started to copy it
    )
    with pytest.raises(IllegalChange, match="from pending to proven"):
        ledger.barrier()
    assert messages(ledger) == []
    assert "refused a write" in caplog.text


@pytest.mark.logs_errors
def test_a_refused_write_does_not_take_others_with_it(
    ledger: Ledger,
) -> None:
    ledger.submit(Write(record_audit, [entry(message="before")]))
    ledger.submit(Write(mark_copying, [(404, 0)]))
    ledger.submit(Write(record_audit, [entry(message="after")]))
    with pytest.raises(IllegalChange, match="copy 0 of item 404 cannot go from nothing"):
        ledger.barrier()
    ledger.barrier()
    assert messages(ledger) == ["before", "after"]
    assert length_of_unbroken_chain(ledger) == 2


@pytest.mark.logs_errors
def test_only_the_thread_that_submitted_it_is_told_of_a_refused_write(ledger: Ledger) -> None:
    told: list[BaseException] = []

    def other() -> None:
        ledger.submit(Write(mark_copying, [(404, 0)]))
        try:
            ledger.barrier()
        except IllegalChange as error:
            told.append(error)

    ledger.submit(Write(record_audit, [entry()]))
    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
    ledger.barrier()
    assert len(told) == 1


def test_many_threads_share_one_chain(ledger: Ledger) -> None:
    def write() -> None:
        for _ in range(20):
            ledger.submit(Write(record_audit, [entry()] * 10))
            ledger.barrier()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert length_of_unbroken_chain(ledger) == 800


# --- kept out by a lock or a full disk ------------------------------------------------------


@contextmanager
def locked_by_another(data_dir: Path) -> Iterator[None]:
    other = sqlite3.connect(data_dir / LEDGER_NAME, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@pytest.fixture
def impatient(data_dir: Path) -> Iterator[Ledger]:
    with Ledger.open(data_dir, busy_s=0.02) as opened:
        yield opened


def test_what_a_lock_keeps_out_is_kept_and_written_later(impatient: Ledger, data_dir: Path) -> None:
    with locked_by_another(data_dir):
        impatient.submit(Write(record_audit, [entry(message="first")]))
        for _ in range(3):
            with pytest.raises(LedgerBusy):
                impatient.barrier()
        impatient.submit(Write(record_audit, [entry(message="second")]))
        assert messages(impatient) == []
    impatient.barrier()
    assert messages(impatient) == ["first", "second"]


def test_what_is_kept_out_is_tried_again_by_itself(impatient: Ledger, data_dir: Path) -> None:
    with locked_by_another(data_dir):
        impatient.submit(Write(record_audit, [entry(message="kept")]))
        with pytest.raises(LedgerBusy):
            impatient.barrier()
        before = impatient.data_version()
    waiting = threading.Event()
    for _ in range(500):
        if impatient.data_version() != before:
            break
        waiting.wait(0.01)
    assert messages(impatient) == ["kept"]


def test_a_transaction_does_not_overtake_what_is_kept_out(
    impatient: Ledger, data_dir: Path
) -> None:
    with locked_by_another(data_dir):
        impatient.submit(Write(record_audit, [entry(message="first")]))
        with pytest.raises(LedgerBusy):
            impatient.transact(lambda tx: tx.chain([entry(message="refused")]))
    impatient.transact(lambda tx: tx.chain([entry(message="second")]))
    assert messages(impatient) == ["first", "second"]


def test_everybody_who_waits_is_told_at_once(impatient: Ledger, data_dir: Path) -> None:
    told: list[str] = []

    def wait() -> None:
        impatient.submit(Write(record_audit, [entry()]))
        try:
            impatient.barrier()
        except LedgerBusy as error:
            told.append(error.kind)

    with locked_by_another(data_dir):
        threads = [threading.Thread(target=wait) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert told == ["LedgerBusy"] * 8
    impatient.barrier()
    assert length_of_unbroken_chain(impatient) == 8


def test_closing_says_what_could_not_be_written(data_dir: Path) -> None:
    ledger = Ledger.open(data_dir, busy_s=0.02)
    transfer = running(ledger)
    with locked_by_another(data_dir):
        ledger.submit(Write(record_audit, [entry()]))
        with pytest.raises(LedgerBusy):
            ledger.close()
    with Ledger.open(data_dir) as again:
        assert again.transfer(transfer).status is TransferStatus.INTERRUPTED


def filled_up(volume: Path) -> Path:
    """A file that leaves no room for another byte."""
    filler = volume / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(b"x" * 4096):
            pass
    return filler


@pytest.mark.root
def test_a_full_disk_loses_nothing(small_volume: Path) -> None:
    with Ledger.open(small_volume / "data") as ledger:
        filler = filled_up(small_volume)
        submitted: list[str] = []
        refused = False
        while not refused:
            submitted.append(str(len(submitted)))
            ledger.submit(Write(record_audit, [entry(message=submitted[-1])]))
            try:
                ledger.barrier()
            except DiskFull as error:
                refused = "is full" in str(error)
        with pytest.raises(DiskFull):
            ledger.transact(lambda tx: tx.chain([entry()]))
        filler.unlink()
        ledger.barrier()
        assert messages(ledger) == submitted
        assert length_of_unbroken_chain(ledger) == len(submitted)
        ledger.check()


@pytest.mark.root
def test_a_ledger_is_not_started_on_a_full_disk(small_volume: Path) -> None:
    filled_up(small_volume)
    with pytest.raises((DiskFull, LedgerUnusable)):
        Ledger.open(small_volume / "data")


@pytest.mark.logs_errors
def test_a_bug_in_a_step_is_told_and_not_swallowed(ledger: Ledger) -> None:
    ledger.submit(lambda tx: set_message(tx, 12345, "of nothing"))
    with pytest.raises(Exception, match="There is no transfer 12345"):
        ledger.barrier()
