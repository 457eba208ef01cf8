"""A transfer's work, batch by batch: the order of P2 and P4 is the order of this file.

Two threads work on two batches. The transfer's own makes parts; the one beside it brings
those of the batch before to their end:

    make     what is there already is settled, the ledger is told, parts are written; one
             batch is settled ahead, so that the ledger has written by then
    prove    parts are flushed, read back and compared, proven durably, named; what failed
             for a reason that may pass is tried again; in a move originals are removed

Each batch goes through both in this order; the drives and the ledger are never waited for
by the thread that has work to do meanwhile.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from ketter_gui.domain import limits
from ketter_gui.domain.errors import Cancelled, WaitingError
from ketter_gui.domain.items import ItemKind
from ketter_gui.domain.options import Mode
from ketter_gui.domain.status import CopyStatus
from ketter_gui.engine.again import may_pass, try_again
from ketter_gui.engine.batches import Batch, batches
from ketter_gui.engine.commit import (
    end_failed,
    flush_parts,
    name_proven,
    prove,
    removed_part,
)
from ketter_gui.engine.copy import OpenSource, close_all, copy_big_file, copy_file, open_ahead
from ketter_gui.engine.existing import settle_existing
from ketter_gui.engine.hands import Hands
from ketter_gui.engine.hard_links import link_to_first
from ketter_gui.engine.journal import CopiesStarted, CopyReset
from ketter_gui.engine.line import Line
from ketter_gui.engine.make import make_folder, make_symlink
from ketter_gui.engine.plan import Bench, Job, Work
from ketter_gui.engine.preflight import check_reserve
from ketter_gui.engine.recover import part_bytes, pick_up
from ketter_gui.engine.remove import remove_sources
from ketter_gui.engine.verify import verify_parts


def carry_out(bench: Bench, works: Iterable[Work], *, is_resumed: bool) -> None:
    """Bring every unfinished copy to an end, and in a move remove what is proven.

    Failures of an item or a copy are recorded and the others go on. Raises WaitingError
    when a volume is full or gone, Cancelled, Stopped, and LedgerError.
    """
    in_hand: list[Batch] = []
    with Hands() as hands, Line(bench, _prove_batch) as line:
        try:
            for batch in batches(bench, works):
                in_hand.append(batch)
                _prepare(bench, batch, hands, is_resumed=is_resumed)
                if len(in_hand) > 1:
                    _make_first(bench, in_hand, hands, line)
            while in_hand:
                _make_first(bench, in_hand, hands, line)
            line.finish()
        except WaitingError as error:
            mine = [job for batch in in_hand for job in batch.jobs]
            _go_back(bench, [*line.given_up(), *mine], error)
            raise


def finish_proven(bench: Bench, works: Iterable[Work]) -> None:
    """Give what was proven its name, and begin nothing: the last thing that is done for a
    transfer that was cancelled. Proven copies stay (P5)."""
    for batch in batches(bench, works):
        _pick_up(bench, batch)
        name_proven(bench, batch.jobs)
        end_failed(bench, batch.jobs)
    bench.journal.commit()


# --- the first thread --------------------------------------------------------------------


def _prepare(bench: Bench, batch: Batch, hands: Hands, *, is_resumed: bool) -> None:
    """Settle what is there already, and tell the ledger what will be: it writes that down
    while the batch before is made."""
    _check(bench, batch)
    bench.forget_folders()
    bench.flushed.clear()
    if is_resumed:
        _pick_up(bench, batch)
    ring = hands.ring if batch.is_big else None
    bench.known.expect([job.item for job in batch.jobs])
    for job in batch.jobs:
        if job.item.kind is not ItemKind.FOLDER and job.living:
            bench.control.checkpoint()
            bench.paces.wait_to_read()
            bench.paces.wait_to_read_back()
            settle_existing(bench, job, hands.buffer, ring)
    _start(bench, batch)


def _make_first(bench: Bench, in_hand: list[Batch], hands: Hands, line: Line) -> None:
    batch = in_hand[0]
    _check(bench, batch)
    check_reserve(bench, partial(_to_be_written, bench, batch.jobs))
    batch.wait_for_start()
    batch.flushes_before = Counter(bench.failed_flushes)
    link_to_first(bench, batch.jobs, hands)
    if not batch.is_big:
        make_small(bench, batch.jobs, hands, flush_each=batch.flush_each)
    elif batch.jobs[0].living:
        bench.control.checkpoint()
        copy_big_file(bench, batch.jobs[0], hands.ring)
    bench.journal.pass_on()
    line.take(batch)
    del in_hand[0]
    line.keep_apart(batch)


def _to_be_written(bench: Bench, jobs: Sequence[Job]) -> Counter[int]:
    """How many bytes each destination is to receive: nothing of what is there already."""
    sizes_bytes: Counter[int] = Counter()
    for job in jobs:
        for attempt in job.living:
            size_bytes = job.item.state.size_bytes
            if attempt.is_continued:
                size_bytes -= part_bytes(bench, job.item, attempt.destination)
            sizes_bytes[attempt.destination] += max(size_bytes, 0)
    return sizes_bytes


def _check(bench: Bench, batch: Batch) -> None:
    bench.check_destinations()
    bench.check_sources({work.item.source for work in batch.works})


def make_small(bench: Bench, jobs: Sequence[Job], hands: Hands, *, flush_each: bool) -> None:
    """Make the parts of small files, of folders and links, some at a time. While some are
    made, the source's drive is at work on the next ones."""
    asked: _Asked = ([], [])
    try:
        for window in (*_windows(bench, jobs), []):
            bench.control.checkpoint()
            bench.paces.wait_to_read()
            with bench.control.in_slot(bench.slots):
                made, asked = asked, _ask_for(bench, window)
                _make_window(bench, made, hands, flush_each=flush_each)
    finally:
        close_all(asked[1])


