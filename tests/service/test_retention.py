"""What is old goes, and what stays still verifies: nothing is lost that was not signed away."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ketter_gui.domain.chain import Head
from ketter_gui.domain.errors import ChainBroken, ExportFailed, NoSuchTransfer
from ketter_gui.domain.events import AuditEvent
from ketter_gui.domain.retention_errors import ClockBehind, HeadPruned
from ketter_gui.domain.status import TransferStatus
from ketter_gui.evidence import checkpoints, keys
from ketter_gui.queue.witness import Witness, now_us
from ketter_gui.service import keeper, record, retention
from ketter_gui.service.keeper import Keeper
from ketter_gui.service.service import Service
from ketter_gui.store import retention as stored
from ketter_gui.store.backup_names import all_of
from tests.builders import drive
from tests.service.conftest import carried_out, request_for

_DAYS = 30
_LATER_US = 100 * retention.DAY_US


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred days from now, for whoever asks how old something is."""
    monkeypatch.setattr(retention, "now_us", lambda: now_us() + _LATER_US)
    monkeypatch.setattr(keeper, "now_us", lambda: now_us() + _LATER_US)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return drive(tmp_path, "RAID")


def card_of(folder: Path, name: str, files: int = 5) -> Path:
    card = folder / name
    card.mkdir()
    for number in range(files):
        (card / f"{number}.mov").write_bytes(name.encode() * (number + 1))
    return card


def copied(service: Service, tmp_path: Path, place: Path, name: str) -> int:
    return carried_out(service, request_for([card_of(tmp_path, name)], [place]))


def test_what_stays_verifies_from_a_signed_checkpoint_and_the_archive_has_the_rest(
    service: Service, tmp_path: Path, place: Path, later: None
) -> None:
    first = copied(service, tmp_path, place, "A001")
    before = service.export_audit(os.fsencode(tmp_path / "before.csv"))
    copied(service, tmp_path, place, "A0015")
    archive = tmp_path / "old.csv.gz"
    pruned = service.prune_history(_DAYS, os.fsencode(archive))
    assert (pruned.transfers, pruned.first_sequence, pruned.is_complete) == (2, 1, True)
    assert pruned.last_sequence > before.last_sequence
    with pytest.raises(NoSuchTransfer):
        service.transfer(first)
    assert service.items_count(first) == 0
    second = copied(service, tmp_path, place, "A002")
    verdict = service.verify_audit()
    assert verdict.first_sequence == pruned.last_sequence + 1
    assert verdict.pruned_to == pruned.last_sequence
    assert "HISTORY_PRUNED" in service.ledger.audit_rows(limit=1)[0]
    assert service.transfer(second).status is TransferStatus.COMPLETED
    assert service.verify_export(os.fsencode(archive)).last_sequence == pruned.last_sequence
    after = tmp_path / "after.csv"
    assert service.export_audit(os.fsencode(after)).pruned_to == pruned.last_sequence
    assert service.verify_export(os.fsencode(after)).first_sequence == pruned.last_sequence + 1
    old_head = os.fsencode(tmp_path / "before.csv.sig")
    with pytest.raises(HeadPruned):
        service.compare_head(old_head)
    assert service.verify_export(os.fsencode(archive), old_head).entries == pruned.entries


def test_pruning_twice_goes_on_from_the_first_time(
    service: Service, tmp_path: Path, place: Path, later: None
) -> None:
    copied(service, tmp_path, place, "A001")
    first = service.prune_history(_DAYS)
    copied(service, tmp_path, place, "A002")
    second = service.prune_history(_DAYS, os.fsencode(tmp_path / "second.csv.gz"))
    assert second.first_sequence == first.last_sequence + 1
    assert service.verify_audit().pruned_to == second.last_sequence
    assert service.verify_export(os.fsencode(tmp_path / "second.csv.gz")).entries > 0


