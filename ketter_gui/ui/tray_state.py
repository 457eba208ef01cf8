"""What the tray says of everything together: a mood, a ring, a line and a tip.

Which folders are watched is asked through `Watching`, so that the tray does not care who
watches them; without one the section is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from PySide6.QtCore import QCoreApplication

from ketter_gui.domain.status import TransferStatus
from ketter_gui.domain.views import Snapshot, TransferView
from ketter_gui.ui.states import WORKS
from ketter_gui.ui.words import Words

_T = TransferStatus
_LONGEST_NAME: Final = 40
_NEVER_FULL: Final = 99
"""Per cent: a ring looks full only when the work is over."""


def tr(text: str) -> str:
    """A sentence of this module in the window's language."""
    return QCoreApplication.translate("Tray", text)


class Mood(StrEnum):
    """What is drawn inside the ring, the worst of everything. Each is a shape of its own."""

    CALM = "calm"
    ATTENTION = "attention"
    TRIPPED = "tripped"


@dataclass(frozen=True, slots=True)
class WatchRow:
    """A watch folder as the tray sees it. `text` is its state in words; one that is tripped
    was stopped by its guard and is on again only after a restart."""

    id: int
    name: str
    is_on: bool
    is_tripped: bool = False
    is_attention: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class Watching:
    """The way to the watch folders, by their ids. All of it may wait for the ledger, and is
    called off the window's thread."""

    folders: Callable[[], Sequence[WatchRow]]
    turn: Callable[[int, bool], None]
    restart: Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Ring:
    """How far the work is, in per cent of its bytes; both 0 while that is being counted. What
    was only renamed is no proof: it is among `copied`."""

    copied: int = 0
    verified: int = 0


@dataclass(frozen=True, slots=True)
class TrayState:
    """`ring` is None while nothing is at work. `lines` begin with what matters most."""

    mood: Mood
    ring: Ring | None
    lines: tuple[str, ...]


def tray_state(
    snapshot: Snapshot,
    words: Words,
    folders: Sequence[WatchRow] = (),
) -> TrayState:
    """The state of everything, told in order of how much it matters."""
    works = [one for one in snapshot.transfers if one.status in WORKS]
    needs = [one for one in snapshot.transfers if needs_someone(one)]
    tripped = [one for one in folders if one.is_tripped]
    uneasy = any(one.is_attention for one in folders)
    mood = Mood.ATTENTION if needs or uneasy else Mood.CALM
    if tripped:
        mood = Mood.TRIPPED
    ring = _ring(works) if works else None
    lines = [*_tripped(tripped, words), *_needing(needs, words), *_working(snapshot, works, words)]
    if not works:
        lines += _waiting(snapshot, words)
    if not lines:
        lines = [_calm(folders, words)]
    return TrayState(mood, ring, tuple(lines))


def needs_someone(transfer: TransferView) -> bool:
    """Whether a person should look: it failed, was cut off, or waits for what is not there."""
    if transfer.status in {_T.FAILED, _T.INTERRUPTED, _T.WAITING}:
        return True
    if transfer.status in WORKS and not transfer.is_answering:
        return True
    return bool(transfer.files_failed or transfer.copies_doubted)


def short(name: str) -> str:
    """A name that leaves room for what is said of it; `…` in its middle."""
    if len(name) <= _LONGEST_NAME:
        return name
    half = (_LONGEST_NAME - 1) // 2
    return f"{name[:half]}…{name[-half:]}"


def _ring(works: list[TransferView]) -> Ring:
    total = sum(one.bytes_total for one in works)
    if not total:
        return Ring()
    verified = sum(one.bytes_verified for one in works)
    copied = sum(max(one.bytes_copied, one.bytes_verified) + one.bytes_renamed for one in works)
    return Ring(*(min(_NEVER_FULL, 100 * part // total) for part in (copied, verified)))


def _tripped(tripped: list[WatchRow], words: Words) -> list[str]:
    if not tripped:
        return []
    if len(tripped) == 1:
        return [tr("%1 was stopped by its guard").replace("%1", short(tripped[0].name))]
    text = tr("%1 watch folders were stopped by their guard")
    return [text.replace("%1", words.number(len(tripped)))]


def _needing(needs: list[TransferView], words: Words) -> list[str]:
    if not needs:
        return []
    if len(needs) == 1:
        return [tr("%1 needs you").replace("%1", short(needs[0].name))]
    return [tr("%1 transfers need you").replace("%1", words.number(len(needs)))]


def _working(snapshot: Snapshot, works: list[TransferView], words: Words) -> list[str]:
    if not works:
        return []
    is_proof = not any(one.bytes_renamed or one.is_within_volume for one in works)
    ring = _ring(works)
    done = words.percent(10 * (ring.verified if is_proof else ring.copied))
    said = (tr("%1 verified") if is_proof else tr("%1 done")).replace("%1", done)
    if all(one.status is _T.PREPARING for one in works):
        said = tr("preparing")
    elif snapshot.seconds_left is not None:
        said = f"{said}, {words.left(snapshot.seconds_left)}"
    name = short(works[0].name)
    if len(works) > 1:
        name = tr("%1 transfers").replace("%1", words.number(len(works)))
    return [f"{name}: {said}"]


def _waiting(snapshot: Snapshot, words: Words) -> list[str]:
    pending = sum(1 for one in snapshot.transfers if one.status is _T.PENDING)
    paused = sum(1 for one in snapshot.transfers if one.status is _T.PAUSED)
    lines = []
    if pending:
        lines.append(words.count(pending, tr("1 transfer waits"), tr("%1 transfers wait")))
    if paused:
        text = words.count(paused, tr("1 transfer is paused"), tr("%1 transfers are paused"))
        lines.append(text)
    return lines


def _calm(folders: Sequence[WatchRow], words: Words) -> str:
    watched = sum(1 for one in folders if one.is_on)
    if watched:
        return words.count(watched, tr("Watching 1 folder"), tr("Watching %1 folders"))
    return tr("Nothing at work")
