"""Watch folders with the real service: real files, real transfers, a real ledger."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from ketter_gui.domain import limits
from ketter_gui.domain.chain import COLUMNS
from ketter_gui.domain.errors import DestinationInsideSource, NothingToDo, RefusedError
from ketter_gui.domain.options import Manifest, Mode, OnConflict, Options
from ketter_gui.domain.search import HistoryQuery
from ketter_gui.domain.status import TransferStatus
from ketter_gui.domain.watch_errors import (
    DestinationIsWatched,
    NoSuchWatchFolder,
    TokenUnknown,
    WatchedElsewhere,
    WatchFoldersOverlap,
    WatchNotAFolder,
    WatchRulesRefused,
)
from ketter_gui.domain.watching import (
    Chosen,
    Method,
    Unit,
    Version,
    WatchRules,
    WatchState,
    WatchView,
)
from ketter_gui.service import watcher
from ketter_gui.service.service import Service
from ketter_gui.service.watch_transfer import Batch, request_for
from ketter_gui.store import taken
from ketter_gui.store import watch_folders as stored
from ketter_gui.watch.folder import Settled, SettledFile
from tests.disk.mounting import Disk, disk, sshfs, tmpfs

_WAIT_S = 20.0
_SETTLE_S = 0.3


class Ingest:
    """A watch folder and its destination, and a service that may be started anew."""

    def __init__(self, tmp_path: Path) -> None:
        self.root, self.out = tmp_path / "in", tmp_path / "out"
        self.data = tmp_path / "data"
        self.root.mkdir()
        self.out.mkdir()
        self.service = Service(self.data)

    def rules(self, **changes: object) -> WatchRules:
        plain = WatchRules((os.fsencode(self.out),), settle_s=_SETTLE_S)
        return replace(plain, **changes)  # type: ignore[arg-type]

    def add(self, **changes: object) -> int:
        return self.service.add_watch(os.fsencode(self.root), self.rules(**changes))

    def watch(self, **changes: object) -> int:
        number = self.add(**changes)
        self.service.start_watching()
        return number

    def again(self) -> None:
        """Another process, as far as the ledger knows."""
        self.service.close()
        self.service = Service(self.data)
        self.service.start_watching()

    def write(self, name: str, text: str = "") -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text or name)
        return path

    def view(self) -> WatchView:
        return self.service.watch_folders()[0]

    def until(self, is_so: Callable[[], bool]) -> None:
        until_s = time.monotonic() + _WAIT_S
        while time.monotonic() < until_s:
            if is_so():
                return
            time.sleep(0.02)
        raise AssertionError(f"never: {self.view()}, {self.arrived()}")

    def until_taken(self, files: int) -> None:
        self.until(lambda: self.view().files_taken == files and self.is_idle())

    def is_idle(self) -> bool:
        view = self.view()
        return view.state is WatchState.IDLE and not view.files_waiting

    def arrived(self) -> dict[str, str]:
        return {
            str(path.relative_to(self.out)): path.read_text()
            for path in sorted(self.out.rglob("*"))
            if path.is_file() and not path.name.endswith((".mhl", ".xml"))
        }

    def transfers(self, watch: int = 1) -> list[TransferStatus]:
        return [one.status for one in self.service.history(HistoryQuery(watch=watch))]


@pytest.fixture
def ingest(tmp_path: Path) -> Iterator[Ingest]:
    made = Ingest(tmp_path)
    yield made
    made.service.close()


def test_what_was_there_and_what_comes_arrives_by_its_path(ingest: Ingest) -> None:
    ingest.write("sub/a.mov")
    ingest.watch()
    ingest.until_taken(1)
    ingest.write("sub/deeper/b.mov")
    ingest.write("c.mov.part")
    ingest.until_taken(2)
    assert ingest.arrived() == {"sub/a.mov": "sub/a.mov", "sub/deeper/b.mov": "sub/deeper/b.mov"}
    assert set(ingest.transfers()) == {TransferStatus.COMPLETED}
    view = ingest.view()
    assert view.method is Method.EVENTS and view.is_here and view.last_file == "sub/deeper/b.mov"
    assert ingest.service.verify_audit().entries > 0


def test_a_restart_takes_nothing_again(ingest: Ingest) -> None:
    ingest.write("a.mov")
    ingest.watch()
    ingest.until_taken(1)
    ingest.again()
    ingest.until(lambda: ingest.is_idle() and ingest.view().scanned_us > 0)
    ingest.write("b.mov")
    ingest.until_taken(2)
    assert len(ingest.transfers()) == 2


def test_a_replaced_file_is_a_new_version_and_both_are_kept(ingest: Ingest) -> None:
    ingest.write("a.mov", "first")
    ingest.watch()
    ingest.until_taken(1)
    ingest.write("a.mov", "second, and longer")
    ingest.until_taken(2)
    assert ingest.arrived() == {"a.mov": "first", "a (2).mov": "second, and longer"}


def test_a_file_that_was_only_renamed_is_not_taken_again(ingest: Ingest) -> None:
    path = ingest.write("a.mov")
    ingest.watch()
    ingest.until_taken(1)
    path.rename(ingest.root / "renamed.mov")
    ingest.write("b.mov")
    ingest.until_taken(2)
    ingest.until(ingest.is_idle)
    ingest.again()
    ingest.until(lambda: ingest.is_idle() and ingest.view().scanned_us > 0)
    assert set(ingest.arrived()) == {"a.mov", "b.mov"}


def test_a_second_name_of_a_file_is_a_file_of_its_own(ingest: Ingest) -> None:
    path = ingest.write("a.mov")
    ingest.watch()
    ingest.until_taken(1)
    os.link(path, ingest.root / "second.mov")
    ingest.until_taken(2)
    assert set(ingest.arrived()) == {"a.mov", "second.mov"}


def test_a_file_that_somebody_has_open_waits(ingest: Ingest) -> None:
    path = ingest.root / "open.mov"
    with path.open("w") as file:
        file.write("half")
        file.flush()
        ingest.watch()
        ingest.write("closed.mov")
        ingest.until(lambda: ingest.view().files_taken == 1)
        time.sleep(2 * _SETTLE_S)
        assert "open.mov" not in ingest.arrived()
        file.write(" and whole")
    ingest.until_taken(2)
    assert ingest.arrived()["open.mov"] == "half and whole"


def test_a_move_takes_the_original_and_what_comes_to_its_name_is_new(ingest: Ingest) -> None:
    ingest.write("sub/a.mov", "first")
    ingest.watch(mode=Mode.MOVE)
    ingest.until_taken(1)
    assert not (ingest.root / "sub/a.mov").exists() and (ingest.root / "sub").is_dir()
    ingest.write("sub/a.mov", "again")
    ingest.until_taken(2)
    assert sorted(ingest.arrived().values()) == ["again", "first"]


def test_a_card_is_one_transfer_with_its_empty_folders_and_a_manifest(ingest: Ingest) -> None:
    ingest.write("CARD/DCIM/a.mov")
    ingest.write("CARD/b.wav")
    (ingest.root / "CARD/EMPTY").mkdir()
    ingest.write("loose.mov")
    options = Options(on_conflict=OnConflict.RENAME, manifests=(Manifest.LIST,))
    ingest.watch(unit=Unit.FOLDER, options=options)
    ingest.until_taken(3)
    assert {"CARD/DCIM/a.mov", "CARD/b.wav", "loose.mov"} <= set(ingest.arrived())
    assert (ingest.out / "CARD/EMPTY").is_dir()
    names = {one.name for one in ingest.service.history(HistoryQuery(watch=1))}
    assert names == {"CARD (in)", "loose.mov"}


def test_what_is_added_to_a_card_later_is_taken_by_itself(ingest: Ingest) -> None:
    ingest.write("CARD/a.mov")
    ingest.watch(unit=Unit.FOLDER)
    ingest.until_taken(1)
    ingest.write("CARD/late.mov")
    ingest.until_taken(2)
    assert set(ingest.arrived()) == {"CARD/a.mov", "CARD/late.mov"}


def test_a_card_waits_for_its_sentinel(ingest: Ingest) -> None:
    ingest.write("CARD/a.mov")
    ingest.write("OTHER/b.mov")
    ingest.write("OTHER/done.txt")
    ingest.watch(unit=Unit.FOLDER, sentinel="done.txt")
    ingest.until(lambda: ingest.view().files_taken == 2)
    assert not (ingest.out / "CARD").exists()
    ingest.write("CARD/done.txt")
    ingest.until_taken(4)


def test_tokens_make_folders_that_are_missing(ingest: Ingest) -> None:
    ingest.write("a.mov")
    ingest.watch(destinations=(os.fsencode(ingest.out) + b"/{watch}/{year}",))
    ingest.until_taken(1)
    (name,) = ingest.arrived()
    assert name.startswith("in/20") and name.endswith("/a.mov")


def test_what_is_mounted_inside_is_another_volume_and_told(ingest: Ingest) -> None:
    with tmpfs(ingest.root) as place:
        (place / "b.mov").write_text("b")
        ingest.write("a.mov")
        ingest.watch()
        ingest.until_taken(1)
        assert ingest.view().health == ("tmpfs is another volume: it is not watched.",)
        ingest.service.close()
    assert set(ingest.arrived()) == {"a.mov"}


def test_once_goes_off_by_itself(ingest: Ingest) -> None:
    ingest.write("a.mov")
    ingest.watch(is_once=True)
    ingest.until(lambda: ingest.view().state is WatchState.OFF)
    ingest.write("b.mov")
    time.sleep(3 * _SETTLE_S)
    assert set(ingest.arrived()) == {"a.mov"}


def test_a_watch_folder_that_goes_is_told_and_goes_on_when_it_is_back(ingest: Ingest) -> None:
    ingest.watch()
    ingest.until(ingest.is_idle)
    away = ingest.root.with_name("away")
    ingest.root.rename(away)
    ingest.service.look_now(1)
    ingest.until(lambda: ingest.view().state is WatchState.UNREACHABLE)
    assert "is not there" in ingest.view().message
    away.rename(ingest.root)
    ingest.write("a.mov")
    ingest.until_taken(1)


def test_a_destination_that_is_away_is_waited_for(ingest: Ingest) -> None:
    ingest.watch()
    ingest.until(ingest.is_idle)
    away = ingest.out.with_name("away")
    ingest.out.rename(away)
    ingest.out.write_text("a file is in its place")
    ingest.write("a.mov")
    ingest.until(lambda: ingest.view().state is WatchState.UNREACHABLE)
    assert ingest.view().files_ready == 1
    ingest.out.unlink()
    away.rename(ingest.out)
    ingest.service.look_now(1)
    ingest.until_taken(1)


def test_what_changes_while_it_waits_for_its_transfer_is_taken_as_it_is_then(
    ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watcher, "_REFUSED_S", 0.5)
    ingest.watch()
    ingest.until(ingest.is_idle)
    away = ingest.out.with_name("away")
    ingest.out.rename(away)
    ingest.out.write_text("a file is in its place")
    changed, gone = ingest.write("a.mov", "first"), ingest.write("gone.mov")
    ingest.until(lambda: ingest.view().files_ready == 2)
    changed.write_text("second, and longer")
    gone.unlink()
    ingest.out.unlink()
    away.rename(ingest.out)
    ingest.until(lambda: ingest.arrived() == {"a.mov": "second, and longer"})
    ingest.until(ingest.is_idle)
    gone.write_text("back")
    ingest.until(lambda: ingest.arrived().get("gone.mov") == "back")


def test_a_person_may_be_faster_with_a_retry(ingest: Ingest) -> None:
    (ingest.out / "a.mov").write_text("something else")
    ingest.write("a.mov")
    ingest.watch(options=Options(on_conflict=OnConflict.FAIL))
    ingest.until(lambda: ingest.transfers() == [TransferStatus.FAILED])
    (ingest.out / "a.mov").unlink()
    ingest.service.retry(1)
    ingest.until(lambda: ingest.transfers() == [TransferStatus.COMPLETED])
    ingest.again()
    ingest.until(lambda: ingest.is_idle() and ingest.view().scanned_us > 0)
    assert ingest.transfers() == [TransferStatus.COMPLETED]


def test_a_transfer_that_waits_for_its_drive_is_no_work_but_told(ingest: Ingest) -> None:
    big = limits.SMALL_FILE_BYTES + 1  # each is a batch, before which the drive is asked for
    with tmpfs(ingest.out.parent, "out", size="64m") as place:
        for name in ("a.mov", "b.mov", "c.mov"):
            ingest.write(name, "x" * big)
        slow = Options(on_conflict=OnConflict.RENAME, limit_bytes_per_s=big)
        ingest.watch(options=slow)
        ingest.until(lambda: ingest.transfers() == [TransferStatus.RUNNING])
        Disk.pull(place)
        ingest.until(lambda: ingest.view().state is WatchState.UNREACHABLE)
        assert str(place) in ingest.view().message
        ingest.service.cancel(1)
        ingest.service.close()


def test_failures_in_a_row_stop_it_and_a_restart_goes_on(ingest: Ingest) -> None:
    (ingest.out / "a.mov").write_text("something else")
    ingest.write("a.mov")
    number = ingest.watch(max_failures=1, options=Options(on_conflict=OnConflict.FAIL))
    ingest.until(lambda: ingest.view().state is WatchState.TRIPPED)
    assert "a transfer has failed" in ingest.view().message
    assert {"WATCH_STARTED", "WATCH_TRIPPED"} <= _trail(ingest)
    ingest.write("b.mov")
    time.sleep(3 * _SETTLE_S)
    assert "b.mov" not in ingest.arrived()
    ingest.service.restart_watch(number)
    ingest.until(lambda: "b.mov" in ingest.arrived())


def _trail(ingest: Ingest) -> set[str]:
    at = COLUMNS.index("event")
    return {str(row[at]) for row in ingest.service.ledger.audit_rows()}


def test_switched_off_it_takes_nothing_and_on_again_all_that_came(ingest: Ingest) -> None:
    number = ingest.watch()
    ingest.until(ingest.is_idle)
    ingest.service.switch_watch(number, is_on=False)
    ingest.until(lambda: ingest.view().state is WatchState.OFF)
    ingest.write("a.mov")
    time.sleep(3 * _SETTLE_S)
    assert not ingest.arrived()
    ingest.service.switch_watch(number, is_on=True)
    ingest.until_taken(1)


def test_other_rules_count_from_the_next_look_on(ingest: Ingest) -> None:
    number = ingest.watch(options=Options(include=("*.mov",)))
    ingest.until(ingest.is_idle)
    ingest.write("a.wav")
    ingest.service.change_watch(number, ingest.rules())
    ingest.until_taken(1)
    ingest.service.remove_watch(number)
    assert ingest.service.watch_folders() == ()
    with pytest.raises(NoSuchWatchFolder):
        ingest.service.look_now(number)


def test_a_cancelled_transfer_is_not_made_again(ingest: Ingest) -> None:
    ingest.write("a.mov", "x" * 3_000_000)
    ingest.watch(options=Options(limit_bytes_per_s=100_000))
    ingest.until(lambda: ingest.view().transfer is not None)
    ingest.service.cancel(ingest.view().transfer or 0)
    ingest.until(ingest.is_idle)
    ingest.service.look_now(1)
    time.sleep(3 * _SETTLE_S)
    assert ingest.transfers() == [TransferStatus.CANCELLED]


def test_another_ledger_leaves_a_folder_alone_that_is_watched(
    ingest: Ingest, tmp_path: Path
) -> None:
    ingest.watch()
    ingest.until(ingest.is_idle)
    with Service(tmp_path / "other") as other:
        other.add_watch(os.fsencode(ingest.root), ingest.rules())
        other.start_watching()
        until_s = time.monotonic() + _WAIT_S
        while other.watch_folders()[0].state is not WatchState.UNREACHABLE:
            assert time.monotonic() < until_s
            time.sleep(0.02)
        assert "another Ketter" in other.watch_folders()[0].message
        ingest.write("a.mov")
        ingest.until_taken(1)
        assert other.history() == ()


def test_a_second_process_on_one_ledger_only_shows_it(ingest: Ingest) -> None:
    ingest.watch()
    ingest.until(ingest.is_idle)
    with Service(ingest.data) as other:
        other.start_watching()
        time.sleep(0.2)
        view = other.watch_folders()[0]
        assert not view.is_here and f"process {os.getpid()}" in view.where


def test_what_it_would_take_is_told_and_nothing_is_done(ingest: Ingest) -> None:
    for number in range(25):
        ingest.write(f"{number:02d}.mov")
    ingest.write("x.part")
    path = os.fsencode(ingest.root)
    found = ingest.service.would_take(path, ingest.rules(), threading.Event())
    assert (found.files, found.size_bytes, len(found.first)) == (25, 25 * 6, 20)
    stopped = threading.Event()
    stopped.set()
    assert ingest.service.would_take(path, ingest.rules(), stopped).files == 0
    assert not ingest.arrived() and ingest.service.watch_folders() == ()


def _problem(ingest: Ingest, path: Path, rules: WatchRules) -> type[RefusedError] | None:
    found = ingest.service.check_watch(os.fsencode(path), rules)
    return type(found[0].error) if found else None  # type: ignore[return-value]


def test_what_could_not_work_is_refused_with_its_reason(ingest: Ingest, tmp_path: Path) -> None:
    ingest.add()
    other = tmp_path / "other"
    (other / "back").mkdir(parents=True)
    out = ingest.rules()
    below = ingest.root / "below"
    below.mkdir()
    assert _problem(ingest, below, out) is WatchFoldersOverlap
    assert _problem(ingest, tmp_path / "gone", out) is not None
    (tmp_path / "file").write_text("")
    assert _problem(ingest, tmp_path / "file", out) is WatchNotAFolder
    assert _problem(ingest, other, replace(out, destinations=())) is NothingToDo
    inside = replace(out, destinations=(os.fsencode(other / "back"),))
    assert _problem(ingest, other, inside) is DestinationInsideSource
    token = replace(out, destinations=(os.fsencode(ingest.out) + b"/{moon}",))
    assert _problem(ingest, other, token) is TokenUnknown
    assert _problem(ingest, other, replace(out, settle_s=-1)) is WatchRulesRefused
    assert _problem(ingest, other, replace(out, max_failures=-1)) is WatchRulesRefused
    assert _problem(ingest, other, replace(out, max_runtime_s=float("nan"))) is WatchRulesRefused
    assert _problem(ingest, other, out) is None


def test_a_watcher_that_lost_its_folder_meanwhile_makes_no_transfer(ingest: Ingest) -> None:
    """It may have hung on a drive until another process had the folder (P6)."""
    ingest.add()
    path = ingest.write("a.mov")
    ledger = ingest.service.ledger
    record = ledger.read(lambda database: stored.watch_folder(database, 1))
    version = Version(path.stat().st_size, path.stat().st_mtime_ns, path.stat().st_ino)
    file = SettledFile(Chosen(b"a.mov", version), version.size_bytes, 0)
    batch = Batch(record.path, True, (Settled(b"a.mov", (file,)),))
    request = request_for(record, batch, datetime.now())  # noqa: DTZ005 - a place's day
    with pytest.raises(WatchedElsewhere):
        ingest.service.create_taken(record, request, batch)
    assert ingest.service.history() == () and ingest.view().files_taken == 0
    assert ledger.read(lambda database: taken.taken_in(database, 1, b"")) == {}


def test_a_file_with_holes_needs_no_more_room_than_its_data(ingest: Ingest) -> None:
    with tmpfs(ingest.out.parent, "out", size="8m"):
        with (ingest.root / "sparse.mov").open("wb") as file:
            file.write(b"x" * 4096)
            file.truncate(200 << 20)
        ingest.watch()
        ingest.until_taken(1)
        assert (ingest.out / "sparse.mov").stat().st_size == 200 << 20
        ingest.service.close()


def test_two_that_feed_each_other_are_refused(ingest: Ingest) -> None:
    ingest.add()
    back = ingest.rules(destinations=(os.fsencode(ingest.root),))
    assert _problem(ingest, ingest.out, back) is DestinationIsWatched


def test_a_drive_that_is_ejected_and_put_back_is_the_same(tmp_path: Path) -> None:
    """Nothing of it stays open between two looks, so that it can be unmounted; and device
    numbers change on a remount, but what was taken stays taken."""
    out, place = tmp_path / "out", tmp_path / "card"
    out.mkdir()
    with Service(tmp_path / "data") as service, disk(tmp_path, "disk") as card:
        card.mount(place)
        (place / "a.mov").write_text("a")
        rules = WatchRules((os.fsencode(out),), settle_s=_SETTLE_S)
        service.add_watch(os.fsencode(place), rules)
        service.start_watching()
        _until(lambda: service.watch_folders()[0].files_taken == 1)
        _until(lambda: service.watch_folders()[0].state is WatchState.IDLE)
        _until(lambda: subprocess.run(["umount", place], check=False).returncode == 0)
        service.look_now(1)
        _until(lambda: service.watch_folders()[0].state is WatchState.UNREACHABLE)
        card.mount(place)
        (place / "b.mov").write_text("b")
        _until(lambda: service.watch_folders()[0].files_taken == 2)
        _until(lambda: service.watch_folders()[0].state is WatchState.IDLE)
        assert {one.name for one in out.iterdir()} == {"a.mov", "b.mov"}
        service.close()
        subprocess.run(["umount", place], check=True)


def _until(is_so: Callable[[], bool]) -> None:
    until_s = time.monotonic() + _WAIT_S
    while not is_so():
        assert time.monotonic() < until_s
        time.sleep(0.02)


def test_where_no_events_come_scans_find_it_and_the_card_says_so(tmp_path: Path) -> None:
    with Service(tmp_path / "data") as service, sshfs(tmp_path) as place:
        out = tmp_path / "out"
        out.mkdir()
        rules = WatchRules((os.fsencode(out),), settle_s=_SETTLE_S)
        service.add_watch(os.fsencode(place), rules)
        service.start_watching()
        (place / "a.mov").write_text("a")
        _until((out / "a.mov").exists)
        view = service.watch_folders()[0]
        assert view.method is Method.SCANS and "sshfs" in view.note
        _until(lambda: service.watch_folders()[0].state is WatchState.IDLE)
