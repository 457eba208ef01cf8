"""What the window asks back, as notices in the page."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication

from ketter_gui.domain.views import TransferView
from ketter_gui.ui.banner import Choice, Notice
from ketter_gui.ui.words import Words


def _tr(text: str) -> str:
    return QCoreApplication.translate("Questions", text)


def cancel_question(
    transfer: TransferView, cancel: Callable[[], None], keep: Callable[[], None]
) -> Notice:
    """Asked once before a transfer is cancelled."""
    title = _tr("Cancel %1?").replace("%1", transfer.name)
    text = _tr("Verified copies stay, unfinished parts are removed, originals are untouched.")
    if transfer.originals_removed:
        text = _tr(
            "Verified copies stay and unfinished parts are removed. Originals that were moved "
            "already are only at the destinations."
        )
    choices = (
        Choice(_tr("Cancel transfer"), cancel, "danger"),
        Choice(_tr("Keep going"), keep),
    )
    return Notice("cancel", title, text, "warn", "triangle", choices)


def interrupted_question(
    transfers: tuple[TransferView, ...], words: Words, resume: Callable[[], None]
) -> Notice:
    """Offered at start: what an earlier run of the program left."""
    title = words.count(
        len(transfers),
        _tr("%1 was interrupted.").replace("%1", transfers[0].name),
        _tr("%1 transfers were interrupted."),
    )
    files = sum(t.files_verified + t.files_skipped for t in transfers)
    text = _tr("Nothing was lost.")
    if files:
        text = _tr("Nothing was lost: %1 are verified and will not be copied again.")
        text = text.replace("%1", words.files(files))
    choices = (Choice(_tr("Resume"), resume, "primary"), Choice(_tr("Not now"), _nothing))
    return Notice("interrupted", title, text, "warn", "broken", choices)


def _nothing() -> None:
    """The notice is closed, that is all."""
