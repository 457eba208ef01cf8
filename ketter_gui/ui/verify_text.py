"""What is said of a check: how far it is, what came of it, what to do about a finding."""

from __future__ import annotations

from typing import Final, NamedTuple

from PySide6.QtCore import QCoreApplication

from ketter_gui.domain.checking import (
    BAD,
    CheckView,
    Finding,
    NoManifest,
    PlaceChecked,
    Verdict,
)
from ketter_gui.domain.errors import KetterError, VolumeGone
from ketter_gui.ui.states import State
from ketter_gui.ui.verify_runs import Run, What
from ketter_gui.ui.words import Words, translate_error

_LETTERS: Final = 64
_NAMED: Final = 3
"""So many findings stand in a notice; the page has them all."""

_KNOWS_AFTER_S: Final = 3.0


class Said(NamedTuple):
    """A sentence, what follows it, and how both look."""

    title: str
    text: str
    tone: str
    icon: str


def so_far(view: CheckView, words: Words) -> str:
    """How much was read and compared."""
    text = tr("%1 read, %3 of %4 compared.")
    if view.bytes_total:
        text = tr("%1 of %2 read, %3 of %4 compared.")
    text = text.replace("%1", words.size(view.bytes_done))
    text = text.replace("%2", words.size(view.bytes_total))
    text = text.replace("%3", words.number(view.files_done))
    return text.replace("%4", words.files(view.files_total))


def pace(view: CheckView, words: Words) -> str:
    """How fast it is on the whole, and how long it will take."""
    done, total = view.bytes_done, view.bytes_total
    if not done or view.seconds < 0.5:
        return tr("estimating")
    speed = done / view.seconds
    is_known = view.seconds >= _KNOWS_AFTER_S and total >= done
    left = round((total - done) / speed) if is_known else None
    return f"{words.speed(int(speed))} · {words.left(left)}"


def fraction(view: CheckView) -> float:
    """How much of it is done, by bytes where their number is known. Never all before the end."""
    done, total = view.bytes_done, view.bytes_total
    if not total or done > total:  # a checksum list names no sizes
        done, total = view.files_done, view.files_total
    return min(0.99, done / total) if total else 0.0


def outcome(view: CheckView, words: Words, what: What = What.FOLDER) -> Said:
    """The verdict of a check that has ended without an error."""
    equal = words.number(view.count(Verdict.EQUAL))
    rest = counts(view, words)
    if what is What.TWO and view.is_whole and not view.from_cache:
        return _of_two(view, words, rest)
    if not view.is_whole:
        title = tr("Stopped before all copies of %1 were read.")
        if not view.transfer:
            title = tr("Stopped before all of %1 was read.")
        return Said(title.replace("%1", view.name), rest, "warn", "half")
    if view.is_proven:
        title = (
            tr("Every copy of %1 is what it was: %2 read again and equal.")
            if view.transfer
            else tr("%1 is what it should be: %2 read and equal.")
        )
        title = title.replace("%1", view.name).replace("%2", equal)
        return Said(title, rest, "verified", "shield")
    if any(view.count(verdict) for verdict in BAD):
        title = (
            tr("Not every copy of %1 is what it was.")
            if view.transfer
            else tr("Not everything in %1 is what it should be.")
        )
        return Said(title.replace("%1", view.name), rest, "fail", "triangle")
    title = tr("The copies of %1 could only be read from the system’s cache.")
    rest = f"{tr('That proves nothing about the drive.')} {rest}".strip()
    return Said(title.replace("%1", view.name), rest, "warn", "memory")


def _of_two(view: CheckView, words: Words, rest: str) -> Said:
    if any(view.count(verdict) for verdict in BAD):
        return Said(tr("The second folder is not what the first one is."), rest, "fail", "triangle")
    equal = words.files(view.places[-1].counts[Verdict.EQUAL])
    if view.count(Verdict.EXTRA):
        title = tr(
            "All that is in the first folder is in the second one, which has more: %1 equal."
        )
    else:
        title = tr("Both folders are equal: %1 read from each.")
    return Said(title.replace("%1", equal), rest, "verified", "shield")


def word_of(run: Run) -> str:
    """How it stands with a check, in a word."""
    view = run.view()
    if run.error is not None:
        return tr("not done") if view is None else tr("not finished")
    if not run.is_over or view is None:
        return tr("at work")
    if not view.is_whole:
        return tr("stopped")
    if view.is_proven:
        return tr("equal")
    is_bad = any(view.count(verdict) for verdict in BAD)
    return tr("not equal") if is_bad else tr("from the cache")


