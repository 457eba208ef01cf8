"""Clips of all transfers as a table: what it is called, where it went, whether that is proven."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from ketter_gui.domain.search import SHORTEST, FoundItem
from ketter_gui.domain.status import CopyStatus
from ketter_gui.ui.asked import Asked
from ketter_gui.ui.paged import Column, PagedModel
from ketter_gui.ui.words import Words

SHOWN_AT_MOST = 1000
"""Who looks for one clip among more of them types another letter."""


def columns(words: Words) -> list[Column[FoundItem]]:
    """The columns."""
    return [
        Column(_tr("Clip"), 0, lambda one: _name(one.path.text), is_strong=True),
        Column(
            _tr("In"),
            0,
            lambda one: _folder(one.path.text),
            lambda _: "second",
            is_path=True,
            hides_below=960,
        ),
        Column(_tr("Transfer"), 110, lambda one: one.transfer_name, hides_below=840),
        Column(_tr("Went to"), 0, lambda one: ", ".join(_drives(one))),
        Column(_tr("Size"), 80, lambda one: words.size(one.size_bytes), is_right=True),
        Column(
            _tr("When"),
            132,
            lambda one: words.day(one.when_us),
            lambda _: "second",
            hides_below=560,
        ),
        Column(_tr("Outcome"), 110, _outcome, _token),
    ]


def ask(model: PagedModel[FoundItem], service: Asked, text: str) -> None:
    """Look for a text; for less than a few letters nothing is asked."""
    if len(text) < SHORTEST:
        model.ask(lambda: 0, lambda _offset, _limit: ())
        return
    model.ask(
        lambda: len(service.find_items(text, offset=0, limit=SHOWN_AT_MOST).items),
        lambda offset, limit: service.find_items(text, offset=offset, limit=limit).items,
    )


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1]


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _drives(one: FoundItem) -> list[str]:
    """The destination folders' own names: what lies below them is the clip's path."""
    drives = []
    for copy in one.copies:
        root = copy.path.text.removesuffix(one.path.text).rstrip("/")
        drives.append(root.rsplit("/", 1)[-1] or copy.path.text)
    return drives


def _outcome(one: FoundItem) -> str:
    good = {CopyStatus.VERIFIED, CopyStatus.SKIPPED}
    done = sum(copy.status in good for copy in one.copies)
    if done == len(one.copies):
        return _tr("Verified")
    if any(copy.status is CopyStatus.FAILED for copy in one.copies):
        return _tr("Failed") if not done else _tr("Partly verified")
    if all(copy.status is CopyStatus.RENAMED for copy in one.copies):
        return _tr("Moved")
    return _tr("Not verified")


def _token(one: FoundItem) -> str:
    good = {CopyStatus.VERIFIED, CopyStatus.SKIPPED}
    if all(copy.status in good for copy in one.copies):
        return "verified"
    return "fail" if any(copy.status is CopyStatus.FAILED for copy in one.copies) else "warn"


def _tr(text: str) -> str:
    return QCoreApplication.translate("Clips", text)
