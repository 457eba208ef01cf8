"""A transfer watched to its end: one loop, whoever is told about it.

The engine counts, this loop looks four times a second (the first time sooner, so that
a bar is there at once), a teller tells. Nothing here waits for the reader of our words.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from ketter_gui.cli.arguments import Common
from ketter_gui.cli.figures import Stretch, figures_of
from ketter_gui.cli.not_kept import not_kept
from ketter_gui.cli.stages import Stages
from ketter_gui.cli.stopping import Stopping
from ketter_gui.domain.errors import KetterError, LinkSkipped
from ketter_gui.domain.expected import NO_MANIFESTS, ManifestReport
from ketter_gui.domain.options import Mode
from ketter_gui.domain.status import TransferStatus
from ketter_gui.domain.views import AuditLine, ItemOutcome, ItemView, ManifestWritten, TransferView

if TYPE_CHECKING:
    from ketter_gui.service.service import Service

_FIRST_LOOK_S: Final = 0.1
_LOOK_EVERY_S: Final = 0.25
_STOP_AT_MOST_S: Final = 60.0
"""What gives a sign of life now and then may need some time to come to its next chunk; a
call that hangs on a dead mount is left behind long before. The ledger knows how to go on."""

SHOWN_FAILURES: Final = 20


@dataclass(frozen=True, slots=True)
class Telling:
    """How a person wants to be told."""

    common: Common
    is_json: bool = False
    is_quiet: bool = False


@dataclass(frozen=True, slots=True)
class Ending:
    """How a transfer came to rest here.

    `failed` are the first of its failed items, `notes` the first things that were said
    about an item itself rather than a copy: left out, unreadable, original kept.
    `not_kept` says what destinations could not hold, once for each kind of thing,
    `manifests` what came of those that came with the sources. `not_read_again` are the
    files that were there already and are unchanged since an earlier transfer read them.
    `written` are the manifests that it left.
    """

    view: TransferView
    failure: KetterError | None
    stretch: Stretch
    failed: tuple[ItemView, ...] = ()
    notes: tuple[ItemOutcome, ...] = ()
    not_kept: tuple[AuditLine, ...] = ()
    manifests: ManifestReport = NO_MANIFESTS
    not_read_again: int = 0
    written: tuple[ManifestWritten, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 all verified, or moved as asked; 1 something failed, 2 refused, 3 can be resumed."""
        status = self.view.status
        if status is TransferStatus.COMPLETED:
            return 1 if self.view.files_failed else 0
        if status is TransferStatus.FAILED:
            return self.failure.exit_code if self.failure else 1
        return 3


@dataclass(frozen=True, slots=True)
class Since:
    """What had been done before this run, so that it is not told as done now."""

    done_bytes: int = 0
    sequence: int = 0


class Teller(Protocol):
    """Whoever is told what happens. None of these may raise for want of a listener."""

    wants_outcomes: bool

    @property
    def is_lost(self) -> bool:
        """Whether what was told could not be kept, for want of room perhaps."""

    def started(self, view: TransferView) -> None:
        """Once, before anything else."""

    def at_work(self, view: TransferView) -> None:
        """Four times a second."""

    def outcomes(self, found: tuple[ItemOutcome, ...]) -> None:
        """Copies that came to their end, in order; only when `wants_outcomes`."""

    def stopping(self) -> None:
        """A person asked to stop; it takes as long as the chunk in hand."""

    def finished(self, ending: Ending) -> None:
        """Once, after everything else."""


def teller(telling: Telling) -> Teller:
    """The one that was asked for."""
    if telling.is_json:
        from ketter_gui.cli.json_lines import JsonLines

        return JsonLines()
    from ketter_gui.cli.progress import Silent, in_words

    return Silent(telling.common) if telling.is_quiet else in_words(telling.common)


