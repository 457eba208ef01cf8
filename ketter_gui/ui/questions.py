"""What the window asks back, as notices in the page."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication

from ketter_gui.domain.options import Mode
from ketter_gui.domain.status import TransferStatus
from ketter_gui.domain.views import TransferView
from ketter_gui.ui.actions import Verb, possible
from ketter_gui.ui.banner import Banner, Choice, Notice
from ketter_gui.ui.words import Words


def _tr(text: str) -> str:
    return QCoreApplication.translate("Questions", text)


def cancel_question(
    transfer: TransferView, cancel: Callable[[], None], keep: Callable[[], None]
) -> Notice:
    """Asked once before a transfer is cancelled."""
    title = _tr("Cancel %1?").replace("%1", transfer.name)
    text = _tr("Verified copies stay, unfinished parts are removed, originals are untouched.")
    if not transfer.is_answering:
        text = _tr(
            "A drive does not answer, so nothing can be cleared up there now. The transfer is "
            "let go; resume or cancel it when the drive is back."
        )
    elif transfer.is_within_volume or transfer.files_renamed:
        text = _tr("Files that were moved already stay in their new place, the others in theirs.")
    elif transfer.originals_removed:
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
    is_move = any(transfer.mode is Mode.MOVE for transfer in transfers)
    one = (
        _tr("The move of %1 was interrupted.")
        if is_move
        else _tr("The copy of %1 was interrupted.")
    )
    title = words.count(
        len(transfers),
        one.replace("%1", transfers[0].name),
        _tr("%1 transfers were interrupted."),
    )
    sentences = [_tr("Nothing was lost.")]
    if any(transfer.is_within_volume for transfer in transfers):
        sentences = [_tr("Every file is whole, in its old place or in its new one.")]
    elif is_move:  # some are gone from the card by intent: only the rest is where it was
        sentences = [_tr("Originals that were not proven yet are still in their place.")]
    files = sum(transfer.files_verified for transfer in transfers)
    if files:
        sentences.append(
            words.count(
                files,
                _tr("1 file is verified and will not be copied again."),
                _tr("%1 files are verified and will not be copied again."),
            )
        )
    choices = (Choice(_tr("Resume"), resume, "primary"), Choice(_tr("Not now"), _nothing))
    return Notice("interrupted", title, " ".join(sentences), "warn", "broken", choices)


def _nothing() -> None:
    """The notice is closed, that is all."""


class OpenQuestions:
    """What was asked about which transfers: a question goes when it has no meaning any more."""

    def __init__(self, banner: Banner) -> None:
        self._banner = banner
        self._about: dict[str, tuple[frozenset[int], Callable[[TransferView], bool]]] = {}

    def ask_cancel(
        self, transfer: TransferView, cancel: Callable[[], None], keep: Callable[[], None]
    ) -> None:
        """Ask before a transfer is cancelled, until it is over by itself."""
        notice = cancel_question(transfer, cancel, keep)
        self._about[notice.key] = (
            frozenset({transfer.id}),
            lambda now: Verb.CANCEL in possible(now),
        )
        self._banner.say(notice, takes_focus=True)

    def offer_resume(
        self, transfers: tuple[TransferView, ...], words: Words, resume: Callable[[], None]
    ) -> None:
        """Offer to go on with what was interrupted, until that has happened elsewhere."""
        notice = interrupted_question(transfers, words, resume)
        self._about[notice.key] = (
            frozenset(transfer.id for transfer in transfers),
            lambda now: now.status is TransferStatus.INTERRUPTED,
        )
        self._banner.say(notice)

    def drop_outdated(self, transfers: tuple[TransferView, ...]) -> bool:
        """Take away what need not be answered now; True where the keyboard was in it."""
        had_focus = False
        for key, (about, is_open) in list(self._about.items()):
            settled = {transfer.id for transfer in transfers if not is_open(transfer)}
            if about <= settled:
                del self._about[key]
                had_focus |= self._banner.has_focus_in(key)
                self._banner.take_back(key)
        return had_focus
