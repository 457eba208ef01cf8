"""The chain does not cover the working tables; what they say is compared with it.

More random edits: `KETTER_EXAMPLES=2000 pytest tests/service/test_cross_check.py`.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketter_gui.domain.cross_check import CrossCheck
from ketter_gui.domain.options import Mode, OnConflict, Options
from ketter_gui.domain.status import TransferStatus
from ketter_gui.service.cross_check import cross_check
from ketter_gui.service.service import Service
from ketter_gui.store.ledger import Ledger
from tests.builders import camera_card, drive
from tests.service.conftest import carried_out, request_for

EXAMPLES = int(os.environ.get("KETTER_EXAMPLES", "40"))
_CHECKSUM = "json_object('sha256', printf('%064d', 7))"
_OF = "(SELECT min(item) FROM copies JOIN items ON items.id = item WHERE kind = 'file' AND {})"
_PROOF = "inode = 5, part_size = 5, part_mtime_ns = 5, proven_us = 5, final_path = x'41'"
_FAILED = _OF.format("status = 'failed'")
_SKIPPED = _OF.format("status = 'skipped'")
_VERIFIED = _OF.format("status = 'verified'")

EDITS = {
    "a failed copy made good": (
        (
            f"UPDATE copies SET status = 'verified', {_PROOF}, error_type = '', checksums = {_CHECKSUM}"
            f" WHERE item = {_FAILED}"
        ),
        "no entry of the audit tells of it",
    ),
    "a verified copy made bad": (
        f"UPDATE copies SET status = 'failed' WHERE item = {_VERIFIED}",
        "it says failed, the audit verified",
    ),
    "a verified copy not begun": (
        f"UPDATE copies SET status = 'pending' WHERE item = {_VERIFIED}",
        "it says pending, the audit verified",
    ),
    "a skipped copy made verified": (
        f"UPDATE copies SET status = 'verified' WHERE item = {_SKIPPED}",
        "it says verified, the audit skipped",
    ),
    "another checksum of a copy": (
        f"UPDATE copies SET checksums = {_CHECKSUM} WHERE item = {_VERIFIED}",
        "not the one that was read back",
    ),
    "another way of reading back": (
        f"UPDATE copies SET read_back = 'server' WHERE item = {_VERIFIED}",
        "read back from server",
    ),
    "another name of a copy": (
        f"UPDATE copies SET final_path = x'41' WHERE item = {_VERIFIED}",
        "no entry of the audit tells of it",
    ),
    "another checksum of a source": (
        f"UPDATE items SET checksums = {_CHECKSUM} WHERE id = {_VERIFIED}",
        "not the one that was calculated",
    ),
    "an original said to be gone": (
        f"UPDATE items SET is_removed = 1 WHERE id = {_VERIFIED}",
        "said to be gone",
    ),
    "an original said to be there": (
        "UPDATE items SET is_removed = 0 WHERE id = (SELECT min(id) FROM items WHERE is_removed)",
        "said to be there",
    ),
    "a copy taken out": (f"DELETE FROM copies WHERE item = {_VERIFIED}", "the audit verified"),
    "an item taken out": (f"DELETE FROM items WHERE id = {_VERIFIED}", "is not there any more"),
    "an item of another name": (
        f"UPDATE items SET path = x'41' WHERE id = {_VERIFIED}",
        "is not there any more",
    ),
    "a failed transfer made good": (
        "UPDATE transfers SET status = 'completed' WHERE status = 'failed'",
        "it says completed, the audit failed",
    ),
    "a completed transfer made bad": (
        "UPDATE transfers SET status = 'failed' WHERE id = 1",
        "it says failed, the audit completed",
    ),
    "another mode": ("UPDATE transfers SET mode = 'move' WHERE id = 1", "it says move"),
    "other figures": (
        "UPDATE transfers SET files_verified = files_verified + 1 WHERE id = 1",
        "its files_verified are",
    ),
    "another source": ("UPDATE sources SET path = x'2f41' WHERE transfer = 1", "its sources"),
    "another destination": (
        "UPDATE destinations SET path = x'2f41' WHERE transfer = 1",
        "its destinations",
    ),
    "a transfer taken out": ("DELETE FROM transfers WHERE id = 1", "it is not there any more"),
    "a transfer that never was": (
        "UPDATE transfers SET id = 99 WHERE id = 1",
        "no entry of the audit tells of it",
    ),
}


class Room:
    """A data folder with a copy, one to where it was already, one that failed, and a move."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data_dir, self.number = folder, folder / "data", count()
        card = camera_card(folder, clips=2).path
        first, second = drive(folder, "A"), drive(folder, "B")
        fail = Options(on_conflict=OnConflict.FAIL)
        with Service(self.data_dir) as service:
            carried_out(service, request_for([card], [first, second]))
            carried_out(service, request_for([card], [first]))
            failed = carried_out(service, request_for([card], [first], options=fail))
            assert service.transfer(failed).status is TransferStatus.FAILED
            carried_out(
                service, request_for([card], [drive(folder, "C"), drive(folder, "D")], Mode.MOVE)
            )

    def checked(self, *edits: str) -> CrossCheck:
        data_dir = self.folder / str(next(self.number))
        shutil.copytree(self.data_dir, data_dir)
        with closing(sqlite3.connect(data_dir / "ledger.sqlite3")) as database:
            for edit in edits:
                assert database.execute(edit).rowcount > 0
            database.commit()
        try:
            with Ledger.open(data_dir) as ledger:
                return cross_check(ledger)
        finally:
            shutil.rmtree(data_dir)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Room:
    return Room(tmp_path_factory.mktemp("room"))


