"""The Verify page: drop a folder, a manifest or two folders, and see what is not as it was.

One check is shown at a time; the last few can be chosen from at the top. Copies of a
transfer are verified from the history or its details, and shown here as well.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPoint
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from ketter_gui.domain.names import to_text
from ketter_gui.ui.background import Background
from ketter_gui.ui.buttons import Button, Choices
from ketter_gui.ui.choose import choose_files, choose_folder
from ketter_gui.ui.drop import paths_from
from ketter_gui.ui.look import Look
from ketter_gui.ui.parts import ElidedLabel, column
from ketter_gui.ui.reveal import Reveal
from ketter_gui.ui.verify_again import VerifyAgain
from ketter_gui.ui.verify_card import VerdictCard
from ketter_gui.ui.verify_empty import VerifyEmpty
from ketter_gui.ui.verify_findings import Findings
from ketter_gui.ui.verify_runs import Run, What
from ketter_gui.ui.verify_text import word_of

_LOOKS_A_REFRESH: Final = 4
"""Figures are new four times a second, the table once."""

_CHOICE_PX: Final = 220


class VerifyPage(QWidget):
    """`take` is for what is let go over it, `show_run` for what began elsewhere."""

    def __init__(
        self, look: Look, background: Background, verifying: VerifyAgain, reveal: Reveal
    ) -> None:
        super().__init__()
        self._look, self._verifying = look, verifying
        self.run: Run | None = None
        self._looks = 0
        layout = column(self)
        self.empty = VerifyEmpty(look)
        layout.addWidget(self.empty, 1)
        self.result = QWidget()
        layout.addWidget(self.result, 1)
        inside = column(self.result, margins=(0, 0, 16, 0), spacing=12)
        inside.addLayout(self._head())
        self.card = VerdictCard(look)
        inside.addWidget(self.card)
        self.findings = Findings(look, background, reveal)
        inside.addWidget(self.findings, 1)
        inside.addStretch(0)
        self._connect()
        self._show()

    # --- what a person asks for ---

    def take(self, paths: tuple[bytes, ...]) -> None:
        """Verify what was dropped, pasted or chosen."""
        if paths:
            self._verifying.ask_paths(paths)

    def paste(self) -> None:
        """Files from a file manager, or their paths as text."""
        paths = paths_from(QGuiApplication.clipboard().mimeData())
        if not paths:
            self._verifying.say_nothing_pasted()
        self.take(paths)

    def choose(self) -> None:
        """Ask for a folder with its manifests."""
        choose_folder(self, self.tr("Verify a folder"), self.take)

    def takes(self, point: QPoint) -> bool:
        """Whether something at this point of the window is held over the page."""
        return self.isVisible() and self.rect().contains(self.mapFrom(self.window(), point))

    def light(self, *, lit: bool) -> bool:
        """Something is held over the page; whether it shows so by itself."""
        is_empty = not self.empty.isHidden()
        self.empty.light(lit=lit and is_empty)
        return is_empty

    def come(self) -> None:
        """The page is shown: what is at work, if nothing is looked at."""
        at_work = [one for one in self._verifying.runs() if not one.is_over]
        if self.run is None and at_work:
            self.show_run(at_work[0])
        elif self.run is not None:
            self.show_run(self.run)
        self.set_focus()

    def show_run(self, run: Run | None) -> None:
        """This one from now on; with None, the place to drop another."""
        self.run = run
        if run is not None:
            self._verifying.take_over(run)
        self._show()

    def set_focus(self) -> None:
        """To where the keyboard is most useful."""
        if self.run is None:
            self.empty.folder.setFocus()
        elif self.findings.table.isVisible():
            self.findings.table.setFocus()
        else:
            can_stop = not self.run.is_over and self.run.check is not None
            busy = self.card.stop if can_stop else self.new
            (self.card.again if self.run.is_over else busy).setFocus()

    # --- how it is put together ---

    def _head(self) -> QVBoxLayout:
        head = QVBoxLayout()
        head.setSpacing(2)
        line = QHBoxLayout()
        line.setSpacing(10)
        self.title = ElidedLabel(self._look, role="page")
        line.addWidget(self.title, 1)
        self.others = Choices(self._look, self.tr("Which check is shown"), [])
        self.others.setMinimumWidth(_CHOICE_PX)
        self.others.activated.connect(self._choose_run)
        line.addWidget(self.others)
        self.new = Button(
            self._look,
            self.tr("Verify something else"),
            icon="plus",
            act=self._leave,
        )
        line.addWidget(self.new)
        head.addLayout(line)
        self._about = ElidedLabel(self._look, tone="second")
        head.addWidget(self._about)
        return head

    def _connect(self) -> None:
        self._verifying.asked.connect(self._on_asked)
        self._verifying.changed.connect(self._on_changed)
        self._verifying.looked.connect(self._on_looked)
        self.empty.folder_asked.connect(self.choose)
        self.empty.manifest_asked.connect(
            lambda: choose_files(self, self.tr("Verify by a manifest"), self.take)
        )
        self.empty.two_asked.connect(self._choose_two)
        self.card.stop_asked.connect(self._stop)
        self.card.again_asked.connect(self._again)
        self.card.turned_asked.connect(self._turn)
        self.card.compare_asked.connect(self._compare)

    def _choose_two(self) -> None:
        title = self.tr("The folder that is right")
        choose_folder(self, title, lambda left: self._choose_second(left[0]))

    def _choose_second(self, left: bytes) -> None:
        title = self.tr("And the folder that should be equal")
        choose_folder(self, title, lambda right: self._verifying.ask_two(left, right[0]))

    # --- what is shown ---

    def _on_asked(self, run: Run) -> None:
        """Shown at once, if the page is, or if it takes the place of what is shown."""
        if self.isVisible() or (self.run is not None and self.run.key == run.key):
            self.show_run(run)

    def _on_changed(self, run: Run) -> None:
        if run is not self.run and self.run is not None:
            self._list_runs(self.run)
        elif run is self.run:
            if run not in self._verifying.runs():
                self.run = None
            self._show()

    def _on_looked(self) -> None:
        if not self.isVisible() or self.run is None or self.run.is_over:
            return
        self.card.show_run(self.run)
        if self.run.check is not None:
            self.card.turn()
        self._looks += 1
        if self._looks % _LOOKS_A_REFRESH == 0:
            self.findings.refresh()

    def _show(self) -> None:
        run = self.run
        focus = QApplication.focusWidget()
        had_focus = focus is not None and self.isAncestorOf(focus)
        self.empty.setVisible(run is None)
        self.result.setVisible(run is not None)
        if run is None:
            return
        self.title.show_text(run.name)
        self._about.show_text(self._what(run))
        self._list_runs(run)
        self.card.show_run(run)
        self.findings.show_run(run)
        if had_focus and self.isVisible():
            self.set_focus()

    def _what(self, run: Run) -> str:
        names = [to_text(path).text for path in run.paths]
        if run.what is What.COPIES:
            return self.tr("Its verified copies, against the ledger")
        if run.what is What.TWO:
            text = self.tr("%2, held against %1")
            return text.replace("%1", names[0]).replace("%2", names[1])
        return self.tr("%1, held against its manifests").replace("%1", names[0])

    def _list_runs(self, shown: Run) -> None:
        runs = self._verifying.runs()
        self.others.clear()
        for run in runs:
            self.others.addItem(f"{run.name} · {word_of(run)}", run.key)
        self.others.choose(shown.key)
        self.others.setVisible(len(runs) > 1)

    def _choose_run(self, position: int) -> None:
        key = self.others.itemData(position)
        self.show_run(next((one for one in self._verifying.runs() if one.key == key), None))

    # --- the buttons of what is shown ---

    def _leave(self) -> None:
        self.show_run(None)
        self.set_focus()

    def _stop(self) -> None:
        if self.run is not None and self.run.check is not None:
            self.run.check.stop()

    def _again(self) -> None:
        if self.run is not None:
            self._verifying.again(self.run)

    def _turn(self) -> None:
        if self.run is not None:
            left, right = self.run.paths
            self._verifying.ask_two(right, left)

    def _compare(self) -> None:
        if self.run is not None:
            path = self.run.paths[0]
            title = self.tr("The folder that it should be equal to")
            choose_folder(self, title, lambda left: self._verifying.ask_two(left[0], path))
