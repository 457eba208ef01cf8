"""What one can ask for about watch folders: check, add, change, switch, remove, and see."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from ketter_gui.disk.folder import Tree, open_root
from ketter_gui.domain.errors import NothingToDo, RefusedError, SourceUnreadable
from ketter_gui.domain.items import Place
from ketter_gui.domain.names import to_text
from ketter_gui.domain.options import Request
from ketter_gui.domain.views import Problem
from ketter_gui.domain.watch_errors import (
    DestinationIsWatched,
    WatchFoldersOverlap,
    WatchNotAFolder,
    WatchRulesRefused,
)
from ketter_gui.domain.watch_tokens import fixed_part
from ketter_gui.domain.watching import (
    LONGEST_SETTLE_S,
    Method,
    Version,
    WatchRules,
    WatchState,
    WatchView,
    WouldTake,
)
from ketter_gui.queue.witness import now_us
from ketter_gui.service.resolve import resolve
from ketter_gui.store import taken, watch_folders
from ketter_gui.store.claims import overlap
from ketter_gui.store.ledger import Ledger
from ketter_gui.store.watch_folders import WatchRecord
from ketter_gui.system.file_systems import KEEPS_INODES
from ketter_gui.system.volumes import file_system_of, locate
from ketter_gui.watch.folder import name_of
from ketter_gui.watch.looking import Eye

_SHOWN: Final = 20
_MOST: Final = 1_000_000_000
_SILENT_US: Final = 90_000_000
"""An owner writes every half minute; one that has not for so long hangs."""

_BEHIND_FILES: Final = 10_000
_HOUR_US: Final = 3_600_000_000


def check(
    ledger: Ledger, path: bytes, rules: WatchRules, watch: int | None = None
) -> tuple[Problem, ...]:
    """What keeps a folder from being watched by these rules, beside its cause; `watch` is the
    watch folder that is changed. May wait for disks."""
    problems = [*_rule_problems(rules)]
    path = os.path.normpath(path)
    try:
        place = _place(path)
    except RefusedError as error:
        return (Problem("source", 0, error), *problems)
    others = [one for one in ledger.read(watch_folders.watch_folders) if one.id != watch]
    for other in others:
        if _overlaps(place, other):
            words = to_text(other.path).text
            overlap = WatchFoldersOverlap(path, other=words, watch=other.id)
            problems.append(Problem("source", 0, overlap))
            break
    problems += _destination_problems(path, place, rules, others)
    return tuple(problems)


def _rule_problems(rules: WatchRules) -> Iterable[Problem]:
    if not 0 <= rules.settle_s <= LONGEST_SETTLE_S:
        yield _refused("The settle time", f"{rules.settle_s:g} s", "between 0 s and 24 h")
    for name, value in (
        ("The number of cycles", rules.max_cycles),
        ("The number of failures", rules.max_failures),
        ("The longest run", rules.max_runtime_s),
        ("The time without a new file", rules.quiet_h),
    ):
        if not 0 <= value <= _MOST:  # nor what is no number at all
            yield _refused(name, f"{value:g}", f"0, for no limit, or up to {_MOST:,}")


def _refused(rule: str, value: str, wanted: str) -> Problem:
    return Problem("options", 0, WatchRulesRefused(rule=rule, value=value, wanted=wanted))


def _place(path: bytes) -> Place:
    try:
        mode = os.stat(path).st_mode
    except OSError as error:
        raise SourceUnreadable(path, errno=error.errno) from error
    if not stat.S_ISDIR(mode):
        raise WatchNotAFolder(path)
    return locate(path)


def _destination_problems(
    path: bytes, place: Place, rules: WatchRules, others: Sequence[WatchRecord]
) -> Iterable[Problem]:
    if not rules.destinations:
        yield Problem("destination", 0, NothingToDo(role="destination"))
    fixed: dict[bytes, int] = {}
    for index, destination in enumerate(rules.destinations):
        try:
            top = fixed_part(destination)
        except RefusedError as error:
            yield Problem("destination", index, error)
            continue
        if top in fixed and destination == rules.destinations[fixed[top]]:
            continue  # `resolve` names two that are one only where they have no tokens
        fixed.setdefault(top, index)
        if other := _comes_back(place, locate(top), others):
            words = to_text(other.path).text
            yield Problem("destination", index, DestinationIsWatched(top, other=words))
    if not fixed:
        return
    request = Request((path,), tuple(fixed), rules.mode, rules.options, True)
    found = resolve(replace(request, options=rules.options.with_manifest_checksums()))
    positions = list(fixed.values())
    for problem in found.problems:
        index = positions[problem.index] if problem.about == "destination" else problem.index
        yield Problem(problem.about, index, problem.error)


def _comes_back(
    watched: Place, destination: Place, others: Sequence[WatchRecord]
) -> WatchRecord | None:
    """The watch folder that would bring copies from this destination back to where they came
    from, at once or through further ones."""
    reached: set[int] = set()
    pending = [destination]
    first: WatchRecord | None = None
    while pending:
        here = pending.pop()
        for other in others:
            if other.id in reached or not _overlaps(here, other):
                continue
            reached.add(other.id)
            first = first or other
            for one in other.rules.destinations:
                there = locate(fixed_part(one))
                if _overlaps(there, watched):
                    return first
                pending.append(there)
    return None


def _overlaps(one: Place, other: Place | WatchRecord) -> bool:
    return one.volume == other.volume and overlap(one.within.strip(b"/"), other.within.strip(b"/"))


def prepared(rules: WatchRules) -> WatchRules:
    """With the volumes that its destinations are on now. May wait for disks."""
    volumes = tuple(locate(fixed_part(one)).volume for one in rules.destinations)
    return replace(rules, volumes=volumes, options=rules.options.with_manifest_checksums())


def would_take(
    ledger: Ledger, path: bytes, rules: WatchRules, stop: threading.Event, watch: int | None = None
) -> WouldTake:
    """What it would take of what is there now, when all of it has settled. Waits for disks.
    Raises SourceUnreadable."""
    kind = file_system_of(path)

    def known(folder: bytes) -> Mapping[bytes, set[Version]]:
        if stop.is_set():
            raise InterruptedError
        if watch is None:
            return {}
        return ledger.read(lambda database: taken.taken_in(database, watch, folder))

    eye = Eye(rules, known, has_inodes=kind in KEEPS_INODES)
    try:
        with Tree(open_root(path)) as tree:
            seen = eye.look_at_all(tree)
    except InterruptedError:
        return WouldTake(0, 0, ())
    except OSError as error:
        raise SourceUnreadable(path, errno=error.errno) from error
    files = [one for pile in seen.piles.values() if not pile.blocked for one in pile.files]
    first = tuple(to_text(one.path).text for one in files[:_SHOWN])
    return WouldTake(len(files), sum(one.state.size_bytes for one in files), first)


def view(
    record: WatchRecord, live: Mapping[str, object] | None, where: str, *, is_here: bool
) -> WatchView:
    """A watch folder as a card. `live` are the figures of this process, if it is here."""
    figures = live if live is not None else record.figures
    is_watched = live is not None or record.owner is not None
    state = _state(record, figures, is_watched=is_watched)

    def number(name: str) -> int:
        value = figures.get(name, 0)
        return value if isinstance(value, int) else 0

    is_active = state not in (WatchState.OFF, WatchState.TRIPPED)
    return WatchView(
        id=record.id,
        path=to_text(record.path),
        name=to_text(name_of(record.path)).text,
        is_on=record.is_on,
        state=state,
        rules=record.rules,
        message=record.tripped or (str(figures.get("message", "")) if is_active else ""),
        method=Method(str(figures.get("method", Method.EVENTS.value))),
        note=str(figures.get("note", "")) if is_active else "",
        health=_health(record, figures, is_watched=is_watched) if is_active else (),
        where=where,
        is_here=is_here,
        files_seen=number("files_seen"),
        files_waiting=number("waiting") if is_active else 0,
        files_ready=number("ready") if is_active else 0,
        files_taken=record.files_taken,
        bytes_taken=record.bytes_taken,
        last_file=to_text(record.last_file).text,
        last_taken_us=record.last_taken_us,
        scanned_us=number("scanned_us"),
        next_scan_us=number("next_scan_us") if is_active else 0,
        scan_s=number("scan_ms") / 1000,
        heartbeat_us=record.heartbeat_us,
        cycles=number("cycles"),
        failures=number("failures"),
        transfer=number("transfer") or None,
        created_us=record.created_us,
    )


def _state(record: WatchRecord, figures: Mapping[str, object], *, is_watched: bool) -> WatchState:
    if record.tripped:
        return WatchState.TRIPPED
    if not record.is_on and not is_watched:
        return WatchState.OFF
    if not is_watched:
        return WatchState.STARTING
    return WatchState(str(figures.get("state", WatchState.STARTING.value)))


def _health(
    record: WatchRecord, figures: Mapping[str, object], *, is_watched: bool
) -> tuple[str, ...]:
    """What is not as it should be, in sentences."""
    found: list[str] = []
    if not is_watched:
        return ("No Ketter that is running watches it: open the window, or “ketter watch run”.",)
    missed = figures.get("missed", ())
    found += [str(one) for one in missed] if isinstance(missed, list) else []
    now = now_us()
    quiet_us = round(record.rules.quiet_h * _HOUR_US)
    since_us = now - (record.last_taken_us or record.created_us)
    if quiet_us and since_us >= quiet_us:
        hours = since_us // _HOUR_US
        word = "an hour" if hours <= 1 else f"{hours:,} hours"
        found.append(f"Nothing new has come for {word}.")
    ready = figures.get("ready", 0)
    if isinstance(ready, int) and ready > _BEHIND_FILES:
        found.append(f"It is falling behind: {ready:,} files have settled and wait.")
    if record.heartbeat_us and now - record.heartbeat_us > _SILENT_US:
        found.append("Whoever watches it has given no sign of life for more than a minute.")
    return tuple(found)