def follow(
    service: Service,
    transfer: int,
    told: Teller,
    stopping: Stopping,
    since: Since | None = None,
    *,
    wait_s: float = 0.0,
) -> int:
    """Watch a queued transfer until it rests; returns the exit code.

    `wait_s` is how long one that waits for a drive or for room is waited for.
    """
    started_s = time.monotonic()
    since = since or Since()
    told.started(service.transfer(transfer))
    stages = Stages()
    reader = _Outcomes(service, transfer, told, since.sequence)
    stop_by_s, look_s = None, _FIRST_LOOK_S
    patience = _Patience(service, transfer, stopping, wait_s)
    while not (service.wait(transfer, look_s) and patience.is_over()):
        look_s = _LOOK_EVERY_S
        if stopping.is_asked and stop_by_s is None:
            stop_by_s = time.monotonic() + _STOP_AT_MOST_S
            told.stopping()
            service.stop()
        if stop_by_s is not None and (time.monotonic() > stop_by_s or service.hangs(transfer)):
            break
        view = service.transfer(transfer)
        stages.seen(view)
        told.at_work(view)
        reader.read()
    reader.read()
    ending = _ending(service, transfer, since, time.monotonic() - started_s)
    stages.ended(ending.view)
    told.finished(ending)
    # Whoever asked for objects in a file and has half of them must not go on as if all was well.
    return 1 if told.is_lost and ending.exit_code == 0 else ending.exit_code


def before_resuming(service: Service, transfer: int) -> Since:
    """Where a transfer stands before it is taken up again. Raises NoSuchTransfer."""
    view = service.transfer(transfer)
    last = service.timeline(transfer, limit=2)[-1:]
    return Since(figures_of(view).done_bytes, last[0].sequence if last else 0)


def _ending(service: Service, transfer: int, since: Since, seconds: float) -> Ending:
    view = service.transfer(transfer)
    done = max(figures_of(view).done_bytes - since.done_bytes, 0)
    return Ending(
        view,
        service.failure(transfer),
        Stretch(seconds, done),
        failed=service.items(transfer, limit=SHOWN_FAILURES, only_failed=True),
        notes=_notes(service, view, since.sequence),
        not_kept=not_kept(service, transfer, since.sequence),
        manifests=service.manifests(transfer),
        not_read_again=service.not_read_again(transfer) if view.files_skipped else 0,
        written=service.manifests_written(transfer) if view.options.manifests else (),
    )


def _notes(service: Service, view: TransferView, sequence: int) -> tuple[ItemOutcome, ...]:
    """Read from the audit, so only when there is something to be found."""
    wanted = min(view.special_skipped, SHOWN_FAILURES)
    if view.mode is Mode.MOVE and view.status is TransferStatus.FAILED:
        wanted = SHOWN_FAILURES
    notes: list[ItemOutcome] = []
    while len(notes) < wanted and (found := service.outcomes(view.id, sequence)):
        sequence = found[-1].sequence
        notes += [one for one in found if one.message and not one.destination and not _is_wish(one)]
    return tuple(notes[:wanted])


class _Patience:
    """How long a transfer that came to rest is waited for: not at all when it is over, so
    many seconds when it only waits. Counted anew whenever it has got on meanwhile."""

    def __init__(self, service: Service, transfer: int, stopping: Stopping, wait_s: float) -> None:
        self._service = service
        self._transfer = transfer
        self._stopping = stopping
        self._wait_s = wait_s
        self._until_s: float | None = None
        self._verified_bytes = -1
        self._is_last_try = False

    def is_over(self) -> bool:
        """Asked while it rests. Takes a moment when there is something to wait for."""
        if not self._wait_s or self._stopping.is_asked:
            return True
        view = self._service.transfer(self._transfer)
        if view.status is not TransferStatus.WAITING:
            return True
        now_s = time.monotonic()
        if self._until_s is None or view.bytes_verified > self._verified_bytes:
            self._until_s = now_s + self._wait_s
            self._verified_bytes = view.bytes_verified
            self._is_last_try = False
        if now_s >= self._until_s:
            if self._is_last_try:
                return True
            self._is_last_try = True  # what it waits for may have come since it last looked
            self._service.resume(self._transfer)
        time.sleep(_LOOK_EVERY_S)
        return False


def _is_wish(one: ItemOutcome) -> bool:
    """A link that was left out because a person wanted that: their number is told."""
    return one.error_type == LinkSkipped.__name__


class _Outcomes:
    """Reads what the audit has had since last time, for a teller that wants it."""

    def __init__(self, service: Service, transfer: int, told: Teller, sequence: int) -> None:
        self._service = service
        self._transfer = transfer
        self._told = told
        self._sequence = sequence

    def read(self) -> None:
        while self._told.wants_outcomes:
            found = self._service.outcomes(self._transfer, self._sequence)
            if not found:
                return
            self._sequence = found[-1].sequence
            self._told.outcomes(found)
