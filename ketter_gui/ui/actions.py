"""What one can do to a transfer, and when; each is asked of the service off this thread."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from PySide6.QtCore import QObject, Signal

from ketter_gui.domain.status import LIVE, TransferStatus
from ketter_gui.domain.views import TransferView
from ketter_gui.ui.asked import Asked
from ketter_gui.ui.background import Background

_T = TransferStatus


class Verb(StrEnum):
    """The words on the buttons."""

    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    RETRY = "retry"


def possible(transfer: TransferView) -> frozenset[Verb]:
    """What can be asked of a transfer as it is now."""
    verbs = set()
    if transfer.status in {_T.PENDING, _T.PREPARING, _T.RUNNING, _T.WAITING}:
        verbs.add(Verb.PAUSE)
    if transfer.status in {_T.PAUSED, _T.INTERRUPTED}:
        verbs.add(Verb.RESUME)
    if transfer.status in LIVE or transfer.status is _T.INTERRUPTED:
        verbs.add(Verb.CANCEL)
    if transfer.status is _T.FAILED:
        verbs.add(Verb.RETRY)
    return frozenset(verbs)


class Actions(QObject):
    """Carries a person's wish to the service. Cancelling asks first."""

    cancel_wanted = Signal(object)
    """A TransferView whose cancelling has to be confirmed."""

    done = Signal()
    """Something was asked: time for a fresh snapshot."""

    def __init__(self, service: Asked, background: Background) -> None:
        super().__init__()
        self._service = service
        self._background = background

    def ask(self, verb: Verb, transfer: TransferView) -> None:
        """Ask for `verb` if it is possible; a cancel is confirmed first."""
        if verb not in possible(transfer):
            return
        if verb is Verb.CANCEL:
            self.cancel_wanted.emit(transfer)
            return
        act = {
            Verb.PAUSE: self._service.pause,
            Verb.RESUME: self._service.resume,
            Verb.RETRY: self._service.retry,
        }[verb]
        number = transfer.id
        self._run(lambda: act(number))

    def cancel_now(self, transfer: int) -> None:
        """The confirmation was given."""
        self._run(lambda: self._service.cancel(transfer))

    def resume_these(self, transfers: tuple[TransferView, ...]) -> None:
        """Carry on with what an earlier run of the program left."""
        for transfer in transfers:
            self.ask(Verb.RESUME, transfer)

    def pause_all(self) -> None:
        """Pause whatever works or waits."""
        self._run(self._service.pause_all)

    def resume_all(self) -> None:
        """Resume whatever a person paused."""
        self._run(self._service.resume_all)

    def _run(self, work: Callable[[], None]) -> None:
        self._background.run(work, lambda _nothing: self.done.emit())