def test_nothing_goes_before_its_time(service: Service, tmp_path: Path, place: Path) -> None:
    transfer = copied(service, tmp_path, place, "A001")
    assert service.prune_history(1).entries == 0
    assert service.transfer(transfer).status is TransferStatus.COMPLETED
    assert service.verify_audit().first_sequence == 1


def test_what_is_not_over_keeps_its_entries_its_items_and_its_claims(
    service: Service, tmp_path: Path, place: Path, later: None
) -> None:
    copied(service, tmp_path, place, "A001")
    waiting = service.create(request_for([card_of(tmp_path, "A002", 3000)], [place]))
    service.pause(waiting)
    while service.transfer(waiting).status is not TransferStatus.PAUSED:
        assert service.transfer(waiting).status in (
            TransferStatus.PENDING,
            TransferStatus.PREPARING,
            TransferStatus.RUNNING,
        )
    pruned = service.prune_history(_DAYS)
    assert (pruned.transfers, pruned.kept_for) == (1, waiting)
    rows = service.ledger.audit_rows(transfer=waiting)
    assert any("TRANSFER_CREATED" in row for row in rows)
    service.resume(waiting)
    assert service.wait(waiting, 60)
    assert service.transfer(waiting).status is TransferStatus.COMPLETED
    assert service.verify_audit().pruned_to == pruned.last_sequence


def test_without_its_archive_nothing_goes(
    service: Service, tmp_path: Path, place: Path, later: None
) -> None:
    transfer = copied(service, tmp_path, place, "A001")
    there = tmp_path / "there.csv"
    there.write_text("somebody's")
    for path in (there, tmp_path / "no folder" / "old.csv"):
        with pytest.raises(ExportFailed):
            service.prune_history(_DAYS, os.fsencode(path))
    assert there.read_text() == "somebody's"
    assert service.transfer(transfer).status is TransferStatus.COMPLETED
    assert service.verify_audit().first_sequence == 1


def test_a_damage_is_not_pruned_away(
    service: Service, tmp_path: Path, place: Path, later: None
) -> None:
    copied(service, tmp_path, place, "A001")
    service.ledger.transact(
        lambda tx: tx.execute("UPDATE audit SET message = 'nothing' WHERE sequence = 3")
    )
    with pytest.raises(ChainBroken):
        service.prune_history(_DAYS)
    with pytest.raises(ChainBroken) as broken:
        service.verify_audit()
    assert broken.value.facts["sequence"] == 3


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM checkpoints",
        "UPDATE checkpoints SET sequence = sequence + 1",
        "UPDATE checkpoints SET before_us = before_us + 1",
        "UPDATE checkpoints SET entry_hash = replace(entry_hash, substr(entry_hash, 1, 1), 'x')",
        "DELETE FROM audit WHERE sequence = (SELECT min(sequence) FROM audit)",
    ],
)
def test_who_cuts_off_more_than_was_signed_for_is_found(
    service: Service, tmp_path: Path, place: Path, later: None, change: str
) -> None:
    copied(service, tmp_path, place, "A001")
    service.prune_history(_DAYS)
    copied(service, tmp_path, place, "A002")
    assert service.verify_audit().pruned_to > 0
    service.ledger.transact(lambda tx: tx.execute(change))
    with pytest.raises(ChainBroken):
        service.verify_audit()


_KILLED = """
import os, signal, sys
from pathlib import Path
from ketter_gui.queue.witness import now_us
from ketter_gui.service import record, retention
from ketter_gui.service.service import Service
from ketter_gui.store import retention as stored

data_dir, archive, step = Path(sys.argv[1]), os.fsencode(sys.argv[2]), sys.argv[3]
retention.now_us = lambda: now_us() + 100 * retention.DAY_US
stored.ENTRIES_TOGETHER, stored.ITEMS_TOGETHER = 4, 2

def dies_after(where, name, times):
    real, left = getattr(where, name), [times]
    def act(*given, **more):
        answer = real(*given, **more)
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer
    setattr(where, name, act)

with Service(data_dir) as service:
    service._keeper.close(10)
    {
        "archive": lambda: dies_after(retention, "_write", 1),
        "checkpoint": lambda: dies_after(retention, "_decided", 1),
        "head": lambda: dies_after(record, "sign_head", 1),
        "entries": lambda: dies_after(stored, "remove_entries", 2),
        "items": lambda: dies_after(stored, "remove_transfers", 2),
    }[step]()
    service.prune_history(30, archive)
"""


