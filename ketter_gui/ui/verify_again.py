"""Reading copies or any folder again: begun by a button, told in the page, stopped there."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from ketter_gui.domain.checking import BAD, CheckView, Finding, Verdict
from ketter_gui.domain.errors import KetterError
from ketter_gui.domain.names import to_text
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
    """One check for each transfer or folder at a time."""

    ended = Signal()
    """A check has come to its end, and the ledger tells of it."""

    def __init__(self, look: Look, service: Asked, background: Background, banner: Banner) -> None:
        super().__init__()
        self._look, self._service = look, service
        self._background, self._banner = background, banner
        self._checks: dict[str, Checking] = {}
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self._look_at_all)

    def ask(self, transfer: TransferView) -> None:
        """Begin with a transfer's copies, unless they are being read already."""
        number = transfer.id
        self._begin(_key(number), transfer.name, lambda: self._service.verify_again(number))

    def ask_folder(self, path: bytes) -> None:
        """Begin with a folder, or a manifest in one: is it what the manifests say?"""
        begin = partial(self._service.verify_folder, path)
        self._begin(f"verify-{path!r}", to_text(path).text, begin)

    def ask_two(self, left: bytes, right: bytes) -> None:
        """Begin with two folders: where does the second one differ from the first?"""
        begin = partial(self._service.compare_folders, left, right)
        self._begin(f"verify-{left!r}-{right!r}", to_text(right).text, begin)

    def is_at_work(self, transfer: int) -> bool:
        """Whether its copies are being read."""
        return _key(transfer) in self._checks

    def checks(self) -> int:
        """How many are at work."""
        return len(self._checks)

    def _begin(self, key: str, name: str, begin: Callable[[], Checking]) -> None:
        if key in self._checks:
            return
        self._background.run(
            begin,
            lambda check: self._begun(key, name, check),
            lambda error: self._banner.say(error_notice(error, key=key)),
        )

    def _begun(self, key: str, name: str, check: Checking) -> None:
        self._checks[key] = check
        title = self.tr("Reading the copies of %1 again.").replace("%1", name)
        if not check.view().transfer:
            title = self.tr("Reading %1.").replace("%1", name)
        stop = Choice(self.tr("Stop"), check.stop)
        self._banner.say(Notice(key, title, self._so_far(check.view()), choices=(stop,)))
        self._timer.start()

    def _look_at_all(self) -> None:
        for key, check in list(self._checks.items()):
            if check.wait(0):
                del self._checks[key]
                self._banner.say(self._outcome(key, check.view(), check.error))
                self.ended.emit()
            else:
                self._banner.say_more(key, self._so_far(check.view()))
        if not self._checks:
            self._timer.stop()

    def _so_far(self, view: CheckView) -> str:
        words = self._look.words
        text = self.tr("%1 of %2 read, %3 of %4 compared.")
        text = text.replace("%1", words.size(view.bytes_done))
        text = text.replace("%2", words.size(view.bytes_total))
        text = text.replace("%3", words.number(view.files_done))
        return text.replace("%4", words.files(view.files_total))

    def _outcome(self, key: str, view: CheckView, error: KetterError | None) -> Notice:
        if error is not None:
            return error_notice(error, key=key)
        equal = self._look.words.number(view.count(Verdict.EQUAL))
        rest = self._rest(view)
        if not view.is_whole:
            title = self.tr("Stopped before all copies of %1 were read.")
            title, tone, icon = title.replace("%1", view.name), "warn", "half"
        elif view.is_proven:
            title = (
                self.tr("Every copy of %1 is what it was: %2 read again and equal.")
                if view.transfer
                else self.tr("%1 is what it should be: %2 read and equal.")
            )
            title = title.replace("%1", view.name).replace("%2", equal)
            tone, icon = "verified", "shield"
        elif any(view.count(verdict) for verdict in BAD):
            title = (
                self.tr("Not every copy of %1 is what it was.")
                if view.transfer
                else self.tr("Not everything in %1 is what it should be.")
            ).replace("%1", view.name)
            tone, icon = "fail", "triangle"
        else:
            title = self.tr("The copies of %1 could only be read from the system’s cache.")
            title, tone, icon = title.replace("%1", view.name), "warn", "memory"
            rest = self.tr("That proves nothing about the drive.") + f" {rest}"
        return Notice(key, title, rest.strip(), tone=tone, icon=icon)

    def _rest(self, view: CheckView) -> str:
        """How many are what, and the first ones by name."""
        words = self._look.words
        counts = {
            Verdict.MISSING: self.tr("%1 missing"),
            Verdict.CHANGED: self.tr("%1 changed"),
            Verdict.UNREADABLE: self.tr("%1 unreadable"),
            Verdict.EXTRA: self.tr("%1 that this transfer did not bring")
            if view.transfer
            else self.tr("%1 of which nothing is said"),
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
