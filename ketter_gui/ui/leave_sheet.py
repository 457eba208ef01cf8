"""Asked when the window is closed while something is at work."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ketter_gui.ui.buttons import Button
from ketter_gui.ui.look import Look
from ketter_gui.ui.overlay import Overlay
from ketter_gui.ui.parts import column, label

QUIT_KEYS: Final = "Ctrl+Q"
"""Command-Q on a Mac, says Qt. Not its standard key for it, which Windows does not have."""


class LeaveSheet(Overlay):
    """Stay, or pause and quit: what is verified stays verified either way. `minimises`: the
    window was closed where there is no tray; staying puts it away, and says so this once."""

    leave_asked = Signal()

    def __init__(self, look: Look, parent: QWidget, count: int, *, minimises: bool = False) -> None:
        super().__init__(look, parent, width=460)
        layout = column(self.sheet, margins=(24, 20, 24, 20), spacing=8)
        title = look.words.count(
            count, self.tr("A transfer is at work"), self.tr("%1 transfers are at work")
        )
        if not count:
            title = self.tr("Watch folders are on")
        self.setAccessibleName(title)
        layout.addWidget(label(look, title, role="page"))
        text = self.tr(
            "If you quit now it pauses. Verified copies stay verified, originals are untouched, "
            "and Ketter offers to go on at the next start."
        )
        layout.addWidget(label(look, text, tone="second", wraps=True))
        if minimises:
            layout.addSpacing(4)
            layout.addWidget(label(look, self._about_no_tray(), tone="second", wraps=True))
        layout.addSpacing(10)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        self.leave_button = Button(look, self.tr("Pause and quit"), act=self.leave_asked.emit)
        stay = self.tr("Keep working, minimised") if minimises else self.tr("Keep working")
        self.stay_button = Button(look, stay, kind="primary", act=self.leave)
        buttons.addWidget(self.leave_button)
        buttons.addWidget(self.stay_button)
        layout.addLayout(buttons)

    def _about_no_tray(self) -> str:
        keys = QKeySequence(QUIT_KEYS).toString(QKeySequence.SequenceFormat.NativeText)
        text = self.tr(
            "This desktop has no tray to keep working in. From now on, closing the window while "
            "Ketter works minimises it; %1 quits."
        )
        return text.replace("%1", keys)
