"""The engine without a ledger: `python -m tests.benchmarks.engine_alone SOURCE TARGET…`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from ketter_gui.domain.items import Destination, Item, ItemKind, Source
from ketter_gui.domain.options import Mode, Options
from ketter_gui.domain.status import CopyStatus
from ketter_gui.engine.control import Control
from ketter_gui.engine.counters import Counters
from ketter_gui.engine.journal import Event, Found, ItemsFound
from ketter_gui.engine.plan import Earlier, Plan, Work, opened
from ketter_gui.engine.run import carry_out
from ketter_gui.engine.scan import scan
from ketter_gui.system.volumes import locate


class Forgetful:
    """A journal that only remembers what was found."""

    def __init__(self) -> None:
        self.found: list[Found] = []

    def record(self, event: Event) -> None:
        if isinstance(event, ItemsFound):
            self.found.extend(event.items)

    def pass_on(self) -> None:
        """Nobody is told."""

    def beside(self) -> Forgetful:
        return self

    def commit(self) -> None:
        """Nothing is kept."""

    def commit_later(self) -> Callable[[], None]:
        return self.commit


def main() -> None:
    path, *targets = (os.fsencode(one) for one in sys.argv[1:])
    kind = ItemKind.FOLDER if os.path.isdir(path) else ItemKind.FILE
    name = os.path.basename(path)
    plan = Plan(
        1,
        "0badcafe",
        Mode.COPY,
        Options(),
        (Source(0, path, name, kind, locate(path)),),
        tuple(Destination(index, one, locate(one)) for index, one in enumerate(targets)),
    )
    journal = Forgetful()
    counters = Counters.for_destinations(len(targets))
    pending = tuple(Earlier(index, CopyStatus.PENDING) for index in range(len(targets)))
    with opened(plan, journal, counters, Control()) as bench:
        scan(bench)
        works = [
            Work(Item(number, one.source, one.path, one.state), pending)
            for number, one in enumerate(journal.found, 1)
        ]
        carry_out(bench, works, is_resumed=False)
    if any(one.files_verified != counters.files_total for one in counters.destinations):
        raise SystemExit("something was not verified")


if __name__ == "__main__":
    main()
