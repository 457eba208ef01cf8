"""What destinations could not keep: remembered copy by copy, told once at the end.

Nothing of this is a failure: the bytes are proven, and the transfer completes. It is told
so that nobody finds out later.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ketter_gui.domain.items import Loss
from ketter_gui.domain.names import to_text
from ketter_gui.domain.views import NOT_KEPT
from ketter_gui.engine.journal import Noted, NotKept
from ketter_gui.engine.plan import Bench

_COARSE: Final = {
    Loss.TIMES_TO_MICROSECOND: "less than a microsecond",
    Loss.TIMES_TO_SECOND: "less than a second",
    Loss.TIMES_TO_TWO_SECONDS: "up to two seconds",
}
_ROUNDED: Final = Loss.TIMES_TO_MICROSECOND | Loss.TIMES_TO_SECOND | Loss.TIMES_TO_TWO_SECONDS
_SENTENCES: Final = (
    ("times", Loss.TIMES, "{where} could not keep the times of {items}."),
    ("times rounded", _ROUNDED, "{where} keeps times less exactly: {items} {differ} by {step}."),
    ("permissions", Loss.MODE, "{where} could not keep the permissions of {items}."),
    ("owner", Loss.OWNER, "The owner or group of {items} could not be kept on {where}."),
    ("attributes", Loss.XATTRS, "{where} could not keep the extended attributes of {items}."),
    ("access lists", Loss.ACCESS_LIST, "{where} could not keep the access lists of {items}."),
    ("holes", Loss.HOLES, "{where} has no sparse files: the holes of {items} were filled."),
    (
        "hard links",
        Loss.HARD_LINK,
        "The hard links of {items} could not be kept on {where}: whole copies are there.",
    ),
    ("symlinks", Loss.SYMLINK, "Symbolic links that {where} cannot hold were left out: {items}."),
    (
        "atomic names",
        Loss.ATOMIC_NAME,
        "{where} has no atomic naming: for {items} it was checked that the name is free, then given.",
    ),
)


def tell(bench: Bench, item: int, destination: int, loss: Loss) -> None:
    """Remember what a destination could not keep of an item, if anything."""
    if loss:
        bench.journal.record(NotKept(item, destination, loss))


def note_losses(
    bench: Bench, lost: Iterable[tuple[int, Loss, int]], skipped_links: int = 0
) -> None:
    """Say once, with the count, what was lost: (destination, all that was, copies); and how
    many links were left out because a person asked for that."""
    found = [  # of what is not there, nothing else was lost
        (destination, Loss.SYMLINK if loss & Loss.SYMLINK else loss, copies)
        for destination, loss, copies in lost
    ]
    if skipped_links:
        links = (
            "1 symbolic link was"
            if skipped_links == 1
            else f"{skipped_links:,} symbolic links were"
        )
        message = f"{links} left out, as asked."
        bench.journal.record(Noted(NOT_KEPT + "skipped symlinks", message, skipped_links))
    for what, kind, sentence in _SENTENCES:
        hit = [one for one in found if one[1] & kind]
        if not hit:
            continue
        count = sum(copies for _, _, copies in hit)
        message = sentence.format(
            where=_where(bench, {destination for destination, _, _ in hit}),
            items="1 item" if count == 1 else f"{count:,} items",
            differ="differs" if count == 1 else "differ",
            step=_step(loss for _, loss, _ in hit),
        )
        bench.journal.record(Noted(NOT_KEPT + what, message, count))


def _where(bench: Bench, destinations: set[int]) -> str:
    places = [to_text(bench.plan.destinations[one].path).text for one in sorted(destinations)]
    if len(places) == 1:
        return places[0]
    return f"{', '.join(places[:-1])} and {places[-1]}"


def _step(losses: Iterable[Loss]) -> str:
    """How far the times are off at the most."""
    all_of_them = Loss.NONE
    for loss in losses:
        all_of_them |= loss
    for step, words in reversed(_COARSE.items()):
        if all_of_them & step:
            return words
    return ""
