"""The verdict of a check on top of its page: while it goes on, how far it is."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ketter_gui.domain.checking import CheckView, PlaceChecked
from ketter_gui.ui.bars import paint_bar
from ketter_gui.ui.buttons import Button
from ketter_gui.ui.look import Look
from ketter_gui.ui.parts import ElidedLabel, IconView, label, set_property, set_text
from ketter_gui.ui.verify_runs import Run, What
from ketter_gui.ui.verify_text import Said, fraction, of_place, outcome, pace, refused, so_far, tr

_TURN_DEGREES: Final = 30
_NARROW_PX: Final = 700
_PLACES: Final = 4
"""So many are listed one by one."""


class VerdictCard(QFrame):
    """A shape, a sentence, the bar, the places, and what can be done next."""

    stop_asked = Signal()
    again_asked = Signal()
    turned_asked = Signal()
    """The same two folders, the other one first."""

    compare_asked = Signal()
    """A folder without a manifest, against another one."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.setProperty("kind", "note")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self._layout = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._layout.setContentsMargins(16, 14, 12, 14)
        self._layout.setSpacing(14)
        self._layout.addLayout(self._said_layout(), 1)
        self._layout.addLayout(self._button_row())

    def _said_layout(self) -> QHBoxLayout:
        look = self._look
        layout = QHBoxLayout()
        layout.setSpacing(14)
        self._icon = IconView(look, "ring", size=24)
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(4)
        self.title = label(look, role="row", wraps=True)
        self.text = label(look, tone="second", wraps=True)
        self.bar = CheckBar(look)
        for widget in (self.title, self.text, self.bar):
            words.addWidget(widget)
        self._places: list[tuple[QWidget, ElidedLabel, QLabel]] = []
        for _ in range(_PLACES):
            words.addWidget(self._place_line())
        self._more = label(look, tone="second")
        words.addWidget(self._more)
        layout.addLayout(words, 1)
        return layout

    def _button_row(self) -> QHBoxLayout:
        look = self._look
        self.stop = Button(look, self.tr("Stop"), icon="close", act=self.stop_asked.emit)
        self.compare = Button(
            look, self.tr("Compare with…"), icon="folder", act=self.compare_asked.emit
        )
        self.other_way = Button(look, self.tr("The other way"), act=self.turned_asked.emit)
        self.other_way.setToolTip(self.tr("Take the second folder for the right one"))
        self.again = Button(
            look, self.tr("Verify once more"), icon="retry", act=self.again_asked.emit
        )
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(0)
        for button in (self.stop, self.compare, self.other_way, self.again):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        return row

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room, the buttons stand below the words."""
        super().resizeEvent(event)
        is_narrow = self.width() < _NARROW_PX
        direction = (
            QBoxLayout.Direction.TopToBottom if is_narrow else QBoxLayout.Direction.LeftToRight
        )
        if self._layout.direction() != direction:
            self._layout.setDirection(direction)

    def show_run(self, run: Run) -> None:
        """As it is now."""
        view = run.view()
        said = self._said(run, view)
        self._icon.show_icon(said.icon, said.tone)
        set_property(self, "tone", said.tone if run.is_over else "")
        set_text(self.title, said.title)
        places = view.places if view is not None and run.is_over else ()
        if len(places) == 1 and run.error is None:  # where, stands above
            said = said._replace(text=f"{of_place(places[0], self._look.words)}.")
            places = ()
        elif len(places) > 1 and run.error is None and view is not None and not view.from_cache:
            said = said._replace(text="")
        set_text(self.text, said.text)
        self.text.setVisible(bool(said.text))
        self.bar.setVisible(not run.is_over)
        self.bar.show_part(fraction(view) if view is not None else 0.0, self._look)
        self._show_places(places)
        self.setAccessibleName(said.title)
        self.setAccessibleDescription(said.text)
        is_two = run.what is What.TWO
        self._offer(self.stop, wanted=not run.is_over and run.check is not None)
        could_begin = run.check is not None
        self.again.show_text(self.tr("Verify once more") if could_begin else self.tr("Try again"))
        self._offer(self.again, wanted=run.is_over)
        self._offer(self.other_way, wanted=run.is_over and is_two)
        is_bare = run.is_over and run.check is None and run.what is What.FOLDER
        self._offer(self.compare, wanted=is_bare)

    def turn(self) -> None:
        """It is at work: the arc turns, unless the system asks for less motion."""
        if self._look.theme.wants_motion():
            self._icon.turn(_TURN_DEGREES)

    def _said(self, run: Run, view: CheckView | None) -> Said:
        words = self._look.words
        if run.error is not None:
            return refused(run.error)
        if view is None:
            text = tr("What the manifests say is being read.")
            if run.what is not What.FOLDER:
                text = tr("The drives are being asked.")
            return Said(tr("Beginning…"), text, "second", "clock")
        if run.is_over:
            return outcome(view, words, run.what)
        title = tr("Reading the copies again") if view.transfer else tr("Reading and comparing")
        text = f"{so_far(view, words).rstrip('.')} · {pace(view, words)}"
        return Said(title, text, "accent", "arc")

    def _offer(self, button: Button, *, wanted: bool) -> None:
        """A button that goes while it has the keyboard gives it to the next one."""
        if not wanted and button.hasFocus():
            self.again.show()
            self.again.setFocus()
        button.setVisible(wanted)

    def _place_line(self) -> QWidget:
        line = QWidget()
        layout = QHBoxLayout(line)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(16)
        path, found = ElidedLabel(self._look), label(self._look, tone="second")
        found.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        layout.addWidget(path, 1)
        layout.addWidget(found)
        self._places.append((line, path, found))
        return line

    def _show_places(self, places: tuple[PlaceChecked, ...]) -> None:
        words = self._look.words
        shown = places[:_PLACES]
        for number, (line, path, found) in enumerate(self._places):
            line.setVisible(number < len(shown))
            if number < len(shown):
                path.show_text(shown[number].path.text)
                set_text(found, of_place(shown[number], words))
        more = len(places) - len(shown)
        self._more.setVisible(more > 0)
        set_text(self._more, words.count(more, tr("and 1 more place"), tr("and %1 more places")))


class CheckBar(QWidget):
    """How much was read, in blue: green is said at the end, of all of it."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look, self._part = look, 0.0
        self.setAccessibleName(self.tr("Progress"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(200, 16)

    def show_part(self, part: float, look: Look) -> None:
        """So much of one is done."""
        if part != self._part:
            self._part = part
            self.setAccessibleDescription(look.words.percent(int(part * 1000)))
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        rect = QRectF(0, self.height() / 2 - 4, self.width(), 8)
        paint_bar(QPainter(self), rect, self._look.theme, copied=self._part, verified=0.0)
