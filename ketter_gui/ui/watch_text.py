"""What a watch folder's card says: its state, its rules, what it has seen, when it looks."""

from __future__ import annotations

import time

from PySide6.QtCore import QCoreApplication

from ketter_gui.domain.names import to_text
from ketter_gui.domain.options import Mode
from ketter_gui.domain.watching import Method, Unit, WatchRules, WatchState, WatchView
from ketter_gui.ui.states import State
from ketter_gui.ui.words import Words

_MOUNTED_UNDER = frozenset({b"media", b"mnt", b"Volumes"})
NEEDS_A_PERSON = frozenset({WatchState.TRIPPED, WatchState.UNREACHABLE})


def tr(text: str) -> str:
    """A sentence of this module in the window's language."""
    return QCoreApplication.translate("Watch", text)


def watch_state(view: WatchView, words: Words) -> State:
    """The state as shape, word and colour. Never green: that is for what was proven."""
    match view.state:
        case WatchState.OFF:
            return State("pause", tr("Off"), "second")
        case WatchState.STARTING:
            return State("ring", tr("Looking through it"), "accent", "accent-soft")
        case WatchState.IDLE:
            return State("eye", tr("Watching"), "accent", "accent-soft")
        case WatchState.SETTLING:
            one, many = tr("Waiting for 1 file to settle"), tr("Waiting for %1 files to settle")
            return State(
                "clock", words.count(view.files_waiting, one, many), "accent", "accent-soft"
            )
        case WatchState.WORKING:
            word = tr("Moving") if view.rules.mode is Mode.MOVE else tr("Copying")
            return State("half", word, "accent", "accent-soft")
        case WatchState.UNREACHABLE:
            return State("broken", tr("Cannot be reached"), "warn", "warn-soft")
        case WatchState.TRIPPED:
            return State("triangle", tr("Stopped itself"), "fail", "fail-soft")


def rules_line(rules: WatchRules, words: Words) -> str:
    """`copies to LTO_STAGE · settled after 30 s · each file`."""
    places = words.listed(tuple(short_place(path) for path in rules.destinations))
    text = tr("Moves to %1") if rules.mode is Mode.MOVE else tr("Copies to %1")
    said = [text.replace("%1", places), settled(rules, words)]
    said.append(tr("whole folders") if rules.unit is Unit.FOLDER else tr("each file"))
    if rules.is_once:
        said.append(tr("once"))
    return " · ".join(said)


def settled(rules: WatchRules, words: Words) -> str:
    """When something may be taken."""
    if not rules.settle_s:
        return tr("taken at once")
    return tr("settled after %1").replace("%1", words.duration(round(rules.settle_s)))


def short_place(path: bytes) -> str:
    """The last two parts of a destination before its tokens, without where drives are
    mounted: enough to know it by."""
    parts = path.split(b"{", 1)[0].strip(b"/").split(b"/")
    if b"{" in path and not path.split(b"{", 1)[0].endswith(b"/"):
        parts = parts[:-1]  # the token is in the middle of a name
    shown = parts[1:] if len(parts) > 1 and parts[0] in _MOUNTED_UNDER else parts
    return to_text(b"/".join(shown[-2:]) or path).text


def counts_line(view: WatchView, words: Words) -> str:
    """`3 waiting · 12 ready · 61 taken, 44 GB`; what is nothing is not said."""
    said = [
        words.count(number, one, many)
        for number, one, many in (
            (view.files_waiting, tr("1 waiting"), tr("%1 waiting")),
            (view.files_ready, tr("1 ready"), tr("%1 ready")),
        )
        if number
    ]
    if view.files_taken:
        taken = words.count(view.files_taken, tr("1 file taken"), tr("%1 files taken"))
        said.append(f"{taken}, {words.size_brief(view.bytes_taken)}")
    return " · ".join(said) or tr("Nothing taken yet")


def last_line(view: WatchView, words: Words) -> str:
    """The newest file that was taken, and when; empty before the first."""
    if not view.last_file:
        return ""
    return f"{view.last_file} · {words.day(view.last_taken_us)}"


def next_line(view: WatchView, words: Words, *, now_us: int | None = None) -> str:
    """When it looks again; empty while nobody watches it."""
    if view.state in {WatchState.OFF, WatchState.TRIPPED}:
        return ""
    left_s = (view.next_scan_us - (now_us or time.time_ns() // 1000)) / 1e6
    if view.method is Method.SCANS:
        every_s = (view.next_scan_us - view.scanned_us) / 1e6
        if not view.scanned_us or every_s < 1:
            return tr("Looks again and again")
        text = tr("Looks every %1")
        if not view.note:  # which has the reason
            text = tr("Looks every %1, since this drive tells nothing of what is new")
        return text.replace("%1", words.duration(round(every_s)))
    if not view.next_scan_us:
        return ""
    if left_s < 1:
        return tr("Is about to look through everything again")
    text = tr("Looks through everything again in %1")
    return text.replace("%1", words.duration(round(left_s)))


def plan(name: str, rules: WatchRules, words: Words) -> str:
    """What will happen from now on, as a sentence."""
    if not name:
        return tr("Choose the folder that is watched.")
    if not rules.destinations:
        return tr("Choose where new files go.")
    what = tr("Each file that is new in %1")
    if rules.unit is Unit.FOLDER:
        what = tr("Each folder that is new in %1")
    if rules.sentinel:
        what = tr("Each folder in %1 that holds a file “%2”").replace("%2", rules.sentinel)
    if rules.settle_s:
        when = tr("and has not changed for %1")
        what += " " + when.replace("%1", words.duration(round(rules.settle_s)))
    places = words.listed(tuple(short_place(path) for path in rules.destinations))
    then = tr("is copied to %2 and read back from there; the original stays.")
    if rules.mode is Mode.MOVE:
        then = tr("is copied to %2 and read back from there; then the original is removed.")
    return f"{what} {then}".replace("%1", name).replace("%2", places)
