"""The sentences on a transfer's card, apart from how they are painted."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from ketter_gui.domain.errors import DriveSilent
from ketter_gui.domain.options import CHECKSUM_LABELS, Mode
from ketter_gui.domain.status import TransferStatus
from ketter_gui.domain.views import TransferView
from ketter_gui.ui.states import WORKS, State, transfer_state
from ketter_gui.ui.words import Words

_T = TransferStatus

_WAS_LET_GO = str(DriveSilent())

_SHORT = 34
"""A chip with more letters than this pushes the name aside."""


def tr(text: str) -> str:
    """A sentence of this module in the window's language."""
    return QCoreApplication.translate("Queue", text)


def card_bytes(transfer: TransferView) -> int:
    """What the source holds: the transfer's bytes count every destination."""
    return transfer.bytes_total // max(1, len(transfer.destinations))


def retry_text(transfer: TransferView, words: Words) -> str:
    """What the button says that tries again what failed. Folders fail, too, and count there:
    more than there are files is no number of files."""
    failed = transfer.files_failed
    if not 0 < failed <= transfer.files_total:
        return tr("Retry")
    return words.count(failed, tr("Retry 1 file"), tr("Retry %1 files"))


def chip(transfer: TransferView, words: Words, *, short: bool = False) -> State:
    """The chip beside the name: the one fact that matters most."""
    if transfer.files_failed:
        is_within = transfer.files_failed <= transfer.files_total  # folders can fail, too
        text = tr("%1 of %2 failed") if is_within else tr("%1 failed")
        text = text.replace("%1", words.number(transfer.files_failed))
        text = text.replace("%2", words.number(transfer.files_total))
        return State("triangle", text, "fail", "fail-soft")
    if transfer.status is _T.FAILED:
        return State("triangle", tr("Failed"), "fail", "fail-soft")
    if transfer.status is _T.COMPLETED:
        state = transfer_state(transfer)
        if state.token == "verified" and not short:
            return State(state.icon, _verified_on(transfer, words), state.token, state.soft)
        return state
    if transfer.status in {_T.WAITING, _T.INTERRUPTED} or _hangs(transfer):
        return transfer_state(transfer)
    word = tr("Move") if transfer.mode is Mode.MOVE else tr("Copy")
    return State("", word, "text", "sunken")


def facts(transfer: TransferView, words: Words) -> str:
    """Left of the second line: how much, and to where."""
    if transfer.status in {_T.PENDING, _T.PREPARING} and not transfer.files_total:
        return tr("to %1").replace("%1", _places(transfer, words))
    size = f"{words.size_brief(card_bytes(transfer))} · {words.files(transfer.files_total)}"
    if transfer.status is _T.COMPLETED and not transfer.files_failed:
        parts = [words.files(transfer.files_total), *_left_out(transfer, words)]
        if transfer.files_renamed:
            parts += _renamed(transfer, words)
        elif transfer.mode is Mode.MOVE:
            parts.append(_removed(transfer, words))
        else:
            names = [CHECKSUM_LABELS.get(name, name) for name in transfer.options.checksums]
            parts += [", ".join(names), tr("originals kept")]
        return " · ".join(parts)
    if transfer.files_failed or transfer.status is _T.FAILED:
        verified = tr("%1 verified").replace("%1", words.files(transfer.files_verified))
        if transfer.files_renamed:
            moved = tr("%1 moved").replace("%1", words.files(transfer.files_renamed))
            verified = f"{moved} · {verified}" if transfer.files_verified else moved
        kept = tr("originals kept") if transfer.mode is Mode.COPY else tr("unproven originals kept")
        size = words.size_brief(card_bytes(transfer))
        return " · ".join((size, verified, *_left_out(transfer, words), kept))
    if transfer.status in {_T.PAUSED, _T.WAITING, _T.INTERRUPTED, _T.CANCELLED}:
        verified = tr("%1 of %2 verified, nothing lost")
        done = transfer.files_verified
        if transfer.is_within_volume or transfer.files_renamed:
            verified = tr("%1 of %2 in their new place, nothing lost")
            done += transfer.files_renamed
        verified = verified.replace("%1", words.number(done))
        verified = verified.replace("%2", words.files(transfer.files_total))
        if transfer.status in {_T.WAITING, _T.INTERRUPTED}:
            return verified
        return f"{words.size_brief(card_bytes(transfer))} · {verified}"
    return f"{size} · {tr('to %1').replace('%1', _places(transfer, words))}"


def headline(transfer: TransferView, words: Words) -> str:
    """Right of the first line: speed while it works, size when done, else the state."""
    if _hangs(transfer):
        return transfer_state(transfer).word
    if transfer.status is _T.RUNNING:
        return (
            words.speed(transfer.bytes_per_second) if transfer.bytes_per_second else tr("starting")
        )
    if transfer.status in {_T.PENDING, _T.PREPARING, _T.PAUSED, _T.CANCELLED}:
        return transfer_state(transfer).word
    return words.size_brief(card_bytes(transfer)) if transfer.bytes_total else ""


def remark(transfer: TransferView, words: Words) -> str:
    """Right of the second line: what happens next, or when it happened."""
    if not transfer.is_answering:
        return _silence(transfer)
    match transfer.status:
        case _T.PENDING:
            if transfer.waits_for is not None:
                return tr("starts after the transfer before it – same drives")
            return tr("starts when its drives are free")
        case _T.PREPARING:
            return tr("counting and checking for room")
        case _T.RUNNING:
            return _progress(transfer, words)
        case _T.WAITING:
            return tr("goes on by itself")
        case _T.PAUSED:
            return tr("goes on when you resume it")
        case _T.INTERRUPTED:
            return _broken_off(transfer)
        case _T.COMPLETED:
            return _when(transfer, words)
        case _T.FAILED:
            return ""  # the button that retries stands there
        case _T.CANCELLED:
            return words.day(transfer.finished_us or transfer.created_us)


