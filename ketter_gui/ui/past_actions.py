"""What one can do with a transfer of the history: by menu, by key, and in the details."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from ketter_gui.domain.names import to_bytes, to_text
from ketter_gui.domain.options import Request
from ketter_gui.domain.status import LIVE, TransferStatus
from ketter_gui.domain.views import PlaceView, TransferView
from ketter_gui.ui.asked import Asked
from ketter_gui.ui.background import Background
from ketter_gui.ui.banner import Banner, Choice, Notice, error_notice
from ketter_gui.ui.choose import choose_pdf
from ketter_gui.ui.export import Export, file_name
from ketter_gui.ui.look import Look
from ketter_gui.ui.reveal import Reveal
from ketter_gui.ui.verify_again import VerifyAgain

_T = TransferStatus


class Deed(StrEnum):
    """The words of the menu; those with a key can be asked for from the table."""

    DETAILS = "details"
    VERIFY = "verify"
    REPEAT = "repeat"
    COPY_PATH = "copy-path"
    EXPORT = "export"
    REPORT = "report"
    HIDE = "hide"
    SHOW = "show"


_KEYS = {
    Deed.DETAILS: "Return",
    Deed.VERIFY: "Ctrl+Shift+V",
    Deed.REPEAT: "Ctrl+R",
    Deed.COPY_PATH: "Ctrl+C",
    Deed.EXPORT: "Ctrl+E",
    Deed.REPORT: "Ctrl+Shift+P",
    Deed.HIDE: "Del",
}


def can_verify(transfer: TransferView) -> bool:
    """Whether it has copies that can be read again."""
    is_over = transfer.status in {_T.COMPLETED, _T.FAILED}
    has_copies = transfer.files_verified + transfer.files_renamed > 0
    return is_over and has_copies


def can_do(transfer: TransferView) -> frozenset[Deed]:
    """What can be asked of a transfer as it is now."""
    deeds = {Deed.DETAILS, Deed.REPEAT, Deed.COPY_PATH, Deed.EXPORT, Deed.REPORT}
    if can_verify(transfer):
        deeds.add(Deed.VERIFY)
    if transfer.is_hidden:
        deeds.add(Deed.SHOW)
    elif transfer.status not in LIVE and transfer.status is not _T.INTERRUPTED:
        deeds.add(Deed.HIDE)
    return frozenset(deeds)


class PastActions(QObject):
    """Carries a person's wish to whoever does it."""

    files_asked = Signal(object)
    """The number of a transfer whose files are to be shown."""

    repeat_ready = Signal(object)
    """A Request that asks for the same again."""

    hidden_changed = Signal()
    """A transfer was put out of sight, or is back."""

    def __init__(
        self,
        look: Look,
        service: Asked,
        background: Background,
        banner: Banner,
        export: Export,
        verifying: VerifyAgain,
    ) -> None:
        super().__init__()
        self._look, self._service = look, service
        self._background, self._banner = background, banner
        self._export, self._verifying = export, verifying
        self.reveal = Reveal(service, background, banner)

    def ask(self, deed: Deed, transfer: TransferView, parent: QWidget) -> None:
        """Do it, if it can be done."""
        if deed not in can_do(transfer):
            return
        number = transfer.id
        match deed:
            case Deed.DETAILS:
                self.files_asked.emit(number)
            case Deed.VERIFY:
                self._verifying.ask(transfer)
            case Deed.REPEAT:
                self._background.run(lambda: self._service.request_of(number), self._repeat)
            case Deed.COPY_PATH:
                copy_text(whole_path(first_place(transfer)))
            case Deed.EXPORT:
                self._export.ask(parent, transfer)
            case Deed.REPORT:
                self._ask_report(parent, transfer)
            case Deed.HIDE:
                self._hide(transfer)
            case Deed.SHOW:
                self._show_again(number)

    def on_key(self, event: QKeyEvent, transfer: TransferView, parent: QWidget) -> bool:
        """Whether a key was one of these, and is dealt with."""
        pressed = QKeySequence(event.keyCombination())
        for deed, keys in _KEYS.items():
            if pressed.matches(QKeySequence(keys)) == QKeySequence.SequenceMatch.ExactMatch:
                self.ask(deed, transfer, parent)
                return True
        return False

    def write_report(self, path: bytes, transfer: int) -> None:
        """Write it; the dialog has asked already whether a file may be replaced."""

        def written(_nothing: None) -> None:
            text = self.tr("%1 — its signature lies beside it, as .sig.")
            show = Choice(self.tr("Show in file manager"), lambda: self.reveal.show(path))
            self._banner.say(
                Notice(
                    "report",
                    self.tr("The report is written and signed."),
                    text.replace("%1", to_text(path).text),
                    icon="file",
                    choices=(show,),
                )
            )

        self._background.run(
            lambda: self._service.write_report(transfer, path),
            written,
            lambda error: self._banner.say(error_notice(error, key="report")),
        )

    def _ask_report(self, parent: QWidget, transfer: TransferView) -> None:
        title, number = self.tr("Write a report of this transfer"), transfer.id
        name = file_name(transfer, "report.pdf")
        choose_pdf(parent, title, name, lambda paths: self.write_report(paths[0], number))

    def _repeat(self, request: Request) -> None:
        self.repeat_ready.emit(request)

    def _hide(self, transfer: TransferView) -> None:
        number = transfer.id

        def hidden(_nothing: None) -> None:
            title = self.tr("%1 is out of sight.").replace("%1", transfer.name)
            text = self.tr("The audit keeps it, and so does every export.")
            undo = Choice(self.tr("Undo"), lambda: self._show_again(number))
            self._banner.say(Notice("hidden", title, text, choices=(undo,)))
            self.hidden_changed.emit()

        self._background.run(
            lambda: self._service.hide(number),
            hidden,
            lambda error: self._banner.say(error_notice(error, key="hidden")),
        )

    def _show_again(self, transfer: int) -> None:
        self._background.run(
            lambda: self._service.show_again(transfer), lambda _: self.hidden_changed.emit()
        )


