"""The bar at the top: the one main button, and what concerns all transfers."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from ketter_gui.ui.buttons import Button, icon_button
from ketter_gui.ui.look import Look
from ketter_gui.ui.parts import IconView, label


class TopBar(QWidget):
    """Says what was pressed; the window acts."""

    new_asked = Signal()
    pause_asked = Signal()
    resume_asked = Signal()
    details_asked = Signal()
    quit_asked = Signal()

    def __init__(self, look: Look, habits: Sequence[QAction] = ()) -> None:
        super().__init__()
        self.setObjectName("top-bar")
        self.setFixedHeight(look.theme.measure("button") + 20)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 12, 0)
        layout.setSpacing(8)
        self._brand = _Brand(look)
        layout.addWidget(self._brand)
        self.new = Button(
            look, self.tr("New transfer"), icon="plus", kind="primary", act=self.new_asked.emit
        )
        self.new.setToolTip(self.tr("Choose what to copy or move (Ctrl+N)"))
        layout.addWidget(self.new)
        self.pause = Button(look, self.tr("Pause all"), icon="pause", kind="quiet", act=self._turn)
        layout.addWidget(self.pause)
        layout.addStretch(1)
        self.details = icon_button(
            look, "panel", self.tr("Show or hide details"), self.details_asked.emit
        )
        layout.addWidget(self.details)
        self.menu = self._make_menu(look, habits)
        self.more = icon_button(look, "menu", self.tr("Menu"), self._open_menu)
        layout.addWidget(self.more)
        self._can_resume = False
        self.show_work(works=False, paused=False)

    def show_work(self, *, works: bool, paused: bool) -> None:
        """“Pause all” while something can be paused, “Resume all” while all left is paused."""
        self._can_resume = paused and not works
        self.pause.setEnabled(works or paused)
        self.pause.show_text(self.tr("Resume all") if self._can_resume else self.tr("Pause all"))
        self.pause.show_icon("play" if self._can_resume else "pause")

    def _make_menu(self, look: Look, habits: Sequence[QAction]) -> QMenu:
        menu = QMenu(self)
        menu.setAccessibleName(self.tr("Menu"))
        menu.addActions(habits)
        menu.addSeparator()
        leave = menu.addAction(look.icons.icon("close"), self.tr("Quit Ketter"))
        leave.triggered.connect(self.quit_asked)
        look.theme.changed.connect(lambda: leave.setIcon(look.icons.icon("close")))
        return menu

    def _open_menu(self) -> None:
        """Below its button, both with their right edge at the same place."""
        below = QPoint(self.more.width() - self.menu.sizeHint().width(), self.more.height())
        self.menu.popup(self.more.mapToGlobal(below))

    def fold(self, *, folded: bool, width: int) -> None:
        """Keep the main button above the content's left edge."""
        self._brand.fold(folded=folded, width=width)

    def _turn(self) -> None:
        if self._can_resume:
            self.resume_asked.emit()
        else:
            self.pause_asked.emit()


class _Brand(QWidget):
    """The program's sign and name, as wide as the side list below it."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 0, 0, 0)
        layout.setSpacing(9)
        layout.addWidget(IconView(look, "logo", "accent", size=20))
        self._name = label(look, "Ketter", role="row")
        layout.addWidget(self._name)
        layout.addStretch(1)

    def fold(self, *, folded: bool, width: int) -> None:
        self._name.setVisible(not folded)
        self.setFixedWidth(width - 8 if not folded else width)
