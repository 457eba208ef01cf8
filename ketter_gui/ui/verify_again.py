"""Reading a transfer's copies again: begun by a button, told in the page, stopped there."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from ketter_gui.domain.checking import BAD, CheckView, Finding, Verdict
from ketter_gui.domain.errors import KetterError
from ketter_gui.domain.views import TransferView
from ketter_gui.ui.asked import Asked, Checking
from ketter_gui.ui.background import Background
from ketter_gui.ui.banner import Banner, Choice, Notice, error_notice
from ketter_gui.ui.look import Look

_LOOK_MS = 250
_LETTERS = 64
_NAMED = 3
"""So many findings stand in the notice; the timeline has them all."""


class VerifyAgain(QObject):
    """One check for each transfer at a time."""

    ended = Signal()
    """A check has come to its end, and the ledger tells of it."""

    def __init__(self, look: Look, service: Asked, background: Background, banner: Banner) -> None:
        super().__init__()
        self._look, self._service = look, service
        self._background, self._banner = background, banner
        self._checks: dict[int, Checking] = {}
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self._look_at_all)

    def ask(self, transfer: TransferView) -> None:
        """Begin, unless it is at work already."""
        number = transfer.id
        if number in self._checks:
            return
        self._background.run(
            lambda: self._service.verify_again(number),
            lambda check: self._begun(transfer, check),
            lambda error: self._banner.say(error_notice(error, key=_key(number))),
        )

    def is_at_work(self, transfer: int) -> bool:
        """Whether its copies are being read."""
        return transfer in self._checks

    def _begun(self, transfer: TransferView, check: Checking) -> None:
        self._checks[transfer.id] = check
        title = self.tr("Reading the copies of %1 again.").replace("%1", transfer.name)
        stop = Choice(self.tr("Stop"), check.stop)
        notice = Notice(_key(transfer.id), title, self._so_far(check.view()), choices=(stop,))
        self._banner.say(notice)
        self._timer.start()

    def _look_at_all(self) -> None:
        for number, check in list(self._checks.items()):
            if check.wait(0):
                del self._checks[number]
                self._banner.say(self._outcome(check.view(), check.error))
                self.ended.emit()
            else:
                self._banner.say_more(_key(number), self._so_far(check.view()))
        if not self._checks:
            self._timer.stop()

    def _so_far(self, view: CheckView) -> str:
        words = self._look.words
        text = self.tr("%1 of %2 read, %3 of %4 compared.")
        text = text.replace("%1", words.size(view.bytes_done))
        text = text.replace("%2", words.size(view.bytes_total))
        text = text.replace("%3", words.number(view.files_done))
        return text.replace("%4", words.files(view.files_total))

    def _outcome(self, view: CheckView, error: KetterError | None) -> Notice:
        if error is not None:
            return error_notice(error, key=_key(view.transfer))
        equal = self._look.words.number(view.count(Verdict.EQUAL))
        rest = self._rest(view)
        if not view.is_whole:
            title = self.tr("Stopped before all copies of %1 were read.")
            title, tone, icon = title.replace("%1", view.name), "warn", "half"
        elif view.is_proven:
            title = self.tr("Every copy of %1 is what it was: %2 read again and equal.")
            title = title.replace("%1", view.name).replace("%2", equal)
            tone, icon = "verified", "shield"
        elif any(view.count(verdict) for verdict in BAD):
            title = self.tr("Not every copy of %1 is what it was.").replace("%1", view.name)
            tone, icon = "fail", "triangle"
        else:
            title = self.tr("The copies of %1 could only be read from the system’s cache.")
            title, tone, icon = title.replace("%1", view.name), "warn", "memory"
            rest = self.tr("That proves nothing about the drive.") + f" {rest}"
        return Notice(_key(view.transfer), title, rest.strip(), tone=tone, icon=icon)

    def _rest(self, view: CheckView) -> str:
        """How many are what, and the first ones by name."""
        words = self._look.words
        counts = {
            Verdict.MISSING: self.tr("%1 missing"),
            Verdict.CHANGED: self.tr("%1 changed"),
            Verdict.UNREADABLE: self.tr("%1 unreadable"),
            Verdict.EXTRA: self.tr("%1 that this transfer did not bring"),
        }
        parts = [
            text.replace("%1", words.number(view.count(verdict)))
            for verdict, text in counts.items()
            if view.count(verdict)
        ]
        named = [one for one in view.findings if one.verdict in BAD][:_NAMED]
        sentences = [", ".join(parts) + "."] if parts else []
        return "\n".join([*sentences, *map(_named, named)])


def _named(finding: Finding) -> str:
    """The end of its path is what tells; a path without a space could not be wrapped."""
    text = finding.path.text
    return text if len(text) <= _LETTERS else f"…{text[-_LETTERS:]}"


def _key(transfer: int) -> str:
    return f"verify-{transfer}"