def past_menu(
    parent: QWidget, look: Look, actions: PastActions, transfer: TransferView, menu: QMenu
) -> QMenu:
    """Fill a menu with what one can do to a transfer of the history."""
    can = can_do(transfer)

    def add(deed: Deed, icon: str, text: str) -> None:
        if deed in can:
            key = QKeySequence(_KEYS.get(deed, ""))
            shown = key.toString(QKeySequence.SequenceFormat.NativeText)
            action = menu.addAction(look.icons.icon(icon), f"{text}\t{shown}" if shown else text)
            action.triggered.connect(lambda: actions.ask(deed, transfer, parent))

    add(Deed.DETAILS, "files", parent.tr("All files…"))
    add(Deed.VERIFY, "shield", parent.tr("Verify again"))
    add(Deed.REPEAT, "retry", parent.tr("Repeat…"))
    menu.addSeparator()
    reveal = menu.addMenu(look.icons.icon("folder"), parent.tr("Show in file manager"))
    for title, places in (
        (parent.tr("Source: %1"), transfer.sources),
        (parent.tr("Destination: %1"), transfer.destinations),
    ):
        for place in places:
            action = reveal.addAction(title.replace("%1", place.path.text.replace("&", "&&")))
            action.triggered.connect(
                lambda _checked=False, one=place: actions.reveal.show(whole_path(one))
            )
    add(Deed.COPY_PATH, "copy", parent.tr("Copy path"))
    menu.addSeparator()
    add(Deed.REPORT, "file", parent.tr("Report (PDF)…"))
    add(Deed.EXPORT, "export", parent.tr("Export audit CSV…"))
    menu.addSeparator()
    add(Deed.HIDE, "close", parent.tr("Remove from view"))
    add(Deed.SHOW, "history", parent.tr("Show in the history again"))
    return menu


def first_place(transfer: TransferView) -> PlaceView:
    """Where it went first; where it came from, if it went nowhere."""
    return (transfer.destinations or transfer.sources)[0]


def whole_path(place: PlaceView) -> bytes:
    """A place's path in bytes."""
    return to_bytes(place.path.text, place.path.form)


def copy_text(path: bytes) -> None:
    """A path to the clipboard, as text."""
    QGuiApplication.clipboard().setText(to_text(path).text)
