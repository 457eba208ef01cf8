"""What a check has found: filters by verdict, a table of any length, and the one looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from ketter_gui.domain.checking import TOLD_IN_ORDER, Finding, PlaceChecked
from ketter_gui.domain.names import to_bytes
from ketter_gui.ui.background import Background
from ketter_gui.ui.buttons import Button
from ketter_gui.ui.look import Look
from ketter_gui.ui.paged import Column, PagedModel
from ketter_gui.ui.parts import ElidedLabel, column, label, set_text
from ketter_gui.ui.past_actions import copy_text
from ketter_gui.ui.reveal import Reveal
from ketter_gui.ui.states import State
from ketter_gui.ui.table import Table
from ketter_gui.ui.verify_filters import Filters
from ketter_gui.ui.verify_runs import Run, What
from ketter_gui.ui.verify_text import todo, tr, verdict_state, why

_STATE_PX: Final = 124
_PLACE_PX: Final = 150
_WHERE_FROM_PX: Final = 700
_NEVER_PX: Final = 1 << 20
_TABLE_PX: Final = 120


class Findings(QWidget):
    """`show_run` for a check, `refresh` while it goes on."""

    def __init__(self, look: Look, background: Background, reveal: Reveal) -> None:
        super().__init__()
        self._look, self._background, self._reveal = look, background, reveal
        self._run: Run | None = None
        self._is_grouped = False
        layout = column(self, spacing=10)
        self.filters = Filters(look)
        self.filters.changed.connect(self._ask)
        layout.addWidget(self.filters)
        self.model: PagedModel[Finding] = PagedModel(
            background, self._columns(()), id, self, only_grows=True
        )
        self.table = _FindingTable(look, self.model, self.tr("Findings"), self)
        self.table.menu_asked.connect(self._show_menu)
        self.table.opened.connect(self.show_in_folder)
        self.table.looked_at.connect(self._look_at)
        self.table.setMinimumHeight(_TABLE_PX)
        layout.addWidget(self.table, 1)
        self.strip = _Strip(look)
        self.strip.copy.clicked.connect(lambda: self.copy_path(self.table.current()))
        self.strip.reveal.clicked.connect(lambda: self.show_in_folder(self.table.current()))
        layout.addWidget(self.strip)
        self.model.loaded.connect(self._show_loaded)

    def show_run(self, run: Run) -> None:
        """Another check, or the same one once it has ended: then its findings are grouped."""
        if run is not self._run:
            self.filters.choose(None)
        self._run, self._is_grouped = run, run.is_over
        view = run.view()
        self.model.columns = self._columns(view.places if view is not None else ())
        self.table.fit()
        self._show_counts()
        self._ask()

    def refresh(self) -> None:
        """It goes on: there may be more."""
        if self._run is not None and self._run.check is not None:
            self._show_counts()
            self.model.refresh(self.table.first_seen())

    def copy_path(self, finding: object) -> None:
        """Its whole path to the clipboard."""
        if isinstance(finding, Finding):
            copy_text(path_of(finding))

    def show_in_folder(self, finding: object) -> None:
        """In the file manager, or the nearest folder that is there."""
        if isinstance(finding, Finding):
            self._reveal.show_near(path_of(finding))

    def _ask(self) -> None:
        run, verdict, is_grouped = self._run, self.filters.value(), self._is_grouped
        if run is None or run.check is None:
            return
        check = run.check
        self.model.ask(
            lambda: check.found_count(verdict),
            lambda offset, limit: check.found(verdict, offset, limit, is_grouped=is_grouped),
        )

    def _show_counts(self) -> None:
        assert self._run is not None
        check = self._run.check
        found = {one: check.found_count(one) if check else 0 for one in TOLD_IN_ORDER}
        self.filters.show_counts(found)
        self.filters.show_more(check.found_more() if check else 0)
        self.setVisible(any(found.values()))

    def _show_loaded(self) -> None:
        if self.model.rowCount() and not self.table.currentIndex().isValid():
            self.table.selectRow(0)

    def _look_at(self, finding: object) -> None:
        what = self._run.what if self._run is not None else What.FOLDER
        self.strip.show_finding(finding if isinstance(finding, Finding) else None, what)

    def _show_menu(self, finding: Finding, point: QPoint) -> None:
        menu = QMenu(self)
        icons = self._look.icons
        copy = menu.addAction(icons.icon("copy"), self.tr("Copy path") + "\tCtrl+C")
        copy.triggered.connect(lambda: self.copy_path(finding))
        reveal = menu.addAction(icons.icon("folder"), self.tr("Show in file manager"))
        reveal.triggered.connect(lambda: self.show_in_folder(finding))
        menu.popup(point)

    def _columns(self, places: tuple[PlaceChecked, ...]) -> tuple[Column[Finding], ...]:
        names = short_names([one.path.text for one in places])
        where_hides = _WHERE_FROM_PX if len(places) > 1 else _NEVER_PX

        def place(finding: Finding) -> str:
            return names.get(_place_of(finding, places), "")

        def inside(finding: Finding) -> str:
            return _inside(finding, places)

        def state(finding: Finding) -> State:
            return verdict_state(finding.verdict)

        return (
            Column(
                tr("Verdict"),
                _STATE_PX,
                lambda one: state(one).word,
                lambda one: state(one).token,
                state=state,
            ),
            Column(tr("File"), 0, inside, is_path=True),
            Column(tr("Where"), _PLACE_PX, place, lambda _: "second", hides_below=where_hides),
            Column(tr("Reason"), 0, why, lambda _: "second", hides_below=480),
        )


class _FindingTable(Table):
    """The keys of the menu, without the menu."""

    def __init__(
        self, look: Look, model: PagedModel[Finding], name: str, findings: Findings
    ) -> None:
        super().__init__(look, model, name)
        self._findings = findings

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self.current()
        if event.matches(QKeySequence.StandardKey.Copy):
            self._findings.copy_path(row)
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._findings.show_in_folder(row)
        else:
            super().keyPressEvent(event)


class _Strip(QFrame):
    """The finding that a person is on: where, why, and what to do."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 10, 10, 10)
        layout.setSpacing(12)
        words = QVBoxLayout()
        words.setSpacing(3)
        self.path = ElidedLabel(look, role="body-strong")
        self.why = label(look, wraps=True)
        self.todo = label(look, tone="second", wraps=True)
        for widget in (self.path, self.why, self.todo):
            words.addWidget(widget)
        layout.addLayout(words, 1)
        self.copy = Button(look, self.tr("Copy path"), icon="copy", small=True)
        self.reveal = Button(look, self.tr("Show"), icon="folder", small=True)
        self.reveal.setToolTip(self.tr("In the file manager"))
        self.reveal.setAccessibleName(self.tr("Show in file manager"))
        for button in (self.copy, self.reveal):
            layout.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def show_finding(self, finding: Finding | None, what: What) -> None:
        """None: nobody looks at one."""
        self.setVisible(finding is not None)
        if finding is None:
            return
        self.path.show_text(finding.path.text)
        set_text(self.why, f"{verdict_state(finding.verdict).word}: {why(finding)}")
        set_text(self.todo, todo(finding.verdict, what))
        self.setAccessibleName(finding.path.text)
        self.setAccessibleDescription(f"{self.why.text()} {self.todo.text()}")


def path_of(finding: Finding) -> bytes:
    """Its whole path in bytes."""
    return to_bytes(finding.path.text, finding.path.form)


def _place_of(finding: Finding, places: Sequence[PlaceChecked]) -> str:
    """The place that it lies in, as text; empty for none of them."""
    found = [one.path.text for one in places if finding.path.text.startswith(f"{one.path.text}/")]
    return max(found, key=len, default="")


def _inside(finding: Finding, places: Sequence[PlaceChecked]) -> str:
    place = _place_of(finding, places)
    return finding.path.text.removeprefix(f"{place}/") if place else finding.path.text


def short_names(paths: Sequence[str]) -> dict[str, str]:
    """What tells places apart: their last names, or those further up in which they differ."""
    parts = {path: [one for one in path.split("/") if one] or ["/"] for path in paths}
    for depth in range(1, min(map(len, parts.values()), default=0) + 1):
        names = {path: some[-depth] for path, some in parts.items()}
        if len(set(names.values())) == len(paths):
            return names
    return {path: path for path in paths}
