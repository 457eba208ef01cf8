"""Several processes on one ledger, and processes that die."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ketter_gui.domain.errors import ClaimHeld
from ketter_gui.domain.events import AuditEvent
from ketter_gui.domain.options import Mode
from ketter_gui.domain.search import HistoryQuery
from ketter_gui.domain.status import CopyStatus, TransferStatus
from ketter_gui.store import Ledger, create_transfer, reset_for_resume
from tests.store.building import (
    become,
    created,
    length_of_unbroken_chain,
    request,
    running,
    source,
)
from tests.store.writing_process import FILES, FOLDERS

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def writing(data_dir: Path, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.store.writing_process", str(data_dir)]
    with subprocess.Popen(
        [*command, *map(str, arguments)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_two_processes_write_one_unbroken_chain_and_share_no_claim(data_dir: Path) -> None:
    """Each process also checks, at every claim it takes, that no two claims overlap."""
    with writing(data_dir, 12, 1) as one, writing(data_dir, 12, 2) as other:
        outputs = [process.communicate(timeout=60)[0] for process in (one, other)]
    assert [one.returncode, other.returncode] == [0, 0]
    told = [json.loads(output.splitlines()[-1]) for output in outputs]
    with Ledger.open(data_dir) as ledger:
        assert length_of_unbroken_chain(ledger) == sum(each["entries"] for each in told)
        records = ledger.transfers(limit=100)
        assert len(records) == sum(each["transfers"] for each in told) == 24
        assert {record.status for record in records} == {TransferStatus.COMPLETED}
        for record in records:
            counts = ledger.counts(record.id)
            assert [(one.status, one.copies) for one in counts] == [
                (CopyStatus.VERIFIED, FILES)
            ] * 2
        created(ledger, request(source(b""), mode=Mode.MOVE))
        ledger.check()


def test_a_process_that_is_killed_breaks_nothing(data_dir: Path) -> None:
    with Ledger.open(data_dir) as witness:
        for seed in range(3):
            with writing(data_dir, 0, seed, "for-ever") as process:
                assert process.stdout is not None
                for _ in range(seed + 1):
                    process.stdout.readline()
                process.send_signal(signal.SIGKILL)
                assert process.wait() == -signal.SIGKILL
            length_of_unbroken_chain(witness)
            witness.bury_dead_owners()
            assert witness.live_transfers() == []
            for record in witness.transfers(
                HistoryQuery(statuses=frozenset({TransferStatus.INTERRUPTED}))
            ):
                become(witness, record.id, TransferStatus.CANCELLED)
        length_of_unbroken_chain(witness)
        witness.check()


@pytest.fixture
def killed(data_dir: Path) -> Iterator[Ledger]:
    """A ledger in which another process died with a move of `DCIM` at work."""
    program = (
        "import os, signal, sys; from pathlib import Path\n"
        "from ketter_gui.store import Ledger; from ketter_gui.domain.options import Mode\n"
        "from tests.store.building import *\n"
        "ledger = Ledger.open(Path(sys.argv[1]))\n"
        "moved = running(ledger, request(mode=Mode.MOVE))\n"
        "created(ledger, request(source(b'waiting')))\n"
        "become(ledger, created(ledger, request(source(b'done'))), TransferStatus.CANCELLED)\n"
        "with_items(ledger, moved, 3)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(data_dir)], cwd=ROOT)
    assert done.returncode == -signal.SIGKILL
    with Ledger.open(data_dir) as ledger:
        yield ledger


def test_the_transfers_of_a_dead_process_are_interrupted_and_told_of(killed: Ledger) -> None:
    records = killed.transfers()[::-1]
    assert [record.status for record in records] == [
        TransferStatus.INTERRUPTED,
        TransferStatus.INTERRUPTED,
        TransferStatus.CANCELLED,
    ]
    assert {record.owner for record in records} == {None}
    rows = killed.audit_rows()
    assert [(row[4], row[5], row[6]) for row in rows] == [
        (AuditEvent.TRANSFER_INTERRUPTED.value, "1", "move"),
        (AuditEvent.TRANSFER_INTERRUPTED.value, "2", "copy"),
    ]
    assert length_of_unbroken_chain(killed) == 2


def test_a_dead_processs_claims_stay_with_its_transfer(killed: Ledger) -> None:
    with pytest.raises(ClaimHeld, match="transfer 1"):
        created(killed, request(mode=Mode.MOVE))
    killed.transact(lambda tx: reset_for_resume(tx, 1))
    assert killed.transfer(1).owner == killed.owner
    assert len(killed.unfinished_items(1)) == 3


def test_a_dead_process_leaves_no_lock_behind(killed: Ledger) -> None:
    locks = list((killed.path.parent / "owners").iterdir())
    assert len(locks) == 1
    assert killed.bury_dead_owners() == []


def test_a_living_process_is_left_alone(data_dir: Path) -> None:
    with Ledger.open(data_dir) as living:
        transfer = running(living)
        with Ledger.open(data_dir) as other:
            assert other.transfer(transfer).status is TransferStatus.RUNNING
            assert other.bury_dead_owners() == []
        assert living.transfer(transfer).owner == living.owner


def test_a_process_that_closes_interrupts_what_it_leaves(data_dir: Path) -> None:
    with Ledger.open(data_dir) as other:
        with Ledger.open(data_dir) as leaving:
            transfer = running(leaving)
        record = other.transfer(transfer)
        assert (record.status, record.owner) == (TransferStatus.INTERRUPTED, None)
        assert other.audit_rows()[-1][4] == "TRANSFER_INTERRUPTED"


def test_a_dead_owner_is_buried_once(data_dir: Path) -> None:
    """Two processes find the same dead one: one entry, not two."""
    with Ledger.open(data_dir) as one, Ledger.open(data_dir) as other:
        transfer = one.transact(lambda tx: create_transfer(tx, request()))
        leaving = one.owner
        one.transact(lambda tx: tx.execute("UPDATE transfers SET owner = NULL"))
        other.transact(
            lambda tx: tx.execute(
                "INSERT INTO owners (lock_name, pid, host, started_us) VALUES ('gone', 1, '', 1)"
            )
        )
        one.transact(
            lambda tx: tx.execute(
                "UPDATE transfers SET owner = (SELECT id FROM owners WHERE lock_name = 'gone')"
            )
        )
        assert one.bury_dead_owners() == [transfer]
        assert other.bury_dead_owners() == []
        assert (leaving, one.head().sequence) == (one.owner, 1)


def test_folders_of_the_writing_process_do_overlap() -> None:
    """Else the two processes would never be in each other's way."""
    assert b"" in FOLDERS and os.path.commonpath([FOLDERS[0], FOLDERS[1]]) == b"A"
