"""Asked when the window is closed while something is at work."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ketter_gui.ui.buttons import Button
from ketter_gui.ui.look import Look
from ketter_gui.ui.overlay import Overlay
from ketter_gui.ui.parts import column, label


class LeaveSheet(Overlay):
    """Stay, or pause and quit: what is verified stays verified either way."""

    leave_asked = Signal()

    def __init__(self, look: Look, parent: QWidget, count: int) -> None:
        super().__init__(look, parent, width=460)
        layout = column(self.sheet, margins=(24, 20, 24, 20), spacing=8)
        title = look.words.count(
            count, self.tr("A transfer is at work"), self.tr("%1 transfers are at work")
        )
        self.setAccessibleName(title)
        layout.addWidget(label(look, title, role="page"))
        text = self.tr(
            "If you quit now it pauses. Verified copies stay verified, originals are untouched, "
            "and Ketter offers to go on at the next start."
        )
        layout.addWidget(label(look, text, tone="second", wraps=True))
        layout.addSpacing(10)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        self.leave_button = Button(look, self.tr("Pause and quit"), act=self.leave_asked.emit)
        self.stay_button = Button(look, self.tr("Keep working"), kind="primary", act=self.leave)
        buttons.addWidget(self.leave_button)
        buttons.addWidget(self.stay_button)
        layout.addLayout(buttons)
