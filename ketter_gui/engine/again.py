"""Copies that failed for a reason that may pass are begun once more, from the source.

A part that did not reach its drive is never flushed again but written anew; a part that
came back with other bytes is copied again once, and if that happens twice the drive or
its cable is named; a source that is not what its manifest says is read again once, since
its reader may be what erred; what the system calls a passing trouble gets some tries, each later
than the one before, with a chance in it so that several transfers do not try in step.
"""

from __future__ import annotations

import errno
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from ketter_gui.domain import limits
from ketter_gui.domain.errors import (
    DriveReturnsOtherBytes,
    FlushFailed,
    KetterError,
    Mismatch,
    SourceDiffersFromManifest,
)
from ketter_gui.domain.status import CopyStatus
from ketter_gui.engine.commit import removed_part
from ketter_gui.engine.hands import Hands
from ketter_gui.engine.journal import TriedAgain
from ketter_gui.engine.plan import Attempt, Bench, Job

MAY_PASS: Final = frozenset(
    {
        errno.EIO,
        errno.EAGAIN,
        errno.EBUSY,
        errno.EINTR,
        errno.ENOMEM,
        errno.ETIMEDOUT,
        errno.ESTALE,
        errno.EHOSTDOWN,
        errno.EHOSTUNREACH,
        errno.ENETDOWN,
        errno.ENETUNREACH,
        errno.ENETRESET,
        errno.ECONNRESET,
        errno.ECONNABORTED,
        errno.EREMOTEIO,
        errno.EPROTO,
    }
)
"""A cable that is loose for a moment, a server that starts again, a card that warms up."""

Redo = Callable[[Bench, Sequence[Job], Hands], None]
"""Make, flush, read back, prove and name these jobs' living copies."""


def try_again(bench: Bench, jobs: Sequence[Job], hands: Hands, redo: Redo) -> None:
    """Begin what is worth it once more, until it has arrived or was tried often enough.

    Raises VolumeGone when the trouble is that a volume is not there.
    """
    while todo := [job for job in jobs if any(map(_is_worth_it, job.attempts))]:
        _clear_away(bench, todo)
        bench.journal.commit()
        tries = max(one.tries for job in todo for one in job.attempts if _is_worth_it(one))
        bench.control.nap(_pause_s(tries))
        bench.check_destinations()
        bench.check_sources({job.item.source for job in todo})
        bench.forget_folders()
        for job in todo:
            job.attempts = [_renewed(bench, job, one) for one in job.attempts]
        redo(bench, todo, hands)
    for job in jobs:
        for attempt in job.attempts:
            if isinstance(attempt.error, Mismatch) and attempt.tries:
                words = bench.words_for(attempt.destination, job.item.path)
                attempt.error = DriveReturnsOtherBytes(words)


def tries_at_most(error: KetterError) -> int:
    """How often a copy that failed so is begun in all."""
    if isinstance(error, Mismatch | SourceDiffersFromManifest):
        return limits.TRIES_AFTER_MISMATCH
    if isinstance(error, FlushFailed) or error.errno in MAY_PASS:
        return limits.TRIES
    return 1


def may_pass(attempt: Attempt) -> bool:
    """Whether a copy failed for a reason that may pass: not for good, when its volume
    turns out to be gone."""
    return (
        attempt.status is CopyStatus.COPYING
        and attempt.error is not None
        and tries_at_most(attempt.error) > 1
    )


def _is_worth_it(attempt: Attempt) -> bool:
    """A copy that is proven already only lacks its name: resuming gives it that. One that
    failed over what is there already was never begun, and that was not settled."""
    return (
        attempt.error is not None
        and attempt.is_started
        and attempt.status is CopyStatus.COPYING
        and attempt.tries + 1 < tries_at_most(attempt.error)
    )


def _pause_s(tries: int) -> float:
    return limits.TRY_AGAIN_S * float(2**tries) * random.uniform(0.5, 1.5)  # noqa: S311 - no secret


def _clear_away(bench: Bench, jobs: Sequence[Job]) -> None:
    """Their parts go before anything waits: who stops meanwhile would go on with one later
    whose bytes the system has given up, and calls clean."""
    for job in jobs:
        for attempt in job.attempts:
            if _is_worth_it(attempt):
                removed_part(bench, job.item, attempt.destination, attempt.part)


def _renewed(bench: Bench, job: Job, attempt: Attempt) -> Attempt:
    if not _is_worth_it(attempt) or attempt.error is None:
        return attempt
    tries = attempt.tries + 1
    # What was written of it counts for nothing; it is counted once more.
    count = bench.counters.destinations[attempt.destination]
    count.add(copied_bytes=-attempt.copied_bytes)
    bench.journal.record(
        TriedAgain(
            job.item.id,
            attempt.destination,
            job.item.path,
            attempt.error,
            tries,
            tries_at_most(attempt.error),
        )
    )
    return replace(attempt, error=None, identity=None, checksums=(), copied_bytes=0, tries=tries)
