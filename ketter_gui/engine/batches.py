"""Small files together, up to a number and a size; a big file alone.

A batch shares its flushes and its commits, and keeps the order of P2 as one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from ketter_gui.domain import limits
from ketter_gui.domain.items import ItemKind
from ketter_gui.domain.names import part_name
from ketter_gui.domain.status import PROOF, UNFINISHED, CopyStatus
from ketter_gui.engine.plan import Attempt, Bench, Job, Work


@dataclass(slots=True)
class Batch:
    """`flushes_before` are the flushes that had failed when it was begun; `wait_for_start`
    returns when the ledger knows of its parts."""

    works: list[Work]
    jobs: list[Job] = field(default_factory=list)
    is_big: bool = False
    flushes_before: Counter[int] = field(default_factory=Counter)
    wait_for_start: Callable[[], None] = lambda: None

    @property
    def flush_each(self) -> bool:
        """Whether each part gets a flush of its own, and not all of them one."""
        return self.is_big or len(self.works) < limits.SYNCFS_FILES


def batches(bench: Bench, works: Iterable[Work]) -> Iterator[Batch]:
    """Cut the works into batches, in their order."""
    for cut in _cut(works):
        jobs = [_job(bench, work) for work in cut]
        yield Batch(cut, jobs, is_big(cut[0]))


def _cut(works: Iterable[Work]) -> Iterator[list[Work]]:
    some: list[Work] = []
    size_bytes = 0
    for work in works:
        if is_big(work):
            if some:
                yield some
                some, size_bytes = [], 0
            yield [work]
            continue
        some.append(work)
        size_bytes += work.item.state.size_bytes
        if len(some) >= limits.BATCH_FILES or size_bytes >= limits.BATCH_BYTES:
            yield some
            some, size_bytes = [], 0
    if some:
        yield some


def is_big(work: Work) -> bool:
    """Whether it takes the pump, and a batch of its own."""
    return work.item.kind is ItemKind.FILE and work.item.state.size_bytes > limits.SMALL_FILE_BYTES


def _job(bench: Bench, work: Work) -> Job:
    finished = tuple(copy for copy in work.copies if copy.status in PROOF)
    attempts = [
        Attempt(
            copy.destination,
            work.item.name,
            part_name(work.item.name, bench.plan.token),
            is_started=copy.status is CopyStatus.COPYING,  # its part is still there
            is_continued=copy.status is CopyStatus.COPYING and is_big(work),
        )
        for copy in work.copies
        if copy.status in UNFINISHED
    ]
    return Job(
        work.item,
        work.item.state,
        attempts,
        finished,
        work.checksums,
        expected=work.expected,
        first=work.first,
    )