_Asked = tuple[Sequence[Job], Sequence[OpenSource | None]]
"""Some jobs, and the sources of those that are files."""


def _ask_for(bench: Bench, window: Sequence[Job]) -> _Asked:
    files = [job for job in window if job.item.kind is ItemKind.FILE]
    return window, open_ahead(bench, files)


def _windows(bench: Bench, jobs: Iterable[Job]) -> Iterator[list[Job]]:
    """So many jobs, or bytes, as may go on when somebody wishes to pause."""
    window: list[Job] = []
    size_bytes = 0
    for job in jobs:
        if not job.living:
            continue
        window.append(job)
        size_bytes += job.item.state.size_bytes
        if size_bytes >= limits.READ_AHEAD_BYTES or bench.paces.is_handful(len(window), size_bytes):
            yield window
            window, size_bytes = [], 0
    if window:
        yield window


def _make_window(bench: Bench, asked: _Asked, hands: Hands, *, flush_each: bool) -> None:
    window, sources = asked
    try:
        opened = iter(sources)
        for job in window:
            if job.item.kind is ItemKind.FOLDER:
                make_folder(bench, job)
            elif job.item.kind is ItemKind.SYMLINK:
                make_symlink(bench, job)
            elif (source := next(opened)) is not None:
                copy_file(bench, job, source, hands.buffer, flush_each=flush_each)
    finally:
        close_all(sources)


def _pick_up(bench: Bench, batch: Batch) -> None:
    for job, work in zip(batch.jobs, batch.works, strict=True):
        earlier = {copy.destination: copy for copy in work.copies}
        for attempt in job.attempts:
            pick_up(bench, job, attempt, earlier[attempt.destination])


def _start(bench: Bench, batch: Batch) -> None:
    """The ledger knows of every part before it exists."""
    copies = []
    for job in batch.jobs:
        for attempt in job.living:
            if not attempt.is_started:
                copies.append((job.item.id, attempt.destination))
            attempt.is_started = True
    if copies:
        bench.journal.record(CopiesStarted(tuple(copies)))
        batch.wait_for_start = bench.journal.commit_later()


# --- the thread beside it ----------------------------------------------------------------


def _prove_batch(bench: Bench, batch: Batch, hands: Hands) -> None:
    jobs = batch.jobs
    bench.forget_folders()
    if not batch.flush_each:
        flush_parts(bench, jobs, batch.flushes_before)
    _prove_jobs(bench, jobs, hands, is_big=batch.is_big)
    try_again(bench, jobs, hands, _made_and_proven)
    end_failed(bench, jobs)
    if bench.plan.mode is Mode.MOVE:
        remove_sources(bench, jobs, hands.buffer)
    bench.journal.pass_on()


def _prove_jobs(bench: Bench, jobs: Sequence[Job], hands: Hands, *, is_big: bool) -> None:
    verify_parts(bench, jobs, hands, is_big=is_big)
    prove(bench, jobs)
    bench.forget_folders()
    name_proven(bench, jobs)


def _made_and_proven(bench: Bench, jobs: Sequence[Job], hands: Hands) -> None:
    """From the source anew, and to the end: for the few that are tried again."""
    for job in jobs:
        if job.item.state.size_bytes > limits.SMALL_FILE_BYTES:
            copy_big_file(bench, job, hands.ring)
        else:
            make_small(bench, [job], hands, flush_each=True)
        is_big = job.state.size_bytes > limits.SMALL_FILE_BYTES
        _prove_jobs(bench, [job], hands, is_big=is_big)


def _go_back(bench: Bench, jobs: Sequence[Job], reason: WaitingError) -> None:
    """Back to the last proof: unproven parts go; their copies are cancelled, or pending
    again when the transfer only has to wait."""
    if isinstance(reason, Cancelled):
        for job in jobs:
            for attempt in job.living:
                attempt.error = reason
        end_failed(bench, jobs, CopyStatus.CANCELLED)
        bench.journal.commit()
        bench.forget_folders()
        name_proven(bench, jobs)  # hard links, which are proven when they are made
        end_failed(bench, jobs)
        bench.journal.commit()
        return
    for job in jobs:
        for attempt in job.attempts:
            if attempt.error is not None and may_pass(attempt):
                attempt.error = None
        for attempt in job.living:
            is_gone = removed_part(bench, job.item, attempt.destination, attempt.part)
            if attempt.is_started and is_gone:
                bench.journal.record(CopyReset(job.item.id, attempt.destination))
    end_failed(bench, jobs)
    bench.journal.commit()
