"""How long the history is kept: what leaves, when, and where it is written before."""

from __future__ import annotations

import os
import time

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ketter_gui.domain.errors import KetterError
from ketter_gui.domain.names import to_text
from ketter_gui.domain.search import HistoryQuery
from ketter_gui.domain.settings import KEPT_DAYS_OFFERED, Settings
from ketter_gui.ui.asked import Asked
from ketter_gui.ui.background import Background, Job
from ketter_gui.ui.buttons import Button, Choices
from ketter_gui.ui.choose import choose_folder
from ketter_gui.ui.look import Look
from ketter_gui.ui.overlay import Overlay
from ketter_gui.ui.parts import column, label, row, set_property
from ketter_gui.ui.words import translate_error

_DAY_US = 86_400_000_000


class KeepSheet(Overlay):
    """`kept` when it is as a person wants it. What cannot be set is said in the sheet."""

    kept = Signal(int)
    """The days; 0 for ever."""

    def __init__(
        self,
        look: Look,
        parent: QWidget,
        service: Asked,
        background: Background,
        settings: Settings,
    ) -> None:
        super().__init__(look, parent, width=520)
        self._service, self._background = service, background
        self._counting: Job | None = None
        self._saving: Job | None = None
        self.left.connect(self._let_go)
        self._days, self._archive = settings.history_keep_days, settings.history_archive
        title = self.tr("How long the history is kept")
        self.setAccessibleName(title)
        layout = column(self.sheet, margins=(24, 20, 24, 20), spacing=8)
        layout.addWidget(label(look, title, role="page"))
        about = self.tr(
            "Transfers that ended longer ago leave the ledger, with their audit entries, once a "
            "day. A signed checkpoint stays in their place, so that the rest still verifies. No "
            "file on any drive is touched."
        )
        layout.addWidget(label(look, about, tone="second", wraps=True))
        layout.addSpacing(6)
        offered = sorted({*KEPT_DAYS_OFFERED, self._days})
        self.days = Choices(look, title, [(str(days), self._said(days)) for days in offered])
        self.days.choose(str(self._days))
        self.days.activated.connect(self._turned)
        layout.addWidget(self.days)
        layout.addLayout(self._archive_row())
        self._careful = label(look, "", tone="warn", wraps=True)
        layout.addWidget(self._careful)
        layout.addSpacing(10)
        layout.addLayout(self._buttons())
        self._turned()

    def _archive_row(self) -> QHBoxLayout:
        box = row()
        self._where = label(self._look, "", tone="second", wraps=True)
        box.addWidget(self._where, 1)
        self.choose_button = Button(
            self._look, self.tr("Archive to…"), icon="folder", small=True, act=self._choose
        )
        box.addWidget(self.choose_button)
        self.no_archive = Button(
            self._look,
            self.tr("No archive"),
            kind="quiet",
            small=True,
            act=lambda: self.archive_to(None),
        )
        box.addWidget(self.no_archive)
        return box

    def _buttons(self) -> QHBoxLayout:
        box = row()
        box.addStretch(1)
        self.leave_button = Button(self._look, self.tr("Leave as it is"), act=self.leave)
        self.keep_button = Button(self._look, self.tr("Save"), kind="primary", act=self._save)
        box.addWidget(self.leave_button)
        box.addWidget(self.keep_button)
        return box

    def _said(self, days: int) -> str:
        if not days:
            return self.tr("For ever")
        return self._look.words.count(days, self.tr("1 day"), self.tr("%1 days"))

    def _choose(self) -> None:
        choose_folder(
            self, self.tr("A folder for the archives"), lambda paths: self.archive_to(paths[0])
        )

    def archive_to(self, folder: bytes | None) -> None:
        """Write what leaves into this folder first; None: into none."""
        self._archive = folder
        self._turned()

    def _turned(self) -> None:
        self._days = int(self.days.value())
        for one in (self._where, self.choose_button):
            one.setVisible(self._days > 0)
        self.no_archive.setVisible(self._days > 0 and self._archive is not None)
        self._where.setText(
            self.tr("It is not written down before it leaves.")
            if self._archive is None
            else self.tr("It is written first, compressed, into\n%1").replace(
                "%1", to_text(self._archive).text
            )
        )
        self._careful.hide()
        if self._counting is not None:
            self._counting.forget()
        if self._days:
            query = HistoryQuery(with_hidden=True, until_us=_moment_us(self._days))
            self._counting = self._background.run(
                lambda: self._service.history_count(query), self._warn
            )
        self.place()

    def _warn(self, count: int) -> None:
        if not count:
            return
        text = self._look.words.count(
            count,
            self.tr(
                "1 transfer is older: it leaves the ledger for good the next time Ketter looks."
            ),
            self.tr(
                "%1 transfers are older: they leave the ledger for good the next time Ketter looks."
            ),
        )
        self._say(text, "warn")

    def _save(self) -> None:
        days, archive = self._days, self._archive
        folder = "off" if archive is None else os.fsdecode(archive)

        def change() -> int:
            # The folder first: nothing may leave between the two.
            if days:
                self._service.change_setting("history.archive", folder)
            self._service.change_setting("history.keep_days", str(days))
            return days

        self.keep_button.setEnabled(False)
        self._saving = self._background.run(change, self._done, self._refused)

    def _done(self, days: int) -> None:
        self.kept.emit(days)
        self.leave()

    def _refused(self, error: KetterError) -> None:
        self.keep_button.setEnabled(True)
        self._say(" ".join(filter(None, error.sentences(translate_error))), "fail")

    def _let_go(self) -> None:
        """The sheet goes: whatever comes back now must not reach it. That it could not be
        saved is still told, in the window."""
        if self._counting is not None:
            self._counting.forget()
        if self._saving is not None:
            self._saving.done = self._saving.failed = None

    def _say(self, text: str, tone: str) -> None:
        set_property(self._careful, "tone", tone)
        self._careful.setText(text)
        self._careful.show()
        self.place()


def _moment_us(days_ago: int) -> int:
    return time.time_ns() // 1000 - days_ago * _DAY_US