def refused(error: KetterError) -> Said:
    """Why it could not begin, or could not go on, in its own three sentences."""
    what, safe, todo = error.sentences(translate_error)
    if isinstance(error, NoManifest):  # its own advice is for the command line
        todo = tr("Drop its manifest together with it, or compare it with another folder.")
    if isinstance(error, VolumeGone):  # a transfer would go on by itself
        todo = tr("Connect the drive again, then verify once more.")
    rest = " ".join(sentence for sentence in (safe, todo) if sentence)
    return Said(what, rest, "fail", "triangle")


def counts(view: CheckView, words: Words) -> str:
    """How many are what, but equal; empty when all are."""
    parts = [
        text.replace("%1", words.number(view.count(verdict)))
        for verdict, text in _counted(is_transfer=bool(view.transfer)).items()
        if view.count(verdict)
    ]
    if unproven := sum(place.unproven for place in view.places):
        text = (
            tr("%1 never verified there") if view.transfer else tr("%1 without a checksum of ours")
        )
        parts.append(text.replace("%1", words.number(unproven)))
    return ", ".join(parts) + "." if parts else ""


def _counted(*, is_transfer: bool) -> dict[Verdict, str]:
    extra = tr("%1 of which nothing is said")
    if is_transfer:
        extra = tr("%1 that this transfer did not bring")
    return _counted_short() | {Verdict.EXTRA: extra}


def _counted_short() -> dict[Verdict, str]:
    return {
        Verdict.MISSING: tr("%1 missing"),
        Verdict.CHANGED: tr("%1 changed"),
        Verdict.UNREADABLE: tr("%1 unreadable"),
        Verdict.EXTRA: tr("%1 extra"),
    }


def named(view: CheckView) -> list[str]:
    """The first bad ones, for a notice."""
    bad = [one for one in view.findings if one.verdict in BAD][:_NAMED]
    return [_end_of(one.path.text) for one in bad]


def _end_of(text: str) -> str:
    """The end of a path is what tells; one without a space could not be wrapped."""
    return text if len(text) <= _LETTERS else f"…{text[-_LETTERS:]}"


def of_place(place: PlaceChecked, words: Words) -> str:
    """What was found on one drive, and how it was read."""
    parts = [tr("%1 equal").replace("%1", words.number(place.counts[Verdict.EQUAL]))]
    parts += [
        text.replace("%1", words.number(place.counts[verdict]))
        for verdict, text in _counted_short().items()
        if place.counts[verdict]
    ]
    how = {
        "storage": tr("read from the drive"),
        "server": tr("read from the server"),
        "memory": tr("this volume lives in memory"),
        "cache": tr("in part only from the system’s cache"),
    }
    read = [text for name, text in how.items() if place.read_back[name]]
    return ", ".join(parts) + "".join(f" · {text}" for text in read[-1:])


# --- a finding ---


def verdict_state(verdict: Verdict) -> State:
    """A verdict as a shape, a word and a colour."""
    return {
        Verdict.EQUAL: State("shield", tr("Equal"), "verified", "verified-soft"),
        Verdict.MISSING: State("slash", tr("Missing"), "fail", "fail-soft"),
        Verdict.CHANGED: State("triangle", tr("Changed"), "fail", "fail-soft"),
        Verdict.UNREADABLE: State("broken", tr("Unreadable"), "fail", "fail-soft"),
        Verdict.EXTRA: State("plus", tr("Extra"), "second"),
    }[verdict]


def why(finding: Finding) -> str:
    """The reason as a sentence."""
    text = QCoreApplication.translate("Findings", finding.why)
    sentence = text[:1].upper() + text[1:]
    return sentence if sentence.endswith(("?", ".", "!")) else f"{sentence}."


def todo(verdict: Verdict, what: What) -> str:
    """What a person does about it."""
    if verdict is Verdict.EXTRA:
        return {
            What.COPIES: tr("Nothing, unless it should not be there: the transfer left it alone."),
            What.FOLDER: tr("Nothing, unless it should be listed: no manifest vouches for it."),
            What.TWO: tr("Nothing, unless it should be in the first folder as well."),
        }[what]
    if verdict is Verdict.UNREADABLE:
        return tr("Check the cable and the drive, and verify once more; copy it from elsewhere.")
    again = {
        What.COPIES: tr("Copy it again from the original or from another drive."),
        What.FOLDER: tr("Copy it again from where the manifest was made, or ask for it there."),
        What.TWO: tr("Copy it again from the first folder, if that is the right one."),
    }[what]
    if verdict is Verdict.CHANGED:
        return f"{tr('Do not rely on it.')} {again}"
    return again


def tr(text: str) -> str:
    """A text of this module in the window's language."""
    return QCoreApplication.translate("Verify", text)
