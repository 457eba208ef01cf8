"""Descriptors are closed on every path: none is left after ten thousand failures."""

from __future__ import annotations

import gc
import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from ketter_gui.domain import limits
from ketter_gui.domain.errors import KetterError
from ketter_gui.domain.items import Item, ItemKind
from ketter_gui.domain.options import Mode, OnConflict, Options
from ketter_gui.engine import journal as told
from ketter_gui.engine.control import LetGo, Stopped
from tests.disk.mounting import tmpfs
from tests.engine.conftest import Transfer, make_transfer

FILES = 1500
"""Of each kind of failure that a whole card can have."""

ROUNDS = 150
"""Of each kind that ends the transfer."""


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """What may pass is tried again at once."""
    monkeypatch.setattr(limits, "TRY_AGAIN_S", 0.0)


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    """Flushes cost nothing here, and it is full soon."""
    with tmpfs(tmp_path, "memory", "64m") as place:
        yield place


@pytest.fixture(autouse=True)
def nothing_is_left(memory: Path) -> Iterator[None]:
    """As many descriptors, and threads, after each test as before it."""
    before, threads = _open(), threading.active_count()
    yield
    assert _open() == before
    assert threading.active_count() <= threads  # one of another test may have ended


def _open() -> Counter[str]:
    """By what they lead to: a failure then says what was left open."""
    gc.collect()
    found: Counter[str] = Counter()
    for name in os.listdir("/proc/self/fd"):
        with suppress(FileNotFoundError):  # the listing itself
            found[os.readlink(f"/proc/self/fd/{name}")] += 1
    return found


def card(folder: Path, files: int = FILES) -> Path:
    path = folder / "CARD"
    for number in range(files):
        below = path / f"{number % 150:03d}"
        below.mkdir(parents=True, exist_ok=True)
        (below / f"{number:05d}.mov").write_bytes(b"footage" * 40)
    return path


def drive(folder: Path) -> Path:
    path = folder / "DRIVE"
    path.mkdir()
    return path


def errors(transfer: Transfer) -> Counter[str]:
    return Counter(type(one.error).__name__ for one in transfer.journal.of(told.CopyEnded))


def after_scan(transfer: Transfer, spoil: Callable[[list[Item]], None]) -> None:
    """Do something between the scan and the copying."""

    def at_first_start(event: told.Event) -> None:
        if isinstance(event, told.CopiesStarted) and not done:
            done.append(1)
            found = [one for each in transfer.journal.of(told.ItemsFound) for one in each.items]
            spoil([Item(0, 0, one.path, one.state) for one in found])

    done: list[int] = []
    transfer.journal.on = at_first_start


def files_of(items: list[Item]) -> list[bytes]:
    return [one.path for one in items if one.kind is ItemKind.FILE]


@pytest.mark.parametrize("becomes", ["nothing", "a FIFO", "a folder", "a link"])
def test_sources_that_cannot_be_read(memory: Path, becomes: str) -> None:
    source, target = card(memory), drive(memory)
    transfer = make_transfer([source], [target])

    def spoil(items: list[Item]) -> None:
        for path in files_of(items):
            there = os.fsencode(memory) + b"/" + path
            os.unlink(there)
            if becomes == "a FIFO":
                os.mkfifo(there)
            elif becomes == "a folder":
                os.mkdir(there)
            elif becomes == "a link":
                os.symlink(b"/etc/passwd", there)

    after_scan(transfer, spoil)
    transfer.run()
    assert sum(errors(transfer).values()) == FILES, errors(transfer)


def test_sources_whose_folder_became_a_link(memory: Path) -> None:
    source, target = card(memory), drive(memory)
    transfer = make_transfer([source], [target])
    (memory / "AWAY").mkdir()

    def spoil(_items: list[Item]) -> None:
        for below in list(source.iterdir()):
            below.rename(memory / "AWAY" / below.name)
            below.symlink_to(memory / "AWAY" / below.name)

    after_scan(transfer, spoil)
    transfer.run()
    assert errors(transfer)["NotContained"] > FILES // 2, errors(transfer)  # some are open


