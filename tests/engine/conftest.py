"""The engine without a ledger: events are kept in a list, items are numbered as they come."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest

from ketter_gui.domain.items import Destination, Item, ItemKind, Loss, Source
from ketter_gui.domain.options import Mode, Options
from ketter_gui.domain.status import CopyStatus
from ketter_gui.engine import journal as told
from ketter_gui.engine.control import Control
from ketter_gui.engine.counters import Counters
from ketter_gui.engine.folders import finish_folders
from ketter_gui.engine.losses import note_losses
from ketter_gui.engine.plan import Bench, Earlier, Plan, Work, opened
from ketter_gui.engine.run import carry_out
from ketter_gui.engine.scan import scan
from ketter_gui.system.volumes import locate

_T = TypeVar("_T")


@dataclass
class Recorder:
    """A Journal that remembers. `on` lets a test act at the moment of an event."""

    events: list[told.Event] = field(default_factory=list)
    commits: list[int] = field(default_factory=list)
    on: Callable[[told.Event], None] = lambda _event: None
    on_commit: Callable[[], None] = lambda: None

    def record(self, event: told.Event) -> None:
        self.events.append(event)
        self.on(event)

    def pass_on(self) -> None:
        """One list for all threads."""

    def beside(self) -> Recorder:
        return self

    def commit(self) -> None:
        self.commits.append(len(self.events))
        self.on_commit()

    def commit_later(self) -> Callable[[], None]:
        self.commit()
        return lambda: None

    def of(self, kind: type[_T]) -> list[_T]:
        return [event for event in self.events if isinstance(event, kind)]

    def kinds(self) -> list[str]:
        return [type(event).__name__ for event in self.events]


@dataclass
class Transfer:
    """A transfer as a test drives it."""

    plan: Plan
    journal: Recorder
    counters: Counters
    control: Control

    def run(self, works: list[Work] | None = None, *, is_resumed: bool = False) -> None:
        """Scan, copy, finish: what the queue's worker does."""
        with opened(self.plan, self.journal, self.counters, self.control) as bench:
            items = self.scanned(bench) if works is None else [work.item for work in works]
            todo = works if works is not None else [self.work(item) for item in items]
            carry_out(bench, todo, is_resumed=is_resumed)
            folders = [item for item in items if item.kind is ItemKind.FOLDER]
            finish_folders(bench, sorted(folders, key=lambda item: -item.path.count(b"/")))
            note_losses(bench, [(one.destination, one.loss, 1) for one in self.lost()])

    def lost(self) -> list[told.NotKept]:
        """One for each copy, with all that was told of it."""
        found: dict[tuple[int, int], Loss] = {}
        for one in self.journal.of(told.NotKept):
            key = one.item, one.destination
            found[key] = found.get(key, Loss.NONE) | one.loss
        return [told.NotKept(*key, loss) for key, loss in found.items()]

    def scanned(self, bench: Bench) -> list[Item]:
        scan(bench)
        found = [one for event in self.journal.of(told.ItemsFound) for one in event.items]
        return [
            Item(number, one.source, one.path, one.state)
            for number, one in enumerate(found, 1)
            if one.error is None
        ]

    def work(self, item: Item) -> Work:
        return Work(
            item,
            tuple(
                Earlier(destination.index, CopyStatus.PENDING)
                for destination in self.plan.destinations
            ),
        )


def make_transfer(
    sources: list[Path],
    destinations: list[Path],
    mode: Mode = Mode.COPY,
    options: Options | None = None,
) -> Transfer:
    """A transfer of real folders, as the service would plan it."""
    kinds = {True: ItemKind.FOLDER, False: ItemKind.FILE}
    plan = Plan(
        1,
        "0badcafe",
        mode,
        options or Options(),
        tuple(
            Source(
                index,
                os.fsencode(path),
                os.fsencode(path.name),
                ItemKind.SYMLINK if path.is_symlink() else kinds[path.is_dir()],
                locate(os.fsencode(path)),
            )
            for index, path in enumerate(sources)
        ),
        tuple(
            Destination(index, os.fsencode(path), locate(os.fsencode(path)))
            for index, path in enumerate(destinations)
        ),
    )
    return Transfer(plan, Recorder(), Counters.for_destinations(len(destinations)), Control())


@pytest.fixture
def drives(tmp_path: Path) -> list[Path]:
    """Two destinations."""
    paths = [tmp_path / "DRIVE_A", tmp_path / "DRIVE_B"]
    for path in paths:
        path.mkdir()
    return paths
