"""The plain sentence under the sheet: what will happen when Start is pressed."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from ketter_gui.domain.names import to_text
from ketter_gui.domain.options import CHECKSUM_LABELS, Mode, OnConflict, Options, Pack
from ketter_gui.ui.draft import Draft, Marked
from ketter_gui.ui.words import Words, translate_error


@dataclass(frozen=True, slots=True)
class Sentence:
    """`strong` is the plan, `rest` what it means; `tone` colours the note they stand in."""

    strong: str
    rest: str = ""
    tone: str = ""
    icon: str = "info"
    token: str = "accent"


def tr(text: str) -> str:
    """A sentence of this module in the window's language."""
    return QCoreApplication.translate("Plan", text)


def plan(draft: Draft, words: Words, *, drives: int, short: tuple[str, ...]) -> Sentence:
    """What will happen. `drives` is how many volumes the destinations are on; `short`
    names those that may not have the room."""
    sources, places = draft.sources(), draft.destinations()
    if not sources:
        return Sentence(
            tr("Add what is to be copied."), tr("Drop or paste it here, or choose it with Add.")
        )
    if not places:
        return Sentence(
            tr("Choose where it goes."), tr("Tick one or more drives, or choose another folder.")
        )
    if marked := draft.marked():
        return _kept_by(marked, words)
    if short:
        names = words.listed(short)
        return Sentence(
            tr("There may not be enough room on %1.").replace("%1", names),
            tr("Ketter looks again, file by file, before it copies anything."),
            "warn",
            "triangle",
        )
    request = draft.request()
    is_move = request.mode is Mode.MOVE
    what = _what(draft, words)
    renamed = draft.renamed()
    if len(renamed) == len(sources):
        return _within(what, request.options)
    where = _where(words, len(places), drives)
    template = tr("Move %1 to %2") if is_move else tr("Copy %1 to %2")
    checksum = CHECKSUM_LABELS.get(request.options.checksums[0], request.options.checksums[0])
    strong = template.replace("%1", what).replace("%2", where)
    strong += _packed(draft, request.options.pack)
    strong += tr(", every copy read back and verified with %1.").replace("%1", checksum)
    rest = _originals(is_move=is_move, places=len(places))
    if renamed:
        one = tr("1 source is on that drive already: its files are renamed, without a second copy.")
        many = tr("%1 sources are on that drive already: they are renamed, without a second copy.")
        rest = f"{rest} {words.count(len(renamed), one, many)}"
    rest = f"{rest} {_conflict(request.options.on_conflict)}"
    if kept_free_bytes := request.options.reserve_bytes:
        kept = tr("At least %1 stay free on each drive.")
        rest += " " + kept.replace("%1", words.size_brief(kept_free_bytes))
    if bytes_per_s := request.options.limit_bytes_per_s:
        rest += " " + tr("No faster than %1.").replace("%1", words.speed(bytes_per_s))
    return Sentence(strong, rest)


def _within(what: str, options: Options) -> Sentence:
    """A move inside one drive: said to be no second copy, before it starts."""
    checksum = CHECKSUM_LABELS.get(options.checksums[0], options.checksums[0])
    strong = tr("Move %1 within its drive: each file is read once with %2, then renamed.")
    strong = strong.replace("%1", what).replace("%2", checksum)
    rest = tr(
        "There is one file as before, no second copy. What cannot be renamed is copied and "
        "verified first; folders stay."
    )
    conflict = _conflict(options.on_conflict)
    if options.on_conflict is OnConflict.OVERWRITE:
        conflict = tr("A different file of the same name is replaced.")
    return Sentence(strong, f"{rest} {conflict}")


def _kept_by(marked: tuple[Marked, ...], words: Words) -> Sentence:
    """The first problem in its own words: its card may be out of sight."""
    what, _safe, todo = marked[0].error.sentences(translate_error)
    rest = [todo] if todo else []
    if len(marked) > 1:
        one, many = tr("One more is marked above."), tr("%1 more are marked above.")
        rest.append(words.count(len(marked) - 1, one, many))
    return Sentence(what, " ".join(rest), icon="triangle", token="fail")


def _what(draft: Draft, words: Words) -> str:
    sources = draft.sources()
    size = words.size_brief(draft.total_bytes())
    if len(sources) == 1:
        name = to_text(sources[0].path.rsplit(b"/", 1)[-1] or b"/").text
    else:
        name = words.count(len(sources), "", tr("%1 sources"))
    if draft.is_counting() or not draft.total_files():
        return name
    return tr("%1 from %2").replace("%1", size).replace("%2", name)


def _packed(draft: Draft, pack: Pack) -> str:
    """“…as A001.zip”."""
    if pack is Pack.UNZIP:
        return tr(", unpacked")
    if pack is not Pack.ZIP:
        return ""
    sources = draft.sources()
    if len(sources) > 1:
        return tr(", each folder as a ZIP archive")
    name = to_text(sources[0].path.rsplit(b"/", 1)[-1]).text
    return tr(" as %1").replace("%1", f"{name}.zip")


def _where(words: Words, places: int, drives: int) -> str:
    if drives < places:
        return words.count(places, tr("one place"), tr("%1 places"))
    return {1: tr("one drive"), 2: tr("two drives"), 3: tr("three drives")}.get(
        places, tr("%1 drives").replace("%1", words.number(places))
    )


def _originals(*, is_move: bool, places: int) -> str:
    if not is_move:
        return tr("Originals are kept.")
    if places == 1:
        return tr("Each original is removed once its copy is proven; folders stay.")
    return tr("Each original is removed once all its copies are proven; folders stay.")


def _conflict(policy: OnConflict) -> str:
    return {
        OnConflict.SKIP: tr("Nothing that is there is overwritten."),
        OnConflict.RENAME: tr("What is there is kept; a different file arrives with a number."),
        OnConflict.OVERWRITE: tr("A different file of the same name is replaced after proof."),
        OnConflict.FAIL: tr("Any name that is taken is reported as failed."),
    }[policy]