def test_tables_that_nobody_touched_agree_with_the_audit(room: Room) -> None:
    found = room.checked()
    assert found.differences == ()
    assert (found.count, found.transfers, found.at_work, found.pruned) == (0, 4, 0, 0)
    assert found.copies > 40


@pytest.mark.parametrize("what", EDITS)
def test_what_is_altered_in_the_tables_is_found(room: Room, what: str) -> None:
    edit, words = EDITS[what]
    found = room.checked(edit)
    assert found.count >= 1
    assert [one for one in found.differences if words in one.words], found.differences


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.data())
def test_any_good_copy_that_is_altered_is_found(room: Room, data: st.DataObject) -> None:
    with closing(sqlite3.connect(room.data_dir / "ledger.sqlite3")) as database:
        rows = database.execute(
            "SELECT item, destination, status, kind, transfer FROM copies"
            " JOIN items ON items.id = item ORDER BY item, destination"
        ).fetchall()
    item, destination, status, kind, transfer = data.draw(st.sampled_from(rows))
    statuses = {"pending", "cancelled", "failed", "verified", "skipped", "renamed"} - {status}
    new = data.draw(st.sampled_from(sorted(statuses)))
    changes = [f"status = '{new}', {_PROOF}"]
    is_good = status in ("verified", "skipped")
    if is_good and kind == "file":
        digits = data.draw(st.text("0123456789abcdef", min_size=64, max_size=64))
        changes += [f"checksums = json_object('sha256', '{digits}')", "read_back = 'server'"]
    change = data.draw(st.sampled_from(changes))
    found = room.checked(
        f"UPDATE copies SET {change} WHERE item = {item} AND destination = {destination}"
    )
    is_said_nowhere = status == "failed" and new in ("pending", "cancelled")  # as in a retry
    assert (found.count > 0) is not is_said_nowhere
    assert {one.transfer for one in found.differences} <= {transfer}


def test_a_transfer_at_work_is_not_compared_and_said_so(room: Room) -> None:
    found = room.checked(
        "INSERT INTO owners (id, lock_name, pid, host, started_us) VALUES (77, '..', 1, 'x', 1)",
        "UPDATE transfers SET status = 'running', owner = 77 WHERE id = 1",
    )
    assert (found.at_work, found.transfers, found.count) == (1, 3, 0)
