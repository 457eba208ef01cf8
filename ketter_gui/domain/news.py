"""What is told to a person who is looking elsewhere, and in which words.

Pure: events and the time go in, notices come out. A burst of events of one kind has one
notice, which grows, so that a screen is not flooded; what is critical is told at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

TRANSFERS_EVERY_S: Final = 10.0
"""Ends of transfers within this time of the last notice of them are told together."""
WATCH_EVERY_S: Final = 60.0
"""So long files are gathered that a watch folder took."""


class Urgency(StrEnum):
    """How much a notice may disturb."""

    LOW = "low"
    NORMAL = "normal"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Notice:
    """One bubble. A later one with the same `key` takes its place."""

    key: str
    title: str
    body: str
    urgency: Urgency = Urgency.NORMAL


@dataclass(frozen=True, slots=True)
class TransferDone:
    """A transfer completed. `files_verified` were read back from the drives themselves;
    `files_other` are there without that proof: renamed, or not to be verified, or read back
    from the system's cache. Of all of them none failed."""

    transfer: int
    name: str
    files_verified: int
    files_other: int = 0


@dataclass(frozen=True, slots=True)
class TransferFailed:
    """A transfer failed, as a whole (`files_failed` 0) or in some files. `reason` is a
    sentence, or empty."""

    transfer: int
    name: str
    files_failed: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TransferWaits:
    """A transfer waits, and goes on by itself; `reason` is a sentence."""

    transfer: int
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class WatchTook:
    """A watch folder took files, and every copy of them is verified."""

    watch: int
    name: str
    files: int


@dataclass(frozen=True, slots=True)
class WatchTripped:
    """A watch folder stopped itself, until a person starts it again."""

    watch: int
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class WatchUnreachable:
    """A watch folder does not reach its destination."""

    watch: int
    name: str
    reason: str


TransferEnd = TransferDone | TransferFailed
Event = TransferEnd | TransferWaits | WatchTook | WatchTripped | WatchUnreachable


@dataclass(slots=True)
class _Burst:
    """Events that share one notice. `due_s`: when it is told next, None when it has been."""

    number: int
    events: list[Event] = field(default_factory=list)
    due_s: float | None = None
    told_s: float | None = None


