"""What is said when a transfer has come to rest: what is proven, what is not, what to do."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from ketter_gui.cli.arguments import Common
from ketter_gui.cli.figures import figures_of
from ketter_gui.cli.words import counted, lasting, listed
from ketter_gui.domain.errors import Cancelled, WaitingError
from ketter_gui.domain.items import ItemKind
from ketter_gui.domain.options import Mode
from ketter_gui.domain.sizes import size_text
from ketter_gui.domain.status import TransferStatus
from ketter_gui.domain.views import ItemView, TransferView

if TYPE_CHECKING:
    from ketter_gui.cli.follow import Ending


_WEAK_PROOF: Final = (
    "Careful: the system would not let go of its cache, so copies were read back from memory. "
    "That proves nothing about the drive; do not format the card on it."
)


def told(ending: Ending, common: Common) -> list[str]:
    """The outcome as lines."""
    view = ending.view
    if view.status is TransferStatus.COMPLETED and not view.files_failed:
        return [_verified(ending), *_manifests(ending), *_written(ending), *_aside(ending)]
    if view.status is TransferStatus.FAILED and ending.failure is not None:
        return [f"{ending.failure} Transfer {view.id}."]
    if view.status in (TransferStatus.FAILED, TransferStatus.COMPLETED):
        return _failed(ending, common)
    if view.status is TransferStatus.CANCELLED:
        return [f"{ending.failure or Cancelled()} {_so_far(view)} Transfer {view.id}."]
    carry_on = command_line(common, "resume", str(view.id))
    if isinstance(ending.failure, WaitingError):
        return [f"{ending.failure} {_so_far(view)} “{carry_on}” carries on."]
    stopped = f"Transfer {view.id} was stopped. {_so_far(view)}"
    return [f"{stopped} “{carry_on}” carries on without copying again what is verified."]


def command_line(common: Common, *words: str) -> str:
    """What to type so that the same ledger is meant."""
    return shlex.join(["ketter", *words, *common.as_words()])


def _verified(ending: Ending) -> str:
    view, stretch = ending.view, ending.stretch
    speed = f", {size_text(stretch.bytes_per_second)}/s" if stretch.done_bytes else ""
    sentences = [
        f"{_what(view)}: {_done(view)} in {lasting(stretch.seconds)}{speed}."
        if view.files_total
        else f"There was no file to copy; folders and links are {_where(view)}.",
        *_remarks(ending),
        f"Transfer {view.id}.",
    ]
    return " ".join(sentences)


def _done(view: TransferView) -> str:
    if not view.files_renamed:
        return f"verified {_where(view)}"
    moved = f"moved within the volume to {view.destinations[0].path.text}"
    if view.files_renamed >= view.files_total:
        return moved
    return f"{view.files_renamed:,} {moved}, {view.files_verified:,} verified there"


def _what(view: TransferView) -> str:
    return f"{counted(view.files_total, 'file')}, {size_text(figures_of(view).total_bytes)}"


def _where(view: TransferView) -> str:
    places = [place.path.text for place in view.destinations]
    return f"in {places[0]}" if len(places) == 1 else f"in {len(places)} places ({listed(places)})"


def _remarks(ending: Ending) -> list[str]:
    view = ending.view
    remarks = []
    if view.files_renamed:
        what = "It was" if view.files_renamed == view.files_total == 1 else "They were"
        if view.files_renamed < view.files_total:
            what = "What was moved was"
        remarks.append(f"{what} read once and renamed; no second copy was made.")
    if view.files_skipped:
        remarks.append(_already_there(view.files_skipped, ending.not_read_again))
    if view.special_skipped:
        were = "was" if view.special_skipped == 1 else "were"
        remarks.append(
            f"{counted(view.special_skipped, 'FIFO, socket or device')} {were} left out."
            if view.special_skipped == 1
            else f"{view.special_skipped:,} FIFOs, sockets or devices were left out."
        )
    remarks.append(_originals(view))
    return remarks


def _already_there(files: int, not_read_again: int) -> str:
    """How it is known that they are equal."""
    were = "was" if files == 1 else "were"
    head = f"{files:,} of them {were} already there"
    if not not_read_again:
        return f"{head}: both sides were read and are equal."
    if not_read_again >= files:
        return (
            f"{head}, unchanged since an earlier transfer read and verified {_them(files)}; "
            f"“--read-again” would read {_them(files)}."
        )
    return (
        f"{head} and are equal; {not_read_again:,} of these are unchanged since an earlier "
        "transfer read them and were not read again."
    )


def _them(files: int) -> str:
    return "it" if files == 1 else "them"


def _originals(view: TransferView) -> str:
    if view.files_renamed and view.files_renamed == view.files_total:
        return f"{_folders(view).capitalize()}."
    if view.mode is Mode.COPY or not view.originals_removed:
        return "Originals are kept." if not view.files_renamed else "The other originals are kept."
    copied = view.files_total - view.files_renamed
    if view.originals_removed < copied:
        kept = copied - view.originals_removed
        return f"{counted(view.originals_removed, 'original')} removed, {kept:,} kept."
    return f"Originals are removed ({view.originals_removed:,}); {_folders(view, 'their ')}."


def _folders(view: TransferView, whose: str = "") -> str:
    if view.options.remove_empty_folders:
        return "folders that nothing was left in are removed"
    return f"{whose}folders stay"


def _so_far(view: TransferView) -> str:
    if view.files_renamed:
        moved = (
            f"{view.files_renamed:,} of {counted(view.files_total, 'file')} moved to their place"
        )
        return f"{moved}, {view.files_verified:,} verified."
    if not view.files_verified:
        return "No file is verified yet." if not view.is_within_volume else "No file is moved yet."
    are = "is" if view.files_verified == 1 else "are"
    return f"{view.files_verified:,} of {counted(view.files_total, 'file')} {are} verified."


def _failed(ending: Ending, common: Common) -> list[str]:
    view = ending.view
    if view.files_failed:
        moved = f"{view.files_renamed:,} moved, " if view.files_renamed else ""
        head = (
            f"{_how_many_failed(ending)}; {moved}{view.files_verified:,} verified {_where(view)}."
        )
    else:
        head = f"{_what(view)}: not everything went well. {view.message}".strip()
    lines = [" ".join([head, *_remarks(ending), f"Transfer {view.id}."])]
    lines += [f"  {sentence}" for item in ending.failed for sentence in failures_of(item)]
    lines += _manifests(ending) if view.files_failed else []  # else the message has said it
    lines += [*_written(ending), *_aside(ending)]
    lines = list(dict.fromkeys(lines))  # what fails an item may be noted of its original as well
    if len(ending.failed) < view.files_failed:
        rest = view.files_failed - len(ending.failed)
        show = command_line(common, "history", "show", str(view.id))
        lines.append(f"  and {rest:,} more: “{show}” lists them all.")
    if ending.failed:
        again = command_line(common, "resume", str(view.id))
        lines.append(f"“{again}” tries again what failed, and only that.")
    return lines


def _how_many_failed(ending: Ending) -> str:
    """Folders and links are not in the total, so they are not counted as files of it."""
    view = ending.view
    of_all = counted(view.files_total, "file")
    others = sum(item.kind is not ItemKind.FILE for item in ending.failed)
    if len(ending.failed) < view.files_failed:  # some are not at hand
        if others or view.files_failed > view.files_total:
            return f"{view.files_failed:,} files, folders or links failed"
        return f"{view.files_failed:,} of {of_all} failed"
    files = len(ending.failed) - others
    what = [f"{files:,} of {of_all}"] if files else []
    if others:
        what.append("1 folder or link" if others == 1 else f"{others:,} folders or links")
    return f"{' and '.join(what)} failed"


def _manifests(ending: Ending) -> list[str]:
    """What the source's own manifests say of it, one sentence a line."""
    return [f"  {sentence}" for sentence in ending.manifests.sentences()]


def _written(ending: Ending) -> list[str]:
    """The manifests that it left, one a line."""
    lines = []
    for one in ending.written:
        line = f"  Manifest of {counted(one.files, 'file')}: {one.path}"
        if one.left_out:
            line += f"; {one.left_out:,} are not in it (links, odd names, what is not verified)"
        lines.append(line)
    return lines


def _aside(ending: Ending) -> list[str]:
    """What has to be known beside the outcome: named, one a line."""
    lines = [f"  {note.message}" for note in ending.notes]
    lines += [f"  {line.message}" for line in ending.not_kept]
    left_out = sum(note.error_type == "SpecialFile" for note in ending.notes)
    if left_out < ending.view.special_skipped:
        lines.append(f"  and {ending.view.special_skipped - left_out:,} more were left out.")
    return [*lines, _WEAK_PROOF] if ending.view.copies_from_cache else lines


def failures_of(item: ItemView) -> list[str]:
    """Why an item failed, once for each reason."""
    found = [copy.message for copy in item.copies if copy.message] or [item.message]
    sentences = [sentence for sentence in dict.fromkeys(found) if sentence]
    return sentences or [f"{item.path.text} failed."]
