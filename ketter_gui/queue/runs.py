"""One transfer at work in this process: its wishes, its figures, its outcome."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from ketter_gui.domain.errors import KetterError
from ketter_gui.domain.status import TransferStatus
from ketter_gui.engine.control import Control
from ketter_gui.engine.counters import AtWork, Counters
from ketter_gui.engine.plan import Plan
from ketter_gui.engine.slots import Slots
from ketter_gui.evidence.manifests.listed import Outcome
from ketter_gui.queue.speed import SpeedMeter

if TYPE_CHECKING:
    from ketter_gui.queue.journal import LedgerJournal


class Figures(NamedTuple):
    """A run's numbers at one moment. Bytes are sums over the destinations."""

    files_total: int
    bytes_total: int
    bytes_copied: int
    bytes_verified: int
    files_verified: int
    files_failed: int
    files_skipped: int
    special_skipped: int
    copies_from_cache: int
    originals_removed: int
    bytes_per_second: int
    seconds_left: int | None
    per_destination: tuple[tuple[int, int], ...]
    at_work: tuple[AtWork, ...]
    files_renamed: int = 0
    bytes_renamed: int = 0


@dataclass(slots=True)
class Run:
    """`stage` is how far it is, whether somebody holds it or not: `pending`, `preparing`,
    `running` or `waiting`. `wanted` are the lanes it needs, `held` those it has;
    `is_started` that a thread carries it out; `is_over` that it has ended for good; `is_at_rest` that its outcome is recorded and sealed: it is
    over, or it waits for a volume or for room and tries again at `retry_at_s`;
    `was_let_through` that a preflight had found room for it: from then on it waits for
    room, and is refused no more; `waits_for` the kind and path of what it was last told to
    wait for.

    `is_silent`: a call of it hangs, and has been told to. `journal` is where its thread
    writes now, so that it can be closed when the run is let go of; `slots` are those of the
    process."""

    plan: Plan
    wanted: dict[str, int]
    counters: Counters
    is_resumed: bool
    stage: TransferStatus = TransferStatus.PENDING
    control: Control = field(default_factory=Control)
    meter: SpeedMeter = field(default_factory=lambda: SpeedMeter(time.monotonic()))
    is_started: bool = False
    is_over: bool = False
    held: dict[str, int] = field(default_factory=dict)
    failure: KetterError | None = None
    is_at_rest: bool = False
    retry_at_s: float = 0.0
    is_silent: bool = False
    journal: LedgerJournal | None = None
    left: Outcome | None = None
    seen_bytes: int = 0
    slots: Slots | None = None
    was_let_through: bool = False
    waits_for: tuple[str, bytes | None] | None = None

    @property
    def transfer(self) -> int:
        """The ledger's number of it."""
        return self.plan.transfer

    def work_bytes(self) -> int:
        """Bytes copied and read back so far; what was renamed needs no reading back."""
        return sum(
            one.copied_bytes + one.verified_bytes + one.renamed_bytes
            for one in self.counters.destinations
        )

    def measure_from_here(self) -> None:
        """What was done until now, and waiting, is no part of the speed."""
        self.meter = SpeedMeter(time.monotonic(), self.work_bytes())

    def tick(self, at_s: float) -> None:
        """Update the smoothed speed; called by the ticker only."""
        if self.control.is_paused:
            self.meter.restart(at_s, self.work_bytes())
        else:
            self.meter.update(at_s, self.work_bytes())

    def is_gone_silent(self) -> bool:
        """Whether a call of it hangs. Bytes that still arrive are a sign of life as well: a
        thread of the pump may write for long before the reader comes by."""
        if (now_bytes := self.work_bytes()) != self.seen_bytes:
            self.seen_bytes = now_bytes
            self.control.beat()
        return self.control.is_silent

    def figures(self) -> Figures:
        """The numbers now."""
        counters = self.counters
        destinations = counters.destinations
        count = len(destinations)
        total = counters.bytes_total * count
        left = max(2 * total - self.work_bytes(), 0)
        return Figures(
            files_total=counters.files_total,
            bytes_total=total,
            bytes_copied=min(sum(one.copied_bytes for one in destinations), total),
            bytes_verified=min(sum(one.verified_bytes for one in destinations), total),
            files_verified=min(one.files_verified + one.files_skipped for one in destinations),
            files_failed=max(one.files_failed for one in destinations),
            files_skipped=min(one.files_skipped for one in destinations),
            special_skipped=counters.special_skipped,
            copies_from_cache=counters.copies_from_cache,
            originals_removed=counters.originals_removed,
            bytes_per_second=self.meter.bytes_per_second // 2,
            seconds_left=self.meter.seconds_left(left),
            per_destination=tuple(
                (one.files_verified + one.files_skipped, one.files_failed) for one in destinations
            ),
            at_work=tuple(counters.at_work.values()),
            files_renamed=sum(one.files_renamed for one in destinations),
            bytes_renamed=sum(one.renamed_bytes for one in destinations),
        )


def drives_of(run: Run) -> dict[str, list[bytes]]:
    """By device whose lane a run has: the paths that lead there."""
    found: dict[str, list[bytes]] = {}
    places = [(one.place, one.path) for one in run.plan.sources]
    places += [(one.place, one.path) for one in run.plan.destinations]
    for place, path in places:
        for device in place.devices:
            if device in run.held:
                found.setdefault(device, []).append(path)
    return found