@pytest.mark.parametrize("step", ["archive", "checkpoint", "head", "entries", "items"])
def test_killed_between_any_two_steps_it_loses_nothing_and_goes_on(
    data_dir: Path, tmp_path: Path, place: Path, step: str
) -> None:
    with Service(data_dir) as service:
        transfer = copied(service, tmp_path, place, "A001")
        entries = service.verify_audit().last_sequence
    archive = tmp_path / "old.csv"
    words = [sys.executable, "-c", _KILLED, str(data_dir), str(archive), step]
    assert subprocess.run(words, check=False).returncode == -signal.SIGKILL
    with Service(data_dir) as service:
        assert retention.finish(service.ledger)
        verdict = service.verify_audit()
        if step == "archive":
            assert verdict.first_sequence == 1
            assert service.transfer(transfer).files_verified == 5
        else:
            gone = service.verify_export(os.fsencode(archive)).last_sequence
            assert verdict.first_sequence == gone + 1 > entries
            assert not retention.is_unfinished(service.ledger)
            with pytest.raises(NoSuchTransfer):
                service.transfer(transfer)


def test_the_keeper_prunes_once_a_day_when_it_is_told_to(
    service: Service, tmp_path: Path, place: Path, later: None, data_dir: Path
) -> None:
    copied(service, tmp_path, place, "A001")
    by_hand = Keeper(service.ledger, data_dir, Witness.here())
    assert not by_hand.prune_if_due()
    folder = drive(tmp_path, "ARCHIVE")
    service.change_setting("history.keep_days", "30")
    service.change_setting("history.archive", str(folder))
    assert by_hand.prune_if_due()
    (archive,) = folder.glob("*.csv.gz")
    assert service.verify_export(os.fsencode(archive)).entries > 0
    assert service.verify_audit().pruned_to > 0
    assert service.ledger.read(stored.pruned_us) > 0