def _hangs(transfer: TransferView) -> bool:
    return transfer.status in WORKS and not transfer.is_answering


def _broken_off(transfer: TransferView) -> str:
    if transfer.message == _WAS_LET_GO:
        return tr("a drive did not answer; resume it any time")
    return tr("its program ended; resume it any time")


def _silence(transfer: TransferView) -> str:
    """What becomes of a transfer while a call on one of its drives does not come back."""
    if transfer.status is _T.INTERRUPTED:
        return tr("a drive does not answer; resume it when it does")
    if transfer.status is not _T.PENDING:
        return tr("a drive does not answer; goes on by itself when it does")
    if transfer.waits_for == transfer.id:
        return tr("starts when its drive answers")
    return tr("the transfer before it hangs – same drives")


def said_below(transfer: TransferView) -> str:
    """A sentence under the bar: why a transfer waits or failed as a whole, or how little
    its proof is worth. That one was interrupted is said beside its bar already."""
    if transfer.status is _T.COMPLETED and transfer.copies_doubted:
        return tr(
            "Not every copy is what it was when it was verified: look at what happened, and do "
            "not rely on them."
        )
    if transfer.status is _T.COMPLETED and transfer.copies_from_cache:
        return tr(
            "The system would not let go of its cache, so copies were read back from memory. "
            "That proves nothing about the drive: do not format the card on it."
        )
    is_told_by_items = transfer.status is _T.FAILED and transfer.failed
    if transfer.status in {_T.WAITING, _T.FAILED} and not is_told_by_items:
        return transfer.message
    return ""


def queue_summary(transfers: tuple[TransferView, ...], words: Words) -> str:
    """Under the page's title: `1 running, 1 waiting, 1 needs you`."""
    works = sum(1 for t in transfers if t.status in {_T.RUNNING, _T.PREPARING})
    waits = sum(1 for t in transfers if t.status in {_T.PENDING, _T.WAITING})
    paused = sum(1 for t in transfers if t.status is _T.PAUSED)
    needs = sum(1 for t in transfers if t.status in {_T.FAILED, _T.INTERRUPTED} or t.files_failed)
    parts = []
    if works:
        parts.append(tr("%1 running").replace("%1", words.number(works)))
    if waits:
        parts.append(tr("%1 waiting").replace("%1", words.number(waits)))
    if paused:
        parts.append(tr("%1 paused").replace("%1", words.number(paused)))
    if needs:
        parts.append(words.count(needs, tr("1 needs you"), tr("%1 need you")))
    return ", ".join(parts) if parts else tr("All done")


def _left_out(transfer: TransferView, words: Words) -> tuple[str, ...]:
    """FIFOs and the like are no files, but a card that is emptied afterwards held them."""
    count = transfer.special_skipped
    return (words.count(count, tr("1 left out"), tr("%1 left out")),) if count else ()


def _progress(transfer: TransferView, words: Words) -> str:
    left = words.left(transfer.seconds_left)
    if transfer.seconds_left is None:
        return left
    return f"{left} · {words.done_at(transfer.seconds_left)}"


def _when(transfer: TransferView, words: Words) -> str:
    span = words.span(transfer.started_us, transfer.finished_us)
    seconds = (transfer.finished_us - transfer.started_us) / 1_000_000
    if transfer.started_us and seconds > 1:
        return f"{span} · {words.speed(round(card_bytes(transfer) / seconds))}"
    return span


def _verified_on(transfer: TransferView, words: Words) -> str:
    """By name where that is short. Never a count of drives: two folders may share one."""
    named = tr("Verified on %1").replace("%1", _places(transfer, words))
    if len(named) <= _SHORT:
        return named
    return tr("Verified in %1 places").replace("%1", words.number(len(transfer.destinations)))


def _renamed(transfer: TransferView, words: Words) -> tuple[str, ...]:
    """Said wherever it ends: there is one file, as before."""
    if transfer.files_renamed >= transfer.files_total:
        kept = tr("folders kept")
        if transfer.options.remove_empty_folders:
            kept = tr("empty folders removed")
        return (tr("moved within the drive, no second copy"), kept)
    moved = tr("%1 moved without a second copy")
    verified = tr("%1 verified")
    return (
        moved.replace("%1", words.number(transfer.files_renamed)),
        verified.replace("%1", words.number(transfer.files_verified)),
    )


def _removed(transfer: TransferView, words: Words) -> str:
    if transfer.originals_removed >= transfer.files_total:
        if transfer.options.remove_empty_folders:
            return tr("originals removed after proof, empty folders too")
        return tr("originals removed after proof, folders kept")
    return words.count(
        transfer.originals_removed,
        tr("1 original removed after proof"),
        tr("%1 originals removed after proof"),
    )


def _places(transfer: TransferView, words: Words) -> str:
    return words.listed(place_names(transfer))


def place_names(transfer: TransferView) -> tuple[str, ...]:
    """The destinations as people call them: by volume, or by folder where two share one."""
    labels = [place.label or place.path.text for place in transfer.destinations]
    return tuple(
        label
        if label and labels.count(label) == 1
        else place.path.text.rstrip("/").rpartition("/")[2] or place.path.text
        for label, place in zip(labels, transfer.destinations, strict=True)
    )
