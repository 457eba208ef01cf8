"""How a status is shown: a shape, a word and a colour, in that order of importance.

Green is for what was proven, and for nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from ketter_gui.domain.items import ItemKind, ReadBack
from ketter_gui.domain.status import CopyStatus, TransferStatus
from ketter_gui.domain.views import CopyView, ItemView, TransferView


@dataclass(frozen=True, slots=True)
class State:
    """`icon` turns when `moves`; `token` and `soft` are colours of the theme."""

    icon: str
    word: str
    token: str
    soft: str = "sunken"
    moves: bool = False


def tr(text: str) -> str:
    """A word of this module in the window's language."""
    return QCoreApplication.translate("States", text)


_T = TransferStatus
_C = CopyStatus

WORKS = frozenset({_T.PREPARING, _T.RUNNING})
"""A transfer in one of these is at work now."""


def transfer_state(transfer: TransferView) -> State:
    """The state of a transfer as the queue, the details and the history show it."""
    if transfer.status in WORKS and not transfer.is_answering:
        return State("clock", tr("Not answering"), "warn", "warn-soft")
    match transfer.status:
        case _T.PENDING:
            return State("ring", tr("Waiting"), "second")
        case _T.PREPARING:
            return State("half", tr("Preparing"), "accent", "accent-soft")
        case _T.RUNNING:
            is_all_read = transfer.bytes_total and transfer.bytes_copied >= transfer.bytes_total
            is_reading_back = is_all_read and not transfer.is_within_volume
            if is_reading_back:
                return State("arc", tr("Verifying"), "accent", "accent-soft", moves=True)
            return State("half", tr("Running"), "accent", "accent-soft")
        case _T.WAITING:
            return State("clock", tr("Waiting"), "warn", "warn-soft")
        case _T.PAUSED:
            return State("pause", tr("Paused"), "second")
        case _T.INTERRUPTED:
            return State("broken", tr("Interrupted"), "warn", "warn-soft")
        case _T.COMPLETED:
            return _completed(transfer)
        case _T.FAILED:
            return State("triangle", tr("Failed"), "fail", "fail-soft")
        case _T.CANCELLED:
            return State("slash", tr("Cancelled"), "second")


def item_state(item: ItemView) -> State:
    """The state of an item: that of its least advanced copy."""
    for copy in item.copies:
        if copy.is_left_out and item.status is copy.status:
            return copy_state(copy)
    return _state(item.status)


def copy_state(copy: CopyView) -> State:
    """The state of one copy."""
    if copy.is_left_out:
        return State("slash", tr("Left out"), "warn", "warn-soft")
    return _state(copy.status)


def _state(status: CopyStatus) -> State:
    match status:
        case _C.PENDING:
            return State("ring", tr("Waiting"), "second")
        case _C.COPYING:
            return State("half", tr("Copying"), "accent", "accent-soft")
        case _C.VERIFYING:
            return State("arc", tr("Verifying"), "accent", "accent-soft", moves=True)
        case _C.PROVEN:
            return State("arc", tr("Naming"), "accent", "accent-soft", moves=True)
        case _C.VERIFIED:
            return State("shield", tr("Verified"), "verified", "verified-soft")
        case _C.RENAMED:
            return State("arrow", tr("Renamed"), "second")
        case _C.COPIED:
            return State("check", tr("Copied, not verified"), "warn", "warn-soft")
        case _C.SKIPPED:
            return State("shield", tr("Already there"), "verified", "verified-soft")
        case _C.FAILED:
            return State("triangle", tr("Failed"), "fail", "fail-soft")
        case _C.CANCELLED:
            return State("slash", tr("Cancelled"), "second")


def read_back_words(copy: CopyView) -> str:
    """How a copy was read back, in words that say what it proves."""
    match copy.read_back:
        case ReadBack.STORAGE:
            return tr("read back from the drive")
        case ReadBack.SERVER:
            return tr("read back from the server")
        case ReadBack.MEMORY:
            return tr("read back; this volume lives in memory")
        case ReadBack.CACHE:
            return tr("read back from the system’s cache only: proves little")
        case None:
            return ""


def kind_word(kind: ItemKind) -> str:
    """What an item is, where it has no size."""
    return {
        ItemKind.FILE: tr("file"),
        ItemKind.FOLDER: tr("folder"),
        ItemKind.SYMLINK: tr("link"),
    }[kind]


def volume_icon(kind: str) -> str:
    """The drawing for a kind of volume."""
    return kind if kind in {"card", "network", "memory"} else "drive"


def _completed(transfer: TransferView) -> State:
    if transfer.copies_doubted:
        return State("triangle", tr("Changed"), "fail", "fail-soft")
    if transfer.files_failed:
        return State("triangle", tr("Partly failed"), "fail", "fail-soft")
    if transfer.files_renamed and not transfer.files_verified:
        return State("arrow", tr("Moved, no second copy"), "second")
    if (
        transfer.files_renamed
        and transfer.files_verified + transfer.files_renamed >= transfer.files_total
    ):
        return State("arrow", tr("Moved, in part without a second copy"), "second")
    if transfer.files_verified < transfer.files_total:
        return State("check", tr("Done, not verified"), "warn", "warn-soft")
    if transfer.copies_from_cache:  # P1: it proves nothing about the drive, and is never green
        return State("check", tr("Read back from the cache"), "warn", "warn-soft")
    return State("shield", tr("Verified"), "verified", "verified-soft")
