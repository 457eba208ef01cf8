"""The Watch folders page: a card for each, side by side where there is room."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from ketter_gui.domain.watching import WatchView
from ketter_gui.ui.buttons import Button
from ketter_gui.ui.empty_queue import paint_target
from ketter_gui.ui.fitted import Fitted
from ketter_gui.ui.look import Look
from ketter_gui.ui.parts import Drawing, column, keep_gutter, label, set_text
from ketter_gui.ui.watch_card import WatchCard
from ketter_gui.ui.watch_text import NEEDS_A_PERSON

_GUTTER = 16
_CARD_PX = 380
_MOST_COLUMNS = 3


class WatchPage(QWidget):
    """`asked` tells what a person wants of which watch folder, `new_asked` that he wants
    another one."""

    asked = Signal(str, object)
    new_asked = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.cards: dict[int, WatchCard] = {}
        self._columns = 0
        layout = column(self, spacing=0)
        self._head = self._make_head()
        layout.addWidget(self._head)
        self._area = Fitted()
        inside = QWidget()
        outer = column(inside, margins=(0, 0, _GUTTER, 0))
        self._grid = QGridLayout()
        self._grid.setSpacing(12)
        outer.addLayout(self._grid)
        outer.addStretch(1)
        self._area.show_content(inside)
        keep_gutter(self._area, outer, _GUTTER)
        layout.addWidget(self._area, 1)
        self.empty = EmptyWatch(look)
        self.empty.new_asked.connect(self.new_asked)
        layout.addWidget(self.empty, 1)
        self.show_views(())

    def show_views(self, views: tuple[WatchView, ...]) -> None:
        """These watch folders, in this order; cards stay, so that the keyboard does."""
        wanted = {view.id: view for view in views}
        is_other = list(self.cards) != list(wanted)
        for number in [one for one in self.cards if one not in wanted]:
            self._drop(number)
        for view in views:
            if view.id in self.cards:
                self.cards[view.id].show_view(view)
            else:
                card = WatchCard(self._look, view)
                card.asked.connect(self.asked)
                self.cards[view.id] = card
        if is_other:
            self.cards = {number: self.cards[number] for number in wanted}
            self._lay_out()
        self._head.setVisible(bool(views))
        self._area.setVisible(bool(views))
        self.empty.setVisible(not views)
        set_text(self._summary, self._sum_up(views))

    def come(self, number: int = 0) -> None:
        """The keyboard goes to a card, or to the first one, or to the one thing to do."""
        card = self.cards.get(number) or next(iter(self.cards.values()), None)
        (card or self.empty.new_button).setFocus()

    def light(self, *, lit: bool) -> bool:
        """Something is held over the page; whether it shows that by itself."""
        self.empty.light(lit=lit)
        return self.empty.isVisible()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._fitting() != self._columns:
            self._lay_out()

    def _fitting(self) -> int:
        return max(1, min(_MOST_COLUMNS, (self.width() - _GUTTER + 12) // (_CARD_PX + 12)))

    def _lay_out(self) -> None:
        before, self._columns = self._columns, self._fitting()
        for card in self.cards.values():
            self._grid.removeWidget(card)
        for at in range(max(before, self._columns)):
            self._grid.setColumnStretch(at, 1 if at < self._columns else 0)
        previous: QWidget = self.new_button
        for place, card in enumerate(self.cards.values()):
            self._grid.addWidget(card, *divmod(place, self._columns))
            for stop in (card, card.switch, card.more, card.restart, card.show_failed):
                QWidget.setTabOrder(previous, stop)
                previous = stop

    def _drop(self, number: int) -> None:
        card = self.cards.pop(number)
        focus = QApplication.focusWidget()
        if focus is not None and (focus is card or card.isAncestorOf(focus)):
            self.come()
        self._grid.removeWidget(card)
        card.hide()
        card.deleteLater()

    def _make_head(self) -> QWidget:
        holder = QWidget()
        head = QHBoxLayout(holder)
        head.setContentsMargins(0, 0, _GUTTER, 12)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(label(self._look, self.tr("Watch folders"), role="page"))
        self._summary = label(self._look, tone="second")
        words.addWidget(self._summary)
        head.addLayout(words)
        head.addStretch(1)
        self.new_button = Button(
            self._look, self.tr("New watch folder…"), icon="plus", act=self.new_asked.emit
        )
        head.addWidget(self.new_button, 0, Qt.AlignmentFlag.AlignVCenter)
        return holder

    def _sum_up(self, views: tuple[WatchView, ...]) -> str:
        words = self._look.words
        troubled = sum(view.state in NEEDS_A_PERSON for view in views)
        if troubled:
            one, many = self.tr("1 of %2 needs you"), self.tr("%1 of %2 need you")
            return words.count(troubled, one, many).replace("%2", words.number(len(views)))
        return self.tr("What settles in these folders is taken by itself")


class EmptyWatch(QWidget):
    """No watch folder yet: what they are for, and the one thing to do."""

    new_asked = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._is_lit = False
        look.theme.changed.connect(self.update)
        layout = column(self, margins=(24, 0, 24 + _GUTTER, 0), spacing=0)
        centre = Qt.AlignmentFlag.AlignHCenter
        layout.addStretch(10)
        layout.addWidget(Drawing(look, "drop"), 0, centre)
        layout.addSpacing(28)
        self._title = label(look, role="empty", wraps=True)
        self._title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.addWidget(self._title)
        layout.addSpacing(10)
        sentence = label(
            look,
            self.tr(
                "Ketter takes whatever arrives there once it is whole,\n"
                "copies it, and reads every copy back. You need not be there."
            ),
            role="lead",
            tone="second",
        )
        sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.addWidget(sentence, 0, centre)
        layout.addSpacing(22)
        self.new_button = Button(
            look,
            self.tr("New watch folder…"),
            icon="plus",
            kind="primary",
            act=self.new_asked.emit,
        )
        layout.addWidget(self.new_button, 0, centre)
        layout.addStretch(11)
        self.light(lit=False)

    def light(self, *, lit: bool) -> None:
        """Something is held over it, or no longer."""
        self._is_lit = lit
        title = self.tr("Let go to watch it") if lit else self.tr("Drop a folder to watch it")
        self._title.setText(title)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        rect = QRectF(self.rect()).adjusted(0, 0, -_GUTTER, 0)
        paint_target(QPainter(self), rect, self._look, lit=self._is_lit)
