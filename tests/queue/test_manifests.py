"""Manifests that change or vanish between two looks at them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from ketter_gui.engine.control import Control
from ketter_gui.engine.counters import Counters
from ketter_gui.engine.plan import Bench, Plan, opened
from ketter_gui.engine.scan import scan
from ketter_gui.queue.books import Books
from ketter_gui.queue.journal import LedgerJournal
from ketter_gui.queue.manifests import look_again, read_manifests
from ketter_gui.queue.promises import report
from ketter_gui.queue.witness import Witness
from ketter_gui.service.resolve import resolve
from ketter_gui.store import Ledger, NewTransfer, create_transfer, expected
from ketter_gui.store.expected import ManifestRecord
from tests.builders import Card, camera_card, drive
from tests.service.conftest import request_for
from tests.service.test_source_manifests import asc_mhl, files_of, md5_list


@pytest.fixture
def ledger(data_dir: Path) -> Iterator[Ledger]:
    with Ledger.open(data_dir) as ours:
        yield ours


@pytest.fixture
def card(tmp_path: Path) -> Card:
    return camera_card(tmp_path)


@contextmanager
def scanned(ledger: Ledger, card: Card, tmp_path: Path) -> Iterator[Bench]:
    """The card's items in the ledger, and its folders open."""
    wanted = request_for([card.path], [drive(tmp_path, "DRIVE")])
    found = resolve(wanted)
    sources, destinations = tuple(found.sources), tuple(found.destinations)
    new = NewTransfer("ab" * 4, "A001", wanted.mode, wanted.options, sources, destinations)
    transfer = ledger.transact(lambda tx: create_transfer(tx, new))
    plan = Plan(transfer, new.token, new.mode, new.options, new.sources, new.destinations)
    journal = LedgerJournal(Books(ledger, Witness("me", "here")), plan)
    with opened(plan, journal, Counters.for_destinations(1), Control()) as bench:
        scan(bench)
        yield bench


def manifests(ledger: Ledger, bench: Bench) -> list[ManifestRecord]:
    return ledger.read(partial(expected.manifests, transfer=bench.plan.transfer))


def promised(ledger: Ledger, bench: Bench) -> int:
    transfer = bench.plan.transfer
    items = [one.item.id for one in ledger.items(transfer)]
    said = ledger.read(partial(expected.expected_of, transfer=transfer, items=items))
    return sum(len(some) for some in said.values())


def test_reading_again_changes_nothing(ledger: Ledger, card: Card, tmp_path: Path) -> None:
    files = files_of(card)
    asc_mhl(card, files)
    md5_list(card, files)
    with scanned(ledger, card, tmp_path) as bench:
        read_manifests(bench, ledger)
        before, count = manifests(ledger, bench), promised(ledger, bench)
        read_manifests(bench, ledger)
        assert manifests(ledger, bench) == before
        assert promised(ledger, bench) == count == 2 * len(files) + 1


def test_a_manifest_that_a_move_has_taken_away_still_holds(
    ledger: Ledger, card: Card, tmp_path: Path
) -> None:
    files = files_of(card)
    asc_mhl(card, files)
    (card.path / files[0]).unlink()
    with scanned(ledger, card, tmp_path) as bench:
        read_manifests(bench, ledger)
        before, count = manifests(ledger, bench), promised(ledger, bench)
        shutil.rmtree(card.path / "ascmhl")
        bench.sources[0].forget()
        assert not look_again(bench, ledger, is_more=False)
        assert look_again(bench, ledger, is_more=True)
        assert manifests(ledger, bench) == before
        assert promised(ledger, bench) == count
        assert report(ledger, bench.plan.transfer).total.missing == 1


def test_a_manifest_that_vanished_before_it_was_read_is_told_of(
    ledger: Ledger, card: Card, tmp_path: Path
) -> None:
    target = md5_list(card, files_of(card))
    with scanned(ledger, card, tmp_path) as bench:
        target.unlink()
        read_manifests(bench, ledger)
        (told,) = report(ledger, bench.plan.transfer).sentences()
    assert told.startswith("The manifest A001/A001.md5 could not be read: No such file")


def test_a_manifest_that_became_a_link_is_not_followed(
    ledger: Ledger, card: Card, tmp_path: Path
) -> None:
    target = md5_list(card, files_of(card))
    outside = target.rename(tmp_path / "outside.txt")
    target.write_text("")
    with scanned(ledger, card, tmp_path) as bench:
        target.unlink()
        target.symlink_to(outside)
        read_manifests(bench, ledger)
        assert promised(ledger, bench) == 0
        (told,) = report(ledger, bench.plan.transfer).sentences()
    assert "could not be read" in told


def test_no_descriptor_is_left_open(ledger: Ledger, card: Card, tmp_path: Path) -> None:
    md5_list(card, files_of(card))
    (card.path / "bad.mhl").write_text("<hashlist>")
    for name in ("SHA256SUMS", "A001.md5", "A001.mhl"):
        (tmp_path / name).write_text("broken\n")
    with scanned(ledger, card, tmp_path) as bench:
        read_manifests(bench, ledger)
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(20):
            read_manifests(bench, ledger)
        assert len(os.listdir("/proc/self/fd")) == before
