"""Which findings are shown: all, or those of one verdict."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QWidget

from ketter_gui.domain.checking import TOLD_IN_ORDER, Verdict
from ketter_gui.ui.buttons import Button, Choices
from ketter_gui.ui.look import Look
from ketter_gui.ui.parts import ElidedLabel
from ketter_gui.ui.verify_text import tr, verdict_state

_SPACE_PX: Final = 8


class Filters(QWidget):
    """A button for each verdict that there is; where these have no room, a list of them."""

    changed = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._found: dict[Verdict, int] = {}
        self._value: Verdict | None = None
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(_SPACE_PX)
        self._group = QButtonGroup(self)
        self.buttons: dict[Verdict | None, Button] = {}
        for verdict in (None, *TOLD_IN_ORDER):
            state = verdict_state(verdict) if verdict else None
            word, icon = (state.word, state.icon) if state else (tr("All"), "")
            button = Button(look, word, icon=icon, kind="toggle")
            button.setCheckable(True)
            button.clicked.connect(lambda _checked=False, v=verdict: self._take(v))
            self._group.addButton(button)
            self.buttons[verdict] = button
            layout.addWidget(button)
        self.choices = Choices(look, self.tr("Which findings are shown"), [])
        self.choices.activated.connect(self._choose_item)
        layout.addWidget(self.choices)
        self.more = ElidedLabel(look, tone="second")
        self.more.setAlignment(Qt.AlignmentFlag.AlignRight)
        layout.addWidget(self.more, 1)
        self.choose(None)

    def value(self) -> Verdict | None:
        """The chosen verdict; None for all."""
        return self._value

    def choose(self, verdict: Verdict | None) -> None:
        """Show only these from now on."""
        self._value = verdict
        self.buttons[verdict].setChecked(True)
        self.choices.choose(verdict.value if verdict else "")

    def show_counts(self, found: dict[Verdict, int]) -> None:
        """How many there are of each; of what there is none, there is no button."""
        if found == self._found:
            return
        self._found = found
        texts: list[tuple[Verdict | None, str]] = [
            (None, self._text(tr("All"), sum(found.values())))
        ]
        texts += [
            (one, self._text(verdict_state(one).word, count))
            for one, count in found.items()
            if count
        ]
        self.choices.clear()
        for verdict, text in texts:
            self.buttons[verdict].show_text(text)
            self.choices.addItem(text, verdict.value if verdict else "")
        self.choices.fit()
        self.choose(self._value if not self._value or found[self._value] else None)
        self._fit()

    def show_more(self, count: int) -> None:
        """So many were found that are not here."""
        text = self._look.words.count(
            count,
            tr("1 more was found: too many to list."),
            tr("%1 more were found: too many to list."),
        )
        self.more.show_text(text if count else "")

    def minimumSizeHint(self) -> QSize:
        return self.choices.minimumSizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _text(self, word: str, count: int) -> str:
        return f"{word}  {self._look.words.number(count)}"

    def _fit(self) -> None:
        shown = [one for one in self.buttons if one is None or self._found.get(one)]
        needed = sum(self.buttons[one].sizeHint().width() + _SPACE_PX for one in shown)
        has_room = needed <= self.width()
        for verdict, button in self.buttons.items():
            button.setVisible(has_room and verdict in shown)
        self.choices.setVisible(not has_room)

    def _take(self, verdict: Verdict | None) -> None:
        if verdict is not self._value:
            self.choose(verdict)
            self.changed.emit()

    def _choose_item(self, position: int) -> None:
        value = self.choices.itemData(position)
        self._take(Verdict(value) if value else None)