class Desk:
    """Gathers events and gives notices when they are due. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._bursts: dict[str, _Burst] = {}
        self._waiting: set[int] = set()
        self._count = 0

    def take(self, event: Event, now_s: float) -> None:
        """Remember an event until its notice is due."""
        if isinstance(event, TransferWaits):
            if event.transfer in self._waiting:
                return  # it tries again every few seconds, and is told of once
            self._waiting.add(event.transfer)
        elif isinstance(event, TransferDone | TransferFailed):
            self.forget_wait(event.transfer)
        kind, every_s, first_s = _rhythm(event)
        burst = self._bursts.get(kind)
        if burst is None or _is_past(burst, every_s, now_s):
            self._count += 1
            burst = self._bursts[kind] = _Burst(self._count)
        burst.events.append(event)
        if burst.due_s is None:
            burst.due_s = now_s + first_s if burst.told_s is None else burst.told_s + every_s

    def forget_wait(self, transfer: int) -> None:
        """A transfer waits no more; by itself for what is not told, such as cancelled."""
        self._waiting.discard(transfer)
        self._bursts.pop(f"waits {transfer}", None)

    def due_s(self) -> float | None:
        """When `due` has something next; None while nothing is held."""
        return min(
            (one.due_s for one in self._bursts.values() if one.due_s is not None), default=None
        )

    def due(self, now_s: float) -> tuple[Notice, ...]:
        """The notices whose time has come."""
        told = []
        for kind, burst in self._bursts.items():
            if burst.due_s is None or burst.due_s > now_s:
                continue
            burst.due_s, burst.told_s = None, now_s
            told.append(notice(f"{kind} {burst.number}", burst.events))
        return tuple(told)


def notice(key: str, events: Sequence[Event]) -> Notice:
    """The one notice of events of one kind, of which there is at least one."""
    last = events[-1]
    match last:
        case TransferDone() | TransferFailed():
            return _ends(key, [e for e in events if isinstance(e, TransferDone | TransferFailed)])
        case TransferWaits():
            body = f"{last.reason} It goes on by itself."
            return Notice(key, f"{last.name} waits", body)
        case WatchTook():
            files = sum(one.files for one in events if isinstance(one, WatchTook))
            verb = "was" if files == 1 else "were"
            return Notice(
                key,
                f"Watch folder {last.name}",
                f"{_count(files, 'file')} {verb} taken and verified.",
                Urgency.LOW,
            )
        case WatchTripped():
            body = f"{last.reason} It takes nothing until you start it again."
            return Notice(key, f"Watch folder {last.name} has stopped", body, Urgency.CRITICAL)
        case WatchUnreachable():
            title = f"Watch folder {last.name} does not reach its destination"
            return Notice(key, title, last.reason, Urgency.CRITICAL)


def _ends(key: str, events: list[TransferEnd]) -> Notice:
    if len(events) == 1:
        return _end(key, events[0])
    # A transfer that failed, was tried again and is done counts as what it became.
    latest = {one.transfer: one for one in events}
    if len(latest) == 1:
        return _end(key, events[-1])
    failed = [one for one in latest.values() if isinstance(one, TransferFailed)]
    done = len(latest) - len(failed)
    if not failed:
        return Notice(key, f"{_count(done, 'transfer')} are done", _names(list(latest.values())))
    body = f"Failed: {_names(list(failed))}"
    if not done:
        return Notice(key, f"{_count(len(failed), 'transfer')} failed", body, Urgency.CRITICAL)
    verb = "is" if done == 1 else "are"
    title = f"{_count(done, 'transfer')} {verb} done, {len(failed):,} failed"
    return Notice(key, title, body, Urgency.CRITICAL)


def _end(key: str, event: TransferEnd) -> Notice:
    if isinstance(event, TransferDone):
        return Notice(key, f"{event.name} is done", _done(event))
    if event.files_failed:
        verb = "is" if event.files_failed == 1 else "are"
        body = f"{_count(event.files_failed, 'item')} failed and {verb} named in Ketter."
        return Notice(
            key,
            f"{event.name}: {_count(event.files_failed, 'item')} failed",
            body,
            Urgency.CRITICAL,
        )
    return Notice(key, f"{event.name} failed", event.reason or "Ketter says why.", Urgency.CRITICAL)


def _done(event: TransferDone) -> str:
    verified, other = event.files_verified, event.files_other
    if not other:
        verb = "is" if verified == 1 else "are"
        return f"{_count(verified, 'file')} {verb} verified." if verified else "It had no files."
    verb = "is" if other == 1 else "are"
    if not verified:
        return f"{_count(other, 'file')} {verb} in place, without being verified."
    first = "is" if verified == 1 else "are"
    return (
        f"{_count(verified, 'file')} {first} verified; "
        f"{other:,} more {verb} in place, without being verified."
    )


def _rhythm(event: Event) -> tuple[str, float, float]:
    """Kind, least seconds between two notices of it, and how long the first is held."""
    match event:
        case TransferDone() | TransferFailed():
            return "transfers", TRANSFERS_EVERY_S, 0.0
        case TransferWaits():
            return f"waits {event.transfer}", TRANSFERS_EVERY_S, 0.0
        case WatchTook():
            return f"took {event.watch}", WATCH_EVERY_S, WATCH_EVERY_S
        case WatchTripped():
            return f"tripped {event.watch}", WATCH_EVERY_S, 0.0
        case WatchUnreachable():
            return f"unreachable {event.watch}", WATCH_EVERY_S, 0.0


def _is_past(burst: _Burst, every_s: float, now_s: float) -> bool:
    """Whether a burst was told of long enough ago: what comes now has a bubble of its own,
    and takes no unread failure away."""
    return burst.due_s is None and burst.told_s is not None and now_s >= burst.told_s + every_s


def _names(events: list[TransferEnd]) -> str:
    names = [one.name for one in events]
    if len(names) <= 3:
        return ", ".join(names)
    return f"{', '.join(names[:3])} and {len(names) - 3:,} more"


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"