@pytest.mark.parametrize("policy", [OnConflict.SKIP, OnConflict.FAIL])
def test_names_that_are_taken(memory: Path, policy: OnConflict) -> None:
    """With `skip`, both sides of each are read first: they have the same size."""
    source, target = card(memory), drive(memory)
    for path in source.rglob("*.mov"):
        there = target / path.relative_to(memory)
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_bytes(b"theirs!" * 40)
    transfer = make_transfer([source], [target], options=Options(on_conflict=policy))
    transfer.run()
    assert sum(errors(transfer).values()) == FILES, errors(transfer)


def test_folders_that_are_files_on_the_drive(memory: Path) -> None:
    source, target = card(memory), drive(memory)
    (target / "CARD").write_bytes(b"in the way")
    transfer = make_transfer([source], [target])
    transfer.run()
    assert sum(errors(transfer).values()) >= FILES


def test_copies_that_come_back_different(memory: Path) -> None:
    """Each is copied again once, and different again."""
    source, target = card(memory), drive(memory)
    transfer = make_transfer([source], [target])

    def spoil(event: told.Event) -> None:
        if isinstance(event, told.SourceRead):
            folder, _, name = event.path.rpartition(b"/")
            for part in os.listdir(os.path.join(os.fsencode(target), folder)):
                if name in part and part.endswith(b".ketter-part"):
                    path = os.path.join(os.fsencode(target), folder, part)
                    now = os.stat(path)
                    with open(path, "r+b") as file:
                        file.write(b"X")
                    os.utime(path, ns=(now.st_atime_ns, now.st_mtime_ns))

    transfer.journal.on = spoil
    transfer.run()
    assert errors(transfer) == {"DriveReturnsOtherBytes": FILES}


@pytest.mark.parametrize("size_bytes", [200_000, 5_000_000])
def test_drives_that_are_full(memory: Path, tmp_path: Path, size_bytes: int) -> None:
    """Small files and big ones: a ring with its threads is given back as well."""
    source = tmp_path / "CARD"
    source.mkdir()
    (source / "clip.mov").write_bytes(bytes(size_bytes))
    target = drive(memory)
    with (memory / "filler").open("wb", buffering=0) as filler, suppress(OSError):
        while True:
            filler.write(bytes(100_000))
    ended = repeatedly(lambda: make_transfer([source], [target]), lambda _: None)
    assert ended == {"DiskFull": ROUNDS}


@pytest.mark.parametrize("wish", ["cancel", "stop", "let_go"])
@pytest.mark.parametrize("size_bytes", [2000, 5_000_000])
@pytest.mark.parametrize("at", [told.CopiesStarted, told.SourceRead, told.CopyProven])
def test_transfers_that_are_ended(
    memory: Path, wish: str, size_bytes: int, at: type[told.Event]
) -> None:
    source, target = memory / "CARD", drive(memory)
    source.mkdir()
    for number in range(3):
        (source / f"{number}.mov").write_bytes(bytes(size_bytes))

    def arrange(transfer: Transfer) -> None:
        def end(event: told.Event) -> None:
            if isinstance(event, at):
                getattr(transfer.control, wish)()

        transfer.journal.on = end

    rounds = 60 if size_bytes < 10_000 else 10
    kinds = repeatedly(lambda: make_transfer([source], [target], mode=Mode.MOVE), arrange, rounds)
    expected = {"cancel": "Cancelled", "stop": "Stopped", "let_go": "LetGo"}[wish]
    assert kinds == {expected: rounds}


def repeatedly(
    make: Callable[[], Transfer], arrange: Callable[[Transfer], None], rounds: int = ROUNDS
) -> Counter[str]:
    """How so many runs of a transfer ended; empty: by itself."""
    ended: Counter[str] = Counter()
    for _ in range(rounds):
        transfer = make()
        arrange(transfer)
        try:
            transfer.run()
        except (KetterError, Stopped, LetGo) as error:
            ended[type(error).__name__] += 1
        else:
            ended[""] += 1
    return ended