def test_the_keeper_signs_what_has_waited_long_enough(
    service: Service, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_hand = Keeper(service.ledger, data_dir, Witness.here())
    service.change_setting("audit.sign_minutes", "5")
    assert by_hand.sign_if_due()
    service.change_setting("audit.sign_minutes", "7")
    assert not by_hand.sign_if_due()
    monkeypatch.setattr(keeper, "now_us", lambda: now_us() + 8 * 60_000_000)
    assert by_hand.sign_if_due()
    signed = service.ledger.last_signed()
    assert signed is not None
    assert signed.head == service.ledger.head()


def test_a_new_key_is_vouched_for_by_the_old_one_and_both_verify(
    service: Service, tmp_path: Path, place: Path
) -> None:
    copied(service, tmp_path, place, "A001")
    before, after = os.fsencode(tmp_path / "before.csv"), os.fsencode(tmp_path / "after.csv")
    old = service.export_audit(before).key_id
    assert service.rotate_key()[0] == old
    new = service.export_audit(after).key_id
    assert new != old
    for path, key in ((before, old), (after, new)):
        assert service.verify_export(path).key_id == key
    assert service.compare_head(before + b".sig").entries > 0
    assert service.verify_audit().key_id == new
    told = [row for row in service.ledger.audit_rows() if "KEY_CHANGED" in row]
    assert len(told) == 1
    by_key = {one.key_id for one in service.ledger.signed_heads()}
    assert by_key == {old, new}
    record.sign_head(service.ledger, service.data_dir, Witness.here())
    assert len([row for row in service.ledger.audit_rows() if "KEY_CHANGED" in row]) == 1


def test_a_checkpoint_without_its_entry_is_found_even_when_it_is_signed(
    service: Service, tmp_path: Path, place: Path
) -> None:
    """Who holds the key cannot cut the beginning off without saying so in the chain."""
    copied(service, tmp_path, place, "A001")
    assert service.verify_audit().first_sequence == 1
    cell = service.ledger.audit_rows(after_sequence=4, limit=1)[0]
    key = keys.load_or_create(service.data_dir)
    head = Head(service.ledger.chain, 5, cell[-1])
    signature = checkpoints.sign(key, head, 5, 5)
    slipped_in = stored.SignedCheckpoint(head, 5, signature, key.key_id, 5)
    service.ledger.transact(lambda tx: stored.add_checkpoint(tx, slipped_in))
    service.ledger.transact(lambda tx: tx.execute("DELETE FROM audit WHERE sequence <= 5"))
    with pytest.raises(ChainBroken, match="no entry tells that anything was pruned") as broken:
        service.verify_audit()
    assert broken.value.facts["sequence"] == 5


def test_an_entry_that_tells_of_a_pruning_has_its_checkpoint(
    service: Service, tmp_path: Path, place: Path, later: None
) -> None:
    copied(service, tmp_path, place, "A001")
    pruned = service.prune_history(_DAYS)
    told = service.ledger.audit_rows(limit=1)[0]
    assert "HISTORY_PRUNED" in told
    further = {"last_hash": "0" * 64, "last_sequence": pruned.last_sequence + 1}
    draft = Witness.here().draft(AuditEvent.HISTORY_PRUNED, None, further)
    service.ledger.transact(lambda tx: tx.chain([draft]))
    with pytest.raises(ChainBroken, match="and there is no checkpoint") as broken:
        service.verify_audit()
    assert broken.value.facts["sequence"] == service.ledger.head().sequence


def test_a_transfer_that_is_half_gone_is_gone_for_whoever_wants_it_verified(
    service: Service, tmp_path: Path, place: Path, later: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else half its files would be said to be strange in its folders."""
    transfer = copied(service, tmp_path, place, "A001")
    monkeypatch.setattr(stored, "ITEMS_TOGETHER", 2)
    batches = iter([False] * 4)
    retention.prune(
        service.ledger,
        service.data_dir,
        Witness.here(),
        days=_DAYS,
        stop=lambda: next(batches, True),
    )
    assert retention.is_unfinished(service.ledger)
    assert service.items_count(transfer) > 0
    with pytest.raises(NoSuchTransfer):
        service.verify_again(transfer)
    assert retention.finish(service.ledger)


def test_nothing_is_pruned_by_a_clock_that_is_behind_the_newest_entry(
    service: Service, tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied(service, tmp_path, place, "A001")
    monkeypatch.setattr(retention, "now_us", lambda: now_us() - 2 * retention.DAY_US)
    with pytest.raises(ClockBehind, match="Nothing is pruned while the clock is wrong"):
        service.prune_history(_DAYS)
    assert service.verify_audit().first_sequence == 1


def test_a_backup_is_made_once_a_week_and_told_by_doctor(
    service: Service, tmp_path: Path, place: Path, data_dir: Path
) -> None:
    by_hand = Keeper(service.ledger, data_dir, Witness.here())
    assert not by_hand.back_up_if_due(), "there is nothing yet"
    copied(service, tmp_path, place, "A001")
    assert by_hand.back_up_if_due()
    assert not by_hand.back_up_if_due()
    (backup,) = all_of(service.ledger.path)
    (line,) = [line for line in service.doctor() if line.name == "Ledger"]
    assert line.is_well
    assert str(backup) in line.sentence
    old = backup.with_name("ledger-1-20200101T000000000000Z.sqlite3")
    backup.rename(old)
    assert by_hand.back_up_if_due()
    assert len(all_of(service.ledger.path)) == 2
